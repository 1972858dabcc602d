"""Gateway and bot in processes of their own: what the server sent against what the handlers were given."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from discord_sim import FakeDiscord, Link, Settings, Simulation, World, start_discord
from framework import Bot, Intents, InvalidUse, MessageCreate, RestManager
from framework.bot import Forwarder, gateway_bot
from framework.gateway import GatewayBot, MemoryStore
from framework.mq import Batcher, HttpConsumer, HttpPublisher, Journal, in_process

INTENTS = Intents.GUILDS | Intents.GUILD_MESSAGES
MESSAGE = "MESSAGE_CREATE"
SECRET = "a-secret-between-two-processes"


async def limits() -> GatewayBot:
    return GatewayBot("wss://gateway.discord.gg", 4, 1000, 1000, 86_400_000, 16)


class Bots:
    """A bot on its own machine, which may be killed and started again; what its handlers saw stays."""

    def __init__(self, sim: Simulation, discord: FakeDiscord, path: Path, *, handler_s: float = 0.0) -> None:
        self.sim, self.discord, self.path, self.handler_s = sim, discord, path, handler_s
        self.seen: list[tuple[int, int]] = []
        self.all: list[Bot] = []

    async def start(self) -> None:
        async def program() -> None:
            bot = Bot(self.discord.settings.token, intents=INTENTS)
            self.all.append(bot)

            @bot.on(MessageCreate)
            async def note(event: MessageCreate) -> None:
                if self.handler_s:
                    await asyncio.sleep(self.handler_s)
                self.seen.append((event.guild_id, event.id))

            await bot.start_from(
                HttpConsumer(SECRET, host="0.0.0.0", port=80, positions=Journal(self.path / "handled"))
            )

        await self.sim.spawn("bot", program)

    async def stop(self) -> None:
        async def program() -> None:
            await self.all[-1].close()
            for bot in self.all[:-1]:
                await bot.rest.close()

        await self.sim.spawn("bot", program)

    def judge(self) -> None:
        said = [(event.guild_id, event.key) for event in self.discord.record.events if event.type == MESSAGE]
        assert len(self.seen) == len(set(self.seen))
        assert set(self.seen) == set(said)
        for guild_id in {guild for guild, _ in said}:
            assert [m for g, m in self.seen if g == guild_id] == [m for g, m in said if g == guild_id]


def play(path: Path, story: Callable, *, guilds: int = 20, **options: float) -> FakeDiscord:
    with Simulation(1) as sim:
        sim.network.default_link = Link(10, 3)
        sim.network.add_name("bot-0.internal", "bot")

        async def main() -> FakeDiscord:
            discord = await start_discord(sim, World(1, guilds=guilds), Settings(shards=4, max_concurrency=16))
            bots = Bots(sim, discord, path, **options)
            await bots.start()

            async def gateway_side() -> None:
                await story(sim, discord, bots)

            await sim.spawn("gateway", gateway_side)
            bots.judge()
            await bots.stop()
            await discord.stop()
            return discord

        return sim.run(main())


async def chat(discord: FakeDiscord, count: int, gap_s: float) -> None:
    for number in range(count):
        discord.message_posted(number % 20, f"message {number}")
        await asyncio.sleep(gap_s)


def forwarder(discord: FakeDiscord, store: MemoryStore | None = None, **options: object) -> Forwarder:
    forward = Forwarder(HttpPublisher(["http://bot-0.internal/events"], SECRET, **options))
    forward.gateway(discord.settings.token, intents=int(INTENTS), fetch_gateway_bot=limits, store=store)
    return forward


def test_events_reach_the_other_process_once_and_in_order_and_without_a_bot_of_its_own(tmp_path: Path) -> None:
    async def story(sim: Simulation, discord: FakeDiscord, bots: Bots) -> None:
        forward = forwarder(discord)
        await forward.start()
        await chat(discord, 200, 0.01)
        await asyncio.sleep(1)
        assert await forward.close() == 0

    discord = play(tmp_path, story)
    assert discord.record.gateway["identify"] == 4


def test_a_bot_that_is_killed_misses_nothing_and_its_shards_stay_connected(tmp_path: Path) -> None:
    async def story(sim: Simulation, discord: FakeDiscord, bots: Bots) -> None:
        forward = forwarder(discord)
        await forward.start()
        talk = asyncio.create_task(chat(discord, 400, 0.02))
        for _ in range(2):
            await asyncio.sleep(2)
            await sim.kill("bot")
            await asyncio.sleep(1)
            await bots.start()
        await talk
        await asyncio.sleep(20)
        assert await forward.close() == 0

    discord = play(tmp_path, story)
    assert discord.record.gateway["identify"] == 4
    assert discord.record.gateway["resume"] == 0


def test_a_gateway_process_that_is_killed_resumes_from_what_was_accepted(tmp_path: Path) -> None:
    async def story(sim: Simulation, discord: FakeDiscord, bots: Bots) -> None:
        store, kept = MemoryStore(), []

        async def gateway() -> None:
            forward = forwarder(discord, store)
            kept.append(forward)
            await forward.start()

        await sim.spawn("front", gateway)
        talk = asyncio.create_task(chat(discord, 300, 0.02))
        await asyncio.sleep(2)
        await sim.kill("bot")  # from here nothing is accepted
        await asyncio.sleep(3)
        saved = store.sessions
        await sim.kill("front")
        store.sessions = saved
        await sim.spawn("front", gateway)
        await bots.start()
        await talk
        await asyncio.sleep(10)

        async def leave() -> None:
            for forward in kept:
                await forward.close()

        await sim.spawn("front", leave)

    discord = play(tmp_path, story)
    assert discord.record.gateway["identify"] == 4
    assert discord.record.gateway["resume"] == 4


def test_a_bot_that_is_slow_holds_up_discord_and_nothing_is_refused(tmp_path: Path) -> None:
    most = []

    async def story(sim: Simulation, discord: FakeDiscord, bots: Bots) -> None:
        forward = forwarder(discord, batcher=Batcher(waiting_max=200))
        await forward.start()
        talk = asyncio.create_task(chat(discord, 1_500, 0.002))
        while not talk.done():
            most.append(forward._publisher.snapshot().waiting)
            await asyncio.sleep(0.05)
        await asyncio.sleep(60)
        assert await forward.close() == 0

    play(tmp_path, story, handler_s=0.05)
    assert 100 <= max(most) <= 200


def test_in_one_process_it_is_the_same(tmp_path: Path) -> None:
    async def story(sim: Simulation, discord: FakeDiscord, bots: Bots) -> None:
        publisher, consumer = in_process()
        rest = RestManager(discord.settings.token)
        bot = Bot(discord.settings.token, intents=INTENTS, rest=rest)

        @bot.on(MessageCreate, needs_guild=True)
        async def note(event: MessageCreate) -> None:
            assert event.guild is not None
            bots.seen.append((event.guild_id, event.id))

        await bot.start_from(consumer)
        forward = Forwarder(publisher)
        forward.gateway(discord.settings.token, intents=int(INTENTS), fetch_gateway_bot=gateway_bot(rest))
        await forward.start()
        await chat(discord, 100, 0.01)
        await asyncio.sleep(5)
        assert await forward.close() == 0
        await bot.close()
        await rest.close()

    play(tmp_path, story)


def test_a_forwarder_without_a_gateway_says_what_to_do() -> None:
    publisher, _ = in_process()
    with pytest.raises(InvalidUse, match=r"Forwarder\.gateway"):
        asyncio.run(Forwarder(publisher).start())
