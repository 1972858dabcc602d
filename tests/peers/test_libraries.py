"""Code nobody here wrote, unmodified, gives right results in virtual time."""

import asyncio
import gzip
import ssl

import aiohttp
import pytest
from aiohttp import web
from websockets.asyncio.client import connect
from websockets.asyncio.server import serve

from discord_sim.loop import Link, Simulation


def test_aiohttp_talks_to_aiohttp_by_name_over_https():
    with Simulation(1) as sim:
        sim.network.add_name("api.example", "server")
        sim.network.default_link = Link(10)

        async def handle(request):
            body = await request.read()
            return web.json_response({"from": request.remote, "secure": request.secure, "size": len(body)})

        async def stream(request):
            response = web.StreamResponse()
            await response.prepare(request)
            for n in range(50):
                await response.write(b"%d," % n)
                await asyncio.sleep(0.1)
            return response

        async def server():
            app = web.Application()
            app.router.add_post("/", handle)
            app.router.add_get("/stream", stream)
            runner = web.AppRunner(app)
            await runner.setup()
            await web.TCPSite(runner, "0.0.0.0", 443, ssl_context=ssl.create_default_context()).start()

        async def client():
            async with aiohttp.ClientSession() as session:
                answers = []
                for size in (0, 1, 1_000_000):
                    async with session.post("https://api.example/", data=b"x" * size) as response:
                        answers.append((await response.json())["size"])
                async with session.get("https://api.example/stream") as response:
                    text = await response.text()
                await asyncio.sleep(3_600)  # the keep-alive connection dies of old age meanwhile
                async with session.post("https://api.example/", data=b"again") as response:
                    answers.append((await response.json())["size"])
                return answers, text

        async def main():
            await sim.spawn("server", server)
            return await sim.spawn("client", client)

        answers, text = sim.run(main())
    assert answers == [0, 1, 1_000_000, 5]
    assert text == "".join(f"{n}," for n in range(50))


def test_aiohttp_websockets_both_ways():
    with Simulation(1) as sim:

        async def handle(request):
            socket = web.WebSocketResponse(heartbeat=30)
            await socket.prepare(request)
            async for message in socket:
                await socket.send_str(message.data[::-1])
            return socket

        async def main():
            app = web.Application()
            app.router.add_get("/", handle)
            runner = web.AppRunner(app)
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", 8080).start()
            async with aiohttp.ClientSession() as session, session.ws_connect("ws://localhost:8080/") as socket:
                got = []
                for n in range(200):
                    await socket.send_str(f"message {n}")
                    got.append(await socket.receive_str())
                with pytest.raises(TimeoutError):
                    async with asyncio.timeout(10_000):
                        await socket.receive_str()  # answers the server's heartbeats meanwhile
                await socket.send_str("end")
                got.append(await socket.receive_str())
            await runner.cleanup()
            return got

        got = sim.run(main())
    assert got == [f"message {n}"[::-1] for n in range(200)] + ["dne"]


def test_websockets_talks_to_websockets():
    payload = gzip.compress(b"discord" * 10_000)
    with Simulation(1) as sim:
        sim.network.default_link = Link(25, 5)

        async def handle(socket):
            async for message in socket:
                await socket.send(message)

        async def server():
            await serve(handle, "0.0.0.0", 80)

        async def client():
            async with connect("ws://server/", proxy=None) as socket:
                for n in range(100):
                    await socket.send(payload + bytes([n]))
                    assert await socket.recv() == payload + bytes([n])
                await asyncio.sleep(86_400)  # its own pings every 20 s keep it open
                await socket.send("still here")
                return await socket.recv()

        async def main():
            await sim.spawn("server", server)
            return await sim.spawn("client", client)

        assert sim.run(main()) == "still here"


def test_aiohttp_is_told_who_refused():
    with Simulation(1) as sim:

        async def main():
            async with aiohttp.ClientSession() as session:
                await session.get("http://nowhere.example/")

        with pytest.raises(aiohttp.ClientConnectorError, match="no host called"):
            sim.run(main())
