"""What a bot process has handled, on disk, so that the next one knows after a crash."""

from __future__ import annotations

import os
from pathlib import Path

from framework.errors import InvalidUse
from framework.mq.core.dedup import Seen
from framework.mq.envelope import PARTITIONS

__all__ = ["Journal"]

_REWRITE_FROM_BYTES = 4 << 20


class Journal:
    """Positions in a file: one short line for each event, written when it was handled; one process at a time.

    It survives the process, not the machine's loss of power. An event whose handler has returned and whose line was
    not yet written, some microseconds, is handled again; where even that may not be, keep `Positions` of your own with
    the handlers' effects.

    Raises:
        InvalidUse: the file is not a journal. OSError: it cannot be opened.
    """

    def __init__(self, path: Path, seen: Seen | None = None) -> None:
        self._path = path
        self._seen = Seen() if seen is None else seen
        self._size = self._limit = 0
        for line in path.read_bytes().split(b"\n")[:-1] if path.exists() else ():  # behind the last \n nothing counts
            self._recall(line)
        self._file = -1
        self._rewrite()

    def __repr__(self) -> str:
        return f"<Journal {self._path} sessions={len(self._seen)}>"

    def is_new(self, partition: int, session_id: str, seq: int) -> bool:
        """See Positions."""
        return self._seen.is_new(partition, session_id, seq)

    def done(self, partition: int, session_id: str, seq: int) -> None:
        """See Positions."""
        self._seen.done(partition, session_id, seq)
        self._write(_line(partition, session_id, seq, False))

    def settle(self, partition: int, session_id: str, seq: int) -> None:
        """See Positions."""
        self._seen.settle(partition, session_id, seq)
        self._write(_line(partition, session_id, seq, True))
        if self._size > self._limit:
            self._rewrite()

    def close(self) -> None:
        """Let the file go."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _recall(self, line: bytes) -> None:
        try:
            kind, partition, seq, session_id = line.decode().split(" ", 3)
            if kind not in ("done", "upto") or not 0 <= int(partition) < PARTITIONS:
                raise ValueError(kind)
            (self._seen.settle if kind == "upto" else self._seen.done)(int(partition), session_id, int(seq))
        except ValueError:
            raise InvalidUse(
                f"{self._path} is no journal of handled events: {line[:80]!r}; name another file"
            ) from None

    def _write(self, line: bytes) -> None:
        self._size += os.write(self._file, line)

    def _rewrite(self) -> None:
        """As few lines as say the same, beside the old ones until they are whole."""
        self.close()
        text = b"".join(_line(*record) for record in self._seen.records())
        beside = self._path.with_name(self._path.name + ".new")
        beside.write_bytes(text)
        beside.replace(self._path)
        self._file = os.open(self._path, os.O_WRONLY | os.O_APPEND)
        self._size, self._limit = len(text), max(_REWRITE_FROM_BYTES, 2 * len(text))


def _line(partition: int, session_id: str, seq: int, is_floor: bool) -> bytes:
    return f"{'upto' if is_floor else 'done'} {partition} {seq} {session_id}\n".encode()
