"""Ids as clients write them, and numbers as Discord does."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

__all__ = ["id_of", "number_of"]

_DIGITS_MAX = 20

number_of: Callable[[str], int] = lru_cache(maxsize=4_096)(int)
"""The number in a string of ours. Every event asks for the same few (an owner, a role's permissions)."""


def id_of(text: str) -> int | None:
    """The id that a text of digits is; None where it is none, or has more than 64 bits."""
    if len(text) > _DIGITS_MAX or not text.isascii() or not text.isdecimal() or (number := int(text)) >= 1 << 64:
        return None
    return number
