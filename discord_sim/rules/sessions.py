"""A gateway session: its sequence, what it replays on resume, how long it outlives its connection."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from discord_sim.rules.presence import PRESENCES_MAX, PRESENCES_WINDOW_MS
from discord_sim.wire import SESSION_KEPT_MS

__all__ = ["REPLAY_MAX", "Session", "frame"]

REPLAY_MAX = 5_000
"""Events kept for a resume; real values are reported between 2,000 and 10,000."""


def frame(event: str, seq: int, data: bytes) -> bytes:
    """A dispatch as it goes over the wire; keys in the order Discord sends them."""
    return b'{"t":"%s","s":%d,"op":0,"d":%s}' % (event.encode(), seq, data)


@dataclass(slots=True, eq=False)
class Session:
    """One identified shard. It outlives its connection by `kept_ms`, and replays up to `replay_max` events."""

    id: str
    number: int
    token: str = field(repr=False)
    bot_id: int = 0
    shard_id: int = 0
    shard_count: int = 1
    intents: int = 0
    large_threshold: int = 50
    seq: int = 0
    kept_ms: int = SESSION_KEPT_MS
    replay_max: int = REPLAY_MAX
    lost_at_ms: int | None = None
    presences_at_ms: deque[int] = field(default_factory=lambda: deque(maxlen=PRESENCES_MAX), repr=False)
    replay: deque[tuple[int, bytes]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.replay = deque(maxlen=self.replay_max)

    def wants(self, intent_mask: int) -> bool:
        """Whether the session's intents open an event that needs `intent_mask`."""
        return intent_mask == 0 or self.intents & intent_mask != 0

    def may_change_presence(self, now_ms: int) -> bool:
        """Book a change of presence; False where there were too many lately."""
        times = self.presences_at_ms
        if len(times) == PRESENCES_MAX and now_ms < times[0] + PRESENCES_WINDOW_MS:
            return False
        times.append(now_ms)
        return True

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
        return self.lost_at_ms is not None and now_ms >= self.lost_at_ms + self.kept_ms
