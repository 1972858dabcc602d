"""Events that Discord sends and does not document: requests to join (intent GUILDS), and exceptions to the rule of
recurring scheduled events (intent GUILD_SCHEDULED_EVENTS)."""

from __future__ import annotations

from framework.bot.events._base import Event
from framework.models import JoinRequest, ScheduledEventException, Snowflake

__all__ = [
    "GuildJoinRequestCreate",
    "GuildJoinRequestUpdate",
    "GuildScheduledEventExceptionCreate",
    "GuildScheduledEventExceptionDelete",
    "GuildScheduledEventExceptionsDelete",
]


class _JoinRequestEvent(Event, kw_only=True):
    guild_id: Snowflake
    status: str  # JoinRequestStatus
    request: JoinRequest


class GuildJoinRequestCreate(_JoinRequestEvent, kw_only=True):
    """GUILD_JOIN_REQUEST_CREATE: somebody wants to join."""

    NAME = "GUILD_JOIN_REQUEST_CREATE"


class GuildJoinRequestUpdate(_JoinRequestEvent, kw_only=True):
    """GUILD_JOIN_REQUEST_UPDATE: approved or rejected."""

    NAME = "GUILD_JOIN_REQUEST_UPDATE"


class GuildScheduledEventExceptionCreate(ScheduledEventException, Event, kw_only=True):
    """GUILD_SCHEDULED_EVENT_EXCEPTION_CREATE: one occurrence is moved or canceled, or that has changed."""

    NAME = "GUILD_SCHEDULED_EVENT_EXCEPTION_CREATE"


class GuildScheduledEventExceptionDelete(ScheduledEventException, Event, kw_only=True):
    """GUILD_SCHEDULED_EVENT_EXCEPTION_DELETE: it takes place as the rule says."""

    NAME = "GUILD_SCHEDULED_EVENT_EXCEPTION_DELETE"


class GuildScheduledEventExceptionsDelete(Event, kw_only=True):
    """GUILD_SCHEDULED_EVENT_EXCEPTIONS_DELETE: the event has another rule, so all its exceptions are gone."""

    NAME = "GUILD_SCHEDULED_EVENT_EXCEPTIONS_DELETE"

    guild_id: Snowflake
    event_id: Snowflake
