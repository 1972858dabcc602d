"""Whom a message mentions, and what other message it answers or forwards."""

from dataclasses import replace

import pytest

from discord_sim.rules.permissions import Permission as P
from discord_sim.wire import Intent
from discord_sim.world import changes

MESSAGES = "/channels/{c}/messages"


def post(api, content="hello", **fields):
    return api.ok("POST", MESSAGES, {"content": content, **fields})


def said(api, content="theirs", *, channel_id=None, **fields):
    """A message of a member."""
    place = channel_id or api.names["c"]
    return changes.say(api.fake.world, place, api.names["m1"], content, api.fake.clock.epoch_ms, **fields)[0]


def errors(api, body):
    """The tree of a form error."""
    status, answer = api("POST", MESSAGES, body)
    assert (status, answer["code"]) == (400, 50035), answer
    return answer["errors"]


def switch_content_off(api):
    """The portal's switch for message content."""
    allowed = api.fake.settings.allowed_intents & ~(1 << Intent.MESSAGE_CONTENT)
    api.fake.settings = replace(api.fake.settings, allowed_intents=allowed)


# -- mentions ------------------------------------------------------------------------------------------------


def mentioned(body):
    return {u["id"] for u in body["mentions"]}, set(body["mention_roles"]), body["mention_everyone"]


def test_by_default_everything_is_mentioned_that_exists(api):
    m1, r = str(api.names["m1"]), str(api.names["r"])
    text = f"<@{m1}> <@!{m1}> <@{m1}> <@&{r}> <@&1> <@1> @everyone"
    body, told = api.told("POST", MESSAGES, {"content": text})
    assert mentioned(body) == ({m1}, {r}, True)
    assert told[0][1]["mentions"][0]["member"]["joined_at"], "in events with the member"


@pytest.mark.parametrize(("allowed", "users", "roles", "everyone"), [
    ({}, "", "", False), ({"parse": []}, "", "", False), ({"parse": ["users"]}, "12", "", False),
    ({"parse": ["roles"]}, "", "r", False), ({"parse": ["everyone"]}, "", "", True),
    ({"users": ["1"]}, "1", "", False), ({"parse": ["roles"], "users": ["1"]}, "1", "r", False),
])  # fmt: skip
def test_allowed_mentions_name_who_may_be_mentioned(api, allowed, users, roles, everyone):
    ids = {"1": str(api.names["m1"]), "2": str(api.names["m2"]), "r": str(api.names["r"])}
    allowed = {**allowed, **({"users": [ids["1"]]} if "users" in allowed else {})}
    text = f"<@{ids['1']}> <@{ids['2']}> <@&{ids['r']}> @here"
    body = post(api, text, allowed_mentions=allowed)
    assert mentioned(body) == ({ids[u] for u in users}, {ids[r] for r in roles}, everyone)


def test_allowed_mentions_cannot_contradict_themselves(api):
    tree = errors(api, {"content": "x", "allowed_mentions": {"parse": ["users"], "users": ["1"]}})
    assert tree["allowed_mentions"]["_errors"][0]["code"] == "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE"
    tree = errors(api, {"content": "x", "allowed_mentions": {"parse": ["all"]}})
    assert tree["allowed_mentions"]["parse"]["0"]["_errors"][0]["code"] == "BASE_TYPE_CHOICES"
    too_many = {"users": [str(n) for n in range(101)]}
    assert list(errors(api, {"content": "x", "allowed_mentions": too_many})) == ["allowed_mentions"]


def test_everyone_and_roles_that_are_not_mentionable_need_permission(api):
    text = f"@everyone <@&{api.names['r']}>"
    api.strip_permissions(P.VIEW_CHANNEL | P.SEND_MESSAGES)
    assert mentioned(post(api, text)) == (set(), set(), False)
    api.guild.roles[api.names["r"]]["mentionable"] = True
    assert mentioned(post(api, text)) == (set(), {str(api.names["r"])}, False)
    api.strip_permissions(P.VIEW_CHANNEL | P.SEND_MESSAGES | P.MENTION_EVERYONE)
    assert mentioned(post(api, text)) == (set(), {str(api.names["r"])}, True)


# -- replies and forwards ------------------------------------------------------------------------------------


