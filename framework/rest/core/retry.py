"""What to do after an attempt: done, again at a time, or fail. A table, not a loop.

Knows: which statuses are worth repeating and which requests may be repeated at all. Must not know: how a wait is
kept, what the answer means to the caller. Drawn numbers and times are arguments.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from framework.rest.core.headers import LimitHeaders

__all__ = [
    "Attempt",
    "Done",
    "Fail",
    "Failure",
    "Kind",
    "RetryAt",
    "RetryPolicy",
    "Verdict",
    "after_answer",
    "after_failure",
    "is_idempotent",
    "pick_retry_after_ms",
]

# The gateway in between gave up waiting, or cannot say: the origin may have done the work (as after a lost answer).
_AMBIGUOUS = frozenset({504, 520, 524})


class Kind(Enum):
    """Why a request failed for good."""

    BAD_REQUEST = "bad request"
    UNAUTHORIZED = "unauthorized"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not found"
    REFUSED = "refused"  # any other 3xx/4xx
    RATE_LIMITED = "rate limited"
    SERVER_ERROR = "server error"
    TIMEOUT = "timeout"
    LOST_ANSWER = "lost answer"
    UNREACHABLE = "unreachable"


class Failure(Enum):
    """How an attempt ended without an answer."""

    NOT_SENT = "not sent"  # no connection: the server saw nothing
    LOST = "lost"  # sent, then the link broke
    TIMED_OUT = "timed out"  # sent, then silence


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """`tries_max` counts attempts that met a broken server or link; 429s have caps of their own."""

    tries_max: int = 5
    backoff_ms: int = 500
    backoff_max_ms: int = 30_000
    limited_max: int = 20
    limited_wait_max_ms: int = 600_000


@dataclass(frozen=True, slots=True)
class Attempt:
    """What a request has been through, the attempt just made included."""

    idempotent: bool
    broken: int = 0  #: 5xx answers and link failures before this attempt
    limited: int = 0  #: 429s before this attempt
    limited_wait_ms: int = 0  #: time those 429s asked for


@dataclass(frozen=True, slots=True)
class Done:
    """The answer is the caller's."""


@dataclass(frozen=True, slots=True)
class RetryAt:
    """Send again, not before `at_ms`; `attempt` is the record to go on with."""

    at_ms: int
    attempt: Attempt


@dataclass(frozen=True, slots=True)
class Fail:
    """Give up."""

    kind: Kind


Verdict = Done | RetryAt | Fail

_BY_STATUS = {
    400: Kind.BAD_REQUEST,
    401: Kind.UNAUTHORIZED,
    403: Kind.FORBIDDEN,
    404: Kind.NOT_FOUND,
}


def is_idempotent(method: str, *, has_enforced_nonce: bool = False) -> bool:
    """Whether doing it twice equals doing it once. A POST is, only when Discord itself recognises the nonce."""
    return method != "POST" or has_enforced_nonce


def pick_retry_after_ms(headers: LimitHeaders, body_ms: int | None) -> int:
    """How long a 429 asks to wait. The body is finer than the header; where they disagree the longer is true."""
    header_ms = headers.retry_after_ms
    if body_ms is not None and (header_ms is None or header_ms <= body_ms + 1_000):
        return body_ms
    if header_ms is not None:
        return header_ms
    return headers.reset_after_ms if headers.reset_after_ms is not None else 1_000


def after_answer(
    status: int, attempt: Attempt, policy: RetryPolicy, now_ms: int, *, retry_after_ms: int = 0, jitter: float = 0.5
) -> Verdict:
    """Judge an answer. `retry_after_ms` matters for a 429 only, `jitter` in [0, 1) for a 5xx only."""
    if 200 <= status < 300 or status == 304:
        return Done()
    if status == 429:
        waited = attempt.limited_wait_ms + retry_after_ms
        if attempt.limited + 1 >= policy.limited_max or waited > policy.limited_wait_max_ms:
            return Fail(Kind.RATE_LIMITED)
        again = Attempt(attempt.idempotent, attempt.broken, attempt.limited + 1, waited)
        return RetryAt(now_ms + retry_after_ms, again)
    if status >= 500 and status != 501:
        if status in _AMBIGUOUS and not attempt.idempotent:
            return Fail(Kind.LOST_ANSWER)
        return _again(attempt, policy, now_ms, jitter, Kind.SERVER_ERROR)
    return Fail(Kind.SERVER_ERROR if status == 501 else _BY_STATUS.get(status, Kind.REFUSED))


def after_failure(
    failure: Failure, attempt: Attempt, policy: RetryPolicy, now_ms: int, *, jitter: float = 0.5
) -> Verdict:
    """Judge an attempt without an answer. What may have been done is never blindly done again."""
    if failure is Failure.NOT_SENT:
        return _again(attempt, policy, now_ms, jitter, Kind.UNREACHABLE)
    if not attempt.idempotent:
        return Fail(Kind.LOST_ANSWER)
    last = Kind.TIMEOUT if failure is Failure.TIMED_OUT else Kind.LOST_ANSWER
    return _again(attempt, policy, now_ms, jitter, last)


def _again(attempt: Attempt, policy: RetryPolicy, now_ms: int, jitter: float, last: Kind) -> Verdict:
    if attempt.broken + 1 >= policy.tries_max:
        return Fail(last)
    # Half fixed, half drawn: clients that failed together must not come back together.
    full_ms = min(policy.backoff_ms << min(attempt.broken, 20), policy.backoff_max_ms)
    wait_ms = full_ms // 2 + int(full_ms * jitter) // 2
    again = Attempt(attempt.idempotent, attempt.broken + 1, attempt.limited, attempt.limited_wait_ms)
    return RetryAt(now_ms + wait_ms, again)
