"""Templates of guilds."""

import pytest

from framework.rest import NotFound

pytestmark = pytest.mark.usefixtures("round_trip")


def test_a_template_from_birth_to_death(talk):
    async def story(rest, discord):
        guild = discord.world.guild_at(0)
        await rest.create_guild_channel(guild.id, "questions", type=15)
        template = await rest.create_guild_template(guild.id, "cats", description="all of them")
        assert (template.name, template.description, template.is_dirty) == ("cats", "all of them", None)
        assert (template.source_guild_id, template.creator.id) == (guild.id, discord.world.bot_id)
        source = template.serialized_source_guild
        assert (source.name, source.roles[0].name) == (guild.name, "@everyone")
        assert await rest.get_guild_template(template.code) == template
        assert await rest.get_guild_templates(guild.id) == [template]
        await rest.create_guild_role(guild.id, name="new")
        assert (await rest.get_guild_template(template.code)).is_dirty is True
        synced = await rest.sync_guild_template(guild.id, template.code)
        assert (synced.is_dirty, synced.serialized_source_guild.roles[-1].name) == (None, "new")
        changed = await rest.modify_guild_template(guild.id, template.code, description=None)
        assert (changed.name, changed.description) == ("cats", None)
        assert (await rest.modify_guild_template(guild.id, template.code, name="dogs")).name == "dogs"
        assert (await rest.delete_guild_template(guild.id, template.code)).name == "dogs"
        with pytest.raises(NotFound):
            await rest.get_guild_template(template.code)

    talk(story)
