"""A bot of the examples with the real server in virtual time; the server's record judges."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

import pytest

from discord_sim import FakeDiscord, Link, Settings, Simulation, World, start_discord
from framework import Bot


@pytest.fixture
def perform(caplog: pytest.LogCaptureFixture) -> Callable[..., FakeDiscord]:
    """`perform(make_bot, story)`: run the bot beside `story(discord)`. Nothing may be limited, refused, unanswered or
    logged as an error; returns the server."""

    def run(
        factory: Callable[[str], Bot], story: Callable[[FakeDiscord], Awaitable[None]], *, guilds: int = 3
    ) -> FakeDiscord:
        with Simulation(1) as sim:
            sim.network.default_link = Link(20, 5)

            async def main() -> FakeDiscord:
                discord = await start_discord(sim, World(1, guilds=guilds), Settings())
                bot = factory(discord.settings.token)
                try:
                    await sim.spawn("bot", bot.start)
                    await story(discord)
                finally:
                    await sim.spawn("bot", bot.close)
                    await discord.stop()
                return discord

            discord = sim.run(main())
        assert [seen for seen in discord.record.requests if seen.status >= 400] == []
        assert [used for used in discord.world.interactions.values() if used.answered is None] == []
        assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []
        return discord

    return run


@pytest.fixture
def said() -> Callable[..., list[str]]:
    """`said(discord, channel)`: the texts in a channel, the oldest first."""
    return lambda discord, channel: [m.content for m in reversed(discord.world.messages(channel, 100))]


@pytest.fixture
def without_token(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """`without_token(main)`: what the program says when there is no token."""

    def run(main: Callable[[], int]) -> str:
        monkeypatch.delenv("DISCORD_TOKEN", raising=False)
        assert main() == 2
        return capsys.readouterr().err

    return run


@pytest.fixture
def soon() -> Callable[[], Awaitable[None]]:
    """A virtual second."""
    return lambda: asyncio.sleep(1)
