"""Invites: making, finding and revoking them, what they give, who may use them."""

import asyncio

import aiohttp
import pytest

from discord_sim.rules.permissions import Permission as P
from discord_sim.world.snowflakes import epoch_ms_of

MAKE = "/channels/{c}/invites"
METADATA = {"uses", "max_uses", "max_age", "temporary", "created_at"}


def names(told):
    return [name for name, _ in told]


def pass_by(api, seconds):
    api.run(lambda: asyncio.sleep(seconds))


def form(*lines, payload=None):
    body = aiohttp.FormData()
    if payload is not None:
        body.add_field("payload_json", payload, content_type="application/json")
    body.add_field("target_users_file", "\n".join(map(str, lines)).encode(), filename="u.csv", content_type="text/csv")
    return body


def test_an_invite_lives_a_day_by_default(api):
    invite, told = api.told("POST", MAKE, {}, reason="party")
    assert (invite["max_age"], invite["max_uses"], invite["temporary"], invite["uses"]) == (86_400, 0, False, 0)
    assert epoch_ms_of(invite["expires_at"]) - epoch_ms_of(invite["created_at"]) == 86_400_000
    assert (invite["guild"]["id"], invite["channel"]["id"]) == (str(api.guild.id), str(api.names["c"]))
    assert invite["inviter"]["id"] == str(api.names["me"])
    assert names(told) == ["INVITE_CREATE", "GUILD_AUDIT_LOG_ENTRY_CREATE"]
    event, entry = told[0][1], told[1][1]
    assert event == {
        "channel_id": str(api.names["c"]), "guild_id": str(api.guild.id), "inviter": invite["inviter"],
        **{k: invite[k] for k in ("code", "expires_at", *METADATA)},
    }  # fmt: skip
    assert (entry["action_type"], entry["target_id"], entry["reason"]) == (40, None, "party")
    assert {c["key"]: c["new_value"] for c in entry["changes"]} == {
        "code": invite["code"], "channel_id": str(api.names["c"]), "inviter_id": str(api.names["me"]),
        "max_age": 86_400, "max_uses": 0, "uses": 0, "temporary": False,
    }  # fmt: skip


def test_a_similar_invite_is_used_again_unless_it_must_be_unique(api):
    first = api.ok("POST", MAKE, {"max_age": 0})
    again, told = api.told("POST", MAKE, {"max_age": 0})
    assert (again, told) == (first, [])
    for other in ({"max_age": 0, "unique": True}, {"max_age": 60}, {"max_age": 0, "role_ids": [api.names["r"]]}):
        assert api.ok("POST", MAKE, other)["code"] != first["code"]
    assert first["expires_at"] is None


@pytest.mark.parametrize("body", [{"max_age": -1}, {"max_uses": 101}, {"target_type": 3}, {"max_age": 5_184_001}])
def test_an_invite_that_cannot_be_read(api, body):
    assert api.error("POST", MAKE, body) == (400, 50035)


def test_only_channels_one_can_be_in_have_invites(api):
    category = api.ok("POST", "/guilds/{g}/channels", {"name": "cat", "type": 4})["id"]
    assert api.error("POST", f"/channels/{category}/invites", {}) == (400, 50024)
    direct = api.ok("POST", "/users/@me/channels", {"recipient_id": api.names["m1"]})["id"]
    assert api.error("POST", f"/channels/{direct}/invites", {}) == (400, 50003)


def test_a_guild_holds_1000_invites_that_live(api):
    made = api.ok("POST", MAKE, {"max_age": 60})
    api.guild.invites.update({str(n): api.guild.invites[made["code"]] for n in range(999)})
    assert api.error("POST", MAKE, {"unique": True}) == (400, 30016)
    pass_by(api, 60)
    api.ok("POST", MAKE, {"unique": True})
    assert len(api.guild.invites) == 1


# -- what an invite gives and opens --------------------------------------------------------------------------


def test_roles_of_an_invite(api):
    invite, told = api.told("POST", MAKE, {"role_ids": [api.names["r"]]})
    assert [r["id"] for r in invite["roles"]] == [str(api.names["r"])]
    assert told[0][1]["role_ids"] == [str(api.names["r"])]
    assert api.ok("POST", MAKE, {"role_ids": f"{api.names['r']}"}) == invite, "a list with commas will do"
    api.ok("DELETE", "/guilds/{g}/roles/{r}")
    assert "roles" not in api.ok("GET", f"/invites/{invite['code']}")


