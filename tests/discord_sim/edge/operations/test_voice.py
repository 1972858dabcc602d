"""Voice regions, voice states, and the status of a voice channel."""

import pytest

from discord_sim.rules.permissions import Permission as P
from discord_sim.world.snowflakes import iso
from discord_sim.world.voice import join_voice

MINE, THEIRS = "/guilds/{g}/voice-states/@me", "/guilds/{g}/voice-states/{m1}"


def make(api, kind):
    return api.ok("POST", "/guilds/{g}/channels", {"name": "voice", "type": kind})


def join(api, user_id, channel, **more):
    join_voice(api.fake.world, api.guild, user_id, channel, api.fake.clock.epoch_ms, **more)


@pytest.fixture
def stage(api):
    """A stage channel with the bot and a member in its audience."""
    made = make(api, 13)
    join(api, api.names["me"], made)
    join(api, api.names["m1"], made)
    return made


def test_one_region_is_optimal(api):
    regions = api.ok("GET", "/voice/regions")
    assert [r["id"] for r in regions if r["optimal"]] == ["us-east"]
    assert api.ok("GET", "/guilds/{g}/regions") == regions
    assert api.error("GET", "/guilds/123456789012345678/regions") == (404, 10004)


def test_who_is_in_voice_has_a_state(api):
    channel = make(api, 2)
    assert api.error("GET", MINE) == (404, 10065)
    assert api.error("GET", THEIRS) == (404, 10065)
    join(api, api.names["me"], channel, mute=True)
    join(api, api.names["m1"], channel)
    mine = api.ok("GET", MINE)
    assert (mine["channel_id"], mine["self_mute"], mine["suppress"]) == (channel["id"], True, False)
    theirs = api.ok("GET", THEIRS)
    assert (theirs["user_id"], theirs["member"]["user"]["id"]) == (str(api.names["m1"]),) * 2
    assert api.error("GET", "/guilds/{g}/voice-states/123456789012345678") == (404, 10013)


# -- on a stage ----------------------------------------------------------------------------------------------


def test_on_a_stage_one_begins_as_audience_and_stays_a_speaker(api, stage):
    assert api.ok("GET", MINE)["suppress"] is True
    _, told = api.told("PATCH", MINE, {"channel_id": stage["id"], "suppress": False})
    assert [(name, body["suppress"]) for name, body in told] == [("VOICE_STATE_UPDATE", False)]
    assert told[0][1]["member"]["user"]["id"] == str(api.names["me"])
    assert api.told("PATCH", MINE, {"suppress": False})[1] == [], "no change, no event"
    join(api, api.names["me"], stage, mute=True)
    assert api.ok("GET", MINE)["suppress"] is False, "who mutes themselves is a speaker still"


def test_a_member_who_is_moved_onto_a_stage_is_audience(api, stage):
    join(api, api.names["m1"], make(api, 2))
    _, told = api.told("PATCH", "/guilds/{g}/members/{m1}", {"channel_id": stage["id"]})
    assert (told[0][1]["channel_id"], told[0][1]["suppress"]) == (stage["id"], True)


def test_a_server_mute_outlasts_the_connection(api, stage):
    api.ok("PATCH", "/guilds/{g}/members/{m1}", {"mute": True})
    api.ok("PATCH", "/guilds/{g}/members/{m1}", {"channel_id": None})
    join(api, api.names["m1"], stage)
    assert api.ok("GET", THEIRS)["mute"] is True


def test_a_raised_hand(api, stage):
    later = iso(api.fake.clock.epoch_ms + 60_000)
    _, told = api.told("PATCH", MINE, {"request_to_speak_timestamp": later})
    assert [(name, body["request_to_speak_timestamp"]) for name, body in told] == [("VOICE_STATE_UPDATE", later)]
    began = iso(api.fake.clock.epoch_ms)
    api.ok("PATCH", MINE, {"request_to_speak_timestamp": "2015-01-01"})
    assert api.ok("GET", MINE)["request_to_speak_timestamp"] >= began, "the past is now"
    api.ok("PATCH", MINE, {"request_to_speak_timestamp": None})
    assert api.ok("GET", MINE)["request_to_speak_timestamp"] is None
    api.ok("PATCH", MINE, {"request_to_speak_timestamp": later})
    api.ok("PATCH", MINE, {"suppress": False})
    assert api.ok("GET", MINE)["request_to_speak_timestamp"] is None, "a speaker asks for nothing"


