"""What an operator can get wrong is told at once."""

import base64

import pytest

from discord_sim import Law, Link, Settings, SimulationMisuse, World


@pytest.mark.parametrize("name", ["shards", "max_concurrency", "global_limit_per_s", "heartbeat_interval_ms"])
def test_a_limit_below_one_is_refused_by_name(name):
    with pytest.raises(ValueError, match=f"{name}=0"):
        Settings(**{name: 0})


def test_a_law_for_a_route_that_is_not_there():
    with pytest.raises(ValueError, match=r"no operation 'users\.you'"):
        Settings(laws={"users.you": Law(1, 1_000)})


def test_a_link_into_the_past():
    with pytest.raises(SimulationMisuse, match="latency_ms=-1"):
        Link(latency_ms=-1)


def test_the_token_is_not_in_the_repr():
    assert Settings().token not in repr(Settings())


def test_the_default_token_has_discords_shape_and_names_the_bot():
    who, when, proof = Settings().token.split(".")
    assert base64.urlsafe_b64decode(who + "=" * (-len(who) % 4)).decode() == str(World(1).bot_id)
    assert (len(when), len(proof)) == (6, 27)
