"""The committed notebook runs, and shows what it says."""

from pathlib import Path

import pytest

nbformat = pytest.importorskip("nbformat")
pytest.importorskip("nbclient")

from notebooks.execute import execute, plots, texts  # noqa: E402  (both are extras)

PATH = Path(__file__).parents[2] / "notebooks" / "resharding.ipynb"
SMALL = 'STORY = {"guilds": 100, "between_s": 10.0}; LINKS = ((50, 20),); BUSY = {"events_per_s": 100.0}'


@pytest.fixture(scope="module")
def executed():
    return execute(PATH, SMALL)


def test_what_was_committed_lost_nothing():
    committed = nbformat.read(PATH, as_version=4)
    assert "no event lost                                      ✓ 0 of 9,107" in texts(committed)


@pytest.mark.filterwarnings("ignore")  # the kernel's own machinery warns; what it runs is checked by its outputs
def test_it_runs_and_shows_the_same_in_small(executed):
    text = texts(executed)
    assert "framework  pass" in text
    assert "naive      FAIL" in text
    assert "no event lost" in text
    assert " 8 → 3 " in text
    assert plots(executed) == 4
