"""Every event that the server sends reaches its handler typed, and holds all that was on the wire."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import msgspec
import pytest

from discord_sim import Link, Simulation, World, start_discord
from discord_sim.rules.intents import ALL_INTENTS
from framework import Bot, Event, Raw
from framework.bot import EVENTS
from framework.models import to_wire
from tests.peers.test_every_event import live

FOR_USERS_ONLY = {  # fields that have no meaning for bots
    "READY": {"session_type", "private_channels", "relationships", "presences", "user_settings"},
}


class Listener:
    """A bot with two handlers for each event: one has it typed, and one as it was on the wire."""

    name = "framework"

    def __init__(self, token: str, _place: object, _patch: object) -> None:
        self.bot = Bot(token, intents=ALL_INTENTS, chance=lambda: 0.5)
        self.typed: dict[str, list[Event]] = defaultdict(list)
        self.wire: dict[str, list[Any]] = defaultdict(list)
        for name, kind in EVENTS.items():
            self.bot.on(kind)(self.note)
            self.bot.on(name)(self.note_raw)

    async def note(self, event: Event) -> None:
        self.typed[event.NAME].append(event)

    async def note_raw(self, event: Raw) -> None:
        self.wire[event.name].append(msgspec.json.decode(event.data))

    async def start(self) -> None:
        await self.bot.start()

    async def tell_the_gateway(self, op: int, data: Any) -> None:
        await self.bot.gateway.send(int(data.get("guild_id") or data["guild_ids"][0]), op, data)

    async def close(self) -> None:
        await self.bot.close()


@pytest.fixture(scope="module")
def listener() -> Listener:
    """The bot after a full life."""
    with Simulation(1) as sim:
        sim.network.default_link = Link(30, 10)

        async def main() -> Any:
            fake = await start_discord(sim, World(1, guilds=2, members=(30, 60)))
            try:
                return await sim.spawn("bot", lambda: live(fake, [Listener], None))
            finally:
                await fake.stop()

        _, ours = sim.run(main())
    return ours


def test_every_event_reaches_its_handler_and_none_fails(listener: Listener) -> None:
    assert (set(listener.typed), listener.bot.snapshot().failed) == (set(EVENTS), 0)


@pytest.mark.parametrize("name", EVENTS)
def test_ours_holds_all_that_was_on_the_wire_and_gives_it_back(listener: Listener, name: str) -> None:
    told = [{k: v for k, v in body.items() if k not in FOR_USERS_ONLY.get(name, ())} for body in listener.wire[name]]
    assert [to_wire(event) for event in listener.typed[name]] == told
    assert told
