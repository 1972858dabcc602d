"""Interactions that go to an application's own endpoint: signed, answered in three seconds, never over the gateway."""

import asyncio

import aiohttp
import msgspec
import pytest
from aiohttp import web
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from discord_sim import Settings, Simulation, World, start_discord

URL = "http://bot.example:8080/interactions"
BASE = "https://discord.com/api/v10"


class Endpoint:
    """An application's web server on its own simulated machine. `answer` is what it says to a command."""

    def __init__(self, *, checks=True):
        self.key, self.checks, self.seen, self.delay_s = "", checks, [], 0.0
        self.answer = {"type": 4, "data": {"content": "hello"}}

    async def handle(self, request):
        raw = await request.read()
        signature, stamp = request.headers["X-Signature-Ed25519"], request.headers["X-Signature-Timestamp"]
        if self.checks:
            try:
                Ed25519PublicKey.from_public_bytes(bytes.fromhex(self.key)).verify(
                    bytes.fromhex(signature), stamp.encode() + raw
                )
            except InvalidSignature:
                return web.Response(status=401)
        body = msgspec.json.decode(raw)
        if body["type"] == 1:
            return web.json_response({"type": 1})
        self.seen.append(body)
        await asyncio.sleep(self.delay_s)
        if self.answer is None:
            return web.Response(status=202)
        return web.json_response(self.answer)

    async def serve(self):
        server = web.Server(self.handle, access_log=None)
        await asyncio.get_running_loop().create_server(server, "0.0.0.0", 8080)


@pytest.fixture
def play():
    """`play(program, endpoint)`: run `program(fake, call)`; `call(method, path, json)` is the bot's REST client."""

    def run(program, endpoint):
        with Simulation(1) as sim:

            async def main():
                fake = await start_discord(sim, World(1, guilds=1), Settings())
                sim.network.add_name("bot.example", "bot")
                headers = {"Authorization": f"Bot {fake.settings.token}"}

                async def bot():
                    await endpoint.serve()
                    async with aiohttp.ClientSession(headers=headers) as session:

                        async def call(method, path, json=None):
                            async with session.request(method, BASE + path, json=json) as answer:
                                return answer.status, await answer.json() if answer.status != 204 else None

                        _, me = await call("GET", "/applications/@me")
                        endpoint.key = me["verify_key"]
                        command = {"name": "hello", "description": "says hello", "type": 1}
                        await call("POST", f"/applications/{me['id']}/commands", command)
                        return await program(fake, call)

                result = await sim.spawn("bot", bot)
                await fake.stop()
                return result

            return sim.run(main())

    return run


def use(fake):
    guild = fake.world.guild_at(0)
    return fake.command(guild.owner_id, next(iter(guild.channels)), "hello")


def test_an_endpoint_that_checks_signatures_is_accepted_and_gets_the_interactions(play):
    endpoint = Endpoint()

    async def program(fake, call):
        status, me = await call("PATCH", "/applications/@me", {"interactions_endpoint_url": URL})
        interaction = use(fake)
        await asyncio.sleep(1)
        return status, me["interactions_endpoint_url"], interaction, fake.world.messages(interaction.channel_id, 1)

    status, kept, interaction, (message,) = play(program, endpoint)
    assert (status, kept, interaction.answered, message.content) == (200, URL, 4, "hello")
    (seen,) = endpoint.seen
    assert (seen["type"], seen["data"]["name"], seen["id"]) == (2, "hello", str(interaction.id))


@pytest.mark.parametrize("endpoint", [Endpoint(checks=False)], ids=["checks nothing"])
def test_an_endpoint_that_checks_nothing_is_refused(play, endpoint):
    async def program(fake, call):
        return await call("PATCH", "/applications/@me", {"interactions_endpoint_url": URL})

    status, body = play(program, endpoint)
    assert (status, body["code"]) == (400, 50035)
    assert "interactions_endpoint_url" in body["errors"]


def test_an_endpoint_nobody_listens_at_is_refused(play):
    async def program(fake, call):
        return await call("PATCH", "/applications/@me", {"interactions_endpoint_url": "http://bot.example:9/x"})

    assert play(program, Endpoint())[0] == 400


def test_never_both_ways(play):
    async def program(fake, call):
        await call("PATCH", "/applications/@me", {"interactions_endpoint_url": URL})
        use(fake)
        await asyncio.sleep(1)
        by_http = [e.type for e in fake.record.events if e.type == "INTERACTION_CREATE"]
        await call("PATCH", "/applications/@me", {"interactions_endpoint_url": None})
        use(fake)
        await asyncio.sleep(1)
        return by_http, [e.type for e in fake.record.events if e.type == "INTERACTION_CREATE"]

    assert play(program, Endpoint()) == ([], ["INTERACTION_CREATE"])


def test_an_answer_after_three_seconds_comes_too_late(play):
    endpoint = Endpoint()
    endpoint.delay_s = 3.5

    async def program(fake, call):
        await call("PATCH", "/applications/@me", {"interactions_endpoint_url": URL})
        interaction = use(fake)
        await asyncio.sleep(5)
        return interaction.answered, fake.record.gateway["interaction_failed"]

    assert play(program, endpoint) == (None, 1)


def test_an_answer_that_comes_in_pieces_is_read_to_its_end(play):
    endpoint = Endpoint()
    endpoint.answer = {"type": 4, "data": {"content": "a long story"}, "more": "x" * 300_000}

    async def program(fake, call):
        await call("PATCH", "/applications/@me", {"interactions_endpoint_url": URL})
        interaction = use(fake)
        await asyncio.sleep(1)
        return interaction.answered, fake.record.gateway["interaction_refused"]

    assert play(program, endpoint) == (4, 0)


def test_202_leaves_the_answer_to_the_callback_route(play):
    endpoint = Endpoint()
    endpoint.answer = None

    async def program(fake, call):
        await call("PATCH", "/applications/@me", {"interactions_endpoint_url": URL})
        interaction = use(fake)
        await asyncio.sleep(0.5)
        seen = endpoint.seen[0]
        path = f"/interactions/{seen['id']}/{seen['token']}/callback"
        status, _ = await call("POST", path, {"type": 4, "data": {"content": "by the route"}})
        return status, interaction.answered

    assert play(program, endpoint) == (204, 4)


def test_an_answer_that_is_no_callback_is_noted_and_refused(play):
    endpoint = Endpoint()
    endpoint.answer = {"type": 99}

    async def program(fake, call):
        await call("PATCH", "/applications/@me", {"interactions_endpoint_url": URL})
        interaction = use(fake)
        await asyncio.sleep(1)
        return interaction.answered, fake.record.gateway["interaction_refused"]

    assert play(program, endpoint) == (None, 1)
