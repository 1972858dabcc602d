"""What holds for every route of the table."""

import pytest

from discord_sim import Settings, World
from discord_sim.edge.operations import OPERATIONS
from discord_sim.rules.answers import Answer
from discord_sim.rules.front_door import FrontDoor
from discord_sim.rules.routes import ROUTES


def path_of(route):
    return "/".join("123456789012345678" if part.startswith("{") else part for part in route.template.split("/"))


@pytest.mark.parametrize("route", ROUTES.values(), ids=lambda r: f"{r.method} {r.template}")
def test_without_a_token_it_answers_401_unless_it_needs_none(route):
    door = FrontDoor({Settings().token: 1})
    answer = door.judge("1.2.3.4", route.method, path_of(route), None, "DiscordBot", 0, 0)
    if not route.auth & {"none", "webhook-token"}:
        assert isinstance(answer, Answer)
        assert (answer.status, answer.body["code"]) == (401, 0)
    else:
        assert not isinstance(answer, Answer)


@pytest.mark.parametrize("route", ROUTES.values(), ids=lambda r: f"{r.method} {r.template}")
def test_it_has_an_operation(route):
    assert route.name in OPERATIONS


def test_no_operation_is_without_a_route():
    assert set(OPERATIONS) == set(ROUTES)


def test_a_world_without_guilds_can_be_served():
    assert list(World(1, guilds=0).guild_ids()) == []
