"""Two generations, one stream: nothing lost, nothing doubled, each guild in order, whatever overtakes what."""

from __future__ import annotations

import json
from collections import deque
from dataclasses import dataclass, field
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framework.gateway.core.handover import Handover
from framework.gateway.event import RawEvent

GUILD = 7 << 22
SECOND = 8 << 22


def message(
    seq: int, text: object, *, guild: int | None = GUILD, shard: int = 0, kind: str = "MESSAGE_CREATE"
) -> RawEvent:
    body = {"content": text} if guild is None else {"content": text, "guild_id": str(guild)}
    return RawEvent(shard, 0, seq, kind, json.dumps(body).encode())


def ready(shard: int = 0, guilds: tuple[int, ...] = ()) -> RawEvent:
    body = {"guilds": [{"id": str(guild), "unavailable": True} for guild in guilds]}
    return RawEvent(shard, 0, 1, "READY", json.dumps(body).encode())


def guild_create(guild: int, name: str = "") -> RawEvent:
    return RawEvent(0, 0, 2, "GUILD_CREATE", json.dumps({"id": str(guild), "name": name}).encode())


def texts(events: list[RawEvent]) -> list[object]:
    return [json.loads(event.data)["content"] for event in events]


def begun(old: int = 1, new: int = 1) -> Handover:
    change = Handover(old, new)
    for shard in range(new):
        assert change.from_new(ready(shard)) == []
    return change


# -- by example ------------------------------------------------------------------------------------------


def test_until_the_switch_the_old_side_delivers_and_the_new_one_does_not() -> None:
    change = begun()
    assert texts(change.from_old(message(5, "a"), 0)) == ["a"]
    assert change.from_new(message(2, "a")) == []
    assert change.from_new(message(3, "b")) == []
    assert texts(change.from_old(message(6, "b"), 1)) == ["b"]
    round_trips(change)
    assert change.switch() == []
    assert texts(change.from_new(message(4, "c"))) == ["c"]
    assert change.from_old(message(7, "c"), 2) == []


def test_what_only_the_new_side_has_at_the_switch_is_delivered_then() -> None:
    change = begun()
    change.from_new(message(2, "a"))
    change.from_new(message(3, "b"))
    assert change.buffered == 2
    change.mark()
    change.new_passed()
    assert texts(change.switch()) == ["a", "b"]
    assert change.buffered == 0
    assert change.from_old(message(5, "a"), 0) == []


def round_trips(change: Handover) -> None:
    change.mark()
    change.old_passed()
    change.mark()
    change.new_passed()


def test_what_only_the_old_side_has_at_the_switch_is_not_delivered_again() -> None:
    change = begun()
    round_trips(change)
    change.from_old(message(5, "a"), 0)
    change.from_old(message(6, "b"), 0)
    assert change.switch() == []
    assert change.from_new(message(2, "a")) == []
    assert change.from_new(message(3, "b")) == []
    assert texts(change.from_new(message(4, "b"))) == ["b"]  # as equal as it is, another one


def test_an_equal_event_from_before_the_new_session_does_not_hide_a_later_one() -> None:
    change = begun()
    change.from_old(message(5, "same"), 100)  # the new session began after it
    assert change.unsure() == 1
    round_trips(change)
    assert change.unsure() == 0
    change.switch()
    assert texts(change.from_new(message(2, "same"))) == ["same"]


def test_one_of_two_equal_events_was_before_the_new_session() -> None:
    change = begun()
    change.from_old(message(5, "same"), 0)
    change.from_old(message(6, "same"), 0)
    change.from_new(message(2, "same"))
    round_trips(change)
    assert change.switch() == []
    assert texts(change.from_new(message(3, "same"))) == ["same"]


def test_a_voided_old_session_begins_the_count_anew() -> None:
    change = begun()
    change.from_new(message(2, "lost by the old side"))
    change.from_new(message(3, "seen by both"))
    assert change.from_old(ready(), 0) == [ready()]
    change.from_old(message(2, "seen by both"), 1)
    round_trips(change)
    change.from_old(message(3, "ahead"), 2)
    assert change.switch() == []
    assert change.from_new(message(4, "ahead")) == []
    assert texts(change.from_new(message(5, "next"))) == ["next"]


def test_a_new_session_that_begins_again_begins_the_count_anew() -> None:
    change = begun()
    change.from_old(message(5, "a"), 0)
    change.from_new(message(2, "a"))
    round_trips(change)
    change.from_new(ready())
    change.from_old(message(6, "b"), 1)  # which the second session did not see
    round_trips(change)
    change.from_new(message(2, "c"))
    assert texts(change.switch()) == ["c"]


def test_a_late_event_from_before_the_new_session_is_delivered_as_it_comes() -> None:
    change = begun()
    change.from_new(message(2, "new"))
    assert texts(change.from_old(message(5, "older"), 0)) == ["older"]
    assert texts(change.from_old(message(6, "new"), 1)) == ["new"]
    assert change.switch() == []


def test_where_both_sides_tell_different_things_nothing_breaks() -> None:
    change = begun()
    change.from_old(message(5, "a"), 0)
    change.from_new(message(2, "A"))
    round_trips(change)
    assert change.switch() == []


def test_what_was_delivered_long_before_a_session_began_is_forgotten() -> None:
    change = Handover(1, 2)
    for number in range(100):
        change.from_old(message(number, number), number * 10_000)
    assert len(change._lanes[GUILD].old) < 70
    change.from_new(ready(shard=1))
    change.from_new(message(2, 99, shard=1))
    assert change.switch() == []


