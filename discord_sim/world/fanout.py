"""An event, and which shard it belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = ["Event", "shard_of"]


@dataclass(frozen=True, slots=True)
class Event:
    """A dispatch before it has a sequence: `key` names the thing it is about (a user, a message…).

    `stripped` is the body for sessions without the message content intent, where that differs.
    """

    type: str
    guild_id: int | None
    key: int
    data: dict[str, Any]
    stripped: dict[str, Any] | None = None


def shard_of(guild_id: int | None, shard_count: int) -> int:
    """The shard that receives a guild's events; without a guild it is shard 0 ("Sharding")."""
    return 0 if guild_id is None else (guild_id >> 22) % shard_count
