"""User events: one struct per dispatch, holding only what is listed. Unknown fields are skipped while decoding, so
an event costs what it uses; add a field to a subclass to have it.

Ids are `int`. `guild` is set where a handler asked for it and the cache could give it.
"""

from __future__ import annotations

from typing import ClassVar

import msgspec

from framework.bot.cache import Guild

__all__ = [
    "Event",
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
    "User",
]


class User(msgspec.Struct):
    """A user."""

    id: int
    username: str = ""
    bot: bool = False


class Event(msgspec.Struct, dict=True):
    """Base of all user events. `NAME` is Discord's name of the dispatch."""

    NAME: ClassVar[str] = ""
    guild: ClassVar[Guild | None] = None


class Raw(Event):
    """Any dispatch, undecoded; subscribe to it by name."""

    name: str = ""
    data: bytes = b""


class Ready(Event, kw_only=True):
    """READY."""

    NAME = "READY"
    session_id: str
    user: User


class GuildCreate(Event, kw_only=True):
    """GUILD_CREATE: at the start, after an outage, or on joining."""

    NAME = "GUILD_CREATE"
    id: int
    name: str = ""
    member_count: int = 0


class GuildUpdate(Event, kw_only=True):
    """GUILD_UPDATE."""

    NAME = "GUILD_UPDATE"
    id: int
    name: str = ""


class GuildDelete(Event, kw_only=True):
    """GUILD_DELETE: an outage (`unavailable`), or the bot left."""

    NAME = "GUILD_DELETE"
    id: int
    unavailable: bool = False


class _Banned(Event, kw_only=True):
    guild_id: int
    user: User


class GuildBanAdd(_Banned, kw_only=True):
    """GUILD_BAN_ADD. Never causes a guild fetch: a flood of these must not become a flood of requests."""

    NAME = "GUILD_BAN_ADD"


class GuildBanRemove(_Banned, kw_only=True):
    """GUILD_BAN_REMOVE."""

    NAME = "GUILD_BAN_REMOVE"


class GuildMemberAdd(_Banned, kw_only=True):
    """GUILD_MEMBER_ADD."""

    NAME = "GUILD_MEMBER_ADD"
    roles: list[int] = []


class GuildMemberUpdate(_Banned, kw_only=True):
    """GUILD_MEMBER_UPDATE."""

    NAME = "GUILD_MEMBER_UPDATE"
    roles: list[int] = []
    nick: str | None = None


class GuildMemberRemove(_Banned, kw_only=True):
    """GUILD_MEMBER_REMOVE: left, kicked or banned. Never causes a guild fetch."""

    NAME = "GUILD_MEMBER_REMOVE"


class MessageCreate(Event, kw_only=True):
    """MESSAGE_CREATE."""

    NAME = "MESSAGE_CREATE"
    id: int
    channel_id: int
    author: User
    content: str = ""
    guild_id: int | None = None


class MessageDelete(Event, kw_only=True):
    """MESSAGE_DELETE."""

    NAME = "MESSAGE_DELETE"
    id: int
    channel_id: int
    guild_id: int | None = None