def test_a_reply_shows_what_it_answers_as_that_is_now(api):
    first = said(api, "question")
    body, told = api.told("POST", MESSAGES, {"content": "answer", "message_reference": {"message_id": first.id}})
    reference = {"type": 0, "channel_id": str(api.names["c"]), "message_id": str(first.id)}
    assert body["message_reference"] == {**reference, "guild_id": str(api.guild.id)}
    assert (body["type"], body["referenced_message"]["content"]) == (19, "question")
    assert told[0][1]["referenced_message"] == body["referenced_message"]
    assert mentioned(body)[0] == {str(api.names["m1"])}, "its author is mentioned"
    changes.edit(api.fake.world, first, api.fake.clock.epoch_ms, content="changed")
    path = f"{MESSAGES}/{body['id']}"
    assert api.ok("GET", path)["referenced_message"]["content"] == "changed"
    changes.delete(api.fake.world, first)
    assert api.ok("GET", path)["referenced_message"] is None


@pytest.mark.parametrize(("allowed", "pings"), [
    (None, True), ({"parse": []}, False), ({"replied_user": True}, True), ({"replied_user": None}, False),
])  # fmt: skip
def test_a_reply_mentions_its_author_unless_told_otherwise(api, allowed, pings):
    body = post(api, message_reference={"message_id": said(api).id}, allowed_mentions=allowed)
    assert bool(body["mentions"]) is pings


def test_what_a_reply_answers_must_exist_unless_the_client_does_not_mind(api):
    body = {"content": "x", "message_reference": {"message_id": "1"}}
    code = errors(api, body)["message_reference"]["_errors"][0]["code"]
    assert code == "MESSAGE_REFERENCE_UNKNOWN_MESSAGE"
    body["message_reference"]["fail_if_not_exists"] = False
    answer = api.ok("POST", MESSAGES, body)
    assert (answer["type"], "message_reference" in answer) == (0, False)


def test_a_reply_stays_in_its_channel_and_needs_its_history(api):
    elsewhere = said(api, channel_id=list(api.guild.channels)[1])
    there = {"channel_id": elsewhere.channel_id, "message_id": elsewhere.id}
    tree = errors(api, {"content": "x", "message_reference": there})
    assert tree["message_reference"]["_errors"][0]["code"] == "REPLIES_CANNOT_REFERENCE_OTHER_CHANNEL"
    notice = said(api, type=6)
    assert api.error("POST", MESSAGES, {"content": "x", "message_reference": {"message_id": notice.id}}) == (400, 50068)
    api.strip_permissions(P.VIEW_CHANNEL | P.SEND_MESSAGES)
    body = {"content": "x", "message_reference": {"message_id": said(api).id}}
    assert api.error("POST", MESSAGES, body) == (403, 160002)


def forward(message):
    return {"message_reference": {"type": 1, "channel_id": message.channel_id, "message_id": message.id}}


def test_a_forward_is_a_snapshot_without_its_author(api):
    first = said(api, "original")
    body = api.ok("POST", f"/channels/{list(api.guild.channels)[1]}/messages", forward(first))
    assert (body["content"], body["type"], body["flags"]) == ("", 0, 1 << 14)
    assert body["message_reference"]["type"] == 1
    snapshot = body["message_snapshots"][0]["message"]
    assert (snapshot["content"], "author" in snapshot) == ("original", False)
    changes.edit(api.fake.world, first, api.fake.clock.epoch_ms, content="changed")
    again = api.ok("GET", f"/channels/{body['channel_id']}/messages/{body['id']}")
    assert again["message_snapshots"] == body["message_snapshots"]


def test_what_cannot_be_forwarded(api):
    first = said(api)
    tree = errors(api, {"message_reference": {"type": 1, "message_id": first.id}})
    assert list(tree["message_reference"]) == ["channel_id"]
    gone = {"type": 1, "channel_id": api.names["c"], "message_id": "1", "fail_if_not_exists": False}
    assert list(errors(api, {"message_reference": gone})) == ["message_reference"]
    assert api.error("POST", MESSAGES, forward(said(api, type=7))) == (400, 50068)
    switch_content_off(api)
    assert api.error("POST", MESSAGES, forward(first)) == (400, 160014)
    api.ok("POST", MESSAGES, forward(said(api, f"for <@{api.names['me']}>")))
    api.ok("PUT", "/channels/{c}/permissions/{me}", {"type": 1, "deny": str(int(P.VIEW_CHANNEL))})
    api.strip_permissions(P.VIEW_CHANNEL | P.SEND_MESSAGES)
    elsewhere = f"/channels/{list(api.guild.channels)[1]}/messages"
    assert api.error("POST", elsewhere, forward(first)) == (403, 50001), "what cannot be seen"
