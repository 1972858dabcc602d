"""The limit over all routes: 50 requests in any second, as the *server* sees them.

A GCRA without burst. Requests leave `(second + jitter + slack) / N` apart; then N + 1 of them span, when sent,
more than a second plus all jitter, so no second at the server holds more than N, wherever it starts. A burst
token would have to be paid for by the rate in every second, so there is none. With 40 ms of jitter and 10 ms of
slack for late timers N = 50 gives 47.6/s, 0.95 of what Discord allows. Two adjacent windows of 50, the usual
method, put up to 100 into one second. Must not know: routes, buckets, clocks.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["GlobalLimit", "GlobalToken"]


@dataclass(frozen=True, slots=True)
class GlobalToken:
    """A slot that was taken; give it back with `GlobalLimit.give_back` if nothing was sent."""

    before_us: int
    after_us: int


class GlobalLimit:
    """`per_s` requests in any second, for outbound delays that vary by at most `jitter_ms`."""

    __slots__ = ("_jitter_ms", "_next_us", "_paused_until_ms", "_period_us", "_slack_us", "per_s")

    def __init__(self, per_s: int = 50, *, jitter_ms: int = 40, slack_ms: int = 10) -> None:
        if per_s < 1 or jitter_ms < 0 or slack_ms < 0:
            raise ValueError("per_s must be at least 1, jitter_ms and slack_ms at least 0")
        self.per_s = per_s
        self._jitter_ms = jitter_ms
        self._slack_us = slack_ms * 1_000
        # Microseconds: at 500/s a period rounded to whole milliseconds would be wrong by a tenth.
        self._period_us = ((1_000 + jitter_ms + slack_ms) * 1_000) // per_s + 1
        self._next_us = 0
        self._paused_until_ms = 0

    @property
    def paused_until_ms(self) -> int:
        """Until when a global 429 stops everything; 0 or a past time when nothing does."""
        return self._paused_until_ms

    @property
    def jitter_ms(self) -> int:
        """Delay that the spacing already covers."""
        return self._jitter_ms

    def wait_until(self, now_ms: int) -> int:
        """The first time, >= now, at which one request may leave."""
        due_ms = -((self._slack_us - self._next_us) // 1_000)
        return max(now_ms, due_ms, self._paused_until_ms)

    def take(self, now_ms: int) -> GlobalToken:
        """Book one request that leaves now. Call only when `wait_until(now_ms) == now_ms`."""
        assert self.wait_until(now_ms) == now_ms, "a global slot was taken before it was due"
        return self._book(now_ms)

    def book(self, now_ms: int) -> int:
        """Book the next free slot and say when it comes: for a request that missed its own."""
        at_ms = self.wait_until(now_ms)
        self._book(at_ms)
        return at_ms

    def give_back(self, token: GlobalToken) -> bool:
        """Return an unused slot. Only the newest can be: behind an older one, others are already spaced."""
        if token.after_us != self._next_us:
            return False
        self._next_us = token.before_us
        return True

    def pause(self, until_ms: int) -> None:
        """A global 429: nothing leaves before `until_ms`. A later pause never shortens an earlier one."""
        self._paused_until_ms = max(self._paused_until_ms, until_ms)

    def _book(self, now_ms: int) -> GlobalToken:
        before = self._next_us
        self._next_us = max(before, now_ms * 1_000) + self._period_us
        return GlobalToken(before, self._next_us)
