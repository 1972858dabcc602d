"""Whose token it is, and accounts of players who have none at Discord ("OAuth2", the Social SDK)."""

from __future__ import annotations

from collections.abc import Mapping

from framework.models import UNSET, Maybe
from framework.models.application import Application
from framework.models.oauth2 import AuthorizationInformation, OpenIdUserInfo, ProvisionalToken, PublicKey
from framework.rest.api._base import Api, body
from framework.rest.core.route import Route

__all__ = ["OAuth2Api"]


class OAuth2Api(Api):
    """OAuth2 ("OAuth2" in Discord's documentation). What that does not describe has the name of the operation."""

    async def get_current_bot_application_information(self) -> Application:
        """The bot's application."""
        return await self._ask(Application, Route.of("GET", "/oauth2/applications/@me"))

    async def get_current_authorization_information(self, *, bearer: str | None = None) -> AuthorizationInformation:
        """What a token stands for: the application, what was allowed, until when, and by whom."""
        return await self._ask(AuthorizationInformation, Route.of("GET", "/oauth2/@me"), bearer=bearer)

    async def get_public_keys(self) -> list[PublicKey]:
        """The keys to check ID tokens with."""
        return (await self._ask(dict[str, list[PublicKey]], Route.of("GET", "/oauth2/keys")))["keys"]

    async def get_openid_connect_userinfo(self, *, bearer: str | None = None) -> OpenIdUserInfo:
        """Who a token's user is; needs the scope `openid`."""
        return await self._ask(OpenIdUserInfo, Route.of("GET", "/oauth2/userinfo"), bearer=bearer)

    # -- the Social SDK --------------------------------------------------------------------------------------

    async def partner_sdk_token(
        self,
        client_id: int,
        *,
        external_auth_type: str,
        external_auth_token: str,
        client_secret: Maybe[str | None] = UNSET,
    ) -> ProvisionalToken:
        """A token for a player by the word of a provider (`ExternalAuthType`); makes a provisional account for a new
        one. A public client sends no secret."""
        said = body(
            client_id=client_id, client_secret=client_secret, external_auth_type=external_auth_type,
            external_auth_token=external_auth_token,
        )  # fmt: skip
        return await self._ask(ProvisionalToken, Route.of("POST", "/partner-sdk/token"), json=said)

    async def bot_partner_sdk_token(
        self,
        external_user_id: str,
        *,
        preferred_global_name: Maybe[str | None] = UNSET,
        provisional_user_id: Maybe[int | None] = UNSET,
    ) -> ProvisionalToken:
        """A token for a player by the word of the bot; makes a provisional account for a new one."""
        said = body(
            external_user_id=external_user_id, preferred_global_name=preferred_global_name,
            provisional_user_id=provisional_user_id,
        )  # fmt: skip
        return await self._ask(ProvisionalToken, Route.of("POST", "/partner-sdk/token/bot"), json=said)

    async def partner_sdk_unmerge_provisional_account(
        self,
        client_id: int,
        *,
        external_auth_type: str,
        external_auth_token: str,
        client_secret: Maybe[str | None] = UNSET,
    ) -> None:
        """Part a player from their account of Discord by the word of a provider; they get a provisional one."""
        said = body(
            client_id=client_id, client_secret=client_secret, external_auth_type=external_auth_type,
            external_auth_token=external_auth_token,
        )  # fmt: skip
        await self._do(Route.of("POST", "/partner-sdk/provisional-accounts/unmerge"), json=said)

    async def bot_partner_sdk_unmerge_provisional_account(self, external_user_id: str) -> None:
        """Part a player from their account of Discord by the word of the bot; they get a provisional one."""
        route = Route.of("POST", "/partner-sdk/provisional-accounts/unmerge/bot")
        await self._do(route, json=body(external_user_id=external_user_id))

    async def update_user_message_external_moderation_metadata(
        self, user_id_1: int, user_id_2: int, message_id: int, metadata: Mapping[str, str]
    ) -> None:
        """Note for the game's clients how a direct message was judged: up to 5 keys, values of up to 2000
        characters."""
        template = "/partner-sdk/dms/{user_id_1}/{user_id_2}/messages/{message_id}/moderation-metadata"
        route = Route.of("PUT", template, user_id_1=user_id_1, user_id_2=user_id_2, message_id=message_id)
        await self._do(route, json=dict(metadata))
