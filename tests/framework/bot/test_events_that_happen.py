"""Every event that the server sends reaches its handler typed, and holds all that was on the wire."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import Any

import msgspec
import pytest

from discord_sim import FakeDiscord, Link, Simulation, World, start_discord
from discord_sim.edge.operations.join_requests import ask_to_join
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


def rare(fake: FakeDiscord) -> None:
    """What Discord does not document: requests to join, exceptions to the rule of a recurring event."""
    guild = fake.world.guild_at(0)
    (other, *_) = set(fake.world.member_ids(fake.world.guild_at(1))) - set(fake.world.member_ids(guild))
    fake.emit(ask_to_join(fake.world, guild, other, fake.clock.epoch_ms))

    def do(operation: str, data: dict[str, Any] | None = None, **params: Any) -> Any:
        answer = fake.act(guild.owner_id, operation, data, guild_id=guild.id, **params)
        assert answer.status < 300, (operation, answer.body)
        return answer.body

    do("action_guild_join_request", {"action": "REJECTED"}, request_id=next(iter(guild.join_requests)))
    begin, end, later = (f"2100-01-0{day}T00:00:00+00:00" for day in (1, 2, 8))
    made = do(
        "create_guild_scheduled_event",
        {
            "name": "party", "privacy_level": 2, "entity_type": 3, "entity_metadata": {"location": "here"},
            "scheduled_start_time": begin, "scheduled_end_time": end,
            "recurrence_rule": {"start": begin, "frequency": 2, "interval": 1, "by_weekday": [4]},
        },
    )["id"]  # fmt: skip
    exception = {"original_scheduled_start_time": later, "is_canceled": True}
    one = do("create_guild_scheduled_event_exception", exception, guild_scheduled_event_id=made)["event_exception_id"]
    do("delete_guild_scheduled_event_exception", guild_scheduled_event_id=made, exception_id=one)
    do("create_guild_scheduled_event_exception", exception, guild_scheduled_event_id=made)
    do("update_guild_scheduled_event", {"recurrence_rule": None}, guild_scheduled_event_id=made)


@pytest.fixture(scope="module")
def listener() -> Listener:
    """The bot after a full life."""
    with Simulation(1) as sim:
        sim.network.default_link = Link(30, 10)

        async def main() -> Any:
            fake = await start_discord(sim, World(1, guilds=2, members=(30, 60)))
            asyncio.get_running_loop().call_later(40, rare, fake)  # while both bots listen
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
