"""All shards of one bot against the real server: starting, resharding, leaving."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import picows
import pytest

import framework
from discord_sim import FakeDiscord, Settings
from framework import Bot, GatewayManager, Intents, InvalidUse, MessageCreate, SessionStartsExhausted
from framework.gateway import Connection, GatewayBot, LinkLost
from framework.wire import shard_id_for

Play = Callable[..., FakeDiscord]
INTENTS = Intents.GUILDS | Intents.GUILD_MESSAGES
CODE_OF_THE_CLIENT = tuple(str(Path(package.__file__).parent) for package in (framework, picows))


def tasks_of_the_client() -> list[str]:
    tasks = (task for task in asyncio.all_tasks() if not task.done())
    return [t.get_name() for t in tasks if t.get_coro().cr_code.co_filename.startswith(CODE_OF_THE_CLIENT)]


def open_sessions(discord: FakeDiscord) -> list[tuple[int, int]]:
    return sorted((s.shard_id, s.shard_count) for s in discord.gateway.sessions.values())


async def no_limits() -> GatewayBot:
    return GatewayBot("wss://gateway.discord.gg", 1, 1000, 1000, 86_400_000, 1)


def manager(**arguments: object) -> GatewayManager:
    return GatewayManager("token", intents=0, on_dispatch=lambda _: None, fetch_gateway_bot=no_limits, **arguments)


def test_the_number_of_shards_is_discords_recommendation_unless_told_otherwise(play: Play) -> None:
    async def story(discord: FakeDiscord) -> None:
        for wanted, expected in ((None, 3), (2, 2)):
            bot = Bot(discord.settings.token, intents=INTENTS, shard_count=wanted)
            await bot.start()
            assert open_sessions(discord) == [(n, expected) for n in range(expected)]
            assert bot.gateway.shard_count == expected
            await bot.close()

    play(story, settings=Settings(shards=3, max_concurrency=16))


@pytest.mark.parametrize(("max_concurrency", "least_s"), [(1, 35), (4, 5)])
def test_shards_identify_no_faster_than_the_server_allows(play: Play, max_concurrency: int, least_s: int) -> None:
    async def story(discord: FakeDiscord) -> None:
        bot = Bot(discord.settings.token, intents=INTENTS, shard_count=8)
        began_ms = discord.clock.now_ms
        await bot.start()
        took_ms = discord.clock.now_ms - began_ms
        assert least_s * 1_000 <= took_ms <= least_s * 1_000 + 4_000
        await bot.close()

    discord = play(story, settings=Settings(max_concurrency=max_concurrency))
    assert discord.record.gateway["identify"] == 8
    assert discord.record.gateway["identify_too_early"] == 0


def test_with_one_session_start_left_two_shards_do_not_begin(play: Play) -> None:
    async def story(discord: FakeDiscord) -> None:
        bot = Bot(discord.settings.token, intents=INTENTS, shard_count=2)
        with pytest.raises(SessionStartsExhausted) as caught:
            await bot.start()
        assert 86_000_000 < caught.value.reset_after_ms <= 86_400_000
        await asyncio.sleep(600)
        await bot.close()

    discord = play(story, settings=Settings(session_starts_total=1, max_concurrency=2))
    assert discord.record.gateway["identify"] == 0
    assert discord.record.gateway["token_reset"] == 0


def test_run_ends_with_the_reason_when_no_session_start_is_left(play: Play) -> None:
    async def story(discord: FakeDiscord) -> None:
        bot = Bot(discord.settings.token, intents=INTENTS)
        running = asyncio.create_task(bot.run())
        await asyncio.sleep(5)
        assert not running.done()
        discord.gateway.invalidate(0)
        with pytest.raises(SessionStartsExhausted):
            await running

    discord = play(story, settings=Settings(session_starts_total=1))
    assert discord.record.gateway["identify"] == 1
    assert discord.record.gateway["token_reset"] == 0


def test_close_says_goodbye_with_1000_and_leaves_no_task(play: Play) -> None:
    async def story(discord: FakeDiscord) -> None:
        bot = Bot(discord.settings.token, intents=INTENTS, shard_count=2)
        await bot.start()
        assert len(tasks_of_the_client()) >= 2
        await bot.close()
        assert tasks_of_the_client() == []
        await asyncio.sleep(1)
        assert discord.record.closes == {1000: 2}
        assert open_sessions(discord) == []

    play(story, settings=Settings(max_concurrency=2))


def test_close_during_the_start_leaves_no_task(play: Play) -> None:
    async def story(discord: FakeDiscord) -> None:
        for after_ms in (0, 10, 50, 100, 150, 200, 1_000):
            bot = Bot(discord.settings.token, intents=INTENTS, shard_count=2)
            running = asyncio.create_task(bot.run())
            await asyncio.sleep(after_ms / 1_000)
            running.cancel()
            with pytest.raises(asyncio.CancelledError):
                await running
            await asyncio.sleep(0)
            assert tasks_of_the_client() == []

    play(story)


def test_close_while_reconnecting_leaves_no_task(play: Play) -> None:
    async def story(discord: FakeDiscord) -> None:
        bot = Bot(discord.settings.token, intents=INTENTS)
        await bot.start()
        discord.gateway.disconnect(0, None)
        await asyncio.sleep(0.03)
        await bot.close()
        assert tasks_of_the_client() == []
        await asyncio.sleep(600)

    discord = play(story)
    assert discord.record.gateway["resume"] == 0


def test_resharding_moves_every_guild_to_the_new_shards_and_closes_the_old(play: Play) -> None:
    async def story(discord: FakeDiscord) -> None:
        bot = Bot(discord.settings.token, intents=INTENTS, shard_count=2)
        seen: Counter[int] = Counter()

        @bot.on(MessageCreate)
        async def count(event: MessageCreate) -> None:
            seen[event.id] += 1

        await bot.start()
        await bot.gateway.reshard(4)
        await asyncio.sleep(1)
        assert open_sessions(discord) == [(0, 4), (1, 4), (2, 4), (3, 4)]
        assert discord.record.closes == {1000: 2}
        assert (bot.gateway.shard_count, bot.gateway.snapshot().generation) == (4, 2)
        for guild_id in discord.world.guild_ids():
            assert repr(bot.gateway.shard_for(guild_id)) == f"<Shard {shard_id_for(guild_id, 4)}/4 gen 2 ready>"
        ids = [discord.message_posted(index, "hello") for index in range(20)]
        await asyncio.sleep(1)
        assert seen == Counter(ids)
        await bot.close()

    discord = play(story, guilds=20, settings=Settings(max_concurrency=4))
    assert discord.record.gateway["identify"] == 6
    assert discord.record.gateway["identify_too_early"] == 0


def test_while_resharding_the_old_shards_go_on_delivering(play: Play) -> None:
    async def story(discord: FakeDiscord) -> None:
        bot = Bot(discord.settings.token, intents=INTENTS, shard_count=1)
        seen: list[int] = []

        @bot.on(MessageCreate)
        async def note(event: MessageCreate) -> None:
            seen.append(event.id)

        await bot.start()
        resharding = asyncio.create_task(bot.gateway.reshard(4))  # takes 20 s with a concurrency of 1
        await asyncio.sleep(10)
        said = [discord.message_posted(index, "hello") for index in range(3)]
        await asyncio.sleep(1)
        assert not resharding.done()
        assert seen == said
        await resharding
        await bot.close()

    play(story)


def test_a_reshard_that_is_not_allowed_changes_nothing(play: Play) -> None:
    async def story(discord: FakeDiscord) -> None:
        bot = Bot(discord.settings.token, intents=INTENTS, shard_count=1)
        await bot.start()
        with pytest.raises(SessionStartsExhausted):
            await bot.gateway.reshard(4)
        await asyncio.sleep(10)
        assert bot.gateway.shard_count == 1
        assert open_sessions(discord) == [(0, 1)]
        await bot.close()

    discord = play(story, settings=Settings(session_starts_total=3))
    assert discord.record.gateway["token_reset"] == 0


@pytest.mark.parametrize("count", [0, -1])
def test_a_shard_count_below_one_is_named(count: int) -> None:
    with pytest.raises(InvalidUse, match="shard_count"):
        manager(shard_count=count)
    with pytest.raises(InvalidUse, match="shard_count"):
        asyncio.run(manager().reshard(count))


def test_a_guild_of_another_process_is_named(play: Play) -> None:
    async def story(discord: FakeDiscord) -> None:
        bot = Bot(discord.settings.token, intents=INTENTS, shard_count=2, shard_ids=[1])
        await bot.start()
        here, there = (next(g for g in discord.world.guild_ids() if shard_id_for(g, 2) == n) for n in (1, 0))
        assert open_sessions(discord) == [(1, 2)]
        assert "1/2" in repr(bot.gateway.shard_for(here))
        with pytest.raises(InvalidUse, match=str(there)):
            bot.gateway.shard_for(there)
        await bot.close()

    play(story)


def test_waiting_for_the_end_before_the_start_is_refused() -> None:
    with pytest.raises(InvalidUse, match="start"):
        asyncio.run(manager().wait_fatal())


def test_shards_that_lose_their_link_together_do_not_come_back_together(play: Play) -> None:
    shards = 100

    async def story(discord: FakeDiscord) -> None:
        bot = Bot(discord.settings.token, intents=INTENTS, shard_count=shards)
        await bot.start()
        discord.gateway.disconnect(None, None)
        back = []
        for _ in range(50):
            await asyncio.sleep(0.1)
            back.append(sum(client.session is not None for client in discord.gateway.connections.values()))
        steps = [later - earlier for earlier, later in zip([0, *back], back, strict=False)]
        assert back[-1] == shards
        assert max(steps) <= 15  # of a hundred that come within two seconds
        await bot.close()

    discord = play(story, settings=Settings(max_concurrency=128))
    assert discord.record.gateway["resume"] == shards


def test_where_nobody_answers_shards_try_again_less_and_less_often(play: Play) -> None:
    tries = []

    async def refuse(url: str) -> Connection:
        tries.append(asyncio.get_running_loop().time())
        raise LinkLost("refused")

    async def story(discord: FakeDiscord) -> None:
        bot = Bot(discord.settings.token, intents=INTENTS, shard_count=1, connect=refuse)
        starting = asyncio.create_task(bot.start())
        await asyncio.sleep(600)
        assert not starting.done()
        starting.cancel()
        await bot.close()

    play(story)
    gaps = [later - earlier for earlier, later in zip(tries, tries[1:], strict=False)]
    assert 12 <= len(tries) <= 24
    assert gaps[-1] >= 30 > gaps[0]
    assert max(gaps) <= 60


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"large_threshold": 10}, "50 to 250"),
        ({"compression": "gzip"}, "zlib-stream"),
        ({"save_every_s": 0}, "positive"),
        ({"reshard_every_s": -1}, "positive"),
        ({"shard_ids": [0]}, "shard_count"),
        ({"shard_ids": [2], "shard_count": 2}, "below"),
    ],
)
def test_what_a_manager_cannot_do_is_named(options: dict[str, object], named: str) -> None:
    with pytest.raises(InvalidUse, match=named):
        manager(**options)
