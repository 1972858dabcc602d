"""Scheduled events."""

import datetime

import pytest

from framework.models import to_wire
from framework.models.scheduled_event import (
    RecurrenceFrequency,
    RecurrenceNWeekday,
    RecurrenceRule,
    RecurrenceWeekday,
    ScheduledEvent,
    ScheduledEventEntityMetadata,
    ScheduledEventException,
    ScheduledEventUser,
    ScheduledEventUserCounts,
)

EVENTS = [f"{kind}ScheduledEventResponse" for kind in ("", "External", "Stage", "Voice")]


@pytest.mark.parametrize(
    ("model", "components"),
    [
        (RecurrenceRule, ("RecurrenceRuleResponse",)),
        (RecurrenceNWeekday, ("ByNWeekdayResponse",)),
        (ScheduledEvent, EVENTS),
        (ScheduledEventEntityMetadata, ("EntityMetadataExternalResponse", "EntityMetadataStageInstanceResponse")),
        (ScheduledEventException, ("GuildScheduledEventExceptionResponse",)),
        (ScheduledEventUser, ("ScheduledEventUserResponse",)),
        (ScheduledEventUserCounts, ("ScheduledEventUserCountResponse",)),
    ],
)
def test_discords_schemas_fit(fits, model, components):
    fits(model, *components)


def test_a_rule_says_only_what_was_said():
    start = datetime.datetime(2026, 3, 1, 13, tzinfo=datetime.timezone(datetime.timedelta(hours=1)))
    sunday = RecurrenceNWeekday(n=5, day=RecurrenceWeekday.SUNDAY)
    rule = RecurrenceRule(start=start, frequency=RecurrenceFrequency.MONTHLY, by_n_weekday=[sunday])
    assert to_wire(rule) == {
        "start": "2026-03-01T12:00:00.000000+00:00", "frequency": 1, "interval": 1,
        "by_n_weekday": [{"n": 5, "day": 6}],
    }  # fmt: skip
