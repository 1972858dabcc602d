"""What an HTTP answer is, and the forms of refusal with their exact bodies and headers."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from discord_sim.rules.buckets import Taken
from discord_sim.wire import BAN_CODE_TEXT

__all__ = [
    "Answer",
    "bucket_headers",
    "cloudflare_ban",
    "error",
    "generic",
    "global_429",
    "route_429",
    "shared_429",
    "user_429",
]


_BAN_PAGE = f"<!DOCTYPE html><html><head><title>Access denied</title></head><body>{BAN_CODE_TEXT}</body></html>"
_BAN_MESSAGE = "You are being blocked from accessing our API temporarily due to exceeding our rate limits frequently."


class Answer(Struct, frozen=True):
    """One HTTP answer. `scope` is set on a 429; `invalid` says whether it counts towards the ban."""

    status: int
    body: Any = None
    headers: dict[str, str] = {}
    scope: str = ""
    invalid: bool = False
    from_origin: bool = True  # Cloudflare's own answers carry no Via header


def error(status: int, code: int, message: str, errors: dict[str, Any] | None = None) -> Answer:
    """A JSON error body ("Error Messages"); 401 and 403 count as invalid requests."""
    body: dict[str, Any] = {"message": message, "code": code}
    if errors is not None:
        body["errors"] = errors
    return Answer(status, body, invalid=status in (401, 403))


def generic(status: int, reason: str) -> Answer:
    """The body of a status without a code of its own."""
    return error(status, 0, f"{status}: {reason}")


def bucket_headers(taken: Taken, bucket_hash: str, epoch_ms: int) -> dict[str, str]:
    """The X-RateLimit headers after a request; `epoch_ms` is the wall clock now."""
    reset_ms = epoch_ms + taken.reset_after_ms
    return {
        "X-RateLimit-Limit": str(taken.limit),
        "X-RateLimit-Remaining": str(taken.remaining),
        "X-RateLimit-Reset": f"{reset_ms // 1000}.{reset_ms % 1000:03d}",
        "X-RateLimit-Reset-After": f"{taken.reset_after_ms / 1000:.3f}",
        "X-RateLimit-Bucket": bucket_hash,
    }


def route_429(taken: Taken, bucket_hash: str, epoch_ms: int) -> Answer:
    """The bucket is full. Retry-After is in whole seconds, rounded up; the body has the exact number."""
    headers = bucket_headers(taken, bucket_hash, epoch_ms)
    headers["X-RateLimit-Scope"] = "user"
    headers["Retry-After"] = str(-(-taken.retry_after_ms // 1000))
    return Answer(429, _limited_body(taken.retry_after_ms, is_global=False), headers, scope="user", invalid=True)


def shared_429(retry_after_ms: int, headers: dict[str, str], code: int | None = None, message: str = "") -> Answer:
    """A resource others use too is exhausted. Not counted as invalid; the visible bucket may have tokens left.

    With `code` it is one of the coded limits, such as 20028 (a channel's write limit).
    """
    body: dict[str, Any] = {"message": message or "The resource is being rate limited."}
    if code is not None:
        body["code"] = code
    body |= {"retry_after": retry_after_ms / 1000, "global": False}
    told = {**headers, "X-RateLimit-Scope": "shared", "Retry-After": str(-(-retry_after_ms // 1000))}
    return Answer(429, body, told, scope="shared")


def user_429(retry_after_ms: int, headers: dict[str, str], code: int | None = None, message: str = "") -> Answer:
    """A limit of this bot that no header names: 429 while the visible bucket has tokens left; `code` makes it coded."""
    told = {**headers, "X-RateLimit-Scope": "user", "Retry-After": str(-(-retry_after_ms // 1000))}
    body = _limited_body(retry_after_ms, is_global=False)
    if code is not None:
        body |= {"message": message or body["message"], "code": code}
    return Answer(429, body, told, scope="user", invalid=True)


def global_429(retry_after_ms: int) -> Answer:
    """The global limit is spent: no bucket headers, only these three."""
    headers = {
        "X-RateLimit-Global": "true",
        "X-RateLimit-Scope": "global",
        "Retry-After": str(-(-retry_after_ms // 1000)),
    }
    return Answer(429, _limited_body(retry_after_ms, is_global=True), headers, scope="global", invalid=True)


def cloudflare_ban(left_ms: int, form: str = "text") -> Answer:
    """The edge's own 429: no Via, no X-RateLimit headers; plain text, HTML or JSON without `retry_after` (all seen)."""
    headers = {"Retry-After": str(-(-left_ms // 1000))}
    body: Any = BAN_CODE_TEXT
    if form == "html":
        body, headers = _BAN_PAGE, {**headers, "Content-Type": "text/html; charset=UTF-8"}
    elif form == "json":
        body = {"code": 0, "message": _BAN_MESSAGE}
    return Answer(429, body, headers, scope="cloudflare", from_origin=False)


def _limited_body(retry_after_ms: int, *, is_global: bool) -> dict[str, Any]:
    return {
        "message": "You are being rate limited.",
        "retry_after": retry_after_ms / 1000,
        "global": is_global,
    }
