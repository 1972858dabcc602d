"""Each of the five steps can be replaced."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from discord_sim import FakeDiscord
from framework import Bot, Intents, MessageCreate
from framework.bot import Guild, Section
from framework.bot.requirements import Requirements
from framework.models.codec import decode

Play = Callable[..., FakeDiscord]
INTENTS = Intents.GUILDS | Intents.GUILD_MESSAGES | Intents.MESSAGE_CONTENT


def say_hello(play: Play, prepare: Callable[[Bot], None], **options: object) -> FakeDiscord:
    async def story(discord: FakeDiscord) -> None:
        bot = Bot(discord.settings.token, intents=INTENTS, **options)
        prepare(bot)
        await bot.start()
        discord.message_posted(0, "hello there")
        await asyncio.sleep(2)
        await bot.close()

    return play(story)


def test_raw_is_given_as_it_comes_and_before_everything_else(play: Play) -> None:
    steps: list[str] = []

    def prepare(bot: Bot) -> None:
        bot.on_raw("MESSAGE_CREATE", lambda data: steps.append(f"raw {b'hello there' in data}"))

        @bot.on(MessageCreate, needs_guild=True)
        async def handle(event: MessageCreate) -> None:
            steps.append("handler")

    say_hello(play, prepare)
    assert steps == ["raw True", "handler"]


def test_requirements_may_come_from_elsewhere(play: Play) -> None:
    asked: list[tuple[str, frozenset[Section]]] = []
    seen: list[Guild | None] = []

    class Elsewhere(Requirements):
        async def guild_for(self, event: str, guild_id: int, needs: frozenset[Section]) -> Guild | None:
            asked.append((event, needs))
            return None

    def prepare(bot: Bot) -> None:
        @bot.on(MessageCreate, needs=("channels",))
        async def handle(event: MessageCreate) -> None:
            seen.append(event.guild)

    discord = say_hello(play, prepare, requirements=Elsewhere)
    assert asked == [("MESSAGE_CREATE", frozenset({Section.GUILD, Section.CHANNELS}))]
    assert seen == [None]
    assert not any(request.route == "get_guild" for request in discord.record.requests)


def test_a_transformer_makes_the_event_and_customizers_what_the_handler_gets(play: Play) -> None:
    seen: list[list[str]] = []

    def upper(data: bytes) -> MessageCreate:
        event = decode(MessageCreate, data)
        event.content = event.content.upper()
        return event

    def prepare(bot: Bot) -> None:
        bot.customize(MessageCreate, lambda event: event)

        @bot.on(MessageCreate, transformer=upper, customizer=lambda event: event.content.split())
        async def handle(words: list[str]) -> None:
            seen.append(words)

    say_hello(play, prepare)
    assert seen == [["HELLO", "THERE"]]


def test_customizers_of_an_event_run_before_the_handlers_own(play: Play) -> None:
    seen: list[str] = []

    def prepare(bot: Bot) -> None:
        bot.customize(MessageCreate, lambda event: f"<{event.content}>")

        @bot.on(MessageCreate, customizer=lambda text: f"[{text}]")
        def handle(text: str) -> None:
            seen.append(text)

    say_hello(play, prepare)
    assert seen == ["[<hello there>]"]
