"""C.8: how long a session lives, what a resume replays, and op 7 and op 9 wherever they may come."""

import pytest

GUILDS, MODERATION, MESSAGES, CONTENT = 1, 1 << 2, 1 << 9, 1 << 15
LISTENING = MESSAGES | CONTENT
FALSE = {"t": None, "s": None, "op": 9, "d": False}
TRUE = {"t": None, "s": None, "op": 9, "d": True}
RECONNECT = {"t": None, "s": None, "op": 7, "d": None}


def resumed(wire, lost, seq, **changes):
    """A new connection that asks for the session of `lost`, and what it gets at once."""
    socket = wire.resume(lost, seq, **changes)
    return socket, socket.payloads(0)


def texts(payloads):
    return [payload["d"]["content"] for payload in payloads if payload["t"] == "MESSAGE_CREATE"]


# -- what a resume replays -----------------------------------------------------------------------------------


@pytest.mark.fidelity("C.8", "D", "docs: Gateway (resuming)")
def test_a_resume_replays_what_was_missed_with_its_numbers_then_resumed_then_goes_on(wire):
    lost = wire.session(intents=LISTENING)
    wire.say("before")
    (before,) = lost.payloads()
    lost.close()
    for text in ("one", "two", "three"):
        wire.say(text)
    socket, replayed = resumed(wire, lost, before["s"])
    wire.say("after")
    replayed += socket.payloads()
    assert texts(replayed) == ["one", "two", "three", "after"]
    assert [p["t"] for p in replayed] == ["MESSAGE_CREATE"] * 3 + ["RESUMED", "MESSAGE_CREATE"]
    assert [p["s"] for p in replayed] == [before["s"] + n for n in range(1, 6)]
    assert replayed[3]["d"].keys() == {"_trace"}


@pytest.mark.parametrize(("behind", "replayed"), [(0, []), (1, ["three"]), (3, ["one", "two", "three"])])
@pytest.mark.fidelity("C.8", "D", "docs: Gateway (resuming)")
def test_what_was_received_already_is_not_replayed(wire, behind, replayed):
    lost = wire.session(intents=LISTENING)
    for text in ("one", "two", "three"):
        wire.say(text)
    seq = lost.payloads()[-1]["s"]
    lost.close()
    _, seen = resumed(wire, lost, seq - behind)
    assert (texts(seen), seen[-1]["t"]) == (replayed, "RESUMED")


@pytest.mark.parametrize(("missed", "outcome"), [(5, "RESUMED"), (6, None)])
@pytest.mark.fidelity("C.8", "K/L", "client experience: 2,000 to 10,000 events")
def test_the_buffer_is_bounded_and_beyond_it_the_session_is_lost(start, missed, outcome):
    wire = start(replay_max=5)
    lost = wire.session(intents=LISTENING)
    lost.close()
    for n in range(missed):
        wire.say(f"{n}")
    _, seen = resumed(wire, lost, 1)
    assert seen[-1]["t"] == outcome
    if outcome is None:
        assert seen == [FALSE]
        assert resumed(wire, lost, 1 + missed)[1] == [FALSE], "it is gone for good"


@pytest.mark.fidelity("C.8", "K", "client code")
def test_a_resumed_session_keeps_its_intents_and_shard(wire):
    shard = (wire.guild.id >> 22) % 2
    lost = wire.session(intents=LISTENING, shard=[shard, 2])
    lost.close()
    socket, _ = resumed(wire, lost, 1)
    wire.fake.message_posted(0, "mine")
    wire.fake.message_posted(1, "of the other shard")
    wire.act("owner", "ban_user_from_guild", guild_id="g", user_id="m3")
    assert texts(socket.payloads()) == ["mine"]


@pytest.mark.fidelity("C.8", "D", "docs: Gateway (resuming)")
def test_a_session_can_be_resumed_again_and_again(wire):
    lost = wire.session(intents=LISTENING)
    seq = 1
    for n in range(3):
        lost.close()
        wire.say(f"{n}")
        socket, seen = resumed(wire, lost, seq)
        socket.ready_data = lost.ready_data
        assert (texts(seen), seen[-1]["t"]) == ([f"{n}"], "RESUMED")
        lost, seq = socket, seen[-1]["s"]


# -- how long a session lives --------------------------------------------------------------------------------


