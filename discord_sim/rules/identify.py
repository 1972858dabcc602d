"""Identify: what a valid one holds, how many a day, how many at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from discord_sim.rules.intents import PRIVILEGED, is_known
from discord_sim.wire import (
    IDENTIFY_PERIOD_MS,
    SESSION_STARTS_TOTAL,
    SESSION_STARTS_WINDOW_MS,
    CloseCode,
)

__all__ = ["Concurrency", "IdentifyRequest", "SessionStarts", "parse_identify"]


@dataclass(frozen=True, slots=True)
class IdentifyRequest:
    """A well-formed identify."""

    token: str = field(repr=False)
    intents: int
    shard_id: int
    shard_count: int
    has_shard: bool
    large_threshold: int
    compress: bool = False


def parse_identify(d: Any, allowed_intents: int) -> IdentifyRequest | CloseCode:
    """Read the `d` of op 2; a close code where Discord closes. The token is judged by the caller."""
    if not isinstance(d, dict) or not isinstance(d.get("token"), str) or not isinstance(d.get("properties"), dict):
        return CloseCode.DECODE_ERROR
    intents = d.get("intents")
    if not isinstance(intents, int) or isinstance(intents, bool) or not is_known(intents):
        return CloseCode.INVALID_INTENTS
    if intents & PRIVILEGED & ~allowed_intents:
        return CloseCode.DISALLOWED_INTENTS
    shard = d.get("shard")
    shard_id, shard_count = 0, 1
    if shard is not None:
        if not (isinstance(shard, list) and len(shard) == 2 and all(type(n) is int for n in shard)):
            return CloseCode.INVALID_SHARD
        shard_id, shard_count = shard
        if not 0 <= shard_id < shard_count:
            return CloseCode.INVALID_SHARD
    threshold = d.get("large_threshold", 50)
    if not isinstance(threshold, int) or not 50 <= threshold <= 250:
        threshold = 50
    return IdentifyRequest(
        d["token"].removeprefix("Bot "),
        intents,
        shard_id,
        shard_count,
        shard is not None,
        threshold,
        d.get("compress") is True,
    )


@dataclass(frozen=True, slots=True)
class SessionStarts:
    """The session start limit of one token: `total` identifies per 24 hours from the first."""

    total: int = SESSION_STARTS_TOTAL
    used: int = 0
    window_ends_ms: int = 0

    def at(self, now_ms: int) -> SessionStarts:
        """The account as it stands at `now_ms`."""
        if now_ms >= self.window_ends_ms:
            return SessionStarts(self.total, 0, now_ms + SESSION_STARTS_WINDOW_MS)
        return self

    def spend(self, now_ms: int) -> tuple[SessionStarts, bool]:
        """Book one identify; False when there was none left, which resets the token on real Discord."""
        account = self.at(now_ms)
        if account.used >= account.total:
            return account, False
        return SessionStarts(account.total, account.used + 1, account.window_ends_ms), True

    def limit_body(self, now_ms: int, max_concurrency: int) -> dict[str, int]:
        """`session_start_limit` of GET /gateway/bot."""
        account = self.at(now_ms)
        return {
            "total": account.total,
            "remaining": account.total - account.used,
            "reset_after": account.window_ends_ms - now_ms,
            "max_concurrency": max_concurrency,
        }


@dataclass(slots=True)
class Concurrency:
    """One identify per `shard_id % max_concurrency` per five seconds."""

    max_concurrency: int = 1
    last_ms: dict[int, int] = field(default_factory=dict)

    def allows(self, shard_id: int, now_ms: int) -> bool:
        """Book the identify if its key is free."""
        key = shard_id % self.max_concurrency
        last = self.last_ms.get(key)
        if last is not None and now_ms < last + IDENTIFY_PERIOD_MS:
            return False
        self.last_ms[key] = now_ms
        return True
