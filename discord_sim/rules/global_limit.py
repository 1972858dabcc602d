"""The global limit: 50 requests a second per bot over all routes, in windows of one second."""

from __future__ import annotations

from typing import NamedTuple

from discord_sim.wire import GLOBAL_LIMIT_PER_S

__all__ = ["GlobalWindow", "take_global"]

_WINDOW_MS = 1_000


class GlobalWindow(NamedTuple):
    """The current second of one token."""

    ends_ms: int = 0
    used: int = 0


def take_global(window: GlobalWindow, now_ms: int, limit: int = GLOBAL_LIMIT_PER_S) -> tuple[GlobalWindow, int]:
    """Book one request; the number is 0 when it passes, else its retry_after in milliseconds."""
    if now_ms >= window.ends_ms:
        window = GlobalWindow(now_ms + _WINDOW_MS)
    if window.used >= limit:
        return window, window.ends_ms - now_ms
    return GlobalWindow(window.ends_ms, window.used + 1), 0
