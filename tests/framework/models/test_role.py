"""Roles."""

import msgspec
import pytest

from framework.models import UNSET, decode, to_wire
from framework.models.permissions import Permissions
from framework.models.role import Role, RoleColors, RoleTags


@pytest.mark.parametrize(
    ("model", "components"),
    [
        (Role, ("GuildRoleResponse", "InviteGuildRoleResponse")),
        (RoleColors, ("GuildRoleColorsResponse", "GuildTemplateRoleColorsResponse")),
        (RoleTags, ("GuildRoleTagsResponse",)),
    ],
)
def test_discords_schemas_fit(fits, model, components):
    fits(model, *components)


def test_a_tag_that_is_null_is_there():
    body = {
        "id": "81384788765712384", "name": "boosters", "color": 1, "position": 4, "permissions": str(1 << 52),
        "colors": {"primary_color": 1, "secondary_color": None, "tertiary_color": None}, "hoist": True,
        "managed": True, "mentionable": False, "flags": 0, "icon": None, "unicode_emoji": None,
        "tags": {"premium_subscriber": None, "integration_id": "5"},
    }  # fmt: skip
    role = decode(Role, msgspec.json.encode(body))
    assert role.tags == RoleTags(premium_subscriber=None, integration_id=5)
    assert role.tags.guild_connections is UNSET
    assert Permissions(role.permissions) == Permissions.BYPASS_SLOWMODE
    assert to_wire(role) == body
