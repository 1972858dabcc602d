"""Whether a bot's memory stays flat: RSS over 24 virtual hours of churn, after as many to warm up, in the simulation.

`python -m benchmarks.churn`. Each hour brings messages whose handler needs the guild (fetched, cached, evicted after an
hour), bans nobody handles, guilds that go down and come back, a lost connection, and every sixth hour a lost session.
The server lives in the same process and keeps a fixed number of facts, so what grows is somebody's fault.
"""

from __future__ import annotations

import asyncio
import gc
import random

import psutil

from benchmarks.loads import message
from discord_sim import FakeDiscord, Simulation, World
from framework import Bot, Intents, MessageCreate
from framework.bot import CachePolicy

__all__: list[str] = []

_GUILDS, _HOURS, _WARM_UP = 300, 48, 24  # by then the allocator has met every coincidence
_MESSAGES, _BANS, _OUTAGES = 1_000, 300, 30  # of each hour
_GROWTH_MIB = 1.0
_MIB = 1 << 20


async def _hour(fake: FakeDiscord, number: int) -> None:
    draw = random.Random(number)
    for n in range(_MESSAGES):
        guild = fake.world.guild_at((number * 7 + n * 13) % _GUILDS)
        place = {"guild_id": str(guild.id), "channel_id": str(next(iter(guild.channels)))}
        posted = {**message(draw, 1, number * _MESSAGES + n), **place}
        fake.dispatch("MESSAGE_CREATE", posted, guild.id)
        if n % (_MESSAGES // _BANS) == 0:
            fake.dispatch("GUILD_BAN_ADD", {"guild_id": str(guild.id), "user": posted["author"]}, guild.id)
        if n % (_MESSAGES // _OUTAGES) == 0:
            fake.guild_outage(n % _GUILDS)
            fake.guild_recovered(n % _GUILDS)
        if n == _MESSAGES // 2:
            fake.gateway.invalidate() if number % 6 == 5 else fake.gateway.disconnect()
        await asyncio.sleep(3_600 / _MESSAGES)


async def _day(sim: Simulation) -> tuple[list[float], int]:
    """RSS in MiB at the end of each hour, and how many messages were handled."""
    fake = FakeDiscord(World(1, guilds=_GUILDS), keep=100)
    for name in ("discord.com", "*.discord.gg"):
        sim.network.add_name(name, "discord")

    async def serve() -> None:
        await fake.start("0.0.0.0", 443, secure=True)

    await sim.spawn("discord", serve)
    intents = Intents.GUILDS | Intents.GUILD_MESSAGES | Intents.GUILD_MODERATION
    bot = Bot(fake.settings.token, intents=intents, cache=CachePolicy(idle_s=1_800))
    handled = 0

    @bot.on(MessageCreate, needs_guild=True)
    async def count(event: MessageCreate) -> None:
        nonlocal handled
        handled += 1
        await asyncio.sleep(0.1)

    await sim.spawn("bot", bot.start)
    process, seen = psutil.Process(), []
    for number in range(_HOURS):
        await _hour(fake, number)
        gc.collect()
        seen.append(process.memory_info().rss / _MIB)
    await sim.spawn("bot", bot.close)
    await fake.stop()
    return seen, handled


def main() -> None:
    """Print RSS by hour and the verdict."""
    with Simulation(1) as sim:
        seen, handled = sim.run(_day(sim))
    for first in range(0, _HOURS, 6):
        print(
            f"hours {first + 1:2}-{first + 6:2}  RSS MiB  " + " ".join(f"{mib:7.2f}" for mib in seen[first : first + 6])
        )
    growth, asked = seen[-1] - seen[_WARM_UP - 1], _HOURS * _MESSAGES
    for what, holds in (
        (f"RSS growth after {_WARM_UP} h {growth:+.2f} MiB  (≤ {_GROWTH_MIB})", growth <= _GROWTH_MIB),
        (f"handled {handled:,} of {asked:,}  (a lost session loses some)", handled >= 0.999 * asked),
    ):
        print(f"{'pass' if holds else 'MISS'}  {what}")


if __name__ == "__main__":
    main()