@pytest.mark.parametrize(("close", "wait_s", "lives"), [
    (4_000, 0, True), (4_000, 179, True), (4_000, 180, False), (3_000, 0, True), (4_900, 0, True),
    (1_000, 0, False), (1_001, 0, False),
])  # fmt: skip
@pytest.mark.fidelity("C.8", "D/L", "docs: Gateway (a few minutes; here three)")
def test_a_session_lives_for_some_minutes_unless_the_client_said_goodbye(wire, close, wait_s, lives):
    lost = wire.session(intents=0)
    lost.close(close)
    wire.sleep(wait_s)
    _, seen = resumed(wire, lost, 1)
    assert [p["t"] or p["op"] for p in seen] == (["RESUMED"] if lives else [9])


@pytest.mark.fidelity("C.8", "K", "client experience")
def test_a_resume_takes_over_from_a_socket_that_still_lives(wire):
    old = wire.session(intents=LISTENING)
    new, seen = resumed(wire, old, 1)
    assert seen[-1]["t"] == "RESUMED"
    assert old.close_code() == 4000
    wire.say("to the new one")
    assert texts(new.payloads()) == ["to the new one"]


@pytest.mark.parametrize("session_id", ["f" * 32, "", None, 5])
@pytest.mark.fidelity("C.8", "D", "docs: Gateway (resuming)")
def test_an_unknown_session_is_op_9_false(wire, session_id):
    socket = wire.greeted()
    socket.resume(session_id, 0)
    assert socket.receive() == FALSE


@pytest.mark.fidelity("C.8", "D", "docs: Gateway (resuming)")
def test_the_session_of_another_bot_is_op_9_false_and_stays_its_own(wire):
    lost = wire.session(intents=0)
    lost.close()
    assert resumed(wire, lost, 1, token=wire.tokens[1])[1] == [FALSE]
    assert resumed(wire, lost, 1)[1][0]["t"] == "RESUMED"


@pytest.mark.fidelity("C.8", "D", "docs: Gateway (resuming)")
def test_a_resume_with_a_bad_token_closes_with_4004_and_with_a_seq_of_the_future_4007(wire):
    lost = wire.session(intents=0)
    lost.close()
    assert [resumed(wire, lost, *bad, **more)[0].code for bad, more in (((1,), {"token": "x"}), ((2,), {}))] == [
        4004,
        4007,
    ]


@pytest.mark.fidelity("C.8", "O", "discord-api-docs issue 244: the same socket may identify")
def test_after_a_refused_resume_the_same_socket_may_identify(wire):
    socket = wire.greeted()
    socket.resume("f" * 32, 1)
    assert socket.receive() == FALSE
    socket.identify(intents=0)
    assert socket.receive()["t"] == "READY"


@pytest.mark.fidelity("C.8", "D", "docs: Gateway (resuming)")
def test_both_the_resume_address_and_the_usual_one_resume(wire):
    for _ in range(2):
        lost = wire.session(intents=0)
        lost.close()
        socket = wire.connect(url=lost.ready_data["resume_gateway_url"] + "/")
        socket.receive()
        socket.resume(lost.ready_data["session_id"], 1)
        assert socket.receive()["t"] == "RESUMED"
        assert resumed(wire, lost, 2)[1][0]["t"] == "RESUMED"


# -- op 7 ----------------------------------------------------------------------------------------------------


@pytest.mark.fidelity("C.8", "D/O", "docs: Gateway Events (Reconnect); hikari, hikari/impl/shard.py")
def test_op_7_asks_to_leave_and_who_does_not_is_closed_after_some_seconds(wire):
    socket = wire.session(intents=0)
    wire.do(wire.fake.gateway.reconnect, 0)
    assert socket.receive() == RECONNECT
    began_ms = wire.fake.clock.now_ms
    assert socket.close_code() == 4000
    assert wire.fake.clock.now_ms - began_ms == 5_000
    assert resumed(wire, socket, 1)[1][0]["t"] == "RESUMED"


@pytest.mark.fidelity("C.8", "D", "docs: Gateway Events (Reconnect)")
def test_events_go_on_between_op_7_and_the_end(wire):
    socket = wire.session(intents=LISTENING)
    wire.do(wire.fake.gateway.reconnect, 0)
    wire.say("still here")
    assert [p["t"] or p["op"] for p in socket.payloads()] == [7, "MESSAGE_CREATE"]


