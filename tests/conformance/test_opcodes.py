"""C.3, C.5 and C.9: what each phase of a connection answers to each opcode, and how it is kept alive."""

import pytest

GUILDS = 1
ACK = {"t": None, "s": None, "op": 11, "d": None}
PRESENCE = {"since": None, "activities": [], "status": "online", "afk": False}
NOT_FOR_BOTS = (0, 5, 7, 9, 10, 11, *range(12, 31), *range(32, 43), 44, 99, -1)


@pytest.fixture(scope="module")
def wire(started):
    """One fake for the whole table; each case has a connection of its own."""
    with started() as wire:
        yield wire


def greeted(wire):
    return wire.greeted()


def identified(wire):
    return wire.session(intents=GUILDS)


def told_to_identify(wire):
    socket = identified(wire)
    wire.do(wire.fake.gateway.invalidate, 0)
    assert socket.receive()["d"] is False
    return socket


def told_to_resume(wire):
    socket = identified(wire)
    wire.do(wire.fake.gateway.invalidate, 0, resumable=True)
    assert socket.receive()["d"] is True
    return socket


def answer(socket, op, d):
    """The close code, or the opcodes and events that come within a second."""
    socket.send(op, d)
    told = [payload["t"] or payload["op"] for payload in socket.payloads(1)]
    return socket.code or told[:1]


def data(wire, socket):
    """Valid data of every opcode a bot may send."""
    guild = str(wire.guild.id)
    return {
        1: None,
        3: PRESENCE,
        4: {"guild_id": guild, "channel_id": None, "self_mute": False, "self_deaf": False},
        6: {"token": socket.token, "session_id": (socket.ready_data or {}).get("session_id", "f" * 32), "seq": 1},
        8: {"guild_id": guild, "query": "", "limit": 1},
        31: {"guild_ids": [guild]},
        43: {"guild_id": guild, "fields": ["status"]},
    }


COMMANDS = (3, 4, 8, 31, 43)
ANSWERS = {
    greeted: {1: [11], 6: [9], **dict.fromkeys(COMMANDS, 4003)},
    identified: {
        1: [11], 6: 4005, 3: [], 4: [], 8: ["GUILD_MEMBERS_CHUNK"], 31: ["SOUNDBOARD_SOUNDS"], 43: ["CHANNEL_INFO"],
    },
    told_to_identify: {1: [11], 6: 4003, **dict.fromkeys(COMMANDS, 4003)},
    told_to_resume: {1: [11], 6: ["GUILD_CREATE"], **dict.fromkeys(COMMANDS, 4003)},
}  # fmt: skip


@pytest.mark.parametrize(
    ("phase", "op", "expected"),
    [(phase, op, expected) for phase, table in ANSWERS.items() for op, expected in table.items()],
)
@pytest.mark.fidelity("C.3", "D/O", "docs: Opcodes and Status Codes; discord-api-docs issue 318")
def test_each_phase_has_its_answer_to_each_opcode_of_a_bot(wire, phase, op, expected):
    socket = phase(wire)
    assert answer(socket, op, data(wire, socket)[op]) == expected


@pytest.mark.parametrize(
    ("phase", "expected"),
    [(greeted, ["READY"]), (identified, 4005), (told_to_identify, ["READY"]), (told_to_resume, ["READY"])],
)
@pytest.mark.fidelity("C.3", "D", "docs: Gateway")
def test_each_phase_has_its_answer_to_identify(wire, phase, expected):
    socket = phase(wire)
    wire.sleep(5)  # since the last identify
    socket.identify(intents=GUILDS)
    told = [payload["t"] for payload in socket.payloads(5)]
    assert (socket.code or told[:1]) == expected


@pytest.mark.parametrize("op", NOT_FOR_BOTS)
@pytest.mark.parametrize("phase", [greeted, identified])
@pytest.mark.fidelity("C.3", "L", "docs: Opcodes and Status Codes; what is for user accounts is unknown to a bot")
def test_what_only_servers_or_user_accounts_send_is_an_unknown_opcode(wire, phase, op):
    assert answer(phase(wire), op, None) == 4001


# -- heartbeats ----------------------------------------------------------------------------------------------


