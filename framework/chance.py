"""The one place of the framework that owns chance: jitter for heartbeats and back-off."""

from random import random

from framework.ports import Chance

__all__ = ["default_chance"]


def default_chance() -> Chance:
    """The process's random numbers; pass your own `Chance` to have them repeat."""
    return random
