"""Welcome screen, onboarding, server guide, requests to join."""

import pytest

from discord_sim.edge.operations.join_requests import ask_to_join
from discord_sim.rules.permissions import Permission as P

SCREEN, ONBOARDING, REQUESTS = "/guilds/{g}/welcome-screen", "/guilds/{g}/onboarding", "/guilds/{g}/requests"


def names(told):
    return [name for name, _ in told]


def actions(told):
    return [body["action_type"] for name, body in told if name == "GUILD_AUDIT_LOG_ENTRY_CREATE"]


# -- the welcome screen ------------------------------------------------------------------------------------------


def test_a_welcome_screen_is_made_enabled_and_changed(api):
    assert api.error("GET", SCREEN) == (404, 10069)
    channel = {"channel_id": str(api.names["c"]), "description": "hello", "emoji_name": "👋"}
    screen, told = api.told("PATCH", SCREEN, {"enabled": True, "description": "hi", "welcome_channels": [channel]})
    assert screen == {"description": "hi", "welcome_channels": [{**channel, "emoji_id": None}]}
    assert names(told) == ["GUILD_UPDATE", "GUILD_AUDIT_LOG_ENTRY_CREATE"]
    assert told[0][1]["features"] == ["WELCOME_SCREEN_ENABLED"]
    assert api.ok("GET", SCREEN) == screen
    changed, told = api.told("PATCH", SCREEN, {"description": None})
    assert (changed["description"], changed["welcome_channels"]) == (None, screen["welcome_channels"])
    assert told == [], "the guild object does not hold the screen"
    _, told = api.told("PATCH", SCREEN, {"enabled": False})
    assert told[0][1]["features"] == []
    assert api.ok("GET", SCREEN) == changed


def test_a_welcome_screen_leads_to_channels_that_exist(api):
    channel = {"channel_id": "123456789012345678", "description": "nowhere"}
    assert api.error("PATCH", SCREEN, {"welcome_channels": [channel]}) == (404, 10003)


def test_who_sees_the_welcome_screen(api):
    api.ok("PATCH", SCREEN, {"description": "hi"})
    api.strip_permissions(P.VIEW_CHANNEL)
    assert api.error("GET", SCREEN) == (403, 50013), "while it is not enabled"
    assert api.error("PATCH", SCREEN, {}) == (403, 50013)
    api.guild.doc["features"] = ["WELCOME_SCREEN_ENABLED"]
    assert api.ok("GET", SCREEN)["description"] == "hi"


# -- onboarding --------------------------------------------------------------------------------------------------


def prompt(api, **more):
    option = {"title": "cats", "role_ids": [str(api.names["r"])], "channel_ids": [], "emoji_name": "🐈"}
    return {"id": "0", "title": "What do you like?", "options": [option], "required": True, **more}


@pytest.fixture
def channels(api):
    """The ids of seven channels."""
    made = [api.ok("POST", "/guilds/{g}/channels", {"name": f"c{n}"})["id"] for n in range(3)]
    return [str(c) for c in list(api.guild.channels)[:4]] + made


def test_onboarding_is_made_and_changed(api):
    before = api.ok("GET", ONBOARDING)
    assert (before["enabled"], before["prompts"], before["mode"]) == (False, [], 0)
    body, told = api.told("PUT", ONBOARDING, {"prompts": [prompt(api)], "mode": 1}, reason="welcome")
    assert actions(told) == [163, 166]
    assert {b["reason"] for _, b in told} == {"welcome"}
    made = body["prompts"][0]
    assert (made["required"], made["single_select"], made["type"]) == (True, False, 0)
    assert made["options"][0]["emoji"] == {"id": None, "name": "🐈", "animated": False}
    assert api.ok("GET", ONBOARDING) == body
    options = [{**made["options"][0], "title": "dogs"}, {"title": "none"}]
    changed, told = api.told("PUT", ONBOARDING, {"prompts": [{**made, "options": options}]})
    assert actions(told) == [164]
    after = changed["prompts"][0]
    assert (after["id"], after["options"][0]["id"]) == (made["id"], made["options"][0]["id"]), "known ids stay"
    assert [option["title"] for option in after["options"]] == ["dogs", "none"]
    assert changed["mode"] == 1
    assert api.told("PUT", ONBOARDING, {})[1] == [], "no change, no entry"
    _, told = api.told("PUT", ONBOARDING, {"prompts": [], "mode": 0})
    assert actions(told) == [165, 167]


