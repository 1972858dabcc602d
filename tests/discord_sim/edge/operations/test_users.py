"""Users, direct channels, and what a token may."""

import base64


def test_the_bot_reads_and_renames_itself(api):
    body, told = api.told("PATCH", "/users/@me", {"username": "renamed"})
    assert body["username"] == "renamed"
    assert told[0] == ("USER_UPDATE", body)
    assert api.ok("GET", "/users/@me") == body


def test_the_third_rename_in_an_hour_is_a_form_error_not_a_429(api):
    for name in ("one", "two"):
        api.ok("PATCH", "/users/@me", {"username": name})
    status, body = api("PATCH", "/users/@me", {"username": "three"})
    assert (status, body["code"]) == (400, 50035)
    assert body["errors"]["username"]["_errors"][0]["code"] == "USERNAME_RATE_LIMIT"


def test_an_avatar_can_be_read_from_the_cdn(api):
    pixel = base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"\0" * 30).decode()
    body = api.ok("PATCH", "/users/@me", {"avatar": f"data:image/png;base64,{pixel}"})
    assert len(body["avatar"]) == 32
    assert api.fake.rest.media.find(f"/avatars/{body['id']}/{body['avatar']}.png") is not None
    _, body = api("PATCH", "/users/@me", {"avatar": "data:image/png;base64,bm9uc2Vuc2U="})
    assert body["errors"]["avatar"]["_errors"][0]["code"] == "IMAGE_INVALID"


def test_a_dm_is_opened_once(api):
    first = api.ok("POST", "/users/@me/channels", {"recipient_id": str(api.names["m1"])})
    assert first == api.ok("POST", "/users/@me/channels", {"recipient_id": api.names["m1"]})  # a number is fine
    assert first["type"] == 1


def test_a_dm_needs_somebody(api):
    assert api.error("POST", "/users/@me/channels", {"recipient_id": "123456789012345678"}) == (400, 50033)
    _, body = api("POST", "/users/@me/channels", {"recipient_id": "nobody"})
    assert body["errors"]["recipient_id"]["_errors"][0]["code"] == "NUMBER_TYPE_COERCE"


def test_my_guilds_page_both_ways(api):
    both = api.ok("GET", "/users/@me/guilds?with_counts=true")
    assert [g["id"] for g in both] == [str(api.names["g"]), str(api.names["g1"])]
    assert api.ok("GET", "/users/@me/guilds?limit=1")[0]["id"] == both[0]["id"]
    assert api.ok("GET", "/users/@me/guilds?limit=1&before=9999999999999999999")[0]["id"] == both[1]["id"]
    assert api.error("GET", "/users/@me/guilds?limit=201") == (400, 50035)


def test_leaving_a_guild(api):
    _, told = api.told("DELETE", "/users/@me/guilds/{g1}")
    assert told[0] == ("GUILD_DELETE", {"id": str(api.names["g1"])})
    assert len(api.ok("GET", "/users/@me/guilds")) == 1
    assert api.error("GET", "/guilds/{g1}") == (404, 10004)


def test_a_bearer_token_is_its_user_and_needs_the_scope(api):
    user = api.names["m1"]
    assert api.ok("GET", "/users/@me", token=api.bearer(user, "identify"))["id"] == str(user)
    assert api.error("GET", "/users/@me", token=api.bearer(user)) == (403, 50026)
    assert api.error("GET", "/users/@me", token="Bearer wrong") == (401, 50025)
    assert api.error("GET", "/guilds/{g}", token=api.bearer(user, "identify")) == (403, 20002)


def test_my_member_is_for_users_only(api):
    path = "/users/@me/guilds/{g}/member"
    assert api.error("GET", path) == (403, 20001)
    member = api.ok("GET", path, token=api.bearer(api.names["m1"], "guilds.members.read"))
    assert member["user"]["id"] == str(api.names["m1"])


def test_oauth2(api):
    assert api.ok("GET", "/oauth2/@me")["application"]["id"] == str(api.names["me"])
    assert api.ok("GET", "/oauth2/keys", token="") == {"keys": []}
    token = api.bearer(api.names["m1"], "openid")
    assert api.ok("GET", "/oauth2/userinfo", token=token)["sub"] == str(api.names["m1"])


def test_connections(api):
    assert api.ok("GET", "/users/@me/connections") == []
