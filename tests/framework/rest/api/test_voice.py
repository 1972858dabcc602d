"""Voice regions, and who is in voice."""

import datetime
import itertools

import pytest

from discord_sim.world.voice import join_voice
from framework.models.channel import ChannelType
from framework.rest import NotFound

pytestmark = pytest.mark.usefixtures("round_trip")


async def stage_with(rest, discord):
    """A stage with the bot and a member in its audience."""
    world, guild = discord.world, discord.world.guild_at(0)
    channel = await rest.create_guild_channel(guild.id, "stage", type=ChannelType.GUILD_STAGE_VOICE)
    (one,) = itertools.islice(world.member_ids(guild), 1, 2)
    for user_id in (world.bot_id, one):
        join_voice(world, guild, user_id, guild.channels[channel.id], discord.clock.epoch_ms)
    return guild, channel, one


def test_one_region_is_the_nearest(talk):
    async def story(rest, discord):
        regions = await rest.list_voice_regions()
        assert [r.id for r in regions if r.optimal] == ["us-east"]
        assert await rest.get_guild_voice_regions(discord.world.guild_at(0).id) == regions

    talk(story)


def test_the_bot_asks_to_speak_and_speaks(talk):
    async def story(rest, discord):
        guild, channel, _ = await stage_with(rest, discord)
        state = await rest.get_current_user_voice_state(guild.id)
        assert (state.channel_id, state.user_id, state.suppress) == (channel.id, discord.world.bot_id, True)
        later = datetime.datetime.fromtimestamp(discord.clock.epoch_ms // 1000 + 60, datetime.UTC)
        await rest.modify_current_user_voice_state(guild.id, request_to_speak_timestamp=later)
        assert (await rest.get_current_user_voice_state(guild.id)).request_to_speak_timestamp == later
        await rest.modify_current_user_voice_state(guild.id, request_to_speak_timestamp=None)
        assert (await rest.get_current_user_voice_state(guild.id)).request_to_speak_timestamp is None
        await rest.modify_current_user_voice_state(guild.id, channel_id=channel.id, suppress=False)
        assert (await rest.get_current_user_voice_state(guild.id)).suppress is False

    talk(story)


def test_a_member_is_invited_to_speak(talk):
    async def story(rest, discord):
        guild, channel, one = await stage_with(rest, discord)
        assert (await rest.get_user_voice_state(guild.id, one)).suppress is True
        await rest.modify_user_voice_state(guild.id, one, channel_id=channel.id, suppress=False)
        state = await rest.get_user_voice_state(guild.id, one)
        assert (state.suppress, state.member.user.id) == (False, one)
        with pytest.raises(NotFound) as caught:
            await rest.get_user_voice_state(guild.id, guild.owner_id)
        assert caught.value.code == 10065

    talk(story)
