"""Channels: reading, changing, permissions, invites to them, what happens in them. And the table of the room."""

import re

import pytest

from discord_sim.spec import OPERATIONS
from framework.models.channel import (
    ChannelFlags,
    ChannelType,
    DefaultReaction,
    ForumLayoutType,
    NewForumTag,
    OverwriteType,
    PermissionOverwrite,
    SortOrderType,
)
from framework.models.invite import TargetUsersJobStatus
from framework.models.message import MessageType
from framework.models.permissions import Permissions
from framework.rest import NotFound
from framework.rest.api.channels import ChannelsApi
from framework.rest.api.followups import FollowupsApi
from framework.rest.api.invites import InvitesApi
from framework.rest.api.messages import MessagesApi
from framework.rest.api.pins import PinsApi
from framework.rest.api.polls import PollsApi
from framework.rest.api.reactions import ReactionsApi
from framework.rest.api.search import SearchApi
from framework.rest.api.threads import ThreadsApi
from framework.rest.api.users import UsersApi
from framework.rest.api.webhooks import WebhooksApi

pytestmark = pytest.mark.usefixtures("round_trip")
MIXINS = (
    ChannelsApi, FollowupsApi, InvitesApi, MessagesApi, PinsApi, PollsApi, ReactionsApi, SearchApi, ThreadsApi,
    UsersApi, WebhooksApi,
)  # fmt: skip


def test_the_methods_are_the_operations(routes_of):
    ours = re.compile(
        r"/(channels|webhooks|invites)/.*|/users/(?!@me/applications/).*"
        r"|/guilds/\{guild_id\}/(messages/search|threads/active)"
    )
    wanted = {
        (o.method, re.sub(r"\{.*?\}", "{}", o.template)) for o in OPERATIONS.values() if ours.fullmatch(o.template)
    }
    assert routes_of(*MIXINS) == wanted


def first_channel(discord):
    return next(iter(discord.world.guild_at(0).channels))


def reason_of(discord, guild=0):
    return discord.world.guild_at(guild).audit[-1]["reason"]


async def make(discord, kind, **fields):
    """A new channel of a kind."""
    answer = discord.act(
        discord.world.bot_id, "create_guild_channel", {"name": "new", "type": int(kind), **fields},
        guild_id=discord.world.guild_at(0).id,
    )  # fmt: skip
    return int(answer.body["id"])


def test_a_text_channel_is_changed_and_deleted(talk):
    async def story(rest, discord):
        channel_id = await make(discord, ChannelType.GUILD_TEXT, topic="old")
        category = await make(discord, ChannelType.GUILD_CATEGORY)
        guild = discord.world.guild_at(0)
        overwrite = PermissionOverwrite(id=guild.id, type=OverwriteType.ROLE, deny=Permissions.SEND_MESSAGES)
        before = await rest.get_channel(channel_id)
        assert (before.topic, before.guild_id, before.type) == ("old", guild.id, ChannelType.GUILD_TEXT)
        changed = await rest.modify_channel(
            channel_id, name="other", topic=None, nsfw=True, rate_limit_per_user=5, parent_id=category, position=3,
            permission_overwrites=[overwrite], default_auto_archive_duration=60, default_thread_rate_limit_per_user=7,
            reason="tidy",
        )  # fmt: skip
        assert (changed.name, changed.topic, changed.nsfw, changed.rate_limit_per_user) == ("other", None, True, 5)
        assert (changed.parent_id, changed.position, changed.permission_overwrites) == (category, 3, [overwrite])
        assert (changed.default_auto_archive_duration, changed.default_thread_rate_limit_per_user) == (60, 7)
        assert "tidy" in [entry.get("reason") for entry in guild.audit[-2:]]
        assert (await rest.modify_channel(channel_id, topic="new")).name == "other", "what is left out stays"
        assert (await rest.modify_channel(channel_id, parent_id=None)).parent_id is None
        gone = await rest.delete_channel(channel_id, reason="not wanted")
        assert (gone.id, reason_of(discord)) == (channel_id, "not wanted")
        with pytest.raises(NotFound):
            await rest.get_channel(channel_id)

    talk(story)


def test_a_forum_has_tags(talk):
    async def story(rest, discord):
        forum = await make(discord, ChannelType.GUILD_FORUM)
        changed = await rest.modify_channel(
            forum, available_tags=[NewForumTag(name="help"), NewForumTag(name="fun", emoji_name="🎲", moderated=True)],
            default_reaction_emoji=DefaultReaction(emoji_name="👍"), default_sort_order=SortOrderType.CREATION_DATE,
            default_forum_layout=ForumLayoutType.LIST_VIEW, default_tag_setting="match_all",
            flags=ChannelFlags.REQUIRE_TAG,
        )  # fmt: skip
        one, two = changed.available_tags
        assert (one.name, one.moderated, two.name, two.emoji_name) == ("help", False, "fun", "🎲")
        assert (changed.default_reaction_emoji, changed.default_forum_layout) == (DefaultReaction(emoji_name="👍"), 1)
        assert (changed.default_sort_order, changed.flags) == (1, ChannelFlags.REQUIRE_TAG)
        kept = await rest.modify_channel(forum, available_tags=[two, NewForumTag(name="more")])
        assert (kept.available_tags[0], len(kept.available_tags)) == (two, 2)
        assert (await rest.modify_channel(forum, default_reaction_emoji=None)).default_reaction_emoji is None

    talk(story)


