"""Chunks of members become one answer."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from framework.gateway.core.member_request import MemberRequest, read_chunk, read_refusal


def chunk(index: int, count: int, **more: object) -> bytes:
    body = {"guild_id": "5", "chunk_index": index, "chunk_count": count, "members": [{"n": index}], "nonce": "x"}
    return json.dumps(body | more).encode()


@settings(max_examples=100, deadline=None)
@given(st.permutations(range(7)).flatmap(lambda order: st.tuples(st.just(order), st.integers(0, 6))))
def test_chunks_in_any_order_and_repeated_ones_are_complete_with_the_last_that_was_missing(
    drawn: tuple[list[int], int],
) -> None:
    order, repeated = drawn
    request = MemberRequest()
    for place, index in enumerate(order):
        assert not request.is_complete
        request.take(read_chunk(chunk(index, 7)))
        if place == repeated:
            request.take(read_chunk(chunk(index, 7)))
    assert request.is_complete
    assert sorted(json.loads(member)["n"] for member in request.members) == list(range(7))


def test_who_was_not_found_and_presences_are_kept_whatever_the_type_of_the_id() -> None:
    request = MemberRequest()
    request.take(read_chunk(chunk(0, 1, not_found=["7", 8], presences=[{"status": "idle"}])))
    assert request.not_found == [7, 8]
    assert [json.loads(each) for each in request.presences] == [{"status": "idle"}]


def test_an_answer_without_members_is_one() -> None:
    request = MemberRequest()
    request.take(read_chunk(chunk(0, 1, members=[])))
    assert request.is_complete


def test_a_refusal_names_the_request() -> None:
    body = {"opcode": 8, "retry_after": 12.5, "meta": {"guild_id": "5", "nonce": "x"}}
    refusal = read_refusal(json.dumps(body).encode())
    assert (refusal.opcode, refusal.retry_after, refusal.meta.nonce) == (8, 12.5, "x")
