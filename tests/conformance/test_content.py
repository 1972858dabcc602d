"""C.15: who gets to read what is in a message."""

import json

import aiohttp
import pytest

from discord_sim.rules.intents import ALL_INTENTS

MESSAGES, DIRECT_MESSAGES, CONTENT, AUTOMOD_EXECUTION = 1 << 9, 1 << 12, 1 << 15, 1 << 21
BLIND = MESSAGES | DIRECT_MESSAGES
BUTTON = {"type": 1, "components": [{"type": 2, "style": 1, "label": "press", "custom_id": "b"}]}
POLL = {"question": {"text": "tea?"}, "answers": [{"poll_media": {"text": "yes"}}, {"poll_media": {"text": "no"}}]}
GATED = ("content", "embeds", "attachments", "components")
EMPTY = {"content": "", "embeds": [], "attachments": [], "components": []}
CONTROL = {"base": "/_sim", "headers": {"X-Sim-Secret": "secret"}}


@pytest.fixture
def wire(start):
    return start(control_secret="secret")


@pytest.fixture
def closed(start):
    """An application whose content switch is off in the portal."""
    return start(control_secret="secret", allowed_intents=ALL_INTENTS & ~CONTENT)


def rich(wire, text, channel="{c}", user="m1", **fields):
    """A user posts a message with each of the gated parts; `user` None is the bot itself."""
    form = aiohttp.FormData()
    body = {"content": text, "embeds": [{"description": "embedded"}], "components": [BUTTON], **fields}
    form.add_field("payload_json", json.dumps(body), content_type="application/json")
    form.add_field("files[0]", b"attached", filename="a.txt")
    path = f"/channels/{channel}/messages"
    if user is None:
        return wire.ok("POST", path, data=form)
    return wire.ok("POST", f"/as/{wire.names[user]}{path}", data=form, **CONTROL)


def gated(message):
    return {part: message[part] for part in GATED}


def is_full(message):
    """Whether all gated parts are there; they are there or not together."""
    assert all(message[part] for part in GATED) or gated(message) == EMPTY
    return message["content"] != ""


def in_a_guild(wire):
    return rich(wire, "hello")


def own(wire):
    return rich(wire, "I say", user=None)


def direct(wire):
    channel = wire.ok("POST", "/users/@me/channels", {"recipient_id": wire.names["m1"]})["id"]
    return rich(wire, "psst", channel=channel)


def mentioning(wire):
    return rich(wire, f"hey <@{wire.names['me']}>")


def mentioning_its_role(wire):
    return rich(wire, f"hey <@&{wire.guild.bots[wire.names['me']]}>")


def replying(wire, **fields):
    said = wire.ok("POST", "/channels/{c}/messages", {"content": "I say"})
    return rich(wire, "so you say", message_reference={"message_id": said["id"]}, **fields)


def replying_quietly(wire):
    return replying(wire, allowed_mentions={"replied_user": False})


CASES = {
    in_a_guild: False, own: True, direct: True, mentioning: True, mentioning_its_role: False, replying: True,
    replying_quietly: False,
}  # fmt: skip


@pytest.mark.parametrize(("post", "full"), CASES.items(), ids=lambda v: getattr(v, "__name__", ""))
@pytest.mark.fidelity("C.15", "D/K", "docs: Gateway (message content intent); client experience with replies and roles")
def test_without_the_intent_content_comes_only_where_the_bot_is_concerned(wire, post, full):
    blind, seeing = wire.session(intents=BLIND), wire.session(intents=BLIND | CONTENT)
    posted = post(wire)
    assert is_full(posted)
    told = [dict(socket.events())["MESSAGE_CREATE"] for socket in (blind, seeing)]
    assert [message["id"] for message in told] == [posted["id"]] * 2
    assert [is_full(message) for message in told] == [full, True]


@pytest.mark.parametrize(("text", "expected"), [("new", ""), ("new <@{me}>", "new <@{me}>")])
@pytest.mark.fidelity("C.15", "D", "docs: Gateway (message content intent)")
def test_an_edit_is_judged_as_the_message_it_makes(wire, text, expected):
    message = wire.say("old")
    blind = wire.session(intents=BLIND)
    wire.act("m1", "update_message", {"content": text.format(**wire.names)}, channel_id="c", message_id=message["id"])
    assert dict(blind.events())["MESSAGE_UPDATE"]["content"] == expected.format(**wire.names)


@pytest.mark.parametrize("user", ["m1", "me"])
@pytest.mark.fidelity("C.15", "D", "docs: Gateway (message content intent), Poll")
def test_a_poll_of_others_is_left_out_whole(wire, user):
    blind, seeing = wire.session(intents=BLIND), wire.session(intents=BLIND | CONTENT)
    wire.act(user, "create_message", {"poll": POLL}, channel_id="c")
    told = ["poll" in dict(socket.events())["MESSAGE_CREATE"] for socket in (blind, seeing)]
    assert told == [user == "me", True]


