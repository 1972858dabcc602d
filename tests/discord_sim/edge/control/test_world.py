"""The operator looks at the world and changes it: users, guilds, applications."""

import pytest

from discord_sim.rules.intents import ALL_INTENTS

# -- looking ---------------------------------------------------------------------------------------------------


def test_the_state_tells_who_is_there(desk):
    state = desk.ok("GET", "/state")
    assert state["applications"] == [
        {"id": desk.bot, "name": "simulated-bot"},
        {"id": desk.bot_2, "name": "simulated-bot-1"},
    ]
    assert state["guilds"] == 2
    (session,) = state["sessions"]
    assert session == {
        "number": 1, "application_id": desk.bot, "shard": [0, 1], "seq": 3, "intents": ALL_INTENTS, "connected": True,
    }  # fmt: skip
    assert state["banned_ips"] == []
    assert state["clock"]["now_ms"] == pytest.approx(desk.fake.clock.now_ms - 200, abs=20)


def test_a_guild_tells_the_ids_of_what_is_in_it(desk):
    guild = desk.ok("GET", "/guilds/0")
    assert (guild["id"], guild["owner_id"]) == (desk.guild_id, desk.owner)
    assert [c["id"] for c in guild["channels"]] == list(map(str, desk.guild.channels))
    assert [r["id"] for r in guild["roles"]] == list(map(str, desk.guild.roles))
    assert guild["bots"] == [desk.bot, desk.bot_2]
    assert len(guild["members"]) == guild["member_count"] - 2
    assert desk.refused("GET", "/guilds/2") == (404, "this world has guilds 0 to 1, not 2")


def test_the_record_tells_what_the_server_saw(desk):
    desk.made("POST", f"/channels/{desk.channel}/messages", {"content": "seen"})
    record = desk.ok("GET", "/record")
    assert (record["requests"], record["identifies"], record["events"]) == (1, 1, 1)
    assert record["gateway"] == {"open": 1, "identify": 1}
    assert record["closes"] == {}
    assert record["digest"] == desk.fake.record.trace.digest
    (request,) = desk.ok("GET", "/record/requests")
    assert (request["method"], request["route"], request["status"]) == ("POST", "create_message", 200)
    assert [e["type"] for e in desk.ok("GET", "/record/events")] == ["MESSAGE_CREATE"]
    assert [d["seq"] for d in desk.ok("GET", "/record/deliveries")] == [1, 2, 3, 4]
    assert desk.refused("GET", "/record/secrets") == (404, "the record has requests, events and deliveries")


def test_of_a_long_record_the_newest_thousand_are_told(desk):
    for _ in range(1_005):
        desk.fake.dispatch("X", {})
    events = desk.ok("GET", "/record/events")
    assert [events[0]["number"], events[-1]["number"], len(events)] == [6, 1_005, 1_000]


# -- users -----------------------------------------------------------------------------------------------------


def test_a_presence_is_told_in_every_guild_of_the_user(desk):
    playing = {"name": "chess", "type": 0}
    body = {"status": "dnd", "activities": [playing]}
    assert desk.told("PUT", f"/users/{desk.member}/presence", body) == ["PRESENCE_UPDATE"]
    presence = desk.last("PRESENCE_UPDATE")
    assert (presence["user"]["id"], presence["status"]) == (desk.member, "dnd")
    assert [activity["name"] for activity in presence["activities"]] == ["chess"]
    assert desk.told("PUT", f"/users/{desk.member}/presence", {"status": "offline"}) == ["PRESENCE_UPDATE"]
    assert desk.last("PRESENCE_UPDATE")["status"] == "offline"
    assert desk.refused("PUT", "/users/1/presence", {"status": "idle"}) == (404, "this world has no user 1")


