"""What each of Discord's REST operations does to the world: plain functions, one file per part of the API."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from discord_sim.edge.call import OPERATIONS

__all__ = ["OPERATIONS", "load"]


def load() -> None:
    """Import every file of this folder, so that its operations are registered."""
    for module in iter_modules(__path__):
        import_module(f"{__name__}.{module.name}")
