"""Auto-moderation: rules, and what they do to members."""

import pytest

from discord_sim.rules.intents import ALL_INTENTS
from discord_sim.rules.permissions import Permission as P
from discord_sim.wire import Intent
from discord_sim.world.snowflakes import epoch_ms_of

RULES = "/guilds/{g}/auto-moderation/rules"
BLOCK, ALERT, TIMEOUT, QUARANTINE = 1, 2, 3, 4


def names(told):
    return [name for name, _ in told]


def keyword_rule(*words, actions=None, **more):
    return {
        "name": "no cats", "event_type": 1, "trigger_type": 1, "enabled": True,
        "trigger_metadata": {"keyword_filter": list(words)}, "actions": actions or [{"type": BLOCK}], **more,
    }  # fmt: skip


def errors(api, method, path, body):
    status, answer = api(method, path, body)
    assert (status, answer["code"]) == (400, 50035), answer
    return answer["errors"]


# -- rules -------------------------------------------------------------------------------------------------------


def test_a_rule_from_birth_to_death(api):
    rule, told = api.told("POST", RULES, keyword_rule("cat*"), reason="dogs%20only")
    assert rule["trigger_metadata"] == {"keyword_filter": ["cat*"], "regex_patterns": [], "allow_list": []}
    assert rule["actions"] == [{"type": BLOCK, "metadata": {}}]
    assert (rule["creator_id"], rule["exempt_roles"]) == (str(api.names["me"]), [])
    assert names(told) == ["AUTO_MODERATION_RULE_CREATE", "GUILD_AUDIT_LOG_ENTRY_CREATE"]
    assert told[0][1] == rule
    assert (told[1][1]["action_type"], told[1][1]["reason"]) == (140, "dogs only")
    path = f"{RULES}/{rule['id']}"
    assert api.ok("GET", path) == rule
    changed, told = api.told("PATCH", path, {"trigger_metadata": {"keyword_filter": ["dog"]}, "enabled": False})
    assert (changed["trigger_metadata"]["keyword_filter"], changed["enabled"]) == (["dog"], False)
    assert names(told) == ["AUTO_MODERATION_RULE_UPDATE", "GUILD_AUDIT_LOG_ENTRY_CREATE"]
    assert {c["key"] for c in told[1][1]["changes"]} == {"trigger_metadata", "enabled"}
    assert api.told("PATCH", path, {"enabled": False})[1] == [], "no change, no event"
    assert api.ok("GET", RULES) == [changed]
    _, told = api.told("DELETE", path)
    assert [b.get("action_type") for _, b in told] == [None, 142]
    assert told[0] == ("AUTO_MODERATION_RULE_DELETE", changed)
    assert api.error("GET", path) == (404, 0)
    assert api.error("DELETE", path) == (404, 0)


@pytest.mark.parametrize(("kind", "terms", "full"), [
    (3, None, {}), (4, {"presets": [1, 3]}, {"presets": [1, 3], "allow_list": []}),
    (5, None, {"mention_total_limit": 20, "mention_raid_protection_enabled": False}),
    (6, {"keyword_filter": ["x"]}, {"keyword_filter": ["x"], "regex_patterns": [], "allow_list": []}),
])  # fmt: skip
def test_of_most_types_there_is_one_rule(api, kind, terms, full):
    body = {"name": "r", "event_type": 2 if kind == 6 else 1, "trigger_type": kind, "actions": [{"type": BLOCK}]}
    if terms is not None:
        body["trigger_metadata"] = terms
    rule = api.ok("POST", RULES, body)
    assert (rule["trigger_metadata"], rule["enabled"]) == (full, False)
    wrong = errors(api, "POST", RULES, body)["_errors"][0]
    assert wrong["code"] == "AUTO_MODERATION_MAX_RULES_OF_TYPE_EXCEEDED"
    assert wrong["message"] == f"Maximum number of rules with trigger type {kind} is 1"


