"""Interactions over a bot's gateway: they begin and end with it, and wait for nothing else."""

from __future__ import annotations

import asyncio

import pytest

from framework import Bot, Intents, MessageCreate
from framework.errors import InvalidUse
from framework.interactions import Interaction, Interactions
from framework.rest import RequestFailed


@pytest.fixture
def interactions() -> Interactions:
    made = Interactions(auto_register=True)

    @made.slash("ping", "Are you there?")
    async def ping(interaction: Interaction) -> str:
        return "pong"

    return made


def test_commands_are_registered_when_the_bot_starts_and_once(play, interactions) -> None:
    async def story(discord) -> None:
        for _ in range(2):
            bot = Bot(discord.settings.token, intents=0, shard_count=2)
            bot.use(interactions if _ == 0 else _again())
            await bot.start()
            guild = discord.world.guild_at(0)
            used = discord.command(guild.owner_id, next(iter(guild.channels)), "ping")
            await asyncio.sleep(1)
            assert used.answered == 4
            await bot.close()
        routes = [seen.route for seen in discord.record.requests]
        assert routes.count("list_application_commands") == 2
        assert routes.count("bulk_set_application_commands") == 1

    def _again() -> Interactions:
        made = Interactions(auto_register=True)

        @made.slash("ping", "Are you there?")
        async def ping(interaction: Interaction) -> str:
            return "pong"

        return made

    play(story)


def test_a_command_that_discord_refuses_ends_the_start(play) -> None:
    interactions = Interactions(auto_register=True)
    for n in range(101):

        @interactions.slash(f"c{n}", "x")
        async def handler(interaction: Interaction) -> str:
            return "x"

    async def story(discord) -> None:
        bot = Bot(discord.settings.token, intents=0)
        bot.use(interactions)
        with pytest.raises(RequestFailed, match="30032"):
            await bot.start()
        await bot.close()
        assert discord.record.gateway["identifies"] == 0

    play(story)


def test_interactions_do_not_wait_for_the_other_events_of_their_guild(play, interactions) -> None:
    async def story(discord) -> None:
        bot = Bot(discord.settings.token, intents=Intents.GUILD_MESSAGES)
        bot.use(interactions)

        @bot.on(MessageCreate)
        async def slow(event: MessageCreate) -> None:
            await asyncio.sleep(60)

        await bot.start()
        for _ in range(5):
            discord.message_posted(0, "hello")
        await asyncio.sleep(1)
        guild = discord.world.guild_at(0)
        used = discord.command(guild.owner_id, next(iter(guild.channels)), "ping")
        await asyncio.sleep(1)
        assert used.answered == 4
        await bot.close()

    play(story)


def test_a_handler_that_is_running_can_still_answer_when_the_bot_is_closed(play, interactions) -> None:
    @interactions.slash("work", "Work")
    async def work(interaction: Interaction) -> str:
        await asyncio.sleep(5)
        return "done"

    async def story(discord) -> None:
        bot = Bot(discord.settings.token, intents=0)
        bot.use(interactions)
        await bot.start()
        guild = discord.world.guild_at(0)
        channel = next(iter(guild.channels))
        discord.command(guild.owner_id, channel, "work")
        await asyncio.sleep(1)
        await bot.close()
        assert [message.content for message in discord.world.messages(channel, 10)] == ["done"]

    play(story)


def test_one_that_cannot_be_read_or_fails_stops_nothing(play, interactions, caplog) -> None:
    @interactions.slash("fail", "Fail")
    async def fail(interaction: Interaction) -> str:
        raise ValueError("so it does")

    async def story(discord) -> None:
        bot = Bot(discord.settings.token, intents=0)
        bot.use(interactions)
        bot.on_raw("INTERACTION_CREATE", lambda data: 1 / 0)
        await bot.start()
        guild = discord.world.guild_at(0)
        channel = next(iter(guild.channels))
        discord.dispatch("INTERACTION_CREATE", {"id": "1"}, guild.id)
        failed = discord.command(guild.owner_id, channel, "fail")
        used = discord.command(guild.owner_id, channel, "ping")
        await asyncio.sleep(1)
        assert (failed.answered, used.answered) == (4, 4)
        logged = f"interaction {failed.id} of guild {guild.id} ('fail', type 2) was not handled"
        assert logged in caplog.text
        await bot.close()

    play(story)
    assert "an interaction could not be read" in caplog.text
    assert "<RawEvent INTERACTION_CREATE 2 of shard 0 gen 1> could not be taken" in caplog.text
    assert "ZeroDivisionError" in caplog.text


def test_interactions_have_one_bot(interactions) -> None:
    bot, other = (Bot("a.bot.token", intents=0) for _ in range(2))
    bot.use(interactions)
    with pytest.raises(InvalidUse, match="have a bot already"):
        other.use(interactions)
