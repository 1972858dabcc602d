"""Channels of all types, threads among them, and their members ("Channel", "Threads")."""

from __future__ import annotations

from enum import IntEnum, IntFlag

from framework.models._base import UNSET, Bits, Maybe, Model, Snowflake, Timestamp
from framework.models.gateway import Presence
from framework.models.member import Member
from framework.models.user import User

__all__ = [
    "Channel",
    "ChannelFlags",
    "ChannelType",
    "DefaultReaction",
    "FollowedChannel",
    "ForumLayoutType",
    "ForumTag",
    "NewForumTag",
    "OverwriteType",
    "PermissionOverwrite",
    "SortOrderType",
    "ThreadMember",
    "ThreadMetadata",
    "VideoQualityMode",
]


class ChannelType(IntEnum):
    """What a channel is."""

    GUILD_TEXT = 0
    DM = 1
    GUILD_VOICE = 2
    GROUP_DM = 3
    GUILD_CATEGORY = 4
    GUILD_ANNOUNCEMENT = 5
    ANNOUNCEMENT_THREAD = 10
    PUBLIC_THREAD = 11
    PRIVATE_THREAD = 12
    GUILD_STAGE_VOICE = 13
    GUILD_DIRECTORY = 14
    GUILD_FORUM = 15
    GUILD_MEDIA = 16


class ChannelFlags(IntFlag):
    """Properties of a channel."""

    PINNED = 1 << 1  # a thread at the top of its forum
    REQUIRE_TAG = 1 << 4  # a new thread of this forum needs one
    HIDE_MEDIA_DOWNLOAD_OPTIONS = 1 << 15
    IS_SPOILER_CHANNEL = 1 << 21


class OverwriteType(IntEnum):
    """Whom an overwrite is for."""

    ROLE = 0
    MEMBER = 1


class VideoQualityMode(IntEnum):
    """The camera's resolution in a voice channel."""

    AUTO = 1
    FULL = 2


class SortOrderType(IntEnum):
    """How a forum sorts its threads."""

    LATEST_ACTIVITY = 0
    CREATION_DATE = 1


class ForumLayoutType(IntEnum):
    """How a forum shows its threads."""

    NOT_SET = 0
    LIST_VIEW = 1
    GALLERY_VIEW = 2


class PermissionOverwrite(Model, kw_only=True):
    """What a role or a member may do in one channel, and what not. The rest is as in the guild."""

    id: Snowflake
    type: int  # OverwriteType
    allow: Bits = 0  # Permissions
    deny: Bits = 0  # Permissions


class ForumTag(Model, kw_only=True):
    """A tag for the threads of a forum, with one kind of emoji at most."""

    id: Snowflake
    name: str
    moderated: bool  # only who manages threads can set it
    emoji_id: Snowflake | None
    emoji_name: str | None


class NewForumTag(Model, kw_only=True):
    """A tag to be made. Tags of a forum are set all at once: an existing one is passed on as a `ForumTag`."""

    name: str
    moderated: bool = False
    emoji_id: Snowflake | None = None
    emoji_name: str | None = None


class DefaultReaction(Model, kw_only=True):
    """The emoji offered below each thread of a forum, custom (`emoji_id`) or standard (`emoji_name`)."""

    emoji_id: Snowflake | None = None
    emoji_name: str | None = None


class ThreadMetadata(Model, kw_only=True):
    """The life of a thread."""

    archived: bool
    auto_archive_duration: int  # minutes without a message: 60, 1440, 4320 or 10080
    archive_timestamp: Timestamp | None  # when `archived` changed last
    locked: bool
    invitable: Maybe[bool] = UNSET  # whether who does not manage threads may add somebody; of a private one
    create_timestamp: Maybe[Timestamp | None] = UNSET  # None for threads from before January 2022


class ThreadMember(Model, kw_only=True):
    """Somebody's place in a thread. Inside GUILD_CREATE it is the bot's own, without the ids."""

    id: Maybe[Snowflake] = UNSET  # the thread's
    user_id: Maybe[Snowflake] = UNSET
    guild_id: Maybe[Snowflake] = UNSET  # in events
    join_timestamp: Timestamp
    flags: int
    member: Maybe[Member] = UNSET  # when asked for
    presence: Maybe[Presence | None] = UNSET  # in THREAD_MEMBERS_UPDATE


class Channel(Model, kw_only=True):
    """A channel or thread of any type; each type has some of the fields. Where a channel is only mentioned, Discord
    tells its `id` and `type` and little more."""

    id: Snowflake
    type: int  # ChannelType
    guild_id: Maybe[Snowflake] = UNSET  # missing inside GUILD_CREATE
    name: Maybe[str | None] = UNSET
    flags: Maybe[int] = UNSET  # ChannelFlags
    last_message_id: Maybe[Snowflake | None] = UNSET  # of a forum: its newest thread; may be deleted
    last_pin_timestamp: Maybe[Timestamp | None] = UNSET
    permissions: Maybe[Bits] = UNSET  # in interactions: the user's Permissions there
    app_permissions: Maybe[Bits] = UNSET  # in interactions: the application's Permissions there
    # channels of guilds
    position: Maybe[int] = UNSET  # where two have the same, the lower id is first
    permission_overwrites: Maybe[list[PermissionOverwrite]] = UNSET
    parent_id: Maybe[Snowflake | None] = UNSET  # the category; of a thread, its channel
    nsfw: Maybe[bool] = UNSET
    topic: Maybe[str | None] = UNSET
    rate_limit_per_user: Maybe[int] = UNSET  # seconds between two messages of a user
    default_auto_archive_duration: Maybe[int] = UNSET  # minutes
    default_thread_rate_limit_per_user: Maybe[int] = UNSET  # seconds
    # voice and stages
    bitrate: Maybe[int] = UNSET
    user_limit: Maybe[int] = UNSET  # 0 is none
    rtc_region: Maybe[str | None] = UNSET  # None: Discord chooses
    video_quality_mode: Maybe[int] = UNSET  # VideoQualityMode
    # direct channels and groups
    recipients: Maybe[list[User]] = UNSET
    icon: Maybe[str | None] = UNSET
    owner_id: Maybe[Snowflake] = UNSET  # of a thread: who began it
    application_id: Maybe[Snowflake | None] = UNSET  # the application that made it
    managed: Maybe[bool] = UNSET
    # threads
    thread_metadata: Maybe[ThreadMetadata] = UNSET
    message_count: Maybe[int] = UNSET  # without deleted ones and the first
    member_count: Maybe[int] = UNSET  # does not count beyond 50
    total_message_sent: Maybe[int] = UNSET  # with deleted ones
    applied_tags: Maybe[list[Snowflake]] = UNSET  # in a forum
    member: Maybe[ThreadMember] = UNSET  # the bot's, if it is in the thread
    newly_created: Maybe[bool] = UNSET  # in THREAD_CREATE
    # forums
    available_tags: Maybe[list[ForumTag]] = UNSET
    default_reaction_emoji: Maybe[DefaultReaction | None] = UNSET
    default_sort_order: Maybe[int | None] = UNSET  # SortOrderType
    default_forum_layout: Maybe[int] = UNSET  # ForumLayoutType
    default_tag_setting: Maybe[str | None] = UNSET  # "match_all" or "match_some"


class FollowedChannel(Model, kw_only=True):
    """An announcement channel whose crossposted messages come to another channel by a webhook."""

    channel_id: Snowflake
    webhook_id: Snowflake