def test_there_are_six_keyword_rules(api):
    for _ in range(6):
        api.ok("POST", RULES, keyword_rule("x"))
    assert "_errors" in errors(api, "POST", RULES, keyword_rule("x"))


def test_what_a_type_of_rule_does_not_allow(api):
    assert list(errors(api, "POST", RULES, keyword_rule("x", event_type=2))) == ["event_type"]
    no_actions = {k: v for k, v in keyword_rule("x").items() if k != "actions"}
    assert list(errors(api, "POST", RULES, no_actions)) == ["actions"]
    timeout = {"type": TIMEOUT, "metadata": {"duration_seconds": 60}}
    preset = {"name": "r", "event_type": 1, "trigger_type": 4, "trigger_metadata": {}, "actions": [timeout]}
    assert list(errors(api, "POST", RULES, preset)["actions"]["0"]) == ["type"]
    quarantine = keyword_rule("x", actions=[{"type": BLOCK}, {"type": QUARANTINE}])
    assert list(errors(api, "POST", RULES, quarantine)["actions"]["1"]) == ["type"]
    endless = keyword_rule("x", actions=[{"type": TIMEOUT, "metadata": {}}])
    assert list(errors(api, "POST", RULES, endless)["actions"]["0"]["metadata"]) == ["duration_seconds"]
    generous = keyword_rule("x", trigger_metadata={"allow_list": ["a"] * 101})
    assert list(errors(api, "POST", RULES, generous)["trigger_metadata"]) == ["allow_list"]
    lookaround = keyword_rule(trigger_metadata={"regex_patterns": ["(?=x)"]})
    assert api.error("POST", RULES, lookaround) == (400, 200002)
    assert api.guild.rules == {}


def test_alerts_go_where_the_bot_can_write(api):
    assert api.error("POST", RULES, alert_rule(123456789012345678)) == (404, 10003)
    voice = api.ok("POST", "/guilds/{g}/channels", {"name": "v", "type": 4})["id"]
    code = "INVALID_AUTO_MODERATION_CHANNEL_FLAG_ACTION_ACCESS"
    tree = errors(api, "POST", RULES, alert_rule(voice))["actions"]["0"]["metadata"]["channel_id"]
    assert tree["_errors"][0]["code"] == code
    api.strip_permissions(P.MANAGE_GUILD | P.VIEW_CHANNEL)
    tree = errors(api, "POST", RULES, alert_rule(api.names["c"]))["actions"]["0"]["metadata"]["channel_id"]
    assert tree["_errors"][0]["code"] == code


def alert_rule(channel_id):
    return keyword_rule("x", actions=[{"type": ALERT, "metadata": {"channel_id": str(channel_id)}}])


def test_permissions(api):
    api.strip_permissions(P.VIEW_CHANNEL)
    for method, path in (("GET", RULES), ("GET", f"{RULES}/1"), ("PATCH", f"{RULES}/1"), ("DELETE", f"{RULES}/1")):
        assert api.error(method, path, None if method == "GET" else {}) == (403, 50013)
    api.strip_permissions(P.MANAGE_GUILD)
    timeout = keyword_rule("x", actions=[{"type": TIMEOUT, "metadata": {"duration_seconds": 60}}])
    assert api.error("POST", RULES, timeout) == (403, 50013)
    api.strip_permissions(P.MANAGE_GUILD | P.MODERATE_MEMBERS)
    api.ok("POST", RULES, timeout)


# -- what they do ------------------------------------------------------------------------------------------------


def post(api, text, *, who="m1", channel="c"):
    """A member writes; the answer and what the bot is told."""
    del api.seen[:]
    answer = api.fake.act(api.names[who], "create_message", {"content": text}, channel_id=api.names[channel])
    api.ok("GET", "/users/@me")  # lets the events arrive
    return answer, list(api.seen)


