"""What a bot's handlers receive, in which order, and at what cost, against the real server."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import pytest

from discord_sim import FakeDiscord, Settings
from discord_sim.faults import RestFault
from discord_sim.world import changes
from framework import (
    Bot,
    CachePolicy,
    Event,
    GatewayFatal,
    GuildBanAdd,
    GuildCreate,
    GuildMemberUpdate,
    Intents,
    InvalidUse,
    MessageCreate,
    Raw,
)
from framework.rest import Unauthorized

Play = Callable[..., FakeDiscord]
INTENTS = (
    Intents.GUILDS | Intents.GUILD_MESSAGES | Intents.MESSAGE_CONTENT | Intents.GUILD_MODERATION | Intents.GUILD_MEMBERS
)


def make_bot(discord: FakeDiscord, **arguments: Any) -> Bot:
    return Bot(discord.settings.token, intents=arguments.pop("intents", INTENTS), chance=lambda: 0.5, **arguments)


def asked_for_guilds(discord: FakeDiscord) -> int:
    return sum(request.route == "get_guild" for request in discord.record.requests)


def test_a_slow_handler_gets_the_events_of_a_guild_one_after_the_other_in_order(play: Play) -> None:
    async def story(discord: FakeDiscord) -> None:
        bot = make_bot(discord)
        steps: dict[int | None, list[str]] = defaultdict(list)

        @bot.on(MessageCreate)
        async def slow(event: MessageCreate) -> None:
            steps[event.guild_id].append(f"begin {event.content}")
            await asyncio.sleep(1.0 if event.content == "0" else 0.1)
            steps[event.guild_id].append(f"end {event.content}")

        await bot.start()
        for number in range(10):
            discord.message_posted(0, str(number))
            discord.message_posted(1, str(number))
        await asyncio.sleep(10)
        expected = [f"{edge} {number}" for number in range(10) for edge in ("begin", "end")]
        assert list(steps.values()) == [expected, expected]
        await bot.close()

    play(story)


def test_a_guild_whose_handler_hangs_does_not_hold_up_another(play: Play) -> None:
    async def story(discord: FakeDiscord) -> None:
        bot = make_bot(discord)
        hung = discord.world.guild_at(0).id
        release = asyncio.Event()
        done: list[str] = []

        @bot.on(MessageCreate)
        async def handler(event: MessageCreate) -> None:
            if event.guild_id == hung:
                await release.wait()
            done.append(event.content)

        await bot.start()
        discord.message_posted(0, "hung")
        discord.message_posted(0, "behind it")
        discord.message_posted(1, "elsewhere")
        await asyncio.sleep(1)
        assert done == ["elsewhere"]
        release.set()
        await asyncio.sleep(1)
        assert done == ["elsewhere", "hung", "behind it"]
        await bot.close()

    play(story)


def test_a_handler_that_raises_is_logged_and_the_next_events_are_handled(
    play: Play, caplog: pytest.LogCaptureFixture
) -> None:
    async def story(discord: FakeDiscord) -> None:
        bot = make_bot(discord)
        done: list[str] = []

        @bot.on(MessageCreate)
        async def handler(event: MessageCreate) -> None:
            if event.content == "bad":
                raise RuntimeError("the handler's own mistake")
            done.append(event.content)

        await bot.start()
        for text in ("first", "bad", "last"):
            discord.message_posted(0, text)
        await asyncio.sleep(1)
        assert done == ["first", "last"]
        assert (bot.snapshot().failed, bot.snapshot().handled) == (1, 2)
        await bot.close()

    play(story)
    errors = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert [record.getMessage() for record in errors] == ["a handler of MESSAGE_CREATE failed"]
    assert errors[0].exc_info is not None
    assert "own mistake" in str(errors[0].exc_info[1])


def test_several_handlers_of_one_event_are_called_in_order_of_registration(play: Play) -> None:
    async def story(discord: FakeDiscord) -> None:
        bot = make_bot(discord)
        done: list[str] = []

        async def first(event: MessageCreate) -> None:
            await asyncio.sleep(0.5)
            done.append("first")

        async def second(event: MessageCreate) -> None:
            done.append("second")

        assert bot.on(MessageCreate)(first) is first
        bot.on(MessageCreate)(second)
        await bot.start()
        discord.message_posted(0, "")
        await asyncio.sleep(1)
        assert done == ["first", "second"]
        await bot.close()

    play(story)


def test_customizers_change_what_handlers_receive_one_after_the_other(play: Play) -> None:
    async def story(discord: FakeDiscord) -> None:
        bot = make_bot(discord)
        received: list[object] = []
        bot.customize(MessageCreate, lambda event: event.content)
        bot.customize(MessageCreate, str.upper)

        @bot.on(MessageCreate)
        async def handler(event: MessageCreate) -> None:
            received.append(event)

        @bot.on("MESSAGE_CREATE")
        async def raw(event: Raw) -> None:
            received.append(type(event))

        await bot.start()
        discord.message_posted(0, "hello")
        await asyncio.sleep(1)
        assert received == ["HELLO", Raw]
        await bot.close()

    play(story)


def test_any_dispatch_can_be_had_raw_by_its_name(play: Play) -> None:
    async def story(discord: FakeDiscord) -> None:
        bot = make_bot(discord)
        received: list[Raw] = []

        @bot.on("GUILD_AUDIT_LOG_ENTRY_CREATE")
        async def handler(event: Raw) -> None:
            received.append(event)

        await bot.start()
        victim = discord.member_banned(0, 5)
        await asyncio.sleep(1)
        assert [event.name for event in received] == ["GUILD_AUDIT_LOG_ENTRY_CREATE"]
        assert f'"target_id":"{victim}"'.encode() in received[0].data
        await bot.close()

    play(story)


def test_an_own_subclass_decodes_the_fields_it_names(play: Play) -> None:
    class Pinned(MessageCreate):
        pinned: bool = True

    async def story(discord: FakeDiscord) -> None:
        bot = make_bot(discord)
        received: list[Pinned] = []

        @bot.on(Pinned)
        async def handler(event: Pinned) -> None:
            received.append(event)

        await bot.start()
        message_id = discord.message_posted(1, "hello")
        await asyncio.sleep(1)
        assert [(event.id, event.content, event.pinned) for event in received] == [(message_id, "hello", False)]
        await bot.close()

    play(story)


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
        assert len(bot._lanes[discord.world.guild_at(0).id]) <= 6
        await asyncio.sleep(30)
        assert seen == [(number, number >= 35) for number in range(40)]
        await bot.close()

    discord = play(story)
    assert asked_for_guilds(discord) == 1


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


def test_close_waits_for_the_handlers_that_run(play: Play) -> None:
    async def story(discord: FakeDiscord) -> None:
        bot = make_bot(discord)
        done: list[str] = []

        @bot.on(MessageCreate)
        async def handler(event: MessageCreate) -> None:
            await asyncio.sleep(5)
            done.append(event.content)

        await bot.start()
        discord.message_posted(0, "hello")
        await asyncio.sleep(1)
        await bot.close()
        assert done == ["hello"]

    play(story)


def test_a_wrong_token_is_an_error_that_does_not_show_it(play: Play, caplog: pytest.LogCaptureFixture) -> None:
    wrong = "MTIz.wrong-token-that-nobody-may-see"

    async def story(discord: FakeDiscord) -> None:
        bot = Bot(wrong, intents=INTENTS)
        with pytest.raises((Unauthorized, GatewayFatal)) as caught:
            await bot.run()
        assert wrong not in str(caught.value) + repr(caught.value)

    with caplog.at_level(logging.INFO):
        discord = play(story)
    assert wrong not in caplog.text
    assert len(discord.record.requests) == 1
    assert discord.record.gateway["open"] == 0


def test_run_ends_with_the_reason_when_discord_forbids_to_go_on(play: Play) -> None:
    async def story(discord: FakeDiscord) -> None:
        bot = make_bot(discord)
        with pytest.raises(GatewayFatal, match="developer portal"):
            await bot.run()
        later = asyncio.create_task(make_bot(discord, intents=Intents.GUILDS).run())
        await asyncio.sleep(10)
        discord.gateway.disconnect(0, 4004)
        with pytest.raises(GatewayFatal, match="token"):
            await later

    discord = play(story, settings=Settings(allowed_intents=0))
    assert discord.record.closes == {4014: 1, 4004: 1}


def test_a_repr_shows_no_token() -> None:
    token = "MTIz.s3cret.token"
    bot = Bot(token, intents=INTENTS)
    shown = f"{bot!r} {bot.rest!r} {bot.gateway!r} {bot.gateway.snapshot()} {bot.snapshot()}"
    assert "<Bot " in shown
    assert token not in shown


@pytest.mark.parametrize("event", [Event, int, 5, None, MessageCreate(id=1, channel_id=1, author=None)])
def test_a_handler_of_something_that_is_no_event_is_refused_by_name(event: Any) -> None:
    with pytest.raises(InvalidUse, match=r"on\(\) takes an Event class"):
        Bot("token", intents=0).on(event)


@pytest.mark.parametrize(
    ("argument", "arguments"),
    [("token", {"token": ""}), ("token", {"token": "Bot abc"}), ("shard_count", {"shard_count": 0})],
)
def test_a_bad_argument_is_named(argument: str, arguments: dict[str, Any]) -> None:
    with pytest.raises(InvalidUse, match=argument) as caught:
        Bot(**{"token": "abc", "intents": 0, **arguments})
    assert "abc" not in str(caught.value)
