"""C.2 and C.12: encodings, compressions, and the frames that messages travel in."""

import json
import zlib

import pytest
import zstandard

from discord_sim import World

SUFFIX = b"\x00\x00\xff\xff"
GUILDS, MEMBERS, MESSAGES = 1, 1 << 1, 1 << 9


# -- decoders, as clients write them -------------------------------------------------------------------------


class Plain:
    """Each frame is a message, in text unless the encoding is binary."""

    query = ""
    payload = False

    def __init__(self, encoding):
        self.kind = str if encoding == "json" else bytes

    def inflate(self, frame):
        assert type(frame) is self.kind
        return frame


class ZlibStream:
    """One stream; a message ends with the suffix."""

    query = "&compress=zlib-stream"
    payload = False

    def __init__(self, encoding):
        self.stream = zlib.decompressobj()

    def inflate(self, frame):
        assert type(frame) is bytes
        assert frame.endswith(SUFFIX)
        return self.stream.decompress(frame)


class ZstdStream:
    """One frame of zstd for the whole connection; each websocket message flushes one gateway message."""

    query = "&compress=zstd-stream"
    payload = False

    def __init__(self, encoding):
        self.stream = zstandard.ZstdDecompressor().decompressobj()

    def inflate(self, frame):
        assert type(frame) is bytes
        data = self.stream.decompress(frame)
        assert not self.stream.eof, "the zstd frame stays open"
        return data


class PayloadCompression(Plain):
    """Some messages are zlib blobs by themselves."""

    payload = True

    def inflate(self, frame):
        is_blob = self.kind is str and type(frame) is bytes
        return zlib.decompress(frame) if is_blob else super().inflate(frame)


COMPRESSIONS = (Plain, ZlibStream, ZstdStream, PayloadCompression)


@pytest.fixture
def opened(wire, erlang_py):
    """`opened(encoding, compression)` connects with a decoder of its own, and identifies as it says."""

    def connect(encoding, compression):
        socket = wire.connect(f"?v=10&encoding={encoding}{compression.query}")
        decoder = compression(encoding)
        unpack = json.loads if encoding == "json" else erlang_py.unpack
        socket.decode = lambda frame: unpack(decoder.inflate(frame))
        socket.encode = json.dumps if encoding == "json" else erlang_py.pack
        return socket

    return connect


def with_text_ids(value):
    """The same document with large numbers as text: ETF sends ids as integers."""
    if isinstance(value, dict):
        return {key: with_text_ids(item) for key, item in value.items()}
    if isinstance(value, list):
        return [with_text_ids(item) for item in value]
    return str(value) if type(value) is int and value > 1 << 53 else value


@pytest.mark.parametrize("compression", COMPRESSIONS)
@pytest.mark.parametrize("encoding", ["json", "etf"])
@pytest.mark.fidelity("C.12", "D", "docs: Gateway (encoding and compression)")
def test_every_transport_tells_the_same(wire, opened, encoding, compression):
    reference, socket = wire.connect(), opened(encoding, compression)
    said = []
    for each in (reference, socket):
        assert each.receive()["op"] == 10
        each.identify(intents=GUILDS | MESSAGES, compress=each is socket and compression.payload)
        assert each.receive()["t"] == "READY"
        said.append(each.payloads())
        wire.sleep(5)
    wire.say("to both ✓")
    for each, payloads in zip((reference, socket), said, strict=True):
        each.send(1, 3)
        payloads += each.payloads()
    assert [p["t"] or p["op"] for p in said[0]] == ["GUILD_CREATE", "GUILD_CREATE", "MESSAGE_CREATE", 11]
    assert with_text_ids(said[1]) == with_text_ids(said[0])


@pytest.mark.parametrize("compression", COMPRESSIONS)
@pytest.mark.parametrize("encoding", ["json", "etf"])
@pytest.mark.fidelity("C.12", "D", "docs: Gateway (transport compression)")
def test_a_resume_begins_a_new_stream(wire, opened, encoding, compression):
    socket = opened(encoding, compression)
    ready = socket.ready(intents=MESSAGES, compress=compression.payload)
    socket.close()
    wire.say("missed")
    again = opened(encoding, compression)
    assert again.receive()["op"] == 10
    again.resume(ready["session_id"], 1)
    assert [payload["t"] for payload in again.until("RESUMED")] == ["MESSAGE_CREATE", "RESUMED"]


