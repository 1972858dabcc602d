"""Invites ("Invite")."""

from __future__ import annotations

from enum import IntEnum, IntFlag

from framework.models._base import UNSET, Maybe, Model, Snowflake, Timestamp
from framework.models.application import Application
from framework.models.channel import Channel
from framework.models.guild import Guild
from framework.models.role import Role
from framework.models.scheduled_event import ScheduledEvent
from framework.models.user import User

__all__ = [
    "GuildLiveliness",
    "Invite",
    "InviteFlags",
    "InviteTargetType",
    "InviteType",
    "TargetUsersJob",
    "TargetUsersJobStatus",
]


class InviteType(IntEnum):
    """Where an invite leads."""

    GUILD = 0
    GROUP_DM = 1
    FRIEND = 2


class InviteTargetType(IntEnum):
    """What an invite to a voice channel opens."""

    STREAM = 1
    EMBEDDED_APPLICATION = 2
    ROLE_SUBSCRIPTIONS_PURCHASE = 3


class InviteFlags(IntFlag):
    """Properties of an invite."""

    IS_GUEST_INVITE = 1 << 0  # to a voice channel only


class TargetUsersJobStatus(IntEnum):
    """How far the reading of an uploaded list is."""

    UNSPECIFIED = 0
    PROCESSING = 1
    COMPLETED = 2
    FAILED = 3


class GuildLiveliness(Model, kw_only=True):
    """How much is going on in a guild."""

    msg_activity_bins: list[int]
    last_updated_ts: Maybe[Timestamp | None] = UNSET


class Invite(Model, kw_only=True):
    """An invite to a guild, a group or a friendship. Who manages the channel or the guild also learns its metadata:
    `uses` and what follows."""

    type: int  # InviteType
    code: str
    guild: Maybe[Guild] = UNSET
    guild_id: Maybe[Snowflake] = UNSET
    channel: Channel | None
    inviter: Maybe[User] = UNSET
    target_type: Maybe[int] = UNSET  # InviteTargetType
    target_user: Maybe[User] = UNSET
    target_application: Maybe[Application] = UNSET
    target_channel_id: Maybe[Snowflake] = UNSET
    target_message_id: Maybe[Snowflake] = UNSET
    approximate_presence_count: Maybe[int | None] = UNSET
    approximate_member_count: Maybe[int | None] = UNSET
    expires_at: Maybe[Timestamp | None] = UNSET  # None: never
    guild_scheduled_event: Maybe[ScheduledEvent] = UNSET
    flags: Maybe[int] = UNSET  # InviteFlags
    roles: Maybe[list[Role] | None] = UNSET  # who accepts gets them
    liveliness: Maybe[GuildLiveliness | None] = UNSET
    friends_count: Maybe[int] = UNSET
    is_contact: Maybe[bool] = UNSET
    is_nickname_changeable: Maybe[bool] = UNSET
    uses: Maybe[int] = UNSET
    max_uses: Maybe[int] = UNSET  # 0 is any number
    max_age: Maybe[int] = UNSET  # seconds; 0 is for ever
    temporary: Maybe[bool] = UNSET  # who gets no role leaves with the connection
    created_at: Maybe[Timestamp] = UNSET


class TargetUsersJob(Model, kw_only=True):
    """The reading of an uploaded list of those who may use an invite."""

    status: int  # TargetUsersJobStatus
    total_users: int
    processed_users: int
    created_at: Timestamp | None
    completed_at: Timestamp | None
    error_message: str | None
