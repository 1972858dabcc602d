"""`kill -9` of a real process with real sockets and a real file: the next one resumes, and nothing is lost."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path

from discord_sim import Settings, World
from discord_sim.edge import FakeDiscord

SHARDS = 4
CHILD = """
import asyncio, sys
from framework import Bot, Intents, MessageCreate, RestManager
from framework.gateway import FileStore

async def main(token, base_url, path):
    rest = RestManager(token, base_url=base_url)
    intents = Intents.GUILDS | Intents.GUILD_MESSAGES
    bot = Bot(token, intents=intents, rest=rest, store=FileStore(path), save_every_s=0.1)

    @bot.on(MessageCreate)
    async def tell(event):
        print(event.id, flush=True)

    await bot.start()
    print("ready", flush=True)
    await bot.gateway.wait_fatal()

asyncio.run(main(*sys.argv[1:]))
"""


async def start_child(fake: FakeDiscord, port: int, path: Path) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-c", CHILD, fake.settings.token, f"http://127.0.0.1:{port}/api/v10", str(path),
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip


async def read_until(child: asyncio.subprocess.Process, done) -> set[str]:
    lines: set[str] = set()
    async with asyncio.timeout(30):
        while not done(lines):
            line = (await child.stdout.readline()).decode().strip()
            assert line, "the child ended"
            lines.add(line)
    return lines


def test_a_killed_process_is_followed_by_one_that_resumes_every_shard(tmp_path: Path) -> None:
    async def main() -> tuple[set[str], set[str], dict[str, int]]:
        fake = FakeDiscord(World(1, guilds=12), Settings(shards=SHARDS, max_concurrency=16))
        port = await fake.start()
        path = tmp_path / "sessions.json"

        child = await start_child(fake, port, path)
        seen = await read_until(child, lambda lines: "ready" in lines)
        said = {str(fake.message_posted(index, "before")) for index in range(12)}
        seen |= await read_until(child, lambda lines: said <= lines)
        await asyncio.sleep(0.3)
        child.send_signal(signal.SIGKILL)
        await child.wait()

        said |= {str(fake.message_posted(index, "while nobody listens")) for index in range(12)}
        child = await start_child(fake, port, path)
        missing = said - seen
        seen |= await read_until(child, lambda lines: missing <= lines)
        child.kill()
        await child.wait()
        await fake.stop()
        return said, seen, dict(fake.record.gateway)

    said, seen, counts = asyncio.run(main())
    assert said <= seen
    assert counts["identify"] == SHARDS
    assert counts["resume"] == SHARDS
