"""How a guild shows itself, and what is connected with it: preview, vanity URL, widget, integrations ("Guild")."""

from __future__ import annotations

import zlib
from dataclasses import replace
from itertools import islice

from discord_sim.edge.call import NO_CONTENT, Call, form_error, ok, operation, refuse, unknown
from discord_sim.edge.operations.guilds import differences
from discord_sim.edge.operations.invites import new_invite
from discord_sim.edge.operations.webhooks import webhooks_updated
from discord_sim.rules.answers import Answer
from discord_sim.rules.forms import leaf
from discord_sim.rules.permissions import Permission as P
from discord_sim.spec import skeleton
from discord_sim.world import changes, payloads
from discord_sim.world.guild import Guild
from discord_sim.world.payloads import STAGE, VOICE, Doc
from discord_sim.world.snowflakes import epoch_ms_of, iso

INTEGRATIONS_SHOWN_MAX, WIDGET_MEMBERS_MAX = 50, 100
INCIDENT_ACTION_MAX_MS = 86_400_000
_ANYBODY = 0  # no user, with what @everyone has
_AVATARS = 6
_VOICE_FIELDS = ("channel_id", "deaf", "mute", "self_deaf", "self_mute", "suppress")
_SIZES = {
    "shield": (128, 20), "banner1": (320, 76), "banner2": (320, 76), "banner3": (320, 144), "banner4": (320, 219),
}  # fmt: skip
_BLURPLE = b"\x58\x65\xf2"


def _guild(call: Call) -> Guild:
    """The guild of the path, whoever asks."""
    guild_id = call.id("guild_id")
    guild = call.world.guild(guild_id)
    if guild is None or guild.id != guild_id:
        unknown("guild")
    return guild


@operation("get_guild_preview")
def preview(call: Call) -> Answer:
    guild = _guild(call)
    if not call.world.is_member(guild, call.me) and "DISCOVERABLE" not in guild.doc["features"]:
        unknown("guild")
    body = payloads.guild(guild)
    shown = {k: body.get(k, empty) for k, empty in skeleton("GuildPreviewResponse").items()}
    return ok(shown | {
        "approximate_member_count": guild.member_count, "approximate_presence_count": guild.member_count // 3,
    })  # fmt: skip


@operation("get_guild_vanity_url")
def vanity_url(call: Call) -> Answer:
    guild = call.guild(P.MANAGE_GUILD)
    if "VANITY_URL" not in guild.doc["features"]:
        refuse(400, 50020, "Invite code was either invalid or taken")
    uses = guild.settings.get("vanity_url", {}).get("uses", 0)
    return ok({"code": guild.doc["vanity_url_code"], "uses": uses})


# -- the widget ------------------------------------------------------------------------------------------------


def _settings(guild: Guild) -> Doc:
    return {"enabled": guild.doc["widget_enabled"], "channel_id": guild.doc["widget_channel_id"]}


@operation("get_guild_widget_settings")
def widget_settings(call: Call) -> Answer:
    return ok(_settings(call.guild(P.MANAGE_GUILD)))


@operation("update_guild_widget_settings")
def update_widget_settings(call: Call) -> Answer:
    guild = call.guild(P.MANAGE_GUILD)
    new: Doc = {}
    if call.data.get("enabled") is not None:
        new["widget_enabled"] = call.data["enabled"]
    if "channel_id" in call.data:
        new["widget_channel_id"] = call.data["channel_id"]
        if new["widget_channel_id"] is not None and int(new["widget_channel_id"]) not in guild.channels:
            unknown("channel")
    changed = differences(guild.doc, new)
    guild.doc |= new
    if changed:
        call.events.append(changes.guild_updated(guild))
        call.log(guild, 1, guild.id, changes=changed)
    return ok(_settings(guild))


def _with_widget(call: Call) -> Guild:
    guild = _guild(call)
    if not guild.doc["widget_enabled"]:
        refuse(403, 50004, "Widget Disabled")
    return guild


@operation("get_guild_widget")
def widget(call: Call) -> Answer:
    guild = _with_widget(call)
    channels = {
        c["id"]: {k: c[k] for k in ("id", "name", "position")} for c in guild.channels.values()
        if c["type"] in (VOICE, STAGE) and guild.permissions_in(c, _ANYBODY) & P.VIEW_CHANNEL
    }  # fmt: skip
    online = [u for u in call.world.presences if call.world.is_member(guild, u)]
    members = [_widget_member(call, guild, number, u) for number, u in enumerate(online[:WIDGET_MEMBERS_MAX])]
    for member in members:
        if member.get("channel_id") not in channels:
            member.pop("channel_id", None)
    return ok({
        "id": str(guild.id), "name": guild.name, "instant_invite": _instant_invite(call, guild),
        "channels": list(channels.values()), "members": members, "presence_count": len(online),
    })  # fmt: skip


