"""Going over to another number of shards while things happen: the judge is the server's record."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from random import Random

import pytest

from discord_sim import FakeDiscord, Link, Settings
from framework import Bot, Intents, InvalidUse, MessageCreate
from framework.errors import ReshardingFailed
from framework.gateway import GatewayBot, MemoryStore
from framework.wire import GatewayOp

Play = Callable[..., FakeDiscord]
INTENTS = Intents.GUILDS | Intents.GUILD_MESSAGES | Intents.GUILD_MEMBERS
MESSAGE = "MESSAGE_CREATE"


class Watched:
    """A bot that notes what it is given, and traffic beside it."""

    def __init__(self, discord: FakeDiscord, shard_count: int | None, **options: object) -> None:
        self.discord = discord
        self.seen: list[tuple[int, int]] = []
        self.bot = Bot(discord.settings.token, intents=INTENTS, shard_count=shard_count, **options)
        self._traffic: asyncio.Task[None] | None = None

        @self.bot.on(MessageCreate)
        async def note(event: MessageCreate) -> None:
            self.seen.append((event.guild_id, event.id))

    async def talk(self, guilds: int, gap_s: float, seed: int = 1) -> None:
        random = Random(seed)

        async def go_on() -> None:
            while True:
                self.discord.message_posted(random.randrange(guilds), "hello")
                await asyncio.sleep(random.expovariate(1 / gap_s))

        self._traffic = asyncio.create_task(go_on())

    async def hush(self) -> None:
        self._traffic.cancel()
        await asyncio.sleep(5)

    def judge(self) -> None:
        """Everything once, and each guild in order."""
        said = [(event.guild_id, event.key) for event in self.discord.record.events if event.type == MESSAGE]
        assert len(self.seen) == len(set(self.seen))
        assert set(self.seen) == set(said)
        for guild_id in {guild for guild, _ in said}:
            assert [m for g, m in self.seen if g == guild_id] == [m for g, m in said if g == guild_id]


@pytest.mark.parametrize(("before", "after"), [(1, 4), (4, 1), (2, 3), (3, 2), (4, 8)])
@pytest.mark.parametrize("latency_ms", [1, 150])
def test_nothing_is_lost_doubled_or_swapped_up_and_down(play: Play, before: int, after: int, latency_ms: int) -> None:
    async def story(discord: FakeDiscord) -> None:
        watched = Watched(discord, before)
        await watched.bot.start()
        await watched.talk(20, 0.01)
        await watched.bot.gateway.reshard(after)
        await watched.hush()
        watched.judge()
        assert watched.bot.gateway.shard_count == after
        await watched.bot.close()

    discord = play(story, guilds=20, settings=Settings(max_concurrency=4), link=Link(latency_ms, jitter_ms=latency_ms))
    assert discord.record.gateway["identify"] == before + after
    assert discord.record.gateway["identify_too_early"] == 0


@pytest.mark.parametrize("seed", range(6))
def test_connections_that_break_in_the_middle_change_nothing(play: Play, seed: int) -> None:
    async def story(discord: FakeDiscord) -> None:
        random = Random(seed)
        watched = Watched(discord, 2)
        await watched.bot.start()
        await watched.talk(20, 0.02, seed)

        async def break_things() -> None:
            while True:
                await asyncio.sleep(random.uniform(0.2, 4))
                shard = random.randrange(4)
                if random.random() < 0.3:
                    discord.gateway.reconnect(shard)
                else:
                    discord.gateway.disconnect(shard, random.choice([None, 4000]))

        breaking = asyncio.create_task(break_things())
        resharding = asyncio.create_task(watched.bot.gateway.reshard(4))
        await asyncio.sleep(20)
        breaking.cancel()
        await resharding
        await watched.hush()
        watched.judge()
        await watched.bot.close()

    discord = play(story, guilds=20, settings=Settings(max_concurrency=1))
    assert discord.record.gateway["resume"] > 3
    assert discord.record.gateway["identify_too_early"] == 0


def test_where_the_new_shards_cannot_begin_the_old_ones_go_on_as_if_nothing_had_been(play: Play) -> None:
    async def story(discord: FakeDiscord) -> None:
        watched = Watched(discord, 2)
        await watched.bot.start()
        await watched.talk(20, 0.05)
        fetch = watched.bot.gateway._local._fetch

        async def astray() -> GatewayBot:
            return replace(await fetch(), url="wss://nowhere.invalid")

        watched.bot.gateway._local._fetch = astray
        with pytest.raises(ReshardingFailed, match="not ready within"):
            await watched.bot.gateway.reshard(4)
        await watched.hush()
        watched.judge()
        assert watched.bot.gateway.shard_count == 2
        assert all(shard.is_ready for shard in watched.bot.gateway.shards.values())
        assert all(shard.on_event == watched.bot.gateway._deliver for shard in watched.bot.gateway.shards.values())
        await watched.bot.close()

    play(story, guilds=20)


def test_an_old_shard_that_never_comes_back_ends_the_attempt(play: Play) -> None:
    async def story(discord: FakeDiscord) -> None:
        watched = Watched(discord, 2)
        await watched.bot.start()
        await watched.talk(20, 0.2)
        resharding = asyncio.create_task(watched.bot.gateway.reshard(3))
        await asyncio.sleep(3)
        shard = watched.bot.gateway.shards[1]
        shard._url = shard._machine.resume_url = "wss://nowhere.invalid"
        discord.gateway.disconnect(1, None)
        with pytest.raises(ReshardingFailed, match="not ready within"):
            await resharding
        assert (watched.bot.gateway.shard_count, watched.bot.gateway.snapshot().is_resharding) == (2, False)
        alive = [c.session.shard_count for c in discord.gateway.connections.values() if c.session is not None]
        assert alive == [2]
        await watched.hush()
        await watched.bot.close()

    play(story, guilds=20)


def test_what_is_sent_meanwhile_reaches_the_right_shard(play: Play) -> None:
    async def story(discord: FakeDiscord) -> None:
        watched = Watched(discord, 2)
        bot = watched.bot
        await bot.start()
        resharding = asyncio.create_task(bot.gateway.reshard(5))
        guilds = list(discord.world.guild_ids())
        answered = 0
        for number in range(60):
            found = await bot.gateway.request_members(guilds[number % 20], query="a", limit=3, timeout_s=20)
            answered += found is not None
            await asyncio.sleep(0.5)
        await resharding
        assert answered == 60
        await bot.close()

    play(story, guilds=20)


def test_a_request_that_is_under_way_at_the_switch_is_answered(play: Play) -> None:
    async def story(discord: FakeDiscord) -> None:
        watched = Watched(discord, 1)
        bot = watched.bot
        await bot.start()
        guild = next(iter(discord.world.guild_ids()))
        resharding = asyncio.create_task(bot.gateway.reshard(2))
        while bot.gateway.shard_count != 2:
            await asyncio.sleep(0.01)
            asking = asyncio.create_task(bot.gateway.request_members(guild, query="a", limit=1, timeout_s=20))
            await asyncio.sleep(0.01)
            if not asking.done():
                last = asking
        await last
        await resharding
        await bot.close()

    play(story, guilds=3, settings=Settings(max_concurrency=2))


def test_two_at_once_are_refused(play: Play) -> None:
    async def story(discord: FakeDiscord) -> None:
        bot = Bot(discord.settings.token, intents=INTENTS, shard_count=1)
        await bot.start()
        first = asyncio.create_task(bot.gateway.reshard(2))
        await asyncio.sleep(0)
        with pytest.raises(InvalidUse, match="under way"):
            await bot.gateway.reshard(3)
        await first
        await bot.close()

    play(story)


def test_a_process_with_a_part_of_the_shards_cannot(play: Play) -> None:
    async def story(discord: FakeDiscord) -> None:
        bot = Bot(discord.settings.token, intents=INTENTS, shard_count=2, shard_ids=[0])
        await bot.start()
        with pytest.raises(InvalidUse, match="a part of the shards"):
            await bot.gateway.reshard(4)
        await bot.close()

    play(story)


@pytest.mark.parametrize(("recommended", "then"), [(5, 5), (1, 1), (2, 2)])
def test_every_eight_hours_the_recommendation_is_followed_up_and_down(play: Play, recommended: int, then: int) -> None:
    async def story(discord: FakeDiscord) -> None:
        watched = Watched(discord, None)
        await watched.bot.start()
        discord.recommend_shards(recommended)
        await asyncio.sleep(8 * 3_600 - 60)
        assert watched.bot.gateway.shard_count == 2
        await watched.talk(20, 0.5)
        await asyncio.sleep(180)
        assert watched.bot.gateway.shard_count == then
        await watched.hush()
        watched.judge()
        await watched.bot.close()

    play(story, guilds=20, settings=Settings(shards=2, max_concurrency=16))


def test_a_crash_in_the_middle_resumes_the_old_shards_and_loses_nothing(play: Play) -> None:
    async def story(discord: FakeDiscord) -> None:
        store = MemoryStore()
        watched = Watched(discord, 2, store=store)
        await watched.bot.start()
        await watched.talk(20, 0.05)
        resharding = asyncio.create_task(watched.bot.gateway.reshard(4))
        await asyncio.sleep(12)
        resharding.cancel()
        for shard in watched.bot.gateway.shards.values():
            shard._connection._transport.disconnect(False)
            shard._task.cancel()
        watched.bot.gateway._keeper._task.cancel()
        await asyncio.sleep(10)
        again = Watched(discord, 2, store=store)
        await again.bot.start()
        await watched.hush()
        again.seen = list(dict.fromkeys(watched.seen + again.seen))  # a crash may repeat
        again.judge()
        await again.bot.close()
        await watched.bot.close()

    discord = play(story, guilds=20)
    assert discord.record.gateway["resume"] == 2


def test_the_send_that_waits_for_the_limit_of_a_shard_that_is_replaced_goes_to_the_new_one(play: Play) -> None:
    async def story(discord: FakeDiscord) -> None:
        bot = Bot(discord.settings.token, intents=INTENTS, shard_count=1)
        await bot.start()
        guild = next(iter(discord.world.guild_ids()))
        presence = {"since": None, "activities": [], "status": "online", "afk": False}
        sends = [asyncio.create_task(bot.gateway.send(guild, GatewayOp.PRESENCE, presence)) for _ in range(200)]
        await bot.gateway.reshard(2)
        await asyncio.gather(*sends)
        await asyncio.sleep(1)
        assert discord.record.gateway["command"] == 200
        await bot.close()

    play(story, settings=Settings(max_concurrency=2))


def test_what_the_old_shards_brought_is_handled_before_their_sessions_are_let_go(play: Play) -> None:
    async def story(discord: FakeDiscord) -> None:
        store, gate = MemoryStore(), asyncio.Event()
        bot = Bot(discord.settings.token, intents=INTENTS, shard_count=1, store=store)

        @bot.on(MessageCreate)
        async def wait(event: MessageCreate) -> None:
            await gate.wait()

        await bot.start()
        discord.message_posted(0, "handled for long")
        resharding = asyncio.create_task(bot.gateway.reshard(2))
        while bot.gateway.shard_count == 1:
            await asyncio.sleep(0.1)
        await asyncio.sleep(2)
        assert {session.shard_count for session in store.sessions} == {1}
        gate.set()
        await asyncio.sleep(2)
        assert {session.shard_count for session in store.sessions} == {2}
        await resharding
        await bot.close()

    play(story, settings=Settings(max_concurrency=2))


def test_closing_in_the_middle_ends_it_and_leaves_no_shard_behind(play: Play) -> None:
    async def story(discord: FakeDiscord) -> None:
        bot = Bot(discord.settings.token, intents=INTENTS, shard_count=2)
        await bot.start()
        resharding = asyncio.create_task(bot.gateway.reshard(8))
        await asyncio.sleep(12)
        await bot.close()
        with pytest.raises(ReshardingFailed, match="the gateway was closed"):
            await resharding
        await asyncio.sleep(60)
        assert discord.gateway.connections == {}
        with pytest.raises(InvalidUse, match="closed"):
            await bot.gateway.reshard(2)

    discord = play(story)
    assert discord.record.gateway["identify"] < 8
