"""The committed notebook runs, and shows what it says."""

from pathlib import Path

import pytest

pytest.importorskip("nbformat")
pytest.importorskip("nbclient")

from notebooks.execute import execute, plots, texts

PATH = Path(__file__).parents[2] / "notebooks" / "mass_ban.ipynb"


@pytest.fixture(scope="module")
def executed():
    return execute(PATH)


@pytest.mark.filterwarnings("ignore")  # the kernel's own machinery warns; what it runs is checked by its outputs
def test_it_runs_in_a_kernel_with_a_running_loop_and_shows_the_same(executed):
    text = texts(executed)
    assert "naive      FAIL" in text
    assert "framework  pass" in text
    assert plots(executed) == 3
