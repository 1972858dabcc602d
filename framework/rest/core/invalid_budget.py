"""The second limiter: 10,000 answers of 401, 403 or 429 in ten minutes, and Cloudflare bans the IP for an hour.

We stop before that. And if a ban is seen anyway (a 429 that Discord itself did not send), nothing more leaves
until it ends: every further request would only prolong it.
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
    stop_share: float = 0.95
    banned_until_ms: int = 0
    in_window: int = 0
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
        """When requests may leave again; None when they may now."""
        if now_ms < self.banned_until_ms:
            return self.banned_until_ms
        self._prune(now_ms)
        if self.in_window < self.limit * self.stop_share:
            return None
        return self._log[0][0] * 1000 + 1000 + INVALID_BUDGET_MS

    def _prune(self, now_ms: int) -> None:
        horizon = (now_ms - INVALID_BUDGET_MS) // 1000 - 1
        while self._log and self._log[0][0] <= horizon:
            self.in_window -= self._log.popleft()[1]
