"""Templates: a guild's settings, roles and channels as they were at some time ("Guild Template").

Inside a template ids are small numbers: those of roles and channels count from 0 and 1, @everyone is 0.
"""

from __future__ import annotations

from framework.models._base import UNSET, Bits, Maybe, Model, Snowflake, Timestamp
from framework.models.channel import DefaultReaction, PermissionOverwrite
from framework.models.role import RoleColors
from framework.models.user import User

__all__ = ["GuildTemplate", "TemplateChannel", "TemplateGuild", "TemplateRole", "TemplateTag"]


class TemplateRole(Model, kw_only=True):
    """A role to be."""

    id: int
    name: str
    permissions: Bits  # Permissions
    color: int
    colors: RoleColors | None
    hoist: bool
    mentionable: bool
    icon: str | None
    unicode_emoji: str | None


class TemplateTag(Model, kw_only=True):
    """A tag of a forum to be."""

    id: int | None
    name: str
    emoji_id: Snowflake | None
    emoji_name: str | None
    moderated: bool | None


class TemplateChannel(Model, kw_only=True):
    """A channel to be."""

    id: int | None
    type: int  # ChannelType
    name: str | None
    position: int | None
    topic: str | None
    bitrate: int
    user_limit: int
    nsfw: bool
    rate_limit_per_user: int
    parent_id: Snowflake | None
    default_auto_archive_duration: int | None
    permission_overwrites: list[PermissionOverwrite]  # of roles only
    available_tags: list[TemplateTag] | None
    template: str
    default_reaction_emoji: DefaultReaction | None
    default_thread_rate_limit_per_user: int | None
    default_sort_order: int | None
    default_forum_layout: int | None
    default_tag_setting: str | None
    theme_color: int | None


class TemplateGuild(Model, kw_only=True):
    """The snapshot."""

    name: str
    description: str | None
    region: str | None
    icon_hash: Maybe[str | None] = UNSET
    verification_level: int  # VerificationLevel
    default_message_notifications: int  # MessageNotificationLevel
    explicit_content_filter: int  # ExplicitContentFilterLevel
    preferred_locale: str
    afk_channel_id: Snowflake | None
    afk_timeout: int
    system_channel_id: Snowflake | None
    system_channel_flags: int  # SystemChannelFlags
    roles: list[TemplateRole]
    channels: list[TemplateChannel]


class GuildTemplate(Model, kw_only=True):
    """A template."""

    code: str
    name: str
    description: str | None
    usage_count: int
    creator_id: Snowflake
    creator: User | None
    created_at: Timestamp
    updated_at: Timestamp
    source_guild_id: Snowflake
    serialized_source_guild: TemplateGuild
    is_dirty: bool | None  # the guild has changed since
