"""Emojis, stickers and sounds of guilds (intent GUILD_EXPRESSIONS)."""

from __future__ import annotations

from framework.bot.events._base import Event
from framework.models import Emoji, Snowflake, SoundboardSound, Sticker

__all__ = [
    "GuildEmojisUpdate",
    "GuildSoundboardSoundCreate",
    "GuildSoundboardSoundDelete",
    "GuildSoundboardSoundUpdate",
    "GuildSoundboardSoundsUpdate",
    "GuildStickersUpdate",
    "SoundboardSounds",
]


class GuildEmojisUpdate(Event, kw_only=True):
    """GUILD_EMOJIS_UPDATE: all emojis of the guild."""

    NAME = "GUILD_EMOJIS_UPDATE"

    guild_id: Snowflake
    emojis: list[Emoji]


class GuildStickersUpdate(Event, kw_only=True):
    """GUILD_STICKERS_UPDATE: all stickers of the guild."""

    NAME = "GUILD_STICKERS_UPDATE"

    guild_id: Snowflake
    stickers: list[Sticker]


class GuildSoundboardSoundCreate(SoundboardSound, Event, kw_only=True):
    """GUILD_SOUNDBOARD_SOUND_CREATE."""

    NAME = "GUILD_SOUNDBOARD_SOUND_CREATE"


class GuildSoundboardSoundUpdate(SoundboardSound, Event, kw_only=True):
    """GUILD_SOUNDBOARD_SOUND_UPDATE."""

    NAME = "GUILD_SOUNDBOARD_SOUND_UPDATE"


class GuildSoundboardSoundDelete(Event, kw_only=True):
    """GUILD_SOUNDBOARD_SOUND_DELETE."""

    NAME = "GUILD_SOUNDBOARD_SOUND_DELETE"

    sound_id: Snowflake
    guild_id: Snowflake


class _SoundsEvent(Event, kw_only=True):
    guild_id: Snowflake
    soundboard_sounds: list[SoundboardSound]


class GuildSoundboardSoundsUpdate(_SoundsEvent, kw_only=True):
    """GUILD_SOUNDBOARD_SOUNDS_UPDATE: several have changed at once, as when boosts are lost."""

    NAME = "GUILD_SOUNDBOARD_SOUNDS_UPDATE"


class SoundboardSounds(_SoundsEvent, kw_only=True):
    """SOUNDBOARD_SOUNDS: the answer to a request for them, one for each guild; needs no intent."""

    NAME = "SOUNDBOARD_SOUNDS"
