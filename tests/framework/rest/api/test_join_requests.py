"""Requests to join a guild."""

import itertools

import pytest

from discord_sim.edge.operations.join_requests import ask_to_join
from framework.models.join_request import JoinRequestStatus

pytestmark = pytest.mark.usefixtures("round_trip")


def asked(discord, number):
    """Guild 0, and members of guild 1 who want to come in."""
    world = discord.world
    guild = world.guild_at(0)
    people = list(itertools.islice(world.member_ids(world.guild_at(1)), number))
    for user_id in people:
        ask_to_join(world, guild, user_id, discord.clock.epoch_ms)
    return guild, people


def test_requests_are_decided(talk):
    async def story(rest, discord):
        guild, (one, two) = asked(discord, 2)
        page = await rest.get_guild_join_requests(guild.id)
        assert (page.total, [r.user_id for r in page.guild_join_requests]) == (2, [one, two])
        first, second = page.guild_join_requests
        approved = await rest.action_guild_join_request(guild.id, first.id, JoinRequestStatus.APPROVED)
        assert (approved.application_status, approved.actioned_by_user.id) == ("APPROVED", discord.world.bot_id)
        assert (await rest.get_guild_member(guild.id, one)).user.id == one
        rejected = await rest.action_guild_join_request(
            guild.id, second.id, JoinRequestStatus.REJECTED, rejection_reason="no dogs"
        )
        assert (rejected.application_status, rejected.rejection_reason) == ("REJECTED", "no dogs")
        page = await rest.get_guild_join_requests(guild.id, status=JoinRequestStatus.REJECTED, limit=1)
        assert page.guild_join_requests == [rejected]

    talk(story)


def test_requests_come_in_pages_none_twice_and_none_left_out(talk, monkeypatch):
    monkeypatch.setattr("framework.rest.api.join_requests._PAGE", 3)

    async def story(rest, discord):
        guild, people = asked(discord, 8)
        found = [r async for r in rest.iterate_guild_join_requests(guild.id)]
        assert [r.user_id for r in found] == people
        page = await rest.get_guild_join_requests(guild.id, before=found[5].id, limit=2)
        assert page.guild_join_requests == found[3:5]
        some = rest.iterate_guild_join_requests(guild.id, status="SUBMITTED", after=found[0].id, limit=4)
        assert [r async for r in some] == found[1:5]

    talk(story)
