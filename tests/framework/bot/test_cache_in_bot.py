"""The cache as a bot's handlers meet it, against the real server: what they get, and what it costs in requests."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from discord_sim import FakeDiscord
from discord_sim.faults import RestFault
from discord_sim.world import changes
from framework import Bot, CachePolicy, GuildBanAdd, GuildCreate, GuildMemberUpdate, Intents, InvalidUse, MessageCreate

Play = Callable[..., FakeDiscord]
INTENTS = (
    Intents.GUILDS | Intents.GUILD_MESSAGES | Intents.MESSAGE_CONTENT | Intents.GUILD_MODERATION | Intents.GUILD_MEMBERS
)


def make_bot(discord: FakeDiscord, **arguments: Any) -> Bot:
    return Bot(discord.settings.token, intents=INTENTS, chance=lambda: 0.5, **arguments)


def asked_for_guilds(discord: FakeDiscord) -> int:
    return sum(request.route == "get_guild" for request in discord.record.requests)


def test_a_handler_that_does_not_need_the_guild_never_causes_a_request(play: Play) -> None:
    async def story(discord: FakeDiscord) -> None:
        bot = make_bot(discord)
        guilds: list[object] = []

        @bot.on(MessageCreate)
        async def handler(event: MessageCreate) -> None:
            guilds.append(event.guild)

        await bot.start()
        for index in range(3):
            discord.message_posted(index, "hello")
            discord.member_banned(index, 5)
        await asyncio.sleep(5)
        assert guilds == [None, None, None]
        assert (bot.snapshot().cache.guilds, bot.snapshot().cache.fetches) == (0, 0)
        await bot.close()

    discord = play(story)
    assert {request.route for request in discord.record.requests} == {"get_bot_gateway"}


def test_a_handler_that_needs_the_guild_gets_it_at_the_cost_of_one_request(play: Play) -> None:
    async def story(discord: FakeDiscord) -> None:
        bot = make_bot(discord)
        names: list[str | None] = []

        @bot.on(MessageCreate, needs_guild=True)
        async def handler(event: MessageCreate) -> None:
            names.append(event.guild and event.guild.name)

        await bot.start()
        for _ in range(30):
            discord.message_posted(0, "hello")
        await asyncio.sleep(5)
        assert names == [discord.world.guild_at(0).name] * 30
        await bot.close()

    discord = play(story)
    assert asked_for_guilds(discord) == 1


def test_a_changed_role_is_in_the_cached_guild_without_another_request(play: Play) -> None:
    async def story(discord: FakeDiscord) -> None:
        bot = make_bot(discord)
        roles: list[list[str]] = []

        @bot.on(MessageCreate, needs_guild=True)
        async def handler(event: MessageCreate) -> None:
            assert event.guild is not None
            roles.append([role.name for role in event.guild.roles.values()])

        await bot.start()
        discord.message_posted(0, "before")
        await asyncio.sleep(1)
        discord.emit(changes.add_role(discord.world, discord.world.guild_at(0), "new", discord.clock.epoch_ms)[1])
        discord.message_posted(0, "after")
        await asyncio.sleep(5)
        assert roles[1] == [*roles[0], "new"]
        assert len(roles[0]) == 5
        await bot.close()

    discord = play(story)
    assert asked_for_guilds(discord) == 1


def test_what_the_handlers_of_an_event_need_is_fetched_once_and_nothing_else(play: Play) -> None:
    async def story(discord: FakeDiscord) -> None:
        bot = make_bot(discord)
        seen: list[tuple[list[str | None], bool]] = []

        @bot.on(MessageCreate, needs=["channels"])
        async def first(event: MessageCreate) -> None:
            assert event.guild is not None
            names = [channel.name for channel in event.guild.channels.values()]
            seen.append((names, event.guild.has("threads")))

        @bot.on(MessageCreate, needs=("threads",))
        async def second(event: MessageCreate) -> None:
            assert event.guild is not None
            assert len(event.guild.threads) == 0

        await bot.start()
        for _ in range(2):
            discord.message_posted(0, "hello")
        await asyncio.sleep(5)
        names = [channel["name"] for channel in discord.world.guild_at(0).channels.values()]
        assert seen == [(names, True)] * 2
        held = bot.cache.guild(discord.world.guild_at(0).id)
        assert held is not None
        assert held.sections == {"guild", "channels", "threads"}
        with pytest.raises(InvalidUse, match=r"roles of guild .* are not cached: .*needs=\('roles',\)"):
            held.roles  # noqa: B018 - to read it is the test
        await bot.close()

    discord = play(story)
    asked = sorted(request.route for request in discord.record.requests)
    assert asked == ["get_active_guild_threads", "get_bot_gateway", "get_guild", "list_guild_channels"]


def test_a_handler_of_guild_create_has_the_guild_from_the_event(play: Play) -> None:
    async def story(discord: FakeDiscord) -> None:
        bot = make_bot(discord)
        seen: list[int] = []

        @bot.on(GuildCreate, needs=["channels"])
        async def handler(event: GuildCreate) -> None:
            assert event.guild is not None
            seen.append(len(event.guild.channels))

        await bot.start()
        await asyncio.sleep(5)
        assert seen == [4, 4, 4]
        await bot.close()

    discord = play(story)
    assert asked_for_guilds(discord) == 0


def test_too_many_events_do_not_wait_behind_a_fetch_that_takes_long(play: Play) -> None:
    async def story(discord: FakeDiscord) -> None:
        bot = make_bot(discord, cache=CachePolicy(waiting_max=5))
        seen: list[tuple[int, bool]] = []

        @bot.on(MessageCreate, needs_guild=True)
        async def handler(event: MessageCreate) -> None:
            seen.append((int(event.content), event.guild is not None))

        await bot.start()
        discord.rest_fault(RestFault("get_guild", do="delay", delay_ms=20_000))
        for number in range(40):
            discord.message_posted(0, str(number))
            await asyncio.sleep(0.1)
        assert len(seen) >= 30
        assert bot._pipeline.lanes.waiting(discord.world.guild_at(0).id) <= 6
        await asyncio.sleep(30)
        assert seen == [(number, number >= 35) for number in range(40)]
        await bot.close()

    discord = play(story)
    assert asked_for_guilds(discord) == 1


def test_a_change_is_not_lost_when_what_else_its_handler_needs_cannot_be_fetched(play: Play) -> None:
    async def story(discord: FakeDiscord) -> None:
        bot = make_bot(discord)

        @bot.on(MessageCreate, needs_guild=True)
        async def said(event: MessageCreate) -> None:
            pass

        @bot.on("GUILD_ROLE_CREATE", needs=["channels"])
        async def made(event: object) -> None:
            pass

        await bot.start()
        discord.message_posted(0, "hello")
        await asyncio.sleep(1)
        discord.rest_fault(RestFault("list_guild_channels", times=None, status=500))
        guild = discord.world.guild_at(0)
        discord.emit(changes.add_role(discord.world, guild, "new", discord.clock.epoch_ms)[1])
        await asyncio.sleep(120)
        assert bot.snapshot().failed == 1
        found = bot.cache.guild(guild.id)
        assert found is not None
        assert set(found.roles) == set(guild.roles)
        await bot.close()

    play(story)


def test_in_an_outage_no_stale_guild_is_seen_and_after_it_the_new_one(play: Play) -> None:
    async def story(discord: FakeDiscord) -> None:
        bot = make_bot(discord)

        @bot.on(MessageCreate, needs_guild=True)
        async def handler(event: MessageCreate) -> None:
            pass

        await bot.start()
        guild = discord.world.guild_at(0)
        discord.message_posted(0, "hello")
        await asyncio.sleep(1)
        assert bot.cache.guild(guild.id) is not None
        discord.guild_outage(0)
        await asyncio.sleep(1)
        assert bot.cache.guild(guild.id) is None
        guild.doc["name"] = "renamed meanwhile"
        discord.guild_recovered(0)
        await asyncio.sleep(1)
        found = bot.cache.guild(guild.id)
        assert found is not None
        assert found.name == "renamed meanwhile"
        await bot.close()

    discord = play(story)
    assert asked_for_guilds(discord) == 1


def test_after_a_new_session_nothing_is_read_that_may_have_been_missed(play: Play) -> None:
    async def story(discord: FakeDiscord) -> None:
        bot = make_bot(discord, cache=CachePolicy.everything())
        await bot.start()
        await asyncio.sleep(1)
        guild = discord.world.guild_at(0)
        discord.gateway.invalidate()
        guild.doc["name"] = "renamed meanwhile"  # nobody is connected to be told
        await asyncio.sleep(30)
        found = bot.cache.guild(guild.id)
        assert found is not None
        assert found.name == "renamed meanwhile"
        assert bot.snapshot().cache.guilds == 3
        discord.gateway.invalidate()
        discord.world.in_outage.add(guild.id)  # nor of this
        await asyncio.sleep(30)
        assert (bot.cache.guild(guild.id), bot.snapshot().cache.guilds) == (None, 2)
        await bot.close()

    play(story)


def test_a_handler_may_not_need_what_the_policy_leaves_out() -> None:
    bot = Bot("token", intents=0, cache=CachePolicy.nothing())
    with pytest.raises(InvalidUse, match=r"needs guild, roles, which CachePolicy\.keep leaves out"):
        bot.on(MessageCreate, needs_guild=True)
    with pytest.raises(InvalidUse, match="'messages'"):
        bot.on(MessageCreate, needs=["messages"])


def test_a_flood_of_bans_fetches_nothing_but_uses_what_is_cached(play: Play) -> None:
    async def story(discord: FakeDiscord) -> None:
        bot = make_bot(discord)
        seen: list[bool] = []

        @bot.on(GuildBanAdd, needs_guild=True)
        async def banned(event: GuildBanAdd) -> None:
            seen.append(event.guild is not None)

        @bot.on(GuildMemberUpdate, needs_guild=True)
        async def changed(event: GuildMemberUpdate) -> None:
            seen.append(event.guild is not None)

        await bot.start()
        for number in range(10):
            discord.member_banned(0, number)
        await asyncio.sleep(5)
        assert seen == [False] * 10
        assert asked_for_guilds(discord) == 0
        guild = discord.world.guild_at(0)
        discord.emit(changes.change_member(discord.world, guild, discord.world.bot_id, nick="me"))
        discord.member_banned(0, 11)
        await asyncio.sleep(5)
        assert seen[10:] == [True, True]
        await bot.close()

    discord = play(story)
    assert asked_for_guilds(discord) == 1


def test_the_classic_cache_needs_no_request(play: Play) -> None:
    async def story(discord: FakeDiscord) -> None:
        bot = make_bot(discord, cache=CachePolicy(keep_all=True))
        names: list[str | None] = []

        @bot.on(MessageCreate, needs_guild=True)
        async def handler(event: MessageCreate) -> None:
            names.append(event.guild and event.guild.name)

        await bot.start()
        await asyncio.sleep(1)
        assert bot.snapshot().cache.guilds == 3
        discord.message_posted(2, "hello")
        await asyncio.sleep(1)
        assert names == [discord.world.guild_at(2).name]
        await bot.close()

    discord = play(story)
    assert asked_for_guilds(discord) == 0


def test_what_changes_guilds_is_wanted_only_while_one_is_cached(play: Play) -> None:
    async def story(discord: FakeDiscord) -> None:
        bot = Bot(discord.settings.token, intents=Intents.GUILDS | Intents.GUILD_MESSAGES, cache=CachePolicy(idle_s=60))
        names: list[list[str]] = []

        @bot.on(MessageCreate, needs_guild=True)
        async def look(event: MessageCreate) -> None:
            assert event.guild is not None
            names.append([role.name for role in event.guild.roles.values()])

        def rename(name: str) -> None:
            guild = discord.world.guild_at(0)
            role = max(guild.roles)
            discord.act(guild.owner_id, "update_guild_role", {"name": name}, guild_id=guild.id, role_id=role)

        await bot.start()
        assert "GUILD_ROLE_UPDATE" not in bot._pipeline.wanted
        rename("before")
        discord.message_posted(0, "fetches")
        await asyncio.sleep(1)
        assert "GUILD_ROLE_UPDATE" in bot._pipeline.wanted
        rename("while cached")
        await asyncio.sleep(1)
        discord.message_posted(0, "has it")
        await asyncio.sleep(300)  # it leaves
        rename("while nobody looks")
        await asyncio.sleep(1)
        assert "GUILD_ROLE_UPDATE" not in bot._pipeline.wanted
        discord.message_posted(0, "fetches again")
        await asyncio.sleep(1)
        rename("cached again")
        await asyncio.sleep(1)
        discord.message_posted(0, "has it again")
        await asyncio.sleep(1)
        assert [found[-1] for found in names] == ["before", "while cached", "while nobody looks", "cached again"]
        await bot.close()

    play(story)
