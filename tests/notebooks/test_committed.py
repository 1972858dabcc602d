"""Every notebook is committed as it ran, with its plots."""

from pathlib import Path

import pytest

nbformat = pytest.importorskip("nbformat")
pytest.importorskip("nbclient")

from notebooks.execute import plots  # noqa: E402  (both are extras)

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
PLOTS = {"mass_ban": 3, "memory_savings": 4, "rate_limiter": 4, "resharding": 4}


def test_each_of_them_is_known_here():
    assert {path.stem for path in NOTEBOOKS.glob("*.ipynb")} == set(PLOTS)


@pytest.mark.parametrize("name", PLOTS)
def test_it_was_committed_with_its_plots(name):
    committed = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)
    assert plots(committed) == PLOTS[name]
    assert all(cell.execution_count for cell in committed.cells if cell.cell_type == "code")
