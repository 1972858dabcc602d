"""The global limit and the budget of invalid requests, at their edges."""

from __future__ import annotations

from bisect import bisect_right
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from framework.rest.core.global_limit import SlidingLimit
from framework.rest.core.invalid_budget import InvalidBudget

SECOND_MS = 1_000
TEN_MINUTES_MS = 600_000


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 400), min_size=60, max_size=300), st.randoms(use_true_random=False))
def test_no_second_at_the_server_holds_more_than_50_while_the_way_varies_by_30_ms(
    gaps: list[int], draw: Random
) -> None:
    limit, now, arrivals = SlidingLimit(), 10_000, []
    for gap in gaps:
        now += gap if gap > 350 else 0  # mostly bursts, some pauses
        ready = limit.ready_at(now)
        assert ready is not None
        now = ready
        limit.reserve()
        limit.left(now)
        arrivals.append(now + draw.randint(0, 30))
    arrivals.sort()
    for first, start in enumerate(arrivals):
        assert bisect_right(arrivals, start + SECOND_MS - 1) - first <= 50


def test_the_budget_stops_at_95_percent_and_never_before() -> None:
    budget = InvalidBudget(limit=100)
    for _ in range(94):
        budget.note(0)
    assert budget.closed_until(0) is None
    budget.note(0)
    assert budget.closed_until(0) is not None


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 60_000), min_size=1, max_size=300))
def test_no_ten_minutes_hold_more_invalid_answers_than_the_budget(gaps: list[int]) -> None:
    budget, now, booked = InvalidBudget(limit=40), 0, []
    for gap in gaps:
        now += gap
        if budget.closed_until(now) is None:
            budget.note(now)
            booked.append(now)
    for first, start in enumerate(booked):
        assert bisect_right(booked, start + TEN_MINUTES_MS) - first <= 38


def test_a_ban_ends_at_its_millisecond_and_a_shorter_one_does_not_shorten_it() -> None:
    budget = InvalidBudget()
    budget.note_ban(1_000, None)
    budget.note_ban(2_000, 5_000)
    end_ms = 1_000 + 3_600_000
    assert budget.closed_until(end_ms - 1) == end_ms
    assert budget.closed_until(end_ms) is None
    assert budget.closed_until(end_ms + 1) is None
