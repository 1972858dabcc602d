"""Members of a guild."""

import datetime
import itertools

import pytest

from framework.models.member import MemberFlags
from framework.rest import NotFound

pytestmark = pytest.mark.usefixtures("round_trip")


def people(discord):
    """The members of guild 0 besides its owner and the bot."""
    world = discord.world
    return list(itertools.islice(world.member_ids(world.guild_at(0)), 1, 10))


def test_a_member_is_read_and_searched_for(talk):
    async def story(rest, discord):
        guild, (one, *_) = discord.world.guild_at(0), people(discord)
        member = await rest.get_guild_member(guild.id, one)
        assert member.user.id == one
        found = await rest.search_guild_members(guild.id, member.user.username)
        assert [m.user.id for m in found] == [one]
        similar = await rest.search_guild_members(guild.id, member.user.username[0], limit=100)
        assert member in similar
        assert len(similar) > 1
        with pytest.raises(NotFound):
            await rest.get_guild_member(guild.id, discord.world.guild_at(1).owner_id)

    talk(story)


def test_members_come_in_pages_none_twice_and_none_left_out(talk, monkeypatch):
    monkeypatch.setattr("framework.rest.api.members._PAGE", 7)

    async def story(rest, discord):
        guild = discord.world.guild_at(0)
        everybody = sorted(discord.world.member_ids(guild))
        assert [m.user.id for m in await rest.list_guild_members(guild.id)] == everybody[:1]
        page = await rest.list_guild_members(guild.id, after=everybody[2], limit=3)
        assert [m.user.id for m in page] == everybody[3:6]

        before = rest.snapshot().sent
        assert [m.user.id async for m in rest.iterate_guild_members(guild.id)] == everybody
        assert rest.snapshot().sent - before == len(everybody) // 7 + 1
        some = rest.iterate_guild_members(guild.id, after=everybody[4], limit=14)
        before = rest.snapshot().sent
        assert [m.user.id async for m in some] == everybody[5:19]
        assert rest.snapshot().sent - before == 2, "no page is fetched to find out that enough is enough"
        before = rest.snapshot().sent
        lazy = rest.iterate_guild_members(guild.id)
        assert (await anext(lazy)).user.id == everybody[0]
        await lazy.aclose()
        assert rest.snapshot().sent - before == 1
        assert [m async for m in rest.iterate_guild_members(guild.id, limit=0)] == []

    talk(story)


def test_a_user_who_allows_it_is_added(talk):
    async def story(rest, discord):
        guild, stranger = discord.world.guild_at(0), discord.world.guild_at(1).owner_id
        token, role_id = discord.bearer(stranger, "guilds.join"), list(guild.roles)[1]
        member = await rest.add_guild_member(guild.id, stranger, token, nick="guest", roles=[role_id], mute=True)
        assert (member.user.id, member.nick, member.roles, member.mute) == (stranger, "guest", [role_id], True)
        assert await rest.add_guild_member(guild.id, stranger, token) is None

    talk(story)


def test_each_field_of_a_member_changes(talk):
    async def story(rest, discord):
        guild, (one, *_) = discord.world.guild_at(0), people(discord)
        role_id = list(guild.roles)[1]
        now = datetime.datetime.fromtimestamp(discord.clock.epoch_ms // 1000, datetime.UTC)
        until = now + datetime.timedelta(days=1)
        changed = await rest.modify_guild_member(
            guild.id, one, nick="cat", roles=[role_id], communication_disabled_until=until,
            flags=MemberFlags.BYPASSES_VERIFICATION, reason="meow",
        )  # fmt: skip
        assert (changed.nick, changed.roles, changed.flags) == ("cat", [role_id], 4)
        assert changed.communication_disabled_until == until
        assert guild.audit[-1]["reason"] == "meow"
        again = await rest.modify_guild_member(guild.id, one, nick=None, communication_disabled_until=None)
        assert (again.nick, again.roles, again.communication_disabled_until) == (None, [role_id], None)
        assert again == await rest.get_guild_member(guild.id, one)

    talk(story)


def test_who_is_in_voice_is_muted_moved_and_disconnected(talk):
    async def story(rest, discord):
        guild, (one, *_) = discord.world.guild_at(0), people(discord)
        first = await rest.create_guild_channel(guild.id, "one", type=2)
        second = await rest.create_guild_channel(guild.id, "two", type=2)
        discord.voice(one, guild.id, first.id)
        changed = await rest.modify_guild_member(guild.id, one, mute=True, deaf=True, channel_id=second.id)
        assert (changed.mute, changed.deaf) == (True, True)
        assert guild.voice_states[one]["channel_id"] == str(second.id)
        await rest.modify_guild_member(guild.id, one, channel_id=None)
        assert one not in guild.voice_states

    talk(story)


def test_the_bots_own_place(talk):
    async def story(rest, discord):
        guild = discord.world.guild_at(0)
        changed = await rest.modify_current_member(guild.id, nick="robot", bio="beep", reason="new name")
        assert (changed.user.id, changed.nick) == (discord.world.bot_id, "robot")
        assert guild.audit[-1]["reason"] == "new name"
        assert (await rest.modify_current_member(guild.id, nick=None, avatar=None, banner=None)).nick is None

    talk(story)


def test_a_member_gets_a_role_loses_it_and_is_kicked(talk):
    async def story(rest, discord):
        guild, (one, *_) = discord.world.guild_at(0), people(discord)
        role_id = list(guild.roles)[1]
        await rest.add_guild_member_role(guild.id, one, role_id, reason="good")
        assert (await rest.get_guild_member(guild.id, one)).roles == [role_id]
        await rest.remove_guild_member_role(guild.id, one, role_id, reason="bad")
        assert (await rest.get_guild_member(guild.id, one)).roles == []
        await rest.remove_guild_member(guild.id, one, reason="worse")
        assert [entry["reason"] for entry in guild.audit[-3:]] == ["good", "bad", "worse"]
        with pytest.raises(NotFound):
            await rest.get_guild_member(guild.id, one)

    talk(story)
