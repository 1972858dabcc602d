"""Scheduled events and who is interested in them ("Guild Scheduled Event")."""

from __future__ import annotations

from dataclasses import replace

from discord_sim.edge.call import NO_CONTENT, Call, form_error, ok, operation, refuse, unknown
from discord_sim.edge.operations import stages
from discord_sim.edge.operations.guilds import differences
from discord_sim.rules.answers import Answer
from discord_sim.rules.forms import leaf
from discord_sim.rules.permissions import Permission as P
from discord_sim.spec import skeleton
from discord_sim.world.guild import Guild
from discord_sim.world.happenings import interested
from discord_sim.world.payloads import STAGE, VOICE, Doc
from discord_sim.world.snowflakes import epoch_ms_of, iso

OPEN_MAX = 100
ON_STAGE, IN_VOICE, EXTERNAL = 1, 2, 3  # entity types
SCHEDULED, ACTIVE, COMPLETED, CANCELED = 1, 2, 3, 4
_NEXT = {(SCHEDULED, ACTIVE), (SCHEDULED, CANCELED), (ACTIVE, COMPLETED)}
_CHANNEL_TYPES = {ON_STAGE: STAGE, IN_VOICE: VOICE}
_NEEDS = {ON_STAGE: stages.MODERATOR, IN_VOICE: P.VIEW_CHANNEL | P.CONNECT, EXTERNAL: 0}
_WORKWEEKS_AND_WEEKENDS = ({0, 1, 2, 3, 4}, {1, 2, 3, 4, 5}, {6, 0, 1, 2, 3}, {4, 5}, {5, 6}, {6, 0})
_BY = ("by_weekday", "by_n_weekday", "by_month", "by_month_day")
_FITS = {0: {(0, 0, 1, 1)}, 1: {(0, 1, 0, 0)}, 2: {(1, 0, 0, 0)}, 3: set()}  # by frequency: how many of each of _BY
_LATEST_MS = 253_402_300_799_999  # the end of the year 9999
_REQUIRED = leaf("BASE_TYPE_REQUIRED", "This field is required")


@operation("list_guild_scheduled_events")
def events(call: Call) -> Answer:
    guild = call.guild(read=True)
    found = [e for e in guild.events.values() if e["status"] in (SCHEDULED, ACTIVE) and _may_see(call, guild, e)]
    return ok([_shown(call, guild, event) for event in found])


@operation("get_guild_scheduled_event")
def get(call: Call) -> Answer:
    guild, event = found_event(call)
    return ok(_shown(call, guild, event))


def found_event(call: Call) -> tuple[Guild, Doc]:
    """The guild and the event of the path, which the caller may see."""
    guild = call.guild(read=True)
    event = call.thing(guild.events, "guild_scheduled_event_id", "guild scheduled event")
    if not _may_see(call, guild, event):
        refuse(403, 50001, "Missing Access")
    return guild, event


def own_event(call: Call) -> tuple[Guild, Doc]:
    """The same, where the caller may change it: CREATE_EVENTS is enough for one's own."""
    guild, event = found_event(call)
    mine = event["creator_id"] == str(call.me)
    enough = P.CREATE_EVENTS | P.MANAGE_EVENTS if mine else P.MANAGE_EVENTS
    call.demand(guild, _held(call, guild, channel_of(guild, event)), _NEEDS[event["entity_type"]], enough)
    return guild, event


def channel_of(guild: Guild, event: Doc) -> Doc | None:
    """Where an event happens; None for an external one, and where the channel is gone."""
    return None if event["channel_id"] is None else guild.channels.get(int(event["channel_id"]))


def _may_see(call: Call, guild: Guild, event: Doc) -> bool:
    channel = channel_of(guild, event)
    return channel is None or bool(guild.permissions_in(channel, call.me) & P.VIEW_CHANNEL)


def _held(call: Call, guild: Guild, channel: Doc | None) -> int:
    """The caller's permissions where an event happens."""
    timed_out = call.timed_out(guild)
    if channel is None:
        return guild.permissions_of(call.me, timed_out=timed_out)
    return guild.permissions_in(channel, call.me, timed_out=timed_out)


def _shown(call: Call, guild: Guild, event: Doc) -> Doc:
    body = {**event, "creator": call.person(int(event["creator_id"]))}
    if call.query.get("with_user_count"):
        body["user_count"] = len(guild.event_users.get(int(event["id"]), ()))
    return body


# -- creating and changing -------------------------------------------------------------------------------------


