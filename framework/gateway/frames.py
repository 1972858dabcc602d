"""What a shard reads of the gateway's payloads; the rest stays bytes."""

from __future__ import annotations

from typing import Any

import msgspec

__all__ = ["Envelope", "Ready", "read_envelope", "read_hello", "read_id", "read_ready"]


class Envelope(msgspec.Struct, gc=False):
    """A payload with its body undecoded."""

    op: int
    s: int | None = None
    t: str | None = None
    d: msgspec.Raw = msgspec.Raw(b"null")


class _Hello(msgspec.Struct):
    heartbeat_interval: int


class _Id(msgspec.Struct):
    id: int


class Ready(msgspec.Struct):
    """What READY says of the session."""

    session_id: str
    resume_gateway_url: str
    guilds: list[_Id] = []


read_envelope = msgspec.json.Decoder(Envelope).decode
read_ready = msgspec.json.Decoder(Ready, strict=False).decode
_hello = msgspec.json.Decoder(_Hello).decode
_id = msgspec.json.Decoder(_Id, strict=False).decode


def read_hello(data: Any) -> int:
    """HELLO's heartbeat interval in milliseconds."""
    return _hello(data).heartbeat_interval


def read_id(data: bytes) -> int:
    """An object's id."""
    return _id(data).id
