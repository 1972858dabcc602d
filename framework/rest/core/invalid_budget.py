"""The second limiter: 10,000 answers of 401, 403 or 429 in ten minutes, and Cloudflare bans the IP for an hour.

From half of the budget on everything is paced, so that even a flood of nothing but invalid answers cannot spend the
rest before the window has moved on, and what is of low priority waits; at 95 % nothing leaves. And if a ban is seen
anyway (a 429 that Discord itself did not send), nothing leaves until it ends: every further request prolongs it.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from framework.wire import INVALID_BUDGET, INVALID_BUDGET_MS

__all__ = ["InvalidBudget"]

_BAN_DEFAULT_MS = 3_600_000


@dataclass(slots=True)
class InvalidBudget:
    """A sliding log of invalid answers, counted per second."""

    limit: int = INVALID_BUDGET
    slow_share: float = 0.5
    stop_share: float = 0.95
    banned_until_ms: int = 0
    in_window: int = 0
    _paced_ms: int | None = None
    _log: deque[list[int]] = field(default_factory=deque)

    def note(self, now_ms: int) -> None:
        """One answer of 401, 403, or 429 that was not `shared`."""
        self._prune(now_ms)
        second = now_ms // 1000
        if self._log and self._log[-1][0] == second:
            self._log[-1][1] += 1
        else:
            self._log.append([second, 1])
        self.in_window += 1

    def note_ban(self, now_ms: int, retry_after_ms: int | None) -> None:
        """A 429 without Discord's Via header."""
        self.banned_until_ms = max(self.banned_until_ms, now_ms + (retry_after_ms or _BAN_DEFAULT_MS))

    def closed_until(self, now_ms: int) -> int | None:
        """When requests may leave again; None when they may now, if perhaps slowly."""
        if now_ms < self.banned_until_ms:
            return self.banned_until_ms
        self._prune(now_ms)
        return None if self.in_window < self.limit * self.stop_share else self._oldest_gone_ms()

    def ready_at(self, now_ms: int, *, low: bool = False) -> int:
        """When the next request may leave at the pace the rest of the budget allows; `low` priority waits longest."""
        self._prune(now_ms)
        if self.in_window < self.limit * self.slow_share:
            self._paced_ms = None
            return now_ms
        if low:
            return self._oldest_gone_ms()
        left = max(1, int(self.limit * self.stop_share) - self.in_window)
        last_ms = now_ms - INVALID_BUDGET_MS if self._paced_ms is None else self._paced_ms
        return max(now_ms, last_ms + INVALID_BUDGET_MS // left)

    def take(self, now_ms: int) -> None:
        """One request leaves now."""
        self._paced_ms = now_ms

    def _oldest_gone_ms(self) -> int:
        return self._log[0][0] * 1000 + 1000 + INVALID_BUDGET_MS

    def _prune(self, now_ms: int) -> None:
        horizon = (now_ms - INVALID_BUDGET_MS) // 1000 - 1
        while self._log and self._log[0][0] <= horizon:
            self.in_window -= self._log.popleft()[1]
