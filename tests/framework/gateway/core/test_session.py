"""A session is plain data; how much of it is handled."""

from __future__ import annotations

from dataclasses import asdict

from hypothesis import given, settings
from hypothesis import strategies as st

from framework.gateway.core.session import Session, Watermark


def test_a_session_survives_being_stored_as_plain_data() -> None:
    session = Session("abc", 7, "wss://resume", 3, 16)
    assert Session(**asdict(session)) == session


def test_the_mark_is_below_the_first_event_that_has_not_ended() -> None:
    mark = Watermark()
    for seq in (4, 6, 7):
        mark.begin(seq)
    assert mark.mark(9) == 3
    mark.end(6)
    assert mark.mark(9) == 3
    mark.end(4)
    assert mark.mark(9) == 6
    mark.end(7)
    assert mark.mark(9) == 9
    assert mark.is_clear


@settings(max_examples=100, deadline=None)
@given(order=st.permutations(range(1, 13)), begun=st.integers(0, 12))
def test_nothing_that_has_not_ended_is_ever_below_the_mark(order: list[int], begun: int) -> None:
    mark = Watermark()
    under_way = set(range(1, begun + 1))
    for seq in under_way:
        mark.begin(seq)
    for seq in order:
        if seq in under_way:
            under_way.discard(seq)
            mark.end(seq)
        assert all(seq > mark.mark(begun) for seq in under_way)
    assert mark.mark(begun) == begun
