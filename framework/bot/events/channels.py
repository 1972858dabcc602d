"""Channels (intent GUILDS) and invites to them (intent GUILD_INVITES)."""

from __future__ import annotations

from framework.bot.events._base import Event
from framework.models import UNSET, Application, Channel, Maybe, Model, Snowflake, Timestamp, User

__all__ = [
    "ChannelCreate",
    "ChannelDelete",
    "ChannelInfo",
    "ChannelInfoChannel",
    "ChannelPinsUpdate",
    "ChannelUpdate",
    "InviteCreate",
    "InviteDelete",
]


class _ChannelEvent(Channel, Event, kw_only=True):
    guild_id: Snowflake


class ChannelCreate(_ChannelEvent, kw_only=True):
    """CHANNEL_CREATE. Direct channels have none."""

    NAME = "CHANNEL_CREATE"


class ChannelUpdate(_ChannelEvent, kw_only=True):
    """CHANNEL_UPDATE: not for a new `last_message_id`."""

    NAME = "CHANNEL_UPDATE"


class ChannelDelete(_ChannelEvent, kw_only=True):
    """CHANNEL_DELETE: its threads are gone too, without a word. Channels of a deleted category are updated."""

    NAME = "CHANNEL_DELETE"


class ChannelInfoChannel(Model, kw_only=True):
    """What CHANNEL_INFO tells of one voice channel."""

    id: Snowflake
    status: Maybe[str | None] = UNSET
    voice_start_time: Maybe[int | None] = UNSET  # seconds of Unix time


class ChannelInfo(Event, kw_only=True):
    """CHANNEL_INFO: the answer to a request for it, with the channels that have a value; needs no intent."""

    NAME = "CHANNEL_INFO"

    guild_id: Snowflake
    channels: list[ChannelInfoChannel]


class ChannelPinsUpdate(Event, kw_only=True):
    """CHANNEL_PINS_UPDATE: something was pinned or unpinned; not when a pinned message is deleted. In direct channels
    with intent DIRECT_MESSAGES."""

    NAME = "CHANNEL_PINS_UPDATE"

    guild_id: Maybe[Snowflake] = UNSET
    channel_id: Snowflake
    last_pin_timestamp: Maybe[Timestamp | None] = UNSET


class InviteCreate(Event, kw_only=True):
    """INVITE_CREATE: in channels that the bot may manage."""

    NAME = "INVITE_CREATE"

    channel_id: Snowflake
    code: str
    created_at: Timestamp
    guild_id: Maybe[Snowflake] = UNSET
    inviter: Maybe[User] = UNSET
    max_age: int  # seconds; 0 is for ever
    max_uses: int  # 0 is any number
    target_type: Maybe[int] = UNSET  # InviteTargetType
    target_user: Maybe[User] = UNSET  # whose stream
    target_application: Maybe[Application] = UNSET
    temporary: bool  # who gets no role leaves with the connection
    uses: int
    expires_at: Maybe[Timestamp | None] = UNSET  # None: never
    role_ids: Maybe[list[Snowflake]] = UNSET  # who accepts gets them


class InviteDelete(Event, kw_only=True):
    """INVITE_DELETE: deleted or used up. An invite whose time is over may end without a word."""

    NAME = "INVITE_DELETE"

    channel_id: Snowflake
    guild_id: Maybe[Snowflake] = UNSET
    code: str
