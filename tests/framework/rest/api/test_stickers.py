"""Stickers, standard ones and those of guilds."""

import pytest

from framework.models.sticker import StickerFormatType, StickerType
from framework.rest import NotFound
from framework.rest.files import File

pytestmark = pytest.mark.usefixtures("round_trip")

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR" + (320).to_bytes(4, "big") * 2 + b"IDAT" + bytes(16)


def test_a_sticker_from_birth_to_death(talk):
    async def story(rest, discord):
        guild = discord.world.guild_at(0)
        file = File("wave.png", PNG, "image/png")
        sticker = await rest.create_guild_sticker(
            guild.id, "wave", file, tags="wave", description="it waves", reason="hi"
        )
        assert (sticker.name, sticker.tags, sticker.description) == ("wave", "wave", "it waves")
        assert (sticker.type, sticker.format_type) == (StickerType.GUILD, StickerFormatType.PNG)
        assert (sticker.guild_id, sticker.user.id) == (guild.id, discord.world.bot_id)
        assert guild.audit[-1]["reason"] == "hi"
        assert await rest.get_guild_sticker(guild.id, sticker.id) == sticker
        assert await rest.list_guild_stickers(guild.id) == [sticker]
        assert (await rest.get_sticker(sticker.id)).name == "wave"
        changed = await rest.modify_guild_sticker(guild.id, sticker.id, description=None, reason="quiet")
        assert (changed.name, changed.description) == ("wave", None)
        assert guild.audit[-1]["reason"] == "quiet"
        changed = await rest.modify_guild_sticker(guild.id, sticker.id, name="bye", tags="hand")
        assert (changed.name, changed.tags) == ("bye", "hand")
        await rest.delete_guild_sticker(guild.id, sticker.id, reason="gone")
        assert guild.audit[-1]["reason"] == "gone"
        with pytest.raises(NotFound):
            await rest.get_sticker(sticker.id)

    talk(story)


def test_a_sticker_of_which_little_is_said(talk):
    async def story(rest, discord):
        guild = discord.world.guild_at(0)
        sticker = await rest.create_guild_sticker(guild.id, "wave", File("wave.png", PNG, "image/png"), tags="wave")
        assert not sticker.description

    talk(story)


def test_standard_stickers_are_in_packs(talk):
    async def story(rest, discord):
        packs = await rest.list_sticker_packs()
        assert await rest.get_sticker_pack(packs[0].id) == packs[0]
        sticker = packs[0].stickers[0]
        assert (sticker.type, sticker.pack_id) == (StickerType.STANDARD, packs[0].id)
        assert await rest.get_sticker(sticker.id) == sticker

    talk(story)
