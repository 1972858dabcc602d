"""What an answer's headers say about limits, read without trust.

Knows: the names and formats of Discord's rate-limit headers (Topics / Rate Limits). Must not know: what follows.
Seconds exist only on the wire; they leave here as integer milliseconds, rounded up, since early is costly.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["NO_HEADERS", "LimitHeaders", "parse_headers", "seconds_to_ms"]

# A number of at most 12 digits: enough for any epoch, too few to make arithmetic on garbage expensive.
_SECONDS = re.compile(r"\s*([0-9]{1,12})(?:\.([0-9]{0,18}))?\s*", re.ASCII)
_SCOPES = frozenset({"user", "global", "shared"})


@dataclass(frozen=True, slots=True)
class LimitHeaders:
    """One answer's limit headers; a field is None when absent or unreadable."""

    limit: int | None = None
    remaining: int | None = None
    reset_ms: int | None = None  #: server's epoch
    reset_after_ms: int | None = None
    bucket: str | None = None
    scope: str | None = None
    is_global: bool = False
    retry_after_ms: int | None = None
    via_origin: bool = False  #: a `Via` header: Discord itself answered, not its front door

    @property
    def is_complete(self) -> bool:
        """Whether these headers describe a bucket's state."""
        return self.limit is not None and self.remaining is not None and self.reset_after_ms is not None

    @property
    def is_from_origin(self) -> bool:
        """`Via`, or any limit header: a proxy may strip the first, Cloudflare invents neither."""
        return self.via_origin or self.is_global or self.limit is not None or self.scope is not None


NO_HEADERS = LimitHeaders()


def parse_headers(headers: Mapping[str, str]) -> LimitHeaders:
    """Read the limit headers; names in any case; never raises, garbage reads as absent."""
    found = {
        low: value.strip()
        for name, value in headers.items()
        if (low := name.lower()).startswith("x-ratelimit-") or low in ("retry-after", "via")
    }
    if not found:
        return NO_HEADERS
    limit, remaining = _count(found.get("x-ratelimit-limit")), _count(found.get("x-ratelimit-remaining"))
    if limit == 0:
        limit = None  # a bucket of nothing would block for ever
    if limit is not None and remaining is not None and remaining > limit:
        remaining = limit
    scope = found.get("x-ratelimit-scope", "").lower()
    return LimitHeaders(
        limit=limit,
        remaining=remaining,
        reset_ms=seconds_to_ms(found.get("x-ratelimit-reset")),
        reset_after_ms=seconds_to_ms(found.get("x-ratelimit-reset-after")),
        bucket=found.get("x-ratelimit-bucket") or None,
        scope=scope if scope in _SCOPES else None,
        is_global=found.get("x-ratelimit-global", "").lower() == "true" or scope == "global",
        retry_after_ms=seconds_to_ms(found.get("retry-after")),
        via_origin="via" in found,
    )


def seconds_to_ms(text: str | None) -> int | None:
    """Decimal seconds to milliseconds, rounded up; None for anything else. No float takes part."""
    match = _SECONDS.fullmatch(text) if text else None
    if match is None:
        return None
    fraction = (match[2] or "").ljust(3, "0")
    return int(match[1]) * 1_000 + int(fraction[:3]) + (1 if fraction[3:].strip("0") else 0)


def _count(text: str | None) -> int | None:
    if text and len(text) <= 9 and text.isascii() and text.isdigit():
        return int(text)
    return None
