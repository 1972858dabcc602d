"""Roles of a guild."""

import pytest

from framework.models.permissions import Permissions
from framework.models.role import RoleColors
from framework.rest import NotFound

pytestmark = pytest.mark.usefixtures("round_trip")


def test_a_role_from_birth_to_death(talk):
    async def story(rest, discord):
        guild = discord.world.guild_at(0)
        guild.doc["features"] = ["ROLE_ICONS", "ENHANCED_ROLE_COLORS"]
        allowed = Permissions.BAN_MEMBERS | Permissions.BYPASS_SLOWMODE
        role = await rest.create_guild_role(
            guild.id, name="cats", permissions=allowed, colors=RoleColors(primary_color=1, secondary_color=2),
            hoist=True, mentionable=True, unicode_emoji="🐈", reason="meow",
        )  # fmt: skip
        assert (role.name, Permissions(role.permissions), role.unicode_emoji) == ("cats", allowed, "🐈")
        assert role.colors == RoleColors(primary_color=1, secondary_color=2)
        assert (role.hoist, role.mentionable) == (True, True)
        assert guild.audit[-1]["reason"] == "meow"
        assert await rest.get_guild_role(guild.id, role.id) == role
        changed = await rest.modify_guild_role(
            guild.id, role.id, name="dogs", permissions=Permissions(0), colors=RoleColors(primary_color=7),
            unicode_emoji=None, mentionable=False, reason="wuff",
        )  # fmt: skip
        assert (changed.name, changed.permissions, changed.color, changed.unicode_emoji) == ("dogs", 0, 7, None)
        assert (changed.hoist, changed.mentionable) == (True, False), "what is left out stays"
        await rest.delete_guild_role(guild.id, role.id, reason="gone")
        assert guild.audit[-1]["reason"] == "gone"
        with pytest.raises(NotFound):
            await rest.get_guild_role(guild.id, role.id)

    talk(story)


def test_a_role_of_which_nothing_is_said(talk):
    async def story(rest, discord):
        guild = discord.world.guild_at(0)
        role = await rest.create_guild_role(guild.id)
        assert (role.name, role.permissions) == ("new role", int(guild.roles[guild.id]["permissions"]))

    talk(story)


def test_roles_move(talk):
    async def story(rest, discord):
        guild = discord.world.guild_at(0)
        one, two = list(guild.roles)[1:3]
        roles = {role.id: role for role in await rest.modify_guild_role_positions(guild.id, {one: 2, two: 1})}
        assert (roles[one].position, roles[two].position) == (2, 1)
        assert roles == {role.id: role for role in await rest.get_guild_roles(guild.id)}

    talk(story)


def test_members_are_counted_by_role(talk):
    async def story(rest, discord):
        guild = discord.world.guild_at(0)
        counts = await rest.get_guild_role_member_counts(guild.id)
        assert counts.keys() == set(guild.roles) - {guild.id}
        assert counts[guild.bots[discord.world.bot_id]] == 1

    talk(story)
