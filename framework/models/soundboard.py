"""Sounds to play in voice channels ("Soundboard")."""

from __future__ import annotations

from framework.models._base import UNSET, Maybe, Model, Snowflake
from framework.models.user import User

__all__ = ["SoundboardSound"]


class SoundboardSound(Model, kw_only=True):
    """A sound of a guild, or a default one, which has no guild."""

    name: str
    sound_id: Snowflake
    volume: float  # 0 to 1
    emoji_id: Snowflake | None
    emoji_name: str | None  # a unicode emoji
    guild_id: Maybe[Snowflake] = UNSET
    available: bool  # False while the guild has too few boosts
    user: Maybe[User] = UNSET  # who made it, for those who make or manage expressions
