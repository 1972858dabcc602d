"""The global limit, exactly: no sliding second, as sent, holds more than 50 requests.

Discord counts in seconds whose edges we cannot see, so "50, then wait until the second is over" can put 100 into one of
them. The log of the last send times allows the full rate in bursts and no more in any second, wherever it begins;
`guard_ms` is how much the way to Discord may shift requests against one another. A request that has its turn and waits
for a connection counts, and is logged when it really leaves.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from framework.errors import InvalidUse
from framework.wire import GLOBAL_REQUESTS_PER_S

__all__ = ["SlidingLimit"]

_SECOND_MS = 1_000


@dataclass(slots=True)
class SlidingLimit:
    """`per_s` requests in any second. Implements `framework.ports.GlobalLimit`."""

    per_s: int = GLOBAL_REQUESTS_PER_S
    guard_ms: int = 30
    reserved: int = 0
    _left_ms: deque[int] = field(init=False, repr=False)
    _paused_until_ms: int = 0

    def __post_init__(self) -> None:
        if self.per_s < 1 or self.guard_ms < 0:
            raise InvalidUse(f"per_s must be at least 1 and guard_ms 0, not {self.per_s} and {self.guard_ms}")
        self._left_ms = deque(maxlen=self.per_s)

    def ready_at(self, now_ms: int) -> int | None:
        """When the next request may have its turn; None is "not before one that has it has left"."""
        earliest_ms = self._paused_until_ms if self._paused_until_ms > now_ms else now_ms
        logged = len(self._left_ms)
        surplus = self.reserved + logged + 1 - self.per_s
        if surplus <= 0:
            return earliest_ms
        if surplus > logged:
            return None
        return max(earliest_ms, self._left_ms[surplus - 1] + _SECOND_MS + self.guard_ms)

    def reserve(self) -> None:
        """One request has its turn; `left` or `give_back` must follow."""
        self.reserved += 1

    def left(self, now_ms: int) -> None:
        """It leaves now."""
        self.reserved -= 1
        self._left_ms.append(now_ms)

    def give_back(self) -> None:
        """It will never leave."""
        self.reserved -= 1

    def pause(self, until_ms: int) -> None:
        """Discord said it was too much: somebody else spends too. Nothing leaves before `until_ms`."""
        self._paused_until_ms = max(self._paused_until_ms, until_ms)
