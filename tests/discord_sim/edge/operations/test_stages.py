"""Stage instances."""

import pytest

from discord_sim.rules.permissions import Permission as P

MODERATOR = P.VIEW_CHANNEL | P.CONNECT | P.MANAGE_CHANNELS | P.MUTE_MEMBERS | P.MOVE_MEMBERS


@pytest.fixture
def stage(api):
    """The id of a stage channel."""
    return api.ok("POST", "/guilds/{g}/channels", {"name": "stage", "type": 13})["id"]


def names(told):
    return [name for name, _ in told]


def open_stage(api, stage, **more):
    return api.told("POST", "/stage-instances", {"channel_id": stage, "topic": "chess", **more})


def test_a_stage_from_its_opening_to_its_end(api, stage):
    path = f"/stage-instances/{stage}"
    assert api.error("GET", path) == (404, 10067)
    body = {"channel_id": stage, "topic": "chess"}
    live, told = api.told("POST", "/stage-instances", body, reason="tournament")
    assert (live["topic"], live["privacy_level"], live["guild_scheduled_event_id"]) == ("chess", 2, None)
    assert names(told) == ["STAGE_INSTANCE_CREATE", "GUILD_AUDIT_LOG_ENTRY_CREATE", "MESSAGE_CREATE"]
    assert told[0][1] == live
    entry = told[1][1]
    assert (entry["action_type"], entry["target_id"], entry["reason"]) == (83, live["id"], "tournament")
    assert entry["options"] == {"channel_id": stage}
    message = told[2][1]
    assert (message["type"], message["content"], message["channel_id"]) == (27, "chess", stage)
    assert message["author"]["id"] == str(api.names["me"])
    assert api.ok("GET", path) == live
    assert api.error("POST", "/stage-instances", body) == (400, 150006)

    changed, told = api.told("PATCH", path, {"topic": "go"})
    assert changed == {**live, "topic": "go"}
    assert names(told) == ["STAGE_INSTANCE_UPDATE", "GUILD_AUDIT_LOG_ENTRY_CREATE", "MESSAGE_CREATE"]
    assert told[1][1]["changes"] == [{"key": "topic", "old_value": "chess", "new_value": "go"}]
    assert (told[1][1]["action_type"], told[2][1]["type"]) == (84, 31)
    assert api.told("PATCH", path, {"topic": "go"})[1] == [], "no change, no event"
    assert names(api.told("PATCH", path, {"privacy_level": 1})[1])[-1] == "GUILD_AUDIT_LOG_ENTRY_CREATE"

    _, told = api.told("DELETE", path)
    assert names(told) == ["STAGE_INSTANCE_DELETE", "GUILD_AUDIT_LOG_ENTRY_CREATE", "MESSAGE_CREATE"]
    assert told[0][1] == {**changed, "privacy_level": 1}
    assert (told[1][1]["action_type"], told[2][1]["type"], told[2][1]["content"]) == (85, 28, "go")
    assert api.error("DELETE", path) == (404, 10067)
    open_stage(api, stage)


def test_everyone_is_told_of_the_start_by_who_may_mention_them(api, stage):
    api.strip_permissions(MODERATOR)
    body = {"channel_id": stage, "topic": "@everyone"}
    assert api.error("POST", "/stage-instances", {**body, "send_start_notification": True}) == (403, 50013)
    _, told = api.told("POST", "/stage-instances", body)
    assert [b["mention_everyone"] for n, b in told if n == "MESSAGE_CREATE"] == [False]
    api.ok("DELETE", f"/stage-instances/{stage}")
    api.strip_permissions(MODERATOR | P.MENTION_EVERYONE | P.SEND_MESSAGES)
    _, told = open_stage(api, stage, send_start_notification=True)
    assert [b["mention_everyone"] for n, b in told if n == "MESSAGE_CREATE"] == [True]


def test_a_stage_may_belong_to_a_scheduled_event(api, stage):
    body = {"channel_id": stage, "topic": "chess", "guild_scheduled_event_id": "5"}
    assert api.error("POST", "/stage-instances", body) == (404, 10070)
    api.guild.events[5] = {"id": "5"}
    assert api.ok("POST", "/stage-instances", body)["guild_scheduled_event_id"] == "5"


@pytest.mark.parametrize("bit", [P.MANAGE_CHANNELS, P.MUTE_MEMBERS, P.MOVE_MEMBERS])
def test_only_moderators_of_the_stage_run_it(api, stage, bit):
    open_stage(api, stage)
    api.strip_permissions(MODERATOR & ~bit)
    path = f"/stage-instances/{stage}"
    api.ok("GET", path)
    assert api.error("PATCH", path, {"topic": "go"}) == (403, 50013)
    assert api.error("DELETE", path) == (403, 50013)
    assert api.error("POST", "/stage-instances", {"channel_id": stage, "topic": "go"}) == (403, 50013)


def test_only_stage_channels_can_be_live(api):
    body = {"channel_id": api.names["c"], "topic": "chess"}
    assert api.error("POST", "/stage-instances", body) == (400, 50024)
    assert api.error("POST", "/stage-instances", {**body, "channel_id": "123456789012345678"}) == (404, 10003)
    assert api.error("GET", "/stage-instances/{c}") == (404, 10067)


@pytest.mark.parametrize("topic", ["", "x" * 121])
def test_a_topic_has_1_to_120_characters(api, stage, topic):
    assert api.error("POST", "/stage-instances", {"channel_id": stage, "topic": topic}) == (400, 50035)
