"""Invalid requests and the Cloudflare ban: 10,000 answers of 401, 403 or 429 (not `shared`) in ten minutes from
one IP, and everything from that IP is refused at the edge for an hour."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from discord_sim.wire import CLOUDFLARE_BAN_S, INVALID_REQUESTS_LIMIT, INVALID_REQUESTS_WINDOW_MS

__all__ = ["InvalidRequests"]

_GRAIN_MS = 1_000


@dataclass(slots=True)
class InvalidRequests:
    """The account of one IP address: a sliding window counted per second, and the ban."""

    limit: int = INVALID_REQUESTS_LIMIT
    ban_ms: int = CLOUDFLARE_BAN_S * 1_000
    window_ms: int = INVALID_REQUESTS_WINDOW_MS
    banned_until_ms: int = 0
    bans: int = 0
    total: int = 0
    in_window: int = 0
    _per_second: deque[list[int]] = field(default_factory=deque)

    def is_banned(self, now_ms: int) -> bool:
        """Whether the edge refuses this IP now."""
        return now_ms < self.banned_until_ms

    def note(self, now_ms: int) -> bool:
        """Count one invalid answer; True when it is the one that brings the ban."""
        self.prune(now_ms)
        second = now_ms // _GRAIN_MS
        if self._per_second and self._per_second[-1][0] == second:
            self._per_second[-1][1] += 1
        else:
            self._per_second.append([second, 1])
        self.total += 1
        self.in_window += 1
        if self.in_window < self.limit:
            return False
        self.banned_until_ms = now_ms + self.ban_ms
        self.bans += 1
        self._per_second.clear()
        self.in_window = 0
        return True

    def prune(self, now_ms: int) -> None:
        """Forget what has left the window."""
        horizon = (now_ms - self.window_ms) // _GRAIN_MS
        while self._per_second and self._per_second[0][0] <= horizon:
            self.in_window -= self._per_second.popleft()[1]
