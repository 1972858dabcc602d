"""An event, and which shard it belongs to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

__all__ = ["Event", "shard_of"]


@dataclass(frozen=True, slots=True)
class Event:
    """A dispatch before it has a sequence: `key` names the thing it is about (a user, a message…).

    `made_for` makes the body for a session where it depends on more than the bot: on its intents and large threshold.
    `stripped` gives the body that a bot gets in a session without the message content intent. `channel` is the
    channel a bot must be able to view, or the direct channel it must be in; `needs` the permission bits of which it
    must have one. `bot_id` is the only bot the event is for, where there is one; `own` the bot it is about, for which
    another intent opens it; `shard_zero` marks the events that belong to no guild's shard although they name a guild.
    """

    type: str
    guild_id: int | None
    key: int
    data: dict[str, Any]
    stripped: Callable[[int], dict[str, Any]] | None = None
    channel: dict[str, Any] | None = None
    needs: int = 0
    bot_id: int | None = None
    own: int | None = None
    shard_zero: bool = False
    made_for: Callable[[int, int, int], dict[str, Any]] | None = None  # (bot, intents, large threshold)


def shard_of(guild_id: int | None, shard_count: int) -> int:
    """The shard that receives a guild's events; without a guild it is shard 0 ("Sharding")."""
    return 0 if guild_id is None else (guild_id >> 22) % shard_count
