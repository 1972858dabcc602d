"""A short memory of refusals: what answered 403 or 404 a moment ago will do so again, at the cost of a request.

Bounded, forgetful, and only asked when the caller wants it. Must not know: clocks, bodies.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

__all__ = ["FailureMemory", "Refusal"]


@dataclass(frozen=True, slots=True)
class Refusal:
    """What the server said, so that the local refusal can say the same."""

    status: int
    code: int | None
    message: str


class FailureMemory:
    """The newest `capacity` refusals, each for `keep_ms`."""

    __slots__ = ("_capacity", "_keep_ms", "_known")

    def __init__(self, capacity: int = 1_024, keep_ms: int = 60_000) -> None:
        if capacity < 1 or keep_ms < 1:
            raise ValueError("capacity and keep_ms must be at least 1")
        self._capacity, self._keep_ms = capacity, keep_ms
        self._known: OrderedDict[str, tuple[int, Refusal]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._known)

    def remember(self, what: str, refusal: Refusal, now_ms: int) -> None:
        """Keep a refusal of `what` (method and full path)."""
        self._known[what] = (now_ms + self._keep_ms, refusal)
        self._known.move_to_end(what)
        while len(self._known) > self._capacity:
            self._known.popitem(last=False)

    def recall(self, what: str, now_ms: int) -> Refusal | None:
        """The refusal of `what`, if it is still fresh."""
        entry = self._known.get(what)
        if entry is None:
            return None
        if entry[0] <= now_ms:
            del self._known[what]
            return None
        return entry[1]

    def forget(self, what: str) -> None:
        """`what` was answered well."""
        self._known.pop(what, None)
