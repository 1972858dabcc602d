"""How one connection's messages look on the wire: encoding (JSON, ETF), compression, and the frames they travel in
("Encoding and Compression"). The context of a compressed stream is the connection's: a resume begins a new one.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

import msgspec
import zstandard
from aiohttp import WSMsgType

from discord_sim.rules import etf
from discord_sim.rules.depth import is_too_deep

__all__ = ["COMPRESSIONS", "ENCODINGS", "Codec"]

ENCODINGS = ("json", "etf")
COMPRESSIONS = ("", "zlib-stream", "zstd-stream")
_SUFFIX_BYTES = 4
_LARGE_BYTES = 1_024  # `compress: true` packs only some payloads; which ones is not documented
_decode = msgspec.json.Decoder().decode

_TEXT, _BINARY = int(WSMsgType.TEXT), int(WSMsgType.BINARY)

Frame = tuple[bytes, int]  # and the opcode


class Codec:
    """Packs gateway messages, given as JSON, into frames; unpacks what a client sent.

    `frame_bytes`: a zlib-stream message longer than this is split over several frames.
    `compress_large` is payload compression, from the identify; without effect where the transport compresses.
    """

    def __init__(self, encoding: str, compression: str, frame_bytes: int) -> None:
        self.is_etf = encoding == "etf"
        self.compress_large = False
        self._frame_bytes = frame_bytes
        self._zlib = zlib.compressobj() if compression == "zlib-stream" else None
        self._zstd = zstandard.ZstdCompressor().compressobj() if compression == "zstd-stream" else None
        self._kind = _BINARY if self.is_etf else _TEXT
        self._is_plain = encoding == "json" and not compression

    def pack(self, message: bytes) -> Iterable[Frame]:
        """The frames of one message."""
        if self._is_plain and not self.compress_large:
            return ((message, self._kind),)
        return self._pack(message)

    def _pack(self, message: bytes) -> Iterator[Frame]:
        if self.is_etf:
            message = etf.pack(_decode(message))
        if self._zlib is not None:
            yield from self._split(self._zlib.compress(message) + self._zlib.flush(zlib.Z_SYNC_FLUSH))
        elif self._zstd is not None:
            data = self._zstd.compress(message) + self._zstd.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)
            yield data, _BINARY
        elif self.compress_large and not self.is_etf and len(message) >= _LARGE_BYTES:
            yield zlib.compress(message), _BINARY
        else:
            yield message, self._kind

    def _split(self, data: bytes) -> Iterator[Frame]:
        while len(data) > self._frame_bytes + _SUFFIX_BYTES:  # the last frame, and it alone, ends with the whole suffix
            yield data[: self._frame_bytes], _BINARY
            data = data[self._frame_bytes :]
        yield data, _BINARY

    def unpack(self, data: str | bytes) -> object:
        """What a client sent; None where it is not of the connection's encoding (nothing valid is None)."""
        try:
            if self.is_etf:
                return etf.unpack(data) if isinstance(data, bytes) else None
            value = _decode(data)
            return None if is_too_deep(value) else value
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, etf.BadTerm):
            return None
