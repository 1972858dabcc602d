"""A bot framework after discordeno: gateway, bot and rest, each usable alone, joined in `Bot`."""

from framework.bot import (
    Bot,
    CachePolicy,
    Event,
    Extension,
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
)
from framework.errors import FrameworkError, GatewayFatal, InvalidUse, SessionStartsExhausted
from framework.gateway import GatewayManager
from framework.rest import RestManager
from framework.wire import Intents

__all__ = [
    "Bot",
    "CachePolicy",
    "Event",
    "Extension",
    "FrameworkError",
    "GatewayFatal",
    "GatewayManager",
    "GuildBanAdd",
    "GuildBanRemove",
    "GuildCreate",
    "GuildDelete",
    "GuildMemberAdd",
    "GuildMemberRemove",
    "GuildMemberUpdate",
    "GuildUpdate",
    "Intents",
    "InvalidUse",
    "MessageCreate",
    "MessageDelete",
    "Raw",
    "Ready",
    "RestManager",
    "SessionStartsExhausted",
]
