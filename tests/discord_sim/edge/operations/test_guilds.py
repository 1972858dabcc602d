"""Guilds, their channels and roles."""

import pytest

from discord_sim.rules.permissions import Permission as P


def names(told):
    return [name for name, _ in told]


def test_a_guild_and_its_counts(api):
    guild = api.ok("GET", "/guilds/{g}?with_counts=true")
    assert guild["approximate_member_count"] == api.guild.member_count
    assert guild["roles"][0]["name"] == "@everyone"
    assert api.error("GET", "/guilds/123456789012345678") == (404, 10004)
    assert api.error("GET", "/guilds/nonsense") == (400, 50035)


def test_changing_a_guild(api):
    body, told = api.told("PATCH", "/guilds/{g}", {"name": "renamed", "afk_timeout": 60}, reason="new%20look")
    assert (body["name"], body["afk_timeout"]) == ("renamed", 60)
    assert names(told) == ["GUILD_UPDATE", "GUILD_AUDIT_LOG_ENTRY_CREATE"]
    assert {c["key"] for c in told[1][1]["changes"]} == {"name", "afk_timeout"}
    assert api.told("PATCH", "/guilds/{g}", {"name": "renamed"})[1] == [], "no change, no event"


@pytest.mark.parametrize(("body", "field", "code"), [
    ({"name": "x"}, "name", "BASE_TYPE_BAD_LENGTH"), ({"afk_timeout": 61}, "afk_timeout", "BASE_TYPE_CHOICES"),
    ({"verification_level": 9}, "verification_level", "BASE_TYPE_CHOICES"), ({"icon": "png"}, "icon", "IMAGE_INVALID"),
    ({"name": 5}, "name", "BASE_TYPE_BAD_LENGTH"), ({"name": ["x"]}, "name", "STRING_TYPE_CONVERT"),
])  # fmt: skip
def test_a_guild_form_error_names_the_field(api, body, field, code):
    status, answer = api("PATCH", "/guilds/{g}", body)
    assert (status, answer["code"], answer["message"]) == (400, 50035, "Invalid Form Body")
    assert answer["errors"][field]["_errors"][0]["code"] == code


def test_only_administrators_make_a_community(api):
    api.ok("PATCH", "/guilds/{g}", {"features": ["COMMUNITY", "PARTNERED"]})
    assert api.guild.doc["features"] == ["COMMUNITY"], "what Discord gives cannot be set"
    api.strip_permissions(P.MANAGE_GUILD)
    assert api.error("PATCH", "/guilds/{g}", {"features": []}) == (403, 50013)


@pytest.mark.parametrize("kind", [0, 2, 4, 13, 15])
def test_a_channel_of_each_type_is_created_read_and_deleted(api, kind):
    channel, told = api.told("POST", "/guilds/{g}/channels", {"name": "A Name", "type": kind})
    assert channel["type"] == kind
    assert channel["name"] == ("a-name" if kind in (0, 15) else "A Name")
    assert names(told) == ["CHANNEL_CREATE", "GUILD_AUDIT_LOG_ENTRY_CREATE"]
    assert told[0][1] == channel
    assert api.ok("GET", f"/channels/{channel['id']}") == channel
    gone, told = api.told("DELETE", f"/channels/{channel['id']}")
    assert (gone["id"], names(told)) == (channel["id"], ["CHANNEL_DELETE", "GUILD_AUDIT_LOG_ENTRY_CREATE"])
    assert api.error("GET", f"/channels/{channel['id']}") == (404, 10003)


def test_channels_of_a_guild_move_and_lose_their_category(api):
    category = api.ok("POST", "/guilds/{g}/channels", {"name": "cat", "type": 4})
    moves = [{"id": api.names["c"], "position": 7, "parent_id": category["id"]}]
    _, told = api.told("PATCH", "/guilds/{g}/channels", moves)
    assert [(n, b["parent_id"], b["position"]) for n, b in told] == [("CHANNEL_UPDATE", category["id"], 7)]
    _, told = api.told("DELETE", f"/channels/{category['id']}")
    assert names(told) == ["CHANNEL_DELETE", "GUILD_AUDIT_LOG_ENTRY_CREATE", "CHANNEL_UPDATE"]
    assert told[2][1]["parent_id"] is None
    listed = api.ok("GET", "/guilds/{g}/channels")
    assert [c["parent_id"] for c in listed if c["id"] == str(api.names["c"])] == [None]
    assert api.error("PATCH", "/guilds/{g}/channels", [{"id": "1", "position": 1}]) == (404, 10003)


def test_a_parent_must_be_a_category(api):
    status, body = api("POST", "/guilds/{g}/channels", {"name": "x", "parent_id": api.names["c"]})
    assert (status, list(body["errors"])) == (400, ["parent_id"])


def test_a_guild_has_room_for_500_channels(api):
    for n in range(500 - len(api.guild.channels)):
        api.guild.channels[n] = {"id": str(n), "type": 0, "permission_overwrites": []}
    assert api.error("POST", "/guilds/{g}/channels", {"name": "one more"}) == (400, 30013)


