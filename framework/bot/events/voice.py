"""Voice channels, who is in them (intent GUILD_VOICE_STATES), and stages (intent GUILDS)."""

from __future__ import annotations

from enum import IntEnum

from framework.bot.events._base import Event
from framework.models import UNSET, Maybe, PartialEmoji, Snowflake, StageInstance, VoiceState

__all__ = [
    "StageInstanceCreate",
    "StageInstanceDelete",
    "StageInstanceUpdate",
    "VoiceChannelEffectAnimationType",
    "VoiceChannelEffectSend",
    "VoiceChannelStartTimeUpdate",
    "VoiceChannelStatusUpdate",
    "VoiceServerUpdate",
    "VoiceStateUpdate",
]


class VoiceStateUpdate(VoiceState, Event, kw_only=True):
    """VOICE_STATE_UPDATE: joined, moved, muted or left (`channel_id` is None). Never causes a guild fetch."""

    NAME = "VOICE_STATE_UPDATE"


class VoiceServerUpdate(Event, kw_only=True):
    """VOICE_SERVER_UPDATE: where the bot's voice connection goes; needs no intent. `repr` leaves out the token."""

    NAME = "VOICE_SERVER_UPDATE"

    token: str
    guild_id: Snowflake
    endpoint: str | None  # host, and maybe a port; None: the server is gone, and another one follows


class VoiceChannelStatusUpdate(Event, kw_only=True):
    """VOICE_CHANNEL_STATUS_UPDATE: the text below a voice channel's name. Intent GUILDS."""

    NAME = "VOICE_CHANNEL_STATUS_UPDATE"

    id: Snowflake  # the channel's
    guild_id: Snowflake
    status: str | None


class VoiceChannelStartTimeUpdate(Event, kw_only=True):
    """VOICE_CHANNEL_START_TIME_UPDATE: somebody has joined an empty channel, or the last one has left. Intent
    GUILDS."""

    NAME = "VOICE_CHANNEL_START_TIME_UPDATE"

    id: Snowflake  # the channel's
    guild_id: Snowflake
    voice_start_time: Maybe[int | None] = UNSET  # seconds of Unix time


class VoiceChannelEffectAnimationType(IntEnum):
    """How an emoji flies."""

    PREMIUM = 0  # sent with Nitro
    BASIC = 1


class VoiceChannelEffectSend(Event, kw_only=True):
    """VOICE_CHANNEL_EFFECT_SEND: somebody sent an emoji or a sound into the channel that the bot is in."""

    NAME = "VOICE_CHANNEL_EFFECT_SEND"

    channel_id: Snowflake
    guild_id: Snowflake
    user_id: Snowflake
    emoji: Maybe[PartialEmoji | None] = UNSET
    animation_type: Maybe[int | None] = UNSET  # VoiceChannelEffectAnimationType
    animation_id: Maybe[int] = UNSET
    sound_id: Maybe[Snowflake] = UNSET  # a default sound's may be a number on the wire; it is written as text
    sound_volume: Maybe[float] = UNSET  # 0 to 1


class StageInstanceCreate(StageInstance, Event, kw_only=True):
    """STAGE_INSTANCE_CREATE: a stage is live."""

    NAME = "STAGE_INSTANCE_CREATE"


class StageInstanceUpdate(StageInstance, Event, kw_only=True):
    """STAGE_INSTANCE_UPDATE."""

    NAME = "STAGE_INSTANCE_UPDATE"


class StageInstanceDelete(StageInstance, Event, kw_only=True):
    """STAGE_INSTANCE_DELETE: a stage is over."""

    NAME = "STAGE_INSTANCE_DELETE"
