"""A.1 and A.5: Discord is eventually consistent and sometimes broken; how that can be brought about."""

import aiohttp
import pytest

from discord_sim.faults import DispatchFault, RestFault

MEMBERS, MODERATION, MESSAGES, CONTENT = 1 << 1, 1 << 2, 1 << 9, 1 << 15
BAN = ["GUILD_BAN_ADD", "GUILD_MEMBER_REMOVE", "GUILD_AUDIT_LOG_ENTRY_CREATE"]
POST = ("POST", "/channels/{c}/messages", {"content": "x"})


# -- events --------------------------------------------------------------------------------------------------


def hear(wire, faults, texts):
    """The texts, and the sequence numbers, that a session hears while these faults are planned."""
    socket = wire.session(intents=MESSAGES | CONTENT)
    for fault in faults:
        wire.fake.dispatch_fault(fault)
    for text in texts:
        wire.say(text)
    payloads = socket.payloads()
    return [p["d"]["content"] for p in payloads], [p["s"] for p in payloads]


@pytest.mark.parametrize(
    ("faults", "heard"),
    [
        ([], "abcd"),
        ([("lose", 1)], "bcd"),
        ([("lose", 2)], "cd"),
        ([("duplicate", 1)], "aabcd"),
        ([("swap", 1)], "bacd"),
        ([("swap", 2)], "cabd"),
        ([("lose", 1), ("duplicate", 1), ("swap", 1)], "bbdc"),
        ([("lose", None)], ""),
    ],
    ids=str,
)
@pytest.mark.fidelity("A.1", "D", "docs: Reference (consistency): an event comes 0, 1 or N times, in any order")
def test_an_event_may_be_lost_come_twice_or_after_the_next(wire, faults, heard):
    texts, numbers = hear(wire, [DispatchFault("*", times, do) for do, times in faults], "abcd")
    assert "".join(texts) == heard
    assert numbers == list(range(2, 2 + len(heard))), "the sequence itself has no gap"


@pytest.mark.fidelity("A.1", "D", "docs: Reference (consistency)")
def test_a_fault_may_be_meant_for_one_event_only(wire):
    socket = wire.session(intents=MEMBERS | MODERATION)
    wire.fake.dispatch_fault(DispatchFault("GUILD_MEMBER_REMOVE", 1, "lose"))
    for user in ("{m1}", "{m2}"):
        wire.ok("PUT", f"/guilds/{{g}}/bans/{user}")
    assert [name for name, _ in socket.events()] == [BAN[0], BAN[2], *BAN]


@pytest.mark.fidelity("A.1", "D", "docs: Reference (consistency)")
def test_what_is_lost_is_in_no_resume_either(wire):
    socket = wire.session(intents=MESSAGES | CONTENT)
    wire.fake.dispatch_fault(DispatchFault("*", 1, "lose"))
    socket.close()
    for text in "ab":
        wire.say(text)
    assert [data["content"] for name, data in wire.resume(socket).events() if name == "MESSAGE_CREATE"] == ["b"]


@pytest.mark.parametrize(("order", "orders"), [("usual", 1), ("shuffled", 4)])
@pytest.mark.fidelity("F.2", "D/K", "docs: Reference (consistency); the audit entry comes from another service")
def test_the_events_of_one_change_may_come_in_any_order(start, order, orders):
    wire = start(event_order=order)
    socket, seen = wire.session(intents=MEMBERS | MODERATION), set()
    people = [user for user in wire.fake.world.member_ids(wire.guild) if user not in wire.fake.world.bots]
    for user in people[1:]:
        wire.ok("PUT", f"/guilds/{{g}}/bans/{user}")
        seen.add(tuple(name for name, _ in socket.events()))
    assert {tuple(sorted(names)) for names in seen} == {tuple(sorted(BAN))}, "none is lost or doubled"
    assert len(seen) >= orders
    assert (tuple(BAN) in seen) or order == "shuffled"