def test_changing_a_channel(api):
    body, told = api.told("PATCH", "/channels/{c}", {"topic": "cats", "nsfw": True, "rate_limit_per_user": 5})
    assert (body["topic"], body["nsfw"], body["rate_limit_per_user"]) == ("cats", True, 5)
    assert names(told) == ["CHANNEL_UPDATE", "GUILD_AUDIT_LOG_ENTRY_CREATE"]
    assert api.error("PATCH", "/channels/{c}", {"rate_limit_per_user": 21601}) == (400, 50035)
    assert api.ok("PATCH", "/channels/{c}", {"topic": None})["topic"] is None


def test_overwrites_hide_a_channel_from_the_bot(api):
    path = "/channels/{c}/permissions/{me}"
    api.strip_permissions(P.MANAGE_ROLES | P.VIEW_CHANNEL | P.SEND_MESSAGES)
    _, told = api.told("PUT", "/channels/{c}/permissions/{g}", {"type": 0, "deny": str(int(P.SEND_MESSAGES))})
    assert names(told)[0] == "CHANNEL_UPDATE"
    assert api.error("POST", "/channels/{c}/messages", {"content": "x"}) == (403, 50013)
    api.ok("PUT", path, {"type": 1, "allow": str(int(P.SEND_MESSAGES))})
    api.ok("POST", "/channels/{c}/messages", {"content": "the member overwrite wins"})
    api.ok("PUT", path, {"type": 1, "deny": str(int(P.VIEW_CHANNEL))})
    assert api.error("GET", "/channels/{c}") == (403, 50001)
    del api.seen[:]
    api.fake.emit(_say(api))
    api.ok("GET", "/users/@me")
    assert api.seen == [], "who cannot view the channel is not told"


def _say(api):
    from discord_sim.world import changes

    return changes.say(api.fake.world, api.names["c"], api.names["m1"], "psst", api.fake.clock.epoch_ms)[1]


def test_nobody_grants_what_they_do_not_have(api):
    api.strip_permissions(P.MANAGE_ROLES | P.VIEW_CHANNEL)
    ban = str(int(P.BAN_MEMBERS))
    assert api.error("PUT", "/channels/{c}/permissions/{g}", {"type": 0, "allow": ban}) == (403, 50013)
    assert api.error("POST", "/guilds/{g}/roles", {"permissions": ban}) == (403, 50013)


def test_an_overwrite_can_be_deleted_once(api):
    api.ok("PUT", "/channels/{c}/permissions/{r}", {"type": 0, "allow": "1024"})
    _, told = api.told("DELETE", "/channels/{c}/permissions/{r}")
    assert [b["action_type"] for n, b in told if "AUDIT" in n] == [15]
    assert api.error("DELETE", "/channels/{c}/permissions/{r}") == (404, 10009)


def test_a_role_from_birth_to_death(api):
    role, told = api.told("POST", "/guilds/{g}/roles", {"name": "new", "color": 255, "permissions": "8"})
    assert (role["color"], role["colors"]["primary_color"], role["permissions"]) == (255, 255, "8")
    assert names(told) == ["GUILD_ROLE_CREATE", "GUILD_AUDIT_LOG_ENTRY_CREATE"]
    path = f"/guilds/{{g}}/roles/{role['id']}"
    assert api.ok("GET", path) == role
    changed, told = api.told("PATCH", path, {"hoist": True})
    assert (changed["hoist"], names(told)[0]) == (True, "GUILD_ROLE_UPDATE")
    api.ok("PUT", f"/guilds/{{g}}/members/{{m1}}/roles/{role['id']}")
    assert api.ok("GET", "/guilds/{g}/roles/member-counts")[role["id"]] == 1
    _, told = api.told("DELETE", path)
    assert set(names(told)) == {"GUILD_MEMBER_UPDATE", "GUILD_ROLE_DELETE", "GUILD_AUDIT_LOG_ENTRY_CREATE"}
    assert api.error("GET", path) == (404, 10011)


def test_managed_roles_stay(api):
    managed = api.guild.bots[api.names["me"]]
    assert api.error("DELETE", f"/guilds/{{g}}/roles/{managed}") in ((403, 50013), (400, 50028))
    assert api.error("DELETE", "/guilds/{g}/roles/{g}") == (400, 50028)


def test_moving_roles_tells_each_that_moved(api):
    _, told = api.told("PATCH", "/guilds/{g}/roles", [{"id": api.names["r"], "position": 2}])
    assert [(n, b["role"]["position"]) for n, b in told] == [("GUILD_ROLE_UPDATE", 2)]
    top = api.guild.top_position(api.names["me"])
    assert api.error("PATCH", "/guilds/{g}/roles", [{"id": api.names["r"], "position": top}]) == (403, 50013)


def test_roles_are_listed_and_limited(api):
    assert len(api.ok("GET", "/guilds/{g}/roles")) == len(api.guild.roles)
    for n in range(251 - len(api.guild.roles)):
        api.guild.roles[n] = dict(api.guild.roles[api.names["r"]], id=str(n))
    assert api.error("POST", "/guilds/{g}/roles", {}) == (400, 30005)
