"""Waiting for the limits over all routes: one queue for each priority, the oldest of the highest first."""

from __future__ import annotations

import asyncio
from collections import deque

from framework.clock import loop_ms
from framework.ports import GlobalLimit
from framework.rest.core.invalid_budget import InvalidBudget
from framework.rest.priority import Priority

__all__ = ["Turns"]


class Turns:
    """Lets calls pass as the global limit and the pace of the invalid budget allow."""

    def __init__(self, limit: GlobalLimit, budget: InvalidBudget) -> None:
        self._limit, self._budget = limit, budget
        self._queues: dict[Priority, deque[asyncio.Future[None]]] = {level: deque() for level in Priority}
        self._queued = 0  # in all queues, with those who were cancelled and not yet passed over
        self._timer: asyncio.TimerHandle | None = None

    def __repr__(self) -> str:
        return f"<Turns waiting={len(self)}>"

    def __len__(self) -> int:
        return sum(not turn.done() for queue in self._queues.values() for turn in queue)

    def take_now(self, level: Priority, now_ms: int) -> bool:
        """Take a turn, to be followed by `left` or `give_back`, if nobody has to wait for one."""
        if self._queued or self._limit.ready_at(now_ms) != now_ms:
            return False
        if self._budget.in_window and self._ready_at(now_ms, level) != now_ms:
            return False
        self._limit.reserve()
        return True

    async def take(self, level: Priority) -> None:
        """Wait for a turn. Cancelling takes none."""
        turn = asyncio.get_running_loop().create_future()
        self._queues[level].append(turn)
        self._queued += 1
        self._pump()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.give_back()
            raise

    def left(self, now_ms: int) -> None:
        """Who had a turn leaves now."""
        self._limit.left(now_ms)
        if self._budget.in_window:  # else there is no pace to keep
            self._budget.take(now_ms)
        if self._queued:
            self._pump()

    def give_back(self) -> None:
        """Who had a turn will never leave."""
        self._limit.give_back()
        self._pump()

    def pause(self, until_ms: int) -> None:
        """Nobody passes before `until_ms`."""
        self._limit.pause(until_ms)

    def close(self) -> None:
        """Cancel everybody who waits."""
        if self._timer is not None:
            self._timer.cancel()
        for queue in self._queues.values():
            for turn in queue:
                turn.cancel()

    def _ready_at(self, now_ms: int, level: Priority) -> int | None:
        at_ms = self._limit.ready_at(now_ms)
        return None if at_ms is None else max(at_ms, self._budget.ready_at(now_ms, low=level is Priority.LOW))

    def _pump(self) -> None:
        """Let through who may go now; set one timer for the next."""
        if self._timer is None and not self._queued:
            return
        wake_ms: int | None = None
        for level, queue in self._queues.items():
            while queue:
                if queue[0].done():
                    queue.popleft()  # cancelled: it takes no turn
                    self._queued -= 1
                    continue
                now_ms = loop_ms()
                at_ms = self._ready_at(now_ms, level)
                if at_ms is None:
                    break  # the departure of somebody else will pump
                if at_ms > now_ms:
                    wake_ms = at_ms if wake_ms is None else min(wake_ms, at_ms)
                    break
                self._limit.reserve()
                queue.popleft().set_result(None)
                self._queued -= 1
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if wake_ms is not None:
            delay_s = max(0, wake_ms - loop_ms()) / 1000
            self._timer = asyncio.get_running_loop().call_later(delay_s, self._pump)
