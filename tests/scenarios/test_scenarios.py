"""The three stories, small enough to run always; their full size is `make demo`."""

import asyncio

import pytest

from scenarios import SCENARIOS, SUBJECTS, LazyCacheEviction, MassBanFlood, Resharding, Restart, run_scenario


def broken(result):
    return {e.name for e in result.expectations if not e.held}


@pytest.fixture(scope="module")
def flood():
    return run_scenario(MassBanFlood(guilds=1_000, bans=2_000, flood_s=20, settle_s=20))


def test_the_framework_lives_through_a_mass_ban(flood):
    assert broken(flood) == set()
    assert flood.counts["cloudflare_bans"] == flood.counts["invalid_requests"] == 0
    assert flood.counts["handled"] == 2 * 2_000 + 40
    assert flood.exit_code == 0


def test_equal_seeds_give_equal_digests_and_others_do_not(flood):
    again = run_scenario(MassBanFlood(guilds=1_000, bans=2_000, flood_s=20, settle_s=20))
    other = run_scenario(MassBanFlood(guilds=1_000, bans=2_000, flood_s=20, settle_s=20), seed=2)
    assert again.digest == flood.digest
    assert other.digest != flood.digest
    assert again.counts == flood.counts


def test_the_naive_bot_gets_itself_banned_by_the_429s_it_earns():
    result = run_scenario(MassBanFlood(settle_s=100), "naive")
    assert "no Cloudflare ban" in broken(result)
    assert "every event reaches its handler once" in broken(result)
    assert result.counts["cloudflare_bans"] == 1
    record = result.stage.discord.record
    before_ban = [seen for seen in record.requests if seen.t_ms <= record.ban_times_ms[0]]
    assert sum(seen.status == 429 and seen.invalid for seen in before_ban) == 10_000
    assert all(seen.scope == "cloudflare" for seen in record.requests if seen.t_ms > record.ban_times_ms[0])
    assert result.exit_code == 1


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_resharding_loses_doubles_and_swaps_nothing(seed):
    result = run_scenario(Resharding(guilds=200, between_s=10), seed=seed)
    assert broken(result) == set()
    assert result.counts["identifies"] == 21


def test_resharding_by_restart_loses_events():
    result = run_scenario(Resharding(guilds=200, between_s=10), "naive")
    assert "no event lost" in broken(result)


@pytest.mark.parametrize("seed", [1, 2])
def test_a_restart_costs_no_identify_and_loses_nothing(seed):
    result = run_scenario(Restart(guilds=100, up_s=20), seed=seed)
    assert broken(result) == set()
    assert result.counts["identifies"] == 16


def test_a_subject_that_cannot_restart_says_so():
    with pytest.raises(NotImplementedError, match="naive"):
        asyncio.run(SUBJECTS["naive"]().restart(None, 1.0, kill=False))


def test_the_cache_follows_activity():
    result = run_scenario(LazyCacheEviction(guilds=200, hours=6))
    assert broken(result) == set()


def test_a_cache_that_keeps_everything_saves_nothing():
    result = run_scenario(LazyCacheEviction(guilds=100, hours=24), "naive")
    assert "at least 50% of the memory saved" in broken(result)


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_scenario_explains_itself(name):
    kind = SCENARIOS[name]
    assert kind.NAME == name
    assert kind.SUMMARY
    assert (kind.__doc__ or "").startswith("Options:")
