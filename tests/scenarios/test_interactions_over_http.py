"""Commands whose work takes longer than Discord waits."""

import pytest

from scenarios import InteractionsOverHttp, run_scenario

SMALL = InteractionsOverHttp(uses=120, guilds=5, longest_s=3_600)


@pytest.fixture(scope="module")
def run():
    return run_scenario(SMALL)


def test_every_use_is_answered_and_what_is_late_is_not_sent(run):
    assert {e.name for e in run.expectations if not e.held} == set()
    assert run.counts["invalid_requests"] == 0
    record, uses = run.stage.discord.record, run.stage.notes["uses"]
    deferred = sum(used.answered == 5 for _, _, used in uses)
    assert 0 < deferred < len(uses) == record.gateway["interaction_answered"]
    assert any(seconds > 900 for _, seconds, _ in uses)


def test_equal_seeds_give_equal_digests(run):
    assert run_scenario(SMALL).digest == run.digest


def test_who_answers_when_the_work_is_done_is_too_late():
    result = run_scenario(SMALL, "naive")
    assert {e.name for e in result.expectations if not e.held} == {
        "every use is answered within 3 s", "what is done within 15 min arrives once", "what is late is not sent",
    }  # fmt: skip
    assert result.stage.discord.record.gateway["interaction_failed"] > 0
    assert result.exit_code == 1
