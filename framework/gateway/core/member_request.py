"""A request for members (op 8) until its last chunk: chunks come in any order, and between other events.

Sources: "Request Guild Members", "Guild Members Chunk", RATE_LIMITED.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec

__all__ = ["ANSWERS", "MemberRequest", "Refused", "read_chunk", "read_refusal"]

ANSWERS = frozenset({"GUILD_MEMBERS_CHUNK", "RATE_LIMITED"})
"""Dispatches that answer it."""


class Chunk(msgspec.Struct):
    """GUILD_MEMBERS_CHUNK with its lists still as bytes."""

    guild_id: int
    chunk_index: int
    chunk_count: int
    members: list[msgspec.Raw] = []
    not_found: list[int] = []
    presences: list[msgspec.Raw] = []
    nonce: str = ""


class _Meta(msgspec.Struct, frozen=True):
    nonce: str = ""


class Refused(msgspec.Struct):
    """RATE_LIMITED. `retry_after` is in seconds."""

    opcode: int
    retry_after: float
    meta: _Meta = _Meta()


_chunk = msgspec.json.Decoder(Chunk, strict=False).decode
_refused = msgspec.json.Decoder(Refused, strict=False).decode


def read_chunk(data: bytes) -> Chunk:
    """A chunk's body."""
    return _chunk(data)


def read_refusal(data: bytes) -> Refused:
    """A refusal's body."""
    return _refused(data)


@dataclass(slots=True)
class MemberRequest:
    """What has come so far."""

    members: list[bytes] = field(default_factory=list)
    presences: list[bytes] = field(default_factory=list)
    not_found: list[int] = field(default_factory=list)
    _missing: set[int] | None = None

    @property
    def is_complete(self) -> bool:
        """Every chunk has come."""
        return self._missing is not None and not self._missing

    def take(self, chunk: Chunk) -> None:
        """One chunk; a repeated one (after a resume) changes nothing."""
        if self._missing is None:
            self._missing = set(range(chunk.chunk_count))
        if chunk.chunk_index not in self._missing:
            return
        self._missing.discard(chunk.chunk_index)
        self.members += [bytes(each) for each in chunk.members]
        self.presences += [bytes(each) for each in chunk.presences]
        self.not_found += chunk.not_found
