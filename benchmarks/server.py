"""What the fake costs over bare aiohttp, as ratios within one run: REST requests, and events through the gateway.

Server and client are two processes on real sockets; the client is a bare socket that counts, so that the server is what
is measured. Each pair alternates with its floor, and the median of the ratios counts.
"""

from __future__ import annotations

import asyncio
import contextlib
import statistics
import sys
import time

from aiohttp import WSMsgType, web

from discord_sim import FakeDiscord, Law, Settings, World
from discord_sim.rules.routes import ROUTES
from discord_sim.world import changes
from discord_sim.world.fanout import Event

ROUNDS, REQUESTS, EVENTS, SESSIONS = 5, 12_000, 30_000, 16
_FREE = dict.fromkeys(ROUTES, Law(1_000_000, 1_000))

# The client: `http PORT COUNT PATH TOKEN` or `ws PORT BYTES TOKEN,…`; prints when it has everything.
CLIENT = r"""
import asyncio, sys, json
kind, port = sys.argv[1], int(sys.argv[2])

async def http(count, path, token):
    head = f"GET {path} HTTP/1.1\r\nHost: x\r\nUser-Agent: DiscordBot (bench, 1)\r\n"
    request = f"{head}Authorization: Bot {token}\r\n\r\n".encode()
    left = count
    class One(asyncio.Protocol):
        def __init__(self): self.done = asyncio.get_running_loop().create_future(); self.buffer = b""; self.need = 0
        def connection_made(self, transport): self.transport = transport; self.next()
        def next(self):
            nonlocal left
            if left <= 0: self.done.done() or self.done.set_result(None); return
            left -= 1; self.buffer = b""; self.need = 0; self.transport.write(request)
        def data_received(self, data):
            self.buffer += data
            if not self.need:
                head = self.buffer.find(b"\r\n\r\n")
                if head < 0: return
                assert self.buffer.startswith(b"HTTP/1.1 200"), self.buffer[:300]
                at = self.buffer.lower().find(b"content-length: ") + 16
                self.need = head + 4 + int(self.buffer[at : self.buffer.find(b"\r", at)])
            if len(self.buffer) >= self.need: self.next()
    loop = asyncio.get_running_loop()
    ones = [(await loop.create_connection(One, "127.0.0.1", port))[1] for _ in range(8)]
    await asyncio.gather(*(one.done for one in ones))

async def ws(size, tokens):
    import base64, os, struct
    async def one(token):
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 22)
        key = base64.b64encode(os.urandom(16))
        writer.write(b"GET /?v=10&encoding=json HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                     b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + key + b"\r\n\r\n")
        await reader.readuntil(b"\r\n\r\n")
        body = json.dumps({"op": 2, "d": {"token": token, "intents": 512 | 32768, "properties": {}}}).encode()
        writer.write(b"\x81" + bytes([0x80 | 126]) + struct.pack(">H", len(body)) + b"\0\0\0\0" + body)
        got = 0
        while got < size:
            data = await reader.read(1 << 20)
            if not data: break
            got += len(data)
        writer.close()
    await asyncio.gather(*(one(token) for token in tokens))

if kind == "http": asyncio.run(http(int(sys.argv[3]), sys.argv[4], sys.argv[5]))
else: asyncio.run(ws(int(sys.argv[3]), sys.argv[4].split(",")))
"""


async def _client(*arguments: str | int) -> None:
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", CLIENT, *map(str, arguments))
    if await process.wait() != 0:
        raise RuntimeError("the client failed")


async def _fake(bots: int = 1) -> tuple[FakeDiscord, int]:
    settings = Settings(global_limit_per_s=1 << 30, laws=_FREE)
    fake = FakeDiscord(World(1, guilds=1, bots=bots), settings, keep=1_000)
    return fake, await fake.start()


