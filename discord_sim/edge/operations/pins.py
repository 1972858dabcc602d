"""Pinned messages ("Message")."""

from __future__ import annotations

from discord_sim.edge.call import NO_CONTENT, Call, ok, operation, refuse
from discord_sim.edge.compose import Draft
from discord_sim.edge.operations.messages import ORDINARY, address, history, judge_archive, post, shown
from discord_sim.rules.answers import Answer
from discord_sim.rules.permissions import Permission as P
from discord_sim.world import changes
from discord_sim.world.guild import Guild, Message
from discord_sim.world.payloads import Doc
from discord_sim.world.snowflakes import epoch_ms_of, iso

PINS_MAX = 250
PIN_NOTICE = 6


def _pinned(call: Call, channel: Doc) -> list[Message]:
    """The pinned messages of a channel, the last pinned first."""
    found = [m for m in call.world.messages(int(channel["id"]), 1 << 30) if m.doc["pinned"]]
    return sorted(found, key=lambda m: m.pinned_ms, reverse=True)


@operation("list_pins")
def pins(call: Call) -> Answer:
    _, channel, readable = history(call)
    found = _pinned(call, channel) if readable else []
    if "before" in call.query:
        found = [m for m in found if m.pinned_ms < epoch_ms_of(call.query["before"])]
    limit = call.query.get("limit", 50)
    items = [{"pinned_at": iso(m.pinned_ms), "message": shown(call, m)} for m in found[:limit]]
    return ok({"items": items, "has_more": len(found) > limit})


@operation("deprecated_list_pins")
def old_pins(call: Call) -> Answer:
    _, channel, readable = history(call)
    return ok([shown(call, m) for m in _pinned(call, channel)[:50]] if readable else [])


@operation("create_pin", "deprecated_create_pin")
def pin(call: Call) -> Answer:
    found = call.message(P.PIN_MESSAGES)
    guild, channel = call.channel()
    if found.doc["pinned"]:
        return NO_CONTENT
    judge_archive(channel)
    if found.doc["type"] not in ORDINARY:
        refuse(400, 50068, "Invalid message type")
    if len(_pinned(call, channel)) >= PINS_MAX:
        refuse(400, 30003, f"Maximum number of pins reached ({PINS_MAX})")
    found.doc["pinned"], found.pinned_ms = True, call.epoch_ms
    _tell(call, guild, channel, found)
    reference = {"type": 0, **address(found)}
    post(call, int(channel["id"]), call.me, Draft(), type=PIN_NOTICE, message_reference=reference)
    _log(call, guild, 74, found)
    return NO_CONTENT


@operation("delete_pin", "deprecated_delete_pin")
def unpin(call: Call) -> Answer:
    found = call.message(P.PIN_MESSAGES)
    guild, channel = call.channel()
    if not found.doc["pinned"]:
        return NO_CONTENT
    judge_archive(channel)
    found.doc["pinned"] = False
    _tell(call, guild, channel, found)
    _log(call, guild, 75, found)
    return NO_CONTENT


def _tell(call: Call, guild: Guild | None, channel: Doc, changed: Message) -> None:
    newest = next(iter(_pinned(call, channel)), None)
    channel["last_pin_timestamp"] = None if newest is None else iso(newest.pinned_ms)
    body = {"channel_id": channel["id"], "last_pin_timestamp": channel["last_pin_timestamp"]}
    if guild is not None:
        body["guild_id"] = str(guild.id)
    call.emit("CHANNEL_PINS_UPDATE", guild, int(channel["id"]), body, channel=channel)
    call.events.append(changes.message_event(call.world, "MESSAGE_UPDATE", changed))


def _log(call: Call, guild: Guild | None, action: int, changed: Message) -> None:
    if guild is not None:
        options = {"channel_id": str(changed.channel_id), "message_id": str(changed.id)}
        call.log(guild, action, changed.author_id, options=options)
