"""The bot: raw events → dispatch requirements (lazy cache) → cache handlers → transformers → customizers → yours."""

from framework.bot.bot import Bot, BotSnapshot
from framework.bot.cache import CachePolicy, CacheSnapshot, Guild, Role
from framework.bot.events import (
    Event,
    GuildBanAdd,
    GuildBanRemove,
    GuildCreate,
    GuildDelete,
    GuildMemberAdd,
    GuildMemberRemove,
    GuildMemberUpdate,
    GuildUpdate,
    MessageCreate,
    MessageDelete,
    Raw,
    Ready,
    User,
)
from framework.bot.extension import Extension

__all__ = [
    "Bot",
    "BotSnapshot",
    "CachePolicy",
    "CacheSnapshot",
    "Event",
    "Extension",
    "Guild",
    "GuildBanAdd",
    "GuildBanRemove",
    "GuildCreate",
    "GuildDelete",
    "GuildMemberAdd",
    "GuildMemberRemove",
    "GuildMemberUpdate",
    "GuildUpdate",
    "MessageCreate",
    "MessageDelete",
    "Raw",
    "Ready",
    "Role",
    "User",
]