@pytest.fixture
def strict(api):
    """A world whose first guild blocks cats, reports them in its second channel, and times out their friends."""
    place = list(api.guild.channels)[1]
    actions = [
        {"type": BLOCK, "metadata": {"custom_message": "no cats"}},
        {"type": ALERT, "metadata": {"channel_id": str(place)}},
        {"type": TIMEOUT, "metadata": {"duration_seconds": 60}},
    ]
    api.rule = api.ok("POST", RULES, keyword_rule("*cat*", actions=actions))
    api.place = place
    return api


def test_a_blocked_message_is_refused_and_all_actions_are_executed(strict):
    before = strict.fake.clock.epoch_ms
    answer, told = post(strict, "look, a Cat!")
    assert (answer.status, answer.body["code"]) == (400, 200000)
    assert answer.body["message"] == "Message was blocked by automatic moderation"
    assert strict.fake.world.messages(strict.names["c"], 10) == []
    assert names(told) == [
        "AUTO_MODERATION_ACTION_EXECUTION", "GUILD_AUDIT_LOG_ENTRY_CREATE",
        "MESSAGE_CREATE", "AUTO_MODERATION_ACTION_EXECUTION", "GUILD_AUDIT_LOG_ENTRY_CREATE",
        "GUILD_MEMBER_UPDATE", "AUTO_MODERATION_ACTION_EXECUTION", "GUILD_AUDIT_LOG_ENTRY_CREATE",
    ]  # fmt: skip
    executed = [body for name, body in told if name == "AUTO_MODERATION_ACTION_EXECUTION"]
    assert [body["action"] for body in executed] == strict.rule["actions"]
    for body in executed:
        assert (body["content"], body["matched_keyword"], body["matched_content"]) == ("look, a Cat!", "*cat*", "Cat")
        assert (body["rule_id"], body["rule_trigger_type"]) == (strict.rule["id"], 1)
        assert (body["user_id"], body["channel_id"]) == (str(strict.names["m1"]), str(strict.names["c"]))
        assert "message_id" not in body
    alert = told[2][1]
    assert ["alert_system_message_id" in body for body in executed] == [False, True, False]
    assert executed[1]["alert_system_message_id"] == alert["id"]
    assert (alert["type"], alert["channel_id"]) == (24, str(strict.place))
    until = told[5][1]["communication_disabled_until"]
    assert before + 60_000 <= epoch_ms_of(until) <= strict.fake.clock.epoch_ms + 60_000
    entries = [body for name, body in told if name == "GUILD_AUDIT_LOG_ENTRY_CREATE"]
    assert [entry["action_type"] for entry in entries] == [143, 144, 145]
    assert {entry["target_id"] for entry in entries} == {str(strict.names["m1"])}
    assert entries[0]["options"] == {
        "auto_moderation_rule_name": "no cats", "auto_moderation_rule_trigger_type": "1",
        "channel_id": str(strict.names["c"]),
    }  # fmt: skip


def test_an_alert_says_what_happened(strict):
    post(strict, "cat")
    alert = strict.ok("GET", f"/channels/{strict.place}/messages")[0]
    embed = alert["embeds"][0]
    assert (alert["type"], alert["author"]["id"]) == (24, str(strict.names["m1"]))
    assert (embed["type"], embed["description"]) == ("auto_moderation_message", "cat")
    shown = {field["name"]: field["value"] for field in embed["fields"]}
    assert shown.pop("decision_id").isalnum()
    assert shown == {
        "rule_name": "no cats", "channel_id": str(strict.names["c"]), "keyword": "*cat*",
        "keyword_matched_content": "cat", "timeout_duration": "60", "decision_outcome": "blocked",
    }  # fmt: skip


def test_a_rule_that_only_reports_lets_the_message_pass_first(strict):
    strict.ok("PATCH", f"{RULES}/{strict.rule['id']}", {"actions": strict.rule["actions"][1:2]})
    answer, told = post(strict, "cat")
    assert answer.status == 200
    assert names(told) == [
        "MESSAGE_CREATE", "MESSAGE_CREATE", "AUTO_MODERATION_ACTION_EXECUTION", "GUILD_AUDIT_LOG_ENTRY_CREATE",
    ]  # fmt: skip
    assert told[2][1]["message_id"] == told[0][1]["id"] == answer.body["id"]
    shown = {field["name"]: field["value"] for field in told[1][1]["embeds"][0]["fields"]}
    assert (shown["flagged_message_id"], shown["decision_outcome"]) == (answer.body["id"], "flagged")


