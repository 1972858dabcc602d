"""The gateway's side of every engine: batches, sends, repeats. An engine adds only how one batch is sent once."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass

from framework.chance import default_chance
from framework.clock import loop_ms
from framework.errors import InvalidUse
from framework.mq.core.batch import Batcher
from framework.mq.core.retry import backoff_ms
from framework.mq.core.settled import Settled
from framework.mq.envelope import Batch, Envelope
from framework.mq.errors import BatchTooLarge, NotAccepted
from framework.mq.port import Send
from framework.ports import Chance

__all__ = ["Outbox", "OutboxSnapshot"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class OutboxSnapshot:
    """Counters since the start, and what waits now."""

    published: int
    accepted: int
    batches: int
    repeats: int
    too_large: int
    waiting: int
    waiting_bytes: int


class Outbox:
    """A Publisher over `send`, which is offered each batch until it accepts it.

    Args:
        send: see `framework.mq.port.Send`.
        batcher: how events are put together and how many may wait.
        chance: jitter of the waits between offers.
    """

    def __init__(self, send: Send, *, batcher: Batcher | None = None, chance: Chance | None = None) -> None:
        self._send = send
        self._batcher = batcher or Batcher()
        self._chance = chance or default_chance()
        self._settled = Settled()
        self._tasks: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._room = asyncio.Event()
        self._room.set()
        self._failing: set[int] = set()
        self._closed = False
        self._published = self._accepted = self._batches = self._repeats = self._too_large = 0

    def __repr__(self) -> str:
        state = f"waiting={self._batcher.waiting} accepted={self._accepted} failing={len(self._failing)}"
        return f"<{type(self).__name__} {state}>"

    async def start(self) -> None:
        """Nothing is needed."""

    def publish_nowait(self, event: Envelope) -> None:
        """See Publisher."""
        if self._closed:
            raise InvalidUse("the publisher is closed; nothing more can be published")
        now_ms = loop_ms()
        due = self._batcher.add(event, now_ms)
        self._settled.sent(event.session_id, event.seq)
        self._published += 1
        if not self._batcher.has_room:
            self._room.clear()
        if due is not None:
            self._take(due, now_ms)
        elif self._timer is None:
            self._set_timer(now_ms)

    async def ready(self) -> None:
        """See Publisher."""
        await self._room.wait()

    def settled(self, session_id: str) -> int | None:
        """See Publisher."""
        return self._settled.up_to(session_id)

    async def close(self, wait_s: float = 10.0) -> int:
        """See Publisher."""
        self._closed = True
        self._room.set()  # who waits for room is told by `publish_nowait`
        self._batcher.hurry()
        self._on_timer()
        try:
            async with asyncio.timeout(wait_s):
                while self._tasks:
                    await asyncio.wait(self._tasks)
        except TimeoutError:
            _log.warning("%d events were accepted by nobody before the publisher closed", self._batcher.waiting)
        finally:
            if self._timer is not None:
                self._timer.cancel()
            for task in self._tasks:
                task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        return self._batcher.waiting

    def snapshot(self) -> OutboxSnapshot:
        """The counters now."""
        return OutboxSnapshot(
            self._published, self._accepted, self._batches, self._repeats, self._too_large,
            self._batcher.waiting, self._batcher.waiting_bytes,
        )  # fmt: skip

    def _set_timer(self, now_ms: int) -> None:
        deadline_ms = self._batcher.deadline_ms()
        if deadline_ms is not None:
            self._timer = asyncio.get_running_loop().call_later(max(0, deadline_ms - now_ms) / 1000, self._on_timer)

    def _on_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        now_ms = loop_ms()
        for batch in self._batcher.take_due(now_ms):
            self._carry_on(batch)
        self._set_timer(now_ms)

    def _take(self, partition: int, now_ms: int) -> None:
        batch = self._batcher.take(partition, now_ms)
        if batch is not None:
            self._carry_on(batch)
        elif self._timer is None:
            self._set_timer(now_ms)

    def _carry_on(self, batch: Batch) -> None:
        task = asyncio.create_task(self._carry(batch), name=f"forward partition {batch.partition}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _carry(self, batch: Batch) -> None:
        await self._offer(batch)
        self._batcher.settle(batch.partition)
        self._batches += 1
        self._accepted += len(batch.events)
        for event in batch.events:
            self._settled.accepted(event.session_id, event.seq)
        if self._batcher.has_room:
            self._room.set()
        self._take(batch.partition, loop_ms())

    async def _offer(self, batch: Batch) -> None:
        """Returns when the batch was accepted, if need be in parts, one after the other."""
        attempt = 0
        while True:
            try:
                await self._send(batch)
            except BatchTooLarge as error:
                await self._halve(batch, error)
            except Exception as error:
                # Whatever it is, an event that is given up is lost for ever, and one that waits is not.
                self._tell(batch.partition, error)
                self._repeats += 1
                asked_ms = error.retry_after_ms if isinstance(error, NotAccepted) else None
                await asyncio.sleep(backoff_ms(attempt, self._chance(), asked_ms) / 1000)
                attempt += 1
                continue
            if batch.partition in self._failing:
                self._failing.remove(batch.partition)
                if not self._failing:
                    _log.info("events are accepted again")
            return

    async def _halve(self, batch: Batch, error: BatchTooLarge) -> None:
        middle = len(batch.events) // 2
        if middle:
            await self._offer(Batch(batch.partition, batch.events[:middle]))
            await self._offer(Batch(batch.partition, batch.events[middle:]))
            return
        (event,) = batch.events
        self._too_large += 1
        _log.error("%s of guild %d is lost, %s: raise the limit there", event.type, event.guild_id, error)

    def _tell(self, partition: int, error: Exception) -> None:
        if not self._failing:
            _log.warning("events are not accepted and wait here; asking again: %s", str(error) or type(error).__name__)
        self._failing.add(partition)
