"""What travels: bodies as they came, the guild read from them, and a form that says when it is not understood."""

from __future__ import annotations

import contextlib

import msgspec
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from framework.errors import InvalidUse
from framework.mq import PARTITIONS, Batch, Envelope, MalformedBatch, decode_batch, encode_batch


def of(type="MESSAGE_CREATE", data=b"{}", **fields):
    return Envelope.of(**{"session_id": "s", "seq": 1, "shard_id": 2, **fields}, type=type, data=data)


@pytest.mark.parametrize(
    ("type", "data", "guild_id"),
    [
        ("MESSAGE_CREATE", b'{"id":"9","guild_id":"41771983423143937"}', 41771983423143937),
        ("MESSAGE_CREATE", b'{"id":"9"}', 0),
        ("MESSAGE_CREATE", b'{"message":{"guild_id":"7"}}', 0),
        ("GUILD_CREATE", b'{"channels":[{"id":"8","guild_id":"8"}],"id":"7"}', 7),
        ("GUILD_UPDATE", b'{"id":"7"}', 7),
        ("GUILD_DELETE", b'{"id":"7","unavailable":true}', 7),
        ("GUILD_MEMBER_ADD", b'{"guild_id":"7","id":"9"}', 7),
        ("READY", b'{"v":10}', 0),
        ("RESUMED", b"null", 0),
        ("PRESENCES_REPLACE", b"[]", 0),
        ("MESSAGE_CREATE", b'{"guild_id":null}', 0),
    ],
)
def test_the_guild_is_read_from_the_body(type, data, guild_id):
    event = of(type, data)
    assert (event.guild_id, event.data) == (guild_id, data)
    assert event.partition == ((guild_id >> 22) % PARTITIONS if guild_id else 2)


@pytest.mark.parametrize("wrong", [{"session_id": ""}, {"seq": 0}])
def test_an_event_that_could_not_be_told_from_its_double_is_refused(wrong):
    with pytest.raises(InvalidUse, match="needs the id of its session"):
        of(**wrong)


@settings(max_examples=50, deadline=None)
@given(bodies=st.lists(st.binary(max_size=200), max_size=5))
def test_bodies_arrive_byte_for_byte(bodies):
    batch = Batch(2, tuple(of(data=body, seq=seq) for seq, body in enumerate(bodies, start=1)))
    assert decode_batch(encode_batch(batch)) == batch


def test_what_is_large_is_packed():
    batch = Batch(2, (of("READY", b'{"a":"' + b"discord " * 100_000 + b'"}'),))
    body = encode_batch(batch)
    assert len(body) < 10_000
    assert decode_batch(body) == batch


def test_the_id_names_sessions_and_sequences_and_never_bodies():
    ban = Batch(2, (of("GUILD_BAN_ADD", seq=5), of("GUILD_MEMBER_REMOVE", seq=6), of(session_id="t", seq=1)))
    assert ban.id == "2,s:5-6,t:1-1"
    assert Batch(2, (of("GUILD_BAN_ADD", seq=5),)).id != Batch(2, (of("GUILD_BAN_ADD", seq=6),)).id


PACKED = zstandard.ZstdCompressor().compress(b"nothing")


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "begins with 1 or 2"),
        (b"\x03abc", "of this version"),
        (b"\x01", "are no batch"),
        (b"\x01\xc1", "are no batch"),
        (b"\x01" + msgspec.msgpack.encode([1, [["s", 1]]]), "are no batch"),
        (b"\x02abc", "no batch|unpacks"),
        (b"\x02" + PACKED[:-2], "are no batch"),
        (b"\x02" + PACKED, "are no batch"),
        (b"\x02(\xb5/\xfd\xe0" + (1 << 40).to_bytes(8, "little"), "unpacks to 256 MiB at most"),
        (encode_batch(Batch(3, (of(),))), "an event of another"),
        (encode_batch(Batch(64, ())), "partitions are 0 to 63"),
    ],
)
def test_bytes_that_are_no_batch_are_named_so(body, why):
    with pytest.raises(MalformedBatch, match=why):
        decode_batch(body)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60), st.sampled_from([b"", b"\x01", b"\x02", b"\x02(\xb5/\xfd"]))
def test_no_bytes_do_worse_than_being_refused(body, start):
    with contextlib.suppress(MalformedBatch):
        decode_batch(start + body)
