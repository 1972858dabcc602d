"""How much is tried: a little in the suite, always the same; more and other things by `python -m tests.fuzz`."""

import logging
import os

import pytest

SEED, EFFORT = int(os.environ.get("FUZZ_SEED", "1")), int(os.environ.get("FUZZ_EFFORT", "1"))


@pytest.fixture(autouse=True)
def nothing_is_logged(caplog):
    """A traceback in the log is a failure."""
    yield
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == []


def pytest_generate_tests(metafunc):
    """`round_seed` is the seed of one of several rounds."""
    if "round_seed" in metafunc.fixturenames:
        metafunc.parametrize("round_seed", range(SEED * 1_000, SEED * 1_000 + 6 * EFFORT))