def test_an_edit_is_moderated_too(strict):
    answer, _ = post(strict, "dog")
    where = {"channel_id": strict.names["c"], "message_id": answer.body["id"]}
    refused = strict.fake.act(strict.names["m1"], "update_message", {"content": "cat"}, **where)
    assert refused.body["code"] == 200000
    assert strict.ok("GET", "/channels/{c}/messages/" + answer.body["id"])["content"] == "dog"


def test_the_first_post_of_a_forum_thread_is_moderated(strict):
    forum = strict.ok("POST", "/guilds/{g}/channels", {"name": "forum", "type": 15})
    body = {"name": "t", "message": {"content": "cat"}}
    refused = strict.fake.act(strict.names["m1"], "create_thread", body, channel_id=forum["id"])
    assert refused.body["code"] == 200000
    assert strict.ok("GET", "/guilds/{g}/threads/active")["threads"] == []


def test_whom_the_rules_spare(strict):
    strict.strip_permissions(P.VIEW_CHANNEL | P.SEND_MESSAGES)
    strict.guild.roles[strict.guild.id]["permissions"] = str(int(P.VIEW_CHANNEL | P.SEND_MESSAGES))
    strict.ok("POST", "/channels/{c}/messages", {"content": "cat"})  # a bot
    assert post(strict, "cat", who="owner")[0].status == 200
    assert post(strict, "cat", who="m1")[0].status == 400
    role = strict.guild.roles[strict.names["r"]]
    strict.guild.members[strict.names["m2"]] = {"roles": [role["id"]]}
    assert post(strict, "cat", who="m2")[0].status == 400
    strict.guild.members[strict.names["m2"]] = {"roles": [role["id"]]}
    role["permissions"] = str(int(P.MANAGE_GUILD))
    assert post(strict, "cat", who="m2")[0].status == 200


def test_exempt_channels_hold_for_their_threads(strict):
    thread = strict.ok("POST", "/channels/{c}/threads", {"name": "t", "type": 11})
    where = {"channel_id": thread["id"]}
    assert strict.fake.act(strict.names["m1"], "create_message", {"content": "cat"}, **where).status == 400
    strict.ok("PATCH", f"{RULES}/{strict.rule['id']}", {"exempt_channels": [strict.names["c"]]})
    assert strict.fake.act(strict.names["m2"], "create_message", {"content": "cat"}, **where).status == 200


def test_an_alert_without_its_channel_is_left_out(strict):
    strict.ok("DELETE", f"/channels/{strict.place}")
    _, told = post(strict, "cat")
    assert [b["action_type"] for n, b in told if n == "GUILD_AUDIT_LOG_ENTRY_CREATE"] == [143, 145]


def test_the_text_is_told_with_the_message_content_intent_only(strict):
    others = strict.connect(strict.fake.settings.token, ALL_INTENTS & ~(1 << Intent.MESSAGE_CONTENT))
    post(strict, "cat")
    body = next(b for n, b in others if n == "AUTO_MODERATION_ACTION_EXECUTION")
    assert (body["content"], body["matched_content"], body["matched_keyword"]) == ("", "", "*cat*")


def test_who_does_not_manage_the_guild_is_not_told(strict):
    strict.strip_permissions(P.VIEW_CHANNEL)
    strict.guild.roles[strict.guild.id]["permissions"] = str(int(P.VIEW_CHANNEL | P.SEND_MESSAGES))
    assert set(names(post(strict, "cat")[1])) == {"MESSAGE_CREATE", "GUILD_MEMBER_UPDATE"}