@operation("create_guild_scheduled_event")
def create(call: Call) -> Answer:
    guild = call.guild()
    kind = call.data["entity_type"]
    _check_place(call, guild, kind, call.data.get("channel_id"), _NEEDS[kind] | P.CREATE_EVENTS)
    if sum(e["status"] in (SCHEDULED, ACTIVE) for e in guild.events.values()) >= OPEN_MAX:
        refuse(400, 30038, "Maximum number of uncompleted guild scheduled events reached (100)")
    given = _fields(call, kind)
    event = skeleton(
        "StageScheduledEventResponse", guild_id=str(guild.id), creator_id=str(call.me), status=SCHEDULED, **given
    )  # the three types have the same fields
    _check_form(call, event, given)
    made = call.new_id()
    event |= {"id": str(made), "image": call.media.picture("image", call.data.get("image"), "guild-events", made)}
    guild.events[made] = event
    _tell(call, "GUILD_SCHEDULED_EVENT_CREATE", guild, event)
    call.events += interested(guild, made, call.me, wanted=True)
    call.log(guild, 100, made, changes=differences({}, given))
    return ok(_shown(call, guild, event))


@operation("update_guild_scheduled_event")
def update(call: Call) -> Answer:
    guild, event = own_event(call)
    kind = call.data.get("entity_type") or event["entity_type"]
    status = call.data.get("status") or event["status"]
    _check_place(call, guild, kind, call.data.get("channel_id", event["channel_id"]), _NEEDS[kind])
    is_finished = event["status"] in (COMPLETED, CANCELED)
    if is_finished or (status != event["status"] and (event["status"], status) not in _NEXT):
        refuse(400, 180000, "Cannot update a finished event")
    new = _fields(call, kind)
    after = event | new
    _check_form(call, after, new)
    if "image" in call.data:
        new["image"] = call.media.picture("image", call.data["image"], "guild-events", event["id"])
    if kind == ON_STAGE and (event["status"], status) == (SCHEDULED, ACTIVE):
        new |= _open_stage(call, guild, after)
    if kind == ON_STAGE and (event["status"], status) == (ACTIVE, COMPLETED):
        new |= _close_stage(call, guild, after)
    changed = differences(event, new)
    exceptions = event["guild_scheduled_event_exceptions"]
    if exceptions and any(change["key"] == "recurrence_rule" for change in changed):
        new["guild_scheduled_event_exceptions"] = []
        gone = {"guild_id": str(guild.id), "event_id": event["id"]}
        call.emit(
            "GUILD_SCHEDULED_EVENT_EXCEPTIONS_DELETE", guild, int(event["id"]), gone, channel=channel_of(guild, event)
        )
    event |= new
    if changed:
        _tell(call, "GUILD_SCHEDULED_EVENT_UPDATE", guild, event)
        call.log(guild, 101, int(event["id"]), changes=changed)
    return ok(_shown(call, guild, event))


@operation("delete_guild_scheduled_event")
def delete(call: Call) -> Answer:
    guild, event = own_event(call)
    event_id = int(event["id"])
    del guild.events[event_id]
    guild.event_users.pop(event_id, None)
    _tell(call, "GUILD_SCHEDULED_EVENT_DELETE", guild, event)
    call.log(guild, 102, event_id, changes=[{"key": "name", "old_value": event["name"]}])
    return NO_CONTENT


def _tell(call: Call, name: str, guild: Guild, event: Doc) -> None:
    call.emit(name, guild, int(event["id"]), event, channel=channel_of(guild, event))


def _open_stage(call: Call, guild: Guild, event: Doc) -> Doc:
    """A stage event begins with its stage; one that is live already becomes the event's."""
    place = int(event["channel_id"])
    if place not in guild.stages:
        topic = {"channel_id": event["channel_id"], "topic": event["name"], "guild_scheduled_event_id": event["id"]}
        stages.create(replace(call, data=topic))
    guild.stages[place]["guild_scheduled_event_id"] = event["id"]
    return {"entity_id": guild.stages[place]["id"]}


def _close_stage(call: Call, guild: Guild, event: Doc) -> Doc:
    """A stage event that ends, ends its stage."""
    if int(event["channel_id"]) in guild.stages:
        stages.delete(replace(call, params={"channel_id": event["channel_id"]}))
    return {"entity_id": None}


# -- what a client sets ----------------------------------------------------------------------------------------


def moment(field: str, text: str) -> int:
    """The milliseconds of a time a client sent."""
    found = epoch_ms_of(text)
    if found > _LATEST_MS:
        form_error({field: leaf("DATE_TIME_TYPE_PARSE", f"Could not parse {text}. Should be ISO8601.")})
    return found


def _fields(call: Call, kind: int) -> Doc:
    """What a client sets, except the picture; only an external event has metadata."""
    data = call.data
    fields: Doc = {k: data[k] for k in ("name", "privacy_level", "entity_type", "status") if data.get(k) is not None}
    fields |= {k: data[k] for k in ("description", "channel_id", "entity_metadata") if k in data}
    for field in ("scheduled_start_time", "scheduled_end_time"):
        if field in data:
            fields[field] = None if data[field] is None else iso(moment(field, data[field]))
    if "recurrence_rule" in data:
        fields["recurrence_rule"] = None if data["recurrence_rule"] is None else _recurrence(data["recurrence_rule"])
    if fields.get("name") == "":
        form_error({"name": _REQUIRED})
    if kind != EXTERNAL:
        fields["entity_metadata"] = None
    return fields