def test_a_user_enters_and_leaves_voice(desk):
    voice = desk.made("POST", f"/guilds/{desk.guild_id}/channels", {"name": "voice", "type": 2})["id"]
    path, place = f"/users/{desk.member}/voice", {"guild_id": desk.guild_id, "channel_id": voice, "self_mute": True}
    assert desk.told("PUT", path, place)[0] == "VOICE_STATE_UPDATE"
    state = desk.last("VOICE_STATE_UPDATE")
    assert (state["user_id"], state["channel_id"], state["self_mute"], state["self_deaf"]) == (
        desk.member,
        voice,
        True,
        False,
    )
    assert desk.told("PUT", path, {**place, "channel_id": None})[0] == "VOICE_STATE_UPDATE"
    assert desk.last("VOICE_STATE_UPDATE")["channel_id"] is None
    text = {**place, "channel_id": desk.channel}
    assert desk.refused("PUT", path, text) == (404, f"guild {desk.guild_id} has no voice channel {desk.channel}")
    stranger = f"user {desk.stranger} is not in guild {desk.guild_id}"
    assert desk.refused("PUT", f"/users/{desk.stranger}/voice", place) == (404, stranger)
    assert desk.refused("PUT", path, {**place, "guild_id": 5}) == (404, "this world has no guild 5")


def test_a_user_joins_and_leaves(desk):
    path = f"/guilds/{desk.guild_id}/members/{desk.stranger}"
    assert desk.told("PUT", path) == ["GUILD_MEMBER_ADD"]
    assert desk.last("GUILD_MEMBER_ADD")["user"]["id"] == desk.stranger
    assert desk.told("PUT", path) == []
    assert desk.told("DELETE", path) == ["GUILD_MEMBER_REMOVE"]
    assert desk.told("DELETE", path) == []
    assert desk.refused("PUT", f"/guilds/{desk.guild_id}/members/1") == (404, "this world has no user 1")
    assert desk.refused("DELETE", f"/guilds/1/members/{desk.member}") == (404, "this world has no guild 1")


def test_a_bot_leaves_and_comes_back(desk):
    path = f"/guilds/{desk.guild_id}/members/{desk.bot}"
    assert desk.told("DELETE", path) == ["GUILD_DELETE"]
    assert desk.last("GUILD_DELETE") == {"id": desk.guild_id}
    assert desk.told("PUT", path)[0] == "GUILD_CREATE"
    assert desk.last("GUILD_CREATE")["id"] == desk.guild_id


def test_a_member_marks_a_scheduled_event(desk):
    start, end = "2100-01-01T00:00:00Z", "2100-01-01T01:00:00Z"
    body = {
        "name": "party", "privacy_level": 2, "entity_type": 3, "scheduled_start_time": start, "scheduled_end_time": end,
        "entity_metadata": {"location": "here"},
    }  # fmt: skip
    event = desk.made("POST", f"/guilds/{desk.guild_id}/scheduled-events", body)["id"]
    path, who = f"/guilds/{desk.guild_id}/scheduled-events/{event}/users", {"user_id": desk.member}
    assert desk.told("POST", path, who) == ["GUILD_SCHEDULED_EVENT_USER_ADD"]
    assert desk.told("POST", path, who) == []
    assert desk.told("POST", path, {**who, "wanted": False}) == ["GUILD_SCHEDULED_EVENT_USER_REMOVE"]
    missing = f"guild {desk.guild_id} has no scheduled event 7"
    assert desk.refused("POST", path.replace(event, "7"), who) == (404, missing)
    stranger = f"user {desk.stranger} is not in guild {desk.guild_id}"
    assert desk.refused("POST", path, {"user_id": desk.stranger}) == (404, stranger)


# -- guilds and applications -----------------------------------------------------------------------------------


def test_a_guild_goes_down_and_comes_back(desk):
    assert desk.told("PUT", "/guilds/0/outage") == ["GUILD_DELETE"]
    assert desk.last("GUILD_DELETE") == {"id": desk.guild_id, "unavailable": True}
    assert desk.told("DELETE", "/guilds/0/outage") == ["GUILD_CREATE"]
    assert desk.last("GUILD_CREATE")["id"] == desk.guild_id
    assert desk.refused("PUT", "/guilds/9/outage") == (404, "this world has guilds 0 to 1, not 9")


