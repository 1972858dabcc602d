"""Voice: regions, states, and the status of a channel ("Voice", "Channel")."""

from __future__ import annotations

from discord_sim.edge.call import NO_CONTENT, Call, ok, operation, refuse, unknown
from discord_sim.edge.operations.guilds import differences
from discord_sim.rules.answers import Answer
from discord_sim.rules.permissions import Permission as P
from discord_sim.world.catalogue import REGIONS
from discord_sim.world.guild import Guild
from discord_sim.world.payloads import STAGE, Doc
from discord_sim.world.snowflakes import epoch_ms_of, iso
from discord_sim.world.voice import voice_changed


@operation("list_voice_regions")
def regions(call: Call) -> Answer:
    return ok(REGIONS)


@operation("list_guild_voice_regions")
def regions_of_guild(call: Call) -> Answer:
    call.guild(read=True)
    return ok(REGIONS)


# -- states --------------------------------------------------------------------------------------------------


@operation("get_self_voice_state")
def my_state(call: Call) -> Answer:
    return _state(call, call.guild(read=True), call.me)


@operation("get_voice_state")
def state(call: Call) -> Answer:
    guild = call.guild(read=True)
    return _state(call, guild, call.user())


def _state(call: Call, guild: Guild, user_id: int) -> Answer:
    found = guild.voice_states.get(user_id)
    if found is None:
        unknown("voice state")
    return ok({"self_stream": False, **found, "member": call.world.member_payload(guild, user_id)})


@operation("update_self_voice_state")
def update_mine(call: Call) -> Answer:
    guild = call.guild()
    suppress, raised = call.data.get("suppress"), call.data.get("request_to_speak_timestamp")
    needs = (P.MUTE_MEMBERS if suppress is False else 0) | (P.REQUEST_TO_SPEAK if raised is not None else 0)
    before = _on_stage(call, guild, call.me, needs)
    new: Doc = {}
    if suppress is not None:
        new = {"suppress": suppress, "request_to_speak_timestamp": None}
    if raised is not None:
        new["request_to_speak_timestamp"] = iso(max(epoch_ms_of(raised), call.epoch_ms))  # the present or the future
    elif "request_to_speak_timestamp" in call.data:
        new["request_to_speak_timestamp"] = None
    return _change(call, guild, call.me, before, new)


@operation("update_voice_state")
def update(call: Call) -> Answer:
    guild = call.guild()
    user_id = call.user()
    before = _on_stage(call, guild, user_id, P.MUTE_MEMBERS)
    new: Doc = {}
    if (suppress := call.data.get("suppress")) is not None:
        new["suppress"] = suppress
        invited = before["suppress"] and not suppress and user_id not in call.world.bots
        if suppress or invited:
            new["request_to_speak_timestamp"] = iso(call.epoch_ms) if invited else None
    return _change(call, guild, user_id, before, new)


def _on_stage(call: Call, guild: Guild, user_id: int, needs: int) -> Doc:
    """The state of somebody on the stage that the body means, where the caller has all bits of `needs`."""
    found = guild.voice_states.get(user_id)
    wanted = call.data.get("channel_id") or (found and found["channel_id"])
    channel = guild.channels.get(int(wanted)) if wanted else None
    if wanted and channel is None:
        unknown("channel")
    if found is None or channel is None or found["channel_id"] != wanted:
        unknown("voice state")
    call.demand(guild, guild.permissions_in(channel, call.me, timed_out=call.timed_out(guild)), needs)
    if channel["type"] != STAGE:
        refuse(400, 50024, "Cannot execute action on this channel type")
    return found


def _change(call: Call, guild: Guild, user_id: int, before: Doc, new: Doc) -> Answer:
    if differences(before, new):
        before |= new
        call.events.append(voice_changed(call.world, guild, user_id))
    return NO_CONTENT


# -- the status of a channel ---------------------------------------------------------------------------------


@operation("update_voice_channel_status")
def update_status(call: Call) -> Answer:
    guild, channel = call.voice_channel(P.SET_VOICE_CHANNEL_STATUS)
    channel_id = int(channel["id"])
    if guild.voice_states.get(call.me, {}).get("channel_id") != channel["id"]:
        held = guild.permissions_in(channel, call.me, timed_out=call.timed_out(guild))
        call.demand(guild, held, P.MANAGE_CHANNELS)
    status = call.data.get("status") or None
    if status == guild.voice_statuses.get(channel_id):
        return NO_CONTENT
    guild.voice_statuses[channel_id] = status
    body = {"id": channel["id"], "guild_id": str(guild.id), "status": status}
    call.emit("VOICE_CHANNEL_STATUS_UPDATE", guild, channel_id, body, channel=channel)
    if status is None:
        call.log(guild, 193, channel_id, options={"channel_id": channel["id"]})
    else:
        # The documentation lists only `status`; hikari and others read `channel_id` too.
        call.log(guild, 192, channel_id, options={"status": status, "channel_id": channel["id"]})
    return NO_CONTENT