def test_onboarding_is_enabled_when_newcomers_find_enough(api, channels):
    assert api.error("PUT", ONBOARDING, {"enabled": True, "default_channel_ids": channels[:6]}) == (400, 350000)
    deny = {"type": 0, "deny": str(int(P.SEND_MESSAGES))}
    for channel in channels[:3]:
        api.ok("PUT", f"/channels/{channel}/permissions/{{g}}", deny)
    assert api.error("PUT", ONBOARDING, {"enabled": True, "default_channel_ids": channels}) == (400, 350000)
    api.ok("DELETE", f"/channels/{channels[0]}/permissions/{{g}}")
    assert api.ok("PUT", ONBOARDING, {"enabled": True, "default_channel_ids": channels})["enabled"] is True
    assert api.error("PUT", ONBOARDING, {"default_channel_ids": channels[:6]}) == (400, 350001)
    assert len(api.ok("GET", ONBOARDING)["default_channel_ids"]) == 7


def test_in_advanced_mode_the_channels_of_prompts_count(api, channels):
    asked = prompt(api, options=[{"title": "x", "channel_ids": channels[6:]}])
    body = {"enabled": True, "default_channel_ids": channels[:6], "prompts": [asked]}
    assert api.error("PUT", ONBOARDING, body) == (400, 350000)
    assert api.ok("PUT", ONBOARDING, {**body, "mode": 1})["enabled"] is True


def test_onboarding_speaks_of_what_exists(api):
    nowhere = ["123456789012345678"]
    assert api.error("PUT", ONBOARDING, {"default_channel_ids": nowhere}) == (404, 10003)
    for field, code in (("channel_ids", 10003), ("role_ids", 10011)):
        asked = prompt(api, options=[{"title": "x", field: nowhere}])
        assert api.error("PUT", ONBOARDING, {"prompts": [asked]}) == (404, code)
    assert "onboarding" not in api.guild.settings


def test_who_sees_and_changes_onboarding(api):
    api.strip_permissions(P.MANAGE_GUILD)
    assert api.error("PUT", ONBOARDING, {}) == (403, 50013)
    api.ok("GET", ONBOARDING)
    api.strip_permissions(P.VIEW_CHANNEL)
    assert api.error("GET", ONBOARDING) == (403, 50013)


# -- the server guide --------------------------------------------------------------------------------------------


def test_the_server_guide_is_shown_where_there_is_one(api):
    path = "/guilds/{g}/new-member-welcome"
    assert api("GET", path) == (204, None)
    guide = {"guild_id": str(api.names["g"]), "enabled": False, "new_member_actions": [], "resource_channels": []}
    api.guild.settings["new_member_welcome"] = guide
    assert api.ok("GET", path) == guide
    api.strip_permissions(P.VIEW_CHANNEL)
    assert api.error("GET", path) == (403, 50013), "while it is not enabled"
    guide["enabled"] = True
    assert api.ok("GET", path) == guide


# -- requests to join --------------------------------------------------------------------------------------------


@pytest.fixture
def asking(api):
    """The ids of three users of the other guild, who ask to join."""
    others = list(api.fake.world.member_ids(api.fake.world.guild_at(1)))[:3]
    for user in others:
        api.fake.emit(ask_to_join(api.fake.world, api.guild, user, api.fake.clock.epoch_ms))
    return others


