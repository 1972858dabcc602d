"""Commands, global and of a guild, and who may use them."""

from __future__ import annotations

import pytest

from discord_sim import FakeDiscord
from framework.models import UNSET
from framework.models.command import (
    ApplicationCommandOption,
    ApplicationCommandOptionChoice,
    ApplicationCommandOptionType,
    ApplicationCommandPermission,
    ApplicationCommandPermissionType,
    ApplicationCommandType,
)
from framework.rest import Forbidden, NotFound, RestManager

OPTIONS = [
    ApplicationCommandOption(
        type=ApplicationCommandOptionType.SUB_COMMAND, name="feed", description="give food",
        options=[
            ApplicationCommandOption(
                type=ApplicationCommandOptionType.INTEGER, name="grams", description="how much", required=True,
                min_value=1, max_value=500, name_localizations={"de": "gramm"},
            ),
            ApplicationCommandOption(
                type=ApplicationCommandOptionType.STRING, name="what", description="which food",
                choices=[ApplicationCommandOptionChoice(name="Fish", value="fish"),
                         ApplicationCommandOptionChoice(name="Meat", value="meat")],
            ),
            ApplicationCommandOption(
                type=ApplicationCommandOptionType.NUMBER, name="warmth", description="degrees", min_value=0.5,
            ),
            ApplicationCommandOption(
                type=ApplicationCommandOptionType.CHANNEL, name="where", description="a place", channel_types=[0, 2],
            ),
        ],
    ),
]  # fmt: skip


def test_a_global_command_from_birth_to_death(talk) -> None:
    async def story(rest: RestManager, discord: FakeDiscord) -> None:
        me = discord.world.bot_id
        made = await rest.create_global_application_command(
            me, "cat", description="about the cat", description_localizations={"de": "die Katze", "en-US": "kitty"},
            options=OPTIONS, default_member_permissions=1 << 5, nsfw=True, contexts=[0, 1], integration_types=[0],
        )  # fmt: skip
        assert (made.application_id, made.guild_id, made.type) == (me, UNSET, ApplicationCommandType.CHAT_INPUT)
        assert (made.options, made.default_member_permissions, made.nsfw) == (OPTIONS, 1 << 5, True)
        assert (made.contexts, made.integration_types) == ([0, 1], [0])
        assert await rest.get_global_application_command(me, made.id) == made
        assert await rest.get_global_application_commands(me, with_localizations=True) == [made]
        (shown,) = await rest.get_global_application_commands(me)
        assert (shown.description_localized, shown.description_localizations) == ("kitty", UNSET)

        edited = await rest.edit_global_application_command(
            me, made.id, name="tomcat", contexts=None, default_member_permissions=0
        )
        assert (edited.id, edited.name, edited.contexts, edited.default_member_permissions) == (
            made.id,
            "tomcat",
            None,
            0,
        )
        assert edited.description == made.description
        assert edited.version > made.version
        assert (await rest.edit_global_application_command(me, made.id, default_member_permissions=None)) != edited
        await rest.delete_global_application_command(me, made.id)
        with pytest.raises(NotFound):
            await rest.get_global_application_command(me, made.id)

    talk(story)


def test_a_command_of_a_guild_from_birth_to_death(talk) -> None:
    async def story(rest: RestManager, discord: FakeDiscord) -> None:
        me, guild = discord.world.bot_id, discord.world.guild_at(0).id
        made = await rest.create_guild_application_command(me, guild, "Pet it", type_=ApplicationCommandType.MESSAGE)
        assert (made.guild_id, made.type, made.description) == (guild, ApplicationCommandType.MESSAGE, "")
        assert await rest.get_guild_application_command(me, guild, made.id) == made
        edited = await rest.edit_guild_application_command(me, guild, made.id, name="Stroke it")
        assert await rest.get_guild_application_commands(me, guild, with_localizations=True) == [edited]
        assert await rest.get_global_application_commands(me) == []
        await rest.delete_guild_application_command(me, guild, made.id)
        assert await rest.get_guild_application_commands(me, guild) == []

    talk(story)


def test_many_commands_replace_all(talk) -> None:
    async def story(rest: RestManager, discord: FakeDiscord) -> None:
        me, guild = discord.world.bot_id, discord.world.guild_at(0).id
        old = await rest.create_global_application_command(me, "old", description="goes")
        kept = await rest.create_global_application_command(me, "kept", description="stays")
        made = await rest.bulk_overwrite_global_application_commands(
            me, [kept, {"name": "new", "description": "comes", "options": OPTIONS}, {"name": "Who", "type": 2}]
        )
        assert made[0] == kept
        assert [(c.name, c.type) for c in made] == [("kept", 1), ("new", 1), ("Who", 2)]
        assert made[1].options == OPTIONS
        assert old.id not in {c.id for c in made}
        renamed = await rest.bulk_overwrite_global_application_commands(
            me, [{"id": kept.id, "name": "renamed", "description": "x", "nsfw": UNSET}]
        )
        assert [(c.id, c.name) for c in renamed] == [(kept.id, "renamed")]

        (there,) = await rest.bulk_overwrite_guild_application_commands(
            me, guild, [{"name": "here", "description": "only here"}]
        )
        assert (there.guild_id, there.name) == (guild, "here")
        assert await rest.bulk_overwrite_guild_application_commands(me, guild, []) == []

    talk(story)


def test_permissions_of_commands(talk) -> None:
    async def story(rest: RestManager, discord: FakeDiscord) -> None:
        me, guild = discord.world.bot_id, discord.world.guild_at(0)
        bearer = discord.bearer(guild.owner_id, "applications.commands.permissions.update")
        made = await rest.create_guild_application_command(me, guild.id, "cat", description="x")
        with pytest.raises(NotFound):
            await rest.get_application_command_permissions(me, guild.id, made.id)
        wanted = [
            ApplicationCommandPermission(id=guild.id, type=ApplicationCommandPermissionType.ROLE, permission=False),
            ApplicationCommandPermission(
                id=guild.id - 1, type=ApplicationCommandPermissionType.CHANNEL, permission=True
            ),
        ]
        told = await rest.edit_application_command_permissions(me, guild.id, made.id, wanted, bearer=bearer)
        assert (told.id, told.guild_id, told.permissions) == (made.id, guild.id, wanted)
        assert await rest.get_application_command_permissions(me, guild.id, made.id) == told
        assert await rest.get_guild_application_command_permissions(me, guild.id) == [told]
        with pytest.raises(Forbidden):
            await rest.edit_application_command_permissions(
                me, guild.id, made.id, [], bearer=discord.bearer(guild.owner_id, "identify")
            )

    talk(story)
