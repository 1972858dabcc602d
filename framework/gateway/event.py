"""What the gateway hands on."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["GatewayBot", "RawEvent"]


@dataclass(frozen=True, slots=True)
class RawEvent:
    """A dispatch with its body still as bytes; decoded only into what somebody asks for."""

    shard_id: int
    generation: int
    seq: int
    type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class GatewayBot:
    """GET /gateway/bot. `reset_after_ms` counts from the answer."""

    url: str
    shards: int
    total: int
    remaining: int
    reset_after_ms: int
    max_concurrency: int
