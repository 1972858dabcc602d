"""Roles beyond their life and death: looks, permissions, hierarchy, order, who has them."""

import base64

import pytest

from discord_sim.rules.permissions import ALL
from discord_sim.rules.permissions import Permission as P
from discord_sim.world import changes

ROLES = "/guilds/{g}/roles"
PIXEL = "data:image/png;base64," + base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"\0" * 30).decode()


def names(told):
    return [name for name, _ in told]


def entry(told):
    """The audit entry among what was told."""
    (found,) = [body for name, body in told if name == "GUILD_AUDIT_LOG_ENTRY_CREATE"]
    return found


def test_a_new_role_has_the_permissions_of_everyone_and_a_name(api):
    role, told = api.told("POST", ROLES, {}, reason="why%20not")
    assert (role["name"], role["permissions"]) == ("new role", api.guild.roles[api.guild.id]["permissions"])
    assert (role["managed"], role["position"]) == (False, 1)
    assert told[0] == ("GUILD_ROLE_CREATE", {"guild_id": str(api.guild.id), "role": role})
    assert api.ok("GET", f"{ROLES}/{role['id']}") == role
    found = entry(told)
    assert (found["action_type"], found["target_id"], found["reason"]) == (30, role["id"], "why not")
    assert {"key": "name", "new_value": "new role"} in found["changes"]


def test_a_change_tells_what_was_and_is(api):
    role, told = api.told("PATCH", f"{ROLES}/{{r}}", {"name": "renamed", "mentionable": True, "hoist": None})
    assert (role["name"], role["mentionable"], role["hoist"]) == ("renamed", True, False)
    assert told[0] == ("GUILD_ROLE_UPDATE", {"guild_id": str(api.guild.id), "role": role})
    assert entry(told)["action_type"] == 31
    assert {c["key"]: c["new_value"] for c in entry(told)["changes"]} == {"name": "renamed", "mentionable": True}
    assert api.told("PATCH", f"{ROLES}/{{r}}", {"name": "renamed"})[1] == [], "no change, no event"
    assert api.error("PATCH", f"{ROLES}/1", {"name": "x"}) == (404, 10011)


# -- looks ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("given", "colors"), [
    ({"color": 255}, (255, None, None)), ({"colors": {"primary_color": 255}}, (255, None, None)),
    ({"colors": {}}, (0, None, None)),
    ({"colors": {"primary_color": 255, "secondary_color": 9}}, (255, 9, None)),
    ({"colors": {"primary_color": 1, "secondary_color": 2, "tertiary_color": 3}}, (11127295, 16759788, 16761760)),
])  # fmt: skip
def test_colors(api, given, colors):
    api.guild.doc["features"] = ["ENHANCED_ROLE_COLORS"]
    role = api.ok("POST", ROLES, given)
    assert tuple(role["colors"].values()) == colors
    assert role["color"] == colors[0]


def test_gradients_and_icons_need_boosts(api):
    for body in (
        {"colors": {"primary_color": 1, "secondary_color": 2}}, {"colors": {"primary_color": 1, "tertiary_color": 2}},
        {"icon": PIXEL}, {"unicode_emoji": "🔥"},
    ):  # fmt: skip
        assert api.error("PATCH", f"{ROLES}/{{r}}", body) == (400, 50101)
    assert api.told("PATCH", f"{ROLES}/{{r}}", {"icon": None})[1] == [], "there was none anyway"


def test_an_icon_can_be_read_from_the_cdn_and_gives_way_to_an_emoji(api):
    api.guild.doc["features"] = ["ROLE_ICONS"]
    role = api.ok("POST", ROLES, {"icon": PIXEL})
    assert api.fake.rest.media.find(f"/role-icons/{role['id']}/{role['icon']}.png") is not None
    role = api.ok("PATCH", f"{ROLES}/{role['id']}", {"unicode_emoji": "🔥"})
    assert (role["icon"], role["unicode_emoji"]) == (None, "🔥")
    role = api.ok("PATCH", f"{ROLES}/{role['id']}", {"icon": PIXEL})
    assert (role["icon"] is not None, role["unicode_emoji"]) == (True, None)


# -- permissions and hierarchy -------------------------------------------------------------------------------


def test_unknown_permission_bits_are_dropped(api):
    assert api.ok("POST", ROLES, {"permissions": str((1 << 62) - 1)})["permissions"] == str(ALL)


def test_only_what_is_newly_given_must_be_had(api):
    role = api.ok("POST", ROLES, {"permissions": str(int(P.BAN_MEMBERS))})
    api.strip_permissions(P.MANAGE_ROLES | P.KICK_MEMBERS)
    path = f"{ROLES}/{role['id']}"
    both = str(int(P.BAN_MEMBERS | P.KICK_MEMBERS))
    assert api.ok("PATCH", path, {"permissions": both})["permissions"] == both
    assert api.error("PATCH", path, {"permissions": str(int(P.ADMINISTRATOR))}) == (403, 50013)
    assert api.ok("PATCH", path, {"permissions": "0"})["permissions"] == "0"


