"""Limits that no header names: they depend on what the body changes, and show only as a 429 with tokens remaining.

Renaming a channel or changing its topic is limited to two in ten minutes, confirmed by Discord's staff.
"""

from __future__ import annotations

from typing import Any

from discord_sim.rules.answers import Answer, user_429
from discord_sim.rules.buckets import Bucket, Law, take

__all__ = ["SubLimits"]

_RENAME = Law(2, 600_000, fixed=True)


class SubLimits:
    """The hidden counters of all channels."""

    def __init__(self) -> None:
        self._buckets: dict[tuple[str, str, str], Bucket] = {}

    def __repr__(self) -> str:
        return f"<SubLimits counters={len(self._buckets)}>"

    def judge(
        self, route: str, major: str, payer: str, body: Any, headers: dict[str, str], now_ms: int
    ) -> Answer | None:
        """A 429 where a hidden limit is spent, else None. `headers` are those of the visible bucket."""
        if route != "channels.modify" or not isinstance(body, dict):
            return None
        changed = [name for name in ("name", "topic") if name in body]
        waits = []
        for name in changed:
            key = (name, major, payer)
            self._buckets[key], taken = take(self._buckets.get(key, Bucket()), _RENAME, now_ms)
            if not taken.allowed:
                waits.append(taken.retry_after_ms)
        if not waits:
            return None
        retry_after_ms = max(waits)
        return user_429(retry_after_ms, headers)
