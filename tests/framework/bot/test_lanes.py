"""Lanes: each in order, all beside one another, whatever the pieces do to the task that carries them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framework.bot.lanes import Lanes

mark: ContextVar[str] = ContextVar("mark", default="clean")


class Filled(Lanes[tuple[int, int]]):
    """Lanes of pieces that say where they belong."""

    def __init__(self, carry: Callable[[int, int], Awaitable[None]]) -> None:
        self.waited: list[tuple[int, int]] = []
        super().__init__(lambda piece: carry(*piece), lambda piece: piece[0], lambda *how: self.waited.append(how))

    def add(self, lane: int, piece: int) -> None:
        self.put((lane, piece))


def play(carry: Callable[[int, int], Awaitable[None]], put: Callable[[Filled], Awaitable[None]]) -> None:
    async def main() -> None:
        lanes = Filled(carry)
        await put(lanes)
        await lanes.close(10)
        assert not lanes
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(main())


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 2**32), pieces=st.lists(st.integers(0, 4), max_size=60))
def test_each_lane_is_in_order_and_has_one_piece_at_a_time(seed: int, pieces: list[int]) -> None:
    random, under_way, done = Random(seed), set(), list[tuple[int, int]]()

    async def carry(key: int, piece: int) -> None:
        assert key not in under_way
        under_way.add(key)
        for _ in range(random.choice([0, 0, 1, 2, 5])):
            await asyncio.sleep(0)
        under_way.discard(key)
        done.append((key, piece))

    async def put(lanes: Filled) -> None:
        for number, key in enumerate(pieces):
            lanes.add(key, number)
            if random.random() < 0.3:
                await asyncio.sleep(0)

    play(carry, put)
    for lane in set(pieces):
        assert [n for key, n in done if key == lane] == [n for n, key in enumerate(pieces) if key == lane]


def test_a_piece_that_waits_holds_up_its_own_lane_only() -> None:
    done: list[int] = []
    gate = asyncio.Event()

    async def carry(key: int, piece: int) -> None:
        if piece == 0:
            await gate.wait()
        done.append(piece)

    async def put(lanes: Filled) -> None:
        lanes.add(1, 0)
        lanes.add(1, 1)
        lanes.add(2, 2)
        lanes.add(3, 3)
        await asyncio.sleep(0.01)
        assert done == [2, 3]
        assert (lanes.waiting(1), lanes.waiting(2), lanes.waited) == (1, 0, [(1, 1)])
        gate.set()
        await asyncio.sleep(0.01)
        assert done == [2, 3, 0, 1]

    play(carry, put)


def test_pieces_that_do_not_wait_share_one_task() -> None:
    tasks = set()

    async def carry(key: int, piece: int) -> None:
        tasks.add(asyncio.current_task())

    async def put(lanes: Filled) -> None:
        for number in range(100):
            lanes.add(number, number)
        await asyncio.sleep(0.01)
        for number in range(100):
            lanes.add(number, number)
        await asyncio.sleep(0.01)

    play(carry, put)
    assert len(tasks) == 1


def test_a_context_variable_that_a_piece_sets_is_not_seen_by_the_next() -> None:
    seen: list[str] = []

    async def carry(key: int, piece: int) -> None:
        seen.append(mark.get())
        mark.set("dirty")

    async def put(lanes: Filled) -> None:
        for number in range(5):
            lanes.add(number, number)
            lanes.add(number, number)
        await asyncio.sleep(0.05)

    play(carry, put)
    assert seen == ["clean"] * 10


@pytest.mark.parametrize("how", ["raises", "cancels its task"])
def test_a_piece_that_ends_its_task_keeps_no_other_from_being_carried(how: str) -> None:
    done: list[int] = []

    async def carry(key: int, piece: int) -> None:
        if piece == 0:
            if how == "raises":
                raise asyncio.CancelledError
            task = asyncio.current_task()
            assert task is not None
            task.cancel()
            return
        done.append(piece)

    async def put(lanes: Filled) -> None:
        for piece in (0, 1):
            lanes.add(1, piece)
        lanes.add(2, 2)
        await asyncio.sleep(0.05)

    play(carry, put)
    assert sorted(done) == [1, 2]


def test_a_thousand_lanes_that_wait_need_a_task_each_and_leave_few_behind() -> None:
    async def carry(key: int, piece: int) -> None:
        await asyncio.sleep(0.01)

    async def put(lanes: Filled) -> None:
        for number in range(1_000):
            lanes.add(number, number)
        await asyncio.sleep(0.5)
        assert not lanes
        assert len(lanes._workers) <= 8

    play(carry, put)


def test_closing_waits_for_what_is_there_and_cancels_what_takes_too_long() -> None:
    done: list[int] = []

    async def carry(key: int, piece: int) -> None:
        await asyncio.sleep(0.05 if piece else 3_600)
        done.append(piece)

    async def main() -> None:
        lanes = Filled(carry)
        for piece in range(4):
            lanes.add(piece, piece)
        await lanes.close(0.3)

    asyncio.run(main())
    assert sorted(done) == [1, 2, 3]
