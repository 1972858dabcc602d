"""What a bot's handlers receive, in which order, and at what cost, against the real server."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import pytest

from discord_sim import FakeDiscord, Settings
from framework import (
    Bot,
    Event,
    GatewayFatal,
    Intents,
    InteractionCreate,
    InvalidUse,
    MessageCreate,
    Raw,
    models,
)
from framework.models import UNSET, Maybe, Snowflake
from framework.rest import Unauthorized

Play = Callable[..., FakeDiscord]
INTENTS = (
    Intents.GUILDS | Intents.GUILD_MESSAGES | Intents.MESSAGE_CONTENT | Intents.GUILD_MODERATION | Intents.GUILD_MEMBERS
)


def make_bot(discord: FakeDiscord, **arguments: Any) -> Bot:
    return Bot(discord.settings.token, intents=arguments.pop("intents", INTENTS), chance=lambda: 0.5, **arguments)


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

    discord = play(story)
    errors = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert [record.getMessage() for record in errors] == [
        f"a handler of <RawEvent MESSAGE_CREATE 6 of shard 0 gen 1> of guild {discord.world.guild_at(0).id} failed"
    ]
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


class Small(Event, kw_only=True):
    """Of a message only what is needed."""

    NAME = "MESSAGE_CREATE"
    id: Snowflake
    content: str
    pinned: Maybe[bool] = UNSET


def test_an_own_event_has_the_fields_it_names_and_no_others(play: Play) -> None:
    async def story(discord: FakeDiscord) -> None:
        bot = make_bot(discord)
        received: list[Small] = []

        @bot.on(Small)
        async def handler(event: Small) -> None:
            received.append(event)

        await bot.start()
        message_id = discord.message_posted(1, "hello")
        await asyncio.sleep(1)
        assert received == [Small(id=message_id, content="hello", pinned=False)]
        await bot.close()

    play(story)


def test_an_event_that_does_not_fit_its_type_is_logged_with_what_is_wrong_and_reaches_the_other_handlers(
    play: Play, caplog: pytest.LogCaptureFixture
) -> None:
    class Odd(Event, kw_only=True):
        NAME = "MESSAGE_CREATE"
        content: int

    async def story(discord: FakeDiscord) -> None:
        bot = make_bot(discord)
        received: list[Event] = []

        @bot.on(Odd)
        async def never(event: Odd) -> None:
            received.append(event)

        @bot.on(Small)
        async def handler(event: Small) -> None:
            received.append(event)

        await bot.start()
        discord.message_posted(0, "hello")
        await asyncio.sleep(1)
        assert [type(event) for event in received] == [Small]
        assert (bot.snapshot().failed, bot.snapshot().handled) == (1, 0)
        await bot.close()

    with caplog.at_level(logging.ERROR):
        play(story)
    assert "does not fit Odd: Expected `int`, got `str` - at `$.content`" in caplog.text
    assert "<RawEvent MESSAGE_CREATE 5 of shard 0" in caplog.text


def test_an_interaction_keeps_the_guild_that_discord_tells_beside_the_cached_one(play: Play) -> None:
    async def story(discord: FakeDiscord) -> None:
        bot = make_bot(discord)
        received: list[InteractionCreate] = []

        @bot.on(InteractionCreate, needs_guild=True)
        async def handler(event: InteractionCreate) -> None:
            received.append(event)

        await bot.start()
        guild, me = discord.world.guild_at(0), discord.world.bot_id
        command = {"name": "ask", "description": "Ask"}
        discord.act(me, "create_application_command", command, application_id=me)
        discord.command(guild.owner_id, next(iter(guild.channels)), "ask", {})
        await asyncio.sleep(1)
        (event,) = received
        assert event.guild == models.Guild(id=guild.id, locale="en-US", features=[])
        assert event.cached_guild is not None
        assert (event.cached_guild.id, event.cached_guild.name) == (guild.id, guild.name)
        await bot.close()

    play(story)


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


@pytest.mark.parametrize("event", [Event, int, 5, None, Raw("MESSAGE_CREATE", b"{}")])
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


def test_a_plain_function_is_a_handler_too_and_keeps_the_order_of_its_guild(play: Play) -> None:
    done: list[str] = []

    async def story(discord: FakeDiscord) -> None:
        bot = Bot(discord.settings.token, intents=INTENTS)
        gate = asyncio.Event()

        @bot.on("MESSAGE_DELETE")
        async def slow(event: Raw) -> None:
            await gate.wait()
            done.append("deleted")

        @bot.on(MessageCreate)
        def plain(event: MessageCreate) -> None:
            if event.content == "bad":
                raise RuntimeError("the handler's own mistake")
            done.append(event.content)

        await bot.start()
        discord.message_posted(0, "first")
        discord.message_posted(0, "bad")
        await asyncio.sleep(1)
        assert done == ["first"]
        message = discord.message_posted(1, "to be deleted")
        await asyncio.sleep(1)
        channel = next(
            c for c in discord.world.guild_at(1).channels if any(m.id == message for m in discord.world.messages(c, 10))
        )
        discord.act(discord.world.guild_at(1).owner_id, "delete_message", channel_id=channel, message_id=message)
        await asyncio.sleep(1)
        discord.message_posted(1, "after the deletion")
        discord.message_posted(0, "elsewhere")
        await asyncio.sleep(1)
        assert done == ["first", "to be deleted", "elsewhere"]
        gate.set()
        await asyncio.sleep(1)
        assert done == ["first", "to be deleted", "elsewhere", "deleted", "after the deletion"]
        assert (bot.snapshot().failed, bot.snapshot().handled) == (1, 5)
        await bot.close()

    play(story)


def test_a_handler_that_fails_does_not_keep_the_event_from_the_next(play: Play) -> None:
    done: list[str] = []

    async def story(discord: FakeDiscord) -> None:
        bot = Bot(discord.settings.token, intents=INTENTS)

        @bot.on(MessageCreate)
        async def fail(event: MessageCreate) -> None:
            raise RuntimeError("the handler's own mistake")

        @bot.on(MessageCreate)
        async def note(event: MessageCreate) -> None:
            done.append(event.content)

        await bot.start()
        discord.message_posted(0, "hello")
        await asyncio.sleep(1)
        assert done == ["hello"]
        assert bot.snapshot().failed == 1
        await bot.close()

    play(story)


@pytest.mark.parametrize("body", [None, [], {"guild_id": "no number"}])
def test_a_dispatch_whose_body_is_no_object_is_handed_on_raw(play: Play, body: Any) -> None:
    seen: list[bytes] = []

    async def story(discord: FakeDiscord) -> None:
        bot = Bot(discord.settings.token, intents=INTENTS)

        @bot.on("OF_TOMORROW")
        async def note(event: Raw) -> None:
            await asyncio.sleep(0.1)
            seen.append(event.data)

        await bot.start()
        for _ in range(2):  # the second one has to wait, so that its lane is asked for
            discord.dispatch("OF_TOMORROW", body)
        await asyncio.sleep(1)
        await bot.close()

    play(story)
    assert len(seen) == 2
