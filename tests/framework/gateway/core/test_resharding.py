"""When to reshard."""

from __future__ import annotations

import pytest

from framework.gateway.core.resharding import reshard_to, time_limit_ms


@pytest.mark.parametrize(
    ("current", "recommended", "remaining", "expected"),
    [
        (4, 4, 1_000, None),
        (4, 5, 1_000, 5),  # any change
        (8, 3, 1_000, 3),  # down too
        (4, 8, 16, 8),
        (4, 8, 15, None),  # each new shard may have to begin twice
    ],
)
def test_any_change_of_the_recommendation_is_followed_where_enough_session_starts_are_left(
    current: int, recommended: int, remaining: int, expected: int | None
) -> None:
    assert reshard_to(current, recommended, remaining) == expected


def test_the_time_limit_grows_with_the_rounds_of_identifies() -> None:
    assert time_limit_ms(16, 1) - time_limit_ms(1, 1) == 15 * 5_500
    assert time_limit_ms(16, 16) == time_limit_ms(1, 1)
