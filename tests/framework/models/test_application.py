"""Applications, their commands, what they sell, lobbies and tokens against Discord's own schemas."""

from __future__ import annotations

import pytest

from framework.models import application as a
from framework.models import command as c
from framework.models import decode, entitlement, gateway, lobby, message, oauth2, subscription, to_wire

OPTIONS = (
    "Attachment", "Boolean", "Channel", "Integer", "Mentionable", "Number", "Role", "String", "SubcommandGroup",
    "Subcommand", "User",
)  # fmt: skip


@pytest.mark.parametrize(
    ("model", "components"),
    [
        (a.Application, ["PrivateApplicationResponse", "ApplicationResponse", "BasicApplicationResponseWithBot"]),
        (a.InstallParams, ["ApplicationOAuth2InstallParamsResponse"]),
        (a.ApplicationIntegrationTypeConfiguration, ["ApplicationIntegrationTypeConfigurationResponse"]),
        (a.Team, ["TeamResponse"]),
        (a.TeamMember, ["TeamMemberResponse"]),
        (a.ActivityInstance, ["EmbeddedActivityInstance"]),
        (a.ActivityLocation, ["GuildChannelLocation", "PrivateChannelLocation"]),
        (a.ApplicationRoleConnection, ["ApplicationUserRoleConnectionResponse"]),
        (a.ApplicationRoleConnectionMetadata, ["ApplicationRoleConnectionsMetadataItemResponse"]),
        (c.ApplicationCommand, ["ApplicationCommandResponse"]),
        (c.ApplicationCommandOption, [f"ApplicationCommand{kind}OptionResponse" for kind in OPTIONS]),
        (
            c.ApplicationCommandOptionChoice,
            [f"ApplicationCommandOption{kind}ChoiceResponse" for kind in ("String", "Integer", "Number")],
        ),
        (c.GuildApplicationCommandPermissions, ["CommandPermissionsResponse"]),
        (c.ApplicationCommandPermission, ["CommandPermissionResponse"]),
        (entitlement.Entitlement, ["EntitlementResponse"]),
        (subscription.Subscription, ["SubscriptionResponse"]),
        (gateway.GatewayBot, ["GatewayBotResponse"]),
        (gateway.SessionStartLimit, ["GatewayBotSessionStartLimitResponse"]),
        (lobby.Lobby, ["LobbyResponse"]),
        (lobby.LobbyMember, ["LobbyMemberResponse"]),
        (lobby.LobbyMessage, ["LobbyMessageResponse"]),
        (message.LobbyMessageMember, ["MessageLobbyMemberResponse"]),
        (oauth2.AuthorizationInformation, ["OAuth2GetAuthorizationResponse"]),
        (oauth2.PublicKey, ["OAuth2Key"]),
        (oauth2.OpenIdUserInfo, ["OAuth2GetOpenIDConnectUserInfoResponse"]),
        (oauth2.ProvisionalToken, ["ProvisionalTokenResponse"]),
    ],
)
def test_every_field_is_there(fits, model: type, components: list[str]) -> None:
    fits(model, *components)


def test_a_value_keeps_its_type() -> None:
    for value in (b'"5"', b"5", b"5.5", b'"true"'):
        choice = decode(c.ApplicationCommandOptionChoice, b'{"name":"x","value":%s}' % value)
        assert to_wire(choice) == {"name": "x", "value": {b'"5"': "5", b"5": 5, b"5.5": 5.5, b'"true"': "true"}[value]}


def test_tokens_are_not_shown() -> None:
    token = oauth2.ProvisionalToken(
        token_type="Bearer", access_token="hidden", expires_in=1, scope="x", id_token="hidden", refresh_token="hidden"
    )
    assert repr(token) == "ProvisionalToken(token_type='Bearer', expires_in=1, scope='x')"
