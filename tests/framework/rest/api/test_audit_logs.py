"""The audit log of a guild."""

import itertools

import pytest

from framework.errors import InvalidUse
from framework.models.audit_log import AuditLogEvent

pytestmark = pytest.mark.usefixtures("round_trip")


def people(discord, number):
    """Members of guild 0 besides its owner and the bot."""
    world = discord.world
    return list(itertools.islice(world.member_ids(world.guild_at(0)), 1, 1 + number))


def test_entries_tell_who_did_what_to_whom(talk):
    async def story(rest, discord):
        guild, (one, two) = discord.world.guild_at(0), people(discord, 2)
        role_id, me = list(guild.roles)[1], discord.world.bot_id
        await rest.add_guild_member_role(guild.id, one, role_id, reason="good")
        await rest.remove_guild_member(guild.id, two)
        await rest.begin_guild_prune(guild.id, days=30)
        channel = await rest.create_guild_channel(guild.id, "talk", type=2)
        log = await rest.get_guild_audit_log(guild.id, limit=4)
        made, pruned, kicked, given = log.audit_log_entries
        assert (given.action_type, given.user_id, given.target_id) == (AuditLogEvent.MEMBER_ROLE_UPDATE, me, one)
        assert given.reason == "good"
        assert [(c.key, c.new_value[0]["id"]) for c in given.changes] == [("$add", str(role_id))]
        assert (kicked.action_type, kicked.target_id) == (AuditLogEvent.MEMBER_KICK, two)
        assert not kicked.reason
        assert (pruned.action_type, pruned.target_id) == (AuditLogEvent.MEMBER_PRUNE, None)
        assert pruned.options.delete_member_days == 30
        assert (made.action_type, made.target_id) == (AuditLogEvent.CHANNEL_CREATE, channel.id)
        assert {user.id for user in log.users} == {me, one, two}

        about = await rest.get_guild_audit_log(guild.id, action_type=AuditLogEvent.MEMBER_KICK, user_id=me)
        assert about.audit_log_entries == [kicked]
        about = await rest.get_guild_audit_log(guild.id, target_id=one, before=made.id)
        assert about.audit_log_entries == [given]

    talk(story)


def test_the_log_holds_what_its_entries_speak_of(talk):
    async def story(rest, discord):
        guild, owner = discord.world.guild_at(0), discord.world.guild_at(0).owner_id
        channel_id = next(iter(guild.channels))
        act = discord.act
        act(owner, "create_webhook", {"name": "news"}, channel_id=channel_id)
        act(owner, "create_thread", {"name": "thread", "type": 11}, channel_id=channel_id)
        action = {"type": 1}
        rule = {"name": "rule", "event_type": 1, "trigger_type": 3, "actions": [action]}
        act(owner, "create_auto_moderation_rule", rule, guild_id=guild.id)
        log = await rest.get_guild_audit_log(guild.id)
        assert [hook.name for hook in log.webhooks] == ["news"]
        assert [thread.name for thread in log.threads] == ["thread"]
        assert [rule.name for rule in log.auto_moderation_rules] == ["rule"]

    talk(story)


def test_entries_come_in_pages_none_twice_and_none_left_out(talk, monkeypatch):
    monkeypatch.setattr("framework.rest.api.audit_logs._PAGE", 3)

    async def story(rest, discord):
        guild = discord.world.guild_at(0)
        await rest.bulk_guild_ban(guild.id, people(discord, 8))
        ids = [int(entry["id"]) for entry in guild.audit]
        assert len(ids) == 8
        log = rest.iterate_guild_audit_log
        before = rest.snapshot().sent
        assert [e.id async for e in log(guild.id)] == ids[::-1], "the newest first"
        assert rest.snapshot().sent - before == 3
        assert [e.id async for e in log(guild.id, before=ids[5], limit=4)] == ids[4:0:-1]
        assert [e.id async for e in log(guild.id, after=ids[1])] == ids[2:]
        assert [e.id async for e in log(guild.id, after=0, limit=4)] == ids[:4]
        assert [e.id async for e in log(guild.id, action_type=AuditLogEvent.MEMBER_KICK)] == []
        with pytest.raises(InvalidUse, match="two directions"):
            log(guild.id, before=1, after=2)

        seen = []
        async for entry in log(guild.id):
            seen.append(entry.id)
            await rest.remove_guild_ban(guild.id, entry.target_id)  # what is newer than the first page is not seen
        assert seen == ids[::-1]

    talk(story)
