"""Events per second from a gateway's process to a bot's: in batches ÷ one by one, within one run.

Real sockets on 127.0.0.1; through NATS with a real server, its store on disk, where `nats-server` is installed. The
events are MESSAGE_CREATEs of 0.6 kB in 64 guilds. The clock runs from the first that is published until the bot's
process has handled the last. Rounds alternate, and medians count.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from asyncio.subprocess import PIPE
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from framework.mq import Batcher, Envelope, HttpPublisher, Outbox

ROUNDS = 5
BATCHERS = {"one by one": (1, 0, 5_000), "in batches": (25, 5, 50_000)}  # events_max, linger_ms, events measured
SECRET = "a-secret-of-the-workers"
BODY = b'{"guild_id":"%d","channel_id":"1","author":{"id":"2","username":"somebody"},"content":"' + b"x" * 500 + b'"}'

# A bot's process: counts its events, and says when it has them all.
BOT = r"""
import asyncio, sys
from framework.mq import HttpConsumer
where, stream, expected = sys.argv[1:]
async def main():
    if where:
        from framework.mq.nats import NatsConsumer, connect
        consumer = NatsConsumer(await connect(where), stream=stream, subject=stream)
    else:
        consumer = HttpConsumer("a-secret-of-the-workers", port=0)
    left = int(expected)
    def handle(event):
        nonlocal left
        left -= 1
        if left == 0:
            print("handled", flush=True)
    await consumer.start(handle)
    print(f":{getattr(consumer, 'port', 0)}/", flush=True)
    await asyncio.Event().wait()
asyncio.run(main())
"""


@contextmanager
def _nats() -> Iterator[str]:
    """A server's address; nothing where there is no server to start."""
    binary = shutil.which("nats-server", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")
    if binary is None:
        yield ""
        return
    with tempfile.TemporaryDirectory() as folder:
        options = ("-a", "127.0.0.1", "-p", "-1", "-js", "-sd", folder, "--ports_file_dir", folder)
        server = subprocess.Popen((binary, *options), stderr=subprocess.DEVNULL)
        try:
            while not (files := list(Path(folder).glob("*.ports"))):
                time.sleep(0.05)
            time.sleep(0.05)  # it is there before it is written
            yield json.loads(files[0].read_text())["nats"][0]
        finally:
            server.terminate()
            server.wait()


async def _events_per_s(url: str, how: str, number: int) -> float:
    """Through NATS at `url`, or over HTTP where there is none."""
    events_max, linger_ms, count = BATCHERS[how]
    stream = f"bench{number}"
    bot = await asyncio.create_subprocess_exec(sys.executable, "-c", BOT, url, stream, str(count), stdout=PIPE)
    assert bot.stdout is not None
    port = re.findall(rb":(\d+)/", await bot.stdout.readline())[0].decode()
    batcher = Batcher(events_max=events_max, linger_ms=linger_ms)
    client = None
    publisher: Outbox
    if url:
        from framework.mq.nats import NatsPublisher, connect

        client = await connect(url)
        publisher = NatsPublisher(client, stream=stream, subject=stream, batcher=batcher)
    else:
        publisher = HttpPublisher([f"http://127.0.0.1:{port}/events"], SECRET, batcher=batcher)
    await publisher.start()
    began = time.perf_counter()
    for seq in range(1, count + 1):
        await publisher.ready()
        body = BODY % ((seq % 64 + 1) << 22)
        publisher.publish_nowait(Envelope.of(session_id=stream, seq=seq, shard_id=0, type="MESSAGE_CREATE", data=body))
        if seq % 100 == 0:
            await asyncio.sleep(0)  # as a socket's reader would
    await bot.stdout.readline()
    rate = count / (time.perf_counter() - began)
    await publisher.close()
    if client is not None:
        await client.close()
    bot.terminate()
    await bot.wait()
    return rate


async def forwarding(url: str) -> dict[str, dict[str, list[float]]]:
    """Events per second by engine and by how they travel."""
    found: dict[str, dict[str, list[float]]] = {"HTTP": {}, **({"NATS JetStream": {}} if url else {})}
    for number in range(ROUNDS):
        for engine, rates in found.items():
            for how in BATCHERS:
                rate = await _events_per_s(url if engine != "HTTP" else "", how, number * 2 + (how == "in batches"))
                rates.setdefault(how, []).append(rate)
    return found


def main() -> None:
    """Print one line per engine."""
    print(f"{'FORWARDING':16} {'ONE BY ONE':>13} {'25 OR 5 MS':>13} {'RATIO':>7}")
    with _nats() as url:
        found = asyncio.run(forwarding(url))
    for engine, rates in found.items():
        one, many = (statistics.median(rates[how]) for how in BATCHERS)
        ratio = statistics.median(b / a for a, b in zip(*rates.values(), strict=True))
        print(f"{engine:16} {one:>11,.0f}/s {many:>11,.0f}/s {ratio:>7.1f}")


if __name__ == "__main__":
    main()
