"""Where the gateway is, how often a bot may begin a session, and what users do ("Gateway", "Gateway Events")."""

from __future__ import annotations

from enum import IntEnum, IntFlag, StrEnum

from framework.models._base import UNSET, Maybe, Model, Snowflake
from framework.models.user import AvatarDecorationData, Collectibles, UserPrimaryGuild

__all__ = [
    "Activity",
    "ActivityAssets",
    "ActivityEmoji",
    "ActivityFlags",
    "ActivityParty",
    "ActivitySecrets",
    "ActivityTimestamps",
    "ActivityType",
    "ClientStatus",
    "GatewayBot",
    "Presence",
    "PresenceUser",
    "SessionStartLimit",
    "Status",
    "StatusDisplayType",
]


class SessionStartLimit(Model, kw_only=True):
    """How many sessions a bot may begin: who identifies more often has their token reset."""

    total: int
    remaining: int
    reset_after: int  # milliseconds from the answer
    max_concurrency: int  # identifies per 5 seconds


class GatewayBot(Model, kw_only=True):
    """The gateway's address for a bot, with the number of shards that Discord recommends."""

    url: str
    shards: int
    session_start_limit: SessionStartLimit


# -- presences -----------------------------------------------------------------------------------------------


class Status(StrEnum):
    """Whether somebody is there. INVISIBLE is for setting one's own; others see OFFLINE."""

    ONLINE = "online"
    DND = "dnd"
    IDLE = "idle"
    INVISIBLE = "invisible"
    OFFLINE = "offline"


class ActivityType(IntEnum):
    """How an activity reads."""

    PLAYING = 0
    STREAMING = 1
    LISTENING = 2
    WATCHING = 3
    CUSTOM = 4  # `state` is the text
    COMPETING = 5


class StatusDisplayType(IntEnum):
    """Which field of an activity is shown in the list of members."""

    NAME = 0
    STATE = 1
    DETAILS = 2


class ActivityFlags(IntFlag):
    """What an activity allows others."""

    INSTANCE = 1 << 0
    JOIN = 1 << 1
    SPECTATE = 1 << 2
    JOIN_REQUEST = 1 << 3
    SYNC = 1 << 4
    PLAY = 1 << 5
    PARTY_PRIVACY_FRIENDS = 1 << 6
    PARTY_PRIVACY_VOICE_CHANNEL = 1 << 7
    EMBEDDED = 1 << 8


class ActivityTimestamps(Model, kw_only=True):
    """When an activity began and will end, in milliseconds of Unix time."""

    start: Maybe[int] = UNSET
    end: Maybe[int] = UNSET


class ActivityEmoji(Model, kw_only=True):
    """The emoji of a custom status; `id` where it is a guild's."""

    name: str
    id: Maybe[Snowflake] = UNSET
    animated: Maybe[bool] = UNSET


class ActivityParty(Model, kw_only=True):
    """With how many others somebody does something."""

    id: Maybe[str] = UNSET
    size: Maybe[list[int]] = UNSET  # how many are in it, and how many may be


class ActivityAssets(Model, kw_only=True):
    """Pictures of an activity and the texts on them."""

    large_image: Maybe[str] = UNSET
    large_text: Maybe[str] = UNSET
    large_url: Maybe[str] = UNSET
    small_image: Maybe[str] = UNSET
    small_text: Maybe[str] = UNSET
    small_url: Maybe[str] = UNSET
    invite_cover_image: Maybe[str] = UNSET


class ActivitySecrets(Model, kw_only=True):
    """What lets others in."""

    join: Maybe[str] = UNSET
    spectate: Maybe[str] = UNSET
    match: Maybe[str] = UNSET


class Activity(Model, kw_only=True):
    """What somebody does. Bots can set `name`, `type`, `state` and `url`."""

    name: str
    type: int  # ActivityType
    url: Maybe[str | None] = UNSET  # of a stream
    created_at: Maybe[int] = UNSET  # milliseconds of Unix time
    timestamps: Maybe[ActivityTimestamps] = UNSET
    application_id: Maybe[Snowflake] = UNSET
    status_display_type: Maybe[int | None] = UNSET  # StatusDisplayType
    details: Maybe[str | None] = UNSET
    details_url: Maybe[str | None] = UNSET
    state: Maybe[str | None] = UNSET
    state_url: Maybe[str | None] = UNSET
    emoji: Maybe[ActivityEmoji | None] = UNSET
    party: Maybe[ActivityParty] = UNSET
    assets: Maybe[ActivityAssets] = UNSET
    secrets: Maybe[ActivitySecrets] = UNSET
    instance: Maybe[bool] = UNSET
    flags: Maybe[int] = UNSET  # ActivityFlags
    buttons: Maybe[list[str]] = UNSET  # what is written on them


class ClientStatus(Model, kw_only=True):
    """Where somebody is there, as `Status`; what is missing is offline."""

    desktop: Maybe[str] = UNSET
    mobile: Maybe[str] = UNSET
    web: Maybe[str] = UNSET
    vr: Maybe[str] = UNSET


class PresenceUser(Model, kw_only=True):
    """Whose presence it is. Besides the id only what has changed is told, and that is not sure to be all."""

    id: Snowflake
    username: Maybe[str] = UNSET
    discriminator: Maybe[str] = UNSET
    global_name: Maybe[str | None] = UNSET
    avatar: Maybe[str | None] = UNSET
    bot: Maybe[bool] = UNSET
    public_flags: Maybe[int] = UNSET  # UserFlags
    avatar_decoration_data: Maybe[AvatarDecorationData | None] = UNSET
    collectibles: Maybe[Collectibles | None] = UNSET
    primary_guild: Maybe[UserPrimaryGuild | None] = UNSET


class Presence(Model, kw_only=True):
    """Whether somebody is there and what they do. Inside GUILD_CREATE it has no `guild_id`."""

    user: PresenceUser
    guild_id: Maybe[Snowflake] = UNSET
    status: Maybe[str] = UNSET  # Status
    activities: Maybe[list[Activity]] = UNSET
    client_status: Maybe[ClientStatus] = UNSET