# -- zlib-stream ---------------------------------------------------------------------------------------------


@pytest.mark.fidelity("C.12", "D", "docs: Gateway (transport compression)")
def test_a_zlib_stream_has_one_header_and_a_flush_after_each_message(wire):
    socket = wire.connect("?v=10&compress=zlib-stream")
    frames = [socket.frame()]
    socket.identify(intents=GUILDS)
    frames += [socket.frame() for _ in range(3)]
    assert frames[0][0] == 0x78
    assert all(frame.endswith(SUFFIX) for frame in frames)
    with pytest.raises(zlib.error):
        zlib.decompressobj().decompress(frames[1])


@pytest.mark.fidelity("C.12", "D", "docs: Gateway (transport compression)")
def test_a_zlib_message_may_be_split_and_only_its_last_frame_ends_with_the_suffix(start):
    wire = start(stream_frame_bytes=100)
    socket = wire.connect("?v=10&compress=zlib-stream")
    stream, messages, frames = zlib.decompressobj(), [], [[]]
    socket.identify(intents=GUILDS)
    while len(messages) < 4:
        frames[-1].append(socket.frame())
        if frames[-1][-1].endswith(SUFFIX):
            messages.append(json.loads(stream.decompress(b"".join(frames[-1]))))
            frames.append([])
    assert [m["t"] or m["op"] for m in messages] == [10, "READY", "GUILD_CREATE", "GUILD_CREATE"]
    assert len(frames[2]) > 5, "a guild has many frames"
    assert {len(frame) for frame in frames[2][:-1]} == {100}


# -- zstd-stream ---------------------------------------------------------------------------------------------


@pytest.mark.fidelity("C.12", "D", "docs: Gateway (transport compression)")
def test_a_zstd_stream_is_one_open_frame_and_each_websocket_message_is_one_gateway_message(wire):
    socket = wire.connect("?v=10&compress=zstd-stream")
    stream = zstandard.ZstdDecompressor().decompressobj()
    first = socket.frame()
    assert first.startswith(b"\x28\xb5\x2f\xfd")
    texts = [stream.decompress(first)]
    socket.identify(intents=GUILDS)
    texts += [stream.decompress(socket.frame()) for _ in range(3)]
    assert [json.loads(text)["op"] for text in texts] == [10, 0, 0, 0]
    assert not stream.eof


# -- payload compression -------------------------------------------------------------------------------------


@pytest.mark.fidelity("C.12", "D", "docs: Gateway (payload compression)")
def test_payload_compression_packs_large_messages_whole_and_leaves_small_ones_as_text(wire):
    socket = wire.connect()
    socket.receive()
    socket.identify(intents=GUILDS, compress=True)
    ready, *guilds = [socket.frame() for _ in range(3)]
    socket.send(1, None)
    assert [json.loads(ready)["t"], json.loads(socket.frame())["op"]] == ["READY", 11]
    assert [json.loads(zlib.decompress(guild))["t"] for guild in guilds] == ["GUILD_CREATE"] * 2


@pytest.mark.parametrize("compression", [ZlibStream, ZstdStream])
@pytest.mark.fidelity("C.12", "D/O", "docs: Gateway; discord.py sends compress with zlib-stream")
def test_the_transports_compression_wins_over_that_of_the_payload(opened, compression):
    socket = opened("json", compression)
    socket.receive()
    socket.identify(intents=GUILDS, compress=True)
    assert [socket.receive()["t"] for _ in range(3)] == ["READY", "GUILD_CREATE", "GUILD_CREATE"]


# -- ETF -----------------------------------------------------------------------------------------------------