def test_roles_that_cannot_be_given(api):
    managed = api.guild.bots[api.names["me"]]
    for ids, error in (
        ("123", (404, 10011)), ("any,thing", (404, 10011)), ([managed], (403, 50013)), ([api.guild.id], (400, 50028)),
    ):  # fmt: skip
        assert api.error("POST", MAKE, {"role_ids": ids}) == error, ids
    api.strip_permissions(P.CREATE_INSTANT_INVITE | P.VIEW_CHANNEL)
    assert api.error("POST", MAKE, {"role_ids": [api.names["r"]]}) == (403, 50013)
    assert api.guild.invites == {}


def test_an_invite_to_a_stream(api):
    voice = api.ok("POST", "/guilds/{g}/channels", {"name": "v", "type": 2})["id"]
    body, path = {"target_type": 1, "target_user_id": api.names["m1"]}, f"/channels/{voice}/invites"
    state = api.guild.voice_states[api.names["m1"]] = {"channel_id": voice}
    assert api.error("POST", path, body) == (400, 50035), "in the channel, but not streaming"
    state["self_stream"] = True
    invite, told = api.told("POST", path, body)
    assert (invite["target_type"], invite["target_user"]["id"]) == (1, str(api.names["m1"]))
    assert told[0][1]["target_user"] == invite["target_user"]
    assert api.error("POST", path, {"target_type": 1}) == (400, 50035)


def test_an_invite_to_an_activity(api):
    body = {"target_type": 2, "target_application_id": api.names["me"]}
    assert api.error("POST", MAKE, body) == (400, 50035), "the application is not embedded"
    api.fake.world.bins.setdefault("applications", {})[api.names["me"]] = {"flags": 1 << 17}
    invite, told = api.told("POST", MAKE, body)
    assert (invite["target_type"], invite["target_application"]["id"]) == (2, str(api.names["me"]))
    assert told[0][1]["target_type"] == 2
    assert api.error("POST", MAKE, {"target_type": 2}) == (400, 50035)


# -- finding and revoking ------------------------------------------------------------------------------------


def test_anybody_may_look_an_invite_up(api):
    invite = api.ok("POST", MAKE, {})
    found = api.ok("GET", f"/invites/{invite['code']}", token="")
    assert found == {k: v for k, v in invite.items() if k not in METADATA}
    counted = api.ok("GET", f"/invites/{invite['code']}?with_counts=true&guild_scheduled_event_id=1")
    assert counted["approximate_member_count"] == api.guild.member_count
    assert "guild_scheduled_event" not in counted
    assert api.error("GET", "/invites/nothing") == (404, 10006)


def test_an_invite_shows_the_guild_as_it_is_now(api):
    code = api.ok("POST", MAKE, {})["code"]
    api.ok("PATCH", "/guilds/{g}", {"name": "renamed"})
    assert api.ok("GET", f"/invites/{code}")["guild"]["name"] == "renamed"


def test_an_expired_invite_is_gone(api):
    code = api.ok("POST", MAKE, {"max_age": 60})["code"]
    pass_by(api, 60)
    assert api.error("GET", f"/invites/{code}") == (404, 10006)
    assert api.ok("GET", MAKE) == api.ok("GET", "/guilds/{g}/invites") == []
    assert api.ok("POST", MAKE, {"max_age": 60})["code"] != code


def test_revoking(api):
    invite = api.ok("POST", MAKE, {})
    gone, told = api.told("DELETE", f"/invites/{invite['code']}", reason="over")
    assert gone == invite
    assert names(told) == ["INVITE_DELETE", "GUILD_AUDIT_LOG_ENTRY_CREATE"]
    assert told[0][1] == {k: gone[k] for k in ("guild_id", "code")} | {"channel_id": str(api.names["c"])}
    entry = told[1][1]
    assert (entry["action_type"], entry["reason"]) == (42, "over")
    assert {c["key"] for c in entry["changes"]} >= {"code", "channel_id", "inviter_id", "max_age", "uses"}
    assert all("old_value" in c for c in entry["changes"])
    assert api.error("DELETE", f"/invites/{invite['code']}") == (404, 10006)


