"""How much the way to the server varies, learnt from the server's own clock.

An answer's Reset minus Reset-After is the time the server saw the request; minus the send time it is the way there,
up to an unknown but constant shift between the clocks. So the *spread* is known exactly, without the way back.
"""

from __future__ import annotations

__all__ = ["DelaySpread"]

_SETTLED = 16  # samples after which the fastest way seen is likely near the fastest there is
_FORGET = 32  # each sample pulls the extremes 1/32 towards itself, so an old outlier fades


class DelaySpread:
    """The fastest and slowest way seen, and the guard that follows. `floor_ms` is the least guard."""

    __slots__ = ("_fastest_ms", "_samples", "_slowest_ms", "floor_ms", "shift_ms", "spread_ms")

    def __init__(self, floor_ms: int = 10) -> None:
        self.floor_ms = floor_ms
        self.spread_ms = 0
        """Slowest minus fastest."""
        self.shift_ms = floor_ms
        """How much later to send all that follows, once, against a faster way than any seen. It moves the whole queue
        and costs no throughput, so it may be generous."""
        self._fastest_ms = self._slowest_ms = 0
        self._samples = 0

    def guard_ms(self, window_ms: int) -> int:
        """How much longer than told to take a window for; at most 4 % of it, the price of throughput."""
        doubt_ms = self.spread_ms // (4 if self._samples >= _SETTLED else 2)
        return min(self.floor_ms + doubt_ms, self._most_ms(window_ms))

    def end_ms(self, reset_ms: int | None, after_ms: int, sent_ms: int, window_ms: int) -> int:
        """When, by the local clock, a request as fast as the fastest seen is late enough for this Reset."""
        end_ms = sent_ms + after_ms
        if reset_ms is None:
            return end_ms
        way_ms = reset_ms - after_ms - sent_ms
        if self._samples == 0:
            self._fastest_ms = self._slowest_ms = way_ms
        else:
            low, high = self._fastest_ms, self._slowest_ms
            self._fastest_ms = low = way_ms if way_ms < low else low + (way_ms - low) // _FORGET
            self._slowest_ms = high = way_ms if way_ms > high else high - (high - way_ms) // _FORGET
            self.spread_ms = high - low
            self.shift_ms = self.floor_ms + high - low
        self._samples += 1
        # Servers' clocks differ: what looks like a slow way may be another clock, so the correction is bounded.
        slow_ms = way_ms - self._fastest_ms
        return end_ms + (slow_ms if slow_ms <= 100 else min(slow_ms, max(100, self._most_ms(window_ms))))

    def _most_ms(self, window_ms: int) -> int:
        return max(self.floor_ms, window_ms // 25)
