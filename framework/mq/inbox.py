"""The bot's side of every engine: drops doubles, keeps each guild's order, says when a batch is handled."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable
from dataclasses import dataclass

from framework.mq.core.dedup import Seen
from framework.mq.envelope import PARTITIONS, Batch, Envelope
from framework.mq.port import OnEvent, Positions

__all__ = ["Inbox", "InboxSnapshot"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class InboxSnapshot:
    """Counters since the start."""

    handled: int
    failed: int
    doubles: int


class Inbox:
    """Hands events to `on_event`: those of one guild one after the other, those of others meanwhile.

    Args:
        on_event: see `framework.mq.port.OnEvent`.
        positions: what was handled before; by default this process's own memory.
    """

    def __init__(self, on_event: OnEvent, positions: Positions | None = None) -> None:
        self._on_event = on_event
        self._positions: Positions = Seen() if positions is None else positions
        self._locks = [asyncio.Lock() for _ in range(PARTITIONS)]
        self._handled = self._failed = self._doubles = 0

    def __repr__(self) -> str:
        return f"<Inbox handled={self._handled} doubles={self._doubles}>"

    def snapshot(self) -> InboxSnapshot:
        """The counters now."""
        return InboxSnapshot(self._handled, self._failed, self._doubles)

    async def handle(self, batch: Batch) -> None:
        """Returns when every event of the batch is handled, now or earlier. Batches of a partition wait in line.

        Cancelled, it leaves what was handled known as such.
        """
        async with self._locks[batch.partition]:
            lanes: dict[int, deque[Envelope]] = {}
            async with asyncio.TaskGroup() as guilds:
                for event in batch.events:
                    key = event.guild_id or -1 - event.shard_id
                    lane = lanes.get(key)
                    if lane is not None:
                        lane.append(event)
                    elif (pending := self._begin(event)) is not None:
                        lane = lanes[key] = deque()
                        guilds.create_task(self._drain(event, pending, lane))
            for session_id, seq in {event.session_id: event.seq for event in batch.events}.items():
                self._positions.settle(batch.partition, session_id, seq)

    def _begin(self, event: Envelope) -> Awaitable[None] | None:
        """What is left to be awaited of an event; None where it is handled."""
        if not self._positions.is_new(event.partition, event.session_id, event.seq):
            self._doubles += 1
            return None
        try:
            pending = self._on_event(event)
        except Exception:
            self._failed += 1
            _log.exception("%s of guild %d could not be handled", event.type, event.guild_id)
            pending = None
        if pending is None:
            self._finish(event)
        return pending

    def _finish(self, event: Envelope) -> None:
        self._positions.done(event.partition, event.session_id, event.seq)
        self._handled += 1

    async def _drain(self, event: Envelope, pending: Awaitable[None], lane: deque[Envelope]) -> None:
        while True:
            try:
                await pending
            except Exception:
                self._failed += 1
                _log.exception("%s of guild %d could not be handled", event.type, event.guild_id)
            self._finish(event)
            while True:
                if not lane:
                    return
                event = lane.popleft()
                following = self._begin(event)
                if following is not None:
                    pending = following
                    break
