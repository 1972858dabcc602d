"""What is needed to resume: plain data, ready to be stored."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["Session", "Watermark"]


@dataclass(frozen=True, slots=True)
class Session:
    """One shard's session. `seq` is the last sequence number received; to store, the last one handled."""

    session_id: str
    seq: int
    resume_url: str
    shard_id: int
    shard_count: int


@dataclass(slots=True)
class Watermark:
    """Up to which event a session is handled: what a process that dies may say it has seen.

    Events end in any order; the mark is below the first that has not ended.
    """

    _open: set[int] = field(default_factory=set)

    @property
    def is_clear(self) -> bool:
        """Everything that began has ended."""
        return not self._open

    def begin(self, seq: int) -> None:
        """This event is on its way."""
        self._open.add(seq)

    def end(self, seq: int) -> None:
        """It is handled, or given up."""
        self._open.discard(seq)

    def mark(self, received: int) -> int:
        """The last sequence number up to which everything has ended; `received` is the last that came."""
        return min(received, min(self._open, default=received + 1) - 1)
