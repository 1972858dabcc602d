"""Which calls go first where a limit over all routes makes them wait.

Answers to interactions need no priority: they pass by the global limit, and each has a queue of its own.
"""

from __future__ import annotations

import contextlib
import contextvars
from collections.abc import Iterator
from enum import IntEnum

__all__ = ["Priority", "current_priority", "priority"]


class Priority(IntEnum):
    """`LOW` is for work in the background: it stops first where the budget of invalid requests runs low."""

    HIGH = 0
    NORMAL = 1
    LOW = 2


_current: contextvars.ContextVar[Priority] = contextvars.ContextVar("rest_priority", default=Priority.NORMAL)


@contextlib.contextmanager
def priority(level: Priority) -> Iterator[None]:
    """Give every call made inside, and in tasks started inside, this priority."""
    token = _current.set(level)
    try:
        yield
    finally:
        _current.reset(token)


def current_priority() -> Priority:
    """The priority of calls made here."""
    return _current.get()
