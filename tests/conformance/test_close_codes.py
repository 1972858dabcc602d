"""C.4: what closes a connection, with which code, and what becomes of the session."""

import json

import pytest


@pytest.fixture(scope="module")
def wire(started):
    """One fake for the whole table; each case has a connection of its own."""
    with started() as wire:
        yield wire


@pytest.mark.parametrize(
    "frame",
    ["", "not json", "[]", "null", "1", '{"d":null}', '{"op":"1"}', '{"op":1.5}', '{"op":null}', b"\xff\xfe"],
)
@pytest.mark.fidelity("C.4", "D", "docs: Opcodes and Status Codes")
def test_4002_for_what_is_no_payload(wire, frame):
    socket = wire.greeted()
    socket.send_raw(frame)
    assert socket.close_code() == 4002


@pytest.mark.parametrize(("size", "closes"), [(4_096, False), (4_097, True)])
@pytest.mark.fidelity("C.2", "X", "docs: Gateway (4096 bytes); userdoccers say 15 KiB")
def test_4002_for_more_than_4096_bytes(wire, size, closes):
    socket = wire.greeted()
    empty = json.dumps({"op": 1, "d": ""})
    socket.send_raw(json.dumps({"op": 1, "d": "x" * (size - len(empty))}))
    socket.payloads()
    assert socket.code == (4002 if closes else None)


@pytest.mark.fidelity("C.2", "D", "docs: Gateway")
def test_the_size_is_counted_in_bytes_not_in_characters(wire):
    socket = wire.greeted()
    socket.send_raw(json.dumps({"op": 1, "d": "ß" * 2_100}, ensure_ascii=False))
    assert socket.close_code() == 4002


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"properties": ...}, 4002),
        ({"token": ...}, 4002),
        ({"token": 5}, 4002),
        ({"token": "wrong"}, 4004),
        ({"token": "Bot wrong"}, 4004),
        ({"shard": [2, 2]}, 4010),
        ({"shard": [3, 2]}, 4010),
        ({"shard": [-1, 2]}, 4010),
        ({"shard": [0, 0]}, 4010),
        ({"shard": [0]}, 4010),
        ({"shard": "0,1"}, 4010),
        ({"intents": ...}, 4013),
        ({"intents": None}, 4013),
        ({"intents": "513"}, 4013),
        ({"intents": -1}, 4013),
        ({"intents": 1 << 17}, 4013),
        ({"intents": 1 << 18}, 4013),
        ({"intents": 1 << 40}, 4013),
        ({"presence": {"status": "asleep"}}, 4001),
    ],
    ids=str,
)
@pytest.mark.fidelity("C.6", "D/L", "docs: Gateway Events, Opcodes and Status Codes; discord-api-docs issue 2114")
def test_an_identify_that_is_wrong_closes_with_the_code_of_what_is_wrong(wire, changes, code):
    socket = wire.greeted()
    socket.identify(**changes)
    assert socket.close_code() == code


@pytest.mark.parametrize(
    ("op", "d"),
    [
        (3, None),
        (3, {"status": "asleep"}),
        (3, {"status": "online", "activities": [{"type": 0}]}),
        (4, None),
        (4, {}),
        (8, None),
        (8, {"guild_id": "1"}),
        (8, {"guild_id": "1", "query": "", "limit": 101}),
        (8, {"guild_id": "1", "user_ids": ["1"] * 101}),
        (31, {}),
        (31, {"guild_ids": "1"}),
        (43, {"guild_id": "1"}),
    ],
    ids=str,
)
@pytest.mark.fidelity("C.4", "O", "discord-api-docs issue 1372")
def test_4001_for_a_known_opcode_with_data_that_is_not_its_own(wire, op, d):
    socket = wire.session(intents=0)
    socket.send(op, d)
    assert socket.close_code() == 4001


@pytest.mark.parametrize(
    ("d", "code"),
    [
        (None, 4002),
        ({"token": "{token}", "session_id": "{session}"}, 4002),
        ({"token": "{token}", "session_id": "{session}", "seq": "1"}, 4002),
        ({"token": "wrong", "session_id": "{session}", "seq": 1}, 4004),
        ({"token": "{token}", "session_id": "{session}", "seq": 99}, 4007),
    ],
    ids=["nothing", "no seq", "seq as text", "wrong token", "seq of the future"],
)
@pytest.mark.fidelity("C.4", "D", "docs: Opcodes and Status Codes")
def test_a_resume_that_is_wrong_closes_with_the_code_of_what_is_wrong(wire, d, code):
    lost = wire.session(intents=0)
    lost.close()
    socket = wire.greeted()
    known = {"{token}": socket.token, "{session}": lost.ready_data["session_id"]}
    socket.send(6, None if d is None else {k: known.get(v, v) for k, v in d.items()})
    assert socket.close_code() == code


@pytest.mark.parametrize("code", [1000, 1001, 4000])
@pytest.mark.fidelity("C.4", "O", "JDA and discord.py resume after each of them")
def test_the_server_may_close_with_any_code_and_the_session_lives(wire, code):
    socket = wire.session(intents=0)
    wire.do(wire.fake.gateway.disconnect, 0, code)
    assert socket.close_code() == code
    assert wire.resume(socket).receive()["t"] == "RESUMED"


@pytest.mark.fidelity("C.4", "D", "docs: Gateway")
def test_a_connection_may_be_lost_without_a_close_frame(wire):
    socket = wire.session(intents=0)
    wire.do(wire.fake.gateway.disconnect, 0)
    assert socket.close_code() == 1006
    assert wire.resume(socket).receive()["t"] == "RESUMED"


@pytest.mark.parametrize(
    ("provoke", "code"),
    [
        (lambda socket: socket.send(99), 4001),
        (lambda socket: socket.send_raw("nonsense"), 4002),
        (lambda socket: socket.identify(), 4005),
        (lambda socket: [socket.send(1, None) for _ in range(120)], 4008),
    ],
    ids=["4001", "4002", "4005", "4008"],
)
@pytest.mark.fidelity("C.4", "D/X", "docs: Opcodes and Status Codes; clients differ in whether they try")
def test_a_session_outlives_its_clients_mistake(wire, provoke, code):
    socket = wire.session(intents=0)
    provoke(socket)
    assert socket.close_code() == code
    assert wire.resume(socket).receive()["t"] == "RESUMED"
