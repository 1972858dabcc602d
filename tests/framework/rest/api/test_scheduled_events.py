"""Scheduled events of a guild."""

import datetime
import itertools

import pytest

from framework.models.channel import ChannelType
from framework.models.scheduled_event import (
    RecurrenceFrequency,
    RecurrenceNWeekday,
    RecurrenceRule,
    RecurrenceWeekday,
    ScheduledEventEntityMetadata,
    ScheduledEventEntityType,
    ScheduledEventStatus,
    ScheduledEventUserResponse,
)
from framework.rest import NotFound

pytestmark = pytest.mark.usefixtures("round_trip")

HOUR = datetime.timedelta(hours=1)
PARK = ScheduledEventEntityMetadata(location="the park")


def now(discord):
    return datetime.datetime.fromtimestamp(discord.clock.epoch_ms // 1000, datetime.UTC)


async def party(rest, discord, **more):
    """An event somewhere else."""
    start = now(discord) + HOUR
    return await rest.create_guild_scheduled_event(
        discord.world.guild_at(0).id, "party", entity_type=ScheduledEventEntityType.EXTERNAL, entity_metadata=PARK,
        scheduled_start_time=start, scheduled_end_time=start + HOUR, **more,
    )  # fmt: skip


def interest(discord, event, number):
    """Members who want to come, and the bot, who made it."""
    world = discord.world
    people = list(itertools.islice(world.member_ids(world.guild_at(0)), number))
    for user_id in people:
        discord.interested(event.guild_id, event.id, user_id)
    return sorted([*people, world.bot_id])


def test_an_event_from_birth_to_death(talk):
    async def story(rest, discord):
        guild = discord.world.guild_at(0)
        event = await party(rest, discord, description="bring food", reason="summer")
        assert (event.name, event.description, event.entity_metadata) == ("party", "bring food", PARK)
        assert (event.channel_id, event.status, event.creator.id) == (None, 1, discord.world.bot_id)
        assert event.scheduled_end_time - event.scheduled_start_time == HOUR
        assert "summer" in [entry.get("reason") for entry in guild.audit]
        assert await rest.get_guild_scheduled_event(guild.id, event.id) == event
        assert (await rest.get_guild_scheduled_event(guild.id, event.id, with_user_count=True)).user_count == 1
        assert await rest.list_guild_scheduled_events(guild.id) == [event]
        (counted,) = await rest.list_guild_scheduled_events(guild.id, with_user_count=True)
        assert counted.user_count == 1
        changed = await rest.modify_guild_scheduled_event(
            guild.id, event.id, name="picnic", description=None, scheduled_start_time=event.scheduled_start_time + HOUR,
            scheduled_end_time=event.scheduled_end_time + HOUR, reason="later",
        )  # fmt: skip
        assert (changed.name, changed.description, changed.entity_metadata) == ("picnic", None, PARK)
        assert changed.scheduled_start_time == event.scheduled_start_time + HOUR
        assert guild.audit[-1]["reason"] == "later"
        await rest.delete_guild_scheduled_event(guild.id, event.id, reason="rain")
        assert guild.audit[-1]["reason"] == "rain"
        with pytest.raises(NotFound):
            await rest.get_guild_scheduled_event(guild.id, event.id)

    talk(story)


def test_an_event_in_voice_begins_ends_and_moves_out(talk):
    async def story(rest, discord):
        guild = discord.world.guild_at(0)
        voice = await rest.create_guild_channel(guild.id, "talk", type=ChannelType.GUILD_VOICE)
        event = await rest.create_guild_scheduled_event(
            guild.id, "talk", entity_type=ScheduledEventEntityType.VOICE, channel_id=voice.id,
            scheduled_start_time=now(discord) + HOUR,
        )  # fmt: skip
        assert (event.channel_id, event.entity_metadata, event.scheduled_end_time) == (voice.id, None, None)
        moved = await rest.modify_guild_scheduled_event(
            guild.id, event.id, entity_type=ScheduledEventEntityType.EXTERNAL, channel_id=None, entity_metadata=PARK,
            scheduled_end_time=now(discord) + 2 * HOUR,
        )  # fmt: skip
        assert (moved.channel_id, moved.entity_metadata) == (None, PARK)
        for status in (ScheduledEventStatus.ACTIVE, ScheduledEventStatus.COMPLETED):
            assert (await rest.modify_guild_scheduled_event(guild.id, event.id, status=status)).status == status

    talk(story)


@pytest.mark.parametrize(
    "days",
    [
        {"frequency": RecurrenceFrequency.WEEKLY, "interval": 2, "by_weekday": [RecurrenceWeekday.MONDAY]},
        {
            "frequency": RecurrenceFrequency.MONTHLY,
            "by_n_weekday": [RecurrenceNWeekday(n=1, day=RecurrenceWeekday.SUNDAY)],
        },
        {"frequency": RecurrenceFrequency.YEARLY, "by_month": [7], "by_month_day": [24]},
    ],
)
def test_an_event_recurs(talk, days):
    async def story(rest, discord):
        rule = RecurrenceRule(start=now(discord) + HOUR, **days)
        event = await party(rest, discord, recurrence_rule=rule)
        assert (event.recurrence_rule.start, event.recurrence_rule.interval) == (rule.start, days.get("interval", 1))
        assert {name: getattr(event.recurrence_rule, name) for name in days} == days
        changed = await rest.modify_guild_scheduled_event(event.guild_id, event.id, recurrence_rule=None)
        assert changed.recurrence_rule is None

    talk(story)


def test_one_occurrence_is_an_exception(talk):
    async def story(rest, discord):
        guild = discord.world.guild_at(0)
        rule = RecurrenceRule(start=now(discord) + HOUR, frequency=RecurrenceFrequency.DAILY)
        event = await party(rest, discord, recurrence_rule=rule)
        second = rule.start + 24 * HOUR
        exception = await rest.create_guild_scheduled_event_exception(
            guild.id, event.id, second, scheduled_start_time=second + HOUR, scheduled_end_time=second + 2 * HOUR,
            reason="late",
        )  # fmt: skip
        assert (exception.event_id, exception.scheduled_start_time) == (event.id, second + HOUR)
        assert (exception.scheduled_end_time, exception.is_canceled) == (second + 2 * HOUR, False)
        assert guild.audit[-1]["reason"] == "late"
        shown = await rest.get_guild_scheduled_event(guild.id, event.id)
        assert shown.guild_scheduled_event_exceptions == [exception]
        key = exception.event_exception_id
        changed = await rest.modify_guild_scheduled_event_exception(
            guild.id, event.id, key, is_canceled=True, reason="rain"
        )
        assert (changed.scheduled_start_time, changed.is_canceled) == (None, True)
        assert guild.audit[-1]["reason"] == "rain"

        people = interest(discord, event, 3)
        users = await rest.get_guild_scheduled_event_exception_users(guild.id, event.id, key, limit=2)
        assert [u.user_id for u in users] == people[:2]
        assert {u.guild_scheduled_event_exception_id for u in users} == {key}
        counts = await rest.get_guild_scheduled_event_user_counts(guild.id, event.id, exception_ids=[key])
        assert counts.guild_scheduled_event_count == len(people)
        assert counts.guild_scheduled_event_exception_counts == {key: len(people)}
        every = rest.iterate_guild_scheduled_event_exception_users(guild.id, event.id, key, with_member=True)
        assert [u.member.user.id async for u in every] == people

        await rest.delete_guild_scheduled_event_exception(guild.id, event.id, key, reason="sun")
        assert guild.audit[-1]["reason"] == "sun"
        shown = await rest.get_guild_scheduled_event(guild.id, event.id)
        assert shown.guild_scheduled_event_exceptions == []

    talk(story)


def test_who_is_interested_comes_in_pages_none_twice_and_none_left_out(talk, monkeypatch):
    monkeypatch.setattr("framework.rest.api.scheduled_events._PAGE", 3)

    async def story(rest, discord):
        guild, event = discord.world.guild_at(0), await party(rest, discord)
        people = interest(discord, event, 7)
        page = await rest.get_guild_scheduled_event_users(guild.id, event.id, before=people[5], limit=2)
        assert [u.user_id for u in page] == people[3:5]
        assert {u.response for u in page} == {ScheduledEventUserResponse.INTERESTED}
        assert not any(u.member for u in page)
        before = rest.snapshot().sent
        every = [u async for u in rest.iterate_guild_scheduled_event_users(guild.id, event.id)]
        assert [u.user_id for u in every] == people
        assert rest.snapshot().sent - before == 3
        some = rest.iterate_guild_scheduled_event_users(guild.id, event.id, with_member=True, after=people[0], limit=4)
        assert [u.member.user.id async for u in some] == people[1:5]
        counts = await rest.get_guild_scheduled_event_user_counts(guild.id, event.id)
        assert (counts.guild_scheduled_event_count, counts.guild_scheduled_event_exception_counts) == (8, {})

    talk(story)
