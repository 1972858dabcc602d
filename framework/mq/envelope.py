"""What travels between gateway and bot: an event as Discord sent it, with what identifies it, in batches.

The body stays the bytes of Discord's JSON. A batch on the wire is one byte for the form, then MessagePack, packed with
zstd where that pays: a large GUILD_CREATE would else pass no broker's default limit.
"""

from __future__ import annotations

import msgspec
import zstandard

from framework.errors import InvalidUse
from framework.mq.errors import MalformedBatch

__all__ = ["PARTITIONS", "Batch", "Envelope", "decode_batch", "encode_batch"]

PARTITIONS = 64
"""Domains of order. Fixed, whatever the number of shards, so that resharding moves no guild to another worker."""

_PLAIN, _PACKED = b"\x01", b"\x02"
_PACK_FROM_BYTES = 128 << 10
_UNPACKED_MAX_BYTES = 256 << 20
_NAMED_BY_ID = frozenset({"GUILD_CREATE", "GUILD_UPDATE", "GUILD_DELETE"})


class _OfGuild(msgspec.Struct):
    guild_id: int | None = None


class _Guild(msgspec.Struct):
    id: int | None = None


_guild_id = msgspec.json.Decoder(_OfGuild, strict=False).decode
_id = msgspec.json.Decoder(_Guild, strict=False).decode


class Envelope(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One dispatch. `(session_id, seq)` identifies it: two events may have equal bodies.

    `data` is the JSON of `d`; `guild_id` is 0 for events of no guild; `generation` counts reshardings.
    """

    session_id: str
    seq: int
    shard_id: int
    shard_count: int
    generation: int
    guild_id: int
    type: str
    data: bytes

    @classmethod
    def of(
        cls, *, session_id: str, seq: int, type: str, data: bytes, shard_id: int, shard_count: int = 0,
        generation: int = 0,
    ) -> Envelope:  # fmt: skip
        """The fields of a gateway's event, with its guild read from the body.

        Raises:
            InvalidUse: no session, or a `seq` below 1: the event could not be told from its double.
        """
        if not session_id or seq < 1:
            raise InvalidUse(f"{type} needs the id of its session and a seq of 1 or more, not {session_id!r}, {seq}")
        try:
            found = _id(data).id if type in _NAMED_BY_ID else _guild_id(data).guild_id
        except msgspec.DecodeError:  # `d` is null, a list, or names no guild by number
            found = None
        return cls(session_id, seq, shard_id, shard_count, generation, found or 0, type, data)

    @property
    def partition(self) -> int:
        """Which of the `PARTITIONS` keeps its order: by guild, or by shard where there is none."""
        return (self.guild_id >> 22) % PARTITIONS if self.guild_id else self.shard_id % PARTITIONS


class Batch(msgspec.Struct, frozen=True, array_like=True):
    """Events of one partition in the order in which the gateway had them."""

    partition: int
    events: tuple[Envelope, ...]

    @property
    def id(self) -> str:
        """The same for the same events: partition, then `session:first-last` of each session in it."""
        ranges: dict[str, tuple[int, int]] = {}
        for event in self.events:
            first, _ = ranges.get(event.session_id, (event.seq, 0))
            ranges[event.session_id] = (first, event.seq)
        return ",".join((str(self.partition), *(f"{name}:{a}-{b}" for name, (a, b) in ranges.items())))


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Batch).decode


def encode_batch(batch: Batch) -> bytes:
    """A batch's bytes on the wire."""
    body = _encode(batch)
    if len(body) < _PACK_FROM_BYTES:
        return _PLAIN + body
    return _PACKED + zstandard.ZstdCompressor(level=1).compress(body)


def decode_batch(body: bytes) -> Batch:
    """The batch that `encode_batch` made these bytes of.

    Raises:
        MalformedBatch: they are none, or another version's.
    """
    form, rest = body[:1], body[1:]
    try:
        if form == _PACKED:
            # What a frame says of its size is allocated at once, so it is looked at first.
            if not 0 <= zstandard.frame_content_size(rest) <= _UNPACKED_MAX_BYTES:
                raise MalformedBatch(f"a batch unpacks to {_UNPACKED_MAX_BYTES >> 20} MiB at most")
            rest = zstandard.ZstdDecompressor().decompress(rest)
        elif form != _PLAIN:
            raise MalformedBatch(f"a batch begins with 1 or 2, not with {form!r}: is the other side of this version?")
        batch = _decode(rest)
    except (msgspec.DecodeError, zstandard.ZstdError) as error:
        raise MalformedBatch(f"{len(body):,} bytes are no batch: {error}") from None
    if not 0 <= batch.partition < PARTITIONS:
        raise MalformedBatch(f"partitions are 0 to {PARTITIONS - 1}, not {batch.partition}")
    if any(event.partition != batch.partition for event in batch.events):
        raise MalformedBatch(f"partition {batch.partition} holds an event of another")
    return batch
