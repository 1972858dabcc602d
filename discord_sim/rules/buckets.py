"""Per-route buckets: the two laws Discord runs, and the headers that tell of them.

Leaky (most routes since 2022-11): each request fills one slot; slots empty at `limit` per `window_ms`;
Reset-After is the time until *all* are empty, the 429's retry_after the time until *one* is. Fixed: the first
request opens a window; Reset stands still until it passes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

__all__ = ["Bucket", "Law", "Taken", "take"]


@dataclass(frozen=True, slots=True)
class Law:
    """`limit` requests per `window_ms`; `fixed` or leaky. Raises ValueError beyond one request in a microsecond."""

    limit: int
    window_ms: int
    fixed: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.limit <= self.window_ms * 1_000:
            raise ValueError(f"Law({self.limit}, {self.window_ms}): a limit is from 1 to 1,000 a millisecond")


class Bucket(NamedTuple):
    """The state of one bucket. Times in microseconds, so that 30 per 4 s divides without drift."""

    full_at_us: int = 0  # leaky: when the last slot will have emptied; fixed: when the window ends
    used: int = 0  # fixed only


class Taken(NamedTuple):
    """The verdict on one request, and what the headers say after it."""

    allowed: bool
    limit: int
    remaining: int
    reset_after_ms: int
    retry_after_ms: int


def take(bucket: Bucket, law: Law, now_ms: int) -> tuple[Bucket, Taken]:
    """Book one request at `now_ms`. A refused request costs nothing in the bucket."""
    return (_take_fixed if law.fixed else _take_leaky)(bucket, law, now_ms * 1_000)


def _take_fixed(bucket: Bucket, law: Law, now_us: int) -> tuple[Bucket, Taken]:
    if now_us >= bucket.full_at_us:
        bucket = Bucket(now_us + law.window_ms * 1_000, 0)
    left_ms = _ceil_ms(bucket.full_at_us - now_us)
    if bucket.used >= law.limit:
        return bucket, Taken(False, law.limit, 0, left_ms, left_ms)
    bucket = Bucket(bucket.full_at_us, bucket.used + 1)
    return bucket, Taken(True, law.limit, law.limit - bucket.used, left_ms, 0)


def _take_leaky(bucket: Bucket, law: Law, now_us: int) -> tuple[Bucket, Taken]:
    period_us = law.window_ms * 1_000 // law.limit
    full_at_us = max(bucket.full_at_us, now_us) + period_us
    over_us = full_at_us - now_us - law.limit * period_us
    if over_us > 0:
        left_us = bucket.full_at_us - now_us
        return bucket, Taken(False, law.limit, 0, _ceil_ms(left_us), _ceil_ms(over_us))
    filled = -(-(full_at_us - now_us) // period_us)
    return Bucket(full_at_us), Taken(True, law.limit, law.limit - filled, _ceil_ms(full_at_us - now_us), 0)


def _ceil_ms(us: int) -> int:
    return -(-us // 1_000)
