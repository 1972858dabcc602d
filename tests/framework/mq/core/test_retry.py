"""Waits double up to a cap, are spread by chance, and honour what was asked for."""

from __future__ import annotations

import pytest

from framework.mq.core.retry import backoff_ms


@pytest.mark.parametrize(
    ("attempt", "draw", "asked_ms", "wait_ms"),
    [
        (0, 0.0, None, 50),
        (0, 0.999_999, None, 99),
        (1, 0.5, None, 150),
        (5, 0.0, None, 1_600),
        (6, 0.0, None, 2_500),
        (10_000, 0.0, None, 2_500),
        (0, 0.0, 1_000, 1_000),
        (6, 0.0, 1_000, 2_500),
        (0, 0.0, 10**9, 60_000),
    ],
)
def test_waits(attempt, draw, asked_ms, wait_ms):
    assert backoff_ms(attempt, draw, asked_ms) == wait_ms
