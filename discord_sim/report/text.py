"""Plain, aligned text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

__all__ = ["result_lines", "table"]


class _Expectation(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def held(self) -> bool: ...
    @property
    def figure(self) -> str: ...


class _Result(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def subject(self) -> str: ...
    @property
    def seed(self) -> int: ...
    @property
    def expectations(self) -> Sequence[Any]: ...


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Columns as wide as their widest cell; numbers (cells ending in a unit) are not special."""
    grid = [list(header), *[list(row) for row in rows]]
    widths = [max(len(row[column]) for row in grid) for column in range(len(header))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in grid
    )


def result_lines(result: _Result) -> list[str]:
    """A run and its expectations, one a line."""
    width = max((len(e.name) for e in result.expectations), default=0)
    lines = [f"{result.name} · {result.subject} · seed {result.seed}"]
    lines += [_line(e, width) for e in result.expectations]
    return lines


def _line(expectation: _Expectation, width: int) -> str:
    figure = expectation.figure.replace("\n", "\n" + " " * (width + 6))
    return f"  {'✓' if expectation.held else '✗'} {expectation.name.ljust(width)}  {figure}"
