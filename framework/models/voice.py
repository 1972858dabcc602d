"""Who is in which voice channel, and where voice servers stand ("Voice")."""

from __future__ import annotations

from framework.models._base import UNSET, Maybe, Model, Snowflake, Timestamp
from framework.models.member import Member

__all__ = ["VoiceRegion", "VoiceState"]


class VoiceState(Model, kw_only=True):
    """Somebody's connection to voice. Inside a guild object it has no `guild_id`."""

    guild_id: Maybe[Snowflake | None] = UNSET
    channel_id: Snowflake | None  # None: has left
    user_id: Snowflake
    member: Maybe[Member] = UNSET
    session_id: str
    deaf: bool
    mute: bool
    self_deaf: bool
    self_mute: bool
    self_stream: Maybe[bool | None] = UNSET
    self_video: bool
    suppress: bool  # may not speak on the stage
    request_to_speak_timestamp: Timestamp | None


class VoiceRegion(Model, kw_only=True):
    """A place with voice servers."""

    id: str
    name: str
    optimal: bool  # the nearest one
    deprecated: bool
    custom: bool
