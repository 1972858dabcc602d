"""Frames that no client should send: what is no websocket, no JSON, no ETF, or no payload."""

import json
import struct

import pytest

from discord_sim.rules import etf

TEXT, BINARY, CONTINUATION, CLOSE, PING = 1, 2, 0, 8, 9
ETF = "v=10&encoding=etf"
ASK = {"op": 99, "d": None}  # an unknown opcode: 4001 says that everything before it was read and served


def text(value):
    return value if isinstance(value, bytes) else json.dumps(value).encode()


# -- no websocket --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("opcode", "payload", "options", "code"),
    [
        (3, b"x", {}, 1002),
        (11, b"x", {}, 1002),
        (TEXT, b"x", {"reserved": 4}, 1002),
        (CONTINUATION, b"x", {}, 1002),
        (PING, b"x" * 126, {}, 1002),
        (PING, b"x", {"final": False}, 1002),
        (CLOSE, b"x", {}, 1002),
        (CLOSE, struct.pack(">H", 999), {}, 1002),
        (CLOSE, struct.pack(">H", 4_000) + b"\xff", {}, 1007),
        (TEXT, b"\xff\xfe", {}, 1007),
    ],
)
def test_what_breaks_the_websocket_protocol_closes_with_its_own_code(server, opcode, payload, options, code):
    assert server.attack(server.frame(opcode, payload, **options)) == code


def test_a_frame_without_a_mask_is_read_all_the_same(server):
    assert server.attack(server.frame(TEXT, text(ASK), masked=False)) == 4001


@pytest.mark.parametrize(("size", "code"), [(4_097, 4002), (100_000, 4002), (1 << 20, 1009), (10 << 20, 1009)])
def test_a_payload_that_is_too_long(server, within, size, code):
    with within(16):
        assert server.attack(server.frame(TEXT, b"x" * size)) == code


@pytest.mark.parametrize("claim", [1 << 21, 1 << 40, (1 << 63) - 1])
def test_a_claimed_length_costs_nothing(server, within, claim):
    with within(16):
        assert server.attack(b"\x81\xff" + claim.to_bytes(8) + bytes(4) + b"abc") == 1009


@pytest.mark.parametrize("piece", [b"y", b"y" * 60_000], ids=["small", "large"])
def test_a_message_in_endless_fragments_is_cut_off(server, within, piece):
    rest = server.frame(CONTINUATION, piece, final=False) * (1 + 1_000_000 // (len(piece) + 10))
    with within(32):
        assert server.attack(server.frame(TEXT, b"x", final=False), *[rest] * 20) in (1002, 1006, 1009)


def test_a_message_in_a_million_empty_fragments_is_a_message(server, within):
    nothing = server.frame(CONTINUATION, b"", final=False) * 100_000
    first, last = server.frame(TEXT, b"", final=False), server.frame(CONTINUATION, text(ASK))
    with within(32):
        assert server.attack(first, *[nothing] * 10, last) == 4001


def test_a_flood_of_pings_is_answered_at_the_clients_own_speed(server, within):
    with within(32):
        peer = server.upgrade()
        peer.settimeout(0.3)
        with pytest.raises(TimeoutError):  # the server stops reading from who does not read its pongs
            while True:
                peer.sendall(server.frame(PING, b"x" * 125) * 1_000)


# -- no payload ----------------------------------------------------------------------------------------------

PAYLOADS = {
    b"": 4002,
    b"nope": 4002,
    b'{"op":1': 4002,
    b'{"op":1}}': 4002,
    b"[]": 4002,
    b"null": 4002,
    b'{"d":1}': 4002,
    b'{"op":null}': 4002,
    b'{"op":"1"}': 4002,
    b'{"op":1.0}': 4002,
    b'{"op":true}': 4002,
    b'{"op":NaN}': 4002,
    b'{"op":-1}': 4001,
    b'{"op":' + b"9" * 400 + b"}": 4001,
    b'{"op":1,"op":99}': 4001,
    b'{"op":1,"d":"\\ud800"}': 4002,
    b"[" * 4_000: 4002,
    b'{"op":1,"d":' + b"[" * 1_500 + b"]" * 1_500 + b"}": 4002,
    b'{"op":1,"d":' + b"[" * 100 + b"]" * 100 + b"}": 4002,
    b'{"op":2,"d":null}': 4002,
    b'{"op":2,"d":{"token":1}}': 4002,
    b'{"op":2,"d":{"token":"\\u0000","properties":{},"intents":0}}': 4004,
    b'{"op":2,"d":{"token":"x","properties":{},"intents":1e3}}': 4013,
    b'{"op":2,"d":{"token":"x","properties":{},"intents":-1}}': 4013,
    b'{"op":2,"d":{"token":"x","properties":{},"intents":' + b"9" * 400 + b"}}": 4013,
    b'{"op":2,"d":{"token":"x","properties":{},"intents":0,"shard":[0,0]}}': 4010,
    b'{"op":2,"d":{"token":"x","properties":{},"intents":0,"shard":[-1,1]}}': 4010,
    b'{"op":6,"d":[]}': 4002,
    b'{"op":6,"d":{"token":"x","session_id":{},"seq":1}}': 4004,
    b'{"op":6,"d":{"token":"x","session_id":"x","seq":1.5}}': 4002,
}


@pytest.mark.parametrize(("payload", "code"), PAYLOADS.items(), ids=[ascii(p[:50]) for p in PAYLOADS])
@pytest.mark.parametrize("opcode", [TEXT, BINARY], ids=["text", "binary"])
def test_what_is_no_payload_closes_with_the_documented_code(server, opcode, payload, code):
    assert server.attack(server.frame(opcode, payload)) == code


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("v=5", 4012),
        ("v=%C2%B2", 4012),
        ("v=" + "9" * 5_000, 4012),
        ("v=-10", 4012),
        ("v=", 4012),
        ("v=10&encoding=xml", 4012),
        ("v=10&compress=bomb", 4012),
        ("%ff=%00&v=10", 4001),
        ("&".join(f"k{n}=v" for n in range(700)), 4001),
    ],
    ids=lambda value: str(value)[:30],
)
def test_what_is_asked_for_in_the_address(server, query, code):
    assert server.attack(server.frame(TEXT, text(ASK)), query=query) == code


