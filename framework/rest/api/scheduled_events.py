"""Scheduled events of a guild ("Guild Scheduled Event")."""

from __future__ import annotations

import datetime
from collections.abc import AsyncIterator, Sequence

from framework.models._base import UNSET, Maybe
from framework.models.scheduled_event import (
    RecurrenceRule,
    ScheduledEvent,
    ScheduledEventEntityMetadata,
    ScheduledEventException,
    ScheduledEventPrivacyLevel,
    ScheduledEventUser,
    ScheduledEventUserCounts,
)
from framework.rest.api._base import Api, body, query
from framework.rest.api._paging import pages
from framework.rest.core.route import Route

__all__ = ["ScheduledEventsApi"]

_EVENTS = "/guilds/{guild_id}/scheduled-events"
_EVENT = _EVENTS + "/{event_id}"
_EXCEPTION = _EVENT + "/exceptions/{exception_id}"
_PAGE = 100


class ScheduledEventsApi(Api):
    """Scheduled events. To make one needs CREATE_EVENTS, to change or delete another's MANAGE_EVENTS; and in either
    case the right to be at its place: VIEW_CHANNEL and CONNECT for voice, those of a moderator for a stage."""

    async def list_guild_scheduled_events(
        self, guild_id: int, *, with_user_count: bool = False
    ) -> list[ScheduledEvent]:
        """All events that are scheduled or active, where the bot can see their channel."""
        route = Route.of("GET", _EVENTS, guild_id=guild_id)
        return await self._ask(list[ScheduledEvent], route, query=query(with_user_count=with_user_count))

    async def get_guild_scheduled_event(
        self, guild_id: int, event_id: int, *, with_user_count: bool = False
    ) -> ScheduledEvent:
        """One event."""
        route = Route.of("GET", _EVENT, guild_id=guild_id, event_id=event_id)
        return await self._ask(ScheduledEvent, route, query=query(with_user_count=with_user_count))

    async def create_guild_scheduled_event(
        self,
        guild_id: int,
        name: str,
        *,
        entity_type: int,
        scheduled_start_time: datetime.datetime,
        scheduled_end_time: Maybe[datetime.datetime | None] = UNSET,
        channel_id: Maybe[int | None] = UNSET,
        entity_metadata: Maybe[ScheduledEventEntityMetadata] = UNSET,
        privacy_level: int = ScheduledEventPrivacyLevel.GUILD_ONLY,
        description: Maybe[str | None] = UNSET,
        image: Maybe[str | None] = UNSET,
        recurrence_rule: Maybe[RecurrenceRule | None] = UNSET,
        reason: str | None = None,
    ) -> ScheduledEvent:
        """Schedule an event; 100 can be open in a guild.

        One of type EXTERNAL needs `entity_metadata` with the location, and an end; the others a channel. `image` is a
        data URI.
        """
        fields = body(
            name=name,
            entity_type=entity_type,
            scheduled_start_time=scheduled_start_time,
            scheduled_end_time=scheduled_end_time,
            channel_id=channel_id,
            entity_metadata=entity_metadata,
            privacy_level=privacy_level,
            description=description,
            image=image,
            recurrence_rule=recurrence_rule,
        )
        return await self._ask(ScheduledEvent, Route.of("POST", _EVENTS, guild_id=guild_id), json=fields, reason=reason)

    async def modify_guild_scheduled_event(
        self,
        guild_id: int,
        event_id: int,
        *,
        name: Maybe[str] = UNSET,
        status: Maybe[int] = UNSET,
        entity_type: Maybe[int] = UNSET,
        scheduled_start_time: Maybe[datetime.datetime] = UNSET,
        scheduled_end_time: Maybe[datetime.datetime | None] = UNSET,
        channel_id: Maybe[int | None] = UNSET,
        entity_metadata: Maybe[ScheduledEventEntityMetadata | None] = UNSET,
        privacy_level: Maybe[int] = UNSET,
        description: Maybe[str | None] = UNSET,
        image: Maybe[str | None] = UNSET,
        recurrence_rule: Maybe[RecurrenceRule | None] = UNSET,
        reason: str | None = None,
    ) -> ScheduledEvent:
        """Change an event; begin, end or cancel it by its `status`.

        Who makes it EXTERNAL sets `channel_id` to None, and gives the location and an end. A new recurrence rule
        removes the exceptions from the old one.
        """
        fields = body(
            name=name,
            status=status,
            entity_type=entity_type,
            scheduled_start_time=scheduled_start_time,
            scheduled_end_time=scheduled_end_time,
            channel_id=channel_id,
            entity_metadata=entity_metadata,
            privacy_level=privacy_level,
            description=description,
            image=image,
            recurrence_rule=recurrence_rule,
        )
        return await self._ask(
            ScheduledEvent, Route.of("PATCH", _EVENT, guild_id=guild_id, event_id=event_id), json=fields, reason=reason
        )

    async def delete_guild_scheduled_event(self, guild_id: int, event_id: int, *, reason: str | None = None) -> None:
        """Delete an event."""
        await self._do(Route.of("DELETE", _EVENT, guild_id=guild_id, event_id=event_id), reason=reason)

    # -- who is interested -----------------------------------------------------------------------------------

    async def get_guild_scheduled_event_users(
        self,
        guild_id: int,
        event_id: int,
        *,
        with_member: bool = False,
        before: int | None = None,
        after: int | None = None,
        limit: int | None = None,
    ) -> list[ScheduledEventUser]:
        """A page of who is interested by ascending user id, 1 to 100 (100 by default). Of `before` and `after` only
        the first counts."""
        options = query(with_member=with_member, before=before, after=after, limit=limit)
        route = Route.of("GET", _EVENT + "/users", guild_id=guild_id, event_id=event_id)
        return await self._ask(list[ScheduledEventUser], route, query=options)

    def iterate_guild_scheduled_event_users(
        self, guild_id: int, event_id: int, *, with_member: bool = False, after: int = 0, limit: int | None = None
    ) -> AsyncIterator[ScheduledEventUser]:
        """All who are interested by ascending id, or those `after` an id, page by page."""
        return pages(
            lambda cursor, count: self.get_guild_scheduled_event_users(
                guild_id, event_id, with_member=with_member, after=cursor, limit=count
            ),
            after, lambda user: user.user_id, _PAGE, limit,
        )  # fmt: skip

    async def get_guild_scheduled_event_user_counts(
        self, guild_id: int, event_id: int, *, exception_ids: Sequence[int] = ()
    ) -> ScheduledEventUserCounts:
        """How many are interested in an event, and in up to 10 of its exceptions."""
        options = query(guild_scheduled_event_exception_ids=exception_ids)
        route = Route.of("GET", _EVENT + "/users/counts", guild_id=guild_id, event_id=event_id)
        return await self._ask(ScheduledEventUserCounts, route, query=options)

    # -- exceptions ------------------------------------------------------------------------------------------

    async def create_guild_scheduled_event_exception(
        self,
        guild_id: int,
        event_id: int,
        original_scheduled_start_time: datetime.datetime,
        *,
        scheduled_start_time: Maybe[datetime.datetime | None] = UNSET,
        scheduled_end_time: Maybe[datetime.datetime | None] = UNSET,
        is_canceled: Maybe[bool] = UNSET,
        reason: str | None = None,
    ) -> ScheduledEventException:
        """Move or cancel the one occurrence of a recurring event that would begin at a time."""
        fields = body(
            original_scheduled_start_time=original_scheduled_start_time,
            scheduled_start_time=scheduled_start_time,
            scheduled_end_time=scheduled_end_time,
            is_canceled=is_canceled,
        )
        route = Route.of("POST", _EVENT + "/exceptions", guild_id=guild_id, event_id=event_id)
        return await self._ask(ScheduledEventException, route, json=fields, reason=reason)

    async def modify_guild_scheduled_event_exception(
        self,
        guild_id: int,
        event_id: int,
        exception_id: int,
        *,
        scheduled_start_time: Maybe[datetime.datetime | None] = UNSET,
        scheduled_end_time: Maybe[datetime.datetime | None] = UNSET,
        is_canceled: Maybe[bool] = UNSET,
        reason: str | None = None,
    ) -> ScheduledEventException:
        """Change an exception as a whole: what is left out becomes as the rule says."""
        fields = body(
            scheduled_start_time=scheduled_start_time, scheduled_end_time=scheduled_end_time, is_canceled=is_canceled
        )
        route = Route.of("PATCH", _EXCEPTION, guild_id=guild_id, event_id=event_id, exception_id=exception_id)
        return await self._ask(ScheduledEventException, route, json=fields, reason=reason)

    async def delete_guild_scheduled_event_exception(
        self, guild_id: int, event_id: int, exception_id: int, *, reason: str | None = None
    ) -> None:
        """Let an occurrence take place as the rule says."""
        route = Route.of("DELETE", _EXCEPTION, guild_id=guild_id, event_id=event_id, exception_id=exception_id)
        await self._do(route, reason=reason)

    async def get_guild_scheduled_event_exception_users(
        self,
        guild_id: int,
        event_id: int,
        exception_id: int,
        *,
        with_member: bool = False,
        before: int | None = None,
        after: int | None = None,
        limit: int | None = None,
    ) -> list[ScheduledEventUser]:
        """A page of who is interested in one occurrence; see `get_guild_scheduled_event_users`."""
        options = query(with_member=with_member, before=before, after=after, limit=limit)
        route = Route.of(
            "GET", _EVENT + "/{exception_id}/users", guild_id=guild_id, event_id=event_id, exception_id=exception_id
        )
        return await self._ask(list[ScheduledEventUser], route, query=options)

    def iterate_guild_scheduled_event_exception_users(
        self,
        guild_id: int,
        event_id: int,
        exception_id: int,
        *,
        with_member: bool = False,
        after: int = 0,
        limit: int | None = None,
    ) -> AsyncIterator[ScheduledEventUser]:
        """All who are interested in one occurrence by ascending id, or those `after` an id, page by page."""
        return pages(
            lambda cursor, count: self.get_guild_scheduled_event_exception_users(
                guild_id, event_id, exception_id, with_member=with_member, after=cursor, limit=count
            ),
            after, lambda user: user.user_id, _PAGE, limit,
        )  # fmt: skip
