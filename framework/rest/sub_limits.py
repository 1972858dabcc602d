"""Limits that no header names: a 429 with tokens left in the bucket, for what the body changes (a channel's name).

Learned when met: from then on calls of that shape, the same route with the same fields, go one at a time and wait out
what Discord said, while other calls of the route pass.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

from framework.clock import loop_ms
from framework.rest.core.route import Route

__all__ = ["SubLimits"]

_KEPT_MS = 3_600_000
_FREE = contextlib.nullcontext()  # for nearly all calls
_Shape = tuple[tuple[str, ...], tuple[str, ...]]


class _Sub:
    __slots__ = ("turn", "until_ms")

    def __init__(self) -> None:
        self.turn = asyncio.Lock()  # first come first served
        self.until_ms = 0


class SubLimits:
    """What was learned, by route, major parameter and the fields of the body."""

    def __init__(self) -> None:
        self._known: dict[_Shape, _Sub] = {}

    def __repr__(self) -> str:
        return f"<SubLimits {len(self._known)}>"

    def learn(self, route: Route, fields: tuple[str, ...], until_ms: int) -> None:
        """Calls of this shape were refused until `until_ms`."""
        now_ms = loop_ms()
        for shape in [
            s for s, sub in self._known.items() if sub.until_ms + _KEPT_MS < now_ms and not sub.turn.locked()
        ]:
            del self._known[shape]
        sub = self._known.setdefault((route.key, fields), _Sub())
        sub.until_ms = max(sub.until_ms, until_ms)

    def turn(
        self, route: Route, fields: tuple[str, ...], sleep_until: Callable[[int], Awaitable[None]]
    ) -> contextlib.AbstractAsyncContextManager[None]:
        """Wait for leave to send a call of this shape; the next one waits until this one is answered."""
        sub = self._known.get((route.key, fields))
        return _FREE if sub is None else self._wait(sub, sleep_until)

    @contextlib.asynccontextmanager
    async def _wait(self, sub: _Sub, sleep_until: Callable[[int], Awaitable[None]]) -> AsyncIterator[None]:
        async with sub.turn:
            await sleep_until(sub.until_ms)
            yield
