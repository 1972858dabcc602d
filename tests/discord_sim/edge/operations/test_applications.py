"""Applications: what the portal shows, attachments, activities, role connections."""

import base64

import aiohttp

from discord_sim.edge.operations.applications import launch

PIXEL = "data:image/png;base64," + base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"\0" * 30).decode()


def test_an_application_is_the_same_at_all_its_addresses(api):
    mine = api.ok("GET", "/applications/@me")
    assert (mine["id"], mine["bot"]["id"]) == (str(api.names["me"]), str(api.names["me"]))
    assert mine["owner"]["id"] == str(api.names["owner"])
    assert mine["approximate_guild_count"] == 2
    assert len(bytes.fromhex(mine["verify_key"])) == 32
    assert api.ok("GET", "/applications/{me}") == mine
    assert api.ok("GET", "/oauth2/applications/@me") == mine
    shown = api.ok("GET", "/oauth2/@me")["application"]
    assert shown.items() <= mine.items()
    assert not {"owner", "redirect_uris"} & set(shown)


def test_applications_differ_and_are_their_own_bots_business(api):
    other = list(api.fake.world.bots)[1]
    assert api.error("GET", f"/applications/{other}") == (403, 20012)
    assert api.error("GET", "/applications/123456789012345678") == (404, 10002)
    token = next(token for token, bot in api.fake.tokens.items() if bot == other)
    theirs = api.ok("GET", "/applications/@me", token=f"Bot {token}")
    assert theirs["id"] == str(other)
    assert theirs["verify_key"] != api.ok("GET", "/applications/@me")["verify_key"]


def test_guilds_and_users_of_an_application_are_counted(api):
    api.ok("DELETE", "/users/@me/guilds/{g1}")
    api.bearer(api.names["m1"], "identify", "applications.commands")
    api.bearer(api.names["m1"], "identify")
    api.bearer(api.names["m2"], "identify")
    mine = api.ok("GET", "/applications/@me")
    assert mine["approximate_guild_count"] == 1
    assert mine["approximate_user_install_count"] == 1
    assert mine["approximate_user_authorization_count"] == 2


def test_what_is_set_is_read_back(api):
    changes = {
        "description": {"default": "Does things"}, "tags": ["a", "b"], "custom_install_url": "https://example.com",
        "install_params": {"scopes": ["bot"], "permissions": 8}, "icon": PIXEL, "cover_image": PIXEL,
        "integration_types_config": {"0": {"oauth2_install_params": {"scopes": ["bot"]}}, "1": None},
        "event_webhooks_status": 2, "event_webhooks_types": ["ENTITLEMENT_CREATE"],
    }  # fmt: skip
    body = api.ok("PATCH", "/applications/@me", changes)
    assert body == api.ok("GET", "/applications/@me")
    assert (body["description"], body["tags"]) == ("Does things", ["a", "b"])
    assert body["install_params"] == {"scopes": ["bot"], "permissions": "8"}
    assert body["integration_types_config"] == {
        "0": {"oauth2_install_params": {"scopes": ["bot"], "permissions": "0"}}, "1": {},
    }  # fmt: skip
    assert api.fake.rest.media.find(f"/app-icons/{body['id']}/{body['icon']}.png") is not None
    assert api.ok("PATCH", "/applications/{me}", {"description": "a text will do"})["description"] == "a text will do"


def test_null_takes_back_what_was_set(api):
    before = api.ok("GET", "/applications/@me")
    api.ok("PATCH", "/applications/@me", {
        "description": "x", "tags": ["a"], "install_params": {}, "cover_image": PIXEL, "icon": PIXEL,
        "integration_types_config": {"1": {}}, "event_webhooks_url": "https://example.com/events",
    })  # fmt: skip
    fields = (
        "description", "tags", "install_params", "cover_image", "icon", "flags", "interactions_endpoint_url",
        "integration_types_config", "event_webhooks_url", "event_webhooks_status", "custom_install_url", "team_id",
    )  # fmt: skip
    assert api.ok("PATCH", "/applications/@me", dict.fromkeys(fields)) == before


def test_only_the_switches_of_privileged_intents_are_settable_flags(api):
    assert api.ok("GET", "/applications/@me")["flags"] == 1 << 13 | 1 << 15 | 1 << 19
    body = api.ok("PATCH", "/applications/@me", {"flags": 1 << 15 | 1 << 17})
    assert (body["flags"], body["flags_new"]) == (1 << 15, str(1 << 15))
    api.ok("POST", "/applications/{me}/commands", {"name": "ping", "description": "Pong"})
    assert api.ok("GET", "/applications/@me")["flags"] == 1 << 15 | 1 << 23, "it has global commands"
    api.ok("PATCH", "/applications/@me", {"flags": 0})
    api.ok("PUT", "/applications/{me}/commands", [])
    assert api.ok("GET", "/applications/@me")["flags"] == 0


