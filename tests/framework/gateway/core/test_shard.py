"""One shard's life, step by step."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framework.gateway.core.session import Session
from framework.gateway.core.shard import TABLE, Effect, Input, Phase, ShardMachine

INTERVAL = 41_250
SESSION = Session("abc", 7, "wss://resume", 3, 16)
CONNECTED = (Phase.GREETING, Phase.IDENTIFYING, Phase.RESUMING, Phase.READY)


def machine(*, known: bool = False, fleet: int = 1) -> ShardMachine:
    shard = ShardMachine(3, 16, fleet)
    if known:
        shard.restore(SESSION)
    return shard


def greeted(*, known: bool = False) -> ShardMachine:
    shard = machine(known=known)
    shard.take(Input.CONNECT)
    shard.take(Input.OPENED)
    shard.on_hello(INTERVAL, 0, 0.5)
    return shard


def ready() -> ShardMachine:
    shard = greeted()
    shard.seq = 1
    shard.on_ready("abc", "wss://resume")
    return shard


def test_hello_without_a_session_leads_to_identify() -> None:
    shard = machine()
    assert shard.take(Input.CONNECT) == (Effect.OPEN,)
    shard.take(Input.OPENED)
    assert shard.on_hello(INTERVAL, 0, 0.5) == (Effect.IDENTIFY,)
    assert (shard.phase, shard.deadline_ms()) == (Phase.IDENTIFYING, INTERVAL // 2)


def test_hello_with_a_session_leads_to_resume() -> None:
    shard = machine(known=True)
    shard.take(Input.CONNECT)
    shard.take(Input.OPENED)
    assert shard.on_hello(INTERVAL, 0, 0.5) == (Effect.RESUME,)
    assert (shard.phase, shard.session) == (Phase.RESUMING, SESSION)


def test_ready_gives_the_session() -> None:
    shard = greeted()
    shard.seq = 1
    assert shard.on_ready("abc", "wss://resume") == (Effect.ONLINE,)
    assert (shard.phase, shard.session) == (Phase.READY, Session("abc", 1, "wss://resume", 3, 16))


def test_resumed_ends_the_replay() -> None:
    shard = greeted(known=True)
    shard.seq = 9
    assert shard.take(Input.RESUMED) == (Effect.ONLINE,)
    assert shard.session == Session("abc", 9, "wss://resume", 3, 16)


@pytest.mark.parametrize("shard", [greeted(known=True), ready()], ids=["resuming", "ready"])
@pytest.mark.parametrize(("op", "resumable"), [(7, False), (9, True)])
def test_op_7_and_op_9_true_mean_to_reconnect_with_the_session(shard: ShardMachine, op: int, resumable: bool) -> None:
    shard.phase, session = Phase.READY, shard.session
    assert shard.on_op(op, resumable, 0) == (Effect.CLOSE,)
    assert (shard.phase, shard.session) == (Phase.LEAVING, session)


def test_op_7_may_come_instead_of_hello() -> None:
    shard = machine(known=True)
    shard.take(Input.CONNECT)
    shard.take(Input.OPENED)
    assert shard.on_op(7, False, 0) == (Effect.CLOSE,)


def test_op_9_false_voids_the_session_and_waits_one_to_five_seconds() -> None:
    for draw, wait_ms in ((0.0, 1_000), (0.999, 4_996)):
        shard = ready()
        assert shard.on_op(9, False, 0) == (Effect.FORGET, Effect.CLOSE, Effect.WAIT_INVALID)
        shard.on_close(None)
        assert (shard.session, shard.phase) == (None, Phase.OFFLINE)
        assert shard.pause_ms(draw) == wait_ms


def test_op_9_again_and_again_waits_longer() -> None:
    shard = machine()
    waits = []
    for _ in range(6):
        shard.take(Input.CONNECT)
        shard.take(Input.OPENED)
        shard.on_hello(INTERVAL, 0, 0.5)
        shard.on_op(9, False, 0)
        shard.on_close(None)
        waits.append(shard.pause_ms(0.0))
    assert waits == [1_000, 1_000, 2_000, 4_000, 8_000, 16_000]


def test_op_9_true_without_a_session_is_op_9_false() -> None:
    assert Effect.FORGET in greeted().on_op(9, True, 0)


def test_op_1_is_answered_at_once_and_the_next_beat_stays_where_it_was() -> None:
    shard = ready()
    assert shard.on_op(1, False, 100) == (Effect.BEAT,)
    assert shard.deadline_ms() == INTERVAL // 2


def test_op_11_acknowledges_the_beat() -> None:
    shard = ready()
    shard.on_op(1, False, 100)
    assert shard.on_op(11, False, 130) == ()
    assert shard.heartbeat is not None
    assert (shard.heartbeat.flying, shard.heartbeat.latency_ms) == ((), 30)


@pytest.mark.parametrize("op", [1, 11])
def test_heartbeats_before_hello_are_ignored(op: int) -> None:
    shard = machine(known=True)
    shard.take(Input.CONNECT)
    shard.take(Input.OPENED)
    assert shard.on_op(op, False, 0) == ()
    assert shard.phase is Phase.GREETING


@pytest.mark.parametrize("op", [2, 5, 12, 43, 999, -1])
def test_an_opcode_of_tomorrow_is_ignored(op: int) -> None:
    shard = ready()
    assert shard.on_op(op, False, 0) == ()
    assert shard.phase is Phase.READY


def test_the_timer_beats_when_due_and_not_before() -> None:
    shard, due_ms = ready(), INTERVAL // 2
    assert shard.on_timer(due_ms - 1) == ()
    assert shard.on_timer(due_ms) == (Effect.BEAT,)
    assert shard.deadline_ms() == due_ms + INTERVAL
    assert machine().on_timer(due_ms) == ()


def test_the_timer_gives_up_a_connection_that_acknowledges_nothing() -> None:
    shard = ready()
    shard.on_timer(INTERVAL // 2)
    due_ms = shard.deadline_ms()
    assert due_ms is not None
    assert shard.on_timer(due_ms - 1) == ()
    session = shard.session
    assert shard.on_timer(due_ms) == (Effect.CLOSE,)
    assert (shard.phase, shard.session, shard.deadline_ms()) == (Phase.LEAVING, session, None)


@pytest.mark.parametrize("code", [4004, 4010, 4011, 4012, 4013, 4014])
def test_some_closes_forbid_to_go_on(code: int) -> None:
    shard = ready()
    assert shard.on_close(code) == (Effect.FORGET, Effect.FAIL)
    assert (shard.fatal_code, shard.session, shard.phase) == (code, None, Phase.ENDED)


@pytest.mark.parametrize("code", [4003, 4005, 4007, 4008, 4009])
def test_some_closes_void_the_session(code: int) -> None:
    shard = ready()
    assert shard.on_close(code) == (Effect.FORGET, Effect.WAIT)
    assert shard.session is None
    assert shard.pause_ms(0.0) == 500


@pytest.mark.parametrize("code", [1000, 1001, 1006, None, 4000, 4001, 4002, 4006, 4900])
def test_after_all_other_closes_the_session_is_resumed_at_once(code: int | None) -> None:
    shard = ready()
    session = shard.session
    assert shard.on_close(code) == (Effect.WAIT,)
    assert (shard.session, shard.fatal_code, shard.pause_ms(0.0)) == (session, None, 0)


def test_the_more_shards_lose_their_link_the_wider_they_come_back() -> None:
    for fleet, over_ms in ((1, 20), (16, 320), (1_000, 20_000), (100_000, 60_000)):
        shard = machine(known=True, fleet=fleet)
        shard.phase = Phase.READY
        shard.on_close(None)
        assert shard.pause_ms(0.999_999) == over_ms - 1
        assert shard.pause_ms(0.0) == 0


def test_a_refused_connection_waits_longer_each_time_and_half_a_minute_at_least_in_the_end() -> None:
    shard, waits = machine(known=True), []
    for _ in range(9):
        shard.take(Input.CONNECT)
        assert shard.on_refused() == (Effect.WAIT,)
        waits.append(shard.pause_ms(0.0))
    assert waits == [0, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]


def test_being_online_forgets_the_failures() -> None:
    shard = machine(known=True)
    for _ in range(5):
        shard.take(Input.CONNECT)
        shard.on_refused()
    shard.take(Input.CONNECT)
    shard.take(Input.OPENED)
    shard.on_hello(INTERVAL, 0, 0.5)
    shard.take(Input.RESUMED)
    shard.on_close(None)
    assert shard.pause_ms(0.0) == 0


def test_what_the_table_does_not_list_is_left_as_garbage() -> None:
    shard = greeted(known=True)  # resuming
    session = shard.session
    assert shard.on_ready("other", "wss://other") == (Effect.CLOSE,)
    assert (shard.phase, shard.session) == (Phase.LEAVING, session)


def test_who_has_left_is_not_interested_any_more() -> None:
    shard = ready()
    shard.on_op(7, False, 0)
    assert [shard.on_op(op, False, 1) for op in (1, 7, 9, 11)] == [()] * 4
    assert shard.phase is Phase.LEAVING


# -- the table -------------------------------------------------------------------------------------------


def test_every_phase_but_the_last_can_be_stopped_and_the_last_has_no_way_out() -> None:
    for phase in Phase:
        assert ((phase, Input.STOP) in TABLE) is (phase is not Phase.ENDED)
    assert all(phase is not Phase.ENDED for phase, _ in TABLE)


def test_every_connected_phase_knows_every_end_of_a_connection() -> None:
    ends = (Input.CLOSED_KEPT, Input.CLOSED_FRESH, Input.CLOSED_FATAL)
    for phase in (*CONNECTED, Phase.LEAVING):
        assert all((phase, end) in TABLE for end in ends)
        assert TABLE[phase, Input.CLOSED_KEPT].to is Phase.OFFLINE


def test_every_phase_is_reached() -> None:
    reached, grown = {Phase.OFFLINE}, True
    while grown:
        found = reached | {step.to for (phase, _), step in TABLE.items() if phase in reached}
        grown, reached = found != reached, found
    assert reached == set(Phase)


@settings(max_examples=300, deadline=None)
@given(inputs=st.lists(st.sampled_from(list(Input)), max_size=60))
def test_no_sequence_of_inputs_breaks_it_and_a_session_is_forgotten_only_where_it_is_void(inputs: list[Input]) -> None:
    shard = machine(known=True)
    for given_ in inputs:
        before, had = shard.phase, shard.session is not None
        effects = shard.take(given_)
        if had and shard.session is None:
            assert Effect.FORGET in effects
            assert given_ in (Input.INVALID, Input.CLOSED_FRESH, Input.CLOSED_FATAL)
        if before is Phase.ENDED:
            assert shard.phase is Phase.ENDED
        if Effect.BEAT in effects:
            assert shard.phase in CONNECTED
