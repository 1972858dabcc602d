"""Guilds and their channels ("Guild", "Channel")."""

from __future__ import annotations

from typing import Any

from discord_sim.edge.call import NO_CONTENT, Call, form_error, ok, operation, refuse, unknown
from discord_sim.rules.answers import Answer
from discord_sim.rules.forms import leaf
from discord_sim.rules.permissions import Permission as P
from discord_sim.world import changes, payloads
from discord_sim.world.guild import Guild
from discord_sim.world.payloads import CATEGORY, FORUM, MEDIA, THREADS, Doc

CHANNELS_MAX, CHANNELS_PER_CATEGORY = 500, 50
MUTABLE_FEATURES = {"COMMUNITY", "DISCOVERABLE", "INVITES_DISABLED", "RAID_ALERTS_DISABLED"}
_PICTURES = {"icon": "icons", "splash": "splashes", "banner": "banners", "discovery_splash": "discovery-splashes"}


def differences(old: Doc, new: Doc) -> list[Doc]:
    """The `changes` of an audit log entry: what each changed key was and is."""
    found = []
    for key in new:
        if old.get(key) != new[key]:
            entry = {"key": key, "old_value": old.get(key), "new_value": new[key]}
            found.append({k: v for k, v in entry.items() if v is not None})
    return found


@operation("get_guild")
def get_guild(call: Call) -> Answer:
    guild = call.guild(read=True)
    body = payloads.guild(guild)
    if call.query.get("with_counts"):
        body |= {
            "approximate_member_count": guild.member_count, "approximate_presence_count": guild.member_count // 3,
        }  # fmt: skip
    return ok(body)


@operation("update_guild")
def update_guild(call: Call) -> Answer:
    guild = call.guild(P.MANAGE_GUILD)
    new: Doc = {}
    for field, value in call.data.items():
        if field in _PICTURES:
            value = call.media.picture(field, value, _PICTURES[field], guild.id)
        elif field.endswith("_channel_id") and value is not None and int(value) not in guild.channels:
            unknown("channel")
        elif field == "features":
            value = _features(call, guild, value or [])
        elif value is None and field not in ("description", "home_header") and not field.endswith("_channel_id"):
            continue
        new[field] = value
    if isinstance(new.get("name"), str) and not 2 <= len(new["name"]) <= 100:
        form_error({"name": leaf("BASE_TYPE_BAD_LENGTH", "Must be between 2 and 100 in length.")})
    changed = differences(guild.doc, new)
    guild.doc |= new
    if changed:
        call.events.append(changes.guild_updated(guild))
        call.log(guild, 1, guild.id, changes=changed)
    return ok(payloads.guild(guild))


def _features(call: Call, guild: Guild, wanted: list[str]) -> list[str]:
    before = set(guild.doc["features"])
    if ("COMMUNITY" in wanted) != ("COMMUNITY" in before):
        call.demand(guild, guild.permissions_of(call.me), P.ADMINISTRATOR)
    return sorted(before - MUTABLE_FEATURES | set(wanted) & MUTABLE_FEATURES)


# -- channels of a guild -------------------------------------------------------------------------------------


@operation("list_guild_channels")
def channels(call: Call) -> Answer:
    return ok([c for c in call.guild(read=True).channels.values() if c["type"] not in THREADS])


@operation("create_guild_channel")
def create_channel(call: Call) -> Answer:
    guild = call.guild(P.MANAGE_CHANNELS)
    data = call.data
    kind = data.get("type") or 0
    if sum(c["type"] not in THREADS for c in guild.channels.values()) >= CHANNELS_MAX:
        refuse(400, 30013, "Maximum number of guild channels reached (500)")
    if (
        kind == payloads.ANNOUNCEMENT
        and "COMMUNITY" not in guild.doc["features"]
        and "NEWS" not in guild.doc["features"]
    ):
        refuse(400, 50024, "Cannot execute action on this channel type")
    made = call.new_id()
    fields = channel_fields(call, guild, kind, data)
    channel = payloads.channel(made, kind, channel_name(kind, data["name"]), guild.id, **fields)
    if "position" not in data:
        channel["position"] = len(guild.channels)
    guild.channels[made] = channel
    call.world.settle(guild, made)
    call.emit("CHANNEL_CREATE", guild, made, channel, channel=channel)
    created = [{"key": "name", "new_value": channel["name"]}, {"key": "type", "new_value": kind}]
    call.log(guild, 10, made, changes=created)
    return ok(channel, 201)


