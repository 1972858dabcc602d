"""Preview, vanity URL, widget, integrations, incident actions."""

import zlib

import pytest

from discord_sim.rules.permissions import Permission as P
from discord_sim.world.snowflakes import iso

WIDGET = "/guilds/{g}/widget"
HOUR = 3_600_000


def names(told):
    return [name for name, _ in told]


# -- preview and vanity URL --------------------------------------------------------------------------------------


def test_a_preview_is_for_members_and_for_all_where_the_guild_is_discoverable(api):
    preview = api.ok("GET", "/guilds/{g}/preview")
    assert (preview["name"], preview["approximate_member_count"]) == (api.guild.name, api.guild.member_count)
    api.ok("DELETE", "/users/@me/guilds/{g1}")
    assert api.error("GET", "/guilds/{g1}/preview") == (404, 10004)
    api.fake.world.guild_at(1).doc["features"] = ["DISCOVERABLE"]
    assert api.ok("GET", "/guilds/{g1}/preview")["features"] == ["DISCOVERABLE"]
    assert api.error("GET", "/guilds/123456789012345678/preview") == (404, 10004)


def test_a_vanity_url_needs_the_feature(api):
    assert api.error("GET", "/guilds/{g}/vanity-url") == (400, 50020)
    api.guild.doc["features"] = ["VANITY_URL"]
    assert api.ok("GET", "/guilds/{g}/vanity-url") == {"code": None, "uses": 0}
    api.guild.doc["vanity_url_code"] = "cats"
    assert api.ok("GET", "/guilds/{g}/vanity-url")["code"] == "cats"
    api.strip_permissions(P.VIEW_CHANNEL)
    assert api.error("GET", "/guilds/{g}/vanity-url") == (403, 50013)


# -- the widget --------------------------------------------------------------------------------------------------


def test_widget_settings_are_part_of_the_guild(api):
    assert api.ok("GET", WIDGET) == {"enabled": False, "channel_id": None}
    body = {"enabled": True, "channel_id": str(api.names["c"])}
    changed, told = api.told("PATCH", WIDGET, body, reason="show")
    assert changed == body == api.ok("GET", WIDGET)
    assert names(told) == ["GUILD_UPDATE", "GUILD_AUDIT_LOG_ENTRY_CREATE"]
    assert (told[0][1]["widget_enabled"], told[0][1]["widget_channel_id"]) == (True, body["channel_id"])
    assert (told[1][1]["action_type"], told[1][1]["reason"]) == (1, "show")
    assert {c["key"] for c in told[1][1]["changes"]} == {"widget_enabled", "widget_channel_id"}
    assert api.told("PATCH", WIDGET, body)[1] == [], "no change, no event"
    assert api.error("PATCH", WIDGET, {"channel_id": "123456789012345678"}) == (404, 10003)
    assert api.ok("PATCH", WIDGET, {"channel_id": None}) == {"enabled": True, "channel_id": None}
    api.strip_permissions(P.VIEW_CHANNEL)
    assert api.error("GET", WIDGET) == (403, 50013)
    assert api.error("PATCH", WIDGET, {}) == (403, 50013)


@pytest.mark.parametrize("kind", ["json", "png"])
def test_a_widget_that_is_not_enabled(api, kind):
    assert api.error("GET", f"{WIDGET}.{kind}") == (403, 50004)
    assert api.error("GET", f"{WIDGET}.{kind}", token="") == (403, 50004)
    assert api.error("GET", f"/guilds/123456789012345678/widget.{kind}", token="") == (404, 10004)


def test_a_widget_shows_who_is_online_and_the_open_voice_channels(api):
    api.ok("PATCH", WIDGET, {"enabled": True})
    voice = api.ok("POST", "/guilds/{g}/channels", {"name": "open", "type": 2})
    deny = [{"id": api.names["g"], "type": 0, "deny": str(int(P.VIEW_CHANNEL))}]
    hidden = api.ok("POST", "/guilds/{g}/channels", {"name": "hidden", "type": 2, "permission_overwrites": deny})
    one, two, three = (api.names[who] for who in ("m1", "m2", "m3"))
    api.fake.presence(one, "dnd", [{"name": "chess", "type": 0}])
    api.fake.presence(two, "online")
    api.fake.presence(three, "idle")
    api.fake.presence(three, "offline")
    api.fake.voice(one, api.names["g"], int(voice["id"]), mute=True)
    api.fake.voice(two, api.names["g"], int(hidden["id"]))
    widget = api.ok("GET", f"{WIDGET}.json", token="")
    assert (widget["id"], widget["name"], widget["instant_invite"]) == (str(api.names["g"]), api.guild.name, None)
    assert [channel["id"] for channel in widget["channels"]] == [voice["id"]]
    assert widget["presence_count"] == 2
    first, second = widget["members"]
    assert (first["id"], first["discriminator"], first["avatar"]) == ("0", "0000", None), "nobody is given away"
    assert (first["status"], first["activity"], first["channel_id"]) == ("dnd", {"name": "chess"}, voice["id"])
    assert first["self_mute"] is True
    assert (second["id"], second["status"], "channel_id" in second) == ("1", "online", False)


def test_a_widget_invites_to_its_channel(api):
    api.ok("PATCH", WIDGET, {"enabled": True, "channel_id": str(api.names["c"])})
    widget, told = api.told("GET", f"{WIDGET}.json", token="")
    assert names(told) == ["INVITE_CREATE", "GUILD_AUDIT_LOG_ENTRY_CREATE"]
    code = told[0][1]["code"]
    assert (widget["instant_invite"], told[0][1]["max_age"]) == (f"https://discord.com/invite/{code}", 0)
    again, told = api.told("GET", f"{WIDGET}.json", token="")
    assert (again["instant_invite"], told) == (widget["instant_invite"], [])
    api.ok("DELETE", f"/invites/{code}")
    assert api.ok("GET", f"{WIDGET}.json", token="")["instant_invite"] != widget["instant_invite"]


