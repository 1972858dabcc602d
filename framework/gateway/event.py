"""What the gateway hands on."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

__all__ = ["GatewayBot", "RawEvent"]


class RawEvent(msgspec.Struct, frozen=True, gc=False):
    """A dispatch with its body still as bytes; decoded only into what somebody asks for.

    `(session_id, seq)` names it: a resume may bring it again under the same name.
    """

    shard_id: int
    generation: int
    seq: int
    type: str
    data: bytes
    session_id: str = ""

    def __repr__(self) -> str:
        return f"<RawEvent {self.type} {self.seq} of shard {self.shard_id} gen {self.generation}>"


@dataclass(frozen=True, slots=True)
class GatewayBot:
    """GET /gateway/bot. `reset_after_ms` counts from the answer."""

    url: str
    shards: int
    total: int
    remaining: int
    reset_after_ms: int
    max_concurrency: int
