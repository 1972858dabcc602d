"""Users, and what else they are connected with ("User")."""

from __future__ import annotations

from enum import IntEnum, IntFlag

from framework.models._base import UNSET, Maybe, Model, Snowflake

__all__ = [
    "AvatarDecorationData",
    "Collectibles",
    "Connection",
    "ConnectionAccount",
    "ConnectionGuild",
    "ConnectionIntegration",
    "ConnectionVisibility",
    "Nameplate",
    "PremiumType",
    "User",
    "UserFlags",
    "UserPrimaryGuild",
]


class UserFlags(IntFlag):
    """Badges and kinds of accounts."""

    STAFF = 1 << 0
    PARTNER = 1 << 1
    HYPESQUAD = 1 << 2
    BUG_HUNTER_LEVEL_1 = 1 << 3
    HYPESQUAD_ONLINE_HOUSE_1 = 1 << 6
    HYPESQUAD_ONLINE_HOUSE_2 = 1 << 7
    HYPESQUAD_ONLINE_HOUSE_3 = 1 << 8
    PREMIUM_EARLY_SUPPORTER = 1 << 9
    TEAM_PSEUDO_USER = 1 << 10
    BUG_HUNTER_LEVEL_2 = 1 << 14
    VERIFIED_BOT = 1 << 16
    VERIFIED_DEVELOPER = 1 << 17
    CERTIFIED_MODERATOR = 1 << 18
    BOT_HTTP_INTERACTIONS = 1 << 19  # a bot without a gateway connection, shown as online


class PremiumType(IntEnum):
    """Which Nitro somebody has."""

    NONE = 0
    NITRO_CLASSIC = 1
    NITRO = 2
    NITRO_BASIC = 3


class ConnectionVisibility(IntEnum):
    """Who sees a connection."""

    NONE = 0
    EVERYONE = 1


class AvatarDecorationData(Model, kw_only=True):
    """What surrounds an avatar."""

    asset: str
    sku_id: Snowflake | None


class Nameplate(Model, kw_only=True):
    """The background of a name in the list of members."""

    sku_id: Snowflake | None
    asset: str
    label: str
    palette: str


class Collectibles(Model, kw_only=True):
    """Things a user has collected and shows."""

    nameplate: Maybe[Nameplate | None] = UNSET


class UserPrimaryGuild(Model, kw_only=True):
    """The guild whose tag a user shows beside the name."""

    identity_guild_id: Snowflake | None
    identity_enabled: bool | None  # None: taken away by Discord, since the guild does not support tags any more
    tag: str | None
    badge: str | None


class User(Model, kw_only=True):
    """A person or a bot. What is below `primary_guild` Discord tells of the asking user only."""

    id: Snowflake
    username: str
    discriminator: Maybe[str] = UNSET  # "0" for who has a unique username
    global_name: Maybe[str | None] = UNSET
    avatar: str | None
    bot: Maybe[bool] = UNSET
    system: Maybe[bool] = UNSET
    banner: Maybe[str | None] = UNSET
    accent_color: Maybe[int | None] = UNSET
    flags: Maybe[int] = UNSET  # UserFlags
    public_flags: Maybe[int] = UNSET  # UserFlags
    avatar_decoration_data: Maybe[AvatarDecorationData | None] = UNSET
    collectibles: Maybe[Collectibles | None] = UNSET
    primary_guild: Maybe[UserPrimaryGuild | None] = UNSET
    mfa_enabled: Maybe[bool] = UNSET
    locale: Maybe[str] = UNSET
    verified: Maybe[bool] = UNSET
    email: Maybe[str | None] = UNSET
    premium_type: Maybe[int] = UNSET  # PremiumType


class ConnectionAccount(Model, kw_only=True):
    """An account at another service."""

    id: str
    name: str | None


class ConnectionGuild(Model, kw_only=True):
    """A guild that a connection is integrated in."""

    id: Snowflake
    name: str
    icon: str | None


class ConnectionIntegration(Model, kw_only=True):
    """A guild's integration through somebody's connection."""

    id: str
    type: str
    account: ConnectionAccount
    guild: ConnectionGuild


class Connection(Model, kw_only=True):
    """A user's account at another service."""

    id: str
    name: str | None
    type: str  # the service: "github", "steam", "twitch"…
    revoked: Maybe[bool] = UNSET
    integrations: Maybe[list[ConnectionIntegration]] = UNSET
    verified: bool
    friend_sync: bool
    show_activity: bool
    two_way_link: bool
    visibility: int  # ConnectionVisibility
