"""The house rules that no linter knows."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("discord_sim", "framework", "scenarios")
SOURCES = sorted(p for package in PACKAGES for p in (ROOT / package).rglob("*.py"))
OWNERS_OF_TIME_AND_CHANCE = {
    "discord_sim/edge/clock.py",
    "discord_sim/serve.py",  # the control secret, when none is given
    "framework/chance.py",
    "scenarios/runner.py",  # real seconds a run took; its seeded Random
    "scenarios/story.py",  # the type only
}


def name(path):
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_a_file_can_be_read_in_one_sitting(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 500


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_each_module_says_what_it_is(path):
    assert path.read_text(encoding="utf-8").lstrip().startswith(('"""', "'''"))


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_time_and_chance_have_one_owner(path):
    if name(path) in OWNERS_OF_TIME_AND_CHANCE or name(path).startswith("discord_sim/loop/"):
        return
    assert not re.search(r"^\s*(import|from) (time|random|uuid|secrets)\b", path.read_text(encoding="utf-8"), re.M)


@pytest.mark.parametrize("package", PACKAGES)
def test_packages_are_typed(package):
    assert (ROOT / package / "py.typed").exists()


def test_no_registry_is_named():
    hosts = re.compile("|".join(["pypi" + r"\.org", "pythonhosted" + r"\.org", "registry" + r"\.npmjs"]))
    for path in (ROOT / "constraints.txt", ROOT / "pyproject.toml", ROOT / "Makefile"):
        assert not hosts.search(path.read_text(encoding="utf-8"))
