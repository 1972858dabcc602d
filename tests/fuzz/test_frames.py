"""Random frames, whole and broken, to the gateway: it answers or closes with a documented code, logs nothing, and
another client lives on."""

import asyncio
import json
import os

import aiohttp
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from discord_sim import Settings, World
from discord_sim.edge import FakeDiscord
from discord_sim.rules import etf
from discord_sim.wire import CloseCode

SEED, EFFORT = int(os.environ.get("FUZZ_SEED", "1")), int(os.environ.get("FUZZ_EFFORT", "1"))

GUILD = World(1, guilds=2).guild_at(0)
TOKEN = Settings().token
LEFT = 1000  # what the server replies to a client that leaves
IDENTIFY = {"op": 2, "d": {"token": TOKEN, "intents": 53_608_447, "properties": {}}}

ids = st.sampled_from([str(GUILD.id), GUILD.id, *map(str, GUILD.channels), "0", "²", "9" * 30, 0, -1])
scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20), ids)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
activities = st.lists(st.fixed_dictionaries({}, optional=dict.fromkeys(("name", "type", "state", "url"), values)))
FIELDS = {
    1: {},
    2: {
        "token": st.just(TOKEN), "intents": st.integers(0, 1 << 26), "properties": st.just({}), "presence": values,
        "compress": st.booleans(), "large_threshold": st.integers(), "shard": st.lists(st.integers(-1, 4), max_size=3),
    },
    3: {"status": st.sampled_from(["online", "idle", "invisible", ""]), "activities": activities, "since": values},
    4: {"guild_id": ids, "channel_id": st.none() | ids, "self_mute": values, "self_deaf": values},
    6: {"token": st.just(TOKEN), "session_id": st.text(max_size=40), "seq": st.integers()},
    8: {
        "guild_id": ids, "query": st.text(max_size=3), "limit": st.integers(-1, 101), "presences": values,
        "user_ids": ids | st.lists(ids), "nonce": values,
    },
    31: {"guild_ids": st.lists(ids, max_size=4)},
    43: {"guild_id": ids, "fields": st.lists(values, max_size=3)},
}  # fmt: skip


def bodies(op):
    """The `d` of an opcode: mostly with its own fields, some of them of another kind."""
    known = {name: st.one_of(field, field, field, values) for name, field in FIELDS[op].items()}
    return st.one_of(st.fixed_dictionaries(known), st.fixed_dictionaries({}, optional=known), values)


payloads = st.one_of(
    *(st.fixed_dictionaries({"op": st.just(op), "d": bodies(op)}) for op in FIELDS),
    st.fixed_dictionaries({"op": st.integers(0, 50) | values, "d": values}, optional={"s": values, "t": values}),
    values,
)
broken = st.one_of(
    st.binary(max_size=200), st.text(max_size=100), st.sampled_from(["[" * 3_000, b"\x83" + b"l\0\0\0\1" * 600])
)
sequences = st.tuples(
    st.sampled_from(["json", "etf"]),
    st.sampled_from(["", "zlib-stream", "zstd-stream"]),
    st.lists(st.one_of(payloads, payloads, payloads, broken), min_size=1, max_size=8),
    st.booleans(),
)


async def send(socket, frame, encoding):
    match frame:
        case str():
            await socket.send_str(frame)
        case bytes():
            await socket.send_bytes(frame)
        case _ if encoding == "etf":
            await socket.send_bytes(etf.pack(frame))
        case _:
            await socket.send_str(json.dumps(frame))


async def play(encoding, compression, frames, identified):
    """The code the connection ends with."""
    fake = FakeDiscord(World(1, guilds=2), Settings(max_concurrency=16))
    url = f"http://127.0.0.1:{await fake.start()}/?v=10&encoding="
    try:
        async with aiohttp.ClientSession() as http, http.ws_connect(f"{url}json") as bystander:
            await bystander.receive()
            async with http.ws_connect(f"{url}{encoding}&compress={compression}", max_msg_size=0) as socket:
                for frame in [IDENTIFY, *frames] if identified else frames:
                    if not socket.closed:
                        await send(socket, frame, encoding)
                await bystander.send_str('{"op":1,"d":null}')
                assert (await bystander.receive_json(timeout=10))["op"] == 11
                await socket.close()
    finally:
        await fake.stop()
    return socket.close_code


@seed(SEED)
@settings(max_examples=120 * EFFORT, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(sequences)
def test_whatever_is_sent_is_answered_or_closed_with_a_documented_code(sequence):
    assert asyncio.run(play(*sequence)) in {LEFT, 1002, 1007, 1009, *CloseCode}
