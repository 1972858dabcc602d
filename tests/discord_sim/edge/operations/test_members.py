"""Members and the ways out: kick, ban, bulk ban, prune."""

from itertools import islice

import pytest

from discord_sim import Law
from discord_sim.edge.operations import members as operations
from discord_sim.rules.permissions import Permission as P
from discord_sim.world import changes
from discord_sim.world.snowflakes import iso


def names(told):
    return [name for name, _ in told]


def test_members_page_by_id(api):
    first = api.ok("GET", "/guilds/{g}/members?limit=3")
    ids = [int(m["user"]["id"]) for m in first]
    assert ids == sorted(ids)
    rest = api.ok("GET", f"/guilds/{{g}}/members?limit=1000&after={ids[-1]}")
    assert len(rest) + 3 == api.guild.member_count
    assert len(api.ok("GET", "/guilds/{g}/members")) == 1, "the default is one"


def test_members_are_found_by_the_beginning_of_their_name(api):
    name = api.ok("GET", "/guilds/{g}/members/{m1}")["user"]["username"]
    found = api.ok("GET", f"/guilds/{{g}}/members/search?query={name[:-1]}&limit=5")
    assert str(api.names["m1"]) in [m["user"]["id"] for m in found]
    assert api.error("GET", "/guilds/{g}/members/search") == (400, 50035)


def test_unknown_members_and_users_differ(api):
    other = next(iter(api.fake.world.member_ids(api.fake.world.guild_at(1))))
    assert api.error("GET", f"/guilds/{{g}}/members/{other}") == (404, 10007)
    assert api.error("GET", "/guilds/{g}/members/123456789012345678") == (404, 10013)


def test_a_nickname(api):
    body, told = api.told("PATCH", "/guilds/{g}/members/{m1}", {"nick": "Nick"}, reason="friendly%20name")
    assert body["nick"] == "Nick"
    assert names(told) == ["GUILD_MEMBER_UPDATE", "GUILD_AUDIT_LOG_ENTRY_CREATE"]
    entry = told[1][1]
    assert (entry["action_type"], entry["reason"]) == (24, "friendly name")
    assert entry["changes"] == [{"key": "nick", "new_value": "Nick"}]


def test_the_own_nickname(api):
    assert api.ok("PATCH", "/guilds/{g}/members/@me", {"nick": "me"})["nick"] == "me"
    assert api.ok("PATCH", "/guilds/{g}/members/@me/nick", {"nick": ""}) == {"nick": None}
    api.strip_permissions(0)
    assert api.error("PATCH", "/guilds/{g}/members/@me", {"nick": "me"}) == (403, 50013)


def test_roles_of_a_member(api):
    _, told = api.told("PUT", "/guilds/{g}/members/{m1}/roles/{r}")
    assert names(told) == ["GUILD_MEMBER_UPDATE", "GUILD_AUDIT_LOG_ENTRY_CREATE"]
    assert told[1][1]["changes"][0]["key"] == "$add"
    _, told = api.told("PUT", "/guilds/{g}/members/{m1}/roles/{r}")
    assert told == [], "what is there already changes nothing"
    _, told = api.told("PATCH", "/guilds/{g}/members/{m1}", {"roles": []})
    assert told[1][1]["changes"][0]["key"] == "$remove"
    api.ok("DELETE", "/guilds/{g}/members/{m1}/roles/{r}")


def test_a_timeout_ends_within_28_days_and_spares_administrators(api):
    until = "2026-12-01T00:00:00Z"
    api.sim.run(_at(api, until))
    now_ms = api.fake.clock.epoch_ms
    body = api.ok("PATCH", "/guilds/{g}/members/{m1}", {"communication_disabled_until": iso(now_ms + 60_000)})
    assert body["communication_disabled_until"] == iso(now_ms + 60_000)
    late = {"communication_disabled_until": iso(now_ms + 29 * 86_400_000)}
    assert api.error("PATCH", "/guilds/{g}/members/{m1}", late) == (400, 50035)
    mine = {"communication_disabled_until": iso(now_ms + 60_000)}
    assert api.error("PATCH", "/guilds/{g}/members/{owner}", mine) == (403, 50013)


