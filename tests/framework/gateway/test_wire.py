"""The vocabulary: numbers a wrong digit of which nobody would notice."""

from __future__ import annotations

import pytest

from framework.wire import DISPATCH_KEPT_CLOSE, FATAL_CLOSES, FRESH_SESSION_CLOSES, Intents, shard_id_for


def test_all_intents_together_are_the_documented_number() -> None:
    assert sum(Intents) == 53_608_447
    privileged = Intents.GUILD_MEMBERS | Intents.GUILD_PRESENCES | Intents.MESSAGE_CONTENT
    assert sum(Intents) & ~privileged == 53_575_421


def test_close_codes_are_fatal_or_void_the_session_or_neither() -> None:
    assert set(FATAL_CLOSES) == {4004, 4010, 4011, 4012, 4013, 4014}
    assert FRESH_SESSION_CLOSES == {4003, 4005, 4007, 4008, 4009}
    assert DISPATCH_KEPT_CLOSE not in {1000, 1001, *FATAL_CLOSES, *FRESH_SESSION_CLOSES}


@pytest.mark.parametrize(("count", "shard_id"), [(1, 0), (2, 1), (16, 15), (1_000, 615)])
def test_a_guild_belongs_to_the_shard_of_its_timestamp(count: int, shard_id: int) -> None:
    assert shard_id_for((123_456_615 << 22) + 4_194_303, count) == (123_456_615 % count)
    assert shard_id_for((999_615 << 22) | 1, count) == shard_id