def test_the_guilds_a_session_begins_with_are_no_events() -> None:
    change = Handover(1, 1)
    change.from_new(ready(guilds=(GUILD, SECOND)))
    assert len(change._loading[0]) == 2
    assert change.from_new(guild_create(GUILD)) == []
    assert change.from_new(guild_create(SECOND)) == []
    assert len(change._loading[0]) == 0
    assert change.switch() == []


def test_a_guild_that_is_joined_comes_once_whichever_side_tells_it_first() -> None:
    change = begun()
    assert change.from_old(guild_create(GUILD), 0) == [guild_create(GUILD)]
    assert change.from_new(guild_create(GUILD)) == []
    assert change.from_new(guild_create(SECOND)) == []
    assert change.switch() == [guild_create(SECOND)]


def test_a_guild_whose_outage_ends_after_the_switch_is_told() -> None:
    change = Handover(1, 1)
    change.from_new(ready(guilds=(GUILD,)))
    change.switch()
    assert change.from_new(guild_create(GUILD)) == [guild_create(GUILD)]


def test_answers_belong_to_the_session_that_asked() -> None:
    change = begun()
    chunk = message(9, "chunk", kind="GUILD_MEMBERS_CHUNK")
    assert change.from_old(chunk, 0) == [chunk]
    assert change.from_new(chunk) == [chunk]
    change.switch()
    assert change.from_old(chunk, 1) == [chunk]


def test_the_new_generations_ready_is_not_told() -> None:
    resumed = RawEvent(0, 0, 9, "RESUMED", b"{}")
    change = begun()
    assert change.from_new(resumed) == []
    change.switch()
    assert change.from_new(resumed) == [resumed]


@pytest.mark.parametrize(("shard", "compared"), [(0, True), (1, False)])
def test_direct_messages_are_compared_what_else_has_no_guild_is_not(shard: int, compared: bool) -> None:
    change = begun(old=2, new=2)
    assert len(change.from_old(message(5, "dm", guild=None, shard=shard), 0)) == 1
    assert change.from_new(message(2, "dm", guild=None, shard=shard)) == []
    round_trips(change)
    assert change.switch() == []
    assert len(change.from_new(message(3, "dm", guild=None, shard=shard))) == 1


@pytest.mark.parametrize("data", [b"null", b"[]", b'{"guild_id":"x"}'])
def test_a_body_that_names_no_guild_by_number_is_of_none(data: bytes) -> None:
    change = begun(old=2, new=2)
    odd = RawEvent(1, 0, 5, "PRESENCES_REPLACE", data)
    assert change.from_old(odd, 0) == [odd]
    assert change.from_new(odd) == []
    change.switch()
    assert change.from_new(odd) == [odd]


# -- by property -----------------------------------------------------------------------------------------


@dataclass
class Story:
    """A server, an old and a new session with their own delays, and what the bot was given.

    `None` in a stream is a round trip's end. Some texts repeat.
    """

    random: Random
    repeated: float
    change: Handover = field(default_factory=lambda: Handover(1, 1))
    emitted: list[str] = field(default_factory=list)
    given: list[object] = field(default_factory=list)
    old: deque[RawEvent | None] = field(default_factory=deque)
    new: deque[RawEvent | None] = field(default_factory=deque)
    now_ms: int = 0
    has_begun: bool = False
    is_switched: bool = False
    sessions: int = 0  # when the round began

    def emit(self) -> None:
        is_repeated = self.random.random() < self.repeated
        text = self.random.choice("ab") if is_repeated else str(len(self.emitted))
        self.emitted.append(text)
        self.old.append(message(0, text))
        if self.has_begun:
            self.new.append(message(0, text))

    def begin(self) -> None:
        """The new session begins; a second time, it was voided with what was on its way."""
        if self.is_switched:
            return
        self.has_begun = True
        self.new.clear()
        self.new.append(ready())

    def receive_old(self) -> None:
        if not self.old:
            return
        event = self.old.popleft()
        if event is not None:
            self.give(self.change.from_old(event, self.now_ms))
            return
        self.change.old_passed()
        self.change.mark()
        self.new.append(None)

    def receive_new(self) -> None:
        if not self.new:
            return
        event = self.new.popleft()
        if event is None:
            self.change.new_passed()
            if self.sessions == self.change.sessions and not self.change.unsure():
                self.is_switched = True
                self.give(self.change.switch())
            else:
                self.begin_round()
            return
        self.give(self.change.from_new(event))
        if event.type == "READY" and None not in self.old and None not in self.new:
            self.begin_round()

    def begin_round(self) -> None:
        self.sessions = self.change.sessions
        self.change.mark()
        self.old.append(None)

    def give(self, events: list[RawEvent]) -> None:
        self.given += texts(events)

    def play(self, steps: int) -> None:
        actions = [self.emit, self.emit, self.receive_old, self.receive_old, self.receive_new, self.receive_new]
        for _ in range(steps):
            self.now_ms += 1
            if self.random.random() < 0.02:
                self.begin()
            else:
                self.random.choice(actions)()
        if not self.has_begun:
            self.begin()
        while self.old or self.new:
            self.now_ms += 1
            self.random.choice([self.receive_old, self.receive_new])()


@settings(max_examples=300, deadline=None)
@given(seed=st.integers(0, 2**32), steps=st.integers(0, 250), repeated=st.sampled_from([0.0, 0.1, 0.9]))
def test_whatever_overtakes_what_each_event_is_given_once_and_in_order(seed: int, steps: int, repeated: float) -> None:
    story = Story(Random(seed), repeated)
    story.play(steps)
    assert story.is_switched
    assert story.given == story.emitted
