"""Ids as clients write them."""

from __future__ import annotations

__all__ = ["id_of"]

_DIGITS_MAX = 20


def id_of(text: str) -> int | None:
    """The id that a text of digits is; None where it is none, or has more than 64 bits."""
    if len(text) > _DIGITS_MAX or not text.isascii() or not text.isdecimal() or (number := int(text)) >= 1 << 64:
        return None
    return number
