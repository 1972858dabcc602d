"""The committed notebook runs, and shows what it says."""

from pathlib import Path

import pytest

pytest.importorskip("nbformat")
pytest.importorskip("nbclient")

from notebooks.execute import execute, plots, texts

PATH = Path(__file__).parents[2] / "notebooks" / "rate_limiter.ipynb"


@pytest.fixture(scope="module")
def executed():
    return execute(PATH)


@pytest.mark.filterwarnings("ignore")  # the kernel's own machinery warns; what it runs is checked by its outputs
def test_it_runs_and_shows_the_failure_it_found(executed):
    text = texts(executed)
    assert "20 requests, 0 answers of 429" in text
    assert "The smallest, after" in text
    assert "R1 at" in text
    assert "The framework in the same story: nothing to complain of" in text
    assert plots(executed) == 4
