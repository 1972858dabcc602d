"""The real server beside the code under test, in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from discord_sim import FakeDiscord, Link, Settings, Simulation, World, start_discord

Story = Callable[[FakeDiscord], Awaitable[None]]


@pytest.fixture
def play() -> Callable[..., FakeDiscord]:
    """`play(story)`: carry out `story(discord)` on the bot's machine; returns the server with its record."""

    def run(
        story: Story, *, guilds: int = 3, settings: Settings | None = None, link: Link | None = None
    ) -> FakeDiscord:
        with Simulation(1) as sim:
            sim.network.default_link = link or Link(20, 5)

            async def main() -> FakeDiscord:
                discord = await start_discord(sim, World(1, guilds=guilds), settings)

                async def on_the_bots_machine() -> None:
                    async with asyncio.timeout(200_000):
                        await story(discord)

                try:
                    await sim.spawn("bot", on_the_bots_machine)
                finally:
                    await discord.stop()
                return discord

            return sim.run(main())

    return run
