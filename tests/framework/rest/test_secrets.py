"""Tokens are seen by Discord alone: no error, repr or log of a run at DEBUG level holds one."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Awaitable, Callable

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from discord_sim import FakeDiscord, Link
from discord_sim.faults import RestFault
from framework import Bot, Intents, Raw
from framework.models import decode
from framework.models.interaction import Interaction, InteractionCallbackType
from framework.models.oauth2 import ExternalAuthType
from framework.rest import RestError, RestManager, Route

Call = Callable[[], Awaitable[object]]


class Said:
    """Everything that could be shown to somebody, and what must not be in it."""

    def __init__(self) -> None:
        self.secrets: dict[str, str] = {}
        self.texts: list[str] = []

    def show(self, *things: object) -> None:
        self.texts += [shown for thing in things for shown in (repr(thing), str(thing))]

    async def fails(self, call: Call) -> None:
        with pytest.raises(RestError) as caught:
            await call()
        self.show(caught.value, caught.value.route, caught.value.args)
        self.texts += traceback.format_exception(caught.value)

    def check(self, logged: str) -> None:
        everything = "\n".join([*self.texts, logged])
        assert {name for name, secret in self.secrets.items() if secret in everything} == set()
        assert all(len(secret) > 5 for secret in self.secrets.values())


def test_against_discord(play, caplog: pytest.LogCaptureFixture) -> None:
    said = Said()

    async def story(discord: FakeDiscord) -> None:
        asyncio.get_running_loop().set_debug(True)
        guild = discord.world.guild_at(0)
        user, channel = list(discord.world.member_ids(guild))[1], next(iter(guild.channels))
        bot = Bot(discord.settings.token, intents=Intents.GUILDS)
        rest, me, bearer = bot.rest, discord.world.bot_id, discord.bearer(user, "identify")
        raw: list[bytes] = []

        @bot.on("INTERACTION_CREATE")
        async def fail(event: Raw) -> None:
            raw.append(event.data)
            raise ValueError("a handler of the user's")

        await bot.start()
        hook = await rest.request(
            Route.of("POST", "/channels/{channel_id}/webhooks", channel_id=channel), json={"name": "hook"}
        )
        await rest.create_global_application_command(me, "cat", description="x")
        asked = discord.command(user, channel, "cat")
        await asyncio.sleep(0.5)
        provisional = await rest.bot_partner_sdk_token("steve")
        said.secrets = {
            "bot": discord.settings.token, "bearer": bearer, "webhook": hook["token"], "interaction": asked.token,
            "access": provisional.access_token, "external": "the-external-ticket", "client": "the-client-secret",
        }  # fmt: skip
        said.show(bot, rest, decode(Interaction, raw[0]), provisional)

        async def by_webhook() -> object:
            template = "/webhooks/{webhook_id}/{webhook_token}"
            route = Route.of("POST", template, webhook_id=int(hook["id"]), webhook_token=hook["token"])
            return await rest.request(route, json={})

        async def respond() -> object:
            return await rest.create_interaction_response(
                asked.id, asked.token, InteractionCallbackType.CHANNEL_MESSAGE_WITH_SOURCE
            )

        async def as_user() -> object:
            return await rest.get_openid_connect_userinfo(bearer=bearer)

        async def as_game() -> object:
            return await rest.partner_sdk_token(
                me, external_auth_type=ExternalAuthType.OIDC, external_auth_token=said.secrets["external"],
                client_secret=said.secrets["client"],
            )  # fmt: skip

        calls: list[Call] = [by_webhook, respond, as_user, as_game]
        for call in calls:
            await said.fails(call)  # refused by Discord
        discord.rest_fault(RestFault("*", None, "reset"))
        for call in calls:
            await said.fails(call)  # the answer is lost
        discord.faults.rest.clear()
        await rest.close()
        for call in calls:
            await said.fails(call)  # closed
        said.show(bot, rest, rest.snapshot())
        await bot.close()

    with caplog.at_level(logging.DEBUG):
        play(story, link=Link(20, 5))
    said.check(caplog.text)


def test_where_the_error_of_the_http_library_tells_the_address(caplog: pytest.LogCaptureFixture) -> None:
    said = Said()
    said.secrets = {"bot": "a.bot.token", "webhook": "the-webhooks-token"}

    async def handler(request: web.Request) -> web.StreamResponse:
        raise web.HTTPFound(request.path)  # without end

    async def main() -> None:
        app = web.Application()
        app.router.add_route("*", "/{tail:.*}", handler)
        async with TestServer(app) as server:
            rest = RestManager(said.secrets["bot"], base_url=str(server.make_url("")).rstrip("/"))
            template = "/webhooks/{webhook_id}/{webhook_token}"
            route = Route.of("POST", template, webhook_id=1, webhook_token=said.secrets["webhook"])
            await said.fails(lambda: rest.request(route, json={}))
            await rest.close()

    with caplog.at_level(logging.DEBUG):
        asyncio.run(main())
    said.check("\n".join(record.getMessage() for record in caplog.records if record.name != "aiohttp.access"))
