"""Guilds."""

import msgspec
import pytest

from discord_sim import World
from discord_sim.world.changes import presence_changed
from discord_sim.world.payloads import channel, thread
from discord_sim.world.voice import join_voice
from framework.models import decode, to_wire
from framework.models.guild import ChannelPosition, Guild, GuildPreview, IncidentsData, VanityUrl, VanityUrlError


@pytest.mark.parametrize(
    ("model", "components"),
    [
        (Guild, ("GuildResponse", "GuildWithCountsResponse", "MyGuildResponse", "InviteGuildResponse")),
        (GuildPreview, ("GuildPreviewResponse",)),
        (IncidentsData, ("GuildIncidentsDataResponse",)),
        (VanityUrl, ("VanityURLResponse",)),
        (VanityUrlError, ("VanityURLErrorResponse",)),
    ],
)
def test_discords_schemas_fit(fits, model, components):
    fits(model, *components)


def test_what_guild_create_tells():
    world = World(1)
    guild = world.guild_at(0)
    general = next(iter(guild.channels.values()))
    stage = guild.channels[5] = channel(5, 13, "stage", guild.id)
    guild.channels[6] = thread(6, 11, "thread", general, guild.owner_id, 1_700_000_000_000)
    join_voice(world, guild, guild.owner_id, stage, 1_700_000_000_000)
    presence_changed(world, guild.owner_id, "idle", [{"name": "chess", "type": 0}], 1_700_000_000_000)
    body = world.guild_create(guild, presences=True, bot_id=world.bot_id)
    found = decode(Guild, msgspec.json.encode(body))
    assert (found.unavailable, found.member_count, len(found.members)) == (False, guild.member_count, 2)
    assert ([t.id for t in found.threads], found.voice_states[0].channel_id) == ([6], 5)
    assert (found.presences[0].user.id, found.presences[0].status) == (guild.owner_id, "idle")
    assert to_wire(found) == {k: v for k, v in body.items() if k != "activity_instances"}


@pytest.mark.parametrize(
    "body",
    [
        {"id": "1", "unavailable": True},
        {"id": "1", "locale": "de", "features": ["A_FEATURE_OF_TOMORROW"]},
        {"id": "1", "name": "cats", "icon": None, "owner": False, "permissions": str((1 << 60) + 1), "nsfw_level": 9},
    ],
)
def test_a_part_of_a_guild(body):
    assert to_wire(decode(Guild, msgspec.json.encode(body))) == body


def test_a_position_says_only_what_was_said():
    assert to_wire(ChannelPosition(id=1, parent_id=None)) == {"id": "1", "parent_id": None}
