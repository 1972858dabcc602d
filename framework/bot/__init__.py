"""The bot: raw events → dispatch requirements (lazy cache) → cache handlers → transformers → customizers → yours."""

from framework.bot.bot import Bot, BotSnapshot
from framework.bot.cache import CachePolicy, CacheSnapshot, Guild, GuildCache, Members, Section
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

__all__ = [
    "Bot",
    "BotSnapshot",
    "CachePolicy",
    "CacheSnapshot",
    "Event",
    "Guild",
    "GuildBanAdd",
    "GuildBanRemove",
    "GuildCache",
    "GuildCreate",
    "GuildDelete",
    "GuildMemberAdd",
    "GuildMemberRemove",
    "GuildMemberUpdate",
    "GuildUpdate",
    "Members",
    "MessageCreate",
    "MessageDelete",
    "Raw",
    "Ready",
    "Section",
    "User",
]
