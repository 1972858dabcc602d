"""The committed notebook runs, and shows what it says."""

import json
from pathlib import Path

import pytest

nbformat = pytest.importorskip("nbformat")
for needed in ("nbclient", "numpy", "psutil"):
    pytest.importorskip(needed)

from notebooks import memory  # noqa: E402  (it and the next need extras)
from notebooks.execute import execute, plots, texts  # noqa: E402

PATH = Path(__file__).parents[2] / "notebooks" / "memory_savings.ipynb"
STORED = json.loads(PATH.with_name("memory_savings_100000.json").read_text())
LARGEST = f"100,000 guilds:   {STORED['everything']['grown'] / 1e6:.1f} →  {STORED['needed']['grown'] / 1e6:.1f} →"
SMALL = "GUILDS, IDLE_S, PEERS = (300,), (900, 3_600), ()"


@pytest.fixture(scope="module")
def executed():
    return execute(PATH, SMALL)


@pytest.fixture(scope="module")
def point():
    return memory.measure(300, (900, 3_600))


def test_it_was_committed_with_its_largest_point():
    committed = nbformat.read(PATH, as_version=4)
    assert LARGEST in texts(committed)


@pytest.mark.filterwarnings("ignore")  # the kernel's own machinery warns; what it runs is checked by its outputs
def test_it_runs_in_small_beside_the_stored_point(executed):
    text = texts(executed)
    assert "     300 guilds:" in text
    assert LARGEST in text
    assert plots(executed) == 4


def test_a_tenth_to_a_fifth_of_the_guilds_is_active_in_an_hour_and_most_on_the_day(point):
    active = point["day"]["active"]
    assert 0.06 < min(active) / 300 < 0.12
    assert 0.17 < max(active) / 300 < 0.25
    assert point["day"]["ever"] > 2 * max(active)


def test_the_cache_holds_who_was_active_within_the_idle_time(point):
    hour, quarter = point["lazy"]["3600"], point["lazy"]["900"]
    assert all(abs(held - active) <= 3 for held, active in zip(hour["held"], point["day"]["active"], strict=True))
    assert all(short < long for short, long in zip(quarter["held"], hour["held"], strict=True))


def test_the_shorter_the_idle_time_the_more_is_fetched_two_requests_each(point):
    hour, quarter = point["lazy"]["3600"], point["lazy"]["900"]
    assert sum(quarter["requests"]) > sum(hour["requests"])
    assert all(requests % 2 == 0 for requests in hour["requests"])


def test_what_is_measured_is_about_what_the_cache_counts(point):
    assert point["needed"]["grown"] < point["everything"]["grown"]
    for eager in (point["everything"], point["needed"]):
        assert 0.5 < eager["grown"] / eager["counted"] < 2


def test_an_idle_time_longer_than_the_run_in_is_refused(tmp_path):
    day = memory.Day(tmp_path, 300, 1, [], [], 0, 0)
    with pytest.raises(ValueError, match="needs as long a run-in"):
        memory.lazy_day(day, 7_200)