def test_a_voice_channel_is_changed_and_used(talk):
    async def story(rest, discord):
        guild, bot = discord.world.guild_at(0), discord.world.bot_id
        voice = await make(discord, ChannelType.GUILD_VOICE)
        changed = await rest.modify_channel(
            voice, bitrate=32_000, user_limit=4, rtc_region="rotterdam", video_quality_mode=2
        )
        assert (changed.bitrate, changed.user_limit, changed.video_quality_mode) == (32_000, 4, 2)
        discord.voice(bot, guild.id, voice)
        await rest.set_voice_channel_status(voice, "chess", reason="board")
        assert (guild.voice_statuses[voice], reason_of(discord)) == ("chess", "board")
        await rest.set_voice_channel_status(voice, None)
        assert guild.voice_statuses[voice] is None
        await rest.send_soundboard_sound(voice, 1)

    talk(story)


def test_permissions_in_a_channel(talk):
    async def story(rest, discord):
        channel_id, member = first_channel(discord), list(discord.world.member_ids(discord.world.guild_at(0)))[1]
        allow, deny = Permissions.BYPASS_SLOWMODE | Permissions.VIEW_CHANNEL, Permissions.ADD_REACTIONS
        await rest.edit_channel_permissions(
            channel_id, member, type_=OverwriteType.MEMBER, allow=allow, deny=deny, reason="trusted"
        )
        overwrites = (await rest.get_channel(channel_id)).permission_overwrites
        assert PermissionOverwrite(id=member, type=1, allow=allow, deny=deny) in overwrites
        assert reason_of(discord) == "trusted"
        await rest.delete_channel_permission(channel_id, member, reason="no more")
        assert (await rest.get_channel(channel_id)).permission_overwrites == []
        assert reason_of(discord) == "no more"

    talk(story)


def test_typing_and_following(talk):
    async def story(rest, discord):
        target, news = first_channel(discord), await make(discord, ChannelType.GUILD_TEXT)
        discord.world.guild_at(0).doc["features"] = ["COMMUNITY", "NEWS"]
        await rest.modify_channel(news, type_=ChannelType.GUILD_ANNOUNCEMENT)
        await rest.trigger_typing_indicator(target)
        followed = await rest.follow_announcement_channel(news, target, reason="read it")
        assert (followed.channel_id, reason_of(discord)) == (news, "read it")
        (hook,) = await rest.get_channel_webhooks(target)
        assert (hook.id, hook.source_channel.id, hook.source_guild.id) == (
            followed.webhook_id, news, discord.world.guild_at(0).id,
        )  # fmt: skip
        (notice,) = await rest.get_channel_messages(target)
        assert notice.type == MessageType.CHANNEL_FOLLOW_ADD
        posted = await rest.create_message(news, "news")
        assert (await rest.crosspost_message(news, posted.id)).flags == 1
        assert [m.content for m in await rest.get_channel_messages(target, limit=1)] == ["news"]

    talk(story)


def test_a_group_gets_and_loses_people(talk):
    async def story(rest, discord):
        first, second = list(discord.world.member_ids(discord.world.guild_at(0)))[1:3]
        group = await rest.create_group_dm([discord.bearer(first, "gdm.join")], nicks={first: "F"})
        assert (group.type, [user.id for user in group.recipients]) == (ChannelType.GROUP_DM, [first])
        token = discord.bearer(second, "gdm.join")
        grown = await rest.group_dm_add_recipient(group.id, second, token, nick="N")
        assert [user.id for user in grown.recipients] == [first, second]
        assert await rest.group_dm_add_recipient(group.id, second, token) is None, "they are in it already"
        await rest.group_dm_remove_recipient(group.id, second)
        assert [user.id for user in (await rest.get_channel(group.id)).recipients] == [first]

    talk(story)


# -- invites -----------------------------------------------------------------------------------------------------


def test_an_invite_from_birth_to_death(talk):
    async def story(rest, discord):
        guild, channel_id = discord.world.guild_at(0), first_channel(discord)
        role = list(guild.roles)[1]
        made = await rest.create_channel_invite(
            channel_id, max_age=60, max_uses=3, temporary=True, unique=True, role_ids=[role], reason="party"
        )
        assert (made.max_age, made.max_uses, made.uses, made.temporary) == (60, 3, 0, True)
        assert (made.guild.id, made.channel.id, made.inviter.id) == (guild.id, channel_id, discord.world.bot_id)
        assert ([r.id for r in made.roles], reason_of(discord)) == ([role], "party")
        assert (made.expires_at - made.created_at).total_seconds() == 60
        assert await rest.get_channel_invites(channel_id) == [made]
        found = await rest.get_invite(made.code, with_counts=True)
        assert (found.code, found.approximate_member_count) == (made.code, guild.member_count)
        gone = await rest.delete_invite(made.code, reason="over")
        assert (gone.code, reason_of(discord)) == (made.code, "over")
        with pytest.raises(NotFound):
            await rest.get_invite(made.code)

    talk(story)


def test_an_invite_without_end(talk):
    async def story(rest, discord):
        made = await rest.create_channel_invite(first_channel(discord), max_age=0)
        assert made.expires_at is None

    talk(story)


def test_an_invite_for_some_people_only(talk):
    async def story(rest, discord):
        guild, channel_id = discord.world.guild_at(0), first_channel(discord)
        people, roles = list(discord.world.member_ids(guild))[1:4], list(guild.roles)[1:3]
        made = await rest.create_channel_invite(
            channel_id, unique=True, temporary=False, role_ids=roles, target_users=people[:2]
        )
        assert [r.id for r in made.roles] == roles
        assert await rest.get_invite_target_users(made.code) == people[:2]
        await rest.update_invite_target_users(made.code, people)
        assert await rest.get_invite_target_users(made.code) == people
        job = await rest.get_invite_target_users_job_status(made.code)
        assert (job.status, job.total_users, job.error_message) == (TargetUsersJobStatus.COMPLETED, 3, None)

    talk(story)
