"""When a shard may identify."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framework.errors import InvalidUse, SessionStartsExhausted
from framework.gateway.core.identify_pace import IdentifyPace

DAY = 86_400_000


@settings(max_examples=100, deadline=None)
@given(
    requests=st.lists(st.tuples(st.integers(0, 200), st.integers(0, 12_000)), min_size=2, max_size=80),
    max_concurrency=st.integers(1, 128),
)
def test_two_identifies_of_one_key_are_never_closer_than_five_seconds(
    requests: list[tuple[int, int]], max_concurrency: int
) -> None:
    pace = IdentifyPace()
    pace.update(max_concurrency, 1_000, DAY)
    now, booked = 0, dict[int, list[int]]()
    for shard_id, gap in requests:
        now += gap
        at_ms = pace.reserve(shard_id, now)
        assert at_ms >= now
        booked.setdefault(shard_id % max_concurrency, []).append(at_ms)
    for times in booked.values():
        assert all(later - earlier >= 5_000 for earlier, later in zip(times, times[1:], strict=False))


def test_different_keys_do_not_wait_for_each_other() -> None:
    pace = IdentifyPace()
    pace.update(4, 1_000, DAY)
    assert [pace.reserve(shard_id, 7) for shard_id in (0, 1, 2, 3)] == [7, 7, 7, 7]
    assert pace.reserve(4, 7) > 5_000


def test_a_key_that_rested_may_identify_at_once() -> None:
    pace = IdentifyPace()
    pace.update(1, 1_000, DAY)
    free_ms = [pace.reserve(0, 0), pace.reserve(0, 0)][1]
    pace = IdentifyPace()
    pace.update(1, 1_000, DAY)
    pace.reserve(0, 0)
    assert pace.reserve(0, free_ms + 1) == free_ms + 1


def test_when_no_start_is_left_the_rest_of_the_day_is_refused() -> None:
    pace = IdentifyPace()
    pace.update(16, 2, DAY)
    pace.reserve(0, 0)
    pace.reserve(1, 0)
    with pytest.raises(SessionStartsExhausted) as caught:
        pace.reserve(2, 1_000)
    assert caught.value.reset_after_ms == DAY - 1_000
    with pytest.raises(SessionStartsExhausted):
        pace.reserve(2, DAY - 1)
    assert pace.reserve(2, DAY) == DAY


def test_a_refused_identify_books_nothing() -> None:
    pace = IdentifyPace()
    pace.update(1, 0, DAY)
    with pytest.raises(SessionStartsExhausted):
        pace.reserve(0, 0)
    pace.update(1, 1, DAY)
    assert pace.reserve(0, 0) == 0


def test_a_concurrency_below_one_is_named() -> None:
    with pytest.raises(InvalidUse, match="max_concurrency"):
        IdentifyPace().update(0, 1, DAY)
