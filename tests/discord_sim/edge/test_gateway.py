"""The gateway as a client meets it, frame by frame."""

import asyncio
import json
import zlib

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from discord_sim import Link, Settings, Simulation, World, start_discord
from discord_sim.edge import FakeDiscord

URL = "wss://gateway.discord.gg/?v=10&encoding=json"
GUILDS, MEMBERS, MODERATION, MESSAGES, CONTENT = 1, 2, 4, 512, 32_768


class Client:
    """A bare websocket that speaks opcodes."""

    def __init__(self, socket, token):
        self.socket, self.token = socket, token

    async def receive(self):
        return json.loads(await self.socket.recv())

    async def send(self, op, d=None):
        await self.socket.send(json.dumps({"op": op, "d": d}))

    async def identify(self, **changes):
        properties = {"os": "linux", "browser": "test", "device": "test"}
        body = {"token": self.token, "intents": GUILDS | MODERATION | MEMBERS, "properties": properties, **changes}
        await self.send(2, {k: v for k, v in body.items() if v is not ...})

    async def until(self, event):
        seen = []
        while True:
            payload = await self.receive()
            seen.append(payload)
            if payload["t"] == event or payload["op"] == event:
                return payload, seen

    async def ready(self, **changes):
        assert (await self.receive())["op"] == 10
        await self.identify(**changes)
        return (await self.until("READY"))[0]["d"]

    async def close_code(self):
        try:
            while True:
                await self.socket.recv()
        except ConnectionClosed:
            return self.socket.close_code


def with_gateway(program, *, guilds=3, settings=None, url=URL):
    """Run `program(new, fake)`; `new()` opens one more connection."""
    with Simulation(1) as sim:
        sim.network.default_link = Link()  # exact times

        async def main():
            fake = await start_discord(sim, World(1, guilds=guilds), settings or Settings())

            async def client():
                sockets = []

                async def new(url=url):
                    sockets.append(await connect(url, proxy=None, compression=None, max_size=None, ping_interval=None))
                    return Client(sockets[-1], fake.settings.token)

                try:
                    return await program(new, fake)
                finally:
                    for socket in sockets:
                        await socket.close()

            return await sim.spawn("bot", client)

        return sim.run(main())


def test_hello_ready_and_the_guild_burst():
    async def program(new, fake):
        client = await new()
        hello = await client.receive()
        await client.identify(shard=[0, 1])
        payloads = [await client.receive() for _ in range(4)]
        return hello, payloads

    hello, (ready, *guilds) = with_gateway(program)
    assert (hello["op"], hello["d"]["heartbeat_interval"], hello["t"], hello["s"]) == (10, 41_250, None, None)
    assert list(ready) == ["t", "s", "op", "d"]
    assert (ready["t"], ready["s"]) == ("READY", 1)
    d = ready["d"]
    assert len(d["session_id"]) == 32
    assert d["resume_gateway_url"].startswith("wss://")
    assert (d["shard"], d["v"]) == ([0, 1], 10)
    assert all(g["unavailable"] is True for g in d["guilds"])
    assert [(g["t"], g["s"]) for g in guilds] == [("GUILD_CREATE", n) for n in (2, 3, 4)]
    assert {g["d"]["id"] for g in guilds} == {g["id"] for g in d["guilds"]}
    assert all(17 <= len(g["id"]) <= 19 for g in d["guilds"])


def test_heartbeats_are_acknowledged_and_silence_ends_the_connection():
    async def program(new, fake):
        client = await new()
        await client.ready()
        await client.send(1, 1)
        ack = (await client.until(11))[0]
        beat_ms = fake.clock.now_ms
        code = await client.close_code()
        return ack, code, fake.clock.now_ms - beat_ms

    ack, code, after_ms = with_gateway(program)
    assert ack == {"t": None, "s": None, "op": 11, "d": None}
    assert code == 4009
    assert after_ms == pytest.approx(41_250 * 1.5, abs=20)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"token": "wrong"}, 4004),
        ({"intents": ...}, 4013),
        ({"intents": 1 << 17}, 4013),
        ({"shard": [2, 2]}, 4010),
        ({"shard": "x"}, 4010),
        ({"properties": ...}, 4002),
    ],
)
def test_a_bad_identify_closes_with_its_code(changes, code):
    async def program(new, fake):
        client = await new()
        await client.identify(**changes)
        return await client.close_code()

    assert with_gateway(program) == code


def test_a_privileged_intent_must_be_enabled():
    async def program(new, fake):
        client = await new()
        await client.identify()
        return await client.close_code()

    assert with_gateway(program, settings=Settings(allowed_intents=0)) == 4014


def test_too_many_guilds_on_a_shard():
    async def program(new, fake):
        client = await new()
        await client.identify()
        return await client.close_code()

    assert with_gateway(program, guilds=2_501) == 4011


