"""How much of what Discord allows is used: the framework, discord.py and hikari side by side, in virtual time.

`python -m benchmarks.limiter [SEEDS]`. Nothing here depends on the machine: equal seeds give equal tables. All figures
are the server's: a share is the time the limits themselves take, from the first accepted request to the last, ÷ the
time it took. Each library runs with its defaults (hikari's opens a connection for each request).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import statistics
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

import discord
import hikari

from discord_sim import Law, Link, Settings, Simulation, World, run, start_discord
from framework.rest import RestManager, SlidingLimit

__all__ = ["LIBRARIES", "Client", "Load", "Measured", "measure", "one_channel"]

_SEEDS = 8
_GUILDS = 50
_NOT_BINDING_PER_S = 10_000
_QUIET_S, _COLD_S = 5, 20  # all of them close a connection that was idle for 15 s


@dataclass(frozen=True)
class Client:
    """What is asked of a library: to read a channel, to send a message to a channel, to ban in a guild a user."""

    look: Callable[[int], Awaitable[object]]
    send: Callable[[int, str], Awaitable[object]]
    ban: Callable[[int, int], Awaitable[object]]


@contextlib.asynccontextmanager
async def _framework(token: str, per_s: int) -> AsyncIterator[Client]:
    rest = RestManager(token, global_limit=SlidingLimit(per_s))
    yield Client(rest.get_channel, rest.create_message, rest.create_guild_ban)
    await rest.close()


@contextlib.asynccontextmanager
async def _discord_py(token: str, per_s: int) -> AsyncIterator[Client]:
    async with discord.Client(intents=discord.Intents.none()) as client:
        await client.login(token)
        yield Client(
            client.http.get_channel,
            lambda channel_id, text: client.get_partial_messageable(channel_id).send(text),
            lambda guild_id, user_id: client.http.ban(user_id, guild_id),
        )


@contextlib.asynccontextmanager
async def _hikari(token: str, per_s: int) -> AsyncIterator[Client]:
    app = hikari.RESTApp()
    await app.start()
    async with app.acquire(token, hikari.TokenType.BOT) as rest:
        yield Client(rest.fetch_channel, rest.create_message, rest.ban_user)
    await app.close()


LIBRARIES: dict[str, Callable[[str, int], AbstractAsyncContextManager[Client]]] = {
    "framework": _framework, "discord.py": _discord_py, "hikari": _hikari,
}  # fmt: skip
"""Each opens a client of a token; `per_s` is the global limit, which only the framework keeps without being told."""


@dataclass(frozen=True)
class Load:
    """Calls made all at once: `each` of them in each of so many `places`. `ideal_s` is what the limits take from the
    first accepted request to the last."""

    name: str
    target: str
    link: Link
    places: int
    each: int
    ideal_s: float
    law: Law | None = None  # of sending messages; None is the fake's default
    per_s: int = 50
    is_warm: bool = False  # connections are open
    bans: bool = False  # guilds and bans, not channels and messages


@dataclass(frozen=True)
class Measured:
    """One run: when requests were accepted, in seconds since the calls were made, and how many were answered 429."""

    load: Load
    accepted_s: tuple[float, ...]
    limited: int

    @property
    def asked(self) -> int:
        """How many calls were made."""
        return self.load.places * self.load.each

    @property
    def share(self) -> float:
        """Of the ideal; 0 where calls were given up, since what is not sent takes no time."""
        took_s = self.accepted_s[-1] - self.accepted_s[0]
        return self.load.ideal_s / took_s if len(self.accepted_s) == self.asked and took_s else 0.0


def one_channel(law: Law, count: int, link: Link, least: float, *, is_warm: bool) -> Load:
    """`count` messages to one channel, under a global limit that does not bind."""
    window_s = law.window_ms / 1000
    spans = -(-count // law.limit) - 1 if law.fixed else (count - law.limit) / law.limit
    jitter = f" ± {link.jitter_ms:g}" if link.jitter_ms else ""
    name = f"{'fixed' if law.fixed else 'sliding'} {law.limit} per {window_s:g} s, {link.latency_ms:g}{jitter} ms"
    return Load(name, f"≥ {least:.2f}", link, 1, count, spans * window_s, law, _NOT_BINDING_PER_S, is_warm)


def measure(library: str, load: Load, seed: int) -> Measured:
    """Put `load` on `library`. Works in a notebook cell too."""

    async def main(sim: Simulation) -> Measured:
        sim.network.default_link = load.link
        world = World(1, guilds=_GUILDS, members=(2, 2))
        laws = {} if load.law is None else {"create_message": load.law}
        fake = await start_discord(sim, world, Settings(global_limit_per_s=load.per_s, laws=laws))
        guilds = [world.guild_at(n) for n in range(_GUILDS)]
        channels = [next(iter(guild.channels)) for guild in guilds]
        made_ms = 0

        def call(client: Client, number: int) -> Awaitable[object]:
            place = number % load.places
            if load.bans:
                return client.ban(guilds[place].id, list(world.member_ids(guilds[place]))[1])  # the first one owns it
            return client.send(channels[place], f"message {number}")

        async def program() -> None:
            nonlocal made_ms
            async with LIBRARIES[library](fake.settings.token, load.per_s) as client:
                for _ in range(2 if load.is_warm else 0):  # at first a library may ask one at a time
                    await asyncio.gather(*(client.look(channel) for channel in channels))
                await asyncio.sleep(_QUIET_S if load.is_warm else _COLD_S)
                made_ms = fake.clock.now_ms
                calls = (call(client, number) for number in range(load.places * load.each))
                await asyncio.gather(*calls, return_exceptions=True)

        await sim.spawn("bot", program)
        await fake.stop()
        seen = [one for one in fake.record.requests if one.t_ms >= made_ms]
        accepted_s = tuple((one.t_ms - made_ms) / 1000 for one in seen if one.status < 300)
        return Measured(load, accepted_s, sum(one.status == 429 for one in seen))

    return run(main, seed=seed)


_LEAKY, _FAR = Law(5, 500), Link(50, 10)
LOADS = [
    one_channel(_LEAKY, 200, Link(0), 0.99, is_warm=False),
    one_channel(_LEAKY, 200, Link(20), 0.97, is_warm=False),
    one_channel(_LEAKY, 200, Link(100), 0.90, is_warm=False),
    one_channel(Law(5, 1_000, fixed=True), 60, _FAR, 0.97, is_warm=True),
    one_channel(Law(5, 1_000), 60, _FAR, 0.97, is_warm=True),
    one_channel(Law(30, 1_000, fixed=True), 120, _FAR, 0.97, is_warm=True),
    one_channel(Law(30, 1_000), 120, _FAR, 0.95, is_warm=True),
    *(Load(f"50 channels × 10, 50 a second, {ms} ms", "≥ 0.95", Link(ms), 50, 10, 9.0) for ms in (0, 50, 100)),
    Load("40 bans in 40 guilds, 50 ms", "≤ 1.2 s", Link(50), 40, 1, 0.0, bans=True),
]


def main() -> None:
    """Print a line for each load and library: the share, when the last call of the slowest run was carried out, and
    totals of all runs."""
    logging.disable(logging.WARNING)  # the libraries tell of each 429
    seeds = range(1, 1 + (int(sys.argv[1]) if len(sys.argv) > 1 else _SEEDS))
    head = f"{'LOAD, latency one way':37} {'TARGET':7}  {'LIBRARY':10} {'SHARE min':>9} {'median':>6} {'LAST':>8}"
    print(f"{head} {'429s':>6} {'DELIVERED':>14}")
    for load in LOADS:
        for library in LIBRARIES:
            runs = [measure(library, load, seed) for seed in seeds]
            shares = [one.share for one in runs]
            worst, usual = (f"{share:.3f}" if share else "–" for share in (min(shares), statistics.median(shares)))
            delivered = f"{sum(len(one.accepted_s) for one in runs):,} of {sum(one.asked for one in runs):,}"
            title = f"{load.name:37} {load.target:7}" if library == "framework" else ""
            print(
                f"{title:45}  {library:10} {worst:>9} {usual:>6} {max(one.accepted_s[-1] for one in runs):6.2f} s"
                f" {sum(one.limited for one in runs):6,} {delivered:>14}",
                flush=True,
            )


if __name__ == "__main__":
    main()
