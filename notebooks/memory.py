"""What notebooks/memory_savings.ipynb measures with: guilds, a day of activity, and a fresh process for each point.

As a program (`python memory.py JSON`) it is that process: it fills the framework's cache with the bodies that lie in a
folder and prints, as JSON, by how much its resident set grew.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import subprocess
import sys
import tempfile
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import msgspec
import numpy as np
import psutil

import discord_sim
from discord_sim import World
from discord_sim.world import payloads, snowflakes
from framework.bot.cache import CachePolicy, GuildCache, Section, sections
from framework.bot.requirements import Requirements

__all__ = ["IDLE_S", "Day", "all_guilds", "day_of", "lazy_day", "make_guilds", "measure"]

SIZES = ((0.50, (2, 10), 8, 5), (0.27, (10, 30), 15, 10), (0.14, (30, 100), 30, 20), (0.06, (100, 250), 60, 35),
         (0.03, (250, 2_000), 120, 60))  # fmt: skip
"""Share of guilds, members, channels, roles: most guilds are small. Assumed, as everything about activity is."""
IDLE_S = (900, 1_800, 3_600, 10_800, 21_600, 43_200, 86_400)
NEEDS = ("roles", "channels")  # what the handlers need of a guild: two requests
ONLINE = 0.15
ROUND_TRIP_S = 0.05
HOUR_S = 3_600
WARM_UP = 30
_REMEMBERED = 1_000
_BODIES = 3  # of each guild: GUILD_CREATE, GET guild, GET channels


# -- the guilds ----------------------------------------------------------------------------------------------------


def make_guilds(folder: Path, guilds: int, seed: int = 1) -> Any:
    """Write every guild's bodies into `folder`; returns the size of each guild's GUILD_CREATE in bytes.

    The bodies are the fake's, from one world for each size of guild; people get names, pictures, roles and nicknames
    on top, since those of the fake compress better than real ones.
    """
    draw = np.random.default_rng(seed)
    kinds = draw.choice(len(SIZES), size=guilds, p=[share for share, *_ in SIZES])
    ends, created, encode = array("Q", [0]), np.zeros(guilds, dtype=np.int64), msgspec.json.encode
    with Path(folder, "bodies").open("wb") as file:
        for index, kind in enumerate(kinds):
            if index % _REMEMBERED == 0:  # a world remembers the guilds it has made
                worlds = [World(seed, guilds=guilds, members=m, channels=c, roles=r) for _, m, c, r in SIZES]
            world = worlds[kind]
            guild = world.guild_at(index)
            _people(world, guild, draw)
            create = encode(world.guild_create(guild, 250, presences=True, bot_id=world.bot_id))
            channels = [c for c in guild.channels.values() if c["type"] not in payloads.THREADS]
            for body in (create, encode(payloads.guild(guild)), encode(channels)):
                ends.append(ends[-1] + file.write(body))
            created[index] = len(create)
            world.users.clear()
            world.presences.clear()
    Path(folder, "ends").write_bytes(ends.tobytes())
    return created


def _people(world: Any, guild: Any, draw: Any) -> None:
    """Make people, roles and channels differ as real ones do. Of more than 250 members (the `large_threshold`) Discord
    sends who is online or has a role or a nickname; here that is 250."""
    ids = [user for user in world.member_ids(guild) if user not in world.bots]
    roles = [str(role) for role in guild.roles][1:]
    for user in ids[:250]:
        name, picture, chance = draw.integers(1 << 40), draw.bytes(16).hex(), draw.random(3)
        known = {"username": f"{world.user_payload(user)['username']}{name:x}", "global_name": f"{name:x}"[:8]}
        world.users[user] = {**known, "avatar": picture if chance[0] < 0.85 else None}
        held = [roles[place] for place in draw.integers(len(roles), size=draw.integers(4))]
        guild.members[user] = {"roles": held, "nick": f"{name:o}"[:9] if chance[1] < 0.3 else None}
        if chance[2] < ONLINE:
            world.presences[user] = {"status": "online", "activities": [], "client_status": {"desktop": "online"}}
    for role in guild.roles.values():
        role.update(color=int(draw.integers(1 << 24)), permissions=str(int(draw.integers(1 << 49))))
    for channel in guild.channels.values():
        who = [int(place) for place in draw.integers(len(roles), size=draw.integers(4))]
        channel["last_message_id"] = str(int(draw.integers(1 << 57, 1 << 60)))
        channel["topic"] = draw.bytes(int(draw.integers(20))).hex() or None
        channel["permission_overwrites"] = [
            {"id": roles[place], "type": 0, "allow": str(int(draw.integers(1 << 40))), "deny": "0"} for place in who
        ]


# -- the day -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Day:
    """Who is active when. By hour of the day: `active`, the guilds with an event in the hour, and `weight`, their share
    of all GUILD_CREATE bytes."""

    folder: Path
    guilds: int
    run_in_h: int
    active: list[int]
    weight: list[float]
    ever: int  # guilds with an event on the day
    events: int  # told to the cache on the day


def day_of(folder: Path, created: Any, run_in_h: int = 24, low: float = 0.10, high: float = 0.20, seed: int = 1) -> Day:
    """Write the events of `run_in_h` hours and the day after them: in an hour, `low` (at 8) to `high` (at 20) of the
    guilds have an event.

    Events per guild follow Zipf's law, flat at the top; large guilds are more active, but not all of them. A guild's
    events of one minute are told as one: no idle time is so short that the others would matter.
    """
    draw, guilds = np.random.default_rng(seed), len(created)
    place = np.empty(guilds)
    place[np.argsort(-created * draw.lognormal(0.0, 1.5, guilds))] = np.arange(guilds)
    weight = (place + max(1.0, guilds / 5_000)) ** -1.3

    def rate(share: float) -> float:
        """Events per hour and weight with which `share` of the guilds has one in an hour."""
        below, above = 1e-6, 1e12
        for _ in range(200):
            middle = (below * above) ** 0.5
            below, above = (middle, above) if np.mean(-np.expm1(-middle * weight)) < share else (below, middle)
        return above

    quiet, busy = rate(low), rate(high)
    active, share, ever, told = [], [], np.zeros(guilds, dtype=bool), 0
    for hour in range(-run_in_h, 24):
        now = (busy + quiet) / 2 + (busy - quiet) / 2 * np.cos(2 * np.pi * (hour - 20) / 24)
        minute, who = np.nonzero(draw.random((60, guilds)) < -np.expm1(-now * weight / 60))
        at_ms = minute * 60_000 + draw.integers(60_000, size=len(who))
        order = np.argsort(at_ms, kind="stable")
        Path(folder, f"hour {hour}").write_bytes(
            np.stack([at_ms[order], who[order]], axis=1).astype(np.uint32).tobytes()
        )
        if hour >= 0:
            seen = np.unique(who)
            active.append(len(seen))
            share.append(float(created[seen].sum() / created.sum()))
            ever[seen] = True
            told += len(who)
    return Day(folder, guilds, run_in_h, active, share, int(ever.sum()), told)


def measure(guilds: int, idle_s: Sequence[int] = IDLE_S, peers: Sequence[str] = (), seed: int = 1) -> dict[str, Any]:
    """All points of one number of guilds, as JSON: `eager` of everything and of what the handlers `need`, `lazy` by
    idle time, `peers` by library, and the `day` they had."""
    if guilds < WARM_UP:
        raise ValueError(f"{guilds} guilds are too few to measure; take {WARM_UP} at least")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        created = make_guilds(folder, guilds, seed)
        day = day_of(folder, created, -(-max(idle_s) // HOUR_S), seed=seed)
        return {
            "guilds": guilds, "mean_bytes": int(created.mean()), "median_bytes": int(np.median(created)),
            "day": {"active": day.active, "weight": day.weight, "ever": day.ever, "events": day.events},
            "everything": all_guilds(folder, guilds), "needed": all_guilds(folder, guilds, NEEDS),
            "lazy": {str(idle): lazy_day(day, idle) for idle in idle_s},
            "peers": {peer: all_guilds(folder, guilds, peer=peer) for peer in peers},
        }  # fmt: skip


# -- points: each a fresh process ----------------------------------------------------------------------------------


def all_guilds(folder: Path, guilds: int, keep: Sequence[str] = (), peer: str = "") -> dict[str, Any]:
    """The eager cache, or that of another library, fed every GUILD_CREATE: `grown` (bytes of resident set), `counted`
    (bytes by our cache's own account)."""
    return _measured({"folder": str(folder), "guilds": guilds, "keep": keep, "peer": peer})


def lazy_day(day: Day, idle_s: int, fetch_per_s: float = 45.0) -> dict[str, Any]:
    """The lazy cache through the day, in virtual time, after as long a run-in as its idle time. By hour: `grown`,
    `counted`, `held` (guilds), `requests`; of the day: `peak`, the most requests in one minute, `evictions`,
    `waited_ms`, the longest that an event waited for its guild; `cold`: the most requests in a minute of the run-in,
    which begins with nothing.
    """
    if idle_s > day.run_in_h * HOUR_S:
        raise ValueError(f"an idle time of {idle_s} s needs as long a run-in; this day has {day.run_in_h} h")
    plan = {"idle_s": idle_s, "fetch_per_s": fetch_per_s, "begin": -(-idle_s // HOUR_S)}
    return _measured({"folder": str(day.folder), "guilds": day.guilds, **plan})


def _measured(plan: dict[str, Any]) -> dict[str, Any]:
    done = subprocess.run([sys.executable, __file__, json.dumps(plan)], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{plan} failed: {done.stderr[-2_000:]}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _resident() -> int:
    gc.collect()
    return int(psutil.Process().memory_info().rss)


class _Bodies:
    """Reads one body at a time: nothing of the file is held."""

    def __init__(self, folder: Path) -> None:
        self._file = os.open(folder / "bodies", os.O_RDONLY)
        self._ends = array("Q")
        self._ends.frombytes((folder / "ends").read_bytes())

    def read(self, index: int, body: int) -> bytes:
        first = self._ends[index * _BODIES + body]
        return os.pread(self._file, self._ends[index * _BODIES + body + 1] - first, first)


def _eager(folder: Path, plan: dict[str, Any]) -> dict[str, Any]:
    bodies, make = _Bodies(folder), _peer(plan["peer"]) if plan["peer"] else _ours(plan["keep"])

    async def main() -> dict[str, Any]:  # discord.py wants a running loop
        def fill(guilds: int) -> Any:
            cache, store = make()
            for index in range(guilds):
                store(bodies.read(index, 0), snowflakes.guild_id(index))
            return cache

        warm = fill(WARM_UP)  # not let go: what it frees would be filled again, and not counted
        before = _resident()
        cache = fill(plan["guilds"])
        grown = _resident() - before
        del warm
        return {"grown": grown, "counted": 0 if plan["peer"] else cache.snapshot().bytes_held}

    return asyncio.run(main())


def _ours(keep: Sequence[str]) -> Callable[[], Any]:
    policy = CachePolicy.everything(**({"keep": keep} if keep else {}))

    def make() -> Any:
        cache = GuildCache(policy)
        return cache, lambda data, guild_id: cache.on_event("GUILD_CREATE", guild_id, data, 0)

    return make


def _peer(name: str) -> Callable[[], Any]:
    """As benchmarks/memory.py feeds them."""
    from benchmarks import memory

    made: dict[str, Any] = {}
    exec({"discord.py": memory.DISCORD_PY, "hikari": memory.HIKARI}[name], made)
    make: Callable[[], Any] = made["make"]
    return make


def _lazy(folder: Path, plan: dict[str, Any]) -> dict[str, Any]:
    """The framework's `Requirements` with its timers; only the REST call is a file here, 50 ms away."""
    needs, bodies = sections(NEEDS), _Bodies(folder)
    requests: list[int] = []  # by minute

    async def fetch(guild_id: int, section: Section) -> bytes:
        requests[-1] += 1
        await asyncio.sleep(ROUND_TRIP_S)
        return bodies.read(snowflakes.guild_index(guild_id), 1 if section is Section.GUILD else 2)

    def make(idle_s: float, per_s: float) -> Requirements:
        made = Requirements(CachePolicy.lazy(*NEEDS, idle_s=idle_s, fetch_per_s=per_s), fetch)
        made.want(needs)
        return made

    async def main(sim: Any) -> dict[str, Any]:
        requests.append(0)
        warm = make(1e9, 1_000.0)  # not let go: what it frees would be filled again, and not counted
        for index in range(WARM_UP):
            await warm.guild_for("MESSAGE_CREATE", snowflakes.guild_id(index), needs)
        bot, before = make(plan["idle_s"], plan["fetch_per_s"]), _resident()
        found: dict[str, Any] = {"grown": [], "counted": [], "held": [], "requests": []}
        waited: list[float] = [0.0]
        for hour in range(-plan["begin"], 24):
            if hour == 0:
                waited[0], evicted = 0.0, bot.cache.evictions
            requests.clear()
            await _live(bot, array("I", (folder / f"hour {hour}").read_bytes()), requests, needs, waited)
            if hour < 0:
                found["cold"] = max(found.get("cold", 0), *requests)
            else:
                snapshot = bot.cache.snapshot()
                found["grown"].append(_resident() - before)
                found["counted"].append(snapshot.bytes_held)
                found["held"].append(snapshot.guilds)
                found["requests"].append(sum(requests))
                found["peak"] = max(found.get("peak", 0), *requests)
        found |= {"waited_ms": round(waited[0] * 1000), "evictions": bot.cache.evictions - evicted}
        await warm.close()
        await bot.close()
        return found

    return discord_sim.run(main)


async def _live(bot: Any, events: array[int], requests: list[int], needs: Any, waited: list[float]) -> None:
    """One hour: each event has its guild from the cache at once, or waits for it."""
    loop = asyncio.get_running_loop()
    begin = loop.time()

    async def wait(guild_id: int) -> None:
        asked = loop.time()
        if await bot.guild_for("MESSAGE_CREATE", guild_id, needs) is None:
            raise RuntimeError(f"guild {guild_id} was not to be had")
        waited[0] = max(waited[0], loop.time() - asked)

    waiting: set[asyncio.Task[None]] = set()
    place = 0
    for second in range(HOUR_S):
        if second % 60 == 0:
            requests.append(0)
        while place < len(events) and events[place] < (second + 1) * 1_000:
            guild_id = snowflakes.guild_id(events[place + 1])
            place += 2
            if bot.guild_nowait(guild_id) is None:
                task = asyncio.create_task(wait(guild_id))
                waiting.add(task)
                task.add_done_callback(waiting.discard)
        await asyncio.sleep(begin + second + 1 - loop.time())
    if waiting:
        await asyncio.gather(*waiting)  # rarely: whoever still waits takes a moment of the next hour


if __name__ == "__main__":
    chosen = json.loads(sys.argv[1])
    point: Callable[[Path, dict[str, Any]], dict[str, Any]] = _lazy if "idle_s" in chosen else _eager
    print(json.dumps(point(Path(chosen["folder"]), chosen)))
