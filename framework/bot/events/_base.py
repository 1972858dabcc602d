"""What every event is."""

from __future__ import annotations

from typing import ClassVar

from framework.bot.cache import Guild
from framework.models import Model

__all__ = ["Event", "Raw"]


class Event(Model, dict=True):
    """Base of all user events. `NAME` is Discord's name of the dispatch.

    `guild` is set where a handler asked for it (`needs_guild`) and the cache could give it.
    """

    NAME: ClassVar[str] = ""
    guild: ClassVar[Guild | None] = None  # each event's own is in its `__dict__`, so it is no field and not decoded


class Raw(Event):
    """Any dispatch, undecoded; subscribe to it by name. `repr` leaves out the data: it may hold a token."""

    SECRETS: ClassVar[frozenset[str]] = frozenset({"data"})

    name: str = ""
    data: bytes = b""