@pytest.mark.fidelity("C.5", "O", "gateway-proxy, server.rs; docs: Gateway")
def test_hello_comes_first_and_names_the_interval(wire):
    hello = wire.connect().receive()
    assert (hello["t"], hello["s"], hello["op"], hello["d"]["heartbeat_interval"]) == (None, None, 10, 41_250)


@pytest.mark.parametrize("seen", [None, 0, 1, 99_999, "nonsense"])
@pytest.mark.fidelity("C.5", "D/L", "docs: Gateway")
def test_a_heartbeat_is_acknowledged_whatever_sequence_it_names(wire, seen):
    socket = wire.greeted()
    socket.send(1, seen)
    assert socket.receive() == ACK


@pytest.mark.fidelity("C.5", "U", "userdoccers: Using the Gateway")
def test_identifying_without_having_read_hello_is_tolerated(wire):
    wire.sleep(5)
    socket = wire.connect()
    socket.identify(intents=GUILDS)
    assert [payload["t"] for payload in socket.until("READY")] == [None, "READY"]


@pytest.mark.fidelity("C.5", "X", "docs: Gateway; the code differs between reports")
def test_silence_for_one_and_a_half_intervals_ends_the_connection_but_not_the_session(wire):
    socket = identified(wire)
    socket.send(1, None)
    began_ms = wire.fake.clock.now_ms
    assert socket.close_code() == 4009
    assert wire.fake.clock.now_ms - began_ms == pytest.approx(41_250 * 1.5, abs=20)
    assert wire.resume(socket).until("RESUMED")


@pytest.mark.fidelity("C.5", "D", "docs: Gateway")
def test_regular_heartbeats_keep_a_connection_for_as_long_as_they_come(wire):
    socket = identified(wire)
    for _ in range(20):
        wire.sleep(41.25)
        socket.send(1, None)
    assert socket.payloads(1) == [ACK] * 20
    assert socket.code is None


@pytest.mark.fidelity("C.5", "D", "docs: Gateway")
def test_the_server_may_ask_for_a_heartbeat(wire):
    socket = identified(wire)
    wire.do(wire.fake.gateway.ask_for_heartbeat, 0)
    assert socket.receive() == {"t": None, "s": None, "op": 1, "d": None}
    socket.send(1, None)
    assert socket.receive() == ACK


@pytest.mark.fidelity("C.5", "D", "docs: Gateway (zombied connections)")
def test_acknowledgements_can_be_withheld_while_events_go_on(wire):
    socket = wire.session(intents=512)
    wire.do(wire.fake.gateway.deafen, 0)
    socket.send(1, None)
    wire.say("still here")
    assert [payload["t"] for payload in socket.payloads()] == ["MESSAGE_CREATE"]


# -- limits --------------------------------------------------------------------------------------------------


@pytest.mark.fidelity("C.9", "U", "userdoccers: Gateway Events")
def test_the_sixth_presence_within_twenty_seconds_is_dropped_without_a_word(wire):
    presences = 256
    watcher, socket = wire.session(intents=presences), wire.session(intents=0)
    for n in range(7):
        wire.sleep(0 if n < 6 else 20)
        socket.send(3, {**PRESENCE, "status": "idle" if n % 2 else "dnd"})
    seen = [
        (data["status"]) for name, data in watcher.events() if data["guild_id"] == str(wire.guild.id)
    ]  # fmt: skip
    assert seen == ["dnd", "idle", "dnd", "idle", "dnd", "dnd"]
    assert socket.code is None


@pytest.mark.fidelity("C.9", "D", "docs: Gateway")
def test_a_hundred_and_twenty_sends_in_a_minute_pass_and_the_next_closes_with_4008(wire):
    socket = wire.greeted()
    for _ in range(120):
        socket.send(1, None)
    wire.sleep(59)
    assert socket.code is None
    socket.send(1, None)
    assert socket.close_code() == 4008


@pytest.mark.fidelity("C.9", "L", "common reading of the documentation: the window opens with the first send")
def test_after_a_minute_there_are_a_hundred_and_twenty_sends_again(wire):
    socket = wire.greeted()
    for _ in range(2):
        for _ in range(120):
            socket.send(1, None)
        wire.sleep(60)
    assert socket.code is None
    assert len(socket.payloads()) == 240
