"""The committed notebook runs, and shows what it says."""

from pathlib import Path

import pytest

nbformat = pytest.importorskip("nbformat")
pytest.importorskip("nbclient")

PATH = Path(__file__).parents[2] / "notebooks" / "mass_ban.ipynb"


def texts(notebook):
    return "".join(o.text for cell in notebook.cells for o in cell.get("outputs", []) if o.output_type == "stream")


def plots(notebook):
    outputs = [o for cell in notebook.cells for o in cell.get("outputs", [])]
    return sum("image/png" in o.get("data", {}) for o in outputs)


@pytest.fixture(scope="module")
def executed():
    import sys

    sys.path.insert(0, str(PATH.parent))
    try:
        from execute import execute
    finally:
        sys.path.pop(0)
    return execute(PATH)


def test_it_was_committed_with_its_plots():
    committed = nbformat.read(PATH, as_version=4)
    assert plots(committed) == 3
    assert all(cell.execution_count for cell in committed.cells if cell.cell_type == "code")


@pytest.mark.filterwarnings("ignore")  # the kernel's own machinery warns; what it runs is checked by its outputs
def test_it_runs_in_a_kernel_with_a_running_loop_and_shows_the_same(executed):
    text = texts(executed)
    assert "naive      FAIL" in text
    assert "framework  pass" in text
    assert plots(executed) == 3
