"""Work in lanes: one piece after the other in each lane, lanes beside one another, by few tasks.

A worker is an ordinary task that carries one piece after the other. A piece that waits for nothing costs no task of its
own; one that waits keeps its worker, and the next turn of the loop gives the rest to another one. A worker whose task
was cancelled, or whose context was changed by a piece, ends with that piece.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from contextvars import copy_context
from typing import Generic, TypeVar

__all__ = ["Lanes"]

T = TypeVar("T")
_IDLE_MAX = 8


class Lanes(Generic[T]):
    """`carry(key, piece)` is awaited for each piece; it must not raise but for cancellation."""

    def __init__(self, carry: Callable[[int, T], Awaitable[None]]) -> None:
        self._carry = carry
        self._waiting: dict[int, deque[T] | None] = {}  # a lane that is here is busy
        self._ready: deque[tuple[int, T]] = deque()
        self._idle: list[asyncio.Future[None]] = []
        self._workers: set[asyncio.Task[None]] = set()
        self._is_armed = False
        self._quiet: asyncio.Event | None = None

    def __repr__(self) -> str:
        return f"<Lanes busy={len(self._waiting)} workers={len(self._workers)}>"

    def __len__(self) -> int:
        """Lanes that are busy."""
        return len(self._waiting)

    def __contains__(self, key: int) -> bool:
        return key in self._waiting

    def waiting(self, key: int) -> int:
        """How many pieces wait in a lane behind the one that is being carried."""
        return len(self._waiting.get(key) or ())

    def put(self, key: int, piece: T) -> None:
        """Append to a lane."""
        if key not in self._waiting:
            self._waiting[key] = None
            self._ready.append((key, piece))
            if not self._is_armed:
                self._arm()
            return
        queue = self._waiting[key]
        if queue is None:
            self._waiting[key] = deque((piece,))
        else:
            queue.append(piece)

    async def close(self, timeout_s: float) -> None:
        """Wait until everything is carried; what is not within `timeout_s` is cancelled."""
        if self._waiting:
            self._quiet = asyncio.Event()
            try:
                await asyncio.wait_for(self._quiet.wait(), timeout_s)
            except TimeoutError:
                pass  # who takes that long is cancelled
            finally:
                self._quiet = None
        self._ready.clear()
        for worker in self._workers:
            worker.cancel()
        await asyncio.gather(*self._workers, return_exceptions=True)
        self._waiting.clear()

    # -- inside ------------------------------------------------------------------------------------------

    def _arm(self) -> None:
        self._is_armed = True
        asyncio.get_running_loop().call_soon(self._wake)

    def _wake(self) -> None:
        self._is_armed = False
        if not self._ready:
            return
        while self._idle:
            idle = self._idle.pop()
            if not idle.done():
                idle.set_result(None)
                break
        else:
            worker = asyncio.get_running_loop().create_task(self._work(), name="bot worker")
            self._workers.add(worker)
            worker.add_done_callback(self._workers.discard)
        self._arm()

    async def _work(self) -> None:
        task = asyncio.current_task()
        assert task is not None
        clean = copy_context()
        ready = self._ready
        while True:
            while ready:
                key, piece = ready.popleft()
                try:
                    await self._carry(key, piece)
                finally:
                    self._carried(key)
                if task.cancelling() or copy_context() != clean:
                    return
            if len(self._idle) >= _IDLE_MAX:
                return
            idle: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._idle.append(idle)
            await idle

    def _carried(self, key: int) -> None:
        queue = self._waiting[key]
        if queue:
            self._ready.append((key, queue.popleft()))
            if not self._is_armed:
                self._arm()
            return
        del self._waiting[key]
        if self._quiet is not None and not self._waiting:
            self._quiet.set()
