"""discord.py and hikari through op 7, op 9 and lost connections: what is sent while they are away still arrives."""

import asyncio
import contextlib

import pytest

from discord_sim import Link, Settings, Simulation, World, start_discord
from framework import Bot, Intents, MessageCreate

discord = pytest.importorskip("discord")
hikari = pytest.importorskip("hikari")

DISTURBANCES = {
    "op 7": lambda fake: fake.gateway.reconnect(),
    "closed with 4000": lambda fake: fake.gateway.disconnect(0, 4000),
    "going away": lambda fake: fake.gateway.disconnect(0, 1001),
    "connection cut": lambda fake: fake.gateway.disconnect(0),
    "op 9": lambda fake: fake.gateway.invalidate(0),
}


def run_discord_py(fake, sim, seen):
    client = discord.Client(intents=discord.Intents.default())

    @client.event
    async def on_message(message):
        seen.append(message.id)

    return sim.spawn("bot", lambda: client.start(fake.settings.token)), client.close


def run_hikari(fake, sim, seen):
    bots = []

    async def program():
        bots.append(hikari.GatewayBot(fake.settings.token, banner=None, logs=None))
        bots[0].event_manager.subscribe(hikari.MessageCreateEvent, note)
        await bots[0].start(check_for_updates=False)
        await bots[0].join()

    async def note(event):
        seen.append(int(event.message_id))

    async def close():
        await bots[0].close()

    return sim.spawn("bot", program), close


def run_framework(fake, sim, seen):
    bot = Bot(fake.settings.token, intents=Intents.GUILD_MESSAGES)

    @bot.on(MessageCreate)
    async def note(event):
        seen.append(event.id)

    return sim.spawn("bot", bot.start), bot.close


@pytest.mark.parametrize("disturbance", DISTURBANCES)
@pytest.mark.parametrize("run", [run_discord_py, run_hikari, run_framework], ids=["discord.py", "hikari", "framework"])
def test_nothing_is_lost_where_a_resume_is_possible(run, disturbance):
    with Simulation(1) as sim:
        sim.network.default_link = Link(30, 10)

        async def main():
            fake = await start_discord(sim, World(1, guilds=2))
            seen, posted = [], []
            task, close = run(fake, sim, seen)
            await asyncio.sleep(30)
            for n in range(120):
                if n == 20:
                    DISTURBANCES[disturbance](fake)
                posted.append(fake.message_posted(n % 2, f"message {n}"))
                await asyncio.sleep(0.5)
            await asyncio.sleep(30)
            await sim.spawn("bot", close)
            await asyncio.wait([task], timeout=60)
            return posted, seen, fake.record.counts()

        posted, seen, counts = sim.run(main())
    assert len(seen) == len(set(seen)), "doubled"
    assert seen == sorted(seen), "reordered"
    if disturbance == "op 9":
        assert (counts["identifies"], counts["resumes"]) == (2, 0)
        assert set(seen) <= set(posted)
        assert seen[-20:] == posted[-20:]
    else:
        assert (counts["identifies"], counts["resumes"]) == (1, 1)
        assert seen == posted


@pytest.mark.parametrize("run", [run_discord_py, run_hikari, run_framework], ids=["discord.py", "hikari", "framework"])
def test_a_compressed_message_may_come_in_many_frames(run):
    with Simulation(1) as sim:

        async def main():
            fake = await start_discord(sim, World(1, guilds=2), Settings(stream_frame_bytes=100))
            seen, posted = [], []
            task, close = run(fake, sim, seen)
            await asyncio.sleep(30)
            for n in range(20):
                posted.append(fake.message_posted(n % 2, f"message {n} " * 50))
                await asyncio.sleep(0.5)
            await sim.spawn("bot", close)
            await asyncio.wait([task], timeout=60)
            return posted, seen, fake.record.counts()["connections"]

        posted, seen, connections = sim.run(main())
    assert seen == posted
    assert connections == 1


@pytest.mark.parametrize("run", [run_discord_py, run_hikari], ids=["discord.py", "hikari"])
def test_a_wrong_token_is_the_librarys_own_error(run):
    with Simulation(1) as sim:

        async def main():
            fake = await start_discord(sim, World(1, guilds=1))
            wrong = type("Fake", (), {"settings": type("S", (), {"token": fake.settings.token[:-1] + "_"})})
            task, close = run(wrong, sim, [])
            await asyncio.wait([task], timeout=60)
            with contextlib.suppress(hikari.ComponentStateConflictError):  # hikari has already closed itself
                await sim.spawn("bot", close)
            return task.exception(), fake.record.counts()["identifies"]

        error, identifies = sim.run(main())
    assert isinstance(error, discord.LoginFailure | hikari.UnauthorizedError)
    assert identifies == 0
