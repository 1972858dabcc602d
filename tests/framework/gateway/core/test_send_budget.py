"""How many payloads a connection may send."""

from __future__ import annotations

from bisect import bisect_left

from hypothesis import given, settings
from hypothesis import strategies as st

from framework.gateway.core.send_budget import SendBudget

WINDOW = 60_000


def most_in_a_window(times: list[int]) -> int:
    times = sorted(times)
    return max(bisect_left(times, start + WINDOW) - first for first, start in enumerate(times))


def patient_caller(gaps: list[int], beats: list[int]) -> tuple[list[int], list[int]]:
    """A caller who wants to send after each gap and does what `ready_at` says; beats go out whatever it says."""
    budget, now, users, sent_beats = SendBudget(), 0, [], []
    beats = sorted(beats)
    for gap in gaps:
        now += gap
        while True:
            ready = budget.ready_at(now)
            if beats and beats[0] <= ready:
                now = max(now, beats.pop(0))
                budget.sent(now)
                sent_beats.append(now)
            elif ready > now:
                now = ready
            else:
                break
        budget.sent(now)
        users.append(now)
    return users, sent_beats


# 8 beats in three minutes or 8 at once: never more than 8 in a window.
@settings(max_examples=40, deadline=None)
@given(
    gaps=st.lists(
        st.sampled_from([0, 0, 0, 0, 1, 17, 499, 20_000, 59_999, 60_000, 60_001]), min_size=100, max_size=400
    ),
    beats=st.lists(st.integers(0, 180_000), max_size=8),
)
def test_no_minute_holds_more_than_120_and_users_get_112_of_them(gaps: list[int], beats: list[int]) -> None:
    users, sent_beats = patient_caller(gaps, beats)
    assert most_in_a_window(users) <= 112
    assert most_in_a_window(users + sent_beats) <= 120


def test_users_may_send_112_at_once_and_the_next_one_a_minute_later() -> None:
    budget = SendBudget()
    for _ in range(112):
        assert budget.ready_at(1_000) == 1_000
        budget.sent(1_000)
    assert budget.ready_at(1_000) == 1_000 + WINDOW + 1


def test_a_quiet_minute_restores_the_whole_budget() -> None:
    budget = SendBudget()
    for _ in range(112):
        budget.sent(0)
    assert budget.ready_at(WINDOW - 1) > WINDOW - 1
    assert budget.ready_at(WINDOW + 1) == WINDOW + 1


def test_heartbeats_use_up_what_users_may_send() -> None:
    budget = SendBudget(limit=12, reserved=2)
    for _ in range(10):
        budget.sent(0)
    assert budget.ready_at(0) > 0
