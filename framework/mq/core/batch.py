"""When events leave together: as soon as enough wait in a partition, or the first has waited long enough.

One batch per partition is under way at a time, so that one which must be sent again is overtaken by none.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from framework.errors import InvalidUse
from framework.mq.envelope import Batch, Envelope
from framework.mq.errors import ForwardingFull

__all__ = ["Batcher"]


@dataclass(slots=True)
class _Lane:
    waiting: deque[tuple[int, Envelope]] = field(default_factory=deque)  # (since_ms, event)
    flying: Batch | None = None


class Batcher:
    """The events that nobody has accepted yet, by partition.

    Args:
        events_max: so many events leave at once.
        linger_ms: how long an event waits for company.
        bytes_max: bodies in one batch; a larger event travels alone.
        waiting_max, waiting_max_bytes: what is held at most; from half of either, there is no room.

    Raises:
        InvalidUse: an argument cannot be.
    """

    __slots__ = ("_bytes_max", "_events_max", "_lanes", "_linger_ms", "_waiting_max", "_waiting_max_bytes",
                 "waiting", "waiting_bytes")  # fmt: skip

    def __init__(
        self, *, events_max: int = 25, linger_ms: int = 5, bytes_max: int = 512 << 10, waiting_max: int = 20_000,
        waiting_max_bytes: int = 128 << 20,
    ) -> None:  # fmt: skip
        if min(events_max, bytes_max, waiting_max, waiting_max_bytes) < 1 or linger_ms < 0:
            raise InvalidUse("a batch holds at least 1 event and 1 byte, and waits 0 ms or longer")
        self._events_max, self._linger_ms, self._bytes_max = events_max, linger_ms, bytes_max
        self._waiting_max, self._waiting_max_bytes = waiting_max, waiting_max_bytes
        self._lanes: dict[int, _Lane] = {}
        self.waiting = self.waiting_bytes = 0

    @property
    def has_room(self) -> bool:
        """Whether less than half of what may be held is held."""
        return 2 * self.waiting < self._waiting_max and 2 * self.waiting_bytes < self._waiting_max_bytes

    def add(self, event: Envelope, now_ms: int) -> int | None:
        """Take an event; returns its partition where that is due at once. Raises ForwardingFull: it was not taken."""
        if self.waiting >= self._waiting_max or self.waiting_bytes >= self._waiting_max_bytes:
            raise ForwardingFull(self.waiting, self.waiting_bytes)
        partition = event.partition
        lane = self._lanes.get(partition)
        if lane is None:
            lane = self._lanes[partition] = _Lane()
        lane.waiting.append((now_ms, event))
        self.waiting += 1
        self.waiting_bytes += len(event.data)
        return partition if self._is_due(lane, now_ms) else None

    def take(self, partition: int, now_ms: int) -> Batch | None:
        """The batch of a partition that is due now, if there is one; it is under way until `settle`."""
        lane = self._lanes.get(partition)
        if lane is None or not self._is_due(lane, now_ms):
            return None
        events: list[Envelope] = []
        size = 0
        while lane.waiting and len(events) < self._events_max:
            event = lane.waiting[0][1]
            size += len(event.data)
            if events and size > self._bytes_max:
                break
            events.append(event)
            lane.waiting.popleft()
        lane.flying = Batch(partition, tuple(events))
        return lane.flying

    def take_due(self, now_ms: int) -> list[Batch]:
        """The batches of all partitions that are due now."""
        return [batch for partition in self._lanes if (batch := self.take(partition, now_ms)) is not None]

    def settle(self, partition: int) -> None:
        """The batch under way was accepted."""
        lane = self._lanes[partition]
        assert lane.flying is not None
        self.waiting -= len(lane.flying.events)
        self.waiting_bytes -= sum(len(event.data) for event in lane.flying.events)
        lane.flying = None

    def hurry(self) -> None:
        """From now on nothing waits for company."""
        self._linger_ms = 0

    def deadline_ms(self) -> int | None:
        """When the next batch is due, if no event comes and none is accepted before."""
        first = [lane.waiting[0][0] for lane in self._lanes.values() if lane.waiting and lane.flying is None]
        return min(first) + self._linger_ms if first else None

    def _is_due(self, lane: _Lane, now_ms: int) -> bool:
        if lane.flying is not None or not lane.waiting:
            return False
        return len(lane.waiting) >= self._events_max or lane.waiting[0][0] + self._linger_ms <= now_ms
