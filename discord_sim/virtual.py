"""A fake Discord inside a simulation, reachable under its real names."""

from __future__ import annotations

from discord_sim.edge.server import FakeDiscord, Settings
from discord_sim.loop import Simulation
from discord_sim.trace import Trace
from discord_sim.world.world import World

__all__ = ["DISCORD_HOST", "start_discord"]

DISCORD_HOST = "discord"
_NAMES = ("discord.com", "*.discord.com", "discordapp.com", "*.discordapp.com", "*.discord.gg", "discord.gg")


async def start_discord(
    sim: Simulation, world: World, settings: Settings | None = None, trace: Trace | None = None
) -> FakeDiscord:
    """Start the fake on its own simulated host; `https://discord.com` and `wss://gateway.discord.gg` lead to it."""
    discord = FakeDiscord(world, settings, trace)
    for name in _NAMES:
        sim.network.add_name(name, DISCORD_HOST)

    async def serve() -> None:
        await discord.start("0.0.0.0", 443, secure=True)

    await sim.spawn(DISCORD_HOST, serve)
    return discord
