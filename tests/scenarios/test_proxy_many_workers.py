"""Many workers through one proxy, and the same workers without it."""

import pytest

from scenarios import ProxyManyWorkers, run_scenario

SMALL = ProxyManyWorkers(callers=20, guilds=50, flood_s=20, ban_at=200)


@pytest.fixture(scope="module")
def shared():
    return run_scenario(SMALL)


def test_through_the_proxy_nothing_is_refused(shared):
    assert {e.name for e in shared.expectations if not e.held} == set()
    assert sum(shared.counts["responses_429"].values()) == 0
    assert shared.counts["requests"] > 950


def test_equal_seeds_give_equal_digests(shared):
    assert run_scenario(SMALL).digest == shared.digest


def test_without_it_the_same_workers_are_banned_by_their_own_429s():
    result = run_scenario(SMALL, "naive")
    assert {e.name for e in result.expectations if not e.held} == {
        "no 429", "no Cloudflare ban", "every call is answered, and was carried out once", "Discord sees one address",
    }  # fmt: skip
    assert result.counts["cloudflare_bans"] == 8
    assert result.counts["responses_429"]["global"] == 8 * 200
    assert result.exit_code == 1
