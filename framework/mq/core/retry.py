"""How long to wait before a batch is offered again."""

from __future__ import annotations

__all__ = ["backoff_ms"]

_FIRST_MS = 100
_MAX_MS = 5_000
_ASKED_MAX_MS = 60_000


def backoff_ms(attempt: int, draw: float, asked_ms: int | None = None) -> int:
    """0.1, 0.2, 0.4… s up to 5 s, each times a drawn factor in [0.5, 1); at least what was asked for, up to a minute.

    `attempt` counts from 0; `draw` is uniform in [0, 1). Batches are held in memory meanwhile, so the cap is low.
    """
    wait_ms = int(min(_MAX_MS, _FIRST_MS << min(attempt, 10)) * (0.5 + draw / 2))
    return max(wait_ms, min(asked_ms or 0, _ASKED_MAX_MS))
