"""Stickers: those of a guild, and the standard ones in packs ("Sticker")."""

from __future__ import annotations

from typing import Any

import msgspec

from discord_sim.edge.call import NO_CONTENT, Call, form_error, ok, operation, refuse, unknown
from discord_sim.edge.expressions import changeable, check_size, shown
from discord_sim.edge.media import dimensions, sniff
from discord_sim.edge.operations.guilds import differences
from discord_sim.rules.answers import Answer
from discord_sim.rules.forms import leaf
from discord_sim.rules.permissions import Permission as P
from discord_sim.spec import skeleton
from discord_sim.world.catalogue import STANDARD_STICKERS, STICKER_PACKS
from discord_sim.world.guild import Guild
from discord_sim.world.payloads import Doc

SLOTS = (5, 15, 30, 60)  # by boost tier
FILE_MAX_BYTES = 512 << 10
SIDE_MAX = 320
FRAMES_MAX, SECONDS_MAX = 1_000, 5
_PNG, _APNG, _LOTTIE, _GIF = 1, 2, 3, 4
_CONTENT_TYPES = {_PNG: "image/png", _APNG: "image/png", _LOTTIE: "application/json", _GIF: "image/gif"}


# -- standard stickers ---------------------------------------------------------------------------------------


@operation("list_sticker_packs")
def packs(call: Call) -> Answer:
    return ok({"sticker_packs": list(STICKER_PACKS.values())})


@operation("get_sticker_pack")
def pack(call: Call) -> Answer:
    return ok(call.thing(STICKER_PACKS, "pack_id", "sticker pack"))


@operation("get_sticker")
def anywhere(call: Call) -> Answer:
    sticker_id = call.id("sticker_id")
    guild = call.world.guild(sticker_id)
    found = STANDARD_STICKERS.get(sticker_id) or (guild and guild.stickers.get(sticker_id))
    if found is None:
        unknown("sticker")
    return ok(found)


# -- stickers of a guild -------------------------------------------------------------------------------------


@operation("list_guild_stickers")
def stickers(call: Call) -> Answer:
    guild = call.guild(read=True)
    return ok([shown(call, guild, sticker_id, sticker) for sticker_id, sticker in guild.stickers.items()])


@operation("get_guild_sticker")
def sticker(call: Call) -> Answer:
    guild = call.guild(read=True)
    found = call.thing(guild.stickers, "sticker_id", "sticker")
    return ok(shown(call, guild, int(found["id"]), found))


@operation("create_guild_sticker")
def create(call: Call) -> Answer:
    guild = call.guild(P.CREATE_GUILD_EXPRESSIONS)
    fields = _fields(call.data)
    upload = next((f for f in call.files if f.field == "file"), None)
    if upload is None:
        form_error({"file": leaf("BASE_TYPE_REQUIRED", "This field is required")})
    slots = SLOTS[guild.doc["premium_tier"]]
    if len(guild.stickers) >= slots:
        refuse(400, 30039, f"Maximum number of stickers reached ({slots})")
    check_size(upload.data, FILE_MAX_BYTES)
    form = _format(guild, upload.data)
    made = call.new_id()
    call.media.keep(f"stickers/{made}", _CONTENT_TYPES[form], upload.data)
    guild.makers[made] = call.me
    guild.stickers[made] = skeleton(
        "GuildStickerResponse", id=str(made), guild_id=str(guild.id), type=2, format_type=form, available=True, **fields
    )
    call.world.settle(guild, made)
    _tell(call, guild)
    call.log(guild, 90, made, changes=differences({}, fields))
    return ok(shown(call, guild, made, guild.stickers[made]), 201)


def _fields(data: Doc) -> Doc:
    """What a client may say about a sticker."""
    if len(data.get("description") or "") == 1:
        form_error({"description": leaf("BASE_TYPE_BAD_LENGTH", "Must be between 2 and 100 in length.")})
    return {k: data[k] for k in ("name", "tags", "description") if k in data}


def _format(guild: Guild, data: bytes) -> int:
    """The format type of an uploaded file; refuses what is no sticker."""
    if data.lstrip().startswith(b"{") and {"VERIFIED", "PARTNERED"} & set(guild.doc["features"]):
        _judge_lottie(data)
        return _LOTTIE
    kind, size = sniff(data), dimensions(data)
    if kind not in ("image/png", "image/gif") or size is None or max(size) > SIDE_MAX:
        refuse(400, 50046, "Invalid file uploaded")
    if kind == "image/gif":
        return _GIF
    return _APNG if b"acTL" in data.partition(b"IDAT")[0] else _PNG


class _Lottie(msgspec.Struct):
    w: float
    h: float
    fr: float
    ip: float
    op: float
    layers: list[Any]
    assets: list[dict[str, Any]] = []


def _judge_lottie(data: bytes) -> None:
    try:
        animation = msgspec.json.decode(data, type=_Lottie)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        refuse(400, 170001, "Invalid JSON for uploaded Lottie file")
    if any("p" in asset for asset in animation.assets):
        refuse(400, 170002, "Uploaded Lotties cannot contain rasterized images such as PNG or JPEG")
    if max(animation.w, animation.h) > SIDE_MAX:
        refuse(400, 170005, "Lottie animation maximum dimensions exceeded")
    if animation.fr <= 0:
        refuse(400, 170006, "Sticker frame rate is either too small or too large")
    frames = animation.op - animation.ip
    if frames > FRAMES_MAX:
        refuse(400, 170004, f"Sticker frame count exceeds maximum of {FRAMES_MAX} frames")
    if frames / animation.fr > SECONDS_MAX:
        refuse(400, 170007, f"Sticker animation duration exceeds maximum of {SECONDS_MAX} seconds")


def _tell(call: Call, guild: Guild) -> None:
    """GUILD_STICKERS_UPDATE has the whole list."""
    body = {"guild_id": str(guild.id), "stickers": list(guild.stickers.values())}
    call.emit("GUILD_STICKERS_UPDATE", guild, guild.id, body)


@operation("update_guild_sticker")
def update(call: Call) -> Answer:
    guild = call.guild()
    found, sticker_id = changeable(call, guild, guild.stickers, "sticker")
    fields = _fields(call.data)
    changed = differences(found, fields)
    found |= fields
    if changed:
        _tell(call, guild)
        call.log(guild, 91, sticker_id, changes=changed)
    return ok(shown(call, guild, sticker_id, found))


@operation("delete_guild_sticker")
def delete(call: Call) -> Answer:
    guild = call.guild()
    found, sticker_id = changeable(call, guild, guild.stickers, "sticker")
    del guild.stickers[sticker_id]
    guild.makers.pop(sticker_id, None)
    _tell(call, guild)
    call.log(guild, 92, sticker_id, changes=[{"key": "name", "old_value": found["name"]}])
    return NO_CONTENT