# -- answers -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "form", "content_type", "body", "via"),
    [
        (500, "json", "application/json", {"message": "500: Internal Server Error", "code": 0}, True),
        (502, "json", "application/json", {"message": "502: Bad Gateway", "code": 0}, True),
        (
            503,
            "text",
            "text/plain",
            "upstream connect error or disconnect/reset before headers. reset reason: overflow",
            True,
        ),
        (504, "html", "text/html", "Gateway Timeout", True),
        (520, "json", "text/html", "Web server returned an unknown error", False),
        (522, "text", "text/html", "Connection timed out", False),
        (524, "html", "text/html", "A timeout occurred", False),
    ],
    ids=lambda v: str(v) if isinstance(v, int) else "",
)
@pytest.mark.fidelity("A.5", "O", "CSSS/wall_e issue 661; discord.py, discord/http.py")
def test_a_broken_server_answers_in_json_text_or_html(wire, status, form, content_type, body, via):
    wire.fake.rest_fault(RestFault("create_message", 1, "answer", status=status, form=form))
    answer = wire.call(*POST)
    assert (answer.status, answer.headers["Content-Type"].partition(";")[0]) == (status, content_type)
    assert body == answer.body if form == "json" and via else body in answer.body
    assert ("Via" in answer.headers) is via
    assert wire.call(*POST).status == 200


@pytest.mark.fidelity("A.5", "O", "clients retry because they cannot know")
def test_an_answer_that_never_was_acted_upon_leaves_nothing(wire):
    wire.fake.rest_fault(RestFault("create_message", 1, "answer"))
    wire.call(*POST)
    assert wire.ok("GET", "/channels/{c}/messages") == []


@pytest.mark.parametrize(("do", "posted"), [("reset", 0), ("reset_after", 1)])
@pytest.mark.fidelity("A.5", "O", "client experience: the answer got lost")
def test_a_connection_may_be_reset_before_the_act_or_after_it(wire, do, posted):
    wire.fake.rest_fault(RestFault("create_message", 1, do))
    with pytest.raises(aiohttp.ClientError):
        wire.call(*POST)
    assert len(wire.ok("GET", "/channels/{c}/messages")) == posted


@pytest.mark.fidelity("A.5", "O", "client experience")
def test_an_answer_may_come_late_or_never(wire):
    wire.fake.rest_fault(RestFault("create_message", 1, "delay", delay_ms=7_500))
    began_ms = wire.fake.clock.now_ms
    assert wire.call(*POST).status == 200
    assert wire.fake.clock.now_ms - began_ms == 7_500
    wire.fake.rest_fault(RestFault("create_message", 1, "silence"))
    with pytest.raises(TimeoutError):
        wire.call(*POST, timeout=aiohttp.ClientTimeout(300))
    assert len(wire.ok("GET", "/channels/{c}/messages")) == 1


@pytest.mark.fidelity("A.5", "O", "client experience")
def test_faults_can_hit_every_operation_until_they_are_cleared(wire):
    wire.fake.rest_fault(RestFault("*", None, "answer", status=502))
    paths = ("/users/@me", "/guilds/{g}", "/gateway/bot")
    assert [wire.call("GET", path).status for path in paths] == [502] * 3
    wire.fake.faults.clear()
    assert [wire.call("GET", path).status for path in paths] == [200] * 3


@pytest.mark.fidelity("A.5", "D", "docs: Rate Limits: what is no 401, 403 or 429 is not counted")
def test_a_broken_server_costs_the_client_nothing_but_its_token_in_the_bucket(wire):
    wire.fake.rest_fault(RestFault("create_message", 2, "answer"))
    for _ in range(2):
        wire.call(*POST)
    assert wire.call(*POST).headers["X-RateLimit-Remaining"] == "2"
    assert wire.fake.record.counts()["invalid_requests"] == 0


# -- connections ---------------------------------------------------------------------------------------------


@pytest.mark.fidelity("C.5", "O", "client experience: half-open connections")
def test_a_connection_may_be_half_open(wire):
    socket = wire.session(intents=MESSAGES)
    wire.do(wire.fake.gateway.freeze, 0)
    wire.say("unheard")
    socket.send(1, None)
    assert socket.payloads(30) == []
    assert socket.code is None
    assert [p["t"] for p in wire.resume(socket).payloads()] == ["MESSAGE_CREATE", "RESUMED"]
