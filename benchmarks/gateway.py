"""What a gateway event costs a bot: the framework, discord.py and hikari beside the floor, within one run.

`python -m benchmarks.gateway [ROUNDS]`: a gateway of its own process sends streams made before anybody connects; each
reader is a fresh process whose own CPU time counts; readers alternate, so that a busy moment of the machine meets all,
and medians count. `floor` is the framework's socket library, inflate, msgspec's envelope and the handler's type, with
nothing around them; `floor 1` leaves `d` raw. `framework` has a coroutine for a handler, as discord.py and hikari must;
`plain handler` a function that waits for nothing; `keeps all` a cache of every guild. All of it on
zlib-stream, and once more on zstd-stream, which hikari speaks with an extra only.

`python -m benchmarks.gateway stages` tells where the framework's time goes.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
from asyncio.subprocess import PIPE, Process
from typing import Any

__all__: list[str] = []

_ROUNDS = 5
_READERS = ("floor 1", "floor", "framework", "plain handler", "keeps all", "discord.py", "hikari")
_ZSTD_READERS = ("floor 1", "floor", "framework", "plain handler", "keeps all", "discord.py")
_STAGES = ("socket", "inflate", "floor 1", "floor", "framework")
_TITLES = {"mixed": "mixed events", "bans": "bans, no handler", "guilds": "GUILD_CREATE"}
Found = dict[str, dict[str, list[tuple[float, float]]]]  # reader, load: (CPU, wall) µs per event of each round


async def _gateway() -> tuple[Process, int]:
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "benchmarks.stream", stdout=PIPE)
    assert process.stdout is not None
    return process, json.loads(await process.stdout.readline())["port"]


async def _read(name: str, port: int, compression: str, *options: str) -> dict[str, Any]:
    arguments = ("-m", "benchmarks.readers", name, str(port), compression, *options)
    reader = await asyncio.create_subprocess_exec(sys.executable, *arguments, stdout=PIPE, stderr=PIPE)
    said, complaint = await reader.communicate()
    if reader.returncode != 0:
        raise RuntimeError(f"{name} failed: {complaint.decode()}")
    found: dict[str, Any] = json.loads(said.splitlines()[-1])
    return found


async def _measure(names: tuple[str, ...], rounds: int, compression: str = "zlib-stream") -> Found:
    server, port = await _gateway()
    found: Found = {name: {load: [] for load in _TITLES} for name in names}
    try:
        for _ in range(rounds):
            for name in names:
                one = await _read(name, port, compression)
                for load in _TITLES:
                    found[name][load].append(tuple(one[load]))
    finally:
        server.kill()
        await server.wait()
    return found


def _ratio(found: Found, load: str, one: str, other: str) -> float:
    """CPU of `one` ÷ CPU of `other`: the median over rounds, of which each has both."""
    pairs = zip(found[one][load], found[other][load], strict=True)
    return statistics.median(a[0] / b[0] for a, b in pairs)


def _table(found: Found, compression: str) -> None:
    for load, title in _TITLES.items():
        print(f"{title + ', ' + compression:30} {'EVENTS/s':>10} {'CPU µs':>9} {'÷ FLOOR':>8} {'÷ DISCORD.PY':>13}")
        for name in found:
            cpu, wall = (statistics.median(column) for column in zip(*found[name][load], strict=True))
            floor, peer = _ratio(found, load, name, "floor"), _ratio(found, load, name, "discord.py")
            print(f"  {name:28} {1e6 / wall:10,.0f} {cpu:9.2f} {floor:8.2f} {peer:13.3f}")


def _verdicts(found: Found, compression: str) -> None:
    guild_ms = statistics.median(cpu for cpu, _ in found["keeps all"]["guilds"]) / 1_000
    lines = [
        ("mixed events, × discord.py", _ratio(found, "mixed", "discord.py", "framework"), "≥", 8.0),
        ("the same, plain handler", _ratio(found, "mixed", "discord.py", "plain handler"), "≥", 8.0),
        ("mixed events ÷ floor", _ratio(found, "mixed", "framework", "floor"), "≤", 1.6),
        ("the same, plain handler", _ratio(found, "mixed", "plain handler", "floor"), "≤", 1.6),
        ("bans without handler ÷ floor 1", _ratio(found, "bans", "framework", "floor 1"), "≤", 1.3),
        ("GUILD_CREATE kept, CPU ms", guild_ms, "≤", 0.3),
    ]
    for what, value, sign, target in lines:
        holds = value >= target if sign == "≥" else value <= target
        print(f"{'pass' if holds else 'MISS'}  {what:32} {value:6.2f}  ({sign} {target:.1f}, {compression})")
    print()


def _stages(found: Found) -> None:
    print(
        f"{'UP TO AND WITH':18}"
        + "".join(f"{title:>26}" for title in _TITLES.values())
        + "   CPU µs (of it this stage)"
    )
    before = dict.fromkeys(_TITLES, 0.0)
    for name in found:
        cells = ""
        for load in _TITLES:
            cpu = statistics.median(cost for cost, _ in found[name][load])
            cells += f"{cpu:16.2f} ({cpu - before[load]:+7.2f})"
            before[load] = cpu
        print(f"{name:18}{cells}")


async def _profile() -> None:
    server, port = await _gateway()
    try:
        found = await _read("framework", port, "zlib-stream", "profile")
    finally:
        server.kill()
        await server.wait()
    print("\nwhere the CPU time of mixed events goes (cProfile makes a Python call dearer than it is):")
    for share, calls, where in found["profile"]:
        print(f"  {share:6.1%} {calls:6.2f} calls per event  {where}")


def main() -> None:
    """Print the tables and the verdicts, or the stages."""
    if "stages" in sys.argv:
        _stages(asyncio.run(_measure(_STAGES, _ROUNDS)))
        asyncio.run(_profile())
        return
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else _ROUNDS
    found = asyncio.run(_measure(_READERS, rounds))
    _table(found, "zlib-stream")
    _verdicts(found, "zlib-stream")
    found = asyncio.run(_measure(_ZSTD_READERS, rounds, "zstd-stream"))
    _table(found, "zstd-stream")
    _verdicts(found, "zstd-stream, the framework's default")


if __name__ == "__main__":
    main()