@pytest.mark.parametrize(
    ("first", "answer"), [("hey <@{me}>", "and so on"), ("and so on", "hey <@{me}>")], ids=["the first", "the answer"]
)
@pytest.mark.fidelity("C.15", "K", "client experience")
def test_a_message_and_the_one_it_answers_are_each_judged_by_themselves(wire, first, answer):
    blind = wire.session(intents=BLIND)
    said = wire.say(first.format(**wire.names))
    wire.say(answer.format(**wire.names), user="m2", message_reference={"message_id": said["id"]})
    reply = blind.events()[-1][1]
    texts = (reply["referenced_message"]["content"], reply["content"])
    assert texts == tuple(text.format(**wire.names) if "me" in text else "" for text in (first, answer))


@pytest.mark.fidelity("C.15", "K", "client experience")
def test_the_snapshot_in_a_forward_is_stripped_too(wire):
    blind, seeing = wire.session(intents=BLIND), wire.session(intents=BLIND | CONTENT)
    said = wire.say("worth repeating")
    wire.act(
        "m2",
        "create_message",
        {"message_reference": {"type": 1, "message_id": said["id"], "channel_id": said["channel_id"]}},
        channel_id="c2",
    )
    told = [socket.events()[-1][1]["message_snapshots"][0]["message"]["content"] for socket in (blind, seeing)]
    assert told == ["", "worth repeating"]


@pytest.mark.fidelity("C.15", "D", "docs: Gateway Events (Auto Moderation Action Execution)")
def test_an_execution_of_auto_moderation_tells_the_keyword_but_not_the_text(wire):
    rule = {
        "name": "words", "event_type": 1, "trigger_type": 1, "trigger_metadata": {"keyword_filter": ["spam"]},
        "actions": [{"type": 2, "metadata": {"channel_id": str(wire.names["c2"])}}], "enabled": True,
    }  # fmt: skip
    wire.ok("POST", "/guilds/{g}/auto-moderation/rules", rule)
    sockets = [wire.session(intents=AUTOMOD_EXECUTION | more) for more in (0, CONTENT)]
    wire.say("buy spam")
    told = [dict(socket.events())["AUTO_MODERATION_ACTION_EXECUTION"] for socket in sockets]
    assert [(d["content"], d["matched_content"], d["matched_keyword"]) for d in told] == [
        ("", "", "spam"), ("buy spam", "spam", "spam"),
    ]  # fmt: skip


@pytest.mark.fidelity("C.15", "D", "docs: Gateway (message content intent)")
def test_the_target_of_a_message_command_is_told_in_full(wire):
    wire.ok("POST", "/applications/{me}/commands", {"name": "report", "type": 3})
    blind = wire.session(intents=BLIND)
    said = wire.say("bad words")
    wire.do(wire.fake.command, wire.names["m2"], wire.names["c"], "report", kind=3, target_id=int(said["id"]))
    data = dict(blind.events())["INTERACTION_CREATE"]["data"]
    assert data["resolved"]["messages"][said["id"]]["content"] == "bad words"


# -- REST ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("post", "full"), CASES.items(), ids=lambda v: getattr(v, "__name__", ""))
@pytest.mark.fidelity("C.15", "D", "docs: Gateway (message content intent)")
def test_rest_withholds_the_same_when_the_portals_switch_is_off(closed, post, full):
    posted = post(closed)
    place = f"/channels/{posted['channel_id']}/messages"
    assert is_full(closed.ok("GET", f"{place}/{posted['id']}")) is full
    assert is_full(closed.ok("GET", place)[0]) is full


@pytest.mark.fidelity("C.15", "D", "docs: Gateway (message content intent)")
def test_rest_asks_for_the_portals_switch_not_for_the_intents_of_a_session(wire):
    wire.session(intents=BLIND)
    posted = in_a_guild(wire)
    assert is_full(wire.ok("GET", f"/channels/{{c}}/messages/{posted['id']}"))


@pytest.mark.fidelity("C.15", "D", "docs: Message (search, forwarding)")
def test_search_and_forwarding_need_the_portals_switch(closed):
    said = closed.say("secret")
    reference = {"type": 1, "message_id": said["id"], "channel_id": said["channel_id"]}
    forward = closed.call("POST", "/channels/{c2}/messages", {"message_reference": reference})
    search = closed.call("GET", "/guilds/{g}/messages/search?content=secret")
    assert (forward.status, forward.body["code"]) == (400, 160014)
    assert (search.status, search.body["code"]) == (403, 50001)