def test_members_are_invited_to_speak_and_sent_back(api, stage):
    _, told = api.told("PATCH", THEIRS, {"suppress": False})
    body = told[0][1]
    assert (body["user_id"], body["suppress"]) == (str(api.names["m1"]), False)
    assert body["request_to_speak_timestamp"] is not None
    assert api.told("PATCH", THEIRS, {"suppress": False})[1] == [], "no change, no event"
    body = api.told("PATCH", THEIRS, {"suppress": True})[1][0][1]
    assert (body["suppress"], body["request_to_speak_timestamp"]) == (True, None)
    body = api.told("PATCH", "/guilds/{g}/voice-states/{me}", {"suppress": False})[1][0][1]
    assert body["request_to_speak_timestamp"] is None, "bots speak without asking"


def test_the_permissions_of_a_stage(api, stage):
    api.strip_permissions(P.VIEW_CHANNEL | P.CONNECT)
    now = iso(api.fake.clock.epoch_ms)
    assert api.error("PATCH", MINE, {"suppress": False}) == (403, 50013)
    assert api.error("PATCH", MINE, {"request_to_speak_timestamp": now}) == (403, 50013)
    assert api.error("PATCH", THEIRS, {"suppress": True}) == (403, 50013)
    api.ok("PATCH", MINE, {"suppress": True, "request_to_speak_timestamp": None})
    api.strip_permissions(P.VIEW_CHANNEL | P.CONNECT | P.REQUEST_TO_SPEAK)
    api.ok("PATCH", MINE, {"request_to_speak_timestamp": now})
    api.strip_permissions(P.VIEW_CHANNEL | P.CONNECT | P.MUTE_MEMBERS)
    api.ok("PATCH", THEIRS, {"suppress": False})


def test_states_change_only_on_the_stage_one_is_on(api, stage):
    assert api.error("PATCH", MINE, {"channel_id": "123456789012345678", "suppress": True}) == (404, 10003)
    assert api.error("PATCH", MINE, {"channel_id": api.names["c"], "suppress": True}) == (404, 10065)
    assert api.error("PATCH", "/guilds/{g}/voice-states/{m2}", {"suppress": True}) == (404, 10065)
    join(api, api.names["me"], make(api, 2))
    assert api.error("PATCH", MINE, {"suppress": True}) == (400, 50024)


# -- the status of a channel ---------------------------------------------------------------------------------


def test_a_voice_channel_has_a_status(api):
    channel = make(api, 2)
    path = f"/channels/{channel['id']}/voice-status"
    _, told = api.told("PUT", path, {"status": "playing chess"}, reason="check")
    body = {"id": channel["id"], "guild_id": str(api.guild.id), "status": "playing chess"}
    assert told[0] == ("VOICE_CHANNEL_STATUS_UPDATE", body)
    entry = told[1][1]
    assert (entry["action_type"], entry["target_id"], entry["reason"]) == (192, channel["id"], "check")
    assert entry["options"] == {"status": "playing chess", "channel_id": channel["id"]}
    assert api.told("PUT", path, {"status": "playing chess"})[1] == [], "no change, no event"
    _, told = api.told("PUT", path, {"status": ""})
    assert (told[0][1]["status"], told[1][1]["action_type"]) == (None, 193)
    assert api.told("PUT", path, {"status": None})[1] == []
    assert api.error("PUT", path, {"status": "x" * 501}) == (400, 50035)
    assert api.error("PUT", "/channels/{c}/voice-status", {"status": "x"}) == (400, 50024)


def test_a_status_from_outside_needs_managing_the_channel(api):
    channel = make(api, 2)
    path = f"/channels/{channel['id']}/voice-status"
    api.strip_permissions(P.VIEW_CHANNEL | P.CONNECT | P.SET_VOICE_CHANNEL_STATUS)
    assert api.error("PUT", path, {"status": "hello"}) == (403, 50013)
    join(api, api.names["me"], channel)
    api.ok("PUT", path, {"status": "hello"})
    api.strip_permissions(P.VIEW_CHANNEL | P.CONNECT | P.MANAGE_CHANNELS)
    assert api.error("PUT", path, {"status": "bye"}) == (403, 50013)
