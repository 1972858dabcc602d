"""Reading the audit log."""

import pytest

from discord_sim.rules.permissions import Permission as P

LOG = "/guilds/{g}/audit-logs"
DAY_S = 86_400


def entries(api, query=""):
    return api.ok("GET", LOG + query)["audit_log_entries"]


def ids(found):
    return [int(entry["id"]) for entry in found]


@pytest.fixture
def busy(api):
    """A guild in which the bot banned two members and renamed a third."""
    api.ok("PUT", "/guilds/{g}/bans/{m1}", reason="raid")
    api.ok("PATCH", "/guilds/{g}/members/{m3}", {"nick": "Nick"})
    api.ok("PUT", "/guilds/{g}/bans/{m2}")
    return api


def test_the_newest_entry_comes_first(busy):
    banned = sorted(busy.guild.banned)
    found = entries(busy)
    assert [entry["action_type"] for entry in found] == [22, 24, 22]
    assert ids(found) == sorted(ids(found), reverse=True)
    assert (found[2]["user_id"], found[2]["reason"]) == (str(busy.names["me"]), "raid")
    assert sorted(int(e["target_id"]) for e in found if e["action_type"] == 22) == banned


def test_the_log_pages_both_ways(busy):
    newest_first = ids(entries(busy))
    assert ids(entries(busy, "?limit=2")) == newest_first[:2]
    assert ids(entries(busy, f"?limit=2&before={newest_first[1]}")) == newest_first[2:]
    assert ids(entries(busy, "?limit=2&after=0")) == newest_first[:0:-1], "after turns the order round"
    assert ids(entries(busy, f"?after={newest_first[1]}")) == newest_first[:1]
    assert busy.error("GET", LOG + "?limit=101") == (400, 50035)


def test_the_log_is_filtered(busy):
    assert [e["action_type"] for e in entries(busy, "?action_type=24")] == [24]
    target = min(busy.guild.banned)
    assert [e["target_id"] for e in entries(busy, f"?target_id={target}")] == [str(target)]
    assert len(entries(busy, "?user_id={me}")) == 3
    assert entries(busy, "?user_id={owner}") == []
    assert busy.error("GET", LOG + "?action_type=2") == (400, 50035)


def test_entries_are_kept_for_45_days(busy):
    busy.fake.advance(30 * DAY_S)
    busy.ok("PATCH", "/guilds/{g}/members/{m1}", {"nick": "later"})
    assert len(entries(busy)) == 4
    busy.fake.advance(16 * DAY_S)
    assert [e["action_type"] for e in entries(busy)] == [24]


def test_the_log_tells_what_its_entries_are_about(api):
    rule = {
        "name": "r", "event_type": 1, "trigger_type": 1, "actions": [{"type": 1}],
        "trigger_metadata": {"keyword_filter": ["x"]},
    }  # fmt: skip
    rule = api.ok("POST", "/guilds/{g}/auto-moderation/rules", rule)
    thread = api.ok("POST", "/channels/{c}/threads", {"name": "t", "type": 11})
    hook = api.ok("POST", "/channels/{c}/webhooks", {"name": "hook"})
    event = {
        "name": "e", "privacy_level": 2, "entity_type": 3, "entity_metadata": {"location": "x"},
        "scheduled_start_time": "2099-01-01T00:00:00Z", "scheduled_end_time": "2099-01-02T00:00:00Z",
    }  # fmt: skip
    event = api.ok("POST", "/guilds/{g}/scheduled-events", event)
    api.ok("PATCH", "/guilds/{g}/members/{m1}", {"nick": "Nick"})
    log = api.ok("GET", LOG)
    assert {int(user["id"]) for user in log["users"]} == {api.names["me"], api.names["m1"]}
    assert [r["id"] for r in log["auto_moderation_rules"]] == [rule["id"]]
    assert [t["id"] for t in log["threads"]] == [thread["id"]]
    assert [e["id"] for e in log["guild_scheduled_events"]] == [event["id"]]
    assert [h["id"] for h in log["webhooks"]] == [hook["id"]]
    assert "token" not in log["webhooks"][0]
    api.ok("DELETE", f"/webhooks/{hook['id']}")
    assert api.ok("GET", LOG)["webhooks"] == [], "what is gone is not told"


def test_the_log_tells_commands(api):
    command = api.ok("POST", "/applications/{me}/guilds/{g}/commands", {"name": "hello", "description": "x"})
    token = api.bearer(api.guild.owner_id, "applications.commands.permissions.update")
    permissions = {"permissions": [{"id": api.names["r"], "type": 1, "permission": False}]}
    path = f"/applications/{{me}}/guilds/{{g}}/commands/{command['id']}/permissions"
    api.ok("PUT", path, permissions, token=token)
    assert [c["id"] for c in api.ok("GET", LOG)["application_commands"]] == [command["id"]]


def test_who_may_read_the_log(busy):
    busy.strip_permissions(P.VIEW_CHANNEL)
    assert busy.error("GET", LOG) == (403, 50013)
    busy.strip_permissions(P.VIEW_AUDIT_LOG)
    assert len(entries(busy)) == 3
