"""The event loop: asyncio's own, with a clock that jumps and a network that is memory."""

from __future__ import annotations

import asyncio
import collections
import concurrent.futures
import contextvars
import gc
import heapq
import itertools
import socket
from collections.abc import Callable
from typing import Any, NoReturn

from discord_sim.loop._clock import MONOTONIC_START_S, VirtualClock
from discord_sim.loop._errors import DeadlockError, LivelockError, UnsupportedInSimulation
from discord_sim.loop._network import Network, SimServer, current_host
from discord_sim.loop._report import describe_tasks
from discord_sim.loop._streams import Streams
from discord_sim.loop._transport import SimTransport

__all__ = ["SimLoop"]

_NS = 1_000_000_000
_START_NS = MONOTONIC_START_S * _NS


class _Births:
    """Numbers tasks and futures. Each loop begins anew: the order within a set depends on the numbers themselves."""

    next = itertools.count().__next__


class _ByBirth:
    """A hash that is the order of birth, so that sets iterate alike in every process."""

    _order: int

    def __hash__(self) -> int:
        try:
            return self._order
        except AttributeError:
            self._order = _Births.next()
            return self._order


class SimFuture(_ByBirth, asyncio.Future[Any]):
    """A future for ordered sets: `asyncio.wait` keeps them in one."""


class SimTask(_ByBirth, asyncio.Task[Any]):
    """A task for ordered sets: asyncio cancels and gathers over them. It runs on a simulated machine."""

    host: str


class _Timer(asyncio.TimerHandle):
    """A timer that a heap of `(when_ns, seq)` orders; ties go to the one set first."""


