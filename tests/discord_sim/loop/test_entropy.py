"""Chance is seeded inside and untouched outside."""

import asyncio
import os
import random
import secrets
import threading
import uuid
import weakref
from random import Random

import pytest

from discord_sim.loop import Simulation, Streams

KEPT = Random(5)


def default_generator(generator=Random()):  # noqa: B008 - the trap itself: made unseeded at import
    return generator.getrandbits(64)


def draws():
    return (
        os.urandom(8), random.random(), random.randrange(10**9), secrets.token_hex(8), str(uuid.uuid4()),
        str(uuid.uuid1()), Random().random(), random.SystemRandom().random(), default_generator(),
    )  # fmt: skip


def once(seed):
    async def main():
        return draws()

    with Simulation(seed) as sim:
        return sim.run(main())


def test_equal_seeds_give_equal_chance():
    assert once(1) == once(1)


@pytest.mark.parametrize("index", range(9))
def test_every_source_depends_on_the_seed(index):
    assert once(1)[index] != once(2)[index] or index == 5  # uuid1 is a clock, and the clock starts alike


def test_outside_nothing_changed():
    random.seed(99)
    expected = random.Random(99)
    kept = KEPT.getstate()
    once(1)
    assert random.random() == expected.random()
    assert KEPT.getstate() == kept
    assert len({os.urandom(8) for _ in range(4)}) == 4


def test_a_thread_that_is_not_ours_draws_from_another_generator():
    """A keep-alive thread beside a test suite once shifted the jitter of one simulation in a hundred."""
    may_draw, drawn = threading.Event(), []

    def stranger():
        may_draw.wait()
        drawn.append((random.random(), random.randint(1, 6), random.getrandbits(8)))

    async def draw_around_the_stranger():
        before = random.random()
        may_draw.set()
        while not drawn:
            pass
        return before, random.random()

    thread = threading.Thread(target=stranger)
    thread.start()
    with Simulation(1) as sim:
        disturbed = sim.run(draw_around_the_stranger())
    thread.join()
    with Simulation(1) as sim:
        assert disturbed == sim.run(draw_around_the_stranger())


def test_a_stream_depends_on_its_name_only():
    first, second = Streams(7), Streams(7)
    first.get("other").random()
    assert first.get("shard/3/jitter").random() == second.get("shard/3/jitter").random()
    assert first.get("a") is first.get("a")
    assert Streams(8).get("shard/3/jitter").random() != second.get("shard/3/jitter").random()


def test_a_dead_weak_reference_somewhere_does_no_harm():
    class Thing:
        pass

    thing = Thing()
    proxy = weakref.proxy(thing)
    del thing
    assert once(1) == once(1)
    with pytest.raises(ReferenceError):
        str(proxy)


def test_sets_of_tasks_iterate_alike_in_every_run_of_one_process():
    async def main():
        tasks = {asyncio.create_task(asyncio.sleep(n), name=f"t{n}") for n in range(50)}
        futures = {asyncio.get_running_loop().create_future() for _ in range(3)}
        order = [task.get_name() for task in tasks]
        await asyncio.wait(tasks)
        return order, len(futures)

    def run():
        with Simulation(1) as sim:
            return sim.run(main())

    assert run() == run() == run()
