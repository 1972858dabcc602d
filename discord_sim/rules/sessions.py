"""A gateway session: its sequence, what it replays on resume, how long it outlives its connection."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from discord_sim.wire import SESSION_KEPT_MS

__all__ = ["REPLAY_MAX", "Session", "frame"]

REPLAY_MAX = 5_000
"""Events kept for a resume; real values are reported between 2,000 and 10,000."""


def frame(event: str, seq: int, data: bytes) -> bytes:
    """A dispatch as it goes over the wire; keys in the order Discord sends them."""
    return b'{"t":"%s","s":%d,"op":0,"d":%s}' % (event.encode(), seq, data)


@dataclass(slots=True, eq=False)
class Session:
    """One identified shard. It lives on while its connection is lost, for `SESSION_KEPT_MS`."""

    id: str
    number: int
    token: str = field(repr=False)
    shard_id: int = 0
    shard_count: int = 1
    intents: int = 0
    seq: int = 0
    lost_at_ms: int | None = None
    replay: deque[tuple[int, bytes]] = field(default_factory=lambda: deque(maxlen=REPLAY_MAX), repr=False)

    def wants(self, intent_mask: int) -> bool:
        """Whether the session's intents open an event that needs `intent_mask`."""
        return intent_mask == 0 or self.intents & intent_mask != 0

    def push(self, event: str, data: bytes) -> bytes:
        """Give the event the next sequence number, keep it for a resume, and return its frame."""
        self.seq += 1
        payload = frame(event, self.seq, data)
        self.replay.append((self.seq, payload))
        return payload

    def missed_since(self, seq: int) -> list[bytes] | None:
        """The frames after `seq` in order; None when the buffer no longer reaches back that far."""
        if self.seq > seq and (not self.replay or self.replay[0][0] > seq + 1):
            return None
        return [payload for number, payload in self.replay if number > seq]

    def is_gone(self, now_ms: int) -> bool:
        """Whether it was lost too long ago to be resumed."""
        return self.lost_at_ms is not None and now_ms >= self.lost_at_ms + SESSION_KEPT_MS
