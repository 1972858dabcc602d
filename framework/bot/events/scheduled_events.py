"""Scheduled events of guilds, and who is interested (intent GUILD_SCHEDULED_EVENTS)."""

from __future__ import annotations

from framework.bot.events._base import Event
from framework.models import ScheduledEvent, Snowflake

__all__ = [
    "GuildScheduledEventCreate",
    "GuildScheduledEventDelete",
    "GuildScheduledEventUpdate",
    "GuildScheduledEventUserAdd",
    "GuildScheduledEventUserRemove",
]


class GuildScheduledEventCreate(ScheduledEvent, Event, kw_only=True):
    """GUILD_SCHEDULED_EVENT_CREATE."""

    NAME = "GUILD_SCHEDULED_EVENT_CREATE"


class GuildScheduledEventUpdate(ScheduledEvent, Event, kw_only=True):
    """GUILD_SCHEDULED_EVENT_UPDATE: also when it begins and ends."""

    NAME = "GUILD_SCHEDULED_EVENT_UPDATE"


class GuildScheduledEventDelete(ScheduledEvent, Event, kw_only=True):
    """GUILD_SCHEDULED_EVENT_DELETE."""

    NAME = "GUILD_SCHEDULED_EVENT_DELETE"


class _InterestEvent(Event, kw_only=True):
    guild_scheduled_event_id: Snowflake
    user_id: Snowflake
    guild_id: Snowflake


class GuildScheduledEventUserAdd(_InterestEvent, kw_only=True):
    """GUILD_SCHEDULED_EVENT_USER_ADD: somebody is interested."""

    NAME = "GUILD_SCHEDULED_EVENT_USER_ADD"


class GuildScheduledEventUserRemove(_InterestEvent, kw_only=True):
    """GUILD_SCHEDULED_EVENT_USER_REMOVE: somebody is no longer interested."""

    NAME = "GUILD_SCHEDULED_EVENT_USER_REMOVE"