class SimLoop(asyncio.BaseEventLoop):
    """Runs what is ready in FIFO order, as asyncio promises; when nothing is, jumps to the next timer."""

    def __init__(self, clock: VirtualClock, streams: Streams, *, callbacks_per_instant_max: int = 1_000_000) -> None:
        super().__init__()
        _Births.next = itertools.count().__next__
        self.clock = clock
        self.streams = streams
        self.network = Network(self)
        self.describe_threads: Callable[[], list[str]] = list
        self._clock_resolution = 1e-9
        self._timers: list[tuple[int, int, asyncio.TimerHandle]] = []
        self._timer_seq = 0
        self._timers_cancelled = 0
        self._callbacks = 0
        self._progress_ns = -1
        self._progress_callbacks = 0
        self._per_instant_max = callbacks_per_instant_max
        self._recent: collections.deque[str] | None = None
        self._connecting: dict[int, SimTransport] = {}
        self.set_task_factory(self._make_task)

    def __repr__(self) -> str:
        return f"<SimLoop t={self.clock.now_ns / _NS:.3f} s ready={len(self._ready)} timers={len(self._timers)}>"  # type: ignore[attr-defined]

    # -- time --------------------------------------------------------------------------------------------

    def time(self) -> float:
        return (self.clock.now_ns + _START_NS) / _NS

    def call_soon(  # type: ignore[override]  # typeshed's TypeVarTuple form
        self, callback: Callable[..., object], *args: Any, context: contextvars.Context | None = None
    ) -> asyncio.Handle:
        handle = asyncio.Handle(callback, args, self, context)
        self._ready.append(handle)  # type: ignore[attr-defined]
        return handle

    # Only one simulated thread runs at a time, so there is nothing to guard and nobody to wake.
    call_soon_threadsafe = call_soon  # type: ignore[assignment]

    def call_later(  # type: ignore[override]  # typeshed's TypeVarTuple form
        self,
        delay: float,
        callback: Callable[..., object],
        *args: Any,
        context: contextvars.Context | None = None,
    ) -> asyncio.TimerHandle:
        if delay is None:
            raise TypeError("delay must not be None")
        return self.call_at(self.time() + delay, callback, *args, context=context)

    def call_at(  # type: ignore[override]  # typeshed's TypeVarTuple form
        self,
        when: float,
        callback: Callable[..., object],
        *args: Any,
        context: contextvars.Context | None = None,
    ) -> asyncio.TimerHandle:
        when_ns = int(when * _NS)
        if when_ns / _NS < when:  # never fire before `when` as the caller will compare it
            when_ns += 1
        return self._set_timer(when_ns - _START_NS, when, callback, args, context)

    def call_at_ns(
        self,
        when_ns: int,
        callback: Callable[..., object],
        *args: Any,
        context: contextvars.Context | None = None,
    ) -> asyncio.TimerHandle:
        """`call_at` in nanoseconds of the virtual clock, exact."""
        return self._set_timer(when_ns, (when_ns + _START_NS) / _NS, callback, args, context)

    def _set_timer(
        self,
        when_ns: int,
        when: float,
        callback: Callable[..., object],
        args: tuple[Any, ...],
        context: contextvars.Context | None,
    ) -> asyncio.TimerHandle:
        timer = _Timer(when, callback, args, self, context)
        timer._scheduled = True  # type: ignore[attr-defined]  # makes cancel() report to _timer_handle_cancelled
        self._timer_seq += 1
        heapq.heappush(self._timers, (when_ns, self._timer_seq, timer))
        return timer

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        self._timers_cancelled += 1
        if self._timers_cancelled > 512 and self._timers_cancelled * 2 > len(self._timers):
            self._timers = [entry for entry in self._timers if not entry[2].cancelled()]
            heapq.heapify(self._timers)
            self._timers_cancelled = 0

    def _run_once(self) -> None:
        ready = self._ready  # type: ignore[attr-defined]
        timers = self._timers
        if not ready:
            while timers and timers[0][2].cancelled():
                heapq.heappop(timers)
            if not timers:
                if self._stopping:  # type: ignore[attr-defined]
                    return
                raise DeadlockError(
                    "nothing is ready and no timer is set, so nothing can ever happen again. Waiting:\n"
                    + describe_tasks(self, self.describe_threads())
                )
            if timers[0][0] > self.clock.now_ns:
                self.clock.now_ns = timers[0][0]
        now = self.clock.now_ns
        while timers and timers[0][0] <= now:
            timer = heapq.heappop(timers)[2]
            timer._scheduled = False  # type: ignore[attr-defined]
            if not timer.cancelled():
                ready.append(timer)
        count = len(ready)
        self._watch(now, count)
        for _ in range(count):
            handle = ready.popleft()
            if not handle._cancelled:
                handle._run()

    def _watch(self, now_ns: int, count: int) -> None:
        """Garbage at fixed points (finalizers are events too), and an eye on progress."""
        before = self._callbacks
        self._callbacks += count
        if before // 20_000 != self._callbacks // 20_000:
            gc.collect(1)
        if now_ns != self._progress_ns:
            self._progress_ns, self._progress_callbacks, self._recent = now_ns, self._callbacks, None
            return
        spent = self._callbacks - self._progress_callbacks
        if spent > self._per_instant_max:
            if self._recent is None:
                self._recent = collections.deque(maxlen=1_000)
            self._recent.extend(_name_of(handle) for handle in list(self._ready)[:count])  # type: ignore[attr-defined]
            if len(self._recent) >= 1_000 or spent > self._per_instant_max + 100_000:
                top = collections.Counter(self._recent).most_common(5)
                self._progress_ns = -1  # what cleans up after this error starts with a fresh account
                raise LivelockError(
                    f"{spent:,} callbacks ran while virtual time stood still at {now_ns / _NS:.9f} s. Most often:\n"
                    + "\n".join(f"  {times:5} × {name}" for name, times in top)
                )

    # -- tasks -------------------------------------------------------------------------------------------

    def create_future(self) -> asyncio.Future[Any]:
        return SimFuture(loop=self)

    @staticmethod
    def _make_task(loop: asyncio.AbstractEventLoop, coro: Any, **kwargs: Any) -> asyncio.Task[Any]:
        task = SimTask(coro, loop=loop, **kwargs)
        context = kwargs.get("context")
        task.host = current_host.get() if context is None else context.get(current_host, "localhost")
        return task

    def run_in_executor(  # type: ignore[override]
        self, executor: concurrent.futures.Executor | None, func: Callable[..., Any], *args: Any
    ) -> asyncio.Future[Any]:
        """Runs `func` here and now: a pool's timing would be the machine's, not the simulation's."""
        future = self.create_future()
        try:
            future.set_result(func(*args))
        except (SystemExit, KeyboardInterrupt):
            raise
        except BaseException as error:
            future.set_exception(error)
        return future

    async def shutdown_default_executor(self, timeout: float | None = None) -> None:
        """There is none."""

    # -- network -----------------------------------------------------------------------------------------

    async def getaddrinfo(
        self, host: Any, port: Any, *, family: int = 0, type: int = 0, proto: int = 0, flags: int = 0
    ) -> list[Any]:
        name = host.decode() if isinstance(host, bytes) else host or ""
        if family == socket.AF_INET6:
            raise socket.gaierror(socket.EAI_NONAME, "the simulated network speaks IPv4 only")
        number = {"http": 80, "ws": 80, "https": 443, "wss": 443}.get(port, port) if isinstance(port, str) else port
        address = (self.network.resolve(name), int(number or 0))
        return [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", address)]

    async def getnameinfo(self, sockaddr: Any, flags: int = 0) -> tuple[str, str]:
        return str(sockaddr[0]), str(sockaddr[1])

    async def sock_connect(self, sock: socket.socket, address: Any) -> None:
        host, port = address[:2]
        self._connecting[id(sock)] = transport = await self.network.connect(self.network.resolve(host), port)
        transport.keep_alive = sock

    async def create_connection(  # type: ignore[override]
        self,
        protocol_factory: Callable[[], asyncio.BaseProtocol],
        host: str | None = None,
        port: int | None = None,
        *,
        ssl: Any = None,
        sock: socket.socket | None = None,
        **_: Any,
    ) -> tuple[SimTransport, asyncio.BaseProtocol]:
        """TLS is accepted and skipped: handshake bytes are random, and the names are ours anyway."""
        if sock is not None:
            transport = self._connecting.pop(id(sock), None)
            if transport is None:
                raise UnsupportedInSimulation(
                    "create_connection(sock=…) with a socket that was not connected through loop.sock_connect"
                )
        else:
            transport = await self.network.connect(self.network.resolve(host or ""), int(port or 0))
        protocol = protocol_factory()
        transport.bind(protocol, secure=bool(ssl))
        return transport, protocol

    async def create_server(  # type: ignore[override]
        self,
        protocol_factory: Callable[[], asyncio.BaseProtocol],
        host: Any = None,
        port: int | None = None,
        *,
        sock: socket.socket | None = None,
        ssl: Any = None,
        **_: Any,
    ) -> SimServer:
        number = sock.getsockname()[1] if sock is not None else int(port or 0)
        listener = self.network.listen(protocol_factory, number, secure=bool(ssl))
        return SimServer(self, self.network, [listener])

    async def start_tls(  # type: ignore[override]
        self, transport: SimTransport, protocol: asyncio.BaseProtocol, sslcontext: Any, **_: Any
    ) -> SimTransport:
        transport.set_protocol(protocol)
        return transport

    # -- the fence ---------------------------------------------------------------------------------------

    def _write_to_self(self) -> None:
        """Nobody sleeps in a selector."""

    def _process_events(self, event_list: Any) -> None:
        """There are no events from outside."""

    def _refuse(self, what: str, advice: str = "") -> NoReturn:
        raise UnsupportedInSimulation(f"{what} would leave the simulated world{advice}")

    def add_reader(self, fd: Any, callback: Any, *args: Any) -> None:  # type: ignore[override]  # typeshed's TypeVarTuple form
        self._refuse(
            "loop.add_reader",
            "; if this is aiodns, uninstall it or give aiohttp a ThreadedResolver, whose names the simulation answers",
        )

    def add_writer(self, fd: Any, callback: Any, *args: Any) -> None:  # type: ignore[override]  # typeshed's TypeVarTuple form
        self._refuse("loop.add_writer")

    def remove_reader(self, fd: Any) -> bool:
        return False

    def remove_writer(self, fd: Any) -> bool:
        return False

    def add_signal_handler(self, sig: int, callback: Any, *args: Any) -> None:  # type: ignore[override]  # typeshed's TypeVarTuple form
        self._refuse("loop.add_signal_handler", "; stop the program by its own method")

    def remove_signal_handler(self, sig: int) -> bool:
        return False

    async def create_datagram_endpoint(self, *_: Any, **__: Any) -> NoReturn:
        self._refuse("UDP (create_datagram_endpoint)")

    async def create_unix_connection(self, *_: Any, **__: Any) -> NoReturn:
        self._refuse("a Unix socket (create_unix_connection)")

    async def create_unix_server(self, *_: Any, **__: Any) -> NoReturn:
        self._refuse("a Unix socket (create_unix_server)")

    async def subprocess_exec(self, *_: Any, **__: Any) -> NoReturn:
        self._refuse("a subprocess (subprocess_exec)")

    async def subprocess_shell(self, *_: Any, **__: Any) -> NoReturn:
        self._refuse("a subprocess (subprocess_shell)")

    async def connect_read_pipe(self, *_: Any) -> NoReturn:
        self._refuse("a pipe (connect_read_pipe)")

    async def connect_write_pipe(self, *_: Any) -> NoReturn:
        self._refuse("a pipe (connect_write_pipe)")

    async def sock_recv(self, sock: Any, nbytes: int) -> NoReturn:
        self._refuse("sock_recv", "; use streams or protocols")

    async def sock_sendall(self, sock: Any, data: Any) -> NoReturn:
        self._refuse("sock_sendall", "; use streams or protocols")

    async def sock_accept(self, sock: Any) -> NoReturn:
        self._refuse("sock_accept", "; use create_server")


def _name_of(handle: asyncio.Handle) -> str:
    callback: Any = handle._callback  # type: ignore[attr-defined]
    owner = getattr(callback, "__self__", None)
    if isinstance(owner, asyncio.Task):
        return f"task {owner.get_name()} {getattr(owner.get_coro(), '__qualname__', '')}"
    return str(getattr(callback, "__qualname__", callback))
