"""When a heartbeat leaves, and when the connection counts as dead."""

from __future__ import annotations

import pytest

from framework.gateway.core.heartbeat import Heartbeat

INTERVAL = 41_250


@pytest.mark.parametrize(("draw", "due_ms"), [(0.0, 1_000), (0.5, 21_625), (0.999, 42_208)])
def test_the_first_beat_is_due_after_the_drawn_part_of_the_interval(draw: float, due_ms: int) -> None:
    assert Heartbeat.start(INTERVAL, 1_000, draw).due_ms == due_ms


def test_a_beat_on_time_moves_the_deadline_by_exactly_one_interval() -> None:
    heart = Heartbeat(INTERVAL, due_ms=1_000)
    assert heart.beat(1_000).due_ms == 1_000 + INTERVAL
    assert heart.beat(1_003).due_ms == 1_000 + INTERVAL  # lateness does not add up


@pytest.mark.parametrize(("early_ms", "zombie"), [(1, False), (0, True), (-1, True)])
def test_a_connection_is_dead_once_the_next_beat_is_due_and_the_last_was_not_acknowledged(
    early_ms: int, zombie: bool
) -> None:
    heart = Heartbeat(INTERVAL, due_ms=0).beat(0)
    assert heart.is_zombie(INTERVAL - early_ms) is zombie
    assert not heart.ack(30).is_zombie(INTERVAL - early_ms)


def test_before_the_first_beat_nothing_is_missing() -> None:
    assert not Heartbeat.start(INTERVAL, 0, 0.5).is_zombie(INTERVAL)


def test_a_beat_the_server_asks_for_moves_no_deadline() -> None:
    heart = Heartbeat(INTERVAL, due_ms=1_000)
    asked = heart.beat(999)
    assert (asked.due_ms, asked.flying) == (1_000, (999,))


@pytest.mark.parametrize(("before_ms", "zombie"), [(5, False), (INTERVAL // 2 - 1, False), (INTERVAL // 2, True)])
def test_a_beat_that_somebody_asked_for_a_moment_ago_may_still_be_on_its_way(before_ms: int, zombie: bool) -> None:
    heart = Heartbeat(INTERVAL, due_ms=INTERVAL)
    assert heart.beat(INTERVAL - before_ms).is_zombie(INTERVAL) is zombie


def test_each_ack_is_for_the_oldest_beat() -> None:
    heart = Heartbeat(INTERVAL, due_ms=0).beat(0).beat(INTERVAL - 5)
    assert heart.is_zombie(INTERVAL)
    once = heart.ack(INTERVAL - 3)
    assert not once.is_zombie(INTERVAL)
    assert once.latency_ms == INTERVAL - 3
    assert (once.ack(INTERVAL + 1).flying, once.ack(INTERVAL + 1).latency_ms) == ((), 6)


@pytest.mark.parametrize(
    ("slept_ms", "due_ms"),
    [
        (INTERVAL - 1, INTERVAL),  # the next beat is still ahead
        (INTERVAL, 2 * INTERVAL),
        (INTERVAL + 1, 2 * INTERVAL + 1),
        (100 * INTERVAL + 7, 101 * INTERVAL + 7),
    ],
)
def test_a_process_that_slept_does_not_catch_up_in_a_burst(slept_ms: int, due_ms: int) -> None:
    assert Heartbeat(INTERVAL, due_ms=0).beat(slept_ms).due_ms == due_ms


def test_latency_is_the_way_there_and_back() -> None:
    heart = Heartbeat(INTERVAL, due_ms=0)
    assert heart.ack(5).latency_ms is None  # nothing was sent yet
    assert heart.beat(10).ack(52).latency_ms == 42
