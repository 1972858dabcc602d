"""Which events are doubles, by session and sequence; never by their bodies, which two events may share.

In one partition the events of a session arrive in the order of their sequence, so one number says what has been
handled: everything up to it. Guilds of one batch are handled side by side, hence the few above it.
"""

from __future__ import annotations

from collections.abc import Iterator

from framework.errors import InvalidUse

__all__ = ["Seen"]


class Seen:
    """What a bot process has handled: per partition and session a number, and what is done above it.

    Args:
        sessions_max: pairs of partition and session that are remembered; those not heard of for longest go first.

    Raises:
        InvalidUse: `sessions_max` below 1.
    """

    __slots__ = ("_done", "_floors", "_sessions_max")

    def __init__(self, sessions_max: int = 65_536) -> None:
        if sessions_max < 1:
            raise InvalidUse(f"sessions_max must be at least 1, not {sessions_max}")
        self._sessions_max = sessions_max
        self._floors: dict[tuple[int, str], int] = {}  # in the order in which they were last heard of
        self._done: dict[tuple[int, str], set[int]] = {}  # only where a batch is in hand

    def __len__(self) -> int:
        return len(self._floors.keys() | self._done.keys())

    def is_new(self, partition: int, session_id: str, seq: int) -> bool:
        """Whether this event has not been handled."""
        key = (partition, session_id)
        return seq > self._floors.get(key, 0) and seq not in self._done.get(key, ())

    def done(self, partition: int, session_id: str, seq: int) -> None:
        """This event has been handled; those before it may not have been."""
        self._done.setdefault((partition, session_id), set()).add(seq)

    def settle(self, partition: int, session_id: str, seq: int) -> None:
        """Of this partition and session, everything up to `seq` has been handled."""
        key = (partition, session_id)
        floor = max(seq, self._floors.pop(key, 0))
        self._floors[key] = floor
        above = {one for one in self._done.pop(key, ()) if one > floor}
        if above:
            self._done[key] = above
        while len(self._floors) > self._sessions_max:
            del self._floors[next(iter(self._floors))]

    def records(self) -> Iterator[tuple[int, str, int, bool]]:
        """(partition, session_id, seq, whether everything up to it is meant): what would make an empty one equal."""
        for (partition, session_id), floor in self._floors.items():
            yield partition, session_id, floor, True
        for (partition, session_id), seqs in self._done.items():
            for seq in sorted(seqs):
                yield partition, session_id, seq, False
