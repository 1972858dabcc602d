"""Work in lanes: one piece after the other in each lane, lanes beside one another, by few tasks.

A worker is an ordinary task that carries one piece after the other. A piece that waits for nothing costs no task of its
own, and nobody asks for its lane: what one worker carries is in order. Only when a piece waits, and the next turn of
the loop gives the rest to another worker, are lanes told apart. A worker whose task was cancelled, or whose context was
changed by a piece, ends with that piece.
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
    """Carries pieces.

    Args:
        carry: awaited for each piece; it must not raise but for cancellation.
        lane_of: the lane of a piece, if it ever matters.
        on_wait: told when a piece has to wait in its lane, with how many do.
    """

    def __init__(
        self,
        carry: Callable[[T], Awaitable[None]],
        lane_of: Callable[[T], int],
        on_wait: Callable[[int, int], None] | None = None,
    ) -> None:
        self._carry, self._lane_of, self._on_wait = carry, lane_of, on_wait
        self._ready: deque[T] = deque()
        self._carried: dict[asyncio.Task[None], T] = {}  # by workers that did not ask for its lane
        self._busy: dict[int, deque[T]] = {}  # lanes in which a piece is under way, and what waits behind it
        self._idle: list[asyncio.Future[None]] = []
        self._workers: set[asyncio.Task[None]] = set()
        self._is_armed = False
        self._quiet: asyncio.Event | None = None

    def __repr__(self) -> str:
        return f"<Lanes ready={len(self._ready)} busy={len(self._busy)} workers={len(self._workers)}>"

    def __bool__(self) -> bool:
        """Whether anything is under way."""
        return bool(self._ready or self._carried or self._busy)

    def waiting(self, lane: int) -> int:
        """How many pieces are known to wait in a lane behind the one that is being carried."""
        return len(self._busy.get(lane, ()))

    def put(self, piece: T) -> None:
        """Append to a lane."""
        self._ready.append(piece)
        if not self._is_armed:
            self._arm()

    async def close(self, timeout_s: float) -> None:
        """Wait until everything is carried; what is not within `timeout_s` is cancelled."""
        if self:
            self._quiet = asyncio.Event()
            try:
                await asyncio.wait_for(self._quiet.wait(), timeout_s)
            except TimeoutError:
                pass  # who takes that long is cancelled
            finally:
                self._quiet = None
        self._ready.clear()
        self._busy.clear()
        for worker in self._workers:
            worker.cancel()
        await asyncio.gather(*self._workers, return_exceptions=True)

    # -- inside ------------------------------------------------------------------------------------------

    def _arm(self) -> None:
        self._is_armed = True
        asyncio.get_running_loop().call_soon(self._wake)

    def _wake(self) -> None:
        """Give what is ready to another worker: whoever carries something now is waiting for something."""
        self._is_armed = False
        if not self._ready:
            return
        self._tell_apart()
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

    def _tell_apart(self) -> None:
        """Whatever is carried now is waiting for something: its lane is busy."""
        for piece in self._carried.values():
            self._busy[self._lane_of(piece)] = deque()
        self._carried.clear()

    async def _work(self) -> None:
        task = asyncio.current_task()
        assert task is not None
        clean, ready, carried = copy_context(), self._ready, self._carried
        while True:
            while ready:
                if carried:
                    self._tell_apart()
                piece = ready.popleft()
                if self._busy and self._has_to_wait(piece):
                    continue
                carried[task] = piece
                try:
                    await self._carry(piece)
                    if task not in carried:  # it had to wait, and others behind it
                        queue = self._busy.get(self._lane_of(piece), ())
                        while queue and not task.cancelling() and copy_context() == clean:
                            await self._carry(queue.popleft())
                finally:
                    if carried.pop(task, None) is None:
                        self._release(self._lane_of(piece))
                    if self._quiet is not None and not self:
                        self._quiet.set()
                if task.cancelling() or copy_context() != clean:
                    return
            if len(self._idle) >= _IDLE_MAX:
                return
            idle: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._idle.append(idle)
            await idle

    def _has_to_wait(self, piece: T) -> bool:
        lane = self._lane_of(piece)
        queue = self._busy.get(lane)
        if queue is None:
            return False
        queue.append(piece)
        if self._on_wait is not None:
            self._on_wait(lane, len(queue))
        return True

    def _release(self, lane: int) -> None:
        """A lane is free again; what still waits in it goes on before all else."""
        queue = self._busy.pop(lane, None)
        if queue:
            self._ready.extendleft(reversed(queue))
        if self._ready and not self._is_armed:
            self._arm()