@pytest.mark.parametrize(("query", "size"), [("", (128, 20)), ("?style=banner4", (320, 219))])
def test_a_widget_picture_has_the_size_of_its_style(api, query, size):
    api.guild.doc["widget_enabled"] = True
    picture = api.ok("GET", f"{WIDGET}.png{query}", token="")
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    assert (int.from_bytes(picture[16:20], "big"), int.from_bytes(picture[20:24], "big")) == size
    start = picture.index(b"IDAT")
    length = int.from_bytes(picture[start - 4 : start], "big")
    assert len(zlib.decompress(picture[start + 4 : start + 4 + length])) == size[1] * (1 + 3 * size[0])
    assert api.error("GET", f"{WIDGET}.png?style=banner5", token="") == (400, 50035)


# -- integrations ------------------------------------------------------------------------------------------------


def test_every_bot_is_an_integration(api):
    found = api.ok("GET", "/guilds/{g}/integrations")
    assert [i["application"]["id"] for i in found] == [str(bot) for bot in api.fake.world.bots]
    assert found[0]["application"]["bot"] == api.ok("GET", "/users/{me}")
    assert (found[0]["type"], found[0]["user"]["id"]) == ("discord", str(api.guild.owner_id))
    api.strip_permissions(P.VIEW_CHANNEL)
    assert api.error("GET", "/guilds/{g}/integrations") == (403, 50013)
    assert api.error("DELETE", f"/guilds/{{g}}/integrations/{found[1]['id']}") == (403, 50013)


def test_deleting_a_bots_integration_removes_the_bot_and_its_webhooks(api):
    other = list(api.fake.world.bots)[1]
    hook = api.fake.act(other, "create_webhook", {"name": "hook"}, channel_id=api.names["c"]).body
    mine = api.ok("POST", "/channels/{c}/webhooks", {"name": "mine"})
    integration = api.ok("GET", "/guilds/{g}/integrations")[1]
    path = f"/guilds/{{g}}/integrations/{integration['id']}"
    _, told = api.told("DELETE", path, reason="bye")
    assert names(told) == [
        "WEBHOOKS_UPDATE", "GUILD_MEMBER_REMOVE", "INTEGRATION_DELETE", "GUILD_INTEGRATIONS_UPDATE",
        "GUILD_ROLE_DELETE", "GUILD_AUDIT_LOG_ENTRY_CREATE",
    ]  # fmt: skip
    gone = {"id": integration["id"], "guild_id": str(api.names["g"]), "application_id": str(other)}
    assert told[2][1] == gone
    entry = told[-1][1]
    assert (entry["action_type"], entry["target_id"], entry["reason"]) == (82, integration["id"], "bye")
    assert api.error("GET", f"/guilds/{{g}}/members/{other}") == (404, 10007)
    assert api.error("GET", f"/webhooks/{hook['id']}") == (404, 10015)
    api.ok("GET", f"/webhooks/{mine['id']}")
    assert api.error("DELETE", path) == (404, 10005)


def test_a_bot_that_comes_is_a_new_integration(api):
    other = list(api.fake.world.bots)[1]
    api.fake.member_left(api.names["g"], other)
    api.ok("GET", "/users/@me")
    del api.seen[:]
    api.fake.member_joined(api.names["g"], other)
    integration = api.ok("GET", "/guilds/{g}/integrations")[1]
    assert names(api.seen) == ["GUILD_MEMBER_ADD", "INTEGRATION_CREATE", "GUILD_INTEGRATIONS_UPDATE"]
    told = {**api.seen[1][1], "user": integration["user"]}
    assert told == {**integration, "guild_id": str(api.names["g"])}


def test_connected_accounts_are_integrations(api):
    made = api.fake.integration(api.names["g"], "twitch", "streamer")
    assert api.ok("GET", "/guilds/{g}/integrations")[0]["name"] == "streamer"
    _, told = api.told("DELETE", f"/guilds/{{g}}/integrations/{made}")
    assert names(told) == ["INTEGRATION_DELETE", "GUILD_INTEGRATIONS_UPDATE", "GUILD_AUDIT_LOG_ENTRY_CREATE"]
    assert told[0][1] == {"id": str(made), "guild_id": str(api.names["g"])}
    api.guild.integrations[7] = {"id": "7", "type": "guild_subscription", "name": "members"}
    assert api.error("DELETE", "/guilds/{g}/integrations/7") == (400, 50163)


# -- incidents ---------------------------------------------------------------------------------------------------


def test_incident_actions_last_a_day_at_most(api):
    path = "/guilds/{g}/incident-actions"
    until = iso(api.fake.clock.epoch_ms + 23 * HOUR)
    body, told = api.told("PUT", path, {"invites_disabled_until": until})
    assert body == {"invites_disabled_until": until, "dms_disabled_until": None}
    assert names(told) == ["GUILD_UPDATE"]
    assert told[0][1]["incidents_data"] == body == api.ok("GET", "/guilds/{g}")["incidents_data"]
    assert api.told("PUT", path, {"invites_disabled_until": until})[1] == [], "no change, no event"
    late = iso(api.fake.clock.epoch_ms + 25 * HOUR)
    status, answer = api("PUT", path, {"dms_disabled_until": late})
    assert (status, list(answer["errors"])) == (400, ["dms_disabled_until"])
    assert api.ok("PUT", path, {"invites_disabled_until": None})["invites_disabled_until"] is None
    api.strip_permissions(P.VIEW_CHANNEL)
    assert api.error("PUT", path, {}) == (403, 50013)
