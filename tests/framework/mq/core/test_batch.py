"""Events leave together: by number, by age, by size; one batch of a partition at a time."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framework.errors import InvalidUse
from framework.mq import PARTITIONS, Batcher, ForwardingFull


def test_a_batch_leaves_when_the_first_event_has_waited_long_enough(event):
    batcher = Batcher(events_max=25, linger_ms=5)
    assert batcher.deadline_ms() is None
    assert batcher.add(event(1, 1), 100) is None
    assert batcher.add(event(2, 1), 103) is None
    assert batcher.deadline_ms() == 105
    assert batcher.take_due(104) == []
    (batch,) = batcher.take_due(105)
    assert [one.seq for one in batch.events] == [1, 2]
    assert batcher.deadline_ms() is None


def test_a_batch_leaves_when_it_is_full(event):
    batcher = Batcher(events_max=3, linger_ms=5)
    assert [batcher.add(event(n, 1), 0) for n in (1, 2, 3)] == [None, None, 1]
    assert [one.seq for one in batcher.take(1, 0).events] == [1, 2, 3]


def test_while_a_batch_is_under_way_the_next_of_its_partition_waits(event):
    batcher = Batcher(events_max=2, linger_ms=5)
    for seq in (1, 2, 3, 4):
        batcher.add(event(seq, 1), 0)
    batcher.add(event(5, 2), 0)
    assert len(batcher.take(1, 0).events) == 2
    assert batcher.take(1, 1_000) is None
    assert [batch.partition for batch in batcher.take_due(1_000)] == [2]
    batcher.settle(1)
    assert [one.seq for one in batcher.take(1, 0).events] == [3, 4]


def test_in_a_hurry_nothing_waits_for_company(event):
    batcher = Batcher(linger_ms=5)
    batcher.add(event(1, 1), 0)
    batcher.hurry()
    assert len(batcher.take_due(0)) == 1


def test_a_batch_is_cut_by_size_and_a_larger_event_travels_alone(event):
    batcher = Batcher(events_max=10, linger_ms=0, bytes_max=1_000)
    for seq, size in enumerate((400, 400, 2_000, 10), start=1):
        batcher.add(event(seq, 1, body="x" * size), 0)
    cut = []
    while batch := batcher.take(1, 0):
        cut.append([one.seq for one in batch.events])
        batcher.settle(1)
    assert cut == [[1, 2], [3], [4]]


def test_from_half_of_what_may_wait_there_is_no_room_and_at_all_of_it_nothing_is_taken(event):
    batcher = Batcher(linger_ms=0, waiting_max=4)
    batcher.add(event(1, 1), 0)
    assert batcher.has_room
    batcher.add(event(2, 1), 0)
    assert not batcher.has_room
    batcher.add(event(3, 1), 0)
    batcher.add(event(4, 1), 0)
    with pytest.raises(ForwardingFull, match=r"4 events of \d+ bytes wait already"):
        batcher.add(event(5, 1), 0)
    assert batcher.take(1, 0).events[-1].seq == 4
    assert not batcher.has_room  # what is under way is held too
    batcher.settle(1)
    assert batcher.has_room
    assert (batcher.waiting, batcher.waiting_bytes) == (0, 0)


def test_bytes_are_bounded_too(event):
    batcher = Batcher(waiting_max_bytes=1_000)
    batcher.add(event(1, 1, body="x" * 2_000), 0)
    assert not batcher.has_room
    with pytest.raises(ForwardingFull):
        batcher.add(event(2, 2), 0)


@pytest.mark.parametrize("wrong", [{"events_max": 0}, {"linger_ms": -1}, {"bytes_max": 0}, {"waiting_max": 0}])
def test_what_cannot_be_is_refused(wrong):
    with pytest.raises(InvalidUse, match="at least 1 event"):
        Batcher(**wrong)


_STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.integers(0, 3)),
        st.tuples(st.just("pass"), st.integers(1, 9)),
        st.tuples(st.just("settle"), st.integers(0, 3)),
    ),
    max_size=60,
)


@settings(max_examples=150, deadline=None)
@given(steps=_STEPS, events_max=st.integers(1, 4), linger_ms=st.integers(0, 6))
def test_whatever_comes_every_event_leaves_once_in_order_and_in_time(event, steps, events_max, linger_ms):
    batcher = Batcher(events_max=events_max, linger_ms=linger_ms)
    now_ms, seq = 0, 0
    added: dict[int, list[int]] = {}
    left: dict[int, list[int]] = {}
    flying: set[int] = set()

    def leave(batch):
        assert batch.partition not in flying
        assert 1 <= len(batch.events) <= events_max
        flying.add(batch.partition)
        left.setdefault(batch.partition, []).extend(one.seq for one in batch.events)

    for kind, value in steps:
        if kind == "add":
            seq += 1
            added.setdefault(value, []).append(seq)
            due = batcher.add(event(seq, value), now_ms)
            if due is not None:
                leave(batcher.take(due, now_ms))
        elif kind == "pass":
            now_ms += value
            for batch in batcher.take_due(now_ms):
                leave(batch)
            deadline_ms = batcher.deadline_ms()
            assert deadline_ms is None or now_ms < deadline_ms <= now_ms + linger_ms
        elif value in flying:
            flying.remove(value)
            batcher.settle(value)
            if batch := batcher.take(value, now_ms):
                leave(batch)
    batcher.hurry()
    for _ in range(len(steps) + 1):
        for partition in sorted(flying):
            batcher.settle(partition)
        flying.clear()
        for batch in batcher.take_due(now_ms):
            leave(batch)
    assert left == added
    assert (batcher.waiting, batcher.waiting_bytes) == (0, 0)


def test_partitions_are_fixed_whatever_the_shards(event):
    for guild in (1, 63, 64, 65, 1_000):
        assert event(1, guild, shard=3).partition == guild % PARTITIONS
    assert event(1, 0, shard=3).partition == 3
    assert event(1, 0, shard=67).partition == 3