async def _at(api, until):
    return until


def test_a_timed_out_member_may_not_write(api):
    until = iso(api.fake.clock.epoch_ms + 60_000)
    api.ok("PATCH", "/guilds/{g}/members/{m1}", {"communication_disabled_until": until})
    channel = api.guild.channels[api.names["c"]]
    assert not api.guild.permissions_in(channel, api.names["m1"], timed_out=True) & P.SEND_MESSAGES


def test_moving_needs_somebody_in_voice(api):
    assert api.error("PATCH", "/guilds/{g}/members/{m1}", {"channel_id": None}) == (400, 40032)


def test_a_kick(api):
    _, told = api.told("DELETE", "/guilds/{g}/members/{m1}", reason="bye")
    assert names(told) == ["GUILD_MEMBER_REMOVE", "GUILD_AUDIT_LOG_ENTRY_CREATE"]
    assert told[1][1]["action_type"] == 20
    gone = told[0][1]["user"]["id"]
    assert api.error("DELETE", f"/guilds/{{g}}/members/{gone}") == (404, 10007)


def test_joining_by_a_token_of_the_user(api):
    other = next(iter(api.fake.world.member_ids(api.fake.world.guild_at(1))))
    token = api.fake.bearer(other, "guilds.join")
    body, told = api.told("PUT", f"/guilds/{{g}}/members/{other}", {"access_token": token, "nick": "new here"})
    assert body["nick"] == "new here"
    assert names(told) == ["GUILD_MEMBER_ADD"]
    status, _ = api("PUT", f"/guilds/{{g}}/members/{other}", {"access_token": token})
    assert status == 204, "already in"


# -- acceptance row 20 ---------------------------------------------------------------------------------------


def test_row_20_a_ban_emits_ban_remove_and_audit(api):
    victim = api.names["m1"]
    _, told = api.told("PUT", "/guilds/{g}/bans/{m1}", {"delete_message_seconds": 60}, reason="raid")
    assert names(told) == ["GUILD_BAN_ADD", "GUILD_MEMBER_REMOVE", "GUILD_AUDIT_LOG_ENTRY_CREATE"]
    ban, removed, entry = (body for _, body in told)
    assert ban["delete_message_secs"] == 60
    assert ban["user"] == removed["user"]
    assert (entry["action_type"], entry["target_id"], entry["reason"]) == (22, str(victim), "raid")
    assert not {"changes", "options"} & set(entry)
    assert api.ok("GET", f"/guilds/{{g}}/bans/{victim}") == {"reason": "raid", "user": ban["user"]}
    assert api.told("PUT", f"/guilds/{{g}}/bans/{victim}", {}, reason="again")[1] == [], "a second ban is silent"
    assert api.ok("GET", f"/guilds/{{g}}/bans/{victim}")["reason"] == "raid"


def test_a_ban_of_a_stranger_removes_nobody(api):
    other = next(iter(api.fake.world.member_ids(api.fake.world.guild_at(1))))
    _, told = api.told("PUT", f"/guilds/{{g}}/bans/{other}")
    assert names(told) == ["GUILD_BAN_ADD", "GUILD_AUDIT_LOG_ENTRY_CREATE"]
    assert "reason" not in told[1][1]


def test_a_ban_deletes_messages(api):
    victim, channel = api.names["m1"], api.names["c"]
    ids = []
    for text in ("one", "two"):
        message, _ = changes.say(api.fake.world, channel, victim, text, api.fake.clock.epoch_ms)
        ids.append(str(message.id))
    _, told = api.told("PUT", "/guilds/{g}/bans/{m1}", {"delete_message_seconds": 604_800})
    assert names(told)[-1] == "MESSAGE_DELETE_BULK"
    assert sorted(told[-1][1]["ids"]) == ids