def _widget_member(call: Call, guild: Guild, number: int, user_id: int) -> Doc:
    """Somebody who is online, without what would tell who it is."""
    member, presence = call.world.member_payload(guild, user_id), call.world.presences[user_id]
    user = member["user"]
    shown = skeleton(
        "WidgetMember", id=str(number), username=member["nick"] or user["global_name"] or user["username"],
        status=presence["status"], avatar_url=f"{call.settings.cdn_url}/embed/avatars/{number % _AVATARS}.png",
    )  # fmt: skip
    if presence["activities"]:
        shown["activity"] = {"name": presence["activities"][0]["name"]}
    state = guild.voice_states.get(user_id)
    return shown if state is None else shown | {k: state[k] for k in _VOICE_FIELDS}


def _instant_invite(call: Call, guild: Guild) -> str | None:
    """The link of the invite that the widget made for its channel; another one where that is gone."""
    channel = guild.channels.get(int(guild.doc["widget_channel_id"] or 0))
    if channel is None:
        return None
    made = guild.settings.setdefault("widget", {})
    invite = guild.invites.get(made.get("code", ""))
    if invite is None or invite["channel_id"] != channel["id"]:
        owner = replace(call, me=guild.owner_id)
        invite = new_invite(owner, guild, channel, max_age=0, max_uses=0, temporary=False)
        made["code"] = invite["code"]
    return f"https://discord.com/invite/{made['code']}"


@operation("get_guild_widget_png")
def widget_picture(call: Call) -> Answer:
    _with_widget(call)
    picture = _png(*_SIZES[call.query.get("style", "shield")])
    return Answer(200, picture, {"Content-Type": "image/png"})


def _png(width: int, height: int) -> bytes:
    """A picture of this size and one color."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")

    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes((8, 2, 0, 0, 0))  # 8 bits of each color
    rows = zlib.compress((b"\0" + _BLURPLE * width) * height)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


# -- integrations ----------------------------------------------------------------------------------------------


@operation("list_guild_integrations")
def integrations(call: Call) -> Answer:
    guild = call.guild(P.MANAGE_GUILD)
    found = islice(call.world.integrations(guild).values(), INTEGRATIONS_SHOWN_MAX)
    return ok([{"user": call.person(guild.owner_id), **integration} for integration in found])


@operation("delete_guild_integration")
def delete_integration(call: Call) -> Answer:
    guild = call.guild(P.MANAGE_GUILD)
    found = call.thing(call.world.integrations(guild), "integration_id", "integration")
    integration_id = int(found["id"])
    if found["type"] == "guild_subscription":
        refuse(400, 50163, "Cannot delete guild subscription integration")
    if found["type"] == "discord":
        _remove_application(call, guild, int(found["application"]["id"]))
    else:
        del guild.integrations[integration_id]
        gone = {"id": found["id"], "guild_id": str(guild.id)}
        call.emit("INTEGRATION_DELETE", guild, integration_id, gone)
        call.events.append(changes.integrations_updated(guild))
    told = [{"key": k, "old_value": found[k]} for k in ("name", "type")]
    call.log(guild, 82, integration_id, changes=told)
    return NO_CONTENT


def _remove_application(call: Call, guild: Guild, application_id: int) -> None:
    """The bot of an application goes, and with it the webhooks it made."""
    hooks = [h for h in guild.webhooks.values() if h.get("application_id") == str(application_id)]
    for hook in hooks:
        del guild.webhooks[int(hook["id"])]
    for channel_id in dict.fromkeys(int(h["channel_id"]) for h in hooks):
        webhooks_updated(call, guild, guild.channels[channel_id])
    call.events += changes.remove_member(call.world, guild, application_id)


# -- incidents -------------------------------------------------------------------------------------------------


@operation("update_guild_incident_actions")
def incident_actions(call: Call) -> Answer:
    guild = call.guild(P.MANAGE_GUILD)
    before = guild.doc.get("incidents_data") or skeleton("GuildIncidentsDataResponse")
    new: Doc = {}
    for field, until in call.data.items():
        if until is not None and epoch_ms_of(until) > call.epoch_ms + INCIDENT_ACTION_MAX_MS:
            message = "An incident action lasts at most 24 hours."
            form_error({field: leaf("INCIDENT_ACTION_TOO_LONG", message)})
        new[field] = None if until is None else iso(epoch_ms_of(until))
    if differences(before, new):
        guild.doc["incidents_data"] = before | new
        call.events.append(changes.guild_updated(guild))
    return ok(before | new)
