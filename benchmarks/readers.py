"""`python -m benchmarks.readers NAME PORT COMPRESSION`: one client of `benchmarks.stream` tells what each load cost it.

Each is told of the same events and counts the typed MESSAGE_CREATEs; nothing else has a handler. The clock runs from
asking for a load to the handler of its last event, and is the process's own CPU time; the wall's is beside it.
"""

from __future__ import annotations

import asyncio
import cProfile
import json
import pstats
import sys
import time
import zlib
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import picows
import zstandard

from benchmarks.loads import GUILDS, LOADS
from framework import Bot, CachePolicy, Intents, MessageCreate, RestManager

__all__ = ["READERS"]


class Meter:
    """Starts loads and stops the clock."""

    def __init__(self, port: int, compression: str) -> None:
        self.port, self.compression, self.seen = port, compression, 0
        self.profile: cProfile.Profile | None = None
        self._wanted, self._stopped = 0, (0.0, 0.0)
        self._done = asyncio.Event()

    def note(self) -> None:
        """A typed MESSAGE_CREATE has reached the handler."""
        self.seen += 1
        if self.seen == self._wanted:
            self._stopped = time.process_time(), time.perf_counter()
            self._done.set()

    async def measure(self, counted: str = "messages") -> dict[str, Any]:
        """Microseconds of CPU and of the wall per event, of each load; `note` tells of each one `counted`."""
        found: dict[str, Any] = {}
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(b"GET /loads HTTP/1.1\r\n\r\n")
        sizes = json.loads((await reader.readuntil(b"}}")).partition(b"\r\n\r\n")[2])
        for name in LOADS:
            count = sizes[name]["events"]
            self._done.clear()
            self._wanted = self.seen + sizes[name][counted]
            await asyncio.sleep(0.2)
            if self.profile is not None and name == "mixed":
                self.profile.enable()
            began = time.process_time(), time.perf_counter()
            writer.write(f"GET /go/{name} HTTP/1.1\r\n\r\n".encode())
            await asyncio.wait_for(self._done.wait(), 120)
            if self.profile is not None and name == "mixed":
                self.profile.disable()
                return {"profile": _shares(self.profile, count)}
            found[name] = [(self._stopped[n] - began[n]) / count * 1e6 for n in (0, 1)]
        writer.close()
        return found


def _shares(profile: cProfile.Profile, count: int) -> list[tuple[float, float, str]]:
    """(share of the time, calls per event, where) of the dearest functions, their own time only."""
    stats = pstats.Stats(profile)
    total = stats.total_tt  # type: ignore[attr-defined]
    rows = []
    for (file, _, function), (_, calls, own, _, _) in stats.stats.items():  # type: ignore[attr-defined]
        place = "/".join(file.split("/")[-2:]) + ":" if "/" in file else ""
        rows.append((own / total, calls / count, place + function))
    return sorted(rows, reverse=True)[:25]


Reader = Callable[[Meter], Awaitable[dict[str, Any]]]
_TOKEN = "MTEwMDAwMDAwMDAwMDAwMDAwMQ.Gabcde.0123456789abcdefghijklmnopqrstuvwxyz0123456789"  # of nobody


class _Envelope(msgspec.Struct):
    op: int
    s: int | None = None
    t: str | None = None
    d: msgspec.Raw = msgspec.Raw(b"null")


async def _open(url: str, on_message: Callable[[bytes], None]) -> Callable[[], Awaitable[None]]:
    """Identify through the framework's socket library; returns what closes the connection."""
    identify = '{"op":2,"d":{"token":"t","intents":0,"properties":{}}}'

    class Listener(picows.WSListener):  # type: ignore[misc]
        def on_ws_frame(self, transport: Any, frame: Any) -> None:
            on_message(frame.get_payload_as_bytes())

    transport, _ = await picows.ws_connect(Listener, url, use_aiofastnet=False, max_frame_size=1 << 26)
    transport.send(picows.WSMsgType.TEXT, identify.encode())

    async def leave() -> None:
        transport.disconnect()

    return leave


