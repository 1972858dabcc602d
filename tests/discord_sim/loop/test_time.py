"""Virtual time: clocks under every name, timers, order."""

import asyncio
import datetime
import functools
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from time import monotonic, perf_counter
from time import time as wall

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from discord_sim.loop import DeadlockError, LivelockError, Simulation, SimulationMisuse, run

_real_monotonic = functools.partial(time.monotonic)


@dataclass
class Stamped:
    at: float = field(default_factory=time.monotonic)


class Holder:
    clock = time.monotonic


def read_default(clock=time.monotonic):
    return clock()


def closure():
    clock = time.monotonic

    def read():
        return clock()

    return read


read_closure = closure()


def inside(main, seed=0):
    with Simulation(seed) as sim:
        return sim.run(main())


def test_a_day_takes_no_time():
    async def main():
        start = asyncio.get_running_loop().time()
        await asyncio.sleep(86_400)
        return asyncio.get_running_loop().time() - start

    assert inside(main) == 86_400


def test_every_alias_of_every_clock_moves_together():
    async def main():
        readers = (
            time.monotonic, monotonic, time.perf_counter, perf_counter, read_default, read_closure, Holder.clock,
            Holder().clock, lambda: Stamped().at, lambda: time.monotonic_ns() / 1e9,
            asyncio.get_running_loop().time,
        )  # fmt: skip
        before = [read() for read in readers]
        walls = wall(), time.time_ns() / 1e9, datetime.datetime.now(datetime.UTC).timestamp()
        await asyncio.sleep(1_000)
        assert [read() - old for read, old in zip(readers, before, strict=True)] == pytest.approx(
            [1_000] * len(readers)
        )
        after = wall(), time.time_ns() / 1e9, datetime.datetime.now(datetime.UTC).timestamp()
        assert [b - a for a, b in zip(walls, after, strict=True)] == pytest.approx([1_000] * 3)
        assert datetime.datetime.now().date() == datetime.date.today()

    inside(main)


def test_the_wall_clock_starts_at_a_fixed_date():
    async def main():
        return (
            datetime.datetime.now(datetime.UTC).isoformat(),
            time.gmtime()[:3],
            isinstance(datetime.datetime.now(), datetime.datetime),
        )

    assert inside(main) == ("2026-01-01T00:00:00+00:00", (2026, 1, 1), True)


def test_everything_is_restored_also_after_an_exception():
    before = (
        time.monotonic,
        monotonic,
        time.sleep,
        datetime.datetime,
        threading.Thread.start,
        threading.Condition.wait,
    )
    holders = (Holder.__dict__["clock"], read_default.__defaults__, read_closure.__closure__[0].cell_contents)

    async def main():
        raise RuntimeError("boom")

    with pytest.raises(RuntimeError, match="boom"):
        inside(main)
    after = (time.monotonic, monotonic, time.sleep, datetime.datetime, threading.Thread.start, threading.Condition.wait)
    assert after == before
    assert (Holder.__dict__["clock"], read_default.__defaults__, read_closure.__closure__[0].cell_contents) == holders
    assert abs(time.monotonic() - _real_monotonic()) < 60


def test_an_alias_made_inside_tells_real_time_afterwards():
    async def main():
        return time.monotonic

    alias = inside(main)
    assert abs(alias() - time.monotonic()) < 60


def test_threads_outside_the_simulation_see_real_time():
    seen = []
    go, done = threading.Event(), threading.Event()

    def outsider():
        go.wait()
        seen.append(time.monotonic())
        done.set()

    real_before = time.monotonic()
    thread = threading.Thread(target=outsider)
    thread.start()

    async def main():
        await asyncio.sleep(1_000_000)
        go.set()
        await asyncio.sleep(0)
        return time.monotonic()

    virtual = inside(main)
    done.wait(10)
    thread.join()
    assert virtual > 1_000_000
    assert real_before <= seen[0] < real_before + 600


