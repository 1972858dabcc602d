"""Identify pacing: one per key `shard_id % max_concurrency` per five seconds, and never more than the day allows."""

from __future__ import annotations

from dataclasses import dataclass, field

from framework.errors import InvalidUse, SessionStartsExhausted
from framework.wire import IDENTIFY_SPACING_MS

__all__ = ["IdentifyPace"]

_MARGIN_MS = 250  # two identifies can travel at different speeds


@dataclass(slots=True)
class IdentifyPace:
    """The account of one token. Shared by all generations of shards."""

    max_concurrency: int = 1
    remaining: int = 1
    resets_ms: int = 0
    _next_ms: dict[int, int] = field(default_factory=dict)

    def update(self, max_concurrency: int, remaining: int, resets_ms: int) -> None:
        """Take over what GET /gateway/bot says; `resets_ms` on our clock."""
        if max_concurrency < 1:
            raise InvalidUse(f"max_concurrency must be at least 1, not {max_concurrency}")
        self.max_concurrency, self.remaining, self.resets_ms = max_concurrency, remaining, resets_ms

    def reserve(self, shard_id: int, now_ms: int) -> int:
        """Book one identify; returns when it may be sent.

        Raises:
            SessionStartsExhausted: none is left before the reset.
        """
        if self.remaining < 1:
            if now_ms < self.resets_ms:
                raise SessionStartsExhausted(self.resets_ms - now_ms)
            self.remaining = 1  # the new day's number is learned by the next update
        self.remaining -= 1
        key = shard_id % self.max_concurrency
        at_ms = max(now_ms, self._next_ms.get(key, 0))
        self._next_ms[key] = at_ms + IDENTIFY_SPACING_MS + _MARGIN_MS
        return at_ms
