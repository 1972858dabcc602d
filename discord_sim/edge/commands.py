"""What a session may ask of the gateway besides living: members, presence, voice, sounds and channel information."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from discord_sim.rules.ids import id_of
from discord_sim.rules.members_request import CHUNK_SIZE, MembersRequest, parse_members_request
from discord_sim.rules.permissions import Permission
from discord_sim.rules.presence import parse_presence
from discord_sim.rules.sessions import Session
from discord_sim.wire import Intent, Op
from discord_sim.world.changes import presence_changed
from discord_sim.world.fanout import shard_of
from discord_sim.world.guild import Guild
from discord_sim.world.payloads import STAGE, VOICE
from discord_sim.world.voice import join_voice, leave_voice, voice_server
from discord_sim.world.world import World

if TYPE_CHECKING:
    from discord_sim.edge.gateway import Gateway

__all__ = ["carry_out"]

_encode = msgspec.json.Encoder().encode
_INFO_FIELDS = ("status", "voice_start_time")


def carry_out(gateway: Gateway, session: Session, op: int, d: Any, now_ms: int) -> bool:
    """Answer a command; False where it is malformed, which closes the connection with 4001."""
    match op:
        case Op.REQUEST_GUILD_MEMBERS:
            return _members(gateway, session, d, now_ms)
        case Op.PRESENCE_UPDATE:
            return _presence(gateway, session, d, now_ms)
        case Op.VOICE_STATE_UPDATE:
            return _voice(gateway, session, d)
        case Op.REQUEST_SOUNDBOARD_SOUNDS:
            return _sounds(gateway, session, d)
        case Op.REQUEST_CHANNEL_INFO:
            return _channel_info(gateway, session, d)
    return False


def _guild(gateway: Gateway, session: Session, guild_id: Any) -> Guild | None:
    """The guild of a command; None where the bot is not in it or another shard has it: silence, as on the wire."""
    found = id_of(str(guild_id)) if isinstance(guild_id, str | int) else None
    guild = None if found is None else gateway.world.guild(found)
    if guild is None or guild.id != found or session.bot_id not in guild.bots:
        return None
    return guild if shard_of(guild.id, session.shard_count) == session.shard_id else None


def _presence(gateway: Gateway, session: Session, d: Any, now_ms: int) -> bool:
    presence = parse_presence(d)
    if presence is None:
        return False
    if session.may_change_presence(now_ms):  # beyond the limit it is dropped without a word
        epoch_ms = gateway.clock.epoch_ms
        gateway.emit(presence_changed(gateway.world, session.bot_id, presence.status, presence.activities, epoch_ms))
    return True


def _voice(gateway: Gateway, session: Session, d: Any) -> bool:
    if not isinstance(d, dict) or "guild_id" not in d:
        return False
    guild = _guild(gateway, session, d["guild_id"])
    if guild is None:
        return True
    if d.get("channel_id") is None:
        gateway.emit(leave_voice(gateway.world, guild, session.bot_id))
        return True
    channel = guild.channels.get(id_of(str(d["channel_id"])) or 0)
    if channel is None or channel["type"] not in (VOICE, STAGE):
        return True
    if guild.permissions_in(channel, session.bot_id) & Permission.CONNECT:
        mute, deaf = bool(d.get("self_mute")), bool(d.get("self_deaf"))
        gateway.emit(
            join_voice(gateway.world, guild, session.bot_id, channel, gateway.clock.epoch_ms, mute=mute, deaf=deaf)
        )
        gateway.emit([voice_server(gateway.world, guild, session.bot_id)])
    return True


def _sounds(gateway: Gateway, session: Session, d: Any) -> bool:
    if not isinstance(d, dict) or not isinstance(d.get("guild_ids"), list):
        return False
    for guild_id in d["guild_ids"]:
        guild = _guild(gateway, session, guild_id)
        if guild is not None:
            body = {"guild_id": str(guild.id), "soundboard_sounds": list(guild.sounds.values())}
            gateway.deliver(session, "SOUNDBOARD_SOUNDS", _encode(body))
    return True


def _channel_info(gateway: Gateway, session: Session, d: Any) -> bool:
    if not isinstance(d, dict) or not isinstance(d.get("fields"), list):
        return False
    guild = _guild(gateway, session, d.get("guild_id"))
    if guild is None:
        return True
    values: dict[str, Mapping[int, Any]] = {"status": guild.voice_statuses, "voice_start_time": guild.voice_started}
    channels = []
    for channel_id in guild.channels:
        known = {
            f: values[f][channel_id] for f in _INFO_FIELDS if f in d["fields"] and values[f].get(channel_id) is not None
        }  # fmt: skip
        if known:
            channels.append({"id": str(channel_id), **known})
    gateway.deliver(session, "CHANNEL_INFO", _encode({"guild_id": str(guild.id), "channels": channels}))
    return True


def _members(gateway: Gateway, session: Session, d: Any, now_ms: int) -> bool:
    request = parse_members_request(d)
    if request is None:
        return False
    guild = _guild(gateway, session, request.guild_id)
    if guild is None:
        return True
    if request.is_full_list:
        if not session.wants(1 << Intent.GUILD_MEMBERS):
            return True
        wait_ms = gateway.accounts[session.bot_id].full_lists.take(guild.id, now_ms)
        if wait_ms:
            meta = {"guild_id": str(guild.id), **({} if request.nonce is None else {"nonce": request.nonce})}
            body = {"opcode": int(Op.REQUEST_GUILD_MEMBERS), "retry_after": wait_ms / 1000, "meta": meta}
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
            user_id = id_of(text)
            if user_id is not None and world.is_member(guild, user_id):
                found.append(user_id)
            else:
                # Ids that are no snowflakes come back as numbers, as observed.
                not_found.append(user_id if user_id is not None and len(text) < 15 else text)
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
            chunk["presences"] = [world.presence_payload(guild, u) for u in piece if u in world.presences]
        if request.nonce is not None:
            chunk["nonce"] = request.nonce
        chunks.append(chunk)
    return chunks
