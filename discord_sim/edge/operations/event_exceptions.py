"""Exceptions of recurring scheduled events: single occurrences that are moved or do not take place.

Who is interested in an event is interested in each of its occurrences.
"""

from __future__ import annotations

from typing import Any

from discord_sim.edge.call import NO_CONTENT, Call, form_error, ok, operation, refuse
from discord_sim.edge.operations.guilds import differences
from discord_sim.edge.operations.scheduled_events import channel_of, found_event, moment, own_event, page_of_users
from discord_sim.rules.answers import Answer
from discord_sim.rules.forms import leaf
from discord_sim.spec import skeleton
from discord_sim.world.guild import Guild
from discord_sim.world.payloads import Doc
from discord_sim.world.snowflakes import epoch_ms_of, iso, moment_id

_TIMES = ("scheduled_start_time", "scheduled_end_time")


@operation("create_guild_scheduled_event_exception")
def create(call: Call) -> Answer:
    guild, event = own_event(call)
    field = "original_scheduled_start_time"
    original_ms = moment(field, call.data[field])
    if event["recurrence_rule"] is None or original_ms < epoch_ms_of(event["scheduled_start_time"]):
        message = "The event has no occurrence at this time"
        form_error({field: leaf("GUILD_SCHEDULED_EVENT_EXCEPTION_INVALID_START", message)})
    if all(call.data.get(k) is None for k in (*_TIMES, "is_canceled")):
        refuse(400, 180005, "An exception must change at least one field")
    exception_id, fields = str(moment_id(original_ms, 0)), _fields(call)
    made = skeleton(
        "GuildScheduledEventExceptionResponse", event_id=event["id"], event_exception_id=exception_id, **fields
    )
    others = [e for e in event["guild_scheduled_event_exceptions"] if e["event_exception_id"] != exception_id]
    event["guild_scheduled_event_exceptions"] = [*others, made]
    _tell(call, "CREATE", 200, guild, event, made, changes=differences({}, fields))
    return ok(made)


@operation("update_guild_scheduled_event_exception")
def update(call: Call) -> Answer:
    guild, event = own_event(call)
    found = _exception(call, event, "exception_id")
    new = _fields(call)  # what is left out becomes what it was without the exception
    changed = differences(found, new)
    found |= new
    if changed:  # the event of a change is the same as that of the creation
        _tell(call, "CREATE", 201, guild, event, found, changes=changed)
    return ok(found)


@operation("delete_guild_scheduled_event_exception")
def delete(call: Call) -> Answer:
    guild, event = own_event(call)
    found = _exception(call, event, "exception_id")
    event["guild_scheduled_event_exceptions"].remove(found)
    _tell(call, "DELETE", 202, guild, event, found)
    return NO_CONTENT


@operation("list_guild_scheduled_event_exception_users")
def users(call: Call) -> Answer:
    guild, event = found_event(call)
    found = _exception(call, event, "guild_scheduled_event_exception_id")
    return ok(page_of_users(call, guild, event, guild_scheduled_event_exception_id=found["event_exception_id"]))


def _exception(call: Call, event: Doc, param: str) -> Doc:
    exceptions = {int(e["event_exception_id"]): e for e in event["guild_scheduled_event_exceptions"]}
    return call.thing(exceptions, param, "scheduled event exception")


def _fields(call: Call) -> Doc:
    times = {k: None if call.data.get(k) is None else iso(moment(k, call.data[k])) for k in _TIMES}
    return {**times, "is_canceled": bool(call.data.get("is_canceled"))}


def _tell(call: Call, what: str, action: int, guild: Guild, event: Doc, found: Doc, **more: Any) -> None:
    """The event and the audit log entry of a change."""
    name, body = f"GUILD_SCHEDULED_EVENT_EXCEPTION_{what}", {**found, "guild_id": str(guild.id)}
    call.emit(name, guild, int(event["id"]), body, channel=channel_of(guild, event))
    call.log(guild, action, int(event["id"]), options={"event_exception_id": found["event_exception_id"]}, **more)
