"""Simulated streams behave as TCP does."""

import asyncio
import contextlib
import gc
import socket

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from discord_sim.loop import Link, Simulation

# Leaving a stream open at the end of a program is what these tests do on purpose.
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")


async def echo(reader, writer):
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    writer.close()


def with_echo(main, *, link=None, seed=0):
    """Run `main(sim)` on host `client`, an echo server listening at server:7."""
    try:
        return _with_echo(main, link, seed)
    finally:
        gc.collect()  # the streams left open complain now, where the marks above expect it


def _with_echo(main, link, seed):
    with Simulation(seed) as sim:
        sim.network.default_link = link or Link()
        sim.network.add_name("echo.example", "server")

        async def serve():
            await asyncio.start_server(echo, "0.0.0.0", 7)

        async def outer():
            await sim.spawn("server", serve)

            async def client():
                return await main(sim)

            return await sim.spawn("client", client)

        return sim.run(outer())


@given(st.lists(st.binary(min_size=1, max_size=5_000), min_size=1, max_size=20), st.integers(0, 3))
@settings(max_examples=25, deadline=None)
def test_bytes_arrive_whole_and_in_order_whatever_the_jitter(chunks, seed):
    async def main(_):
        reader, writer = await asyncio.open_connection("echo.example", 7)
        for chunk in chunks:
            writer.write(chunk)
            await asyncio.sleep(0.001)
        writer.write_eof()
        return await reader.read()

    assert with_echo(main, link=Link(20, 19), seed=seed) == b"".join(chunks)


def test_latency_is_paid_once_per_direction():
    async def main(sim):
        start = sim.clock.now_ms
        reader, writer = await asyncio.open_connection("echo.example", 7)
        connected = sim.clock.now_ms - start
        writer.write(b"ping")
        await reader.readexactly(4)
        return connected, sim.clock.now_ms - start

    assert with_echo(main, link=Link(50)) == (100, 200)


def test_a_refused_connection_costs_a_round_trip():
    async def main(sim):
        start = sim.clock.now_ms
        with pytest.raises(ConnectionRefusedError, match="port 8"):
            await asyncio.open_connection("echo.example", 8)
        return sim.clock.now_ms - start

    assert with_echo(main, link=Link(50)) == 100


def test_an_unknown_name_is_told_with_the_known_ones():
    async def main(_):
        with pytest.raises(socket.gaierror, match="echo.example"):
            await asyncio.open_connection("nowhere.example", 7)

    with_echo(main)


def test_localhost_is_the_host_itself():
    async def main(_):
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("localhost", 7)
        server = await asyncio.start_server(echo, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"x")
        assert await reader.read(1) == b"x"
        assert writer.get_extra_info("peername")[1] == port

    with_echo(main)


def test_a_port_can_be_taken_once_and_again_after_closing():
    async def main(_):
        server = await asyncio.start_server(echo, "0.0.0.0", 99)
        with pytest.raises(OSError, match="already in use"):
            await asyncio.start_server(echo, "0.0.0.0", 99)
        server.close()
        await asyncio.start_server(echo, "0.0.0.0", 99)

    with_echo(main)


def test_closing_lets_what_was_written_arrive_first():
    async def main(sim):
        got = []

        async def sink(reader, writer):
            got.append(await reader.read())
            writer.close()

        async def serve():
            await asyncio.start_server(sink, "0.0.0.0", 9)

        await sim.spawn("server", serve)
        _, writer = await asyncio.open_connection("echo.example", 9)
        writer.write(b"last words")
        writer.close()
        await asyncio.sleep(1)
        return got

    assert with_echo(main, link=Link(30)) == [b"last words"]


def test_an_abort_is_a_reset_for_the_peer():
    async def main(sim):
        outcome = []

        async def victim(reader, writer):
            try:
                await reader.read()
            except ConnectionResetError as error:
                outcome.append(str(error))

        async def serve():
            await asyncio.start_server(victim, "0.0.0.0", 9)

        await sim.spawn("server", serve)
        _, writer = await asyncio.open_connection("echo.example", 9)
        writer.transport.abort()
        await asyncio.sleep(1)
        return outcome

    assert len(with_echo(main)) == 1


def test_a_slow_reader_holds_up_the_writer():
    async def main(sim):
        held = asyncio.Event()

        async def lazy(reader, writer):
            await held.wait()
            await reader.read()

        async def serve():
            await asyncio.start_server(lazy, "0.0.0.0", 9)

        await sim.spawn("server", serve)
        _, writer = await asyncio.open_connection("echo.example", 9)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(60):
                for _ in range(100):
                    writer.write(b"x" * 65_536)
                    await writer.drain()
        held.set()
        async with asyncio.timeout(60):
            await writer.drain()

    with_echo(main)


def test_the_same_seed_gives_the_same_jitter():
    async def main(sim):
        moments = []
        reader, writer = await asyncio.open_connection("echo.example", 7)
        for _ in range(20):
            writer.write(b"ping")
            await reader.readexactly(4)
            moments.append(sim.clock.now_ns)
        return moments

    first = with_echo(main, link=Link(20, 10), seed=5)
    assert first == with_echo(main, link=Link(20, 10), seed=5)
    assert first != with_echo(main, link=Link(20, 10), seed=6)


def test_hosts_have_addresses_of_their_own():
    async def main(sim):
        seen = []

        async def who(reader, writer):
            seen.append(writer.get_extra_info("peername")[0])
            writer.close()

        async def serve():
            await asyncio.start_server(who, "0.0.0.0", 9)

        async def visit():
            await asyncio.open_connection("echo.example", 9)

        await sim.spawn("server", serve)
        for host in ("a", "b", "a"):
            await sim.spawn(host, visit)
        return seen, [sim.network.ip_of(h) for h in ("a", "b", "a")]

    seen, addresses = with_echo(main)
    assert seen == addresses
    assert addresses[0] != addresses[1]


def test_a_killed_machine_says_no_goodbye_and_can_be_used_again():
    async def main(sim):
        ended = []

        async def serve():
            async def hold(reader, writer):
                try:
                    ended.append(await reader.read())
                except ConnectionResetError:
                    ended.append("reset")

            await asyncio.start_server(hold, "0.0.0.0", 9)

        await sim.spawn("holder", serve)
        sim.network.add_name("holder.example", "holder")
        tried = []

        async def program():
            _, writer = await asyncio.open_connection("holder.example", 9)
            writer.write(b"half a sen")
            try:
                await asyncio.sleep(3_600)
            finally:
                writer.write(b"tence")
                try:
                    await asyncio.open_connection("holder.example", 9)
                except OSError as error:
                    tried.append(str(error))

        running = sim.spawn("victim", program)
        await asyncio.sleep(1)
        await sim.kill("victim")
        await asyncio.sleep(1)
        assert running.cancelled()
        assert ended == ["reset"]
        assert tried == ["[Errno 100] simulated host 'victim' was killed"]

        async def again():
            _, writer = await asyncio.open_connection("holder.example", 9)
            writer.close()

        await sim.spawn("victim", again)
        await asyncio.sleep(1)
        assert ended == ["reset", b""]

    with_echo(main, link=Link(10))


def test_a_killed_machine_is_not_listening_any_more():
    async def main(sim):
        reader, writer = await asyncio.open_connection("echo.example", 7)
        await sim.kill("server")
        with pytest.raises(ConnectionResetError):
            await reader.read()
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("echo.example", 7)
        writer.close()

    with_echo(main)
