"""When to reshard, and how long it may take."""

from __future__ import annotations

from framework.wire import IDENTIFY_SPACING_MS

__all__ = ["reshard_to", "time_limit_ms"]

_SLACK_MS = 180_000  # connections, guilds, and an outage in the middle
_PER_IDENTIFY_MS = IDENTIFY_SPACING_MS + 500


def reshard_to(current: int, recommended: int, remaining: int) -> int | None:
    """The count to go over to: what Discord recommends, whenever that is another number.

    None where nothing is to be done, or where it would leave too few session starts for every new shard to begin
    once more before the day is over.
    """
    if recommended == current or remaining < 2 * recommended:
        return None
    return recommended


def time_limit_ms(shard_count: int, max_concurrency: int) -> int:
    """After which time resharding to `shard_count` is given up."""
    rounds = -(-shard_count // max_concurrency)
    return rounds * _PER_IDENTIFY_MS + _SLACK_MS
