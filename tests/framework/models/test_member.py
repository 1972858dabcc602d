"""Members and bans."""

import msgspec
import pytest

from discord_sim import World
from framework.models import UNSET, decode, to_wire
from framework.models.member import Ban, BulkBan, Member


@pytest.mark.parametrize(
    ("model", "components"),
    [
        (Member, ("GuildMemberResponse", "PrivateGuildMemberResponse", "BasicGuildMemberResponse")),
        (Ban, ("GuildBanResponse",)),
        (BulkBan, ("BulkBanUsersResponse",)),
    ],
)
def test_discords_schemas_fit(fits, model, components):
    fits(model, *components)


@pytest.mark.parametrize("with_user", [True, False])
def test_a_member_of_the_server(with_user):
    world = World(1)
    guild = world.guild_at(0)
    body = world.member_payload(guild, guild.owner_id, with_user=with_user)
    member = decode(Member, msgspec.json.encode(body))
    assert (member.user is UNSET) == (not with_user)
    assert to_wire(member) == body


def test_an_event_tells_less_of_a_member():
    body = {"guild_id": "1", "roles": ["2"], "joined_at": None, "avatar": None}
    member = decode(Member, msgspec.json.encode(body))
    assert (member.guild_id, member.roles, member.joined_at) == (1, [2], None)
    assert to_wire(member) == body
