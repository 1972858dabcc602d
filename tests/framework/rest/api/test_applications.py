"""Applications, their emojis and role connections, and the gateway's address."""

from __future__ import annotations

import re

import pytest

from discord_sim import FakeDiscord
from discord_sim.spec import OPERATIONS
from framework.models.application import (
    ApplicationFlags,
    ApplicationIntegrationTypeConfiguration,
    ApplicationRoleConnectionMetadata,
    ApplicationRoleConnectionMetadataType,
    InstallParams,
)
from framework.rest import BadRequest, NotFound, RestManager
from framework.rest.api.applications import ApplicationsApi
from framework.rest.api.commands import ApplicationCommandsApi
from framework.rest.api.gateway import GatewayApi
from framework.rest.api.interactions import InteractionsApi
from framework.rest.api.lobbies import LobbiesApi
from framework.rest.api.monetization import MonetizationApi
from framework.rest.api.oauth2 import OAuth2Api
from framework.rest.files import File

PNG = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5E"
    "rkJggg=="
)
BEGINNINGS = (
    "/applications", "/interactions", "/oauth2", "/lobbies", "/partner-sdk", "/skus", "/gateway",
    "/users/@me/applications",
)  # fmt: skip


def user_of(discord: FakeDiscord) -> int:
    """Somebody in the first guild."""
    return list(discord.world.member_ids(discord.world.guild_at(0)))[1]


def test_the_methods_are_the_operations(routes_of) -> None:
    mixins = (ApplicationCommandsApi, ApplicationsApi, GatewayApi, InteractionsApi, LobbiesApi, MonetizationApi)
    operations = {
        (o.method, re.sub(r"\{.*?\}", "{}", o.template))
        for o in OPERATIONS.values() if o.template.startswith(BEGINNINGS)
    }  # fmt: skip
    # Documented, and missing in the OpenAPI document.
    assert routes_of(*mixins, OAuth2Api) == operations | {("GET", "/applications/{}/skus")}


def test_the_gateway(talk) -> None:
    async def story(rest: RestManager, discord: FakeDiscord) -> None:
        url = await rest.get_gateway()
        found = await rest.get_gateway_bot()
        assert (url, found.url, found.shards) == (discord.settings.gateway_url, url, 1)
        limit = found.session_start_limit
        assert (limit.total, limit.remaining, limit.max_concurrency) == (1000, 1000, 1)

    talk(story)


def test_what_is_set_of_an_application_is_read_back(talk) -> None:
    async def story(rest: RestManager, discord: FakeDiscord) -> None:
        me = discord.world.bot_id
        before = await rest.get_current_application()
        assert before == await rest.get_application(me) == await rest.get_current_bot_application_information()
        assert (before.id, before.icon, before.bot_public) == (me, None, True)
        assert before.flags == before.flags_new

        params = InstallParams(scopes=["bot", "applications.commands"], permissions=1 << 40)
        changed = await rest.edit_current_application(
            description="all about cats", tags=["cats"], icon=PNG, install_params=params,
            flags=ApplicationFlags.GATEWAY_PRESENCE_LIMITED,
            integration_types_config={
                0: ApplicationIntegrationTypeConfiguration(oauth2_install_params=params), 1: None,
            },
        )  # fmt: skip
        assert changed == await rest.get_current_application()
        assert (changed.description, changed.tags, changed.install_params) == ("all about cats", ["cats"], params)
        assert isinstance(changed.icon, str)
        assert changed.flags == ApplicationFlags.GATEWAY_PRESENCE_LIMITED
        assert changed.integration_types_config == {
            0: ApplicationIntegrationTypeConfiguration(oauth2_install_params=params),
            1: ApplicationIntegrationTypeConfiguration(),
        }

        cleared = await rest.edit_application(me, icon=None, tags=None)
        assert (cleared.icon, cleared.tags, cleared.description) == (None, [], "all about cats")
        assert cleared == await rest.edit_application(me)
        with pytest.raises(BadRequest) as caught:
            await rest.edit_current_application(description="x" * 401)
        assert "description" in caught.value.errors

    talk(story)


def test_emojis_of_an_application(talk) -> None:
    async def story(rest: RestManager, discord: FakeDiscord) -> None:
        me = discord.world.bot_id
        made = await rest.create_application_emoji(me, name="cat", image=PNG)
        assert await rest.list_application_emojis(me) == [made]
        assert made.user is not None
        renamed = await rest.modify_application_emoji(me, made.id, name="tomcat")
        assert (renamed.id, renamed.name) == (made.id, "tomcat")
        assert (
            await rest.modify_application_emoji(me, made.id) == renamed == await rest.get_application_emoji(me, made.id)
        )
        await rest.delete_application_emoji(me, made.id)
        assert await rest.list_application_emojis(me) == []

    talk(story)


def test_attachments_and_activities(talk) -> None:
    async def story(rest: RestManager, discord: FakeDiscord) -> None:
        me = discord.world.bot_id
        kept = await rest.upload_application_attachment(me, File("map.png", b"not really a picture", "image/png"))
        assert (kept.filename, kept.size, kept.ephemeral) == ("map.png", 20, True)

        guild = discord.world.guild_at(0)
        channel = next(iter(guild.channels))
        user = user_of(discord)
        await rest.create_global_application_command(me, "play", description="the game")
        asked = discord.command(user, channel, "play")
        response = await rest.create_interaction_response(asked.id, asked.token, 12, with_response=True)
        instance_id = response.resource.activity_instance.id
        assert response.interaction.activity_instance_id == instance_id
        instance = await rest.get_application_activity_instance(me, instance_id)
        assert (instance.instance_id, instance.users) == (instance_id, [user])
        assert (instance.location.channel_id, instance.location.guild_id) == (channel, guild.id)
        with pytest.raises(NotFound):
            await rest.get_application_activity_instance(me, "i-1-gc-1-1")

    talk(story)


def test_role_connections(talk) -> None:
    async def story(rest: RestManager, discord: FakeDiscord) -> None:
        me = discord.world.bot_id
        user = user_of(discord)
        bearer = discord.bearer(user, "role_connections.write")
        records = [
            ApplicationRoleConnectionMetadata(
                type=ApplicationRoleConnectionMetadataType.INTEGER_GREATER_THAN_OR_EQUAL, key="level", name="Level",
                description="how far they are", name_localizations={"de": "Stufe"},
            )
        ]  # fmt: skip
        assert await rest.get_application_role_connection_metadata_records(me) == []
        assert await rest.update_application_role_connection_metadata_records(me, records) == records
        assert await rest.get_application_role_connection_metadata_records(me) == records

        nothing = await rest.get_current_user_application_role_connection(me, bearer=bearer)
        assert (nothing.platform_username, nothing.metadata) == (None, {})
        told = await rest.update_current_user_application_role_connection(
            me, bearer=bearer, platform_name="The Game", platform_username="tomcat", metadata={"level": "7"}
        )
        assert (told.platform_name, told.platform_username, told.metadata) == ("The Game", "tomcat", {"level": "7"})
        assert told == await rest.get_current_user_application_role_connection(me, bearer=bearer)
        await rest.delete_current_user_application_role_connection(me, bearer=bearer)
        assert nothing == await rest.get_current_user_application_role_connection(me, bearer=bearer)

    talk(story)