@given(st.lists(st.integers(0, 50), min_size=1, max_size=40))
@settings(max_examples=30, deadline=None)
def test_timers_fire_in_order_and_ties_in_the_order_they_were_set(delays):
    async def main():
        fired = []
        loop = asyncio.get_running_loop()
        for index, delay in enumerate(delays):
            loop.call_later(delay / 10, fired.append, (delay, index))
        await asyncio.sleep(6)
        return fired

    assert inside(main) == sorted((delay, index) for index, delay in enumerate(delays))


def test_a_timer_never_fires_before_its_time():
    async def main():
        loop = asyncio.get_running_loop()
        for step in range(1, 2_000):
            when = loop.time() + step * 0.000_123_457
            await asyncio.sleep(when - loop.time())
            at = loop.create_future()
            loop.call_at(when, lambda when=when, at=at: at.set_result(loop.time() - when))
            assert await at >= 0

    inside(main)


def test_cancelled_timers_do_not_pile_up():
    async def main():
        loop = asyncio.get_running_loop()
        for _ in range(5_000):
            loop.call_later(1_000, print).cancel()
        return len(loop._timers)

    assert inside(main) < 1_100


def test_sleeping_the_thread_blocks_the_loop_virtually():
    async def main():
        start = time.monotonic()
        time.sleep(5)
        return time.monotonic() - start

    assert inside(main) == 5


def test_a_deadlock_says_who_waits_on_what():
    async def starving():
        await asyncio.Event().wait()

    async def main():
        task = asyncio.create_task(starving(), name="hungry")
        await task

    with pytest.raises(DeadlockError) as caught:
        inside(main)
    text = str(caught.value)
    assert "'hungry'" in text
    assert "in starving" in text or "in Event.wait" in text
    assert "awaits task 'hungry'" in text


def test_a_livelock_names_the_callbacks():
    async def main():
        while True:
            await asyncio.sleep(0)

    with Simulation() as sim:
        sim.loop._per_instant_max = 10_000
        with pytest.raises(LivelockError, match="main"):
            sim.run(main())


def test_two_simulations_at_once_are_refused():
    with Simulation(3), pytest.raises(SimulationMisuse, match="already open"), Simulation(4):
        pass


def test_a_running_loop_gets_a_thread_of_its_own():
    async def cell():
        async def main(sim):
            await asyncio.sleep(3_600)
            return sim.clock.now_ns

        return run(main)

    assert asyncio.run(cell()) == 3_600_000_000_000


def test_aiodns_is_refused_with_advice(monkeypatch):
    monkeypatch.setitem(sys.modules, "aiodns", object())
    with pytest.raises(SimulationMisuse, match=r"Uninstall it"), Simulation():
        pass


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda loop: loop.add_signal_handler(2, print), "add_signal_handler"),
        (lambda loop: loop.add_reader(0, print), "add_reader"),
        (lambda loop: loop.add_writer(0, print), "add_writer"),
    ],
)
def test_what_would_leave_the_simulated_world_is_refused_by_name(call, name):
    async def main():
        call(asyncio.get_running_loop())

    with pytest.raises(NotImplementedError, match=name):
        inside(main)


def test_udp_and_subprocesses_are_refused_by_name():
    async def udp():
        await asyncio.get_running_loop().create_datagram_endpoint(asyncio.DatagramProtocol, local_addr=("127.0.0.1", 0))

    async def process():
        await asyncio.create_subprocess_exec("true")

    with pytest.raises(NotImplementedError, match="UDP"):
        inside(udp)
    with pytest.raises(NotImplementedError, match="subprocess"):
        inside(process)


def test_an_executor_runs_inline():
    async def main():
        value = await asyncio.get_running_loop().run_in_executor(None, lambda: threading.get_ident())
        other = await asyncio.to_thread(threading.get_ident)
        return {value, other} == {threading.get_ident()}

    assert inside(main)


def test_it_works_with_a_real_subprocess_waiting_outside():
    process = subprocess.Popen([sys.executable, "-c", "pass"])
    inside(lambda: asyncio.sleep(10))
    assert process.wait(30) == 0
