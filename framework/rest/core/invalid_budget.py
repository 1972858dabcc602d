"""Invalid requests: 10,000 answers of 401, 403 or 429 in ten minutes cost the whole IP address its access.

Knows: what counts (Discord: Topics / Rate Limits, "Invalid Request Limit"), when to stop short of it, and what
a Cloudflare ban looks like. Shared 429s are documented as free and have been seen to count; they are counted
apart. Must not know: routes, clocks, who asks.
"""

from __future__ import annotations

from collections import deque
from enum import Enum

from framework.rest.core.headers import LimitHeaders

__all__ = ["DEFAULT_BAN_MS", "Gate", "InvalidBudget", "looks_banned"]

DEFAULT_BAN_MS = 3_600_000  # the length seen in the wild when the ban names none
_BAN_TEXTS = (b"error code: 1015", b"blocked from accessing our API")


class Gate(Enum):
    """May one more request leave?"""

    OPEN = "open"
    SOFT = "only what matters: half of the budget is gone"
    SPENT = "nothing: the budget is gone"
    BANNED = "nothing: banned"


def looks_banned(status: int, headers: LimitHeaders, body: bytes) -> bool:
    """Whether a 429 comes from the front door (a ban) and not from Discord's own limiter."""
    if status != 429:
        return False
    return not headers.is_from_origin or any(text in body[:4096] for text in _BAN_TEXTS)


class InvalidBudget:
    """A sliding log of invalid answers, with every request in flight counted as one that may become invalid."""

    __slots__ = ("_hard", "_log", "_soft", "_total", "_window_ms", "banned_until_ms", "in_flight", "shared")

    def __init__(self, limit: int = 10_000, window_ms: int = 600_000) -> None:
        if limit < 2 or window_ms < 1:
            raise ValueError("limit must be at least 2, window_ms at least 1")
        self._soft, self._hard = limit // 2, limit * 95 // 100
        self._window_ms = window_ms
        self._log: deque[tuple[int, int]] = deque()  # (ms, how many in that ms), oldest first
        self._total = 0
        self.in_flight = 0
        self.shared = 0  #: shared 429s ever seen; not part of the budget
        self.banned_until_ms = 0

    def gate(self, now_ms: int) -> Gate:
        """What may leave now."""
        if now_ms < self.banned_until_ms:
            return Gate.BANNED
        spent = self.spent(now_ms) + self.in_flight
        if spent >= self._hard:
            return Gate.SPENT
        return Gate.SOFT if spent >= self._soft else Gate.OPEN

    def spent(self, now_ms: int) -> int:
        """Invalid answers inside the window; one booked at t is forgotten at t + window exactly."""
        while self._log and self._log[0][0] + self._window_ms <= now_ms:
            self._total -= self._log.popleft()[1]
        return self._total

    def eases_at(self, now_ms: int) -> int:
        """When the oldest invalid answer leaves the window, or the ban ends: when asking again can help."""
        self.spent(now_ms)
        oldest = self._log[0][0] + self._window_ms if self._log else now_ms
        return max(self.banned_until_ms, oldest, now_ms)

    def sent(self) -> None:
        """A request left; pair with `answered` or `gone`."""
        self.in_flight += 1

    def gone(self) -> None:
        """A request ended without an answer."""
        self.in_flight -= 1
        assert self.in_flight >= 0, "more requests ended than were sent"

    def answered(self, status: int, scope: str | None, now_ms: int) -> bool:
        """Book an answer; True when it was invalid."""
        self.gone()
        if status == 429 and scope == "shared":
            self.shared += 1
            return False
        if status not in (401, 403, 429):
            return False
        if self._log and self._log[-1][0] == now_ms:
            self._log[-1] = (now_ms, self._log[-1][1] + 1)
        else:
            self._log.append((now_ms, 1))
        self._total += 1
        return True

    def ban(self, retry_after_ms: int | None, now_ms: int) -> int:
        """Open the breaker; returns when it closes. A second ban never shortens the first."""
        until = now_ms + (retry_after_ms or DEFAULT_BAN_MS)
        self.banned_until_ms = max(self.banned_until_ms, until)
        return self.banned_until_ms
