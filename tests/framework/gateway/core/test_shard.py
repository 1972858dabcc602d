"""One shard's life, step by step."""

from __future__ import annotations

import pytest

from framework.gateway.core.session import Session
from framework.gateway.core.shard import (
    Effect,
    Phase,
    ShardState,
    after_close,
    backoff_ms,
    on_dispatch,
    on_op,
    on_timer,
)

INTERVAL = 41_250
SESSION = Session("abc", 7, "wss://resume", 3, 16)
FRESH = ShardState(3, 16)
KNOWN = ShardState(3, 16, session=SESSION)


def receive(
    state: ShardState, op: int, *, resumable: bool = False, now_ms: int = 0
) -> tuple[ShardState, tuple[Effect, ...]]:
    return on_op(state, op, resumable, INTERVAL if op == 10 else 0, now_ms, 0.5)


def greeted(state: ShardState) -> ShardState:
    return receive(state, 10)[0]


def test_hello_without_a_session_leads_to_identify() -> None:
    state, effects = receive(FRESH, 10)
    assert (state.phase, effects) == (Phase.IDENTIFYING, (Effect.IDENTIFY,))
    assert state.deadline_ms() == INTERVAL // 2


def test_hello_with_a_session_leads_to_resume() -> None:
    state, effects = receive(KNOWN, 10)
    assert (state.phase, effects) == (Phase.RESUMING, (Effect.RESUME,))
    assert state.session == SESSION


def test_ready_gives_the_session() -> None:
    state = on_dispatch(greeted(FRESH), "READY", 1, ("abc", "wss://resume"))
    assert state.phase is Phase.READY
    assert state.session == Session("abc", 1, "wss://resume", 3, 16)


def test_replayed_events_move_the_sequence_and_resumed_ends_the_resume() -> None:
    state = on_dispatch(greeted(KNOWN), "MESSAGE_CREATE", 8, None)
    assert state.phase is Phase.RESUMING
    state = on_dispatch(state, "RESUMED", 9, None)
    assert state.phase is Phase.READY
    assert state.session is not None
    assert (state.session.session_id, state.session.seq) == ("abc", 9)


def test_an_event_without_a_session_changes_nothing() -> None:
    assert on_dispatch(greeted(FRESH), "MESSAGE_CREATE", 5, None) == greeted(FRESH)


@pytest.mark.parametrize("state", [KNOWN, greeted(KNOWN), FRESH], ids=["before hello", "resuming", "no session"])
def test_op_7_means_reconnect_and_keeps_the_session(state: ShardState) -> None:
    assert receive(state, 7) == (state, (Effect.RECONNECT,))


def test_op_9_true_means_reconnect_and_keeps_the_session() -> None:
    assert receive(greeted(KNOWN), 9, resumable=True) == (greeted(KNOWN), (Effect.RECONNECT,))


@pytest.mark.parametrize(("state", "resumable"), [(greeted(KNOWN), False), (greeted(FRESH), False), (FRESH, True)])
def test_op_9_false_or_without_a_session_means_start_over(state: ShardState, resumable: bool) -> None:
    after, effects = receive(state, 9, resumable=resumable)
    assert effects == (Effect.START_OVER,)
    assert after.session is None


def test_op_1_is_answered_at_once_and_the_next_beat_stays_where_it_was() -> None:
    state, effects = receive(greeted(KNOWN), 1, now_ms=100)
    assert effects == (Effect.BEAT,)
    assert state.deadline_ms() == INTERVAL // 2


def test_op_11_acknowledges_the_beat() -> None:
    state, _ = receive(greeted(KNOWN), 1, now_ms=100)
    state, effects = receive(state, 11, now_ms=130)
    assert effects == ()
    assert state.heartbeat is not None
    assert (state.heartbeat.acked, state.heartbeat.latency_ms) == (True, 30)


@pytest.mark.parametrize("op", [1, 11])
def test_heartbeats_before_hello_are_ignored(op: int) -> None:
    assert receive(KNOWN, op) == (KNOWN, ())


@pytest.mark.parametrize("op", [2, 5, 12, 43, 999, -1])
def test_an_opcode_of_tomorrow_is_ignored(op: int) -> None:
    assert receive(greeted(KNOWN), op) == (greeted(KNOWN), ())


def test_the_timer_beats_when_due_and_not_before() -> None:
    state, due_ms = greeted(KNOWN), INTERVAL // 2
    assert on_timer(state, due_ms - 1) == (state, ())
    after, effects = on_timer(state, due_ms)
    assert effects == (Effect.BEAT,)
    assert after.deadline_ms() == due_ms + INTERVAL
    assert on_timer(FRESH, due_ms) == (FRESH, ())


def test_the_timer_gives_up_a_connection_that_acknowledges_nothing() -> None:
    state, _ = on_timer(greeted(KNOWN), INTERVAL // 2)
    due_ms = state.deadline_ms()
    assert due_ms is not None
    assert on_timer(state, due_ms - 1) == (state, ())
    assert on_timer(state, due_ms) == (state, (Effect.RECONNECT,))
    assert state.session == SESSION


@pytest.mark.parametrize("code", [4004, 4010, 4011, 4012, 4013, 4014])
def test_some_closes_forbid_to_go_on(code: int) -> None:
    after = after_close(greeted(KNOWN), code, 0, 0.5)
    assert after.fatal_code == code
    assert after.state.session is None


@pytest.mark.parametrize("code", [4003, 4005, 4007, 4008, 4009])
def test_some_closes_void_the_session(code: int) -> None:
    after = after_close(greeted(KNOWN), code, 0, 0.5)
    assert after.fatal_code is None
    assert after.state == FRESH
    assert after.wait_ms > 0


@pytest.mark.parametrize("code", [1000, 1001, 1006, None, 4000, 4001, 4002, 4006, 4900])
def test_after_all_other_closes_the_session_is_resumed_at_once(code: int | None) -> None:
    after = after_close(greeted(KNOWN), code, 0, 0.5)
    assert (after.state, after.wait_ms, after.fatal_code) == (KNOWN, 0, None)


def test_the_second_failure_in_a_row_waits_though_there_is_a_session() -> None:
    assert after_close(KNOWN, None, 1, 0.0).wait_ms == 1_000


def test_the_back_off_doubles_up_to_a_minute() -> None:
    assert [backoff_ms(n, 0.0) for n in range(8)] == [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]
    assert backoff_ms(10_000, 0.0) == 30_000


@pytest.mark.parametrize("failures", range(12))
def test_the_back_off_is_drawn_between_half_and_all(failures: int) -> None:
    low, high = backoff_ms(failures, 0.0), backoff_ms(failures, 0.999_999)
    assert low < high < 2 * low
    assert high < 60_000
