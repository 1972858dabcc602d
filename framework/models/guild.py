"""Guilds ("Guild"): the object, its preview, and a few things that only a guild has."""

from __future__ import annotations

from enum import IntEnum, IntFlag

from framework.models._base import UNSET, Bits, Maybe, Model, Snowflake, Timestamp
from framework.models.channel import Channel
from framework.models.emoji import Emoji
from framework.models.gateway import Presence
from framework.models.member import Member
from framework.models.role import Role
from framework.models.scheduled_event import ScheduledEvent
from framework.models.soundboard import SoundboardSound
from framework.models.stage import StageInstance
from framework.models.sticker import Sticker
from framework.models.voice import VoiceState
from framework.models.welcome_screen import WelcomeScreen

__all__ = [
    "ChannelPosition",
    "ExplicitContentFilterLevel",
    "Guild",
    "GuildPreview",
    "IncidentsData",
    "MessageNotificationLevel",
    "MfaLevel",
    "NsfwLevel",
    "PremiumTier",
    "SystemChannelFlags",
    "VanityUrl",
    "VanityUrlError",
    "VerificationLevel",
]


class VerificationLevel(IntEnum):
    """What a member without roles needs, to take part."""

    NONE = 0
    LOW = 1  # an e-mail address
    MEDIUM = 2  # an account for five minutes
    HIGH = 3  # to be a member for ten minutes
    VERY_HIGH = 4  # a phone number


class MessageNotificationLevel(IntEnum):
    """What members are notified of, unless they choose otherwise."""

    ALL_MESSAGES = 0
    ONLY_MENTIONS = 1


class ExplicitContentFilterLevel(IntEnum):
    """Whose media are scanned."""

    DISABLED = 0
    MEMBERS_WITHOUT_ROLES = 1
    ALL_MEMBERS = 2


class MfaLevel(IntEnum):
    """Whether moderators need two-factor authentication."""

    NONE = 0
    ELEVATED = 1


class NsfwLevel(IntEnum):
    """Whom a guild is for."""

    DEFAULT = 0
    EXPLICIT = 1
    SAFE = 2
    AGE_RESTRICTED = 3


class PremiumTier(IntEnum):
    """What boosts have unlocked."""

    NONE = 0
    TIER_1 = 1
    TIER_2 = 2
    TIER_3 = 3


class SystemChannelFlags(IntFlag):
    """What is not posted to the system channel."""

    SUPPRESS_JOIN_NOTIFICATIONS = 1 << 0
    SUPPRESS_PREMIUM_SUBSCRIPTIONS = 1 << 1
    SUPPRESS_GUILD_REMINDER_NOTIFICATIONS = 1 << 2
    SUPPRESS_JOIN_NOTIFICATION_REPLIES = 1 << 3
    SUPPRESS_ROLE_SUBSCRIPTION_PURCHASE_NOTIFICATIONS = 1 << 4
    SUPPRESS_ROLE_SUBSCRIPTION_PURCHASE_NOTIFICATION_REPLIES = 1 << 5


class IncidentsData(Model, kw_only=True):
    """What is locked because of a raid, and what was noticed."""

    invites_disabled_until: Timestamp | None
    dms_disabled_until: Timestamp | None
    dm_spam_detected_at: Maybe[Timestamp | None] = UNSET
    raid_detected_at: Maybe[Timestamp | None] = UNSET


