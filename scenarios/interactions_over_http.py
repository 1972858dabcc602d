"""Users use two commands at a steady rate, and the work behind them takes from a tenth of a second to twenty minutes.

Discord waits three seconds for the first response and takes messages for fifteen minutes. `work` answers when it is
done; `report` says at once that it has begun, and follows up. The subject `naive` is what one writes first: a request
handler that does the work and then answers.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from aiohttp import web

from discord_sim import Settings, World
from framework import RestManager
from framework.interactions import Interaction, InteractionExpired, Interactions, InteractionServer, verify
from framework.models.command import ApplicationCommandOption, ApplicationCommandOptionType
from framework.models.interaction import InteractionCallbackType, InteractionType
from framework.rest import RestError
from scenarios.story import Expectation, Scenario, Stage

__all__ = ["InteractionsOverHttp"]

_HOST, _PORT = "bot", 8080
_LIVES_S = 900
_EDGE_S = 10  # work that ends so close to the end of its interaction may be in time or late
_MESSAGES = ("execute_webhook", "update_original_webhook_message")


@dataclass(frozen=True)
class InteractionsOverHttp(Scenario):
    """Options: how many uses, how fast, in how many guilds; the shortest and the longest work, drawn by magnitude."""

    uses: int = 600
    per_s: float = 5.0
    guilds: int = 20
    shortest_s: float = 0.1
    longest_s: float = 1_200.0

    NAME = "interactions_over_http"
    SUMMARY = "commands at 5/s over HTTP, handlers take 0.1 s to 20 minutes"
    INTENTS = 0
    WATCHES = ()

    def world(self, seed: int) -> World:
        return World(seed, guilds=self.guilds)

    def settings(self) -> Settings:
        return Settings()

    def shard_count(self) -> int:
        return 1

    async def drive(self, stage: Stage) -> None:
        kind = _NaiveEndpoint if stage.subject.name == "naive" else _Endpoint
        endpoint = kind(stage.discord.settings.token)
        await stage.sim.spawn(_HOST, endpoint.open)
        stage.notes["uses"] = uses = []
        for number in range(self.uses):
            guild = stage.discord.world.guild_at(stage.random.randrange(self.guilds))
            seconds = self.shortest_s * (self.longest_s / self.shortest_s) ** stage.random.random()
            name = stage.random.choice(("work", "report"))
            channel = next(iter(guild.channels))
            used = stage.discord.command(guild.owner_id, channel, name, {"number": number, "seconds": seconds})
            uses.append((number, seconds, used))
            await asyncio.sleep(stage.random.expovariate(self.per_s))
        await asyncio.sleep(self.longest_s + 30)
        await stage.sim.spawn(_HOST, endpoint.close)

    def judge(self, stage: Stage) -> list[Expectation]:
        record, uses = stage.discord.record, stage.notes["uses"]
        answered = sum(used.answered is not None for _, _, used in uses)
        refused = record.gateway["interaction_refused"] + sum(
            seen.route == "create_interaction_response" and seen.status >= 400 for seen in record.requests
        )
        sent = Counter(seen.status for seen in record.requests if seen.route in _MESSAGES)
        posted = Counter(
            message.content
            for guild in map(stage.discord.world.guild_at, range(self.guilds))
            for message in stage.discord.world.messages(next(iter(guild.channels)), self.uses * 2)
        )
        in_time = [number for number, seconds, _ in uses if seconds < _LIVES_S - _EDGE_S]
        late = [number for number, seconds, _ in uses if seconds > _LIVES_S + _EDGE_S]
        arrived = sum(posted[_done(number)] == 1 for number in in_time)
        return [
            Expectation("every use is answered within 3 s", answered == len(uses), f"{answered:,} of {len(uses):,}"),
            Expectation("no response is refused, none is a second one", refused == 0, f"{refused} refused"),
            Expectation(
                "what is done within 15 min arrives once", arrived == len(in_time), f"{arrived:,} of {len(in_time):,}"
            ),
            Expectation("what is late is not sent", sent[401] == 0, f"{len(late)} were late, {sent[401]} of them sent"),
        ]


class _Endpoint:
    """The framework's server, with one handler for each command."""

    def __init__(self, token: str) -> None:
        self.rest = RestManager(token)
        self.server: InteractionServer

    async def open(self) -> None:
        """Listen, and let Discord send interactions here."""
        me = await self.rest.get_current_application()
        options = [
            ApplicationCommandOption(
                type=ApplicationCommandOptionType.INTEGER, name="number", description="its number"
            ),
            ApplicationCommandOption(type=ApplicationCommandOptionType.NUMBER, name="seconds", description="of work"),
        ]
        for name in ("work", "report"):
            await self.rest.create_global_application_command(me.id, name, description="work", options=options)
        assert isinstance(me.verify_key, str)
        await self.listen(me.verify_key)
        await self.rest.edit_current_application(interactions_endpoint_url=f"http://{_HOST}:{_PORT}/")

    async def close(self) -> None:
        """Leave nothing behind."""
        await self.server.close()
        await self.rest.close()

    async def listen(self, public_key: str) -> None:
        interactions = Interactions()

        @interactions.command("work")
        async def work(interaction: Interaction) -> None:
            text = await _work(interaction.options)
            with contextlib.suppress(InteractionExpired):
                await interaction.respond(text)

        @interactions.command("report")
        async def report(interaction: Interaction) -> None:
            await interaction.respond(_begun(interaction.options))
            text = await _work(interaction.options)
            with contextlib.suppress(InteractionExpired):
                await interaction.followup(text)

        self.server = InteractionServer(interactions, self.rest, public_key=public_key)
        await self.server.serve("0.0.0.0", _PORT)


class _NaiveEndpoint(_Endpoint):
    """A request handler that is done when the work is."""

    async def listen(self, public_key: str) -> None:
        self._key, self._tasks = public_key, set[asyncio.Task[None]]()
        app = web.Application()
        app.router.add_post("/", self._handle)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "0.0.0.0", _PORT).start()

    async def close(self) -> None:
        await self._runner.cleanup()
        await asyncio.gather(*self._tasks)
        await self.rest.close()

    async def _handle(self, request: web.Request) -> web.Response:
        body, headers = await request.read(), request.headers
        if not verify(self._key, headers["X-Signature-Ed25519"], headers["X-Signature-Timestamp"], body):
            return web.Response(status=401)
        told = msgspec.json.decode(body)
        if told["type"] == InteractionType.PING:
            return web.json_response({"type": InteractionCallbackType.PONG})
        options = {option["name"]: option["value"] for option in told["data"]["options"]}
        if told["data"]["name"] == "report":
            task = asyncio.create_task(self._follow_up(int(told["application_id"]), told["token"], options))
            self._tasks.add(task)
            text = _begun(options)
        else:
            text = await _work(options)
        return web.json_response(
            {"type": InteractionCallbackType.CHANNEL_MESSAGE_WITH_SOURCE, "data": {"content": text}}
        )

    async def _follow_up(self, application_id: int, token: str, options: Mapping[str, Any]) -> None:
        text = await _work(options)
        with contextlib.suppress(RestError):
            await self.rest.create_followup_message(application_id, token, text)


async def _work(options: Mapping[str, Any]) -> str:
    await asyncio.sleep(options["seconds"])
    return _done(options["number"])


def _done(number: int) -> str:
    return f"{number} is done"


def _begun(options: Mapping[str, Any]) -> str:
    return f"{options['number']} has begun"
