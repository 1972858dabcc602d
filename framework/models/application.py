"""Applications: what the developer portal shows, the team behind one, activities, role connections ("Application")."""

from __future__ import annotations

from enum import IntEnum, IntFlag, StrEnum

from framework.models._base import UNSET, Bits, Maybe, Model, Snowflake
from framework.models.guild import Guild
from framework.models.user import User

__all__ = [
    "ActivityInstance",
    "ActivityLocation",
    "ActivityLocationKind",
    "Application",
    "ApplicationEventWebhookStatus",
    "ApplicationExplicitContentFilter",
    "ApplicationFlags",
    "ApplicationIntegrationType",
    "ApplicationIntegrationTypeConfiguration",
    "ApplicationRoleConnection",
    "ApplicationRoleConnectionMetadata",
    "ApplicationRoleConnectionMetadataType",
    "InstallParams",
    "Team",
    "TeamMember",
    "TeamMemberRole",
    "TeamMembershipState",
]


class ApplicationFlags(IntFlag):
    """What an application may do. The `_LIMITED` ones are for bots in fewer than 100 guilds, and can be changed."""

    APPLICATION_AUTO_MODERATION_RULE_CREATE_BADGE = 1 << 6
    GATEWAY_PRESENCE = 1 << 12
    GATEWAY_PRESENCE_LIMITED = 1 << 13
    GATEWAY_GUILD_MEMBERS = 1 << 14
    GATEWAY_GUILD_MEMBERS_LIMITED = 1 << 15
    VERIFICATION_PENDING_GUILD_LIMIT = 1 << 16
    EMBEDDED = 1 << 17
    GATEWAY_MESSAGE_CONTENT = 1 << 18
    GATEWAY_MESSAGE_CONTENT_LIMITED = 1 << 19
    APPLICATION_COMMAND_BADGE = 1 << 23


class ApplicationIntegrationType(IntEnum):
    """Where an application can be installed."""

    GUILD_INSTALL = 0
    USER_INSTALL = 1


class ApplicationEventWebhookStatus(IntEnum):
    """Whether events are sent to `event_webhooks_url`."""

    DISABLED = 1
    ENABLED = 2
    DISABLED_BY_DISCORD = 3


class ApplicationExplicitContentFilter(IntEnum):
    """Whose setting decides which media in answers to interactions are filtered."""

    INHERIT = 0  # the guild's
    ALWAYS = 1


class TeamMembershipState(IntEnum):
    """Whether somebody has accepted to be in a team."""

    INVITED = 1
    ACCEPTED = 2


class TeamMemberRole(StrEnum):
    """What somebody may do in a team; the owner has none of these."""

    ADMIN = "admin"
    DEVELOPER = "developer"
    READ_ONLY = "read_only"


class ActivityLocationKind(StrEnum):
    """What kind of channel an activity runs in."""

    GUILD_CHANNEL = "gc"
    PRIVATE_CHANNEL = "pc"
    PARTY = "party"


class ApplicationRoleConnectionMetadataType(IntEnum):
    """How a user's value is compared with what a guild asks for; dates with a number of days before now."""

    INTEGER_LESS_THAN_OR_EQUAL = 1
    INTEGER_GREATER_THAN_OR_EQUAL = 2
    INTEGER_EQUAL = 3
    INTEGER_NOT_EQUAL = 4
    DATETIME_LESS_THAN_OR_EQUAL = 5
    DATETIME_GREATER_THAN_OR_EQUAL = 6
    BOOLEAN_EQUAL = 7
    BOOLEAN_NOT_EQUAL = 8


class TeamMember(Model, kw_only=True):
    """Somebody in a team."""

    user: User
    team_id: Snowflake
    membership_state: int  # TeamMembershipState
    role: Maybe[str] = UNSET  # TeamMemberRole
    permissions: Maybe[list[str]] = UNSET  # always ["*"]


class Team(Model, kw_only=True):
    """Developers who share applications."""

    id: Snowflake
    name: str
    icon: str | None
    owner_user_id: Snowflake
    members: list[TeamMember]