class Guild(Model, kw_only=True):
    """A guild. Invites, interactions, a user's list and READY tell only a part, the last no more than `id` and
    `unavailable`; GUILD_CREATE tells more than REST."""

    id: Snowflake
    name: Maybe[str] = UNSET
    icon: Maybe[str | None] = UNSET
    icon_hash: Maybe[str | None] = UNSET
    splash: Maybe[str | None] = UNSET
    discovery_splash: Maybe[str | None] = UNSET
    banner: Maybe[str | None] = UNSET
    home_header: Maybe[str | None] = UNSET
    description: Maybe[str | None] = UNSET
    owner_id: Maybe[Snowflake] = UNSET
    application_id: Maybe[Snowflake | None] = UNSET  # the bot that made it
    region: Maybe[str | None] = UNSET  # deprecated
    afk_channel_id: Maybe[Snowflake | None] = UNSET
    afk_timeout: Maybe[int] = UNSET  # in seconds
    widget_enabled: Maybe[bool] = UNSET
    widget_channel_id: Maybe[Snowflake | None] = UNSET
    verification_level: Maybe[int | None] = UNSET  # VerificationLevel
    default_message_notifications: Maybe[int] = UNSET  # MessageNotificationLevel
    explicit_content_filter: Maybe[int] = UNSET  # ExplicitContentFilterLevel
    mfa_level: Maybe[int] = UNSET  # MfaLevel
    roles: Maybe[list[Role]] = UNSET
    emojis: Maybe[list[Emoji]] = UNSET
    stickers: Maybe[list[Sticker]] = UNSET
    features: Maybe[list[str]] = UNSET  # such as COMMUNITY; the list of possible ones grows
    system_channel_id: Maybe[Snowflake | None] = UNSET
    system_channel_flags: Maybe[int] = UNSET  # SystemChannelFlags
    rules_channel_id: Maybe[Snowflake | None] = UNSET
    public_updates_channel_id: Maybe[Snowflake | None] = UNSET
    safety_alerts_channel_id: Maybe[Snowflake | None] = UNSET
    max_presences: Maybe[int | None] = UNSET  # None for all but the largest
    max_members: Maybe[int] = UNSET
    max_video_channel_users: Maybe[int] = UNSET
    max_stage_video_channel_users: Maybe[int] = UNSET
    vanity_url_code: Maybe[str | None] = UNSET
    premium_tier: Maybe[int] = UNSET  # PremiumTier
    premium_subscription_count: Maybe[int] = UNSET
    premium_progress_bar_enabled: Maybe[bool] = UNSET
    premium_progress_bar_enabled_user_updated_at: Maybe[Timestamp | None] = UNSET
    preferred_locale: Maybe[str] = UNSET
    locale: Maybe[str] = UNSET  # the same in interactions
    nsfw: Maybe[bool | None] = UNSET
    nsfw_level: Maybe[int | None] = UNSET  # NsfwLevel
    incidents_data: Maybe[IncidentsData | None] = UNSET

    # when asked for
    approximate_member_count: Maybe[int | None] = UNSET
    approximate_presence_count: Maybe[int | None] = UNSET

    # in the list of a user's guilds
    owner: Maybe[bool] = UNSET
    permissions: Maybe[Bits] = UNSET  # Permissions of the user, without overwrites

    # in invites
    welcome_screen: Maybe[WelcomeScreen] = UNSET

    # in events
    unavailable: Maybe[bool] = UNSET  # in GUILD_DELETE: True in an outage, not there when the bot was removed
    joined_at: Maybe[Timestamp] = UNSET
    large: Maybe[bool] = UNSET
    member_count: Maybe[int] = UNSET
    voice_states: Maybe[list[VoiceState]] = UNSET
    members: Maybe[list[Member]] = UNSET  # not all of a large guild
    channels: Maybe[list[Channel]] = UNSET
    threads: Maybe[list[Channel]] = UNSET  # the active ones that the bot can see
    presences: Maybe[list[Presence]] = UNSET
    stage_instances: Maybe[list[StageInstance]] = UNSET
    guild_scheduled_events: Maybe[list[ScheduledEvent]] = UNSET
    soundboard_sounds: Maybe[list[SoundboardSound]] = UNSET


class GuildPreview(Model, kw_only=True):
    """What anybody may know of a discoverable guild."""

    id: Snowflake
    name: str
    icon: str | None
    splash: str | None
    discovery_splash: str | None
    home_header: Maybe[str | None] = UNSET
    emojis: list[Emoji]
    features: list[str]
    approximate_member_count: int
    approximate_presence_count: int
    description: str | None
    stickers: list[Sticker]


class VanityUrlError(Model, kw_only=True):
    """Why a vanity URL does not work."""

    message: str
    code: int


class VanityUrl(Model, kw_only=True):
    """The invite that has no end."""

    code: str | None  # None while none is set
    uses: int
    error: Maybe[VanityUrlError | None] = UNSET


class ChannelPosition(Model, kw_only=True):
    """Where a channel goes."""

    id: Snowflake
    position: Maybe[int | None] = UNSET
    parent_id: Maybe[Snowflake | None] = UNSET  # another category
    lock_permissions: Maybe[bool | None] = UNSET  # takes over the overwrites of the new category
