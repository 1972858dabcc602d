"""How long the server waits for who does not finish, does not read, or has gone: in virtual time."""

import asyncio
import ssl

import pytest

from discord_sim import Simulation, World, start_discord

HEAD = (
    "POST /api/v10/channels/{channel}/messages HTTP/1.1\r\nHost: discord.com\r\nUser-Agent: DiscordBot\r\n"
    "Authorization: Bot {token}\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n"
)
UPGRADE = (
    b"GET /?v=10&encoding=json HTTP/1.1\r\nHost: gateway.discord.gg\r\nUser-Agent: t\r\nUpgrade: websocket\r\n"
    b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n"
)


@pytest.fixture
def attack():
    """`attack(program)`: run `program(fake, reader, writer)` on a connection of the attacker's."""

    def run(program):
        with Simulation(1) as sim:

            async def main():
                fake = await start_discord(sim, World(1, guilds=2))

                async def on_the_attackers_machine():
                    secure = ssl.create_default_context()
                    reader, writer = await asyncio.open_connection("discord.com", 443, ssl=secure, limit=1 << 12)
                    try:
                        return await program(fake, reader, writer)
                    finally:
                        writer.close()

                try:
                    return await sim.spawn("attacker", on_the_attackers_machine)
                finally:
                    await fake.stop()

            return sim.run(main())

    return run


def head(fake):
    channel = next(iter(fake.world.guild_at(0).channels))
    return HEAD.format(channel=channel, token=fake.settings.token).encode()


async def drip(writer, data, every_s):
    """Send one byte at a time until nobody takes them any more."""
    for n in range(len(data)):
        writer.write(data[n : n + 1])
        await asyncio.sleep(every_s)


@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\nX: " + b"a" * 1_000], ids=["nothing", "a head in drops"])
def test_a_connection_without_a_whole_request_is_closed_after_400_seconds(attack, sent):
    async def program(fake, reader, writer):
        dripping = asyncio.create_task(drip(writer, sent, 10))
        got = await reader.read()
        dripping.cancel()
        return got, fake.clock.now_ms

    assert attack(program) == (b"", pytest.approx(400_000, abs=1_000))


def test_a_body_that_does_not_arrive_within_a_minute_is_a_timeout(attack):
    async def program(fake, reader, writer):
        writer.write(head(fake))
        dripping = asyncio.create_task(drip(writer, b" " * 1_000, 1))
        status = await reader.readline()
        answered_ms = fake.clock.now_ms
        await reader.read()
        dripping.cancel()
        return status, answered_ms, fake.clock.now_ms

    status, answered_ms, closed_ms = attack(program)
    assert status == b"HTTP/1.1 408 Request Timeout\r\n"
    assert answered_ms == pytest.approx(60_000, abs=1_000)
    assert closed_ms <= answered_ms + 10_000


def test_a_gateway_client_that_says_nothing_is_closed(attack):
    async def program(fake, reader, writer):
        writer.write(UPGRADE)
        got = await reader.read()
        return got[-2:], fake.clock.now_ms, fake.gateway.connections

    code, closed_ms, connections = attack(program)
    assert int.from_bytes(code) == 4009
    assert closed_ms == pytest.approx(61_875, abs=6_000)
    assert connections == {}


def test_a_client_that_neither_reads_nor_speaks_is_cut_off_with_its_close_frame_unread(attack):
    async def program(fake, reader, writer):
        writer.write(UPGRADE)
        await asyncio.sleep(1)
        (client,) = fake.gateway.connections.values()
        for _ in range(100):
            client.send_op(0, "x" * 100_000)
        await asyncio.sleep(70)
        waiting = len(fake.gateway.connections)
        await asyncio.sleep(30)
        return waiting, len(fake.gateway.connections), dict(fake.record.closes)

    assert attack(program) == (1, 0, {1006: 1})


def test_a_frozen_connection_is_forgotten_once_its_client_leaves(attack):
    async def program(fake, reader, writer):
        writer.write(UPGRADE)
        await asyncio.sleep(1)
        (client,) = fake.gateway.connections.values()
        client.is_frozen = True
        await asyncio.sleep(600)
        up = len(fake.gateway.connections)
        writer.transport.abort()
        await asyncio.sleep(1)
        return up, len(fake.gateway.connections)

    assert attack(program) == (1, 0)


def test_a_broken_frame_is_recorded_as_closed_by_the_server(attack):
    async def program(fake, reader, writer):
        writer.write(UPGRADE)
        await asyncio.sleep(1)
        writer.write(b"\x83\x80" + bytes(4))  # opcode 3
        await reader.read()
        await asyncio.sleep(1)
        return dict(fake.record.closes), fake.record.trace.recent[-1]

    closes, line = attack(program)
    assert closes == {1002: 1}
    assert line.endswith(b',"close",1,1002,"server"]')
