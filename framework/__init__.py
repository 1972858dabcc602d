"""A bot framework after discordeno: gateway, bot and rest, each usable alone, joined in `Bot`."""

from framework.bot import Bot, CachePolicy, Extension, events
from framework.bot.events import *  # noqa: F403 - every event, as its own list says
from framework.errors import FrameworkError, GatewayFatal, InvalidUse, SessionStartsExhausted
from framework.gateway import GatewayManager
from framework.rest import RestManager
from framework.wire import Intents

__all__ = [
    "Bot",
    "CachePolicy",
    "Extension",
    "FrameworkError",
    "GatewayFatal",
    "GatewayManager",
    "Intents",
    "InvalidUse",
    "RestManager",
    "SessionStartsExhausted",
]
__all__ += events.__all__
