"""What a user has allowed an application, and tokens for the players of a game ("OAuth2")."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from framework.models._base import UNSET, Maybe, Model, Timestamp
from framework.models.application import Application
from framework.models.user import User

__all__ = [
    "AuthorizationInformation",
    "ExternalAuthType",
    "OAuth2Scope",
    "OpenIdUserInfo",
    "ProvisionalToken",
    "PublicKey",
]


class OAuth2Scope(StrEnum):
    """What a user can allow an application."""

    ACTIVITIES_INVITES_WRITE = "activities.invites.write"
    ACTIVITIES_READ = "activities.read"
    ACTIVITIES_WRITE = "activities.write"
    APPLICATIONS_BUILDS_READ = "applications.builds.read"
    APPLICATIONS_BUILDS_UPLOAD = "applications.builds.upload"
    APPLICATIONS_COMMANDS = "applications.commands"
    APPLICATIONS_COMMANDS_PERMISSIONS_UPDATE = "applications.commands.permissions.update"
    APPLICATIONS_COMMANDS_UPDATE = "applications.commands.update"
    APPLICATIONS_ENTITLEMENTS = "applications.entitlements"
    APPLICATIONS_STORE_UPDATE = "applications.store.update"
    BOT = "bot"
    CONNECTIONS = "connections"
    DM_CHANNELS_READ = "dm_channels.read"
    EMAIL = "email"
    GDM_JOIN = "gdm.join"
    GUILDS = "guilds"
    GUILDS_JOIN = "guilds.join"
    GUILDS_MEMBERS_READ = "guilds.members.read"
    IDENTIFY = "identify"
    MESSAGES_READ = "messages.read"
    OPENID = "openid"
    RELATIONSHIPS_READ = "relationships.read"
    ROLE_CONNECTIONS_WRITE = "role_connections.write"
    RPC = "rpc"
    RPC_ACTIVITIES_WRITE = "rpc.activities.write"
    RPC_NOTIFICATIONS_READ = "rpc.notifications.read"
    RPC_SCREENSHARE_READ = "rpc.screenshare.read"
    RPC_SCREENSHARE_WRITE = "rpc.screenshare.write"
    RPC_VIDEO_READ = "rpc.video.read"
    RPC_VIDEO_WRITE = "rpc.video.write"
    RPC_VOICE_READ = "rpc.voice.read"
    RPC_VOICE_WRITE = "rpc.voice.write"
    SDK_SOCIAL_LAYER = "sdk.social_layer"
    VOICE = "voice"
    WEBHOOK_INCOMING = "webhook.incoming"


class ExternalAuthType(StrEnum):
    """Whose word it is that a player is who they are."""

    OIDC = "OIDC"
    EPIC_ONLINE_SERVICES_ACCESS_TOKEN = "EPIC_ONLINE_SERVICES_ACCESS_TOKEN"
    EPIC_ONLINE_SERVICES_ID_TOKEN = "EPIC_ONLINE_SERVICES_ID_TOKEN"
    STEAM_SESSION_TICKET = "STEAM_SESSION_TICKET"
    UNITY_SERVICES_ID_TOKEN = "UNITY_SERVICES_ID_TOKEN"
    DISCORD_BOT_ISSUED_ACCESS_TOKEN = "DISCORD_BOT_ISSUED_ACCESS_TOKEN"
    APPLE_ID_TOKEN = "APPLE_ID_TOKEN"
    PLAYSTATION_NETWORK_ID_TOKEN = "PLAYSTATION_NETWORK_ID_TOKEN"


class AuthorizationInformation(Model, kw_only=True):
    """What a token stands for; `user` where the scope `identify` is among those allowed."""

    application: Application
    scopes: list[str]  # OAuth2Scope
    expires: Timestamp
    user: Maybe[User] = UNSET


class PublicKey(Model, kw_only=True):
    """One of the keys that ID tokens are signed with, as a JSON Web Key."""

    kty: str
    use: str
    kid: str
    n: str
    e: str
    alg: str


class OpenIdUserInfo(Model, kw_only=True):
    """Who a token's user is, in the words of OpenID Connect; `sub` is the user's id."""

    sub: str
    email: Maybe[str | None] = UNSET
    email_verified: Maybe[bool] = UNSET
    preferred_username: Maybe[str] = UNSET
    nickname: Maybe[str | None] = UNSET
    picture: Maybe[str] = UNSET
    locale: Maybe[str] = UNSET


class ProvisionalToken(Model, kw_only=True):
    """Tokens of a player without an account of Discord."""

    SECRETS: ClassVar[frozenset[str]] = frozenset({"access_token", "id_token", "refresh_token"})

    token_type: str
    access_token: str
    expires_in: int  # seconds
    scope: str
    id_token: str
    refresh_token: Maybe[str | None] = UNSET
    scopes: Maybe[list[str] | None] = UNSET
    expires_at_s: Maybe[int | None] = UNSET
