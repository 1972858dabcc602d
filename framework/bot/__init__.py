"""The bot: raw events → dispatch requirements (lazy cache) → cache handlers → transformers → customizers → yours."""

from framework.bot import events
from framework.bot.bot import Bot, BotSnapshot
from framework.bot.cache import CachePolicy, CacheSnapshot, Guild, GuildCache, Members, Section
from framework.bot.discovery import gateway_bot
from framework.bot.events import *  # noqa: F403 - every event, as its own list says
from framework.bot.extension import Extension
from framework.bot.forwarding import Forwarder
from framework.bot.requirements import DispatchRequirements

__all__ = [
    "Bot",
    "BotSnapshot",
    "CachePolicy",
    "CacheSnapshot",
    "DispatchRequirements",
    "Extension",
    "Forwarder",
    "Guild",
    "GuildCache",
    "Members",
    "Section",
    "gateway_bot",
]
__all__ += events.__all__
