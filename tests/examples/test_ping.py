"""The smallest bot."""

from __future__ import annotations

from examples.ping import main, make_bot


def test_it_answers_both(perform, said, soon) -> None:
    async def story(discord) -> None:
        guild = discord.world.guild_at(0)
        channel = next(iter(guild.channels))
        for content in ("hello", "!ping"):
            discord.message_posted(0, content)
            await soon()
        assert said(discord, channel) == ["hello", "!ping", "pong"]
        used = discord.command(guild.owner_id, channel, "ping")
        await soon()
        name = discord.world.user_payload(guild.owner_id)["username"]
        assert (used.answered, said(discord, channel)[-1]) == (4, f"pong, {name}")

    perform(make_bot, story)


def test_without_a_token_it_says_what_is_missing(without_token) -> None:
    assert "DISCORD_TOKEN" in without_token(main)
