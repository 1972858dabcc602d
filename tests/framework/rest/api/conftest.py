"""`talk(story)`: a RestManager and the real server in virtual time, with no limit worth mentioning."""

from __future__ import annotations

import ast
import inspect
import re
import sys
import textwrap
from collections.abc import Awaitable, Callable

import msgspec
import pytest

from discord_sim import FakeDiscord, Law, Settings
from discord_sim.rules.routes import ROUTES
from framework.models import decode, to_wire
from framework.rest import RestManager
from framework.rest.api import _base

Story = Callable[[RestManager, FakeDiscord], Awaitable[None]]
WIDE = Settings(laws=dict.fromkeys(ROUTES, Law(50_000, 60_000)), global_limit_per_s=100_000)


@pytest.fixture
def talk(play) -> Callable[..., FakeDiscord]:
    """`talk(story)`: carry out `story(rest, discord)`; returns the server with its record."""

    def run(story: Story, *, guilds: int = 2) -> FakeDiscord:
        async def connected(discord: FakeDiscord) -> None:
            rest = RestManager(discord.settings.token, chance=lambda: 0.0)
            try:
                await story(rest, discord)
            finally:
                await rest.close()

        return play(connected, guilds=guilds, settings=WIDE)

    return run


@pytest.fixture
def routes_of() -> Callable[..., set[tuple[str, str]]]:
    """`routes_of(ChannelsApi, …)`: the (method, template) of each `Route.of(method, template, …)` in the classes, `{}`
    for a parameter. Templates are literals, made of the module's constants, or called `template`."""

    def read(*mixins: type) -> set[tuple[str, str]]:
        found = set()
        for mixin in mixins:
            known = dict(vars(sys.modules[mixin.__module__]))
            for method in ast.parse(textwrap.dedent(inspect.getsource(mixin))).body[0].body:
                for node in ast.walk(method):
                    if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "template":
                        known["template"] = eval(ast.unparse(node.value), known)
                    if isinstance(node, ast.Call) and ast.unparse(node.func) == "Route.of":
                        verb, template = (eval(ast.unparse(argument), known) for argument in node.args[:2])
                        found.add((verb, re.sub(r"\{.*?\}", "{}", template)))
        return found

    return read


@pytest.fixture
def round_trip(monkeypatch) -> None:
    """Every answer is the same after wire → model → wire."""

    def checked(kind, data):
        found = decode(kind, data)
        assert to_wire(found) == msgspec.json.decode(data)
        return found

    monkeypatch.setattr(_base, "decode", checked)
