"""The endpoint: what it lets in, what it answers with, and that it lives with Discord's and with anybody's requests."""

from __future__ import annotations

import asyncio
import logging

import aiohttp
import msgspec
import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from discord_sim import FakeDiscord, Link, Settings, World
from framework import RestManager
from framework.clock import epoch_ms
from framework.errors import InvalidUse
from framework.interactions import Interaction, Interactions, InteractionServer, Response
from framework.models.interaction import InteractionCallbackType, InteractionType
from framework.rest import File

SECRET = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KEY = SECRET.public_key().public_bytes_raw().hex()
PING = b'{"type":1,"id":"1","application_id":"2","version":1}'
TOKEN = "aW50ZXJhY3Rpb246MTp0aGUtaW50ZXJhY3Rpb25zLXRva2Vu"


def told(**fields: object) -> bytes:
    """An interaction as Discord tells it."""
    common = {
        "id": "1", "application_id": "2", "type": 2, "token": TOKEN, "version": 1, "app_permissions": "0",
        "entitlements": [], "authorizing_integration_owners": {}, "attachment_size_limit": 10,
        "data": {"id": "3", "name": "ping", "type": 1},
    }  # fmt: skip
    return msgspec.json.encode(common | fields)


def signed(body: bytes, timestamp: str = "1700000000") -> dict[str, str]:
    """The headers of a genuine request."""
    signature = SECRET.sign(timestamp.encode() + body).hex()
    return {"X-Signature-Ed25519": signature, "X-Signature-Timestamp": timestamp}


def ask(interactions: Interactions, body: bytes, headers: dict[str, str], **options: float) -> tuple[int, object]:
    """(status, JSON if any) of one request on a real socket."""

    async def main() -> tuple[int, object]:
        rest = RestManager("a.bot.token")
        server = InteractionServer(interactions, rest, public_key=KEY, **options)
        port = await server.serve(port=0, path="/hooks/discord")
        try:
            url = f"http://127.0.0.1:{port}/hooks/discord"
            async with aiohttp.ClientSession() as session, session.post(url, data=body, headers=headers) as answer:
                is_json = answer.content_type == "application/json"
                return answer.status, await answer.json() if is_json else None
        finally:
            await server.close()
            await rest.close()

    return asyncio.run(main())


@pytest.fixture
def interactions(interactions: Interactions) -> Interactions:
    """One that answers `ping`."""

    @interactions.command("ping")
    async def ping(interaction: Interaction) -> str:
        return "pong"

    return interactions


def test_a_ping_is_answered(interactions) -> None:
    assert ask(interactions, PING, signed(PING)) == (200, {"type": 1})


def test_an_interaction_is_answered(interactions) -> None:
    body = told()
    assert ask(interactions, body, signed(body)) == (200, {"type": 4, "data": {"content": "pong"}})


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Signature-Ed25519": "00" * 64},
        {"X-Signature-Timestamp": "1700000000"},
        signed(PING) | {"X-Signature-Timestamp": "1700000001"},
        signed(PING) | {"X-Signature-Ed25519": "no hex"},
        signed(told()),
    ],
)
def test_what_is_not_signed_is_refused_and_no_handler_hears_of_it(headers) -> None:
    assert ask(Interactions(), PING, headers) == (401, None)


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"type":"x"}', told(id=None), told(data=5)])
def test_what_is_signed_but_no_interaction_is_no_crash(interactions, caplog, body) -> None:
    with caplog.at_level(logging.DEBUG):
        assert ask(interactions, body, signed(body)) == (400, None)
    assert "could not be read" in caplog.text
    assert TOKEN not in caplog.text


