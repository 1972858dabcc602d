"""What a session may ask of the gateway besides living: op 8 today; the other commands are noted and change nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from discord_sim.rules.members_request import CHUNK_SIZE, MembersRequest, parse_members_request
from discord_sim.rules.sessions import Session
from discord_sim.wire import Intent, Op
from discord_sim.world.fanout import shard_of
from discord_sim.world.world import Guild, World

if TYPE_CHECKING:
    from discord_sim.edge.gateway import Gateway

__all__ = ["carry_out"]

_encode = msgspec.json.Encoder().encode


def carry_out(gateway: Gateway, session: Session, op: int, d: Any, now_ms: int) -> bool:
    """Answer a command; False where it is malformed, which closes the connection."""
    if op != Op.REQUEST_GUILD_MEMBERS:
        return True
    request = parse_members_request(d)
    if request is None:
        return False
    guild = gateway.world.guild(request.guild_id)
    if guild is None or shard_of(guild.id, session.shard_count) != session.shard_id:
        return True  # silence, as on the wire
    if request.is_full_list:
        if not session.wants(1 << Intent.GUILD_MEMBERS):
            return True
        wait_ms = gateway.full_lists.take(guild.id, now_ms)
        if wait_ms:
            meta = {"guild_id": str(guild.id), **({} if request.nonce is None else {"nonce": request.nonce})}
            body = {"opcode": int(op), "retry_after": wait_ms / 1000, "meta": meta}
            gateway.deliver(session, "RATE_LIMITED", _encode(body))
            return True
    for chunk in _chunks(gateway.world, guild, request, presences=session.wants(1 << Intent.GUILD_PRESENCES)):
        gateway.deliver(session, "GUILD_MEMBERS_CHUNK", _encode(chunk))
    return True


def _chunks(world: World, guild: Guild, request: MembersRequest, *, presences: bool) -> list[dict[str, Any]]:
    not_found: list[str | int] = []
    if request.query is None:
        found = []
        for text in request.user_ids:
            if text.isdigit() and world.is_member(guild, int(text)):
                found.append(int(text))
            else:
                # Ids that are no snowflakes come back as numbers, as observed.
                not_found.append(int(text) if text.isdigit() and len(text) < 15 else text)
    else:
        found = world.members_named(guild, request.query, request.limit)
    pieces = [found[start : start + CHUNK_SIZE] for start in range(0, len(found), CHUNK_SIZE)] or [[]]
    chunks = []
    for index, piece in enumerate(pieces):
        chunk: dict[str, Any] = {
            "guild_id": str(guild.id),
            "members": [world.member_payload(guild, user_id) for user_id in piece],
            "chunk_index": index,
            "chunk_count": len(pieces),
        }
        if request.query is None:
            chunk["not_found"] = not_found if index == 0 else []
        if request.presences and presences:
            chunk["presences"] = []  # nobody is online in this world
        if request.nonce is not None:
            chunk["nonce"] = request.nonce
        chunks.append(chunk)
    return chunks