class InstallParams(Model, kw_only=True):
    """What the link that installs an application asks for."""

    scopes: list[str]  # OAuth2Scope
    permissions: Bits  # Permissions of the bot's role


class ApplicationIntegrationTypeConfiguration(Model, kw_only=True):
    """How an application is installed in one of the places of `ApplicationIntegrationType`."""

    oauth2_install_params: Maybe[InstallParams] = UNSET


class Application(Model, kw_only=True):
    """An application. Others, messages and READY tell less of it than its owner sees."""

    id: Snowflake
    name: Maybe[str] = UNSET
    icon: Maybe[str | None] = UNSET
    description: Maybe[str] = UNSET
    type: Maybe[int | None] = UNSET
    rpc_origins: Maybe[list[str]] = UNSET
    bot_public: Maybe[bool] = UNSET  # others may add it
    bot_require_code_grant: Maybe[bool] = UNSET
    bot: Maybe[User] = UNSET
    terms_of_service_url: Maybe[str] = UNSET
    privacy_policy_url: Maybe[str] = UNSET
    owner: Maybe[User] = UNSET
    verify_key: Maybe[str] = UNSET  # hexadecimal: interactions over HTTP are signed for it
    team: Maybe[Team | None] = UNSET
    guild_id: Maybe[Snowflake] = UNSET  # of its support server
    guild: Maybe[Guild] = UNSET
    primary_sku_id: Maybe[Snowflake] = UNSET
    slug: Maybe[str] = UNSET
    cover_image: Maybe[str] = UNSET
    flags: Maybe[int] = UNSET  # ApplicationFlags, the first 31
    flags_new: Maybe[Bits] = UNSET  # ApplicationFlags, all
    max_participants: Maybe[int | None] = UNSET  # of its activity; -1 is any number
    approximate_guild_count: Maybe[int] = UNSET
    approximate_user_install_count: Maybe[int] = UNSET
    approximate_user_authorization_count: Maybe[int] = UNSET
    redirect_uris: Maybe[list[str]] = UNSET
    interactions_endpoint_url: Maybe[str | None] = UNSET  # with it there are no interactions at the gateway
    role_connections_verification_url: Maybe[str | None] = UNSET
    event_webhooks_url: Maybe[str | None] = UNSET
    event_webhooks_status: Maybe[int] = UNSET  # ApplicationEventWebhookStatus
    event_webhooks_types: Maybe[list[str]] = UNSET
    explicit_content_filter: Maybe[int] = UNSET  # ApplicationExplicitContentFilter
    tags: Maybe[list[str]] = UNSET
    install_params: Maybe[InstallParams] = UNSET
    integration_types_config: Maybe[dict[int, ApplicationIntegrationTypeConfiguration]] = UNSET
    custom_install_url: Maybe[str] = UNSET
    eligible_oauth2_scopes: Maybe[list[str]] = UNSET  # OAuth2Scope


class ActivityLocation(Model, kw_only=True):
    """The channel an activity runs in."""

    id: str
    kind: str  # ActivityLocationKind
    channel_id: Snowflake
    guild_id: Maybe[Snowflake | None] = UNSET


class ActivityInstance(Model, kw_only=True):
    """A running activity, and who takes part."""

    application_id: Snowflake
    instance_id: str
    launch_id: Snowflake
    location: ActivityLocation
    users: list[Snowflake]


class ApplicationRoleConnectionMetadata(Model, kw_only=True):
    """Something an application knows about users that a guild can ask for before it gives a role."""

    type: int  # ApplicationRoleConnectionMetadataType
    key: str  # up to 50 of a-z, 0-9 and _
    name: str
    name_localizations: Maybe[dict[str, str] | None] = UNSET
    description: str
    description_localizations: Maybe[dict[str, str] | None] = UNSET


class ApplicationRoleConnection(Model, kw_only=True):
    """What an application has told of one user: their name at its platform, and values by metadata key."""

    platform_name: Maybe[str | None] = UNSET
    platform_username: Maybe[str | None] = UNSET
    metadata: Maybe[dict[str, str]] = UNSET
