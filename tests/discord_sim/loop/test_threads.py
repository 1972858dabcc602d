"""Threads in lock-step with virtual time."""

import asyncio
import queue
import threading
import time

import pytest

from discord_sim.loop import DeadlockError, Simulation, SimulationError


def inside(main, seed=0):
    with Simulation(seed) as sim:
        return sim.run(main())


def test_a_thread_that_waits_follows_the_virtual_clock():
    async def main():
        ticks = []
        stop = threading.Event()

        def body():
            while not stop.wait(41.25):
                ticks.append(time.monotonic())

        thread = threading.Thread(target=body, daemon=True)
        start = time.monotonic()
        thread.start()
        await asyncio.sleep(3_600)
        stop.set()
        await asyncio.sleep(0.001)
        assert not thread.is_alive()
        return [tick - start for tick in ticks]

    assert inside(main) == pytest.approx([41.25 * n for n in range(1, 88)])


def test_a_thread_talks_to_the_loop():
    async def main():
        loop = asyncio.get_running_loop()

        async def answer(value):
            await asyncio.sleep(10)
            return value * 2

        results = []

        def body():
            future = asyncio.run_coroutine_threadsafe(answer(21), loop)
            results.append(future.result(60))
            loop.call_soon_threadsafe(results.append, "soon")

        threading.Thread(target=body).start()
        await asyncio.sleep(11)
        return results

    assert inside(main) == [42, "soon"]


def test_threads_take_turns_through_queues_and_joins():
    async def main():
        items, seen = queue.Queue(), []

        def producer():
            for n in range(3):
                time.sleep(1)
                items.put((n, time.monotonic()))
            items.put(None)

        def consumer():
            other = threading.Thread(target=producer)
            other.start()
            while (item := items.get()) is not None:
                seen.append(item[0])
            other.join()
            seen.append("joined")

        start = time.monotonic()
        threading.Thread(target=consumer).start()
        await asyncio.sleep(5)
        return seen, time.monotonic() - start

    assert inside(main) == ([0, 1, 2, "joined"], 5)


def test_a_wait_that_times_out_says_so():
    async def main():
        outcome = []
        threading.Thread(target=lambda: outcome.append(threading.Event().wait(3))).start()
        await asyncio.sleep(4)
        return outcome

    assert inside(main) == [False]


def test_parked_threads_end_with_their_simulation():
    left = []

    async def main():
        thread = threading.Thread(target=threading.Event().wait)
        thread.start()
        left.append(thread)
        await asyncio.sleep(1)

    inside(main)
    left[0].join(10)
    assert not left[0].is_alive()


def test_a_deadlock_names_the_parked_thread():
    async def main():
        threading.Thread(target=threading.Event().wait, name="sleeper").start()
        await asyncio.Event().wait()

    with pytest.raises(DeadlockError, match="thread 'sleeper' waits for Condition.wait"):
        inside(main)


def test_a_threading_wait_on_the_loops_own_thread_is_refused():
    async def main():
        threading.Event().wait(1)

    with pytest.raises(SimulationError, match="own thread"):
        inside(main)


def test_threads_of_others_are_left_alone():
    ran = threading.Event()
    with Simulation():
        pass
    thread = threading.Thread(target=ran.set)
    thread.start()
    assert ran.wait(10)
    thread.join()


def test_output_that_a_foreign_thread_writes_may_be_waited_for_on_the_loops_thread_and_takes_no_time():
    """As a notebook's kernel does with what is printed and logged in its cells."""
    jobs = queue.SimpleQueue()
    writer = threading.Thread(target=lambda: [job() for job in iter(jobs.get, None)], daemon=True)
    writer.start()

    async def main(_):
        began = asyncio.get_running_loop().time()
        for _ in range(3):
            written = threading.Event()
            jobs.put(written.set)
            assert written.wait(10)
        return asyncio.get_running_loop().time() - began

    with Simulation(1) as sim:
        assert sim.run(main(sim)) == 0
    jobs.put(None)
