"""Doubles are known by session and sequence, and what is remembered is bounded."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framework.errors import InvalidUse
from framework.mq import Seen


def test_what_was_handled_is_a_double_and_what_lies_below_it_is_not():
    seen = Seen()
    seen.done(1, "a", 7)
    assert [seen.is_new(1, "a", seq) for seq in (6, 7, 8)] == [True, False, True]


def test_everything_up_to_what_is_settled_is_a_double():
    seen = Seen()
    seen.settle(1, "a", 7)
    assert [seen.is_new(1, "a", seq) for seq in (6, 7, 8)] == [False, False, True]
    seen.settle(1, "a", 3)  # an older batch, offered again
    assert not seen.is_new(1, "a", 7)


def test_sessions_and_partitions_know_nothing_of_each_other():
    seen = Seen()
    seen.settle(1, "a", 7)
    assert seen.is_new(1, "b", 7)
    assert seen.is_new(2, "a", 7)


def test_what_was_done_above_is_remembered_when_less_is_settled():
    seen = Seen()
    seen.done(1, "a", 9)
    seen.settle(1, "a", 7)
    assert [seen.is_new(1, "a", seq) for seq in (8, 9, 10)] == [True, False, True]


def test_the_pairs_not_heard_of_for_longest_are_forgotten():
    seen = Seen(sessions_max=2)
    for session in ("a", "b"):
        seen.settle(1, session, 5)
    seen.settle(1, "a", 6)
    seen.settle(1, "c", 5)
    assert [seen.is_new(1, session, 1) for session in ("a", "b", "c")] == [False, True, False]
    assert len(seen) == 2
    with pytest.raises(InvalidUse, match="sessions_max"):
        Seen(0)


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_batches_that_come_again_whole_in_part_or_cut_otherwise_are_handled_once(data):
    """A session's events of one partition, delivered as a broker and a replaying gateway may: each delivery begins at
    or before the first that was not acknowledged. A crash stops a batch anywhere, some guilds further than others.
    """
    seqs = sorted(data.draw(st.sets(st.integers(1, 60), min_size=1, max_size=20)))
    seen, handled, acknowledged = Seen(), [], 0
    for _ in range(60):
        if acknowledged == len(seqs):
            break
        start = data.draw(st.integers(0, acknowledged))
        end = data.draw(st.integers(start + 1, len(seqs)))
        batch = seqs[start:end]
        crash = data.draw(st.booleans())
        survived = set(data.draw(st.lists(st.sampled_from(batch)))) if crash else set(batch)
        for seq in batch:
            if seq in survived and seen.is_new(3, "s", seq):
                handled.append(seq)
                seen.done(3, "s", seq)
        if not crash:
            seen.settle(3, "s", batch[-1])
            acknowledged = max(acknowledged, end)
        copy = Seen()  # what a journal would bring back
        for partition, session, seq, is_floor in seen.records():
            (copy.settle if is_floor else copy.done)(partition, session, seq)
        seen = copy
        assert sum(1 for *_, is_floor in seen.records() if not is_floor) <= len(seqs)
    assert len(handled) == len(set(handled))
    assert set(seqs[:acknowledged]) <= set(handled)
    if acknowledged == len(seqs):
        assert [record for record in seen.records() if not record[3]] == []
