"""Limits that no header names: a 429 with tokens left in the bucket, for what the body changes (a channel's name).

Learned when met: from then on calls of that shape, the same route with the same fields, go one at a time and wait out
what Discord said, while other calls of the route pass.
"""

from __future__ import annotations

import asyncio
import contextlib
import heapq
from collections.abc import AsyncIterator, Awaitable, Callable

from framework.clock import loop_ms
from framework.rest.core.route import Route

__all__ = ["SubLimits"]

_KEPT_MS = 3_600_000
_FREE = contextlib.nullcontext()  # for nearly all calls
_Shape = tuple[tuple[str, ...], tuple[str, ...]]


class _Sub:
    """One such limit. The oldest call that waits has the next turn, so one that was refused keeps its place."""

    __slots__ = ("_waiting", "is_taken", "until_ms")

    def __init__(self) -> None:
        self.until_ms = 0
        self.is_taken = False
        self._waiting: list[tuple[int, asyncio.Future[None]]] = []

    async def take(self, ticket: int) -> None:
        if not self.is_taken:
            self.is_taken = True
            return
        given: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (ticket, given))
        try:
            await given
        except asyncio.CancelledError:
            if given.done() and not given.cancelled():
                self.pass_on()
            raise

    def pass_on(self) -> None:
        while self._waiting:
            _, given = heapq.heappop(self._waiting)
            if not given.done():
                given.set_result(None)
                return
        self.is_taken = False


class SubLimits:
    """What was learned, by route, major parameter and the fields of the body."""

    def __init__(self) -> None:
        self._known: dict[_Shape, _Sub] = {}

    def __repr__(self) -> str:
        return f"<SubLimits {len(self._known)}>"

    def learn(self, route: Route, fields: tuple[str, ...], until_ms: int) -> None:
        """Calls of this shape were refused until `until_ms`."""
        now_ms = loop_ms()
        for shape in [s for s, sub in self._known.items() if sub.until_ms + _KEPT_MS < now_ms and not sub.is_taken]:
            del self._known[shape]
        sub = self._known.setdefault((route.key, fields), _Sub())
        sub.until_ms = max(sub.until_ms, until_ms)

    @property
    def is_free(self) -> bool:
        """Whether none is known, so that nobody has to wait."""
        return not self._known

    def turn(
        self, route: Route, fields: tuple[str, ...], ticket: int, sleep_until: Callable[[int], Awaitable[None]]
    ) -> contextlib.AbstractAsyncContextManager[None]:
        """Wait for leave to send a call of this shape; the next one waits until this one is answered."""
        sub = self._known.get((route.key, fields))
        return _FREE if sub is None else self._wait(sub, ticket, sleep_until)

    @contextlib.asynccontextmanager
    async def _wait(self, sub: _Sub, ticket: int, sleep_until: Callable[[int], Awaitable[None]]) -> AsyncIterator[None]:
        await sub.take(ticket)
        try:
            await sleep_until(sub.until_ms)
            yield
        finally:
            sub.pass_on()
