"""What befalls guilds without anybody's REST call, and who is told."""

import pytest

from discord_sim.world import happenings
from discord_sim.world.world import World

NOW_MS = 1_700_000_000_000


@pytest.fixture
def world():
    return World(1, guilds=1, members=(5, 9))


@pytest.fixture
def guild(world):
    return world.guild_at(0)


def names(events):
    return [event.type for event in events]


@pytest.mark.parametrize("kind", ["twitch", "youtube"])
def test_an_integration_is_told_of_and_listed(world, guild, kind):
    made, events = happenings.integration(world, guild, kind, "channel", NOW_MS)
    assert names(events) == ["INTEGRATION_CREATE", "GUILD_INTEGRATIONS_UPDATE"]
    told = events[0].data
    assert (told["id"], told["type"], told["name"], told["guild_id"]) == (str(made), kind, "channel", str(guild.id))
    assert told["user"]["id"] == str(guild.owner_id)
    assert events[1].data == {"guild_id": str(guild.id)}
    listed = world.integrations(guild)[made]
    assert listed["synced_at"] == "2023-11-14T22:13:20.000000+00:00"
    assert "guild_id" not in listed


def test_an_integration_changes(world, guild):
    made, _ = happenings.integration(world, guild, "twitch", "channel", NOW_MS)
    events = happenings.integration_changed(guild, made, {"enabled": False})
    assert names(events) == ["INTEGRATION_UPDATE", "GUILD_INTEGRATIONS_UPDATE"]
    assert events[0].data["enabled"] is world.integrations(guild)[made]["enabled"] is False
    with pytest.raises(LookupError, match=f"guild {guild.id} has no integration 5"):
        happenings.integration_changed(guild, 5, {})


def test_interest_in_an_event_is_told_once_each_way(guild):
    guild.events[7] = {"id": "7"}
    body = {"guild_scheduled_event_id": "7", "user_id": "3", "guild_id": str(guild.id)}
    (added,) = happenings.interested(guild, 7, 3, wanted=True)
    assert (added.type, added.data) == ("GUILD_SCHEDULED_EVENT_USER_ADD", body)
    assert happenings.interested(guild, 7, 3, wanted=True) == []
    assert list(guild.event_users[7]) == [3]
    (removed,) = happenings.interested(guild, 7, 3, wanted=False)
    assert (removed.type, removed.data) == ("GUILD_SCHEDULED_EVENT_USER_REMOVE", body)
    assert happenings.interested(guild, 7, 3, wanted=False) == []
    with pytest.raises(LookupError, match=f"guild {guild.id} has no scheduled event 8"):
        happenings.interested(guild, 8, 3, wanted=True)


def test_a_boost_is_told(guild):
    (event,) = happenings.boosted(guild, 3)
    assert (event.type, event.data["premium_tier"], guild.doc["premium_tier"]) == ("GUILD_UPDATE", 3, 3)


def test_sounds_beyond_the_slots_of_a_tier_fall_silent_until_it_rises(guild):
    guild.sounds |= {n: {"sound_id": str(n), "available": True} for n in range(10)}
    guild.doc["premium_tier"] = 1
    update, sounds = happenings.boosted(guild, 0)
    assert update.type == "GUILD_UPDATE"
    assert sounds.type == "GUILD_SOUNDBOARD_SOUNDS_UPDATE"
    silent = [sound["sound_id"] for sound in sounds.data["soundboard_sounds"]]
    assert silent == ["8", "9"]
    assert [s["available"] for s in guild.sounds.values()] == [True] * 8 + [False] * 2
    _, sounds = happenings.boosted(guild, 1)
    assert [(s["sound_id"], s["available"]) for s in sounds.data["soundboard_sounds"]] == [("8", True), ("9", True)]
    assert names(happenings.boosted(guild, 2)) == ["GUILD_UPDATE"]
