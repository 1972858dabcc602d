"""Forwarding inside one process: the same promises, without a wire. The default."""

from __future__ import annotations

import asyncio

from framework.mq.core.batch import Batcher
from framework.mq.envelope import Batch
from framework.mq.errors import NotAccepted
from framework.mq.inbox import Inbox, InboxSnapshot
from framework.mq.outbox import Outbox
from framework.mq.port import OnEvent, Positions
from framework.ports import Chance

__all__ = ["MemoryConsumer", "in_process"]


class MemoryConsumer:
    """A Consumer in the gateway's own process. What is published before `start` waits for it."""

    def __init__(self, positions: Positions | None = None) -> None:
        self._positions = positions
        self._inbox: Inbox | None = None
        self._started = asyncio.Event()
        self._in_hand: set[asyncio.Task[None]] = set()

    def __repr__(self) -> str:
        return f"<MemoryConsumer {self._inbox!r}>"

    async def start(self, on_event: OnEvent) -> None:
        """See Consumer."""
        self._inbox = Inbox(on_event, self._positions)
        self._started.set()

    async def close(self, wait_s: float = 10.0) -> None:
        """See Consumer."""
        self._started.clear()
        if self._in_hand:
            _, late = await asyncio.wait(self._in_hand, timeout=wait_s)
            for task in late:
                task.cancel()

    def snapshot(self) -> InboxSnapshot:
        """The counters since the last `start`."""
        return InboxSnapshot(0, 0, 0) if self._inbox is None else self._inbox.snapshot()

    async def take(self, batch: Batch) -> None:
        """Handle a batch; the `send` of the publisher beside it."""
        await self._started.wait()
        assert self._inbox is not None
        work = asyncio.create_task(self._inbox.handle(batch), name=f"handle partition {batch.partition}")
        self._in_hand.add(work)
        work.add_done_callback(self._in_hand.discard)
        await asyncio.wait({work})  # whoever gives up waiting does not stop the handlers
        if work.cancelled():
            raise NotAccepted("the consumer closed before the batch was handled")
        work.result()


def in_process(
    *, batcher: Batcher | None = None, positions: Positions | None = None, chance: Chance | None = None
) -> tuple[Outbox, MemoryConsumer]:
    """A publisher and its consumer. By default nothing waits for company: there is no wire to save."""
    consumer = MemoryConsumer(positions)
    return Outbox(consumer.take, batcher=batcher or Batcher(linger_ms=0), chance=chance), consumer
