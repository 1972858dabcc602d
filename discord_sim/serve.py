"""`discord-sim serve`: the fake on real sockets, until a signal ends it."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from dataclasses import replace
from typing import TextIO

from discord_sim.edge.server import FakeDiscord, Settings
from discord_sim.world.world import World

__all__ = ["serve", "serve_until"]

_FACTS_KEPT = 10_000  # a server may run for weeks
_GUILDS_PER_SHARD = 1_000


def serve(*, host: str, port: int, guilds: int, seed: int, token: str | None, out: TextIO) -> None:
    """Run until SIGINT or SIGTERM. Raises OSError when the port cannot be had."""

    async def main() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            with contextlib.suppress(NotImplementedError):  # Windows: Ctrl-C still ends the program
                loop.add_signal_handler(number, stop.set)
        await serve_until(stop, host=host, port=port, guilds=guilds, seed=seed, token=token, out=out)

    asyncio.run(main())


async def serve_until(
    stop: asyncio.Event, *, host: str, port: int, guilds: int, seed: int, token: str | None, out: TextIO
) -> None:
    """Serve until `stop` is set; says where and how on `out` first."""
    shards = max(1, -(-guilds // _GUILDS_PER_SHARD))
    settings = Settings(shards=shards, max_concurrency=16 if shards > 1 else 1)
    if token is not None:
        settings = replace(settings, token=token)
    fake = FakeDiscord(World(seed, guilds=guilds), settings, keep=_FACTS_KEPT)
    bound = await fake.start(host, port)
    # The one place where a token is printed: it is made up, and the user needs it to log in.
    print(
        f"REST     http://{host}:{bound}/api/v10\n"
        f"Gateway  ws://{host}:{bound}\n"
        f"Token    {settings.token}\n"
        f"Bot id   {fake.world.bot_id}\n"
        f"World    {guilds:,} guilds from seed {seed}, {shards} shards recommended\n"
        "Ctrl-C ends it.",
        file=out,
        flush=True,
    )
    try:
        await stop.wait()
    finally:
        await fake.stop()
        counts = fake.record.counts()
        print(f"\nended: {counts['requests']:,} requests, {counts['dispatched']:,} events sent", file=out, flush=True)
