"""Sounds: the default ones, those of a guild, and playing them in voice ("Soundboard")."""

from __future__ import annotations

from discord_sim.edge.call import NO_CONTENT, Call, form_error, ok, operation, refuse, unknown
from discord_sim.edge.expressions import changeable, check_size, shown, with_maker
from discord_sim.edge.media import decode, sniff
from discord_sim.edge.operations.guilds import differences
from discord_sim.rules.answers import Answer
from discord_sim.rules.audio import duration_ms
from discord_sim.rules.forms import leaf
from discord_sim.rules.permissions import Permission as P
from discord_sim.spec import skeleton
from discord_sim.world.catalogue import DEFAULT_SOUNDS, SOUND_SLOTS
from discord_sim.world.guild import Guild
from discord_sim.world.payloads import Doc

FILE_MAX_BYTES = 512 << 10
DURATION_MAX_MS = 5_200


@operation("get_soundboard_default_sounds")
def default_sounds(call: Call) -> Answer:
    return ok(list(DEFAULT_SOUNDS.values()))


@operation("list_guild_soundboard_sounds")
def sounds(call: Call) -> Answer:
    guild = call.guild(read=True)
    return ok({"items": [shown(call, guild, sound_id, sound) for sound_id, sound in guild.sounds.items()]})


@operation("get_guild_soundboard_sound")
def sound(call: Call) -> Answer:
    guild = call.guild(read=True)
    found = call.thing(guild.sounds, "sound_id", "sound")
    return ok(shown(call, guild, int(found["sound_id"]), found))


@operation("create_guild_soundboard_sound")
def create(call: Call) -> Answer:
    guild = call.guild(P.CREATE_GUILD_EXPRESSIONS)
    fields = {"volume": 1.0, **_fields(guild, call.data)}
    slots = SOUND_SLOTS[guild.doc["premium_tier"]]
    if len(guild.sounds) >= slots:
        refuse(400, 30045, f"Maximum number of soundboard sounds reached ({slots})")
    content_type, data = _audio(call.data["sound"])
    made = call.new_id()
    call.media.keep(f"soundboard-sounds/{made}", content_type, data)
    guild.makers[made] = call.me
    guild.sounds[made] = skeleton(
        "SoundboardSoundResponse", sound_id=str(made), guild_id=str(guild.id), available=True, **fields
    )
    call.world.settle(guild, made)
    _tell(call, guild, "CREATE", made)
    call.log(guild, 130, made, changes=differences({}, fields))
    return ok(shown(call, guild, made, guild.sounds[made]), 201)


def _fields(guild: Guild, data: Doc) -> Doc:
    """What a client may say about a sound; of the two kinds of emoji it has one at most."""
    fields: Doc = {"name": data["name"]} if "name" in data else {}
    if "volume" in data:
        fields["volume"] = 1.0 if data["volume"] is None else data["volume"]
    custom, standard = data.get("emoji_id"), data.get("emoji_name")
    if (custom is not None and int(custom) not in guild.emojis) or (standard is not None and standard.isascii()):
        refuse(400, 10014, "Unknown Emoji")
    if "emoji_id" in data or "emoji_name" in data:
        fields |= {"emoji_id": custom, "emoji_name": standard if custom is None else None}
    return fields


def _audio(text: str) -> tuple[str, bytes]:
    """The content type and bytes of an uploaded sound."""
    data = decode(text)
    if data is None:
        form_error({"sound": leaf("BINARY_TYPE_INVALID", "Not a well formed data URI.")})
    check_size(data, FILE_MAX_BYTES)
    content_type = sniff(data)
    if content_type not in ("audio/mpeg", "audio/ogg"):
        refuse(400, 50123, "The provided file type is invalid.")
    length_ms = duration_ms(data)
    if length_ms is None:
        refuse(400, 50192, "The provided file does not have a valid duration.")
    if length_ms > DURATION_MAX_MS:
        refuse(400, 50124, "The provided file duration exceeds maximum of 5.2 seconds.")
    return content_type, data


def _tell(call: Call, guild: Guild, what: str, sound_id: int) -> None:
    body = with_maker(call, guild, sound_id, guild.sounds[sound_id])
    call.emit(f"GUILD_SOUNDBOARD_SOUND_{what}", guild, sound_id, body)


@operation("update_guild_soundboard_sound")
def update(call: Call) -> Answer:
    guild = call.guild()
    found, sound_id = changeable(call, guild, guild.sounds, "sound")
    fields = _fields(guild, call.data)
    changed = differences(found, fields)
    found |= fields
    if changed:
        _tell(call, guild, "UPDATE", sound_id)
        call.log(guild, 131, sound_id, changes=changed)
    return ok(shown(call, guild, sound_id, found))


@operation("delete_guild_soundboard_sound")
def delete(call: Call) -> Answer:
    guild = call.guild()
    found, sound_id = changeable(call, guild, guild.sounds, "sound")
    del guild.sounds[sound_id]
    guild.makers.pop(sound_id, None)
    body = {"sound_id": found["sound_id"], "guild_id": str(guild.id)}
    call.emit("GUILD_SOUNDBOARD_SOUND_DELETE", guild, sound_id, body)
    call.log(guild, 132, sound_id, changes=[{"key": "name", "old_value": found["name"]}])
    return NO_CONTENT


# -- playing -------------------------------------------------------------------------------------------------


@operation("send_soundboard_sound")
def send(call: Call) -> Answer:
    guild, channel = call.voice_channel()
    played, needs = _source(call, guild)
    held = guild.permissions_in(channel, call.me, timed_out=call.timed_out(guild))
    call.demand(guild, held, P.SPEAK | P.USE_SOUNDBOARD | needs)
    state = guild.voice_states.get(call.me)
    if state is None or state["channel_id"] != channel["id"]:
        refuse(400, 40032, "Target user is not connected to voice.")
    if any(state[field] for field in ("deaf", "self_deaf", "mute", "suppress")):
        refuse(400, 50167, "Cannot send voice effect when user is server muted, deafened, or suppressed")
    body = {
        "channel_id": channel["id"], "guild_id": str(guild.id), "user_id": str(call.me), "emoji": _emoji(call, played),
        "sound_id": played["sound_id"] if "guild_id" in played else int(played["sound_id"]),
        "sound_volume": played["volume"],
    }  # fmt: skip
    for bot_id in guild.bots:
        if guild.voice_states.get(bot_id, {}).get("channel_id") == channel["id"]:
            call.emit("VOICE_CHANNEL_EFFECT_SEND", guild, int(channel["id"]), body, bot_id=bot_id)
    return NO_CONTENT


def _source(call: Call, guild: Guild) -> tuple[Doc, int]:
    """The sound to play, and the permission that one from elsewhere needs."""
    sound_id, home_id = int(call.data["sound_id"]), call.data.get("source_guild_id")
    if sound_id in DEFAULT_SOUNDS:
        return DEFAULT_SOUNDS[sound_id], 0
    home = guild if home_id is None else call.guild_of(int(home_id), read=True)
    if sound_id not in home.sounds:
        unknown("sound")
    return home.sounds[sound_id], 0 if home is guild else P.USE_EXTERNAL_SOUNDS


def _emoji(call: Call, played: Doc) -> Doc | None:
    """A sound's emoji as effects show it."""
    if played["emoji_id"] is not None:
        home = call.guild_of_id(int(played["guild_id"]))
        known = home.emojis.get(int(played["emoji_id"]))
        return None if known is None else {k: known[k] for k in ("id", "name", "animated")}
    return None if played["emoji_name"] is None else {"id": None, "name": played["emoji_name"]}
