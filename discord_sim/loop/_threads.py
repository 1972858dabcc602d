"""Threads in lock-step with virtual time.

Some libraries keep a real thread beside the loop (discord.py beats its heart from one). Left alone it would
wait real seconds while virtual days pass. So while a simulation runs, `Thread.start`, `Thread.join` and
`Condition.wait` are ours (`Event.wait`, `Future.result`, `Barrier`, `queue.Queue` all end in the latter):
exactly one thread of the simulated world runs at a time, a waiting one is parked on the virtual clock, and the
loop goes on when every started thread is parked or done.
"""

from __future__ import annotations

import _thread
import contextlib
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from discord_sim.loop._aliases import Aliases
from discord_sim.loop._clock import environment
from discord_sim.loop._errors import SimulationError

if TYPE_CHECKING:
    from discord_sim.loop._loop import SimLoop

__all__ = ["Threads"]

_HANDOVER_LIMIT_S = 60.0  # real seconds: a thread that blocks in C (a bare Lock, SimpleQueue) never parks
_FOREIGN_LIMIT_S = 5.0  # real seconds
_real_start = threading.Thread.start
_real_join = threading.Thread.join
_real_wait = threading.Condition.wait


class _Killed(BaseException):
    """Unwinds a parked thread when its simulation ends."""


