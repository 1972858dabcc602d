"""The channels of a guild."""

import pytest

from framework.models.channel import ChannelType, DefaultReaction, NewForumTag, OverwriteType, PermissionOverwrite
from framework.models.guild import ChannelPosition
from framework.models.permissions import Permissions

pytestmark = pytest.mark.usefixtures("round_trip")


def test_a_channel_is_what_was_asked_for(talk):
    async def story(rest, discord):
        guild = discord.world.guild_at(0)
        plain = await rest.create_guild_channel(guild.id, "cats", topic="all of them", reason="cats")
        assert (plain.name, plain.type, plain.topic, plain.guild_id) == ("cats", 0, "all of them", guild.id)
        assert guild.audit[-1]["reason"] == "cats"
        hidden = PermissionOverwrite(id=guild.id, type=OverwriteType.ROLE, deny=Permissions.VIEW_CHANNEL)
        category = await rest.create_guild_channel(
            guild.id, "Place", type=ChannelType.GUILD_CATEGORY, permission_overwrites=[hidden]
        )
        assert category.permission_overwrites == [hidden]
        voice = await rest.create_guild_channel(
            guild.id, "talk", type=ChannelType.GUILD_VOICE, parent_id=category.id, bitrate=32_000, user_limit=5,
            rtc_region="japan", video_quality_mode=2, nsfw=True,
        )  # fmt: skip
        assert (voice.parent_id, voice.bitrate, voice.user_limit) == (category.id, 32_000, 5)
        assert (voice.rtc_region, voice.video_quality_mode, voice.nsfw) == ("japan", 2, True)
        thumb = DefaultReaction(emoji_name="👍")
        forum = await rest.create_guild_channel(
            guild.id, "questions", type=ChannelType.GUILD_FORUM, default_reaction_emoji=thumb,
            available_tags=[NewForumTag(name="solved", emoji_name="✅", moderated=True)], rate_limit_per_user=10,
            default_thread_rate_limit_per_user=5, default_sort_order=1, default_forum_layout=2,
            default_auto_archive_duration=60,
        )  # fmt: skip
        (tag,) = forum.available_tags
        assert (tag.name, tag.emoji_name, tag.moderated) == ("solved", "✅", True)
        assert forum.default_reaction_emoji == thumb
        assert (forum.default_sort_order, forum.default_forum_layout, forum.rate_limit_per_user) == (1, 2, 10)
        assert (forum.default_thread_rate_limit_per_user, forum.default_auto_archive_duration) == (5, 60)
        listed = await rest.get_guild_channels(guild.id)
        assert [c for c in listed if c.id == forum.id] == [forum]
        assert {c.id for c in listed} == set(guild.channels)

    talk(story)


def test_channels_move(talk):
    async def story(rest, discord):
        guild = discord.world.guild_at(0)
        one, two = list(guild.channels)[:2]
        category = await rest.create_guild_channel(guild.id, "Place", type=ChannelType.GUILD_CATEGORY)
        moves = [
            ChannelPosition(id=one, position=2, parent_id=category.id, lock_permissions=True),
            ChannelPosition(id=two, position=1),
        ]
        assert await rest.modify_guild_channel_positions(guild.id, moves) is None
        found = {c.id: c for c in await rest.get_guild_channels(guild.id)}
        assert (found[one].position, found[one].parent_id, found[two].position) == (2, category.id, 1)
        await rest.modify_guild_channel_positions(guild.id, [ChannelPosition(id=one, parent_id=None)])
        found = {c.id: c for c in await rest.get_guild_channels(guild.id)}
        assert (found[one].position, found[one].parent_id) == (2, None), "what is left out stays"

    talk(story)


def test_channels_are_listed_for_a_user_too(talk):
    async def story(rest, discord):
        guild = discord.world.guild_at(0)
        token = discord.bearer(guild.owner_id, "guilds")
        assert await rest.get_guild_channels(guild.id, bearer=token) == await rest.get_guild_channels(guild.id)

    talk(story)
