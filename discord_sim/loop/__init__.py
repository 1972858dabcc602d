"""Virtual time, a simulated network and seeded chance for any asyncio program.

Knows asyncio, threads, clocks and byte streams. Must not know Discord, HTTP or any third-party library: what
runs inside is not told that it does.
"""

from discord_sim.loop._clock import VirtualClock
from discord_sim.loop._errors import (
    DeadlockError,
    LivelockError,
    SimulationError,
    SimulationMisuse,
    UnsupportedInSimulation,
)
from discord_sim.loop._loop import SimLoop
from discord_sim.loop._network import Link, Network
from discord_sim.loop._simulation import Simulation, current_host, run
from discord_sim.loop._streams import Streams

__all__ = [
    "DeadlockError",
    "Link",
    "LivelockError",
    "Network",
    "SimLoop",
    "Simulation",
    "SimulationError",
    "SimulationMisuse",
    "Streams",
    "UnsupportedInSimulation",
    "VirtualClock",
    "current_host",
    "run",
]
