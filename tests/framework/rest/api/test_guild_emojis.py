"""Emojis of a guild."""

import base64

import pytest

from framework.rest import NotFound

pytestmark = pytest.mark.usefixtures("round_trip")

PNG = "data:image/png;base64," + base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(24)).decode()


def test_an_emoji_from_birth_to_death(talk):
    async def story(rest, discord):
        guild = discord.world.guild_at(0)
        role_id = list(guild.roles)[1]
        emoji = await rest.create_guild_emoji(guild.id, "cat", PNG, roles=[role_id], reason="meow")
        assert (emoji.name, emoji.roles, emoji.animated) == ("cat", [role_id], False)
        assert emoji.user.id == discord.world.bot_id
        assert guild.audit[-1]["reason"] == "meow"
        assert await rest.get_guild_emoji(guild.id, emoji.id) == emoji
        assert await rest.list_guild_emojis(guild.id) == [emoji]
        changed = await rest.modify_guild_emoji(guild.id, emoji.id, name="dog", reason="wuff")
        assert (changed.name, changed.roles) == ("dog", [role_id])
        assert guild.audit[-1]["reason"] == "wuff"
        assert (await rest.modify_guild_emoji(guild.id, emoji.id, roles=None)).roles == []
        await rest.delete_guild_emoji(guild.id, emoji.id, reason="gone")
        assert guild.audit[-1]["reason"] == "gone"
        with pytest.raises(NotFound):
            await rest.get_guild_emoji(guild.id, emoji.id)

    talk(story)