def test_who_may_do_what(api):
    code = api.ok("POST", MAKE, {})["code"]
    api.strip_permissions(P.VIEW_CHANNEL)
    for method, path in (("POST", MAKE), ("GET", MAKE), ("GET", "/guilds/{g}/invites"), ("DELETE", f"/invites/{code}")):
        assert api.error(method, path, {} if method == "POST" else None) == (403, 50013), path
    api.strip_permissions(P.VIEW_AUDIT_LOG)
    (listed,) = api.ok("GET", "/guilds/{g}/invites")
    assert not METADATA & set(listed), "only who manages the guild sees how it was used"
    api.strip_permissions(P.MANAGE_GUILD)
    assert METADATA <= set(api.ok("GET", "/guilds/{g}/invites")[0])
    api.strip_permissions(P.MANAGE_CHANNELS | P.VIEW_CHANNEL)
    assert [i["code"] for i in api.ok("GET", MAKE)] == [code]
    api.ok("DELETE", f"/invites/{code}")


def test_who_manages_the_guild_revokes_any_invite(api):
    code = api.ok("POST", MAKE, {})["code"]
    api.strip_permissions(P.MANAGE_GUILD)
    assert api.ok("DELETE", f"/invites/{code}")["code"] == code


def test_only_who_manages_channels_hears_of_invites(api):
    api.strip_permissions(P.CREATE_INSTANT_INVITE | P.VIEW_CHANNEL)
    assert api.told("POST", MAKE, {})[1] == []


# -- target users --------------------------------------------------------------------------------------------


def test_target_users_are_uploaded_read_and_replaced(api):
    code = api.ok("POST", MAKE, {})["code"]
    path = f"/invites/{code}/target-users"
    assert api.error("GET", path) == (404, 10129)
    assert api.error("GET", f"{path}/job-status") == (404, 10124)
    assert api("PUT", path, form=form("user_id", 1, 2, 1))[0] == 204
    assert api.ok("GET", path) == b"user_id\n1\n2\n"
    job = api.ok("GET", f"{path}/job-status")
    assert (job["status"], job["total_users"], job["processed_users"], job["error_message"]) == (2, 2, 2, None)
    assert api("PUT", path, form=form(3))[0] == 204
    assert api.ok("GET", path) == b"user_id\n3\n"


def test_target_users_come_with_the_invite(api):
    invite = api.ok("POST", MAKE, form=form("user_id", 7, payload='{"max_uses": 1}'))
    assert invite["max_uses"] == 1
    assert api.ok("GET", f"/invites/{invite['code']}/target-users") == b"user_id\n7\n"
    assert not {"target_users", "job"} & set(invite)


def test_a_file_with_wrong_lines_names_them(api):
    code = api.ok("POST", MAKE, {})["code"]
    path = f"/invites/{code}/target-users"
    status, body = api("PUT", path, form=form("user_id", 1, "bob", 2, "9" * 21))
    assert (status, body["code"]) == (400, 50035)
    wrong = body["errors"]["target_users_file"]["_errors"]
    assert [w["message"] for w in wrong] == ["Line 3: invalid user ID format", "Line 5: invalid user ID format"]
    assert api("PUT", path, form=form("user_id"))[0] == 400
    assert api.error("GET", path) == (404, 10129)


def test_who_may_see_and_set_target_users(api):
    code = api.ok("POST", MAKE, form=form(7))["code"]
    path = f"/invites/{code}/target-users"
    api.guild.invites[code]["inviter"] = api.ok("GET", "/users/{m1}")
    api.strip_permissions(P.VIEW_CHANNEL)
    assert api.error("GET", path) == (403, 50013)
    api.strip_permissions(P.VIEW_AUDIT_LOG)
    assert api.ok("GET", path) == b"user_id\n7\n"
    assert api("PUT", path, form=form(8))[0] == 403
    api.strip_permissions(P.MANAGE_GUILD)
    assert api("PUT", path, form=form(8))[0] == 204
