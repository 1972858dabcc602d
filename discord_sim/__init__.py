"""Discord on a laptop: a fake server with the real rules, on real sockets or in virtual time.

`Simulation` opens a virtual world, `start_discord` puts a `FakeDiscord` with a `World` into it, under its real
names; your bot runs as it is. Afterwards `discord.record` tells what the server really saw.
"""

from discord_sim.edge import FakeDiscord, Settings
from discord_sim.loop import (
    DeadlockError,
    Link,
    LivelockError,
    Simulation,
    SimulationError,
    SimulationMisuse,
    UnsupportedInSimulation,
    run,
)
from discord_sim.record import Record
from discord_sim.rules.buckets import Law
from discord_sim.trace import BadTrace, Divergence, Trace, read_trace
from discord_sim.virtual import DISCORD_HOST, start_discord
from discord_sim.world.world import World

__all__ = [
    "DISCORD_HOST",
    "BadTrace",
    "DeadlockError",
    "Divergence",
    "FakeDiscord",
    "Law",
    "Link",
    "LivelockError",
    "Record",
    "Settings",
    "Simulation",
    "SimulationError",
    "SimulationMisuse",
    "Trace",
    "UnsupportedInSimulation",
    "World",
    "read_trace",
    "run",
    "start_discord",
]
