"""How long to stay away: after failures longer and longer, and never all at once."""

from __future__ import annotations

__all__ = ["backoff_ms", "spread_ms"]

_FIRST_MS = 1_000
_MAX_MS = 60_000
_PER_SHARD_MS = 20  # fifty connections a second
_SPREAD_MAX_MS = 60_000  # a session lives for a few minutes without a connection


def backoff_ms(failures: int, draw: float) -> int:
    """1, 2, 4… s up to a minute, each times a drawn factor in [0.5, 1)."""
    return int(min(_MAX_MS, _FIRST_MS << min(failures, 10)) * (0.5 + draw / 2))


def spread_ms(fleet: int) -> int:
    """Over what time `fleet` shards that lost their link at the same moment come back."""
    return min(_SPREAD_MAX_MS, _PER_SHARD_MS * fleet)
