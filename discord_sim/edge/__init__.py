"""The shells: sockets around the rules and the world. One server for real sockets and for virtual time; no code
path here knows which."""

from discord_sim.edge.server import FakeDiscord, Settings

__all__ = ["FakeDiscord", "Settings"]
