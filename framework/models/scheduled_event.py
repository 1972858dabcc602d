"""Scheduled events of a guild, their recurrence, and who is interested ("Guild Scheduled Event")."""

from __future__ import annotations

from enum import IntEnum

from framework.models._base import UNSET, Maybe, Model, Snowflake, Timestamp
from framework.models.member import Member
from framework.models.user import User

__all__ = [
    "RecurrenceFrequency",
    "RecurrenceNWeekday",
    "RecurrenceRule",
    "RecurrenceWeekday",
    "ScheduledEvent",
    "ScheduledEventEntityMetadata",
    "ScheduledEventEntityType",
    "ScheduledEventException",
    "ScheduledEventPrivacyLevel",
    "ScheduledEventStatus",
    "ScheduledEventUser",
    "ScheduledEventUserCounts",
    "ScheduledEventUserResponse",
]


class ScheduledEventPrivacyLevel(IntEnum):
    """Who can find an event."""

    GUILD_ONLY = 2


class ScheduledEventStatus(IntEnum):
    """From SCHEDULED it goes to ACTIVE or CANCELED, from ACTIVE to COMPLETED, and no other way."""

    SCHEDULED = 1
    ACTIVE = 2
    COMPLETED = 3
    CANCELED = 4


class ScheduledEventEntityType(IntEnum):
    """Where an event happens."""

    NONE = 0
    STAGE_INSTANCE = 1
    VOICE = 2
    EXTERNAL = 3


class ScheduledEventUserResponse(IntEnum):
    """What somebody said to an event."""

    UNINTERESTED = 0
    INTERESTED = 1


class RecurrenceFrequency(IntEnum):
    """The unit of a rule's interval."""

    YEARLY = 0
    MONTHLY = 1
    WEEKLY = 2
    DAILY = 3


class RecurrenceWeekday(IntEnum):
    """A day of the week."""

    MONDAY = 0
    TUESDAY = 1
    WEDNESDAY = 2
    THURSDAY = 3
    FRIDAY = 4
    SATURDAY = 5
    SUNDAY = 6


class RecurrenceNWeekday(Model, kw_only=True):
    """A weekday in the n-th week of a month."""

    n: int  # 1 to 5; 5 is the last
    day: int  # RecurrenceWeekday


class RecurrenceRule(Model, kw_only=True):
    """How an event repeats. Apps cannot set `end`, `by_year_day` and `count`, and of the rest only a few combinations:
    days of the week, one n-th weekday a month, one date a year; an interval of 2 only by the week."""

    start: Timestamp
    end: Maybe[Timestamp | None] = UNSET
    frequency: int  # RecurrenceFrequency
    interval: int = 1
    by_weekday: Maybe[list[int] | None] = UNSET  # RecurrenceWeekday
    by_n_weekday: Maybe[list[RecurrenceNWeekday] | None] = UNSET
    by_month: Maybe[list[int] | None] = UNSET  # 1 to 12
    by_month_day: Maybe[list[int] | None] = UNSET
    by_year_day: Maybe[list[int] | None] = UNSET
    count: Maybe[int | None] = UNSET


class ScheduledEventEntityMetadata(Model, kw_only=True):
    """What else there is to say about an event of some type."""

    location: Maybe[str] = UNSET  # of an external one


class ScheduledEventException(Model, kw_only=True):
    """One occurrence of a recurring event that is moved or does not take place."""

    event_id: Snowflake
    event_exception_id: Snowflake  # made from the time at which it would have taken place
    guild_id: Maybe[Snowflake] = UNSET  # in events
    scheduled_start_time: Timestamp | None  # None: as the rule says
    scheduled_end_time: Timestamp | None
    is_canceled: bool


class ScheduledEventUser(Model, kw_only=True):
    """Somebody who is interested in an event."""

    guild_scheduled_event_id: Snowflake
    guild_scheduled_event_exception_id: Maybe[Snowflake | None] = UNSET
    user_id: Snowflake
    user: Maybe[User] = UNSET
    member: Maybe[Member] = UNSET  # when asked for
    response: int  # ScheduledEventUserResponse


class ScheduledEventUserCounts(Model, kw_only=True):
    """How many are interested in an event, and in single occurrences of it."""

    guild_scheduled_event_count: int
    guild_scheduled_event_exception_counts: dict[Snowflake, int]


class ScheduledEvent(Model, kw_only=True):
    """An event on a stage, in a voice channel or somewhere else."""

    id: Snowflake
    guild_id: Snowflake
    channel_id: Snowflake | None  # None for an external one
    creator_id: Maybe[Snowflake | None] = UNSET  # None for events from before October 2021
    name: str
    description: Maybe[str | None] = UNSET
    scheduled_start_time: Timestamp
    scheduled_end_time: Timestamp | None
    privacy_level: int  # ScheduledEventPrivacyLevel
    status: int  # ScheduledEventStatus
    entity_type: int  # ScheduledEventEntityType
    entity_id: Snowflake | None
    entity_metadata: Maybe[ScheduledEventEntityMetadata | None] = UNSET
    creator: Maybe[User] = UNSET
    user_count: Maybe[int] = UNSET  # when asked for
    image: Maybe[str | None] = UNSET
    recurrence_rule: RecurrenceRule | None
    user_rsvp: Maybe[ScheduledEventUser | None] = UNSET
    guild_scheduled_event_exceptions: Maybe[list[ScheduledEventException]] = UNSET