@pytest.mark.fidelity("C.12", "D", "docs: Gateway (ETF)")
def test_etf_has_the_version_byte_binary_keys_and_ids_as_integers(wire, erlang_py):
    socket = wire.connect("?v=10&encoding=etf")
    frame = socket.frame()
    assert frame[0] == 131
    assert b"m\x00\x00\x00\x02op" in frame, "the key op as a binary"
    socket.encode, socket.decode = erlang_py.pack, erlang_py.unpack
    socket.identify(intents=GUILDS)
    ready = socket.receive()["d"]
    assert ready["user"]["id"] == wire.names["me"]
    assert ready["guilds"] == [{"id": wire.names[g], "unavailable": True} for g in ("g", "g1")]


ATOM_KEYS = b"\x83t\x00\x00\x00\x02d\x00\x02opa\x01d\x00\x01dd\x00\x03nil"
HEARTBEAT = b"\x83t\x00\x00\x00\x02m\x00\x00\x00\x02opa\x01m\x00\x00\x00\x01dd\x00\x03nil"


@pytest.mark.parametrize(
    "frame",
    [
        ATOM_KEYS,
        b"\x83P" + len(HEARTBEAT[1:]).to_bytes(4, "big") + zlib.compress(HEARTBEAT[1:]),
        HEARTBEAT[:-1],
        HEARTBEAT + b"\x00",
        HEARTBEAT[1:],
        b"",
        '{"op":1,"d":null}',
        b'{"op":1,"d":null}',
    ],
    ids=["atom keys", "a compressed term", "cut off", "too long", "no version", "nothing", "JSON text", "JSON bytes"],
)
@pytest.mark.fidelity("C.12", "D", "docs: Gateway (ETF)")
def test_4002_for_what_an_etf_client_may_not_send(wire, frame):
    socket = wire.connect("?v=10&encoding=etf")
    socket.send_raw(HEARTBEAT)
    wire.sleep(1)
    assert socket.code is None
    socket.send_raw(frame)
    assert socket.close_code() == 4002


@pytest.mark.fidelity("C.12", "O", "hikari, hikari/impl/shard.py")
def test_etf_and_json_do_not_mix(wire):
    socket = wire.connect("?v=10&encoding=json")
    socket.send_raw(HEARTBEAT)
    assert socket.close_code() == 4002


# -- frames --------------------------------------------------------------------------------------------------


@pytest.mark.fidelity("C.2", "O", "hikari, hikari/impl/shard.py sends binary frames")
def test_a_client_may_send_its_json_in_text_or_in_binary_frames(wire):
    socket = wire.connect()
    for frame in ('{"op":1,"d":null}', b'{"op":1,"d":null}'):
        socket.send_raw(frame)
    assert [payload["op"] for payload in socket.payloads()] == [10, 11, 11]


@pytest.mark.fidelity("C.2", "D/O", "docs: Gateway; gateway-proxy, deserializer.rs reads op and s as text")
def test_a_payload_has_t_s_op_and_d_in_this_order_and_only_dispatches_have_numbers(wire):
    socket = wire.connect()
    socket.identify(intents=MESSAGES)
    socket.send(1, None)
    for text in ("one", "two"):
        wire.say(text)
    payloads = socket.payloads()
    assert {tuple(payload) for payload in payloads} == {("t", "s", "op", "d")}
    assert [(p["op"], p["t"], p["s"]) for p in payloads] == [
        (10, None, None), (0, "READY", 1), (11, None, None), (0, "MESSAGE_CREATE", 2), (0, "MESSAGE_CREATE", 3),
    ]  # fmt: skip


@pytest.mark.fidelity("C.2", "K", "client code: it would compress twice")
def test_the_websockets_own_compression_is_not_agreed_to(wire):
    assert wire.connect(compression="deflate").extensions is None


@pytest.mark.fidelity("C.2", "K", "client code")
def test_a_ping_has_its_pong_and_is_no_heartbeat(wire):
    socket = wire.connect()
    for _ in range(3):
        wire.sleep(20)
        socket.ping()
    assert socket.close_code() == 4009


@pytest.mark.fidelity("C.2", "K", "client code: a guild of several megabytes is normal")
def test_what_the_server_sends_has_no_limit(start):
    wire = start(World(1, guilds=1, members=(1_000, 1_000)))
    socket = wire.session(intents=MEMBERS)
    socket.send(8, {"guild_id": str(wire.guild.id), "query": "", "limit": 0})
    assert len(socket.frame()) > 1 << 18
