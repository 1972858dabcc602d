"""How far a session has been accepted without a gap: from there a gateway process that starts again must resume."""

from __future__ import annotations

from collections import deque

__all__ = ["Settled"]

_SESSIONS_MAX = 4_096


class Settled:
    """Per session, the greatest sequence up to which nothing is under way any more. Bounded by what is under way."""

    __slots__ = ("_accepted", "_under_way", "_up_to")

    def __init__(self) -> None:
        self._under_way: dict[str, deque[int]] = {}
        self._accepted: dict[str, set[int]] = {}  # those behind which an older one is under way
        self._up_to: dict[str, int] = {}

    def sent(self, session_id: str, seq: int) -> None:
        """An event is under way; a session's events come in the order of their sequence."""
        self._under_way.setdefault(session_id, deque()).append(seq)

    def accepted(self, session_id: str, seq: int) -> None:
        """It has arrived."""
        waiting = self._under_way[session_id]
        done = self._accepted.setdefault(session_id, set())
        done.add(seq)
        while waiting and waiting[0] in done:
            done.remove(waiting[0])
            self._up_to.pop(session_id, None)
            self._up_to[session_id] = waiting.popleft()
        if not waiting:
            del self._under_way[session_id], self._accepted[session_id]
        while len(self._up_to) > _SESSIONS_MAX:
            del self._up_to[next(iter(self._up_to))]

    def up_to(self, session_id: str) -> int | None:
        """The sequence; None where nothing of the session was accepted, or long ago."""
        return self._up_to.get(session_id)