def _check_place(call: Call, guild: Guild, kind: int, channel_id: str | None, needs: int) -> None:
    """Refuse a channel that there is not, where the caller may not do this, or that does not suit the entity type."""
    channel = None if channel_id is None else guild.channels.get(int(channel_id))
    if channel is None and channel_id is not None:
        unknown("channel")
    call.demand(guild, _held(call, guild, channel), needs)
    if kind == EXTERNAL and channel is not None:
        form_error({"channel_id": leaf("BASE_TYPE_CHOICES", "Value must be one of {None}.")})
    if kind != EXTERNAL and channel is None:
        form_error({"channel_id": _REQUIRED})
    if channel is not None and channel["type"] != _CHANNEL_TYPES[kind]:
        refuse(400, 50024, "Cannot execute action on this channel type")


def _check_form(call: Call, event: Doc, new: Doc) -> None:
    """Refuse times that do not go, and an external event that does not say where and how long."""
    start_ms = epoch_ms_of(event["scheduled_start_time"])
    if "scheduled_start_time" in new:
        if event["status"] != SCHEDULED:
            message = "Cannot change the start of an event that has begun."
            tree = leaf("GUILD_SCHEDULED_EVENT_SCHEDULE_INVALID_START_BY_STATUS", message)
            form_error({"scheduled_start_time": tree})
        if start_ms < call.epoch_ms:
            tree = leaf("GUILD_SCHEDULED_EVENT_SCHEDULE_PAST", "Cannot schedule event in the past.")
            form_error({"scheduled_start_time": tree})
    if event["entity_type"] == EXTERNAL:
        if not (event["entity_metadata"] or {}).get("location"):
            form_error({"entity_metadata": {"location": _REQUIRED}})
        if event["scheduled_end_time"] is None:
            form_error({"scheduled_end_time": _REQUIRED})
    if event["scheduled_end_time"] is not None and epoch_ms_of(event["scheduled_end_time"]) <= start_ms:
        tree = leaf("GUILD_SCHEDULED_EVENT_SCHEDULE_END_BEFORE_START", "The end must be after the start.")
        form_error({"scheduled_end_time": tree})


def _recurrence(given: Doc) -> Doc:
    """A recurrence rule of the few forms that Discord's clients can show; `count`, `end` and `by_year_day` cannot be
    set yet."""
    rule = skeleton(
        "RecurrenceRuleResponse", start=iso(moment("recurrence_rule", given["start"])), frequency=given["frequency"],
        interval=given.get("interval") or 1, end=None, count=None, by_year_day=None, **{k: given.get(k) for k in _BY},
    )  # fmt: skip
    frequency, days = rule["frequency"], set(rule["by_weekday"] or ())
    shape = tuple(len(rule[k] or ()) for k in _BY)
    fits = shape in {(0, 0, 0, 0)} | _FITS[frequency]
    if frequency == 3 and shape == (len(days), 0, 0, 0):
        fits = not days or days in _WORKWEEKS_AND_WEEKENDS
    if not fits or not 1 <= rule["interval"] <= (2 if frequency == 2 else 1):
        message = "This recurrence rule is not supported"
        form_error({"recurrence_rule": leaf("GUILD_SCHEDULED_EVENT_RECURRENCE_RULE_INVALID", message)})
    return rule


# -- who is interested -----------------------------------------------------------------------------------------


@operation("list_guild_scheduled_event_users")
def users(call: Call) -> Answer:
    guild, event = found_event(call)
    return ok(page_of_users(call, guild, event))


def page_of_users(call: Call, guild: Guild, event: Doc, **more: str) -> list[Doc]:
    """One page of those who are interested in an event."""
    query, limit = call.query, call.query.get("limit", 100)
    ids = sorted(guild.event_users.get(int(event["id"]), ()))
    if "before" in query:
        ids = [u for u in ids if u < int(query["before"])][-limit:]
    else:
        ids = [u for u in ids if u > int(query.get("after", 0))][:limit]
    page = []
    for user_id in ids:
        item = skeleton(
            "ScheduledEventUserResponse", guild_scheduled_event_id=event["id"], user_id=str(user_id), response=1,
            user=call.person(user_id), **more,
        )  # fmt: skip
        if query.get("with_member") and call.world.is_member(guild, user_id):
            item["member"] = call.world.member_payload(guild, user_id)
        page.append(item)
    return page


@operation("count_guild_scheduled_event_users")
def count(call: Call) -> Answer:
    guild, event = found_event(call)
    number = len(guild.event_users.get(int(event["id"]), ()))
    asked = call.query.get("guild_scheduled_event_exception_ids") or ()
    each = dict.fromkeys(asked, number)
    return ok({"guild_scheduled_event_count": number, "guild_scheduled_event_exception_counts": each})
