"""Guilds for events: one request per guild, a pace over all, and no second question after a refusal."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from discord_sim import FakeDiscord
from framework import CachePolicy, RestManager
from framework.bot.cache import Section, sections
from framework.bot.requirements import Requirements
from framework.clock import loop_ms
from framework.rest import Route, ServerError

Play = Callable[..., FakeDiscord]
MESSAGE = "MESSAGE_CREATE"
NOWHERE = 1 << 22
NEEDS = sections("roles")


def requirements(discord: FakeDiscord, **policy: object) -> tuple[Requirements, RestManager]:
    rest = RestManager(discord.settings.token)

    async def fetch(guild_id: int, section: Section) -> bytes:
        end = "" if section is Section.GUILD else f"/{section}"
        return await rest.request_raw(Route.of("GET", "/guilds/{guild_id}" + end, guild_id=guild_id))

    return Requirements(CachePolicy(**policy), fetch), rest


def asked(discord: FakeDiscord) -> int:
    return sum(request.route == "get_guild" for request in discord.record.requests)


def test_fifty_who_need_the_same_guild_cost_one_request(play: Play) -> None:
    async def story(discord: FakeDiscord) -> None:
        needs, rest = requirements(discord)
        guild = discord.world.guild_at(0)
        found = await asyncio.gather(*(needs.guild_for(MESSAGE, guild.id, NEEDS) for _ in range(50)))
        assert [one and (one.id, one.name, len(one.roles)) for one in found] == [(guild.id, guild.name, 5)] * 50
        assert asked(discord) == 1
        assert await needs.guild_for(MESSAGE, guild.id, NEEDS) is needs.guild_nowait(guild.id)
        assert asked(discord) == 1
        await needs.close()
        await rest.close()

    play(story)


def test_one_who_gives_up_does_not_take_the_answer_from_the_others(play: Play) -> None:
    async def story(discord: FakeDiscord) -> None:
        needs, rest = requirements(discord)
        guild_id = discord.world.guild_at(0).id
        waiting = [asyncio.create_task(needs.guild_for(MESSAGE, guild_id, NEEDS)) for _ in range(3)]
        await asyncio.sleep(0.01)
        waiting[0].cancel()
        found = await asyncio.gather(*waiting, return_exceptions=True)
        assert isinstance(found[0], asyncio.CancelledError)
        assert found[1] is found[2] is needs.guild_nowait(guild_id)
        await needs.close()
        await rest.close()

    discord = play(story)
    assert asked(discord) == 1


@pytest.mark.parametrize("status", [403, 404])
def test_a_guild_that_was_refused_is_not_asked_for_again_until_its_time_is_over(play: Play, status: int) -> None:
    async def story(discord: FakeDiscord) -> None:
        needs, rest = requirements(discord, remember_failure_s=60.0)
        guild_id = discord.world.guild_at(0).id if status == 403 else NOWHERE
        discord.world.denied.add(guild_id)
        for _ in range(10):
            assert await needs.guild_for(MESSAGE, guild_id, NEEDS) is None
        assert [request.status for request in discord.record.requests] == [status]
        await asyncio.sleep(60)
        assert await needs.guild_for(MESSAGE, guild_id, NEEDS) is None
        assert asked(discord) == 2
        assert needs.cache.snapshot().failures == 2
        await needs.close()
        await rest.close()

    play(story)


def test_fetches_of_many_guilds_arrive_at_the_policys_pace(play: Play) -> None:
    async def story(discord: FakeDiscord) -> None:
        needs, rest = requirements(discord, fetch_per_s=5.0)
        await asyncio.gather(*(needs.guild_for(MESSAGE, guild_id, NEEDS) for guild_id in discord.world.guild_ids()))
        times = [request.t_ms for request in discord.record.requests]
        assert len(times) == 20
        assert times[-1] - times[0] == pytest.approx(19 * 200, abs=200)
        assert (
            min(later - earlier for earlier, later in zip(times, times[1:], strict=False)) >= 150
        )  # jitter of the way
        await needs.close()
        await rest.close()

    play(story, guilds=20)


def test_what_another_event_needs_besides_is_fetched_after_and_nothing_twice(play: Play) -> None:
    async def story(discord: FakeDiscord) -> None:
        needs, rest = requirements(discord)
        guild_id = discord.world.guild_at(0).id
        both = await asyncio.gather(
            needs.guild_for(MESSAGE, guild_id, NEEDS), needs.guild_for(MESSAGE, guild_id, sections("channels"))
        )
        assert both[0] is both[1]
        assert both[1] is not None
        assert len(both[1].channels) == 4
        assert [request.route for request in discord.record.requests] == ["get_guild", "list_guild_channels"]
        assert needs.cache.fetches == 2
        await needs.close()
        await rest.close()

    play(story)


def test_a_fetch_that_an_event_overtakes_is_repeated_but_not_for_ever() -> None:
    calls = []

    async def main() -> None:
        async def fetch(guild_id: int, section: Section) -> bytes:
            calls.append(guild_id)
            if guild_id == 2 or len(calls) == 1:
                needs.on_event("GUILD_UPDATE", guild_id, b"{}", 0)
            return b'{"id":"1","roles":[]}'

        needs = Requirements(CachePolicy(fetch_per_s=1e6), fetch)
        assert await needs.guild_for(MESSAGE, 1, NEEDS) is not None
        assert calls == [1, 1]
        assert await needs.guild_for(MESSAGE, 2, NEEDS) is None
        assert calls == [1, 1, 2, 2, 2]
        await needs.close()

    asyncio.run(main())


def test_who_is_hurried_goes_on_without_the_guild_and_the_fetch_goes_on_too() -> None:
    async def main() -> None:
        answered = asyncio.Event()

        async def fetch(guild_id: int, section: Section) -> bytes:
            await answered.wait()
            return b'{"id":"1","roles":[]}'

        needs = Requirements(CachePolicy(), fetch)
        for _ in range(2):
            waiting = asyncio.create_task(needs.guild_for(MESSAGE, 1, NEEDS))
            await asyncio.sleep(0.01)
            assert not waiting.done()
            needs.hurry(1)
            assert await waiting is None
        answered.set()
        assert await needs.guild_for(MESSAGE, 1, NEEDS) is not None
        assert needs.cache.fetches == 1
        await needs.close()

    asyncio.run(main())


def test_an_unused_guild_leaves_by_itself(play: Play) -> None:
    async def story(discord: FakeDiscord) -> None:
        needs, rest = requirements(discord, idle_s=60.0)
        await needs.guild_for(MESSAGE, discord.world.guild_at(0).id, NEEDS)
        await asyncio.sleep(59)
        assert len(needs.cache) == 1
        await asyncio.sleep(2)
        assert needs.cache.snapshot().bytes_held == 0
        assert needs.cache.snapshot().evictions == 1
        await needs.close()
        await rest.close()

    play(story)


def test_another_failure_is_told_to_everybody_who_waits_and_not_remembered() -> None:
    calls = []

    async def fetch(guild_id: int, section: Section) -> bytes:
        calls.append(guild_id)
        await asyncio.sleep(0)
        if len(calls) == 1:
            raise ServerError(Route.of("GET", "/guilds/{guild_id}", guild_id=guild_id), 500, None)
        return b'{"id":"1","roles":[]}'

    async def main() -> None:
        needs = Requirements(CachePolicy(fetch_per_s=1e6), fetch)
        failed = await asyncio.gather(*(needs.guild_for(MESSAGE, 1, NEEDS) for _ in range(3)), return_exceptions=True)
        assert [type(one) for one in failed] == [ServerError] * 3
        found = await needs.guild_for(MESSAGE, 1, NEEDS)
        assert found is not None
        assert found.id == 1
        await needs.close()

    asyncio.run(main())
    assert calls == [1, 1]


def test_close_stops_a_fetch_under_way() -> None:
    async def main() -> None:
        async def never(guild_id: int, section: Section) -> bytes:
            await asyncio.Event().wait()
            return b""

        needs = Requirements(CachePolicy(), never)
        waiting = asyncio.create_task(needs.guild_for(MESSAGE, 1, NEEDS))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        await needs.close()
        assert isinstance((await asyncio.gather(waiting, return_exceptions=True))[0], asyncio.CancelledError)
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(main())


@pytest.mark.parametrize("wrong", [b"{}", b'{"role":5}', b'{"role":{"name":"no id"}}', b'["role"]', b"{", b""])
def test_a_guild_of_which_an_event_cannot_be_understood_is_let_go(
    wrong: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    async def main() -> None:
        async def fetch(guild_id: int, section: Section) -> bytes:
            return b'{"id":"1","roles":[]}'

        needs = Requirements(CachePolicy(), fetch)
        await needs.guild_for(MESSAGE, 1, NEEDS)
        needs.on_event("GUILD_ROLE_CREATE", 1, wrong, 0)
        needs.on_event("GUILD_ROLE_CREATE", 1, wrong, loop_ms())
        assert needs.guild_nowait(1) is None
        assert needs.cache.snapshot().bytes_held == 0
        await needs.close()

    asyncio.run(main())
    assert "guild 1 leaves the cache, since its GUILD_ROLE_CREATE is not as documented" in caplog.text
