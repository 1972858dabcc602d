"""What is needed to resume: plain data, ready to be stored."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Session"]


@dataclass(frozen=True, slots=True)
class Session:
    """One shard's session. `seq` is the last sequence number received."""

    session_id: str
    seq: int
    resume_url: str
    shard_id: int
    shard_count: int
