"""What the gateway hands on."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

__all__ = ["GatewayBot", "RawEvent"]

_ABOUT_GUILDS = frozenset({"GUILD_CREATE", "GUILD_UPDATE", "GUILD_DELETE"})  # their guild's id is `id`


class _InGuild(msgspec.Struct):
    guild_id: int | None = None


class _Guild(msgspec.Struct):
    id: int | None = None


_in_guild = msgspec.json.Decoder(_InGuild, strict=False).decode
_guild = msgspec.json.Decoder(_Guild, strict=False).decode


class RawEvent(msgspec.Struct, frozen=True, gc=False):
    """A dispatch with its body still as bytes; decoded only into what somebody asks for.

    `(session_id, seq)` names it: a resume may bring it again under the same name.
    """

    shard_id: int
    generation: int
    seq: int
    type: str
    data: bytes
    session_id: str = ""

    def guild_id(self) -> int:
        """The guild it is about, read from the body; 0 for none."""
        try:
            found = _guild(self.data).id if self.type in _ABOUT_GUILDS else _in_guild(self.data).guild_id
        except msgspec.MsgspecError:  # `d` is null, or a list
            return 0
        return found or 0

    def __repr__(self) -> str:
        return f"<RawEvent {self.type} {self.seq} of shard {self.shard_id} gen {self.generation}>"


@dataclass(frozen=True, slots=True)
class GatewayBot:
    """GET /gateway/bot. `reset_after_ms` counts from the answer."""

    url: str
    shards: int
    total: int
    remaining: int
    reset_after_ms: int
    max_concurrency: int
