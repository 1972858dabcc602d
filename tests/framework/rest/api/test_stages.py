"""Live stages."""

import pytest

from framework.models.channel import ChannelType
from framework.models.stage import StagePrivacyLevel
from framework.rest import NotFound

pytestmark = pytest.mark.usefixtures("round_trip")


def test_a_stage_opens_changes_and_closes(talk):
    async def story(rest, discord):
        guild = discord.world.guild_at(0)
        channel = await rest.create_guild_channel(guild.id, "stage", type=ChannelType.GUILD_STAGE_VOICE)
        stage = await rest.create_stage_instance(
            channel.id, "cats", privacy_level=StagePrivacyLevel.GUILD_ONLY, send_start_notification=True, reason="now"
        )
        assert (stage.guild_id, stage.channel_id, stage.topic) == (guild.id, channel.id, "cats")
        assert (stage.privacy_level, stage.guild_scheduled_event_id) == (2, None)
        assert guild.audit[-1]["reason"] == "now"
        assert await rest.get_stage_instance(channel.id) == stage
        changed = await rest.modify_stage_instance(channel.id, topic="dogs", reason="enough")
        assert changed.topic == "dogs"
        assert guild.audit[-1]["reason"] == "enough"
        await rest.delete_stage_instance(channel.id, reason="over")
        assert guild.audit[-1]["reason"] == "over"
        with pytest.raises(NotFound) as caught:
            await rest.get_stage_instance(channel.id)
        assert caught.value.code == 10067

    talk(story)