def channel_name(kind: int, name: str) -> str:
    """Text channels have no spaces and no capitals; others keep what was typed."""
    return "-".join(name.lower().split()) if kind in (0, 5, 15, 16) else name


_ONLY_WHERE_SET = ("default_auto_archive_duration", "default_thread_rate_limit_per_user")


def channel_fields(call: Call, guild: Guild, kind: int, data: Doc) -> Doc:
    """What a client may set on a channel of this type, cleaned; refuses an impossible parent or overwrite."""
    template = payloads.channel(0, kind, "", guild.id)
    fields: Doc = {}
    for field, value in data.items():
        if field in ("type", "name"):
            continue
        if field == "parent_id":
            fields[field] = _parent(guild, kind, value)
        elif field == "permission_overwrites":
            fields[field] = overwrites(call, guild, value or [])
        elif field == "available_tags" and field in template:
            fields[field] = [_tag(call, tag) for tag in value or [] if tag is not None]
        elif field == "default_reaction_emoji" and value is not None and field in template:
            fields[field] = {key: value.get(key) for key in ("emoji_id", "emoji_name")}
        elif value is not None and field in (*template, *_ONLY_WHERE_SET):
            fields[field] = value
        elif field in template and template[field] is None:
            fields[field] = None
    return fields


def _parent(guild: Guild, kind: int, value: str | None, channel_id: str | None = None) -> str | None:
    if value is None:
        return None
    parent = guild.channels.get(int(value))
    if parent is None or parent["type"] != CATEGORY or kind == CATEGORY:
        form_error({"parent_id": leaf("CHANNEL_PARENT_INVALID", "Category does not exist")})
    others = (c for c in guild.channels.values() if c["id"] != channel_id)
    if sum(c.get("parent_id") == value for c in others) >= CHANNELS_PER_CATEGORY:
        message = "Maximum number of channels in category reached (50)"
        form_error({"parent_id": leaf("CHANNEL_PARENT_MAX_CHANNELS", message)})
    return value


def _tag(call: Call, tag: Doc) -> Doc:
    return {
        "id": tag.get("id") or str(call.new_id()), "name": tag["name"], "moderated": bool(tag.get("moderated")),
        "emoji_id": tag.get("emoji_id"), "emoji_name": tag.get("emoji_name"),
    }  # fmt: skip


def overwrites(call: Call, guild: Guild, given: list[Any]) -> list[Doc]:
    """Permission overwrites in wire shape; nobody grants or denies what they do not have."""
    held = guild.permissions_of(call.me)
    found = []
    for item in given:
        allow, deny = int(item.get("allow") or 0), int(item.get("deny") or 0)
        if (allow | deny) & ~held:
            refuse(403, 50013, "Missing Permissions")
        kind = item.get("type")
        if kind is None:
            kind = 0 if int(item["id"]) in guild.roles else 1
        found.append({"id": str(item["id"]), "type": kind, "allow": str(allow), "deny": str(deny)})
    return found


@operation("bulk_update_guild_channels")
def move_channels(call: Call) -> Answer:
    guild = call.guild(P.MANAGE_CHANNELS)
    for item in call.data:
        if item.get("id") is None or int(item["id"]) not in guild.channels:
            unknown("channel")
        if item.get("parent_id") is not None:
            _parent(guild, guild.channels[int(item["id"])]["type"], item["parent_id"])
    for item in call.data:
        channel = guild.channels[int(item["id"])]
        new = {"parent_id": item["parent_id"]} if "parent_id" in item else {}
        if item.get("position") is not None:
            new["position"] = item["position"]
        if item.get("lock_permissions") and new.get("parent_id"):
            parent = guild.channels[int(new["parent_id"])]
            new["permission_overwrites"] = list(parent["permission_overwrites"])
        if differences(channel, new):
            channel |= new
            call.emit("CHANNEL_UPDATE", guild, int(channel["id"]), channel, channel=channel)
    return NO_CONTENT


def is_forum(channel: Doc) -> bool:
    """Whether messages go into threads only."""
    return channel["type"] in (FORUM, MEDIA)