@pytest.mark.parametrize(("age_s", "status"), [(-3, 200), (0, 200), (3, 200), (8, 401), (80_000, 401)])
def test_old_requests_can_be_refused(interactions, age_s, status) -> None:
    headers = signed(PING, str(epoch_ms() // 1000 - age_s))
    assert ask(interactions, PING, headers, max_age_s=5)[0] == status
    assert ask(interactions, PING, headers)[0] == 200


def test_types_that_nothing_is_known_of_are_the_handlers_alone(caplog) -> None:
    made = Interactions()
    kind = InteractionCallbackType.SOCIAL_LAYER_SKU_PURCHASE_ELIGIBILITY
    body = told(type=6, data={"sku_id": "1"})

    @made.on(InteractionType.SOCIAL_LAYER_SKU_PURCHASE_ELIGIBILITY)
    async def may_buy(interaction: Interaction) -> Response:
        return Response(kind, {"eligible": True})

    assert ask(made, body, signed(body)) == (200, {"type": kind, "data": {"eligible": True}})
    assert ask(Interactions(), body, signed(body)) == (500, None)
    assert {record.name for record in caplog.records} == {"framework.interactions.handlers"}  # aiohttp met no error


@pytest.mark.parametrize("key", ["", "x" * 64, KEY[:-1], KEY + "0", " " * 64])
def test_a_key_that_is_none_is_told_at_once(key) -> None:
    with pytest.raises(InvalidUse, match="64 hex digits"):
        InteractionServer(Interactions(), RestManager("a.bot.token"), public_key=key)


def test_in_an_app_of_the_users_own(interactions) -> None:
    async def main() -> tuple[int, bytes]:
        rest = RestManager("a.bot.token")
        app = web.Application()
        app.router.add_post("/interactions", InteractionServer(interactions, rest, public_key=KEY).handle)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}/interactions"
        async with aiohttp.ClientSession() as session, session.post(url, data=PING, headers=signed(PING)) as answer:
            found = answer.status, await answer.read()
        await runner.cleanup()
        await rest.close()
        return found

    assert asyncio.run(main()) == (200, b'{"type":1}')


def test_files_go_with_the_answer(over_http) -> None:
    made = Interactions()

    @made.command("letter", ephemeral=True)
    async def letter(interaction: Interaction) -> Response:
        return Response.message("see there", files=[File("a.txt", b"x" * 200_000, description="a letter")])

    async def story(stage) -> None:
        await stage.register("letter")
        used = stage.use("letter")
        await asyncio.sleep(1)
        (message,) = stage.discord.world.messages(stage.channel, 9)
        assert (used.answered, message.content, message.doc["flags"]) == (4, "see there", 64)
        assert [(a["filename"], a["size"], a["description"]) for a in message.doc["attachments"]] == [
            ("a.txt", 200_000, "a letter")
        ]

    over_http(made, story)


def test_what_overtakes_the_first_response_is_sent_again(over_http) -> None:
    """Two connections, and a network where the one sent first may well come last."""
    made = Interactions()

    @made.command("ping")
    async def ping(interaction: Interaction) -> None:
        await interaction.respond("one")
        await interaction.followup("two")
        await interaction.edit_original("three")

    async def story(stage) -> None:
        await stage.register("ping")
        for _ in range(20):
            stage.use("ping")
            await asyncio.sleep(3)
        assert sorted(stage.seen()) == [("three", 0)] * 20 + [("two", 0)] * 20
        overtook = stage.requests("execute_webhook").count(404)
        assert 0 < overtook < 40

    over_http(made, story, link=Link(60, 60))


def test_an_interaction_that_a_stalled_bot_cannot_answer_in_time(over_http, caplog) -> None:
    made = Interactions()

    @made.command("stall")
    async def stall(interaction: Interaction) -> str:
        interaction.progress.came_ms -= 3_000  # as if the loop had stood still
        return "too late"

    async def story(stage) -> None:
        await stage.register("stall")
        used = stage.use("stall")
        await asyncio.sleep(5)
        assert (used.answered, stage.seen(), stage.requests()) == (None, [], [])

    over_http(made, story)
    assert "('stall', type 2) was not answered: the interaction came 3.0 s ago; not sent" in caplog.text


def test_a_call_that_waits_ends_with_its_interaction(over_http, caplog) -> None:
    made = Interactions()

    @made.command("work")
    async def work(interaction: Interaction) -> str:
        await asyncio.sleep(14 * 60)
        return "late"

    async def story(stage) -> None:
        await stage.register("work")
        stage.use("work")
        await asyncio.sleep(13 * 60)
        stage.discord.force_429("update_original_webhook_message", "user", retry_after_s=120)
        await asyncio.sleep(5 * 60)
        assert stage.requests() == [429]

    over_http(made, story)
    assert "the interaction ended before Discord had answered" in caplog.text


def test_all_of_it_on_real_sockets(interactions) -> None:
    @interactions.command("work")
    async def work(interaction: Interaction) -> None:
        await interaction.defer(ephemeral=True)
        await interaction.respond("done")
        await interaction.followup("and more")

    async def main() -> list[tuple[str, int]]:
        fake = FakeDiscord(World(1, guilds=1), Settings())
        port = await fake.start()
        rest = RestManager(fake.settings.token, base_url=f"http://127.0.0.1:{port}/api/v10")
        me = await rest.get_current_application()
        server = InteractionServer(interactions, rest, public_key=me.verify_key)
        here = f"http://127.0.0.1:{await server.serve(port=0)}/"
        for name in ("ping", "work"):
            await rest.create_global_application_command(me.id, name, description="x")
        assert (await rest.edit_current_application(interactions_endpoint_url=here)).interactions_endpoint_url == here
        guild = fake.world.guild_at(0)
        channel = next(iter(guild.channels))
        async with asyncio.timeout(20):
            for name, total in (("ping", 1), ("work", 3)):
                fake.command(guild.owner_id, channel, name)
                while len([m for m in fake.world.messages(channel, 9) if m.content]) < total:
                    await asyncio.sleep(0.01)
        await server.close()
        await rest.close()
        await fake.stop()
        return [(m.content, m.doc["flags"]) for m in reversed(fake.world.messages(channel, 9))]

    assert asyncio.run(main()) == [("pong", 0), ("done", 64), ("and more", 64)]
