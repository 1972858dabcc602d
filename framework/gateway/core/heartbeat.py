"""Heartbeats: the first after a random part of the interval, then one per interval; no ACK between two of them
means the connection is a zombie."""

from __future__ import annotations

from dataclasses import dataclass, replace

__all__ = ["Heartbeat"]


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """The state of one connection's heartbeat. `flying` are the times of the beats without an ACK, oldest first."""

    interval_ms: int
    due_ms: int
    flying: tuple[int, ...] = ()
    latency_ms: int | None = None

    @classmethod
    def start(cls, interval_ms: int, now_ms: int, draw: float) -> Heartbeat:
        """HELLO has come; `draw` in [0, 1) spreads the first beats of a fleet."""
        return cls(interval_ms, now_ms + int(interval_ms * draw))

    def is_zombie(self, now_ms: int) -> bool:
        """The next beat is due and an earlier one was never acknowledged; one that left a moment ago, since somebody
        asked, has not had the time."""
        return now_ms >= self.due_ms and bool(self.flying) and self.flying[0] <= self.due_ms - self.interval_ms // 2

    def beat(self, now_ms: int) -> Heartbeat:
        """A beat leaves now: on time, or because somebody asked (which moves no deadline)."""
        due_ms = self.due_ms + self.interval_ms if now_ms >= self.due_ms else self.due_ms
        if due_ms <= now_ms:  # the process slept through a beat; do not catch up in a burst
            due_ms = now_ms + self.interval_ms
        return replace(self, due_ms=due_ms, flying=(*self.flying, now_ms))

    def ack(self, now_ms: int) -> Heartbeat:
        """The server answered, beat by beat."""
        if not self.flying:
            return self
        return replace(self, flying=self.flying[1:], latency_ms=now_ms - self.flying[0])