def test_a_refused_change_changes_nothing(api):
    before = api.ok("GET", "/applications/@me")
    for field, value in (
        ("interactions_endpoint_url", "https://example.com"), ("icon", "data:image/png;base64,bm9uc2Vuc2U="),
        ("tags", ["a"] * 6), ("integration_types_config", {"2": {}}),
    ):  # fmt: skip
        status, body = api("PATCH", "/applications/@me", {"description": "new", field: value})
        assert (status, list(body["errors"])) == (400, [field])
    assert api.ok("GET", "/applications/@me") == before


def test_an_attachment_of_an_application(api):
    def form(field):
        data = aiohttp.FormData()
        data.add_field(field, b"\x89PNG\r\n\x1a\nrest", filename="a.png", content_type="image/png")
        return data

    made = api.ok("POST", "/applications/{me}/attachment", form=form("file"))["attachment"]
    assert (made["filename"], made["size"], made["ephemeral"]) == ("a.png", 12, True)
    path = made["url"].removeprefix(api.fake.settings.cdn_url).partition("?")[0]
    assert api.fake.rest.media.find(path) == ("image/png", b"\x89PNG\r\n\x1a\nrest")
    assert api.error("POST", "/applications/{me}/attachment", form=form("files[0]")) == (400, 50035)
    token = api.bearer(api.names["m1"], "identify")
    assert "attachment" in api.ok("POST", "/applications/{me}/attachment", form=form("file"), token=token)


def test_a_running_activity_can_be_looked_up(api):
    channel = api.guild.channels[api.names["c"]]
    world, now_ms = api.fake.world, api.fake.clock.epoch_ms
    made = launch(world, api.names["me"], api.guild, channel, api.names["m1"], now_ms)
    found = api.ok("GET", f"/applications/{{me}}/activity-instances/{made['instance_id']}")
    assert found["location"] == {
        "id": f"gc-{api.names['g']}-{api.names['c']}", "kind": "gc", "channel_id": channel["id"],
        "guild_id": str(api.names["g"]),
    }  # fmt: skip
    assert found["users"] == [str(api.names["m1"])]
    direct = api.ok("POST", "/users/@me/channels", {"recipient_id": api.names["m1"]})
    alone = launch(world, api.names["me"], None, direct, api.names["m1"], now_ms)
    found = api.ok("GET", f"/applications/{{me}}/activity-instances/{alone['instance_id']}")
    assert found["location"] == {"id": f"pc-{direct['id']}", "kind": "pc", "channel_id": direct["id"]}
    assert api.error("GET", "/applications/{me}/activity-instances/i-1-gc-2-3") == (404, 0)


def test_metadata_of_role_connections(api):
    path = "/applications/{me}/role-connections/metadata"
    assert api.ok("GET", path) == []
    record = {"type": 2, "key": "level", "name": "Level", "description": "x", "name_localizations": {"de": "Stufe"}}
    assert api.ok("PUT", path, [record]) == [record]
    assert api.ok("GET", path) == [record]
    status, body = api("PUT", path, [record, {**record, "key": "Big Level"}])
    assert (status, list(body["errors"])) == (400, ["1"])
    assert api.error("PUT", path, [record] * 6) == (400, 50035)
    assert api.ok("GET", path) == [record]
    assert api.ok("PUT", path, []) == []


def test_the_role_connection_of_a_user(api):
    path = "/users/@me/applications/{me}/role-connection"
    token = api.bearer(api.names["m1"], "role_connections.write")
    assert api.ok("GET", path, token=token) == {"platform_username": None, "metadata": {}}
    made = {"platform_name": "Game", "platform_username": "hero", "metadata": {"level": "7"}}
    assert api.ok("PUT", path, made, token=token) == made
    assert api.ok("GET", path, token=token) == made
    other = api.bearer(api.names["m2"], "role_connections.write")
    assert api.ok("GET", path, token=other)["metadata"] == {}
    api.ok("DELETE", path, token=token)
    assert api.ok("GET", path, token=token)["metadata"] == {}


def test_role_connections_need_a_token_of_the_application_with_the_scope(api):
    path = "/users/@me/applications/{me}/role-connection"
    assert api.error("GET", path) == (403, 20001)
    assert api.error("GET", path, token=api.bearer(api.names["m1"], "identify")) == (403, 50026)
    other = api.fake.bearer(api.names["m1"], "role_connections.write", application_id=list(api.fake.world.bots)[1])
    assert api.error("GET", path, token=f"Bearer {other}") == (403, 20012)