@pytest.mark.parametrize(("method", "path", "body"), [
    ("POST", ROLES, {}), ("PATCH", f"{ROLES}/{{r}}", {"name": "x"}), ("DELETE", f"{ROLES}/{{r}}", None),
    ("PATCH", ROLES, []), ("PUT", "/guilds/{g}/members/{m1}/roles/{r}", None),
    ("DELETE", "/guilds/{g}/members/{m1}/roles/{r}", None),
])  # fmt: skip
def test_every_change_needs_the_permission_to_manage_roles(api, method, path, body):
    api.strip_permissions(P.VIEW_CHANNEL)
    assert api.error(method, path, body) == (403, 50013)


def test_nobody_touches_a_role_that_is_not_below_their_own(api):
    position = api.guild.top_position(api.names["me"])
    api.guild.roles[api.names["r"]]["position"] = position
    for method, path, body in (
        ("PATCH", f"{ROLES}/{{r}}", {"name": "x"}), ("DELETE", f"{ROLES}/{{r}}", None),
        ("PATCH", ROLES, [{"id": api.names["r"], "position": 1}]),
        ("PUT", "/guilds/{g}/members/{m1}/roles/{r}", None),
    ):  # fmt: skip
        assert api.error(method, path, body) == (403, 50013), path
    assert api.guild.roles[api.names["r"]]["position"] == position


def test_everyone_stays_at_the_bottom(api):
    assert api.error("PATCH", ROLES, [{"id": api.names["g"], "position": 1}]) == (400, 50028)
    assert api.ok("PATCH", f"{ROLES}/{{g}}", {"permissions": "0"})["permissions"] == "0"


def test_a_move_is_all_or_nothing(api):
    before = {r: doc["position"] for r, doc in api.guild.roles.items()}
    moves = [{"id": api.names["r"], "position": 2}, {"id": "1", "position": 1}]
    assert api.error("PATCH", ROLES, moves) == (404, 10011)
    assert {r: doc["position"] for r, doc in api.guild.roles.items()} == before
    listed = api.ok("PATCH", ROLES, moves[:1])
    assert [r["position"] for r in listed] == sorted(r["position"] for r in listed)
    assert api.told("PATCH", ROLES, moves[:1])[1] == [], "it is there already"


# -- who has them --------------------------------------------------------------------------------------------


def test_a_member_gets_a_role_and_loses_it(api):
    path = "/guilds/{g}/members/{m1}/roles/{r}"
    partial = [{"id": str(api.names["r"]), "name": api.guild.roles[api.names["r"]]["name"]}]
    _, told = api.told("PUT", path, reason="earned")
    assert (told[0][0], told[0][1]["roles"]) == ("GUILD_MEMBER_UPDATE", [str(api.names["r"])])
    found = entry(told)
    assert (found["action_type"], found["target_id"], found["reason"]) == (25, str(api.names["m1"]), "earned")
    assert found["changes"] == [{"key": "$add", "new_value": partial}]
    assert api.ok("GET", f"{ROLES}/member-counts")[str(api.names["r"])] == 1
    _, told = api.told("DELETE", path)
    assert (told[0][1]["roles"], entry(told)["changes"]) == ([], [{"key": "$remove", "new_value": partial}])
    assert api.told("DELETE", path)[1] == [], "what is not there changes nothing"


def test_roles_nobody_can_be_given(api):
    managed = api.guild.bots[api.names["me"]]
    api.guild.roles[managed]["position"] -= 1
    for role, error in ((managed, (403, 50013)), (api.names["g"], (403, 50013)), (1, (404, 10011))):
        assert api.error("PUT", f"/guilds/{{g}}/members/{{m1}}/roles/{role}") == error
    assert api.error("PUT", "/guilds/{g}/members/123456789012345678/roles/{r}") == (404, 10013)


def test_counts_leave_out_everyone(api):
    counts = api.ok("GET", f"{ROLES}/member-counts")
    assert set(counts) == {str(r) for r in api.guild.roles} - {str(api.guild.id)}
    assert counts[str(api.guild.bots[api.names["me"]])] == 1


def test_a_deleted_role_leaves_its_members(api):
    changes.change_member(api.fake.world, api.guild, api.names["m1"], roles=[str(api.names["r"])])
    _, told = api.told("DELETE", f"{ROLES}/{{r}}", reason="spring%20cleaning")
    assert names(told) == ["GUILD_MEMBER_UPDATE", "GUILD_ROLE_DELETE", "GUILD_AUDIT_LOG_ENTRY_CREATE"]
    assert told[0][1]["roles"] == []
    assert set(told[1][1]) == {"guild_id", "role_id"}
    assert (entry(told)["action_type"], entry(told)["changes"][0]["key"]) == (32, "name")
    assert len(api.ok("GET", ROLES)) == len(api.guild.roles)
    assert api.error("GET", f"{ROLES}/{told[1][1]['role_id']}") == (404, 10011)
