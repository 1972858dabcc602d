"""Tokens and what they stand for."""

from __future__ import annotations

import pytest

from discord_sim import FakeDiscord
from discord_sim.edge.operations.partner_sdk import link
from framework.models.oauth2 import ExternalAuthType
from framework.rest import BadRequest, Forbidden, RestManager


def user_of(discord: FakeDiscord) -> int:
    """Somebody in the first guild."""
    return list(discord.world.member_ids(discord.world.guild_at(0)))[1]


def test_what_a_token_stands_for(talk) -> None:
    async def story(rest: RestManager, discord: FakeDiscord) -> None:
        user = user_of(discord)
        bearer = discord.bearer(user, "identify", "openid")
        told = await rest.get_current_authorization_information(bearer=bearer)
        assert (told.application.id, told.scopes, told.user.id) == (discord.world.bot_id, ["identify", "openid"], user)
        assert (await rest.get_current_authorization_information()).user.id == discord.world.bot_id
        assert (await rest.get_openid_connect_userinfo(bearer=bearer)).sub == str(user)
        with pytest.raises(Forbidden):
            await rest.get_openid_connect_userinfo(bearer=discord.bearer(user, "identify"))
        assert await rest.get_public_keys() == []

    talk(story)


def test_players_without_an_account(talk) -> None:
    async def story(rest: RestManager, discord: FakeDiscord) -> None:
        me = discord.world.bot_id
        token = await rest.bot_partner_sdk_token("steve", preferred_global_name="Steve")
        player = discord.door.bearers[token.access_token].user_id
        assert (token.token_type, token.scope, token.expires_in) == ("Bearer", "sdk.social_layer", 604_800)
        again = await rest.bot_partner_sdk_token("steve", provisional_user_id=player)
        assert discord.door.bearers[again.access_token].user_id == player

        other = await rest.partner_sdk_token(
            me, external_auth_type=ExternalAuthType.STEAM_SESSION_TICKET, external_auth_token="ticket"
        )
        assert discord.door.bearers[other.access_token].user_id != player
        steam = {
            "external_auth_type": ExternalAuthType.STEAM_SESSION_TICKET, "external_auth_token": "ticket",
        }  # fmt: skip
        with pytest.raises(BadRequest):  # these are provisional still
            await rest.bot_partner_sdk_unmerge_provisional_account("steve")
        with pytest.raises(BadRequest):
            await rest.partner_sdk_unmerge_provisional_account(me, **steam)
        full = user_of(discord)
        link(discord.world, discord.door.bearers, me, "steve", full)
        link(discord.world, discord.door.bearers, me, "ticket", full, ExternalAuthType.STEAM_SESSION_TICKET)
        await rest.bot_partner_sdk_unmerge_provisional_account("steve")
        await rest.partner_sdk_unmerge_provisional_account(me, **steam)
        token = await rest.bot_partner_sdk_token("steve")
        assert discord.door.bearers[token.access_token].user_id not in (full, player)

    talk(story)


def test_a_direct_message_is_judged(talk) -> None:
    async def story(rest: RestManager, discord: FakeDiscord) -> None:
        me, user = discord.world.bot_id, user_of(discord)
        channel = await rest.create_dm(user)
        message = await rest.create_message(channel.id, "hi")
        await rest.update_user_message_external_moderation_metadata(me, user, message.id, {"verdict": "fine"})
        assert discord.world.bins["moderation_metadata"][message.id] == {str(me): {"verdict": "fine"}}

    talk(story)
