"""Sounds, default ones and those of guilds."""

import base64

import pytest

from framework.models import UNSET
from framework.rest import NotFound

pytestmark = pytest.mark.usefixtures("round_trip")

MP3 = "data:audio/mpeg;base64," + base64.b64encode((b"\xff\xfb\x90\x00" + bytes(413)) * 10).decode()


def test_a_sound_from_birth_to_death(talk):
    async def story(rest, discord):
        guild = discord.world.guild_at(0)
        sound = await rest.create_guild_soundboard_sound(
            guild.id, "honk", MP3, volume=0.5, emoji_name="🦆", reason="loud"
        )
        assert (sound.name, sound.volume, sound.emoji_name, sound.emoji_id) == ("honk", 0.5, "🦆", None)
        assert (sound.guild_id, sound.user.id) == (guild.id, discord.world.bot_id)
        assert guild.audit[-1]["reason"] == "loud"
        assert await rest.get_guild_soundboard_sound(guild.id, sound.sound_id) == sound
        assert await rest.list_guild_soundboard_sounds(guild.id) == [sound]
        changed = await rest.modify_guild_soundboard_sound(
            guild.id, sound.sound_id, name="toot", volume=None, emoji_name=None, reason="louder"
        )
        assert (changed.name, changed.volume, changed.emoji_name) == ("toot", 1, None)
        assert guild.audit[-1]["reason"] == "louder"
        await rest.delete_guild_soundboard_sound(guild.id, sound.sound_id, reason="gone")
        assert guild.audit[-1]["reason"] == "gone"
        with pytest.raises(NotFound):
            await rest.get_guild_soundboard_sound(guild.id, sound.sound_id)

    talk(story)


def test_default_sounds_belong_to_no_guild(talk):
    async def story(rest, discord):
        sounds = await rest.list_default_soundboard_sounds()
        assert {sound.guild_id for sound in sounds} == {UNSET}

    talk(story)