async def rest(path: str) -> float:
    """Requests/s of the fake ÷ those of a bare aiohttp handler that answers the same bytes and headers."""
    fake, port = await _fake()
    began = time.perf_counter()
    await _client("http", port, REQUESTS, path, fake.settings.token)
    took = time.perf_counter() - began
    import aiohttp

    headers = {"Authorization": f"Bot {fake.settings.token}", "User-Agent": "DiscordBot (bench, 1)"}
    async with aiohttp.ClientSession(headers=headers) as session, session.get(f"http://127.0.0.1:{port}{path}") as seen:
        body, known = await seen.read(), {k: v for k, v in seen.headers.items() if k not in ("Date", "Content-Length")}
    await fake.stop()

    async def handle(request: web.BaseRequest) -> web.Response:
        return web.Response(body=body, headers=known)

    bare = web.Server(handle, access_log=None)
    listener = await asyncio.get_running_loop().create_server(bare, "127.0.0.1", 0)
    began = time.perf_counter()
    await _client("http", listener.sockets[0].getsockname()[1], REQUESTS, path, "x")
    floor = time.perf_counter() - began
    listener.close()
    await bare.shutdown(1.0)
    return floor / took


def _message(fake: FakeDiscord) -> Event:
    channel = next(iter(fake.world.guild_at(0).channels))
    author = next(iter(fake.world.member_ids(fake.world.guild_at(0))))
    _, events = changes.say(fake.world, channel, author, "hello, world " * 20, fake.clock.epoch_ms)
    return events[0]


async def gateway(sessions: int) -> tuple[float, float]:
    """(events sent per second ÷ raw aiohttp sends of the same frames, microseconds per send)."""
    fake, port = await _fake(sessions)
    event = _message(fake)
    count = EVENTS // sessions
    import msgspec

    frame = b'{"t":"MESSAGE_CREATE","s":1234,"op":0,"d":%s}' % msgspec.json.encode(event.data)
    size = len(frame) * count
    client = asyncio.create_task(_client("ws", port, size, ",".join(fake.tokens)))
    while len(fake.gateway.by_session) < sessions:  # noqa: ASYNC110  (the fake tells nobody)
        await asyncio.sleep(0.01)
    began = time.perf_counter()
    for n in range(count + 60):
        fake.emit([event])
        if n % 50 == 0:
            await asyncio.sleep(0)
    await client
    took = time.perf_counter() - began
    await fake.stop()

    ready: list[web.WebSocketResponse] = []
    go = asyncio.Event()

    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        socket = web.WebSocketResponse(compress=False)
        await socket.prepare(request)
        await socket.receive()
        ready.append(socket)
        await go.wait()
        with contextlib.suppress(ConnectionResetError):  # the client leaves when it has enough
            for _ in range(count + 60):
                await socket.send_frame(frame, WSMsgType.TEXT)
        return socket

    bare = web.Server(handle, access_log=None)
    listener = await asyncio.get_running_loop().create_server(bare, "127.0.0.1", 0)
    floor_port = listener.sockets[0].getsockname()[1]
    client = asyncio.create_task(_client("ws", floor_port, size, ",".join(fake.tokens)))
    while len(ready) < sessions:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    began = time.perf_counter()
    go.set()
    await client
    floor = time.perf_counter() - began
    listener.close()
    await bare.shutdown(1.0)
    return floor / took, took * 1000 / (count * sessions) * 1000


def main() -> None:
    """Print a line per measurement."""
    paths = ["/api/v10/users/@me", "/api/v10/gateway"]
    for path in paths:
        ratios = [asyncio.run(rest(path)) for _ in range(ROUNDS)]
        print(f"REST {path:24} {statistics.median(ratios):5.2f} of bare aiohttp   (at least 0.60)", flush=True)
    for sessions in (1, SESSIONS):
        results = [asyncio.run(gateway(sessions)) for _ in range(ROUNDS)]
        ratio, cost = statistics.median(r[0] for r in results), statistics.median(r[1] for r in results)
        print(f"gateway, {sessions:2} sessions {ratio:13.2f} of raw sends      (at least 0.60)  {cost:.1f} µs each")


if __name__ == "__main__":
    main()