def _floor(stage: str) -> Reader:
    """The framework's socket library and inflate, what is asked for, and nothing around them."""

    async def read(meter: Meter) -> dict[str, Any]:
        is_zstd = meter.compression == "zstd-stream"
        inflate = (zstandard.ZstdDecompressor() if is_zstd else zlib).decompressobj().decompress
        envelope = msgspec.json.Decoder(_Envelope).decode
        message = msgspec.json.Decoder(MessageCreate, strict=False).decode
        note, greeted, left = meter.note, asyncio.Event(), 3 + GUILDS  # HELLO, READY, the guilds, an ACK

        def only_inflate(data: bytes) -> None:
            inflate(data)
            note()

        def raw(data: bytes) -> None:
            if envelope(inflate(data)).t == "MESSAGE_CREATE":
                note()

        def typed(data: bytes) -> None:
            one = envelope(inflate(data))
            if one.t == "MESSAGE_CREATE":
                message(one.d)
                note()

        stages = {"socket": lambda _: note(), "inflate": only_inflate, "raw": raw, "typed": typed}
        on_message = stages[stage]

        def receive(data: bytes) -> None:
            nonlocal left
            if left:
                left -= 1
                inflate(data)
                if not left:
                    greeted.set()
            else:
                on_message(data)

        url = f"ws://127.0.0.1:{meter.port}/?v=10&encoding=json&compress={meter.compression}"
        close = await _open(url, receive)
        await greeted.wait()
        found = await meter.measure("events" if stage in ("socket", "inflate") else "messages")
        await close()
        return found

    return read


def _framework(*, keep_all: bool, plain: bool = False) -> Reader:
    async def read(meter: Meter) -> dict[str, Any]:
        rest = RestManager(_TOKEN, base_url=f"http://127.0.0.1:{meter.port}/api/v10")
        bot = Bot(
            _TOKEN, intents=Intents(0x3FFFFF), rest=rest, cache=CachePolicy(keep_all=keep_all),
            compression=meter.compression,
        )  # fmt: skip

        if plain:

            @bot.on(MessageCreate)
            def count_at_once(event: MessageCreate) -> None:
                meter.note()

        else:

            @bot.on(MessageCreate)
            async def count(event: MessageCreate) -> None:
                meter.note()

        await bot.start()
        while bot.snapshot().received < 1 + GUILDS:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.01)
        found = await meter.measure()
        await bot.close()
        await rest.close()
        return found

    return read


async def _discord_py(meter: Meter) -> dict[str, Any]:
    if meter.compression == "zlib-stream":
        sys.modules["zstandard"] = None  # type: ignore[assignment] - else it asks for zstd-stream
    import discord
    import yarl

    base = f"http://127.0.0.1:{meter.port}/api/v10"
    discord.http.Route.BASE = base
    discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(f"ws://127.0.0.1:{meter.port}")
    client = discord.Client(intents=discord.Intents.all(), guild_ready_timeout=0.2, chunk_guilds_at_startup=False)
    ready = asyncio.Event()

    @client.event
    async def on_ready() -> None:
        ready.set()

    @client.event
    async def on_message(message: discord.Message) -> None:
        meter.note()

    life = asyncio.create_task(client.start(_TOKEN))
    await ready.wait()
    found = await meter.measure()
    await client.close()
    await asyncio.wait({life})
    return found


async def _hikari(meter: Meter) -> dict[str, Any]:
    import hikari

    bot = hikari.GatewayBot(
        _TOKEN, banner=None, logs=None, intents=hikari.Intents.ALL, auto_chunk_members=False,
        rest_url=f"http://127.0.0.1:{meter.port}/api/v10",
    )  # fmt: skip

    @bot.listen(hikari.MessageCreateEvent)
    async def on_message(event):  # type: ignore[no-untyped-def] - it would evaluate the annotation
        meter.note()

    await bot.start(check_for_updates=False)
    while len(bot.cache.get_available_guilds_view()) < GUILDS:  # noqa: ASYNC110 - nobody tells
        await asyncio.sleep(0.01)
    found = await meter.measure()
    await bot.close()
    return found


READERS: dict[str, Reader] = {
    "socket": _floor("socket"), "inflate": _floor("inflate"), "floor 1": _floor("raw"), "floor": _floor("typed"),
    "framework": _framework(keep_all=False), "plain handler": _framework(keep_all=False, plain=True),
    "keeps all": _framework(keep_all=True), "discord.py": _discord_py, "hikari": _hikari,
}  # fmt: skip


async def main() -> None:
    """Print one JSON object."""
    meter = Meter(int(sys.argv[2]), sys.argv[3])
    meter.profile = cProfile.Profile() if "profile" in sys.argv else None
    print(json.dumps(await READERS[sys.argv[1]](meter)))


if __name__ == "__main__":
    asyncio.run(main())