@pytest.mark.parametrize(
    ("frames", "code"),
    [
        (["not json"], 4002),
        (["[]"], 4002),
        (['{"op":"1"}'], 4002),
        (['{"op":1,"d":"' + "x" * 4_096 + '"}'], 4002),
        (['{"op":3,"d":{}}'], 4003),
        (['{"op":99,"d":{}}'], 4001),
    ],
)
def test_what_no_client_should_send(frames, code):
    async def program(new, fake):
        client = await new()
        for frame in frames:
            await client.socket.send(frame)
        return await client.close_code()

    assert with_gateway(program) == code


def test_identifying_twice_on_one_connection():
    async def program(new, fake):
        client = await new()
        await client.ready()
        await client.identify()
        return await client.close_code()

    assert with_gateway(program) == 4005


def test_an_unknown_version_is_not_served():
    async def program(new, fake):
        return await (await new(URL.replace("v=10", "v=5"))).close_code()

    assert with_gateway(program) == 4012


@pytest.mark.parametrize(
    "url", ["wss://gateway.discord.gg?v=10", "wss://gateway.discord.gg//?v=9", "wss://gateway.discord.gg/x/y"]
)
def test_any_path_is_accepted(url):
    async def program(new, fake):
        return (await (await new(url)).receive())["op"]

    assert with_gateway(program) == 10


def test_a_hundred_and_twenty_sends_a_minute_and_not_one_more():
    async def program(new, fake):
        client = await new()
        await client.ready()  # one
        for _ in range(119):
            await client.send(1, None)
        await asyncio.sleep(0.1)
        alive = client.socket.close_code is None
        await client.send(1, None)
        return alive, await client.close_code()

    assert with_gateway(program) == (True, 4008)


def test_identifying_too_early_is_answered_late_with_op_9_and_costs_no_start():
    async def program(new, fake):
        first, second = await new(), await new()
        await first.ready(shard=[0, 2])
        began = fake.clock.now_ms
        await second.identify(shard=[1, 2])
        invalid = (await second.until(9))[0]
        late_ms = fake.clock.now_ms - began
        await asyncio.sleep(5)
        await second.identify(shard=[1, 2])
        ready = (await second.until("READY"))[0]
        return invalid["d"], late_ms, ready["s"], fake.gateway.starts.used

    assert with_gateway(program) == (False, 2_000, 1, 2)


def test_keys_of_max_concurrency_start_beside_each_other():
    async def program(new, fake):
        clients = [await new() for _ in range(4)]
        await asyncio.gather(*(c.ready(shard=[n, 4]) for n, c in enumerate(clients)))
        return fake.record.gateway["identify"], fake.record.gateway["identify_too_early"]

    assert with_gateway(program, settings=Settings(max_concurrency=4)) == (4, 0)


def test_spending_all_session_starts_resets_the_token():
    async def program(new, fake):
        codes = []
        for _ in range(3):
            client = await new()
            await client.identify()
            codes.append((await client.receive())["op"])
            await asyncio.sleep(6)
        return [await c for c in [client.close_code()]], fake.gateway.token_revoked

    assert with_gateway(program, settings=Settings(session_starts_total=2)) == ([4004], True)


def test_events_go_to_the_shard_of_their_guild_and_to_intents_that_open_them():
    async def program(new, fake):
        clients = [await new() for _ in range(2)]
        await clients[0].ready(shard=[0, 2])
        await clients[1].ready(shard=[1, 2], intents=GUILDS | MEMBERS)
        await asyncio.sleep(1)
        for guild in range(2):
            fake.member_banned(guild, 3)
        seen = []
        for client in clients:
            events = []
            while True:
                try:
                    events.append((await asyncio.wait_for(client.receive(), 1))["t"])
                except TimeoutError:
                    break
            seen.append([e for e in events if e != "GUILD_CREATE"])
        return seen, [fake.world.guild_at(g).id >> 22 & 1 for g in range(2)]

    seen, shards = with_gateway(program, settings=Settings(max_concurrency=2))
    assert sorted(shards) == [0, 1]
    assert seen == [["GUILD_BAN_ADD", "GUILD_MEMBER_REMOVE", "GUILD_AUDIT_LOG_ENTRY_CREATE"], ["GUILD_MEMBER_REMOVE"]]


def test_content_is_withheld_without_its_intent():
    async def program(new, fake):
        blind, seeing = await new(), await new()
        await blind.ready(intents=MESSAGES)
        await asyncio.sleep(5)
        await seeing.ready(intents=MESSAGES | CONTENT)
        fake.message_posted(0, "secret plans")
        fake.message_posted(0, f"hey <@{fake.world.bot_id}>")
        texts = [
            [(await client.until("MESSAGE_CREATE"))[0]["d"]["content"] for _ in range(2)] for client in (blind, seeing)
        ]
        return texts, fake.world.bot_id

    texts, bot = with_gateway(program)
    assert texts == [["", f"hey <@{bot}>"], ["secret plans", f"hey <@{bot}>"]]


