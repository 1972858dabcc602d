"""The same handlers behind both ways on which interactions come, with the real server in virtual time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from discord_sim import FakeDiscord
from framework import Bot, RestManager
from framework.interactions import Interaction, Interactions, InteractionServer
from framework.models.command import ApplicationCommandOption
from framework.models.component import ActionRow, Button, ButtonStyle


@dataclass
class Stage:
    """An application and its users."""

    discord: FakeDiscord
    rest: RestManager
    interactions: Interactions
    came: list[Interaction] = field(default_factory=list)

    def __post_init__(self) -> None:
        guild = self.discord.world.guild_at(0)
        self.user, self.channel = guild.owner_id, next(iter(guild.channels))

    async def register(self, name: str, *options: ApplicationCommandOption, type_: int = 1) -> None:
        """Have a command."""
        text = "x" if type_ == 1 else ""
        await self.rest.create_global_application_command(
            self.discord.world.bot_id, name, type_=type_, description=text, options=options
        )

    def use(self, name: str, options: dict[str, Any] | None = None, **more: Any) -> Any:
        """Somebody uses a command; the server's own view of the interaction."""
        return self.discord.command(self.user, self.channel, name, options, **more)

    async def button(self, custom_id: str) -> int:
        """A message with a button; its id."""
        row = ActionRow(components=[Button(style=ButtonStyle.PRIMARY, label="x", custom_id=custom_id)])
        return (await self.rest.create_message(self.channel, "with a button", components=[row])).id

    async def press(self, custom_id: str) -> Any:
        """Somebody presses a button of a new message."""
        return self.discord.component(self.user, self.channel, await self.button(custom_id), custom_id)

    def seen(self) -> list[tuple[str, int]]:
        """Text and flags of all messages in the channel, the oldest first."""
        found = self.discord.world.messages(self.channel, 100)
        return [(message.content, message.doc["flags"]) for message in reversed(found)]

    def requests(self, *routes: str) -> list[int]:
        """The statuses of the requests to routes, or of those that follow a first response."""
        after = ("execute_webhook", "update_original_webhook_message", "delete_original_webhook_message")
        return [seen.status for seen in self.discord.record.requests if seen.route in (routes or after)]


Story = Callable[[Stage], Awaitable[None]]


async def listen_over_http(stage: Stage) -> Callable[[], Awaitable[None]]:
    """Take interactions over HTTP; returns what ends it."""
    me = await stage.rest.get_current_application()
    server = InteractionServer(stage.interactions, stage.rest, public_key=me.verify_key)
    await server.serve("0.0.0.0", 8080, "/interactions")
    await stage.rest.edit_current_application(interactions_endpoint_url="http://bot:8080/interactions")
    return server.close


async def listen_to_the_gateway(stage: Stage) -> Callable[[], Awaitable[None]]:
    """Take interactions from the gateway; returns what ends it."""
    bot = Bot(stage.discord.settings.token, intents=0, rest=stage.rest)
    bot.use(stage.interactions)
    await bot.start()
    return bot.close


@pytest.fixture
def interactions() -> Interactions:
    """No handlers yet."""
    return Interactions(error_message="Sorry.")


WAYS = {"http": listen_over_http, "gateway": listen_to_the_gateway}


@pytest.fixture
def over_http(play) -> Callable[..., FakeDiscord]:
    """`over_http(interactions, story)`: carry out `story(stage)`; returns the server with its record."""
    return lambda interactions, story, **options: _run(play, WAYS["http"], interactions, story, options)


@pytest.fixture(params=WAYS)
def talk(play, request: pytest.FixtureRequest) -> Callable[..., FakeDiscord]:
    """The same on each of both ways."""
    return lambda interactions, story, **options: _run(play, WAYS[request.param], interactions, story, options)


def _run(play: Any, listen: Any, interactions: Interactions, story: Story, options: dict[str, Any]) -> FakeDiscord:
    async def on_the_bots_machine(discord: FakeDiscord) -> None:
        rest = RestManager(discord.settings.token, chance=lambda: 0.0)
        stage = Stage(discord, rest, interactions)
        end = await listen(stage)
        try:
            await story(stage)
        finally:
            await end()
            await rest.close()
        assert "under way=0" in repr(interactions)

    return play(on_the_bots_machine, **{"guilds": 1, **options})
