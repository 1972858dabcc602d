"""CPU time per request of a `RestManager` ÷ that of a bare aiohttp session that sends and reads the same bytes.

The client process's time counts, not the server's, which answers from memory in a process of its own; the route has no
limit. Rounds alternate, so that a busy moment of the machine meets both, and the median of the ratios counts.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
from asyncio.subprocess import PIPE

from benchmarks.proxy import SERVER

ROUNDS, REQUESTS = 9, 4_000

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


async def _ratio() -> tuple[float, float, float]:
    """(ratio, microseconds of the manager, microseconds of the bare session) of one round."""
    server = await asyncio.create_subprocess_exec(sys.executable, "-c", SERVER, stdout=PIPE)
    try:
        assert server.stdout is not None
        port = int((await server.stdout.readline()).strip(b":/\n"))  # it prints `:PORT/`
        bare, ours = await _us_per_request("bare", port), await _us_per_request("ours", port)
    finally:
        server.kill()
        await server.wait()
    return ours / bare, ours, bare


def main() -> None:
    """Print one line."""
    rounds = [asyncio.run(_ratio()) for _ in range(ROUNDS)]
    ratio, ours, bare = (statistics.median(column) for column in zip(*rounds, strict=True))
    print(f"CPU per request {ratio:13.2f} of a bare session   (at most 1.15)  {ours:.0f} µs, bare {bare:.0f} µs")


if __name__ == "__main__":
    main()
