"""A mass ban becomes one message for each guild and no other request; /ban is for those who may."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from discord_sim.world.snowflakes import member_id
from examples.moderation import LONGEST_S, NAMED, QUIET_S, main, make_bot
from framework import RestManager
from framework.models import Permissions
from scenarios import MassBanFlood, run_scenario

BOT = Path(__file__).parents[2] / "examples" / "moderation.py"


def posted(discord, guild: int) -> list[str]:
    """The texts in all channels of a guild, the oldest first."""
    world = discord.world
    return [m.content for c in world.guild_at(guild).channels for m in reversed(world.messages(c, 100))]


def test_a_flood_is_told_once_in_each_guild_when_it_is_quiet(perform, soon) -> None:
    async def story(discord) -> None:
        before = len(discord.record.requests)
        for number in range(1, 41):
            discord.member_banned(0, number)
            await asyncio.sleep(0.1)
        discord.member_banned(1, 7)
        for guild, leaving in ((2, 4), (3, 5)):
            for number in range(1, leaving + 1):
                discord.member_left(discord.world.guild_at(guild).id, member_id(guild, number))
        await asyncio.sleep(QUIET_S - 1)
        assert [posted(discord, guild) for guild in range(4)] == [[]] * 4
        await asyncio.sleep(5)
        named = ", ".join(f"<@{member_id(0, number)}>" for number in range(1, NAMED + 1))
        assert posted(discord, 0) == [f"**40** banned: {named} …"]
        assert posted(discord, 1) == [f"**1** banned: <@{member_id(1, 7)}>"]
        assert posted(discord, 2) == []
        assert posted(discord, 3)[0].startswith("**5** gone: ")
        assert [seen.route for seen in list(discord.record.requests)[before:]] == ["create_message"] * 3

    perform(make_bot, story, guilds=4)


def test_a_flood_without_end_is_told_of_all_the_same(perform) -> None:
    async def story(discord) -> None:
        for number in range(1, 9):
            discord.member_banned(0, number)
            await asyncio.sleep(QUIET_S - 10)
        assert [text[:10] for text in posted(discord, 0)] == ["**6** bann"]
        await asyncio.sleep(QUIET_S)
        assert [text[:10] for text in posted(discord, 0)] == ["**6** bann", "**2** bann"]

    assert LONGEST_S == 6 * (QUIET_S - 10)
    perform(make_bot, story)


def test_a_mass_ban_over_many_guilds_costs_a_message_each() -> None:
    story = MassBanFlood(guilds=300, bans=1_500, flood_s=20.0, settle_s=90.0)
    result = run_scenario(story, f"{BOT}:make_bot")
    assert result.held, result.expectations
    assert result.stage is not None
    record = result.stage.discord.record
    told = sum(seen.route == "create_message" for seen in record.requests)
    banned = {event.guild_id for event in record.events if event.type == "GUILD_BAN_ADD"}
    assert told == len(banned) > 290
    assert {seen.status for seen in record.requests} == {200}


def test_a_command_does_not_wait_while_hundreds_of_summaries_wait_for_their_turn(perform) -> None:
    async def story(discord) -> None:
        for guild in range(400):
            discord.member_banned(guild, 1)
        guild = discord.world.guild_at(0)
        await asyncio.sleep(QUIET_S + 1)
        told = sum(len(posted(discord, index)) for index in range(400))
        assert 0 < told < 100
        used = discord.command(guild.owner_id, next(iter(guild.channels)), "ban", {"member": member_id(0, 5)})
        await asyncio.sleep(2)  # two calls, each at most a second from the next turn
        assert (used.answered, member_id(0, 5) in guild.banned) == (4, True)
        assert sum(len(posted(discord, index)) for index in range(400)) < 200
        await asyncio.sleep(10)

    perform(make_bot, story, guilds=400)


@pytest.mark.parametrize(
    ("who", "whom", "answer"),
    [
        ("owner", "moderator", "is banned."),
        ("moderator", "member", "is banned."),
        ("moderator", "owner", "They are not below you."),
        ("moderator", "other", "They are not below you."),
        ("member", "moderator", "This needs what you may not do here: Ban members."),
    ],
)
def test_a_ban_needs_the_permission_and_a_higher_role(perform, soon, who, whom, answer) -> None:
    async def story(discord) -> None:
        guild = discord.world.guild_at(0)
        named = enumerate(("moderator", "other", "member"), 5)
        users = {"owner": guild.owner_id, **{name: member_id(0, number) for number, name in named}}
        rest = RestManager(discord.settings.token)
        role = await rest.create_guild_role(guild.id, permissions=Permissions.BAN_MEMBERS)
        for name in ("moderator", "other"):
            await rest.add_guild_member_role(guild.id, users[name], role.id)
        await rest.close()
        channel = next(iter(guild.channels))
        used = discord.command(users[who], channel, "ban", {"member": users[whom], "days": 1})
        await soon()
        assert used.answered == 4
        assert posted(discord, 0)[-1].endswith(answer)
        assert (users[whom] in guild.banned) == answer.startswith("is banned")

    perform(make_bot, story)


def test_without_a_token_it_says_what_is_missing(without_token) -> None:
    assert "DISCORD_TOKEN" in without_token(main)
