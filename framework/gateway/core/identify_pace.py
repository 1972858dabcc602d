"""Identify pacing: one per key `shard_id % max_concurrency` per five seconds, and never more than the day allows.

The account of one token, shared by every generation of shards. Sources: "Session start limit" and "Max concurrency".
"""

from __future__ import annotations

from dataclasses import dataclass, field

from framework.errors import InvalidUse, SessionStartsExhausted
from framework.wire import IDENTIFY_SPACING_MS

__all__ = ["IdentifyPace"]

_MARGIN_MS = 250  # two identifies can travel at different speeds


@dataclass(slots=True)
class IdentifyPace:
    """What GET /gateway/bot said, and which key has identified when. Times are milliseconds of one clock."""

    max_concurrency: int = 1
    remaining: int = 0
    resets_ms: int = 0
    _next_ms: dict[int, int] = field(default_factory=dict)
    _held_until_ms: int = 0

    def update(self, max_concurrency: int, remaining: int, resets_ms: int) -> None:
        """Take over what GET /gateway/bot says; `resets_ms` on our clock."""
        if max_concurrency < 1:
            raise InvalidUse(f"max_concurrency must be at least 1, not {max_concurrency}")
        if max_concurrency != self.max_concurrency:  # the keys are others now: none of them is known to be free
            self._held_until_ms = max([self._held_until_ms, *self._next_ms.values()])
            self._next_ms.clear()
        self.max_concurrency, self.remaining, self.resets_ms = max_concurrency, remaining, resets_ms

    def hold(self, now_ms: int) -> None:
        """Count every key as just used: an earlier process may have identified a moment ago."""
        self._held_until_ms = max(self._held_until_ms, now_ms + IDENTIFY_SPACING_MS + _MARGIN_MS)

    def key(self, shard_id: int) -> int:
        """Shards of one key identify one after the other."""
        return shard_id % self.max_concurrency

    def is_stale(self, now_ms: int) -> bool:
        """The day is over (or none was ever learned): ask GET /gateway/bot again before the next identify."""
        return now_ms >= self.resets_ms

    def check(self, identifies: int, now_ms: int) -> None:
        """Raises SessionStartsExhausted where the day does not allow so many, before any of them is spent."""
        if identifies > self.remaining and not self.is_stale(now_ms):
            raise SessionStartsExhausted(self.resets_ms - now_ms, identifies, self.remaining)

    def ready_at(self, shard_id: int, now_ms: int) -> int:
        """When this shard may identify. Raises SessionStartsExhausted."""
        self.check(1, now_ms)
        return max(now_ms, self._held_until_ms, self._next_ms.get(self.key(shard_id), 0))

    def identified(self, shard_id: int, now_ms: int) -> None:
        """An identify leaves now."""
        self.remaining -= 1
        self._next_ms[self.key(shard_id)] = now_ms + IDENTIFY_SPACING_MS + _MARGIN_MS