def test_an_unban(api):
    victim = api.names["m1"]
    api.ok("PUT", "/guilds/{g}/bans/{m1}")
    _, told = api.told("DELETE", f"/guilds/{{g}}/bans/{victim}")
    assert names(told) == ["GUILD_BAN_REMOVE", "GUILD_AUDIT_LOG_ENTRY_CREATE"]
    assert api.error("DELETE", f"/guilds/{{g}}/bans/{victim}") == (404, 10026)
    assert api.error("GET", f"/guilds/{{g}}/bans/{victim}") == (404, 10026)


def test_bans_page_both_ways(api):
    people = [u for u in api.fake.world.member_ids(api.guild) if u != api.guild.owner_id][:5]
    for user in people:
        api.ok("PUT", f"/guilds/{{g}}/bans/{user}")
    ids = sorted(map(str, people))
    assert [b["user"]["id"] for b in api.ok("GET", "/guilds/{g}/bans")] == ids
    assert [b["user"]["id"] for b in api.ok("GET", f"/guilds/{{g}}/bans?limit=2&after={ids[1]}")] == ids[2:4]
    assert [b["user"]["id"] for b in api.ok("GET", f"/guilds/{{g}}/bans?limit=2&before={ids[4]}")] == ids[2:4]
    assert api.error("GET", "/guilds/{g}/bans?limit=0") == (400, 50035)


# -- acceptance row 21 ---------------------------------------------------------------------------------------


def test_row_21_bulk_ban_lists_who_failed(api):
    people = [u for u in api.fake.world.member_ids(api.guild) if u != api.guild.owner_id][:3]
    api.ok("PUT", f"/guilds/{{g}}/bans/{people[0]}")
    nobody = 123456789012345678
    wanted = [str(u) for u in (*people, api.guild.owner_id, nobody, api.names["me"])]
    body, told = api.told("POST", "/guilds/{g}/bulk-ban", {"user_ids": wanted}, reason="raid")
    assert body["banned_users"] == [str(u) for u in people[1:]]
    assert body["failed_users"] == [str(people[0]), str(api.guild.owner_id), str(nobody)]
    assert names(told).count("GUILD_BAN_ADD") == 2
    assert {b["reason"] for n, b in told if n == "GUILD_AUDIT_LOG_ENTRY_CREATE"} == {"raid"}


def test_row_21_when_nobody_was_banned_it_is_an_error(api):
    assert api.error("POST", "/guilds/{g}/bulk-ban", {"user_ids": ["123456789012345678"]}) == (400, 500000)
    assert api.ok("POST", "/guilds/{g}/bulk-ban", {"user_ids": [api.names["me"]]}) == {
        "banned_users": [], "failed_users": [],
    }  # fmt: skip


@pytest.mark.parametrize("ids", [[1, 1], list(range(201)), [], "no list"])
def test_a_bulk_ban_that_cannot_be_read(api, ids):
    assert api.error("POST", "/guilds/{g}/bulk-ban", {"user_ids": ids}) == (400, 50035)


# -- acceptance row 22 ---------------------------------------------------------------------------------------


def test_row_22_a_prune_emits_no_ban_and_one_audit_entry(api):
    count = api.ok("GET", "/guilds/{g}/prune?days=30")["pruned"]
    assert count > 0
    body, told = api.told("POST", "/guilds/{g}/prune", {"days": 30})
    assert body == {"pruned": count}
    assert names(told) == ["GUILD_MEMBER_REMOVE"] * count + ["GUILD_AUDIT_LOG_ENTRY_CREATE"]
    entry = told[-1][1]
    assert entry["action_type"] == 21
    assert entry["options"] == {"delete_member_days": "30", "members_removed": str(count)}
    assert entry["target_id"] is None
    assert api.ok("GET", "/guilds/{g}/prune?days=30") == {"pruned": 0}


