"""Op 8, Request Guild Members: what a valid one asks, and how often the full list may be asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from discord_sim.rules.ids import id_of

__all__ = ["CHUNK_SIZE", "FullListLimit", "MembersRequest", "parse_members_request"]

CHUNK_SIZE = 1_000
_IDS_MAX = 100
_NONCE_MAX_BYTES = 32
_FULL_LIST_PERIOD_MS = 30_000


@dataclass(frozen=True, slots=True)
class MembersRequest:
    """A well-formed request: by prefix (`query`, `limit`) or by `user_ids`."""

    guild_id: int
    query: str | None
    limit: int
    user_ids: tuple[str, ...]
    presences: bool
    nonce: str | None

    @property
    def is_full_list(self) -> bool:
        """Everybody: needs the members intent and is limited."""
        return self.query == "" and self.limit == 0


def parse_members_request(d: Any) -> MembersRequest | None:
    """Read the `d` of op 8; None where Discord closes with 4001."""
    if not isinstance(d, dict):
        return None
    guild_id = d.get("guild_id")
    if isinstance(guild_id, list):  # tolerated; only the first counts
        guild_id = guild_id[0] if guild_id else None
    found = id_of(str(guild_id)) if isinstance(guild_id, str | int) else None
    if found is None:
        return None
    query, ids, limit = d.get("query"), d.get("user_ids"), d.get("limit", 0)
    if isinstance(ids, str | int):
        ids = [ids]
    if not isinstance(query, str) and not isinstance(ids, list):
        return None
    if not isinstance(limit, int) or not 0 <= limit <= 100 or (isinstance(ids, list) and len(ids) > _IDS_MAX):
        return None
    nonce = d.get("nonce")
    if not isinstance(nonce, str) or len(nonce.encode()) > _NONCE_MAX_BYTES:
        nonce = None
    wanted = tuple(str(i) for i in ids) if isinstance(ids, list) else ()
    return MembersRequest(
        found, None if isinstance(ids, list) else query, limit, wanted, d.get("presences") is True, nonce
    )


@dataclass(slots=True)
class FullListLimit:
    """One full list per guild and bot in 30 seconds."""

    _free_ms: dict[int, int] = field(default_factory=dict)

    def take(self, guild_id: int, now_ms: int) -> int:
        """Book one; 0 when granted, else the milliseconds to wait."""
        free_ms = self._free_ms.get(guild_id, 0)
        if now_ms < free_ms:
            return free_ms - now_ms
        self._free_ms[guild_id] = now_ms + _FULL_LIST_PERIOD_MS
        return 0