def test_a_request_is_told_once_and_listed(api, asking):
    api.ok("GET", "/users/@me")
    assert names(api.seen)[-4:] == ["GUILD_CREATE", *["GUILD_JOIN_REQUEST_CREATE"] * 3]
    assert ask_to_join(api.fake.world, api.guild, asking[0], api.fake.clock.epoch_ms) == []
    listed = api.ok("GET", REQUESTS)
    assert listed["total"] == 3
    assert [int(r["user_id"]) for r in listed["guild_join_requests"]] == asking
    ids = [r["id"] for r in listed["guild_join_requests"]]

    def page(query):
        return [r["id"] for r in api.ok("GET", REQUESTS + query)["guild_join_requests"]]

    assert page("?limit=2") == ids[:2]
    assert page(f"?limit=1&after={ids[0]}") == ids[1:2]
    assert page(f"?limit=1&before={ids[2]}") == ids[1:2]
    assert page("?status=APPROVED") == []
    assert api.error("GET", REQUESTS + "?status=STARTED") == (400, 50035)


def test_an_approved_request_lets_somebody_in(api, asking):
    first = api.ok("GET", REQUESTS)["guild_join_requests"][0]
    body, told = api.told("PATCH", f"{REQUESTS}/{first['id']}", {"action": "APPROVED", "rejection_reason": "unused"})
    assert (body["application_status"], body["rejection_reason"]) == ("APPROVED", None)
    assert body["actioned_by_user"]["id"] == str(api.names["me"])
    assert names(told) == ["GUILD_JOIN_REQUEST_UPDATE", "GUILD_MEMBER_ADD"]
    assert told[0][1] == {"guild_id": str(api.names["g"]), "status": "APPROVED", "request": body}
    assert api.ok("GET", f"/guilds/{{g}}/members/{asking[0]}")["user"] == first["user"]
    assert api.told("PATCH", f"{REQUESTS}/{first['id']}", {"action": "REJECTED"}) == (body, []), "decided is decided"


def test_a_rejected_request_keeps_its_reason(api, asking):
    first = api.ok("GET", REQUESTS)["guild_join_requests"][0]
    decision = {"action": "REJECTED", "rejection_reason": "no dogs"}
    body, told = api.told("PATCH", f"{REQUESTS}/{first['id']}", decision)
    assert (body["application_status"], body["rejection_reason"]) == ("REJECTED", "no dogs")
    assert names(told) == ["GUILD_JOIN_REQUEST_UPDATE"]
    assert api.error("GET", f"/guilds/{{g}}/members/{asking[0]}") == (404, 10007)
    assert [r["id"] for r in api.ok("GET", REQUESTS + "?status=REJECTED")["guild_join_requests"]] == [first["id"]]


def test_decisions_that_are_none(api, asking):
    first = api.ok("GET", REQUESTS)["guild_join_requests"][0]
    for body in ({}, {"action": "SUBMITTED"}, {"action": "nonsense"}):
        assert api.error("PATCH", f"{REQUESTS}/{first['id']}", body) == (400, 50035)
    assert api.error("PATCH", f"{REQUESTS}/123456789012345678", {"action": "APPROVED"}) == (404, 0)


def test_requests_are_for_those_who_kick(api, asking):
    api.ok("GET", "/users/@me")
    del api.seen[:]
    api.strip_permissions(P.MANAGE_GUILD)
    assert api.error("GET", REQUESTS) == (403, 50013)
    assert api.error("PATCH", f"{REQUESTS}/1", {"action": "APPROVED"}) == (403, 50013)
    first = next(iter(api.guild.join_requests))
    where = {"guild_id": api.names["g"], "request_id": first}
    assert api.fake.act(api.names["owner"], "action_guild_join_request", {"action": "REJECTED"}, **where).status == 200
    api.ok("GET", "/users/@me")
    assert api.seen == []
