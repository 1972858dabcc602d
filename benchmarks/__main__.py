"""`make bench`: what the simulation costs, as figures and as ratios within this one run.

Each line is the best of three in a fresh process, so that one measurement does not warm another.
"""

from __future__ import annotations

import subprocess
import sys

PRELUDE = """
import asyncio, time
from discord_sim import Link, Simulation, World, start_discord
began = time.perf_counter()
"""

IDLE = """
import discord
def main(sim):
    async def go():
        fake = await start_discord(sim, World(1, guilds=3))
        clients = [discord.Client(intents=discord.Intents.default()) for _ in range({clients})]
        async def bot(client, delay):
            await asyncio.sleep(delay)
            await client.start(fake.settings.token)
        tasks = [sim.spawn(f"bot{{n}}", lambda c=c, n=n: bot(c, 6 * n)) for n, c in enumerate(clients)]
        await asyncio.sleep(24 * 3600)
        for client in clients:
            await client.close()
        await asyncio.wait(tasks)
        return fake.record.gateway["heartbeat"]
    return go()
"""

HIKARI = """
import hikari
def main(sim):
    async def go():
        fake = await start_discord(sim, World(1, guilds=1))
        channel = next(iter(fake.world.guild_at(0).channels))
        async def bot():
            app = hikari.GatewayBot(fake.settings.token, banner=None, logs=None)
            await app.start(check_for_updates=False)
            await asyncio.gather(*(app.rest.create_message(channel, str(n)) for n in range(12)))
            await app.close()
        await sim.spawn("bot", bot)
        return sum(r.status == 200 and r.route == "create_message" for r in fake.record.requests)
    return go()
"""

REQUESTS = """
import aiohttp
def main(sim):
    async def go():
        fake = await start_discord(sim, World(1, guilds=1))
        headers = {"Authorization": f"Bot {fake.settings.token}"}
        async def bot():
            async with aiohttp.ClientSession(headers=headers) as session:
                for _ in range(5000):
                    async with session.get("https://discord.com/api/v10/users/@me") as response:
                        await response.read()
                    await asyncio.sleep(0.021)
        await sim.spawn("bot", bot)
        return len(fake.record.requests)
    return go()
"""

EVENTS = """
from framework import Bot, Intents, MessageCreate
def main(sim):
    async def go():
        fake = await start_discord(sim, World(1, guilds=100))
        seen = 0
        bot = Bot(fake.settings.token, intents=Intents.GUILD_MESSAGES)
        @bot.on(MessageCreate)
        async def count(event):
            nonlocal seen
            seen += 1
        await sim.spawn("bot", bot.start)
        for n in range(20000):
            fake.message_posted(n % 100, "hello")
            if n % 100 == 0:
                await asyncio.sleep(0.01)
        await asyncio.sleep(5)
        await sim.spawn("bot", bot.close)
        return seen
    return go()
"""

TIMERS = """
def main(sim):
    async def tick():
        for _ in range(20000):
            await asyncio.sleep(1)
    async def go():
        await asyncio.gather(*(tick() for _ in range(10)))
        return 200000
    return go()
"""

RUN = """
with Simulation(1) as sim:
    done = sim.run(main(sim))
import sys
sys.stdout.write(f"{done} {time.perf_counter() - began}")
"""

BENCHMARKS = [
    ("discord.py idle for 24 h", "heartbeats", IDLE.format(clients=1)),
    ("16 discord.py idle for 24 h", "heartbeats", IDLE.format(clients=16)),
    ("hikari sends 12 messages", "messages", HIKARI),
    ("aiohttp client to fake", "requests", REQUESTS),
    ("framework bot handles", "events", EVENTS),
    ("timers", "ticks", TIMERS),
]


def measure(program: str) -> tuple[int, float]:
    """(things done, best seconds of three)."""
    runs = []
    for _ in range(3):
        done = subprocess.run(
            [sys.executable, "-c", PRELUDE + program + RUN], capture_output=True, text=True, check=True
        )
        count, seconds = done.stdout.split()[-2:]
        runs.append((float(seconds), int(count)))
    seconds, count = min(runs)
    return count, seconds


def main() -> None:
    """Print one line per benchmark."""
    base = None
    print(f"{'BENCHMARK':30} {'DONE':>16}  {'SECONDS':>8} {'PER SECOND':>11} {'× FIRST':>8}")
    for name, unit, program in BENCHMARKS:
        count, seconds = measure(program)
        base = base or seconds
        print(
            f"{name:30} {count:>9,} {unit:10} {seconds:>5.2f} {count / seconds:>11,.0f} {seconds / base:>8.2f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