class _Baton:
    """One simulated thread's turn: a raw lock, so that our own patches never see it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.gate = _thread.allocate_lock()
        self.gate.acquire()
        self.resume_pending = False
        self.killed = False
        self.done = False
        self.waiting_for = "its first step"
        self.joiners: list[Callable[[], None]] = []


class _Waiter:
    """Stands in `Condition._waiters` for the lock that the real `wait` would use; `notify` releases it."""

    __slots__ = ("_wake", "released")

    def __init__(self, wake: Callable[[], None]) -> None:
        self.released = False
        self._wake = wake

    def release(self) -> None:
        if not self.released:
            self.released = True
            self._wake()


class Threads:
    """The threads of one simulation."""

    def __init__(self, loop: SimLoop, thread_ids: set[int]) -> None:
        self._loop = loop
        self._ids = thread_ids
        self._loop_id = threading.get_ident()
        self._loop_gate = _thread.allocate_lock()
        self._loop_gate.acquire()
        self._batons: dict[int, _Baton] = {}
        self._by_thread: dict[threading.Thread, _Baton] = {}
        self._passing_through = False

    def __repr__(self) -> str:
        return f"<Threads alive={len(self._batons)}>"

    def install(self, aliases: Aliases) -> None:
        """Patch `threading` (process-wide; calls from foreign threads pass through to the real ones)."""
        threads = self

        def start(self: threading.Thread) -> None:
            if threads._is_ours():
                threads._start(self)
            else:
                _real_start(self)

        def join(self: threading.Thread, timeout: float | None = None) -> None:
            if threads._is_ours() and self in threads._by_thread:
                threads._join(self, timeout)
            else:
                _real_join(self, timeout)

        def wait(self: threading.Condition, timeout: float | None = None) -> bool:
            if threads._is_ours() and not threads._passing_through:
                return threads._wait(self, timeout)
            return _real_wait(self, timeout)

        aliases.set_attribute(threading.Thread, "start", start)
        aliases.set_attribute(threading.Thread, "join", join)
        aliases.set_attribute(threading.Condition, "wait", wait)

    def waiting(self) -> list[str]:
        """One line per parked thread, for the deadlock report."""
        return [f"thread {b.name!r} waits for {b.waiting_for}" for b in self._batons.values() if not b.done]

    def kill_all(self) -> None:
        """End every parked thread by raising SystemExit where it waits."""
        while self._batons:
            baton = next(iter(self._batons.values()))
            baton.killed = True
            self._switch_to(baton)

    def sleep(self, seconds: float) -> None:
        """`time.sleep`: parks a thread; on the loop's own thread it blocks the loop, as it really would."""
        if threading.get_ident() == self._loop_id:
            self._loop.clock.now_ns += max(0, int(seconds * 1_000_000_000))
        else:
            self._park(f"time.sleep({seconds})", seconds)

    # -- inside ------------------------------------------------------------------------------------------

    def _is_ours(self) -> bool:
        return environment.current is not None and threading.get_ident() in self._ids

    def _start(self, thread: threading.Thread) -> None:
        baton = _Baton(thread.name)
        body = thread.run

        def run() -> None:
            ident = threading.get_ident()
            self._ids.add(ident)
            self._batons[ident] = baton
            registered.release()
            baton.gate.acquire()
            try:
                if not baton.killed:
                    with contextlib.suppress(_Killed):
                        body()
            finally:
                baton.done = True
                del self._batons[ident]
                self._ids.discard(ident)
                for wake in baton.joiners:
                    wake()
                self._loop_gate.release()

        registered = _thread.allocate_lock()
        registered.acquire()
        thread.run = run  # type: ignore[method-assign]
        self._passing_through = True  # the real start waits, really and briefly, until the thread exists
        try:
            _real_start(thread)
        finally:
            self._passing_through = False
        registered.acquire()
        self._by_thread[thread] = baton
        self._resume_soon(baton)

    def _resume_soon(self, baton: _Baton) -> None:
        if not baton.resume_pending and not baton.done:
            baton.resume_pending = True
            self._loop.call_soon(self._switch_to, baton)

    def _switch_to(self, baton: _Baton) -> None:
        """Let `baton`'s thread run until it parks or ends. Runs on the loop's thread."""
        baton.resume_pending = False
        if baton.done:
            return
        baton.gate.release()
        if not self._loop_gate.acquire(timeout=_HANDOVER_LIMIT_S):
            raise SimulationError(
                f"thread {baton.name!r} has run for {_HANDOVER_LIMIT_S:.0f} real seconds without waiting on "
                "anything the simulation can see; it probably blocks on a bare Lock, a SimpleQueue, a socket "
                "or another event loop. Use threading.Event/Condition or queue.Queue inside a simulation."
            )

    def _park(self, why: str, timeout: float | None, ready: Callable[[], bool] | None = None) -> None:
        baton = self._batons[threading.get_ident()]
        baton.waiting_for = why
        timer = None if timeout is None else self._loop.call_later(max(0.0, timeout), self._resume_soon, baton)
        self._loop_gate.release()
        baton.gate.acquire()
        if timer is not None:
            timer.cancel()
        if baton.killed:
            raise _Killed

    def _wait(self, condition: threading.Condition, timeout: float | None) -> bool:
        if threading.get_ident() == self._loop_id:
            return self._wait_for_foreigner(condition, timeout)
        if not condition._is_owned():  # type: ignore[attr-defined]  # same check, same message as the real one
            raise RuntimeError("cannot wait on un-acquired lock")
        baton = self._batons[threading.get_ident()]
        waiter = _Waiter(lambda: self._resume_soon(baton))
        waiters: Any = condition._waiters  # type: ignore[attr-defined]
        waiters.append(waiter)
        saved = condition._release_save()  # type: ignore[attr-defined]
        try:
            if timeout is None or timeout > 0:
                self._park(f"Condition.wait(timeout={timeout})", timeout)
        finally:
            condition._acquire_restore(saved)  # type: ignore[attr-defined]
            if not waiter.released and waiter in waiters:
                waiters.remove(waiter)
        return waiter.released

    def _wait_for_foreigner(self, condition: threading.Condition, timeout: float | None) -> bool:
        """A wait on the loop's own thread: no thread of the simulation runs meanwhile, so only one that is not of it
        can end it, as the output of a notebook's cells does. It has a moment of real time, and costs no virtual one.
        """
        if timeout is not None and _real_wait(condition, min(timeout, _FOREIGN_LIMIT_S)):
            return True
        raise SimulationError(
            "a threading wait on the event loop's own thread would stop virtual time for ever; "
            "await an asyncio primitive, or wait in a thread"
        )

    def _join(self, thread: threading.Thread, timeout: float | None) -> None:
        target = self._by_thread[thread]
        if not target.done:
            if threading.get_ident() == self._loop_id:
                raise SimulationError(
                    f"joining thread {thread.name!r} on the event loop's own thread would stop virtual time; "
                    "use `await asyncio.to_thread(thread.join)` outside a simulation, or let it end first"
                )
            baton = self._batons[threading.get_ident()]
            target.joiners.append(lambda: self._resume_soon(baton))
            self._park(f"{thread.name}.join()", timeout)
        if target.done:
            _real_join(thread, 1.0)
