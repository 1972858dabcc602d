"""What really happened: one line per fact, a rolling digest, and the comparison with an earlier run.

The trace is streamed (digest, a short ring for reports, an optional file), so a run of any length costs constant
memory. The claim it supports: same interpreter, same dependency versions, same seed, same digest.
"""

from __future__ import annotations

import hashlib
import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import msgspec

__all__ = ["BadTrace", "Divergence", "Trace", "read_trace"]

_RING = 40
_encode = msgspec.json.Encoder(order="deterministic").encode
TRACE_FORMAT = 1


class BadTrace(ValueError):
    """The file is no trace of ours, or was cut."""


@dataclass(frozen=True, slots=True)
class Divergence:
    """The first line where two runs differ; `expected` or `got` is None where one of them ended."""

    line: int
    expected: str | None
    got: str | None


class Trace:
    """Collects facts. `expect` is an earlier run's lines to compare with while this one is made."""

    def __init__(
        self, header: dict[str, Any], file: IO[bytes] | None = None, expect: Iterable[bytes] | None = None
    ) -> None:
        self._hash = hashlib.sha256()
        self._file = file
        self._expect: Iterator[bytes] | None = None if expect is None else iter(expect)
        self.lines = 0
        self.recent: deque[bytes] = deque(maxlen=_RING)
        self.divergence: Divergence | None = None
        self._forbidden: re.Pattern[bytes] | None = None
        self.leaks = 0
        if file is not None:
            file.write(_encode({"discord_sim_trace": TRACE_FORMAT, **header}) + b"\n")

    def __repr__(self) -> str:
        return f"<Trace lines={self.lines} digest={self.digest[:12]}>"

    @property
    def digest(self) -> str:
        """SHA-256 over all lines so far, in hex. The header is not part of it."""
        return self._hash.hexdigest()

    def forbid(self, tokens: Iterable[str]) -> None:
        """Count every line that holds one of these as a leak."""
        self._forbidden = re.compile(b"|".join(re.escape(token.encode()) for token in tokens))

    def write(self, t_ms: int, kind: str, *facts: Any) -> None:
        """Note one fact. Never pass a token."""
        line = _encode((t_ms, kind, *facts))
        if self._forbidden is not None and self._forbidden.search(line):
            self.leaks += 1
        self.lines += 1
        self._hash.update(line)
        self.recent.append(line)
        if self._file is not None:
            self._file.write(line + b"\n")
        if self._expect is not None:
            self._compare(line)

    def close(self) -> None:
        """End the trace: write the digest, and notice an earlier run that went on longer."""
        if self._expect is not None and (left := next(self._expect, None)) is not None:
            self._diverge(self.lines + 1, left, None)
        if self._file is not None:
            self._file.write(_encode({"digest": self.digest, "lines": self.lines}) + b"\n")

    def _compare(self, line: bytes) -> None:
        assert self._expect is not None
        expected = next(self._expect, None)
        if expected != line:
            self._diverge(self.lines, expected, line)

    def _diverge(self, line: int, expected: bytes | None, got: bytes | None) -> None:
        self._expect = None  # what follows a divergence tells nothing
        self.divergence = Divergence(
            line, None if expected is None else expected.decode(), None if got is None else got.decode()
        )


def read_trace(path: Path) -> tuple[dict[str, Any], Iterator[bytes]]:
    """(header, lines) of a trace file; the lines are read as they are asked for.

    Raises:
        BadTrace: no trace, or not closed by its digest (the run that wrote it was cut off).
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        first = file.readline()
        try:
            file.seek(-4096, 2)
        except OSError:
            file.seek(0)
        last = file.read().splitlines()[-1:] or [b""]
    try:
        header, footer = msgspec.json.decode(first), msgspec.json.decode(last[0])
    except msgspec.DecodeError as error:
        raise BadTrace(f"{path} is not a trace: {error}") from None
    if not isinstance(header, dict) or header.get("discord_sim_trace") != TRACE_FORMAT:
        raise BadTrace(f"{path} is not a trace of format {TRACE_FORMAT}: its first line says so")
    if not isinstance(footer, dict) or "digest" not in footer:
        raise BadTrace(f"{path} does not end with its digest: the run that wrote it did not finish")
    return {**header, **footer}, _lines(path)


def _lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        next(file)
        for line in file:
            if line.startswith(b"["):
                yield line.rstrip(b"\n")
