"""The global limit as a smooth rate (GCRA): 50 requests a second, counted by Discord in windows we cannot see.

Spending 50 and waiting a second puts up to 100 into one of its seconds. One request per 22 ms with a burst of 3
can put at most 48 into any second as sent, and stays under 50 while the network shifts them by up to 34 ms.
"""

from __future__ import annotations

from dataclasses import dataclass

from framework.errors import InvalidUse
from framework.wire import GLOBAL_REQUESTS_PER_S

__all__ = ["SmoothLimit"]


@dataclass(slots=True)
class SmoothLimit:
    """`per_s` requests a second with a little headroom. Implements `framework.ports.GlobalLimit`."""

    per_s: int = GLOBAL_REQUESTS_PER_S
    burst: int = 3
    _next_us: int = 0  # theoretical arrival time of the next request
    _paused_until_ms: int = 0

    def __post_init__(self) -> None:
        if self.per_s < 1 or self.burst < 1:
            raise InvalidUse(f"per_s and burst must be at least 1, not {self.per_s} and {self.burst}")

    @property
    def period_us(self) -> int:
        """The time one request pays for: ten percent longer than the limit asks."""
        return 1_100_000 // self.per_s

    def ready_at(self, now_ms: int) -> int:
        """When the next request may leave."""
        at_us = self._next_us - (self.burst - 1) * self.period_us
        return max(now_ms, self._paused_until_ms, -(-at_us // 1000))

    def take(self, now_ms: int) -> None:
        """One request leaves now."""
        self._next_us = max(self._next_us, now_ms * 1000) + self.period_us

    def pause(self, until_ms: int) -> None:
        """Discord said it was too much: nothing leaves before `until_ms`, and no burst follows."""
        self._paused_until_ms = max(self._paused_until_ms, until_ms)
        self._next_us = max(self._next_us, until_ms * 1000 + (self.burst - 1) * self.period_us)
