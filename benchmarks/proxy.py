"""Requests per second through the REST proxy ÷ those through a bare aiohttp pass-through, within one run.

Three processes on real sockets: a client that counts, what is measured, and a server that answers from memory. Rounds
alternate, so that a busy moment of the machine meets both, and the median of the ratios counts.
"""

from __future__ import annotations

import asyncio
import re
import statistics
import sys
import time
from asyncio.subprocess import PIPE, Process

from benchmarks.server import CLIENT

ROUNDS, REQUESTS = 7, 3_000
PATH, SECRET = "/api/v10/users/@me", "a-secret-of-the-workers"

# Discord as fast as can be: one JSON user for every request, with the headers of a bucket that never runs out.
SERVER = r"""
import asyncio
BODY = b'{"id": "917375976181071872", "username": "bench", "avatar": null, "flags": 0, "bot": true, "locale": "en-US"}'
HEAD = (b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nVia: 1.1 google\r\nX-RateLimit-Limit: 1000000\r\n"
        b"X-RateLimit-Remaining: 999999\r\nX-RateLimit-Reset: 1767225601.000\r\nX-RateLimit-Reset-After: 0.001\r\n"
        b"X-RateLimit-Bucket: 22ead92d5bc721f49521dfe93ea15828\r\nContent-Length: %d\r\n\r\n" % len(BODY))
class One(asyncio.Protocol):
    def connection_made(self, transport): self.transport = transport
    def data_received(self, data):
        if data.endswith(b"\r\n\r\n"): self.transport.write(HEAD + BODY)
async def main():
    server = await asyncio.get_running_loop().create_server(One, "127.0.0.1", 0)
    print(f":{server.sockets[0].getsockname()[1]}/", flush=True)
    await server.serve_forever()
asyncio.run(main())
"""

BARE = r"""
import asyncio, sys
import aiohttp
from aiohttp import web
BASE, OURS = sys.argv[1], {"host", "content-length", "connection", "transfer-encoding", "content-encoding"}
async def main():
    async with aiohttp.ClientSession() as session:
        async def handle(request):
            headers = {k: v for k, v in request.headers.items() if k.lower() not in OURS}
            path = request.rel_url.raw_path_qs
            body = await request.read()
            async with session.request(request.method, BASE + path, headers=headers, data=body) as answer:
                body = await answer.read()
                headers = {k: v for k, v in answer.headers.items() if k.lower() not in OURS}
                return web.Response(status=answer.status, body=body, headers=headers)
        server = await asyncio.get_running_loop().create_server(web.Server(handle, access_log=None), "127.0.0.1", 0)
        print(f":{server.sockets[0].getsockname()[1]}/", flush=True)
        await server.serve_forever()
asyncio.run(main())
"""


async def _start(*arguments: str, **environment: str) -> tuple[Process, int]:
    """A process that says its port as `:port/` in its first line."""
    process = await asyncio.create_subprocess_exec(sys.executable, *arguments, stdout=PIPE, env=environment or None)
    assert process.stdout is not None
    line = (await process.stdout.readline()).decode()
    return process, int(re.findall(r":(\d+)/", line)[0])


async def _requests_per_s(port: int, path: str, count: int = REQUESTS) -> float:
    began = time.perf_counter()
    arguments = ("-c", CLIENT, "http", str(port), str(count), path, "x")
    client = await asyncio.create_subprocess_exec(sys.executable, *arguments)
    if await client.wait() != 0:
        raise RuntimeError("the client failed")
    return count / (time.perf_counter() - began)


async def proxy() -> tuple[float, float]:
    """(median of the ratios, median requests/s through the proxy)."""
    server, at = await _start("-c", SERVER)
    bare, bare_port = await _start("-c", BARE, f"http://127.0.0.1:{at}")
    ours, port = await _start(
        "-m", "framework", "rest", "--port", "0", "--discord", f"http://127.0.0.1:{at}/api", "--per-s", "1000000",
        DISCORD_TOKEN="t0ken", PROXY_SECRET=SECRET,
    )  # fmt: skip
    path = f"/{SECRET}{PATH}"
    await _requests_per_s(bare_port, PATH, 200)
    await _requests_per_s(port, path, 200)  # its first second is quiet
    ratios, rates = [], []
    for _ in range(ROUNDS):
        floor = await _requests_per_s(bare_port, PATH)
        rates.append(await _requests_per_s(port, path))
        ratios.append(rates[-1] / floor)
    for process in (server, bare, ours):
        process.terminate()
        await process.wait()
    return statistics.median(ratios), statistics.median(rates)


def main() -> None:
    """Print one line."""
    ratio, rate = asyncio.run(proxy())
    print(f"REST proxy {ratio:5.2f} of a bare pass-through   (at least 0.70)   {rate:,.0f} requests/s")


if __name__ == "__main__":
    main()
