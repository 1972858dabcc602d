"""When a shard may identify."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framework.errors import InvalidUse, SessionStartsExhausted
from framework.gateway.core.identify_pace import IdentifyPace

DAY = 86_400_000


def pace(max_concurrency: int, remaining: int = 1_000) -> IdentifyPace:
    account = IdentifyPace()
    account.update(max_concurrency, remaining, DAY)
    return account


def identify(account: IdentifyPace, shard_id: int, now_ms: int) -> int:
    """A patient shard; returns when its identify left."""
    at_ms = account.ready_at(shard_id, now_ms)
    account.identified(shard_id, at_ms)
    return at_ms


@settings(max_examples=100, deadline=None)
@given(
    requests=st.lists(st.tuples(st.integers(0, 200), st.integers(0, 12_000)), min_size=2, max_size=80),
    max_concurrency=st.integers(1, 128),
)
def test_two_identifies_of_one_key_are_never_closer_than_five_seconds(
    requests: list[tuple[int, int]], max_concurrency: int
) -> None:
    account = pace(max_concurrency)
    now, left = 0, dict[int, list[int]]()
    for shard_id, gap in requests:
        now += gap
        at_ms = identify(account, shard_id, now)
        assert at_ms >= now
        left.setdefault(shard_id % max_concurrency, []).append(at_ms)
    for times in left.values():
        assert all(later - earlier >= 5_000 for earlier, later in zip(times, times[1:], strict=False))


def test_different_keys_do_not_wait_for_each_other() -> None:
    account = pace(4)
    assert [identify(account, shard_id, 7) for shard_id in (0, 1, 2, 3)] == [7, 7, 7, 7]
    assert account.ready_at(4, 7) > 5_000


@pytest.mark.parametrize(("early_ms", "waits"), [(1, True), (0, False), (-1, False)])
def test_a_key_that_rested_may_identify_at_once(early_ms: int, waits: bool) -> None:
    account = pace(1)
    identify(account, 0, 0)
    free_ms = account.ready_at(0, 0)
    now_ms = free_ms - early_ms
    assert (account.ready_at(0, now_ms) > now_ms) is waits


def test_after_a_restart_every_key_counts_as_just_used() -> None:
    account = pace(16)
    account.hold(100)
    assert {account.ready_at(shard_id, 100) for shard_id in range(16)} == {100 + 5_250}


def test_when_the_keys_change_what_was_used_stays_used() -> None:
    account = pace(4)
    identify(account, 1, 1_000)
    account.update(16, 999, DAY)
    assert account.ready_at(13, 1_000) == 1_000 + 5_250


def test_when_no_start_is_left_the_rest_of_the_day_is_refused() -> None:
    account = pace(16, remaining=2)
    identify(account, 0, 0)
    identify(account, 1, 0)
    with pytest.raises(SessionStartsExhausted) as caught:
        account.ready_at(2, 1_000)
    assert caught.value.reset_after_ms == DAY - 1_000
    with pytest.raises(SessionStartsExhausted):
        account.ready_at(2, DAY - 1)
    assert not account.is_stale(DAY - 1)
    assert account.is_stale(DAY)


def test_too_many_for_the_day_are_refused_before_one_is_spent() -> None:
    account = pace(1, remaining=3)
    account.check(3, 0)
    with pytest.raises(SessionStartsExhausted, match="4 session starts wanted, 3 left"):
        account.check(4, 0)
    assert account.remaining == 3


def test_what_was_never_learned_is_stale() -> None:
    assert IdentifyPace().is_stale(0)


def test_a_concurrency_below_one_is_named() -> None:
    with pytest.raises(InvalidUse, match="max_concurrency"):
        IdentifyPace().update(0, 1, DAY)
