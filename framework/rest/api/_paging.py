"""Lists that Discord gives in pages, as one stream of items."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import TypeVar

__all__ = ["marked_pages", "pages"]

T = TypeVar("T")
C = TypeVar("C")


async def pages(
    fetch: Callable[[C, int], Awaitable[Sequence[T]]], cursor: C, place: Callable[[T], C], size: int, limit: int | None
) -> AsyncIterator[T]:
    """Up to `limit` items, fetched when they are wanted: `fetch(cursor, count)` gives the `count` items that follow
    the cursor, `place` is an item's own cursor, `size` the largest count. A page that is not full is the last."""
    left = limit
    while left is None or left > 0:
        count = size if left is None else min(size, left)
        page = await fetch(cursor, count)
        for item in page:
            yield item
        if len(page) < count:
            return
        cursor = place(page[-1])
        left = None if left is None else left - count


async def marked_pages(
    fetch: Callable[[C], Awaitable[tuple[Sequence[T], bool]]],
    cursor: C,
    place: Callable[[T], C],
    key: Callable[[T], int],
    limit: int | None,
) -> AsyncIterator[T]:
    """As `pages`, for pages that say whether there are more. Several items may share the time that is their cursor, so
    `place` is to be a little before it, and what comes twice is known by its `key`."""
    left = limit
    seen: set[int] = set()
    while left is None or left > 0:
        page, has_more = await fetch(cursor)
        fresh = [item for item in page if key(item) not in seen][:left]
        for item in fresh:
            yield item
        if not has_more or not fresh:
            return
        cursor, seen = place(page[-1]), {key(item) for item in page}
        left = None if left is None else left - len(fresh)
