"""A guild itself, and what belongs to all of it."""

import datetime

import pytest

from framework.models.guild import SystemChannelFlags, VerificationLevel
from framework.rest import BadRequest

pytestmark = pytest.mark.usefixtures("round_trip")


def test_a_guild_is_read_and_changed(talk):
    async def story(rest, discord):
        guild = discord.world.guild_at(0)
        before = await rest.get_guild(guild.id)
        assert (before.id, before.name, before.owner_id) == (guild.id, guild.name, guild.owner_id)
        assert {role.id for role in before.roles} == set(guild.roles)
        assert not before.approximate_member_count
        counted = await rest.get_guild(guild.id, with_counts=True)
        assert counted.approximate_member_count == guild.member_count

        channel_id = next(iter(guild.channels))
        flags = SystemChannelFlags.SUPPRESS_JOIN_NOTIFICATIONS
        changed = await rest.modify_guild(
            guild.id, name="Cats", description="all of them", afk_channel_id=channel_id, afk_timeout=900,
            verification_level=VerificationLevel.HIGH, system_channel_flags=flags, features=["COMMUNITY"],
            reason="cats: ä/ö",
        )  # fmt: skip
        assert (changed.name, changed.description, changed.features) == ("Cats", "all of them", ["COMMUNITY"])
        assert (changed.afk_channel_id, changed.afk_timeout) == (channel_id, 900)
        assert (changed.verification_level, changed.system_channel_flags) == (3, 1)
        assert guild.audit[-1]["reason"] == "cats: ä/ö"
        cleared = await rest.modify_guild(guild.id, description=None, afk_channel_id=None)
        assert (cleared.name, cleared.description, cleared.afk_channel_id) == ("Cats", None, None)
        assert cleared == await rest.get_guild(guild.id)

    talk(story)


def test_a_preview(talk):
    async def story(rest, discord):
        guild = discord.world.guild_at(0)
        preview = await rest.get_guild_preview(guild.id)
        assert (preview.name, preview.approximate_member_count) == (guild.name, guild.member_count)

    talk(story)


def test_incident_actions_begin_and_end(talk):
    async def story(rest, discord):
        guild = discord.world.guild_at(0)
        now = datetime.datetime.fromtimestamp(discord.clock.epoch_ms // 1000, datetime.UTC)
        until = now + datetime.timedelta(hours=2)
        assert (await rest.modify_guild_incident_actions(guild.id, invites_disabled_until=until)) == (
            (await rest.get_guild(guild.id)).incidents_data
        )
        data = await rest.modify_guild_incident_actions(guild.id, dms_disabled_until=until)
        assert (data.invites_disabled_until, data.dms_disabled_until) == (until, until)
        data = await rest.modify_guild_incident_actions(guild.id, invites_disabled_until=None)
        assert (data.invites_disabled_until, data.dms_disabled_until) == (None, until)

    talk(story)


def test_a_vanity_url(talk):
    async def story(rest, discord):
        guild = discord.world.guild_at(0)
        with pytest.raises(BadRequest) as caught:
            await rest.get_guild_vanity_url(guild.id)
        assert caught.value.code == 50020
        guild.doc |= {"features": ["VANITY_URL"], "vanity_url_code": "cats"}
        found = await rest.get_guild_vanity_url(guild.id)
        assert (found.code, found.uses) == ("cats", 0)

    talk(story)


def test_invites_and_webhooks_of_a_guild(talk):
    async def story(rest, discord):
        guild = discord.world.guild_at(0)
        channel_id = next(iter(guild.channels))
        assert await rest.get_guild_invites(guild.id) == await rest.get_guild_webhooks(guild.id) == []
        invite = discord.act(guild.owner_id, "create_channel_invite", channel_id=channel_id)
        hook = discord.act(guild.owner_id, "create_webhook", {"name": "news"}, channel_id=channel_id)
        invites = await rest.get_guild_invites(guild.id)
        assert [i.code for i in invites] == [invite.body["code"]]
        assert [(w.id, w.name) for w in await rest.get_guild_webhooks(guild.id)] == [(int(hook.body["id"]), "news")]

    talk(story)


def test_integrations_are_listed_and_ended(talk):
    async def story(rest, discord):
        guild = discord.world.guild_at(0)
        made = discord.integration(guild.id, "twitch", "cats")
        found = {i.id: i for i in await rest.get_guild_integrations(guild.id)}
        assert (found[made].type, found[made].name) == ("twitch", "cats")
        (mine,) = (i for i in found.values() if i.type == "discord")
        assert mine.application.bot.id == discord.world.bot_id
        await rest.delete_guild_integration(guild.id, made, reason="over")
        assert made not in {i.id for i in await rest.get_guild_integrations(guild.id)}
        assert guild.audit[-1]["reason"] == "over"

    talk(story)
