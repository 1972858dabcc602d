"""Install virtual time and chance, run one program inside, put everything back."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import sys
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from typing import Any, TypeVar

from discord_sim.loop._aliases import Aliases
from discord_sim.loop._clock import VirtualClock, environment, stand_ins
from discord_sim.loop._entropy import Entropy, sources
from discord_sim.loop._errors import SimulationError, SimulationMisuse
from discord_sim.loop._heap import Walk
from discord_sim.loop._loop import SimLoop
from discord_sim.loop._network import Network, current_host
from discord_sim.loop._streams import Streams
from discord_sim.loop._threads import Threads

__all__ = ["Simulation", "current_host", "run"]

T = TypeVar("T")

_GROWTH_PER_COLLECTION = 1 / 4


class _Objects:
    """How many lived after the last full collection, and how many the simulations closed since have left."""

    lived = 0
    left = 0


class Simulation:
    """One simulated world. Use as a context manager; inside, `run` executes coroutines in virtual time.

    While it is open, every clock, every source of chance and `threading` of this process are virtual *for the
    thread that opened it and the threads started inside*; all other threads see the real ones. Everything is
    restored on exit, also after an exception. One at a time per process.

    Raises:
        SimulationMisuse: another simulation is open, or the process is set up so that one cannot work.
    """

    def __init__(self, seed: int = 0) -> None:
        self.seed = seed
        self.clock = VirtualClock()
        self.streams = Streams(seed)
        self.thread_ids: set[int] = set()
        self._loop: SimLoop | None = None
        self._threads: Threads | None = None
        self._closing = contextlib.ExitStack()

    def __repr__(self) -> str:
        return f"<Simulation seed={self.seed} t={self.clock.now_ns / 1e9:.3f} s {'open' if self._loop else 'closed'}>"

    @property
    def loop(self) -> SimLoop:
        """The event loop. Raises SimulationMisuse when the simulation is not open."""
        if self._loop is None:
            raise SimulationMisuse("this simulation is not open; use `with Simulation(...) as sim:`")
        return self._loop

    @property
    def network(self) -> Network:
        """Hosts, names and links."""
        return self.loop.network

    def __enter__(self) -> Simulation:
        _check_process()
        environment.current = self
        with contextlib.ExitStack() as stack:
            stack.callback(setattr, environment, "current", None)
            self.thread_ids.add(threading.get_ident())
            stack.callback(self.thread_ids.clear)
            aliases = Aliases()
            stack.callback(aliases.restore)
            entropy = Entropy(self.streams, aliases)
            stack.callback(entropy.restore)
            _install(aliases, entropy)
            stack.enter_context(_garbage_at_fixed_points())
            self._loop = SimLoop(self.clock, self.streams)
            stack.callback(setattr, self, "_loop", None)
            stack.callback(self._loop.close)
            self._threads = Threads(self._loop, self.thread_ids)
            self._threads.install(aliases)
            self._loop.describe_threads = self._threads.waiting
            stack.callback(self._threads.kill_all)
            stack.callback(self._cancel_all)
            self._closing = stack.pop_all()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._closing.close()

    def run(self, main: Coroutine[Any, Any, T], *, host: str = "localhost") -> T:
        """Run `main` on simulated machine `host` until it returns; other tasks live on until the exit.

        Raises what `main` raises; DeadlockError when nothing can ever happen again; LivelockError when
        virtual time stands still.
        """
        token = current_host.set(host)
        try:
            return self.loop.run_until_complete(main)
        finally:
            current_host.reset(token)

    def sleep(self, seconds: float) -> None:
        """What `time.sleep` does inside."""
        assert self._threads is not None
        self._threads.sleep(seconds)

    def spawn(self, host: str, program: Callable[[], Awaitable[T]]) -> asyncio.Task[T]:
        """Start `program()` as a task on simulated machine `host`; what it starts stays on that machine."""

        async def start() -> T:
            return await program()

        token = current_host.set(host)
        try:
            return self.loop.create_task(start(), name=f"{host}:{getattr(program, '__name__', 'program')}")
        finally:
            current_host.reset(token)

    async def kill(self, host: str) -> None:
        """`kill -9` for everything on a machine: peers see a reset, nothing is said goodbye. Returns when its tasks
        have ended: they are cancelled, and what they try on their way finds no network. Then the machine is as new.

        What tasks do on their way beside the network still happens (they may write a file): a program that cleans up
        after itself has to be looked at with that in mind.
        """
        self.network.kill(host)
        tasks = [task for task in asyncio.all_tasks() if getattr(task, "host", None) == host]
        for task in sorted(tasks, key=hash):
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=60.0)
        self.network.dead.discard(host)

    def _cancel_all(self) -> None:
        loop = self.loop
        for _ in range(20):  # a cancelled task may start another while it cleans up
            tasks = sorted((t for t in asyncio.all_tasks(loop) if not t.done()), key=hash)
            if not tasks:
                break
            for task in tasks:
                task.cancel()
            try:
                loop.run_until_complete(_settle(tasks))
            except SimulationError:
                break  # they refuse to end; closing the loop drops them
        loop.run_until_complete(loop.shutdown_asyncgens())


async def _settle(tasks: list[asyncio.Task[Any]]) -> None:
    await asyncio.wait(tasks, timeout=60.0)


def run(main: Callable[[Simulation], Coroutine[Any, Any, T]], *, seed: int = 0) -> T:
    """Run `main(sim)` in a fresh simulation and return its result.

    Where an event loop already runs in this thread (a notebook cell, an async test), the simulation gets a
    thread of its own and the caller waits for it.
    """

    def body() -> T:
        with Simulation(seed) as sim:
            return sim.run(main(sim))

    if asyncio._get_running_loop() is None:
        return body()
    outcome: list[T] = []
    failure: list[BaseException] = []

    def guarded() -> None:
        try:
            outcome.append(body())
        except BaseException as error:
            failure.append(error)

    worker = threading.Thread(target=guarded, name="discord-sim")
    worker.start()
    worker.join()
    if failure:
        raise failure[0]
    return outcome[0]


def _check_process() -> None:
    if environment.current is not None:
        raise SimulationMisuse(f"a simulation is already open in this process: {environment.current!r}")
    if asyncio._get_running_loop() is not None:
        raise SimulationMisuse(
            "an event loop already runs in this thread; use discord_sim.loop.run(), which takes a thread of its own"
        )
    if "aiodns" in sys.modules:
        raise SimulationMisuse(
            "aiodns is loaded: it asks real name servers over UDP. Uninstall it for simulated runs "
            "(it comes with discord.py[speed] and hikari[speedups])"
        )
    if "uvloop" in sys.modules and type(asyncio.get_event_loop_policy()).__module__.startswith("uvloop"):
        raise SimulationMisuse("uvloop is installed as the event loop policy; do not call uvloop.install() here")


def _install(aliases: Aliases, entropy: Entropy) -> None:
    """Make clocks and chance virtual."""
    (clocks, classes), (urandom, of_random) = stand_ins(), sources()
    functions = {**clocks, **urandom}
    walk = Walk(functions)
    aliases.replace_in_holders(functions, walk)
    aliases.replace_in_modules({**functions, **classes, **of_random})
    entropy.install(walk.functions)


@contextlib.contextmanager
def _garbage_at_fixed_points() -> Iterator[None]:
    """Automatic collection happens after so many allocations, which differ by process; ours after so many
    callbacks, which do not."""
    was_enabled = gc.isenabled()
    gc.disable()
    gc.freeze()
    try:
        yield
    finally:
        _Objects.left += len(gc.get_objects())
        gc.unfreeze()
        # Unfreezing leaves everything in the oldest generation, which Python hardly ever looks at: without this a test
        # suite keeps every world it made, and the next simulation walks over all of them. But a full collection costs
        # more than an opening, however little there is to collect.
        if _Objects.left > _Objects.lived * _GROWTH_PER_COLLECTION:
            gc.collect()
            _Objects.left, _Objects.lived = 0, len(gc.get_objects())
        if was_enabled:
            gc.enable()