@pytest.mark.fidelity("C.8", "O", "hikari, hikari/impl/shard.py: HELLO or RECONNECT first")
def test_op_7_may_come_in_place_of_hello(wire):
    wire.fake.gateway.reconnect_greetings = 1
    turned_away, next_one = wire.connect(), wire.connect()
    assert (turned_away.receive(), next_one.receive()["op"]) == (RECONNECT, 10)
    assert turned_away.close_code() == 4000


@pytest.mark.fidelity("C.8", "D", "docs: Gateway Events (Reconnect)")
def test_op_7_may_come_during_the_burst_of_guilds(start):
    wire = start(guild_creates_per_100ms=1)
    socket = wire.greeted()
    socket.identify(intents=GUILDS)
    ready, first = socket.payloads(0.05)
    wire.do(wire.fake.gateway.reconnect, 0)
    assert socket.receive() == RECONNECT
    socket.close()
    wire.sleep(1)
    socket.ready_data = ready["d"]
    _, seen = resumed(wire, socket, first["s"])
    assert [p["t"] for p in seen] == ["GUILD_CREATE", "RESUMED"], "the other guild came while nobody was there"


# -- op 9 ----------------------------------------------------------------------------------------------------


@pytest.mark.fidelity("C.8", "D", "docs: Gateway Events (Invalid Session)")
def test_op_9_false_ends_the_session_but_not_the_connection(wire):
    socket = wire.session(intents=0)
    wire.do(wire.fake.gateway.invalidate, 0)
    assert socket.receive() == FALSE
    assert socket.code is None
    assert resumed(wire, socket, 1)[1] == [FALSE]
    wire.sleep(5)
    socket.identify(intents=0)
    ready = socket.receive()
    assert (ready["t"], ready["s"]) == ("READY", 1)
    assert ready["d"]["session_id"] != socket.ready_data["session_id"]


@pytest.mark.fidelity("C.8", "D", "docs: Gateway Events (Invalid Session)")
def test_op_9_false_during_the_burst_of_guilds_ends_the_burst(start):
    wire = start(guild_creates_per_100ms=1)
    socket = wire.greeted()
    socket.identify(intents=GUILDS)
    assert [p["t"] for p in socket.payloads(0.05)] == ["READY", "GUILD_CREATE"]
    wire.do(wire.fake.gateway.invalidate, 0)
    assert socket.payloads() == [FALSE]


@pytest.mark.fidelity("C.8", "D/O", "docs: Gateway Events (Invalid Session); discord.js, WebSocketShard.ts")
def test_after_op_9_true_the_same_socket_resumes(wire):
    socket = wire.session(intents=LISTENING)
    wire.do(wire.fake.gateway.invalidate, 0, resumable=True)
    wire.say("meanwhile")
    assert socket.payloads() == [TRUE], "events wait for the resume"
    socket.resume(socket.ready_data["session_id"], 1)
    seen = socket.payloads()
    assert (texts(seen), [p["t"] for p in seen]) == (["meanwhile"], ["MESSAGE_CREATE", "RESUMED"])


@pytest.mark.fidelity("C.8", "D", "docs: Gateway Events (Invalid Session)")
def test_after_op_9_true_a_new_socket_may_resume_as_well(wire):
    socket = wire.session(intents=0)
    wire.do(wire.fake.gateway.invalidate, 0, resumable=True)
    assert socket.receive() == TRUE
    socket.close()
    assert resumed(wire, socket, 1)[1][0]["t"] == "RESUMED"


@pytest.mark.fidelity("C.8", "O", "discord-api-docs issue 318")
def test_after_op_9_false_anything_but_heartbeat_and_identify_closes_with_4003(wire):
    socket = wire.session(intents=0)
    wire.do(wire.fake.gateway.invalidate, 0)
    socket.send(1, None)
    assert [p["op"] for p in socket.payloads()] == [9, 11]
    socket.resume(socket.ready_data["session_id"], 1)
    assert socket.close_code() == 4003


@pytest.mark.fidelity("C.8", "K", "live behaviour of rolling restarts")
def test_a_server_that_stops_says_that_it_is_going_away(wire):
    socket = wire.session(intents=0)
    wire.sim.run(wire.fake.stop())
    assert socket.close_code() == 1001