def test_a_prune_may_not_count(api):
    assert api.ok("POST", "/guilds/{g}/prune", {"compute_prune_count": False}) == {"pruned": None}
    assert api.error("GET", "/guilds/{g}/prune?days=31") == (400, 50035)


def test_a_prune_spares_who_has_a_role_unless_it_is_named(api):
    everybody = api.ok("GET", "/guilds/{g}/prune?days=1")["pruned"]
    for user in list(api.fake.world.member_ids(api.guild)):
        if user not in api.fake.world.bots:
            changes.change_member(api.fake.world, api.guild, user, roles=[str(api.names["r"])])
    assert api.ok("GET", "/guilds/{g}/prune?days=1") == {"pruned": 0}
    assert api.ok("GET", "/guilds/{g}/prune?days=1&include_roles={r}") == {"pruned": everybody}


# -- permission, hierarchy, two factors ----------------------------------------------------------------------

NEEDS = [
    ("DELETE", "/guilds/{g}/members/{m1}", P.KICK_MEMBERS, None),
    ("PUT", "/guilds/{g}/bans/{m1}", P.BAN_MEMBERS, {}),
    ("GET", "/guilds/{g}/bans", P.BAN_MEMBERS, None),
    ("GET", "/guilds/{g}/prune", P.KICK_MEMBERS | P.MANAGE_GUILD, None),
    ("POST", "/guilds/{g}/bulk-ban", P.BAN_MEMBERS | P.MANAGE_GUILD, {"user_ids": ["1"]}),
    ("PATCH", "/guilds/{g}/members/{m1}", P.MANAGE_NICKNAMES, {"nick": "x"}),
    ("PUT", "/guilds/{g}/members/{m1}/roles/{r}", P.MANAGE_ROLES, None),
]


@pytest.mark.parametrize(("method", "path", "bits", "body"), NEEDS)
def test_without_the_permission_it_is_refused_and_with_it_not(api, method, path, bits, body):
    api.strip_permissions(P.VIEW_CHANNEL)
    assert api.error(method, path, body) == (403, 50013)
    api.strip_permissions(P.VIEW_CHANNEL | bits)
    status, answer = api(method, path, body)
    assert status < 300 or answer["code"] == 500000


@pytest.mark.parametrize(("method", "path", "body"), [
    ("DELETE", "/guilds/{g}/members/{m1}", None), ("PUT", "/guilds/{g}/bans/{m1}", {}),
    ("PATCH", "/guilds/{g}/members/{m1}", {"nick": "x"}),
])  # fmt: skip
def test_nobody_acts_on_their_equals(api, method, path, body):
    top = api.guild.roles[api.guild.bots[api.names["me"]]]
    top["position"] = api.guild.roles[api.names["r"]]["position"]
    changes.change_member(api.fake.world, api.guild, api.names["m1"], roles=[str(api.names["r"])])
    assert api.error(method, path, body) == (403, 50013)


def test_where_moderation_needs_two_factors_the_owner_of_the_bot_must_have_them(api):
    api.guild.doc["mfa_level"] = 1
    api.ok("PUT", "/guilds/{g}/bans/{m1}")
    api.fake.world.owner_has_mfa = False
    assert api.error("PUT", "/guilds/{g}/bans/{m2}") == (403, 60003)
    assert api.error("GET", "/guilds/{g}/bans") == (403, 60003)


def test_bans_of_strangers_are_limited_by_the_day_and_those_of_members_are_not(api, monkeypatch):
    monkeypatch.setattr(operations, "STRANGER_BANS", Law(2, 86_400_000, fixed=True))
    first, second, third = islice(api.fake.world.member_ids(api.fake.world.guild_at(1)), 3)
    for user in (first, second):
        api.ok("PUT", f"/guilds/{{g}}/bans/{user}")
    assert api.error("PUT", f"/guilds/{{g}}/bans/{third}") == (400, 30035)
    api.ok("PUT", f"/guilds/{{g}}/bans/{first}")  # banned already: nothing is booked
    api.ok("PUT", "/guilds/{g}/bans/{m1}")