def test_a_resume_replays_what_was_missed_in_order():
    async def program(new, fake):
        client = await new()
        ready = await client.ready()
        _, seen = await client.until("GUILD_CREATE")
        last = seen[-1]["s"]
        await asyncio.sleep(1)
        await client.socket.close(4_000)
        await asyncio.sleep(1)
        users = [str(fake.member_banned(0, n)) for n in (1, 2)]
        again = await new()
        await again.receive()
        await again.send(6, {"token": again.token, "session_id": ready["session_id"], "seq": last})
        _, replayed = await again.until("RESUMED")
        return last, replayed, users, fake.gateway.starts.used

    last, replayed, users, starts = with_gateway(program)
    assert [p["s"] for p in replayed] == list(range(last + 1, last + 1 + len(replayed)))
    banned = [p["d"]["user"]["id"] for p in replayed if p["t"] == "GUILD_BAN_ADD"]
    assert banned == users
    assert starts == 1


@pytest.mark.parametrize(
    ("close", "wait_s", "session", "seq", "outcome"),
    [
        (4_000, 1, "own", 1, "RESUMED"),
        (4_000, 179, "own", 1, "RESUMED"),
        (4_000, 181, "own", 1, 9),
        (1_000, 1, "own", 1, 9),
        (1_001, 1, "own", 1, 9),
        (4_000, 1, "f" * 32, 1, 9),
        (4_000, 1, "own", 99, 4007),
    ],
)
def test_when_a_session_can_be_resumed(close, wait_s, session, seq, outcome):
    async def program(new, fake):
        client = await new()
        ready = await client.ready(intents=0)
        await client.socket.close(close)
        await asyncio.sleep(wait_s)
        again = await new()
        await again.receive()
        own = ready["session_id"] if session == "own" else session
        await again.send(6, {"token": again.token, "session_id": own, "seq": seq})
        try:
            payload = await again.receive()
        except ConnectionClosed:
            return again.socket.close_code
        return payload["t"] or payload["op"]

    assert with_gateway(program) == outcome


def test_op_7_and_what_happens_to_who_does_not_leave():
    async def program(new, fake):
        client = await new()
        await client.ready(intents=0)
        told = fake.gateway.reconnect()
        op = (await client.receive())["op"]
        began = fake.clock.now_ms
        code = await client.close_code()
        return told, op, code, fake.clock.now_ms - began

    assert with_gateway(program) == (1, 7, 4000, 5_000)


def test_op_9_voids_the_session_and_only_identify_is_welcome_after_it():
    async def program(new, fake):
        client = await new()
        await client.ready(intents=0)
        fake.gateway.invalidate(0)
        op = await client.receive()
        await client.send(3, {"since": None, "activities": [], "status": "online", "afk": False})
        return op["op"], op["d"], await client.close_code()

    assert with_gateway(program) == (9, False, 4003)


def test_zlib_stream_is_one_stream_with_a_flush_per_message():
    async def program(new, fake):
        client = await new(URL + "&compress=zlib-stream")
        inflate = zlib.decompressobj()

        async def receive():
            frame = await client.socket.recv()
            assert isinstance(frame, bytes)
            assert frame.endswith(b"\x00\x00\xff\xff")
            return json.loads(inflate.decompress(frame))

        hello = await receive()
        await client.identify()
        return hello["op"], [(await receive())["t"] for _ in range(4)]

    assert with_gateway(program) == (10, ["READY", "GUILD_CREATE", "GUILD_CREATE", "GUILD_CREATE"])


@pytest.mark.parametrize(("url", "frames"), [(URL, "blobs"), (URL + "&compress=zlib-stream", "stream")])
def test_payload_compression_packs_large_payloads_whole_and_yields_to_the_transports(url, frames):
    async def program(new, fake):
        client = await new(url)
        await client.socket.recv()
        await client.identify(compress=True)
        return [await client.socket.recv() for _ in range(2)]  # READY is small, GUILD_CREATE is not

    ready, guild = with_gateway(program, url=url)
    if frames == "blobs":
        assert json.loads(ready)["t"] == "READY"
        assert json.loads(zlib.decompress(guild))["t"] == "GUILD_CREATE"
    else:
        assert guild.endswith(b"\x00\x00\xff\xff")
        with pytest.raises(zlib.error):
            zlib.decompress(guild)


def test_the_same_gateway_on_real_sockets():
    async def main():
        fake = FakeDiscord(World(1, guilds=2), Settings())
        port = await fake.start()
        try:
            async with connect(f"ws://127.0.0.1:{port}/?v=10&encoding=json", proxy=None) as socket:
                client = Client(socket, fake.settings.token)
                ready = await client.ready()
                fake.member_banned(0, 1)
                ban, _ = await client.until("GUILD_BAN_ADD")
                return len(ready["guilds"]), ban["d"]["delete_message_secs"]
        finally:
            await fake.stop()

    assert asyncio.run(main()) == (2, 0)
