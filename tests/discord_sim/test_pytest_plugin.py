"""The `discord` fixture, as a user meets it."""

import asyncio

import pytest

from framework import Bot, GuildBanAdd, Intents, MessageCreate

pytest_plugins = ["pytester"]


def make_bot(token):
    bot = Bot(token, intents=Intents.GUILD_MESSAGES | Intents.MESSAGE_CONTENT | Intents.GUILD_MODERATION)

    @bot.on(MessageCreate)
    async def on_message(event):
        if event.content == "!ping":
            await bot.rest.create_message(event.channel_id, "pong")

    return bot


def test_a_bot_answers(discord):
    discord.run(make_bot(discord.token))
    discord.say("!ping")
    assert discord.messages() == ["!ping", "pong"]


def test_six_answers_wait_for_the_bucket_without_a_429(discord):
    discord.run(make_bot(discord.token))
    for _ in range(12):
        discord.say("!ping")
    discord.advance(60)
    assert discord.messages().count("pong") == 12
    assert all(seen.status == 200 for seen in discord.record.requests)


def test_a_day_passes_at_once_and_the_bot_is_still_there(discord):
    discord.run(make_bot(discord.token))
    discord.advance(24 * 3_600)
    discord.say("!ping")
    assert discord.messages()[-1] == "pong"
    assert discord.record.counts()["identifies"] == 1


def test_bans_arrive(discord):
    seen = []
    bot = make_bot(discord.token)

    @bot.on(GuildBanAdd)
    async def on_ban(event):
        seen.append(event.user.id)

    discord.run(bot)
    user_id = discord.ban(3)
    assert seen == [user_id]


@pytest.mark.discord_seed(9)
def test_the_seed_can_be_chosen(discord):
    assert discord.fake.world.seed == 9


def test_programs_run_on_the_bots_machine(discord):
    async def program():
        await asyncio.sleep(100)
        return discord.sim.clock.now_ms

    before = discord.sim.clock.now_ms
    assert discord.do(program) == before + 100_000


def test_the_plugin_is_found_by_its_entry_point(pytester):
    pytester.makepyfile(
        """
        def test_it(discord):
            assert discord.messages() == []
        """
    )
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(passed=1)
