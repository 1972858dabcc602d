"""CPU time per request of a `RestManager` ÷ that of a bare aiohttp session that sends and reads the same bytes.

The client process's time counts, not the server's, which answers from memory in a process of its own; the route has no
limit. Rounds alternate, so that a busy moment of the machine meets both, and the median of the ratios counts.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
from asyncio.subprocess import PIPE

ROUNDS, REQUESTS = 9, 4_000

# Answers from memory, without limits, as Discord does for interactions and where it counts nothing; or with those of a
# fixed bucket that never runs out, 1,000,000 per minute.
SERVER = r"""
import asyncio, sys, time
BODY = b'{"id": "917375976181071872", "username": "bench", "avatar": null, "flags": 0, "bot": true, "locale": "en-US"}'
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nVia: 1.1 google\r\nContent-Length: %d\r\n" % len(BODY)
LIMITS = (b"X-RateLimit-Limit: 1000000\r\nX-RateLimit-Remaining: %d\r\nX-RateLimit-Reset: %.3f\r\n"
          b"X-RateLimit-Reset-After: %.3f\r\nX-RateLimit-Bucket: 22ead92d5bc721f49521dfe93ea15828\r\n")
end = used = 0
def limits():
    global end, used
    now = time.time()
    if now >= end:
        end, used = now + 60, 0
    used += 1
    return LIMITS % (1_000_000 - used, end, end - now)
def none():
    return b""
shown = limits if sys.argv[1] == "limits" else none
class One(asyncio.Protocol):
    def connection_made(self, transport): self.transport = transport
    def data_received(self, data):
        if data.endswith(b"\r\n\r\n"): self.transport.write(b"%s%s\r\n%s" % (HEAD, shown(), BODY))
async def main():
    server = await asyncio.get_running_loop().create_server(One, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()
asyncio.run(main())
"""

# `bare|ours PORT COUNT`: eight callers at once; prints microseconds of CPU time per request.
CLIENT = r"""
import asyncio, sys, time
import aiohttp
from framework.rest import RestManager, Route, SlidingLimit
kind, base, count = sys.argv[1], f"http://127.0.0.1:{sys.argv[2]}/api/v10", int(sys.argv[3])

async def main():
    if kind == "ours":
        rest = RestManager("t0ken", base_url=base, global_limit=SlidingLimit(1_000_000))
        close, route = rest.close, Route.of("GET", "/users/@me")
        async def call():
            await rest.request_raw(route)
    else:
        headers = {"User-Agent": "DiscordBot (bench, 1)", "Authorization": "Bot t0ken"}
        session = aiohttp.ClientSession(headers=headers)
        close, url = session.close, base + "/users/@me"
        async def call():
            async with session.get(url) as response:
                await response.read()
    async def caller(times):
        for _ in range(times):
            await call()
    async def all_of(times):
        await asyncio.gather(*(caller(times // 8) for _ in range(8)))
    await all_of(400)
    began = time.process_time()
    await all_of(count)
    print((time.process_time() - began) / count * 1e6)
    await close()
asyncio.run(main())
"""


async def _us_per_request(kind: str, port: int) -> float:
    arguments = ("-c", CLIENT, kind, str(port), str(REQUESTS))
    client = await asyncio.create_subprocess_exec(sys.executable, *arguments, stdout=PIPE)
    said, _ = await client.communicate()
    if client.returncode != 0:
        raise RuntimeError("the client failed")
    return float(said)


async def _ratio(shown: str) -> tuple[float, float, float]:
    """(ratio, microseconds of the manager, microseconds of the bare session) of one round."""
    server = await asyncio.create_subprocess_exec(sys.executable, "-c", SERVER, shown, stdout=PIPE)
    try:
        assert server.stdout is not None
        port = int(await server.stdout.readline())
        bare, ours = await _us_per_request("bare", port), await _us_per_request("ours", port)
    finally:
        server.kill()
        await server.wait()
    return ours / bare, ours, bare


def main() -> None:
    """Print a line for answers without limits, and one for answers that tell a limit which is never reached."""
    for shown in ("no limits", "limits"):
        rounds = [asyncio.run(_ratio(shown)) for _ in range(ROUNDS)]
        ratio, ours, bare = (statistics.median(column) for column in zip(*rounds, strict=True))
        told = f"answers with {shown}"
        print(f"CPU per request, {told:23}{ratio:6.2f} of bare   (at most 1.15)  {ours:.0f} µs, bare {bare:.0f} µs")


if __name__ == "__main__":
    main()
