"""How guilds are held: JSON as it was received, compressed, and what was read last decoded as well.

zstandard at level 1 makes of a GUILD_CREATE a sixth of its size; lower levels save little time and keep a third more,
a trained dictionary saves a tenth and has to be shipped and kept true. `benchmarks/memory.py` measures.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any, TypeVar

import zstandard

__all__ = ["Storage"]

_SMALL = 160  # bytes; compressing less saves nothing
_COMPRESSED = 0x28  # the first byte of a zstandard frame; that of JSON objects and arrays is another
_EMPTY = b"[]"
T = TypeVar("T")


class Storage:
    """What all guilds of one cache share: the two ends of the compression, and what is held decoded.

    Args:
        decoded_max_bytes: how much JSON may also be held decoded; what was not read for the longest goes first.
    """

    __slots__ = ("_compress", "_decoded", "_decoded_max", "_decompress", "bytes_decoded")

    def __init__(self, decoded_max_bytes: int) -> None:
        self._compress = zstandard.ZstdCompressor(level=1, write_checksum=False).compress
        self._decompress = zstandard.ZstdDecompressor().decompress
        self._decoded: OrderedDict[int, _Entry] = OrderedDict()
        self._decoded_max = decoded_max_bytes
        self.bytes_decoded = 0

    def __repr__(self) -> str:
        return f"<Storage decoded={len(self._decoded)} of {self.bytes_decoded} bytes>"

    def pack(self, data: Any) -> bytes:
        """A JSON object or array (bytes, or a view of them) as it is held."""
        size = len(memoryview(data))
        if size <= 2:
            held = bytes(data)
            return _EMPTY if held == _EMPTY else held
        # A copy, since what the library returns keeps the room of its worst case apart from everything else.
        return bytes(data) if size < _SMALL else bytes(memoryview(self._compress(data)))

    def unpack(self, blob: bytes) -> bytes:
        """The JSON of what `pack` gave."""
        return self._decompress(blob) if blob[0] == _COMPRESSED else blob

    def decoded(self, blob: bytes, kind: object, decode: Callable[[bytes], T]) -> T:
        """What `decode` makes of a blob's JSON; remembered, so equal `kind` must mean equal `decode`."""
        entry = self._decoded.get(id(blob))  # an entry holds its blob, so nothing else can have its id
        if entry is not None:
            self._decoded.move_to_end(id(blob))
            if kind in entry.made:
                found: T = entry.made[kind]
                return found
        data = self.unpack(blob)
        made = decode(data)
        if blob is not _EMPTY:
            if entry is None:
                entry = self._decoded[id(blob)] = _Entry(blob)
            entry.made[kind] = made
            entry.size += len(data)
            self.bytes_decoded += len(data)
            while self.bytes_decoded > self._decoded_max:
                self.bytes_decoded -= self._decoded.popitem(last=False)[1].size
        return made

    def forget(self, blob: bytes) -> None:
        """A blob is no longer held."""
        entry = self._decoded.pop(id(blob), None)
        if entry is not None:
            self.bytes_decoded -= entry.size


class _Entry:
    __slots__ = ("blob", "made", "size")

    def __init__(self, blob: bytes) -> None:
        self.blob = blob
        self.made: dict[object, Any] = {}
        self.size = 0