GARBAGE = [None, True, 0, -1, 10**400, 1.5, "", "²", "٣", "9" * 900, [], [[]], {}, {"a": 1}, "\x00", [None, "²", {}]]


@pytest.mark.parametrize("op", [3, 4, 8, 31, 43])
def test_a_command_of_garbage_closes_with_4001_or_is_ignored(server, op):
    bodies = [
        *GARBAGE,
        *({"guild_id": value} for value in GARBAGE),
        *({"guild_id": value, "channel_id": None, "query": "", "limit": 0, "fields": []} for value in GARBAGE),
        *({"guild_id": server.guild, "channel_id": value, "fields": value, "query": value} for value in GARBAGE),
        *({"guild_id": server.guild, "user_ids": value, "nonce": value, "presences": value} for value in GARBAGE),
        *({"guild_id": server.guild, "query": "a", "limit": value, "nonce": value} for value in GARBAGE),
        *({"guild_ids": value} for value in GARBAGE),
        *({"status": value} for value in GARBAGE),
        *({"status": "idle", "activities": value} for value in GARBAGE),
        *(
            {"status": "idle", "activities": [{"name": "x", "type": 0, "state": value, "url": value}]}
            for value in GARBAGE
        ),
        *({"status": "idle", "activities": [{"name": value, "type": value}]} for value in GARBAGE),
    ]
    for body in bodies:
        frames = [server.identify(), server.frame(TEXT, text({"op": op, "d": body})), server.frame(TEXT, text(ASK))]
        assert server.attack(*frames) == 4001, body


# -- no ETF --------------------------------------------------------------------------------------------------

KEY = b"m\0\0\0\2op"
TERMS = {
    "nothing": b"",
    "only a version": b"\x83",
    "another version": b"\x82a\x01",
    "a list of four billion": b"\x83l\xff\xff\xff\xff",
    "a map of four billion": b"\x83t\xff\xff\xff\xff",
    "a binary of four billion": b"\x83m\xff\xff\xff\xff",
    "a tuple of four billion": b"\x83i\xff\xff\xff\xff",
    "a number of four billion bytes": b"\x83o\xff\xff\xff\xff\0",
    "a number of 200 bytes": b"\x83n\xc8\0" + b"\xff" * 200,
    "a compressed term": b"\x83P\0\xff\xff\xffx\x9c",
    "lists in lists": b"\x83" + b"l\0\0\0\1" * 800,
    "tuples in tuples": b"\x83" + b"h\1" * 2_000,
    "maps in maps": b"\x83" + (b"t\0\0\0\1" + KEY) * 330,
    "a text of bytes that are not there": b"\x83k\xff\xff",
    "a process": b"\x83g",
    "a reference to code": b"\x83q",
    "bytes after the term": b"\x83a\1\1",
    "no number": b"\x83t\0\0\0\1" + KEY + b"F\x7f\xf8\0\0\0\0\0\0",
    "a number in letters": b"\x83c" + b"x" * 31,
    "a key that is an atom": b"\x83t\0\0\0\1d\0\2opa\1",
    "a key that is no UTF-8": b"\x83t\0\0\0\1m\0\0\0\2\xff\xffa\1",
}


@pytest.mark.parametrize("term", TERMS.values(), ids=TERMS)
def test_what_is_no_term_closes_with_4002_and_costs_nothing(server, within, term):
    with within(16):
        assert server.attack(server.frame(BINARY, term), query=ETF) == 4002


def test_etf_comes_in_binary_frames_only(server):
    assert server.attack(server.frame(TEXT, text({"op": 1, "d": None})), query=ETF) == 4002


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1 << 500, -1, "\x00", [], {"a": float("-inf")}], ids=str)
def test_values_that_json_does_not_have(server, value):
    def frame(payload):
        return server.frame(BINARY, etf.pack(payload))

    server.operator("POST", "/clock", {"advance_s": 5})
    identify = frame({"op": 2, "d": {"token": server.token, "intents": 256, "properties": {}}})
    activity = {"name": "x", "type": 0, "state": value, "url": value}
    presence = frame({"op": 3, "d": {"status": "idle", "activities": [activity]}})
    members = frame({"op": 8, "d": {"guild_id": server.guild, "user_ids": [value], "nonce": value}})
    assert server.attack(identify, presence, members, frame(ASK), query=ETF) == 4001


# -- slow and absent readers -----------------------------------------------------------------------------------


def test_a_client_that_never_reads_loses_its_connection_before_it_costs_much(server, within):
    peer = server.upgrade()
    peer.sendall(server.identify(512))
    event = {"event": "MESSAGE_CREATE", "guild_id": server.guild, "data": {"content": "x" * 60_000}}
    cut = server.operator("GET", "/record").json["closes"].get("1006", 0)
    with within(32):
        for _ in range(200):
            assert server.operator("POST", "/dispatches", event).status == 204
    assert server.operator("GET", "/record").json["closes"]["1006"] == cut + 1
    assert server.close_code(peer) == 1006


def test_connections_that_never_say_anything_cost_the_others_nothing(server, within):
    with within(64):
        for _ in range(200):
            server.upgrade()
