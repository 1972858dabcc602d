"""Messages of a connection to payloads: nothing, payload compression, zlib-stream, zstd-stream.

One inflater per connection: a stream's context begins anew with each. Source: "Encoding and Compression".
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from enum import StrEnum
from typing import Protocol, cast

import zstandard

__all__ = ["GARBAGE", "INFLATERS", "Compression", "Inflater"]

_SUFFIX = b"\x00\x00\xff\xff"


GARBAGE = (zlib.error, zstandard.ZstdError, TypeError)
"""What inflaters raise where something came that cannot be read (a text on a stream of zstd is a TypeError): the
connection is of no more use."""


class Compression(StrEnum):
    """What to ask the gateway for."""

    NONE = "none"
    PAYLOAD = "payload"  # large payloads alone, each by itself
    ZLIB = "zlib-stream"
    ZSTD = "zstd-stream"

    @property
    def query(self) -> str:
        """What the address says of it."""
        return f"&compress={self.value}" if self in (Compression.ZLIB, Compression.ZSTD) else ""


class Inflater(Protocol):
    """Turns the messages of one connection into payloads, in order."""

    def __call__(self, message: bytes | str) -> bytes | None:
        """One message; returns a payload's JSON, or None while it is not whole. Raises one of `GARBAGE`."""


class _Payload:
    def __call__(self, message: bytes | str) -> bytes | None:
        if isinstance(message, str):
            return message.encode()
        return zlib.decompress(message)


class _ZlibStream:
    def __init__(self) -> None:
        self._inflate = zlib.decompressobj().decompress
        self._parts: list[bytes] = []

    def __call__(self, message: bytes | str) -> bytes | None:
        if isinstance(message, str):
            return message.encode()
        if self._parts or not message.endswith(_SUFFIX):
            self._parts.append(message)
            if not message.endswith(_SUFFIX):
                return None
            message = b"".join(self._parts)
            self._parts.clear()
        return self._inflate(message)


def _zstd_stream() -> Inflater:
    """Each message is one payload, so the library's own function does."""
    return cast("Inflater", zstandard.ZstdDecompressor().decompressobj().decompress)


INFLATERS: dict[Compression, Callable[[], Inflater]] = {
    Compression.NONE: _Payload,
    Compression.PAYLOAD: _Payload,
    Compression.ZLIB: _ZlibStream,
    Compression.ZSTD: _zstd_stream,
}
