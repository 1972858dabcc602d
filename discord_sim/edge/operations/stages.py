"""Stage instances: a stage channel is live while there is one ("Stage Instance")."""

from __future__ import annotations

from typing import Any

from discord_sim.edge.call import NO_CONTENT, Call, ok, operation, refuse, unknown
from discord_sim.edge.operations.guilds import differences
from discord_sim.rules.answers import Answer
from discord_sim.rules.permissions import Permission as P
from discord_sim.spec import skeleton
from discord_sim.world import changes
from discord_sim.world.guild import Guild
from discord_sim.world.payloads import STAGE, Doc

MODERATOR = P.MANAGE_CHANNELS | P.MUTE_MEMBERS | P.MOVE_MEMBERS
_GUILD_ONLY = 2
_START, _END, _TOPIC = 27, 28, 31  # types of the messages in the stage's chat; each holds the topic


@operation("create_stage_instance")
def create(call: Call) -> Answer:
    data = call.data
    needs = MODERATOR | P.MENTION_EVERYONE if data.get("send_start_notification") else MODERATOR
    guild, channel = call.channel_of(int(data["channel_id"]), needs)
    if guild is None or channel["type"] != STAGE:
        refuse(400, 50024, "Cannot execute action on this channel type")
    event_id = data.get("guild_scheduled_event_id")
    if event_id is not None and int(event_id) not in guild.events:
        unknown("guild scheduled event")
    if int(channel["id"]) in guild.stages:
        refuse(400, 150006, "The Stage is already open")
    fields = {"topic": data["topic"], "privacy_level": data.get("privacy_level") or _GUILD_ONLY}
    stage = guild.stages[int(channel["id"])] = skeleton(
        "StageInstanceResponse", id=str(call.new_id()), guild_id=str(guild.id), channel_id=channel["id"],
        guild_scheduled_event_id=event_id, **fields,
    )  # fmt: skip
    _tell(call, guild, channel, "CREATE", stage, changes=differences({}, fields))
    _post(call, stage, _START, mention_everyone=bool(data.get("send_start_notification")))
    return ok(stage)


def _tell(call: Call, guild: Guild, channel: Doc, what: str, stage: Doc, **more: Any) -> None:
    """The event and the audit log entry of a change."""
    call.emit(f"STAGE_INSTANCE_{what}", guild, int(stage["id"]), stage, channel=channel)
    action = {"CREATE": 83, "UPDATE": 84, "DELETE": 85}[what]
    call.log(guild, action, int(stage["id"]), options={"channel_id": channel["id"]}, **more)


def _post(call: Call, stage: Doc, kind: int, **fields: Any) -> None:
    place = int(stage["channel_id"])
    _, events = changes.say(call.world, place, call.me, stage["topic"], call.epoch_ms, type=kind, **fields)
    call.events += events


def _live(call: Call, needs: int = 0) -> tuple[Guild, Doc, Doc]:
    """The live stage of the path, its guild and channel."""
    guild, channel = call.guild_channel()
    stage = call.thing(guild.stages, "channel_id", "stage instance")
    call.demand(guild, guild.permissions_in(channel, call.me, timed_out=call.timed_out(guild)), needs)
    return guild, channel, stage


@operation("get_stage_instance")
def get(call: Call) -> Answer:
    return ok(_live(call)[2])


@operation("update_stage_instance")
def update(call: Call) -> Answer:
    guild, channel, stage = _live(call, MODERATOR)
    changed = differences(stage, call.data)
    stage |= call.data
    if changed:
        _tell(call, guild, channel, "UPDATE", stage, changes=changed)
        if any(change["key"] == "topic" for change in changed):
            _post(call, stage, _TOPIC)
    return ok(stage)


@operation("delete_stage_instance")
def delete(call: Call) -> Answer:
    guild, channel, stage = _live(call, MODERATOR)
    del guild.stages[int(channel["id"])]
    _tell(call, guild, channel, "DELETE", stage, changes=[{"key": "topic", "old_value": stage["topic"]}])
    _post(call, stage, _END)
    return NO_CONTENT
