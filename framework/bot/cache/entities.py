"""The entities of one section: compressed arrays as they were received, and the changes since.

A section is one block, or, when it is large, several in order of the ids, so that no step has to touch all of a large
guild's members. A change is kept beside its block as JSON; when the changes of a block take half its room they are
folded into it. Nothing is copied field by field: what was null stays null, and what was absent stays absent.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec

from framework.bot.cache.storage import Storage
from framework.models.codec import decode

__all__ = ["Entities", "Layout", "fields_of", "merged"]

T = TypeVar("T")

BLOCK_MAX = 64 * 1024  # bytes of JSON: about 0.2 ms to fold
PATCHES_MIN = 1_024  # bytes of changes a block may always have
GONE = b""  # as a change: deleted

# What CPython 3.11 takes besides the bytes themselves, as benchmarks/memory.py finds it.
SECTION_BYTES = 260  # the section, its list, its first block
BLOCK_BYTES = 150
PATCH_BYTES = 140  # the id, its place in the dict, the header of the bytes

_raws = msgspec.json.Decoder(list[msgspec.Raw]).decode
fields_of = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
"""The fields of a JSON object, undecoded."""
_encode = msgspec.json.encode


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the entities of a section have their id: `ids` reads those of an array, `id_of` that of one entity."""

    ids: Callable[[bytes], list[int]]
    id_of: Callable[[bytes], int]


def merged(old: bytes, new: bytes) -> bytes:
    """A JSON object with the fields of `new` over those of `old`."""
    return _encode(fields_of(old) | fields_of(new))


class _Block:
    __slots__ = ("blob", "first", "patch_bytes", "patches")

    def __init__(self, first: int, blob: bytes) -> None:
        self.first, self.blob = first, blob
        self.patches: dict[int, bytes] | None = None
        self.patch_bytes = 0

    def size(self) -> int:
        return BLOCK_BYTES + len(self.blob) + self.patch_bytes


