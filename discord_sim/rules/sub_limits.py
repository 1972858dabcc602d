"""Limits that no header names: they depend on what the body changes or on what is changed, and show only as a 429
with tokens remaining.

Renaming a channel or changing its topic is limited to two in ten minutes, confirmed by Discord's staff; the others
are observed or documented without headers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from discord_sim.rules.answers import Answer, shared_429, user_429
from discord_sim.rules.buckets import Bucket, Law, take
from discord_sim.rules.ids import id_of
from discord_sim.rules.routes import RouteMatch
from discord_sim.wire import DISCORD_EPOCH_MS

__all__ = ["SubLimits"]

_HOUR_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class _Hidden:
    """`field`: only where the body has it. `old`: only for a message older than an hour. `code`: of a coded 429."""

    law: Law
    field: str = ""
    old: bool = False
    code: int | None = None
    message: str = ""
    shared: bool = False


_RENAME = Law(2, 600_000, fixed=True)
_HIDDEN: dict[str, tuple[_Hidden, ...]] = {
    "update_channel": (_Hidden(_RENAME, "name"), _Hidden(_RENAME, "topic")),
    "update_message": (
        _Hidden(Law(3, 6_000, fixed=True), old=True, code=30046,
                message="Maximum number of edits to messages older than 1 hour reached. Try again later."),
    ),
    "crosspost_message": (
        _Hidden(Law(10, _HOUR_MS, fixed=True), code=20022,
                message="This message cannot be edited due to announcement rate limits."),
    ),
    "create_guild_emoji": (_Hidden(Law(50, _HOUR_MS, fixed=True), shared=True),),
    "create_guild_role": (_Hidden(Law(250, 48 * _HOUR_MS, fixed=True)),),
    "create_guild_channel": (_Hidden(Law(500, 24 * _HOUR_MS, fixed=True)),),
}  # fmt: skip


class SubLimits:
    """The hidden counters of everybody."""

    def __init__(self) -> None:
        self._buckets: dict[tuple[str, int, str, str], Bucket] = {}

    def __repr__(self) -> str:
        return f"<SubLimits counters={len(self._buckets)}>"

    def judge(
        self, found: RouteMatch, payer: str, body: Any, headers: dict[str, str], now_ms: int, epoch_ms: int
    ) -> Answer | None:
        """A 429 where a hidden limit is spent, else None. `headers` are those of the visible bucket."""
        worst: tuple[int, _Hidden] | None = None
        for index, hidden in enumerate(_HIDDEN.get(found.route.name, ())):
            if hidden.field and not (isinstance(body, dict) and hidden.field in body):
                continue
            if hidden.old and not _is_old(found.params.get("message_id", ""), epoch_ms):
                continue
            key = (found.route.name, index, found.major, "" if hidden.shared else payer)
            self._buckets[key], taken = take(self._buckets.get(key, Bucket()), hidden.law, now_ms)
            if not taken.allowed and (worst is None or taken.retry_after_ms > worst[0]):
                worst = taken.retry_after_ms, hidden
        if worst is None:
            return None
        retry_after_ms, hidden = worst
        if hidden.shared:
            return shared_429(retry_after_ms, headers)
        return user_429(retry_after_ms, headers, hidden.code, hidden.message)


def _is_old(message_id: str, epoch_ms: int) -> bool:
    found = id_of(message_id)
    return found is not None and epoch_ms - (found >> 22) - DISCORD_EPOCH_MS > _HOUR_MS
