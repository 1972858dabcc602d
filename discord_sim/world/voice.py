"""Who is in which voice channel. There is no voice server behind it: a bot is told where it would be."""

from __future__ import annotations

import hashlib

from discord_sim.world.fanout import Event
from discord_sim.world.guild import Guild
from discord_sim.world.payloads import STAGE, Doc
from discord_sim.world.world import World

__all__ = ["join_voice", "leave_voice", "voice_changed", "voice_server"]


def join_voice(
    world: World, guild: Guild, user_id: int, channel: Doc, epoch_ms: int, *, mute: bool = False, deaf: bool = False
) -> list[Event]:
    """Somebody connects, moves, or mutes themselves. On a stage one begins as audience."""
    state = guild.voice_states.get(user_id)
    if state is None:
        session = hashlib.blake2b(f"{world.seed}/voice/{guild.id}/{user_id}".encode(), digest_size=16).hexdigest()
        member = guild.members.get(user_id, {})
        state = guild.voice_states[user_id] = {
            "guild_id": str(guild.id), "channel_id": None, "user_id": str(user_id), "session_id": session,
            "deaf": member.get("deaf", False), "mute": member.get("mute", False), "self_deaf": False,
            "self_mute": False, "self_video": False, "suppress": False, "request_to_speak_timestamp": None,
        }  # fmt: skip
    left = state["channel_id"]
    if left != channel["id"]:
        state |= {"suppress": channel["type"] == STAGE, "request_to_speak_timestamp": None}
    state |= {"channel_id": channel["id"], "self_mute": mute, "self_deaf": deaf}
    events = [voice_changed(world, guild, user_id)]
    if left is not None and left != channel["id"]:
        events += _call_ended(guild, int(left))
    if guild.voice_started.get(int(channel["id"])) is None:
        events.append(_call_time(guild, channel, epoch_ms // 1000))
    return events


def leave_voice(world: World, guild: Guild, user_id: int) -> list[Event]:
    """Somebody leaves the voice channel they are in, if they are."""
    state = guild.voice_states.pop(user_id, None)
    if state is None:
        return []
    body = {**state, "channel_id": None, "member": world.member_payload(guild, user_id)}
    channel = guild.channels.get(int(state["channel_id"]))
    told = Event("VOICE_STATE_UPDATE", guild.id, user_id, body, channel=channel)
    return [told, *_call_ended(guild, int(state["channel_id"]))]


def voice_changed(world: World, guild: Guild, user_id: int) -> Event:
    """VOICE_STATE_UPDATE with the state as it is now."""
    state = guild.voice_states[user_id]
    body = {**state, "member": world.member_payload(guild, user_id)}
    channel = guild.channels.get(int(state["channel_id"]))
    return Event("VOICE_STATE_UPDATE", guild.id, user_id, body, channel=channel)


def _call_ended(guild: Guild, channel_id: int) -> list[Event]:
    """The call in a channel has no start once nobody is left in it."""
    channel = guild.channels.get(channel_id)
    if channel is None or any(s["channel_id"] == channel["id"] for s in guild.voice_states.values()):
        return []
    return [_call_time(guild, channel, None)]


def _call_time(guild: Guild, channel: Doc, start_s: int | None) -> Event:
    guild.voice_started[int(channel["id"])] = start_s
    body = {"id": channel["id"], "guild_id": str(guild.id), "voice_start_time": start_s}
    return Event("VOICE_CHANNEL_START_TIME_UPDATE", guild.id, int(channel["id"]), body, channel=channel)


def voice_server(world: World, guild: Guild, user_id: int) -> Event:
    """VOICE_SERVER_UPDATE, for the one who connects."""
    token = hashlib.blake2b(f"{world.seed}/voice-token/{guild.id}".encode(), digest_size=8).hexdigest()
    body = {"token": token, "guild_id": str(guild.id), "endpoint": "us-east1-b.discord.media:443"}
    return Event("VOICE_SERVER_UPDATE", guild.id, guild.id, body, bot_id=user_id)
