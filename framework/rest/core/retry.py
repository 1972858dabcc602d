"""What to do with an answer, or with its absence."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from framework.rest.core.headers import LimitHeaders

__all__ = ["Decision", "Verdict", "backoff_ms", "judge", "judge_lost"]

_TRANSIENT = frozenset({500, 502, 503, 504, 520, 521, 522, 523, 524})
_FATE_UNKNOWN = frozenset({504, 524})  # a proxy gave up waiting; the work may have been done
_BACKOFF_FIRST_MS = 1_000
_BACKOFF_MAX_MS = 60_000


class Verdict(Enum):
    """The kinds of outcome."""

    RETRY = "retry"  # the same call again at `at_ms`
    FAIL = "fail"  # an error for the caller
    BANNED = "banned"  # Cloudflare, not Discord
    SUB_LIMIT = "sub limit"  # calls of this shape again at `at_ms`; others of the route may go
    GLOBAL = "global"  # the global limit: pause everything until `at_ms`, then again


@dataclass(frozen=True, slots=True)
class Decision:
    """A verdict with its time."""

    verdict: Verdict
    at_ms: int = 0
    invalid: bool = False


def backoff_ms(attempt: int, draw: float) -> int:
    """1, 2, 4… s up to a minute, each times a drawn factor in [0.5, 1)."""
    return int(min(_BACKOFF_MAX_MS, _BACKOFF_FIRST_MS << min(attempt, 10)) * (0.5 + draw / 2))


def judge(
    repeatable: bool,
    status: int,
    headers: LimitHeaders,
    attempt: int,
    now_ms: int,
    draw: float,
    refusals: int = 0,
) -> Decision:
    """Judge an answer that is no success. `repeatable`: doing it twice does it once. `attempt` counts from 0;
    `refusals` are the 429s of the bucket since its last success."""
    if status == 429:
        if not headers.from_origin:
            return Decision(Verdict.BANNED, now_ms + (headers.retry_after_ms or 0))
        wait_ms = headers.retry_after_ms
        # A limit that keeps refusing, whatever it says, is not asked faster and faster.
        floor_ms = backoff_ms(max(0, refusals - 1), draw) if wait_ms is None or refusals > 0 else 0
        if headers.is_global or headers.scope == "global":
            return Decision(Verdict.GLOBAL, now_ms + (floor_ms if wait_ms is None else wait_ms), invalid=True)
        if headers.scope != "shared" and headers.remaining:  # tokens are left: a limit that no header names
            return Decision(Verdict.SUB_LIMIT, now_ms + max(wait_ms or 0, floor_ms), invalid=True)
        return Decision(Verdict.RETRY, now_ms + max(wait_ms or 0, floor_ms), invalid=headers.scope != "shared")
    if status in _TRANSIENT and not (status in _FATE_UNKNOWN and not repeatable):
        return Decision(Verdict.RETRY, now_ms + backoff_ms(attempt, draw))
    return Decision(Verdict.FAIL, invalid=status in (401, 403))


def judge_lost(repeatable: bool, request_left: bool, attempt: int, now_ms: int, draw: float) -> Decision:
    """No answer came. What may have arrived is not repeated blindly where its effect could happen twice."""
    if request_left and not repeatable:
        return Decision(Verdict.FAIL)
    return Decision(Verdict.RETRY, now_ms + backoff_ms(attempt, draw))