class Entities:
    """One section of one guild.

    Args:
        data: the JSON array, as bytes or as a view of them, which is not kept.
    """

    __slots__ = ("_blocks", "_layout", "_storage", "size")

    def __init__(self, layout: Layout, storage: Storage, data: Any = b"[]") -> None:
        self._layout, self._storage = layout, storage
        if len(memoryview(data)) <= BLOCK_MAX:
            block = _Block(0, storage.pack(data))
            self._blocks = [block]
            self.size = SECTION_BYTES + len(block.blob)
        else:
            held = bytes(data)
            self._blocks = self._cut(0, dict(zip(layout.ids(held), map(bytes, _raws(held)), strict=True)))
            self.size = self._measure()

    def __repr__(self) -> str:
        return f"<Entities blocks={len(self._blocks)} size={self.size}>"

    def release(self) -> None:
        """It is no longer held: what was decoded of it may go."""
        for block in self._blocks:
            self._storage.forget(block.blob)

    # -- changing ----------------------------------------------------------------------------------------

    def put(self, data: bytes) -> None:
        """Add an entity, or replace the one with its id."""
        self.put_all((data,))

    def put_all(self, found: Iterable[bytes]) -> None:
        """Add or replace many."""
        touched = {}
        for data in found:
            block = self._patch(self._layout.id_of(data), data)
            touched[block.first] = block
        for block in touched.values():
            self._fold_when_due(block)

    def delete(self, entity_id: int) -> None:
        """Remove an entity, if it is there."""
        self._fold_when_due(self._patch(entity_id, GONE))

    def amend(self, entity_id: int, changed: bytes) -> bool:
        """Lay fields over an entity that is there; returns whether it is."""
        old = self.raw(entity_id)
        if old is None:
            return False
        self._fold_when_due(self._patch(entity_id, merged(old, changed)))
        return True

    def delete_where(self, field: type[T], unwanted: Callable[[T], bool]) -> None:
        """Remove the entities of which `unwanted`, given those of their fields that `field` names, is true."""
        for block in list(self._blocks):
            for entity_id, data in self._raw_of(block).items():
                if unwanted(decode(field, data)):
                    self._patch(entity_id, GONE)
            self._fold_when_due(block)

    # -- reading -----------------------------------------------------------------------------------------

    def raw(self, entity_id: int) -> bytes | None:
        """An entity's JSON."""
        block = self._block_of(entity_id)
        if block.patches is not None and (patch := block.patches.get(entity_id)) is not None:
            return patch or None
        data = self._storage.unpack(block.blob)
        ids = self._layout.ids(data)
        return bytes(_raws(data)[ids.index(entity_id)]) if entity_id in ids else None

    def get(self, entity_id: int, kind: type[T]) -> T | None:
        """An entity as a `kind`."""
        block = self._block_of(entity_id)
        if block.patches is not None and (patch := block.patches.get(entity_id)) is not None:
            return decode(kind, patch) if patch else None
        return self._base(block, kind).get(entity_id)

    def all(self, kind: type[T]) -> dict[int, T]:
        """All entities by id."""
        found: dict[int, T] = {}
        for block in self._blocks:
            found |= self._base(block, kind)
            for entity_id, patch in (block.patches or {}).items():
                if patch:
                    found[entity_id] = decode(kind, patch)
                else:
                    found.pop(entity_id, None)
        return found

    def ids(self) -> list[int]:
        """The ids of all entities."""
        found: dict[int, None] = {}
        for block in self._blocks:
            found |= dict.fromkeys(self._storage.decoded(block.blob, int, self._layout.ids))
            for entity_id, patch in (block.patches or {}).items():
                if patch:
                    found[entity_id] = None
                else:
                    found.pop(entity_id, None)
        return list(found)

    # -- inside ------------------------------------------------------------------------------------------

    def _block_of(self, entity_id: int) -> _Block:
        blocks = self._blocks
        return blocks[0] if len(blocks) == 1 else blocks[bisect_right(blocks, entity_id, key=_first) - 1]

    def _base(self, block: _Block, kind: type[T]) -> Mapping[int, T]:
        def read(data: bytes) -> dict[int, T]:
            many: Any = list[kind]  # type: ignore[valid-type]
            return dict(zip(self._layout.ids(data), decode(many, data), strict=True))

        return self._storage.decoded(block.blob, kind, read)

    def _raw_of(self, block: _Block) -> dict[int, bytes]:
        data = self._storage.unpack(block.blob)
        found = dict(zip(self._layout.ids(data), map(bytes, _raws(data)), strict=True))
        for entity_id, patch in (block.patches or {}).items():
            if patch:
                found[entity_id] = patch
            else:
                found.pop(entity_id, None)
        return found

    def _patch(self, entity_id: int, patch: bytes) -> _Block:
        block = self._block_of(entity_id)
        if block.patches is None:
            block.patches = {}
        old = block.patches.get(entity_id)
        more = PATCH_BYTES + len(patch) if old is None else len(patch) - len(old)
        block.patches[entity_id] = patch
        block.patch_bytes += more
        self.size += more
        return block

    def _fold_when_due(self, block: _Block) -> None:
        if block.patch_bytes <= PATCHES_MIN + len(block.blob) // 2:
            return
        found = self._raw_of(block)
        at = self._blocks.index(block)
        self._blocks[at : at + 1] = self._cut(block.first, found) if found or len(self._blocks) == 1 else []
        self._blocks[0].first = 0
        self._storage.forget(block.blob)
        self.size = self._measure()

    def _cut(self, first: int, found: dict[int, bytes]) -> list[_Block]:
        """Blocks of at most half the size a block may have, or one if all fit into it."""
        size = sum(map(len, found.values())) + len(found) + 1
        if size <= BLOCK_MAX:
            return [_Block(first, self._packed(found.values()))]
        ids, count = sorted(found), -(-size // (BLOCK_MAX // 2))
        step = -(-len(ids) // count)
        starts = range(0, len(ids), step)
        return [_Block(ids[at] if at else first, self._packed(found[i] for i in ids[at : at + step])) for at in starts]

    def _packed(self, found: Iterable[bytes]) -> bytes:
        return self._storage.pack(b"[" + b",".join(found) + b"]")

    def _measure(self) -> int:
        return SECTION_BYTES - BLOCK_BYTES + sum(block.size() for block in self._blocks)


def _first(block: _Block) -> int:
    return block.first
