"""Bans and prunes."""

import itertools

import pytest

from framework.rest import BadRequest, NotFound

pytestmark = pytest.mark.usefixtures("round_trip")


def people(discord, number):
    """Members of guild 0 besides its owner and the bot."""
    world = discord.world
    return list(itertools.islice(world.member_ids(world.guild_at(0)), 1, 1 + number))


def test_a_ban_from_beginning_to_end(talk):
    async def story(rest, discord):
        guild, (one,) = discord.world.guild_at(0), people(discord, 1)
        await rest.create_guild_ban(guild.id, one, delete_message_seconds=3_600, reason="spam")
        ban = await rest.get_guild_ban(guild.id, one)
        assert (ban.user.id, ban.reason) == (one, "spam")
        assert await rest.get_guild_bans(guild.id) == [ban]
        await rest.remove_guild_ban(guild.id, one, reason="sorry")
        assert guild.audit[-1]["reason"] == "sorry"
        with pytest.raises(NotFound) as caught:
            await rest.get_guild_ban(guild.id, one)
        assert caught.value.code == 10026

    talk(story)


def test_many_bans_at_once(talk):
    async def story(rest, discord):
        guild, (one, two, three) = discord.world.guild_at(0), people(discord, 3)
        await rest.create_guild_ban(guild.id, one)
        done = await rest.bulk_guild_ban(guild.id, [one, two, three], delete_message_seconds=60, reason="raid")
        assert (done.banned_users, done.failed_users) == ([two, three], [one])
        assert (await rest.get_guild_ban(guild.id, two)).reason == "raid"
        with pytest.raises(BadRequest) as caught:
            await rest.bulk_guild_ban(guild.id, [one])
        assert caught.value.code == 500000

    talk(story)


def test_bans_come_in_pages_none_twice_and_none_left_out(talk, monkeypatch):
    monkeypatch.setattr("framework.rest.api.bans._PAGE", 4)

    async def story(rest, discord):
        guild, banned = discord.world.guild_at(0), people(discord, 10)
        await rest.bulk_guild_ban(guild.id, banned)
        assert [b.user.id for b in await rest.get_guild_bans(guild.id, before=banned[5], limit=2)] == banned[3:5]
        assert [b.user.id for b in await rest.get_guild_bans(guild.id, after=banned[5], limit=2)] == banned[6:8]
        before = rest.snapshot().sent
        assert [b.user.id async for b in rest.iterate_guild_bans(guild.id)] == banned
        assert rest.snapshot().sent - before == 3
        assert [b.user.id async for b in rest.iterate_guild_bans(guild.id, after=banned[0], limit=5)] == banned[1:6]

        seen = []
        async for ban in rest.iterate_guild_bans(guild.id):
            seen.append(ban.user.id)
            if len(seen) <= 4:  # what is behind the cursor comes and goes
                await rest.remove_guild_ban(guild.id, ban.user.id)
        assert seen == banned

    talk(story)


def test_a_prune_removes_who_was_counted(talk):
    async def story(rest, discord):
        guild = discord.world.guild_at(0)
        role_id = list(guild.roles)[1]
        for user_id in people(discord, 30):
            await rest.add_guild_member_role(guild.id, user_id, role_id)
        without = await rest.get_guild_prune_count(guild.id, days=30)
        both = await rest.get_guild_prune_count(guild.id, days=30, include_roles=[role_id, guild.id])
        assert 0 < without < both
        assert await rest.begin_guild_prune(guild.id, days=30, reason="quiet") == without
        assert guild.audit[-1]["reason"] == "quiet"
        assert await rest.get_guild_prune_count(guild.id, days=30) == 0
        assert await rest.begin_guild_prune(
            guild.id, days=30, include_roles=[role_id], compute_prune_count=False
        ) is None  # fmt: skip
        assert await rest.get_guild_prune_count(guild.id, days=30, include_roles=[role_id]) == 0

    talk(story)
