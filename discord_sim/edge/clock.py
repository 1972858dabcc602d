"""The server's clock: asyncio's loop for intervals, the wall once at the start for headers and ids."""

from __future__ import annotations

import asyncio
import time

__all__ = ["ServerClock"]


class ServerClock:
    """Milliseconds since the server started, and the same as an epoch. Made inside a running loop."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._start_s = self._loop.time()
        self._epoch_ms = int(time.time() * 1000)  # the only place of this package that reads the wall
        self._ahead_ms = 0

    def advance(self, ms: int) -> None:
        """Put the clock forward: windows end, bans expire, interactions get old; nobody has to wait for it."""
        self._ahead_ms += ms

    @property
    def now_ms(self) -> int:
        """Whole milliseconds since the start."""
        return int((self._loop.time() - self._start_s) * 1000 + 1e-6) + self._ahead_ms

    def epoch_at(self, now_ms: int) -> int:
        """The wall clock when `now_ms` was."""
        return self._epoch_ms + now_ms

    @property
    def epoch_ms(self) -> int:
        """Wall clock in milliseconds since 1970."""
        return self._epoch_ms + self.now_ms
