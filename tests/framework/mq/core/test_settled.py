"""From where a gateway process that died must resume: behind the last event before which none is under way."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from framework.mq.core.settled import Settled


def test_nothing_is_known_of_a_session_until_its_first_event_is_accepted():
    settled = Settled()
    assert settled.up_to("a") is None
    settled.sent("a", 3)
    assert settled.up_to("a") is None
    settled.accepted("a", 3)
    assert settled.up_to("a") == 3
    assert settled.up_to("b") is None


def test_a_later_event_does_not_vouch_for_an_earlier_one():
    settled = Settled()
    for seq in (1, 2, 3):
        settled.sent("a", seq)
    settled.accepted("a", 3)
    settled.accepted("a", 1)
    assert settled.up_to("a") == 1
    settled.accepted("a", 2)
    assert settled.up_to("a") == 3


@settings(max_examples=150, deadline=None)
@given(seqs=st.sets(st.integers(1, 200), max_size=30), data=st.data())
def test_it_is_always_the_last_before_the_first_gap(seqs, data):
    settled, order = Settled(), sorted(seqs)
    for seq in order:
        settled.sent("a", seq)
    open_ones = list(order)
    for seq in data.draw(st.permutations(order)):
        settled.accepted("a", seq)
        open_ones.remove(seq)
        first_open = open_ones[0] if open_ones else 1_000
        before = [one for one in order if one < first_open]
        assert settled.up_to("a") == (before[-1] if before else None)


def test_old_sessions_are_forgotten():
    settled = Settled()
    for number in range(5_000):
        settled.sent(str(number), 1)
        settled.accepted(str(number), 1)
    assert settled.up_to("0") is None
    assert settled.up_to("4999") == 1
