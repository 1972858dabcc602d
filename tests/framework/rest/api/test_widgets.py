"""The widget of a guild."""

import itertools

import pytest

from framework.models.widget import WidgetSettings, WidgetStyle
from framework.rest import Forbidden

pytestmark = pytest.mark.usefixtures("round_trip")


def test_a_widget_is_shown_and_not(talk):
    async def story(rest, discord):
        guild = discord.world.guild_at(0)
        channel_id = next(iter(guild.channels))
        (one,) = itertools.islice(discord.world.member_ids(guild), 1, 2)
        assert await rest.get_guild_widget_settings(guild.id) == WidgetSettings(enabled=False, channel_id=None)
        settings = await rest.modify_guild_widget(guild.id, enabled=True, channel_id=channel_id, reason="show")
        assert settings == WidgetSettings(enabled=True, channel_id=channel_id)
        assert guild.audit[-1]["reason"] == "show"
        voice = await rest.create_guild_channel(guild.id, "talk", type=2)
        discord.presence(one, "dnd", [{"name": "chess", "type": 0}])
        discord.voice(one, guild.id, voice.id, mute=True)
        widget = await rest.get_guild_widget(guild.id)
        assert (widget.id, widget.name, widget.presence_count) == (guild.id, guild.name, 1)
        assert [(c.id, c.name) for c in widget.channels] == [(voice.id, "talk")]
        (member,) = widget.members
        assert (member.status, member.activity.name, member.channel_id) == ("dnd", "chess", voice.id)
        assert (member.self_mute, member.mute) == (True, False)
        shield = await rest.get_guild_widget_image(guild.id)
        banner = await rest.get_guild_widget_image(guild.id, style=WidgetStyle.BANNER1)
        assert shield.startswith(b"\x89PNG")
        assert shield != banner
        settings = await rest.modify_guild_widget(guild.id, channel_id=None)
        assert settings == WidgetSettings(enabled=True, channel_id=None)
        await rest.modify_guild_widget(guild.id, enabled=False)
        with pytest.raises(Forbidden) as caught:
            await rest.get_guild_widget(guild.id)
        assert caught.value.code == 50004

    talk(story)
