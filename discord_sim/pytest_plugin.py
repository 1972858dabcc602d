"""The `discord` fixture: a fake Discord in virtual time, in any test.

def test_greets(discord):
    discord.run(make_bot(discord.token))
    discord.say("!ping")
    assert discord.messages()[-1] == "pong"
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from typing import Any, Protocol, TypeVar

import pytest

from discord_sim.edge import FakeDiscord, Settings
from discord_sim.loop import Simulation
from discord_sim.record import Record
from discord_sim.virtual import start_discord
from discord_sim.world.world import World

__all__ = ["DiscordFixture", "discord"]

T = TypeVar("T")


class _Startable(Protocol):
    def start(self) -> Awaitable[Any]: ...
    def close(self) -> Awaitable[Any]: ...


class DiscordFixture:
    """A fake Discord and a virtual clock. All waiting is virtual: `advance(3600)` takes no time.

    The world has three guilds; `say` and `ban` act in guild 0 unless told otherwise. Your bot reaches the fake at its
    default `https://discord.com`, whatever library it uses.
    """

    def __init__(self, sim: Simulation, fake: FakeDiscord) -> None:
        self.sim = sim
        self.fake = fake
        self._bots: list[_Startable] = []

    def __repr__(self) -> str:
        return f"<DiscordFixture t={self.sim.clock.now_ms / 1000:.3f} s {self.fake!r}>"

    @property
    def token(self) -> str:
        """The bot's token."""
        return self.fake.settings.token

    @property
    def record(self) -> Record:
        """What the server saw."""
        return self.fake.record

    def run(self, bot: _Startable) -> None:
        """Start a bot (anything with async `start()` and `close()`), until it is ready; it is closed after the test."""

        async def start() -> None:
            await bot.start()

        self._bots.append(bot)
        self.do(start)

    def do(self, program: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Run `program()` on the bot's simulated machine and return its result."""

        async def outer() -> T:
            return await self.sim.spawn("bot", program)

        return self.sim.run(outer())

    def advance(self, seconds: float) -> None:
        """Let virtual time pass."""
        self.sim.run(asyncio.sleep(seconds))

    def say(self, content: str, *, guild: int = 0, channel: int = 0) -> int:
        """A member posts a message; returns its id. The bot has a virtual second to react."""
        message_id = self._act(lambda: self.fake.message_posted(guild, content, channel=channel))
        self.advance(1.0)
        return message_id

    def ban(self, member: int, *, guild: int = 0) -> int:
        """A moderator bans a member by number; returns the user id. The bot has a virtual second to react."""
        user_id = self._act(lambda: self.fake.member_banned(guild, member))
        self.advance(1.0)
        return user_id

    def messages(self, *, guild: int = 0, channel: int = 0) -> list[str]:
        """The texts in a channel, oldest first."""
        found = self.fake.world.guild_at(guild)
        channel_id = list(found.channels)[channel]
        return [m.content for m in reversed(self.fake.world.messages(channel_id, 100))]

    def close(self) -> None:
        """Close the bots and the server."""

        async def stop() -> None:
            for bot in self._bots:
                await bot.close()

        self.do(stop)
        self.sim.run(self.fake.stop())

    def _act(self, action: Callable[[], int]) -> int:
        async def inside() -> int:
            return action()

        return self.sim.run(inside())


@pytest.fixture
def discord(request: pytest.FixtureRequest) -> Iterator[DiscordFixture]:
    """A fake Discord in virtual time. `@pytest.mark.discord_seed(7)` changes its seed (1)."""
    marker = request.node.get_closest_marker("discord_seed")
    seed = int(marker.args[0]) if marker is not None else 1
    with Simulation(seed) as sim:
        fake = sim.run(start_discord(sim, World(seed, guilds=3), Settings()))
        fixture = DiscordFixture(sim, fake)
        yield fixture
        fixture.close()


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker."""
    config.addinivalue_line("markers", "discord_seed(n): the seed of the `discord` fixture's simulation")
