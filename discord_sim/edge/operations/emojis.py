"""Emojis of a guild ("Emoji")."""

from __future__ import annotations

import re

from discord_sim.edge.call import NO_CONTENT, Call, form_error, ok, operation, refuse, unknown
from discord_sim.edge.expressions import changeable, shown
from discord_sim.edge.media import decode, sniff
from discord_sim.edge.operations.guilds import differences
from discord_sim.rules.answers import Answer
from discord_sim.rules.forms import leaf
from discord_sim.rules.permissions import Permission as P
from discord_sim.spec import skeleton
from discord_sim.world.guild import Guild
from discord_sim.world.payloads import Doc

SLOTS = (50, 100, 150, 250)  # by boost tier, of each kind: static and animated
PICTURE_MAX_BYTES = 256 << 10
_NAME = re.compile(r"\w{2,32}", re.ASCII)


@operation("list_guild_emojis")
def emojis(call: Call) -> Answer:
    guild = call.guild(read=True)
    return ok([shown(call, guild, emoji_id, emoji) for emoji_id, emoji in guild.emojis.items()])


@operation("get_guild_emoji")
def emoji(call: Call) -> Answer:
    guild = call.guild(read=True)
    found = call.thing(guild.emojis, "emoji_id", "emoji")
    return ok(shown(call, guild, int(found["id"]), found))


@operation("create_guild_emoji")
def create(call: Call) -> Answer:
    guild = call.guild(P.CREATE_GUILD_EXPRESSIONS)
    fields = _fields(guild, call.data)
    content_type, picture, animated = read_picture(call.data["image"])
    slots = SLOTS[guild.doc["premium_tier"]]
    if sum(e["animated"] == animated for e in guild.emojis.values()) >= slots:
        code, kind = (30018, "animated emojis") if animated else (30008, "emojis")
        refuse(400, code, f"Maximum number of {kind} reached ({slots})")
    made = call.new_id()
    call.media.keep(f"emojis/{made}", content_type, picture)
    guild.makers[made] = call.me
    guild.emojis[made] = skeleton(
        "EmojiResponse", id=str(made), require_colons=True, animated=animated, available=True, **fields
    )
    call.world.settle(guild, made)
    _tell(call, guild)
    call.log(guild, 60, made, changes=[{"key": "name", "new_value": fields["name"]}])
    return ok(shown(call, guild, made, guild.emojis[made]), 201)


def _fields(guild: Guild, data: Doc) -> Doc:
    """The name and roles that a client may give, cleaned."""
    fields: Doc = {}
    if "name" in data:
        if not _NAME.fullmatch(data["name"]):
            form_error({"name": leaf("STRING_TYPE_REGEX", "String value did not match validation regex.")})
        fields["name"] = data["name"]
    if "roles" in data:
        fields["roles"] = [role_id for role_id in data["roles"] or () if role_id is not None]
        if any(int(role_id) not in guild.roles for role_id in fields["roles"]):
            unknown("role")
    return fields


def read_picture(text: str) -> tuple[str, bytes, bool]:
    """The content type and bytes of an uploaded picture, and whether it is animated."""
    picture = decode(text)
    content_type = sniff(picture) if picture is not None else None
    if picture is None or content_type is None or not content_type.startswith("image/"):
        form_error({"image": leaf("IMAGE_INVALID", "Invalid image data")})
    if len(picture) > PICTURE_MAX_BYTES:
        refuse(400, 50138, f"Failed to resize asset below the maximum size: {PICTURE_MAX_BYTES}")
    animated_webp = picture[12:16] == b"VP8X" and len(picture) > 20 and bool(picture[20] & 2)
    return content_type, picture, content_type == "image/gif" or animated_webp


def _tell(call: Call, guild: Guild) -> None:
    """GUILD_EMOJIS_UPDATE has the whole list."""
    body = {"guild_id": str(guild.id), "emojis": list(guild.emojis.values())}
    call.emit("GUILD_EMOJIS_UPDATE", guild, guild.id, body)


@operation("update_guild_emoji")
def update(call: Call) -> Answer:
    guild = call.guild()
    found, emoji_id = changeable(call, guild, guild.emojis, "emoji")
    fields = _fields(guild, call.data)
    changed = differences(found, fields)
    found |= fields
    if changed:
        _tell(call, guild)
        call.log(guild, 61, emoji_id, changes=changed)
    return ok(shown(call, guild, emoji_id, found))


@operation("delete_guild_emoji")
def delete(call: Call) -> Answer:
    guild = call.guild()
    found, emoji_id = changeable(call, guild, guild.emojis, "emoji")
    del guild.emojis[emoji_id]
    guild.makers.pop(emoji_id, None)
    _tell(call, guild)
    call.log(guild, 62, emoji_id, changes=[{"key": "name", "old_value": found["name"]}])
    return NO_CONTENT
