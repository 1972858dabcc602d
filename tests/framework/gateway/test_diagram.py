"""The page about a shard's life is the table's."""

from __future__ import annotations

from pathlib import Path

from framework.gateway.core.shard import TABLE, Phase
from framework.gateway.diagram import page

DOCS = Path(__file__).parents[3] / "docs" / "shard-lifecycle.md"


def test_the_page_in_the_docs_is_what_the_table_says_now() -> None:
    assert DOCS.read_text(encoding="utf-8") == page()


def test_every_cell_is_on_the_page() -> None:
    rows = [line for line in page().splitlines() if line.startswith("| ")][1:]
    assert len(rows) == len(TABLE)
    assert all(any(phase.value in row for row in rows) for phase in Phase)