def test_a_guild_is_boosted(desk):
    assert desk.told("PUT", f"/guilds/{desk.guild_id}/boosts", {"tier": 2}) == ["GUILD_UPDATE"]
    assert desk.last("GUILD_UPDATE")["premium_tier"] == 2
    assert desk.made("GET", f"/guilds/{desk.guild_id}")["premium_tier"] == 2
    status, message = desk.refused("PUT", f"/guilds/{desk.guild_id}/boosts", {"tier": 4})
    assert (status, message) == (400, "Expected `int` <= 3 - at `$.tier`")


def test_a_guild_is_connected_with_an_account_elsewhere(desk):
    path = f"/guilds/{desk.guild_id}/integrations"
    both = ["INTEGRATION_CREATE", "GUILD_INTEGRATIONS_UPDATE"]
    del desk.seen[:]
    made = desk.ok("POST", path, {"type": "twitch", "name": "streams"})["id"]
    assert [name for name, _ in desk.seen] == both
    assert desk.told("PATCH", f"{path}/{made}", {"enabled": False}) == ["INTEGRATION_UPDATE", both[1]]
    assert desk.last("INTEGRATION_UPDATE")["enabled"] is False
    (listed,) = [i for i in desk.made("GET", path) if i["id"] == made]
    assert (listed["type"], listed["name"], listed["enabled"]) == ("twitch", "streams", False)
    missing = (404, f"guild {desk.guild_id} has no integration 5")
    assert desk.refused("PATCH", f"{path}/5", {"enabled": True}) == missing


def test_a_user_subscribes_and_unsubscribes(desk):
    sku = desk.ok("POST", f"/applications/{desk.bot}/skus", {"name": "Gold"})["id"]
    assert sku in {s["id"] for s in desk.made("GET", f"/applications/{desk.bot}/skus")}
    made = desk.ok("POST", "/subscriptions", {"user_id": desk.member, "sku_id": sku})["id"]
    subscription, entitlement = desk.last("SUBSCRIPTION_CREATE"), desk.last("ENTITLEMENT_CREATE")
    assert (subscription["id"], subscription["status"], subscription["entitlement_ids"]) == (
        made,
        0,
        [entitlement["id"]],
    )
    path = f"/subscriptions/{made}"
    assert desk.told("PATCH", path, {"status": 2}) == ["SUBSCRIPTION_UPDATE"]
    assert desk.told("PATCH", path, {"status": 1}) == ["SUBSCRIPTION_UPDATE", "ENTITLEMENT_UPDATE"]
    assert desk.last("ENTITLEMENT_UPDATE")["ends_at"] == desk.last("SUBSCRIPTION_UPDATE")["current_period_end"]
    assert desk.told("DELETE", path) == ["SUBSCRIPTION_DELETE"]
    assert desk.refused("DELETE", path) == (404, f"this world has no subscription {made}")
    assert desk.refused("POST", "/applications/5/skus", {"name": "x"}) == (404, "this world has no application 5")
    assert desk.refused("POST", "/subscriptions", {"user_id": "5", "sku_id": sku}) == (404, "this world has no user 5")
    nothing = {"user_id": desk.member, "sku_id": "5"}
    assert desk.refused("POST", "/subscriptions", nothing) == (404, "this world has no SKU 5")


def test_any_event_can_be_sent_with_any_body(desk):
    body = {"event": "SOMETHING_NEW", "data": {"deep": [{"er": None}]}, "guild_id": desk.guild_id}
    assert desk.told("POST", "/dispatches", body) == ["SOMETHING_NEW"]
    assert desk.last("SOMETHING_NEW") == {"deep": [{"er": None}]}
    for name in ("", "no name", 'a","op":7', "ÄÖ"):
        assert desk.refused("POST", "/dispatches", {"event": name, "data": {}})[0] == 400
