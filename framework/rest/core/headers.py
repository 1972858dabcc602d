"""Reading an answer's rate-limit headers. Never raises: what cannot be read is None."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

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


def read_headers(headers: Mapping[str, str]) -> LimitHeaders:
    """Read `headers`, whose lookup must ignore case."""
    limit = headers.get("X-RateLimit-Limit")
    if limit is None and "Retry-After" not in headers and "X-RateLimit-Global" not in headers:
        return _NO_LIMIT if "Via" in headers else _NOT_DISCORD
    return LimitHeaders(
        _whole(limit),
        _whole(headers.get("X-RateLimit-Remaining")),
        _ms(headers.get("X-RateLimit-Reset")),
        _ms(headers.get("X-RateLimit-Reset-After")),
        headers.get("X-RateLimit-Bucket") or None,
        headers.get("X-RateLimit-Scope") or None,
        headers.get("X-RateLimit-Global", "").lower() == "true",
        _ms(headers.get("Retry-After")),
        "Via" in headers,
    )


def _whole(text: str | None) -> int | None:
    return int(text) if text is not None and len(text) < 16 and text.isascii() and text.isdigit() else None


def _ms(text: str | None) -> int | None:
    try:
        value = float(text) if text is not None else -1.0
    except ValueError:
        return None
    return -int(-value * 1000 // 1) if 0 <= value < 1e12 else None
