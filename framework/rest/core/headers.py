"""Reading an answer's rate-limit headers. Never raises: what cannot be read is None."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil

from msgspec import Struct
from multidict import istr

__all__ = ["LimitHeaders", "read_headers"]


class LimitHeaders(Struct, frozen=True):
    """What an answer says about limits. Times in milliseconds; `reset_ms` is the server's wall clock."""

    limit: int | None = None
    remaining: int | None = None
    reset_ms: int | None = None
    reset_after_ms: int | None = None
    bucket: str | None = None
    scope: str | None = None
    is_global: bool = False
    retry_after_ms: int | None = None
    from_origin: bool = False  # a Via header: Discord itself answered, not Cloudflare in front of it


_NO_LIMIT, _NOT_DISCORD = LimitHeaders(from_origin=True), LimitHeaders()
# Of the type that aiohttp looks up without folding their case each time.
_LIMIT, _REMAINING = istr("X-RateLimit-Limit"), istr("X-RateLimit-Remaining")
_RESET, _RESET_AFTER = istr("X-RateLimit-Reset"), istr("X-RateLimit-Reset-After")
_BUCKET, _SCOPE, _GLOBAL = istr("X-RateLimit-Bucket"), istr("X-RateLimit-Scope"), istr("X-RateLimit-Global")
_RETRY_AFTER, _VIA = istr("Retry-After"), istr("Via")


def read_headers(headers: Mapping[str, str]) -> LimitHeaders:
    """Read `headers`, whose lookup must ignore case."""
    get = headers.get
    limit, retry_after, is_global = get(_LIMIT), get(_RETRY_AFTER), get(_GLOBAL)
    if limit is None and retry_after is None and is_global is None:
        return _NO_LIMIT if _VIA in headers else _NOT_DISCORD
    return LimitHeaders(
        _whole(limit),
        _whole(get(_REMAINING)),
        _ms(get(_RESET)),
        _ms(get(_RESET_AFTER)),
        get(_BUCKET) or None,
        get(_SCOPE) or None,
        is_global is not None and is_global.lower() == "true",
        None if retry_after is None else _ms(retry_after),
        _VIA in headers,
    )


def _whole(text: str | None) -> int | None:
    return int(text) if text is not None and len(text) < 16 and text.isascii() and text.isdigit() else None


def _ms(text: str | None) -> int | None:
    if text is None:
        return None
    try:
        value = float(text)
    except ValueError:
        return None
    return ceil(value * 1000) if 0 <= value < 1e12 else None
