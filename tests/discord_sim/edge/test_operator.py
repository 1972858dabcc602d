"""What an operator can make happen, for clients whose reaction is to be tested."""

import asyncio
import json

import pytest
from websockets.asyncio.client import connect

from discord_sim import Simulation, World, start_discord
from framework import Bot, Intents, MessageCreate, RestManager
from framework.rest import CloudflareBanned


def with_rest(program):
    with Simulation(1) as sim:

        async def main():
            fake = await start_discord(sim, World(1, guilds=2))

            async def client():
                rest = RestManager(fake.settings.token)
                try:
                    return await program(rest, fake)
                finally:
                    await rest.close()

            return await sim.spawn("bot", client)

        return sim.run(main())


def channels(fake):
    return [next(iter(fake.world.guild_at(n).channels)) for n in range(2)]


@pytest.mark.parametrize(
    ("form", "invalid"), [("user", 1), ("shared", 0), ("global", 1)], ids=["user", "shared", "global"]
)
def test_a_forced_429_is_waited_out_and_the_call_succeeds(form, invalid):
    async def program(rest, fake):
        fake.force_429("create_message", form, retry_after_s=3)
        began = asyncio.get_running_loop().time()
        message = await rest.create_message(channels(fake)[0], "hello")
        took = asyncio.get_running_loop().time() - began
        counts = fake.record.counts()
        return message.content, took, counts["responses_429"][form], counts["invalid_requests"], rest.snapshot()

    content, took, seen, counted, snapshot = with_rest(program)
    assert (content, seen, counted) == ("hello", 1, invalid)
    assert 3 <= took < 3.2
    assert (snapshot.rate_limited, snapshot.invalid) == (1, invalid)


def test_a_shared_429_holds_up_its_channel_only():
    async def program(rest, fake):
        first, second = channels(fake)
        await asyncio.gather(rest.create_message(first, "warm"), rest.create_message(second, "warm"))
        fake.force_429("create_message", "shared", retry_after_s=30, code=20028)
        slow = asyncio.create_task(rest.create_message(first, "slow"))
        await asyncio.sleep(1)
        await rest.create_message(second, "quick")
        quick_first = not slow.done()
        await slow
        return quick_first

    assert with_rest(program)


def test_a_cloudflare_answer_stops_everything():
    async def program(rest, fake):
        fake.force_429("get_my_user", "cloudflare", retry_after_s=60)
        from framework.rest import Route

        with pytest.raises(CloudflareBanned):
            await rest.request(Route.of("GET", "/users/@me"))
        with pytest.raises(CloudflareBanned, match="60 s more"):
            await rest.create_message(channels(fake)[0], "not sent")
        sent = fake.record.counts()["requests"]
        await asyncio.sleep(60)
        await rest.create_message(channels(fake)[0], "sent")
        return sent

    assert with_rest(program) == 1


def test_rotated_hashes_lose_no_counter_and_earn_no_429():
    async def program(rest, fake):
        channel = channels(fake)[0]
        for n in range(20):
            if n % 5 == 3:
                fake.rotate_bucket_hashes()
            await rest.create_message(channel, f"m{n}")
        return fake.record.counts()["responses_429"]["user"]

    assert with_rest(program) == 0


def test_an_unknown_route_is_refused():
    with pytest.raises(ValueError, match="no operation 'nope'"):
        with_rest(lambda rest, fake: fake.force_429("nope", "user"))


def test_an_enforced_nonce_returns_the_first_message():
    async def program(rest, fake):
        channel = channels(fake)[0]
        sent = [await rest.create_message(channel, "once", nonce="n", enforce_nonce=True) for _ in range(2)]
        other = await rest.create_message(channel, "twice", nonce="n")
        return [m.id for m in (*sent, other)]

    first, second, other = with_rest(program)
    assert first == second != other


def test_a_guild_in_outage_stays_unavailable_until_it_recovers():
    with Simulation(1) as sim:

        async def main():
            fake = await start_discord(sim, World(1, guilds=2))
            fake.world.in_outage.add(fake.world.guild_at(0).id)

            async def client():
                async with connect("wss://gateway.discord.gg/?v=10", proxy=None) as socket:
                    identify = {"token": fake.settings.token, "intents": 1, "properties": {}}
                    await socket.send(json.dumps({"op": 2, "d": identify}))
                    await asyncio.sleep(5)
                    fake.guild_recovered(0)
                    fake.guild_outage(1)
                    await asyncio.sleep(1)
                    seen = []
                    while len(seen) < 4:
                        payload = json.loads(await socket.recv())
                        if payload["op"] == 0:
                            seen.append((payload["t"], payload["d"].get("id"), payload["d"].get("unavailable")))
                    return seen, [str(fake.world.guild_at(n).id) for n in range(2)]

            return await sim.spawn("bot", client)

        (ready, early, recovered, outage), (first, second) = sim.run(main())
    assert ready[0] == "READY"
    assert early == ("GUILD_CREATE", second, False)
    assert recovered == ("GUILD_CREATE", first, False)
    assert outage == ("GUILD_DELETE", second, True)


def test_a_bot_keeps_answering_through_a_forced_429_of_each_form(discord):
    bot = Bot(discord.token, intents=Intents.GUILD_MESSAGES | Intents.MESSAGE_CONTENT)

    @bot.on(MessageCreate)
    async def echo(event):
        if event.content.startswith("!"):
            await bot.rest.create_message(event.channel_id, event.content[1:])

    discord.run(bot)
    for form in ("user", "shared", "global"):
        discord.fake.force_429("create_message", form, retry_after_s=2)
        discord.say(f"!{form}")
        discord.advance(5)
    assert [m for m in discord.messages() if not m.startswith("!")] == ["user", "shared", "global"]


def test_an_operator_carries_out_any_operation_as_anybody(discord):
    fake = discord.fake
    guild = fake.world.guild_at(0)
    channel, member = next(iter(guild.channels)), list(fake.world.member_ids(guild))[1]
    said = fake.act(member, "create_message", {"content": "hi"}, channel_id=channel)
    assert (said.status, said.body["author"]["id"]) == (200, str(member))
    assert discord.messages() == ["hi"]
    wrong = fake.act(member, "create_message", {"content": "x" * 4_001}, channel_id=channel)
    assert (wrong.status, wrong.body["code"], list(wrong.body["errors"])) == (400, 50035, ["content"])
    refused = fake.act(member, "ban_user_from_guild", {}, guild_id=guild.id, user_id=guild.owner_id)
    assert (refused.status, refused.body["code"]) == (403, 50013)
    with pytest.raises(ValueError, match="no operation 'say'; the names are Discord's operation ids"):
        fake.act(member, "say")
