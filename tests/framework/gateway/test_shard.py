"""One shard against the real server: what is lost, what is resumed, what is sent."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import pytest

from discord_sim import FakeDiscord, Settings
from framework import GatewayFatal, GatewayManager, Intents, InvalidUse
from framework.errors import ShardOffline
from framework.gateway import Compression, GatewayBot, RawEvent
from framework.wire import GatewayOp

Play = Callable[..., FakeDiscord]
INTENTS = int(Intents.GUILDS | Intents.GUILD_MESSAGES | Intents.GUILD_MODERATION)
MESSAGE = "MESSAGE_CREATE"


class Client:
    """A gateway manager that remembers what it was given."""

    def __init__(
        self, discord: FakeDiscord, *, token: str | None = None, intents: int = INTENTS, **options: Any
    ) -> None:
        self.discord = discord
        self.seen: list[RawEvent] = []
        self.manager = GatewayManager(
            token or discord.settings.token, intents=intents, on_dispatch=self.seen.append,
            fetch_gateway_bot=self._limits, chance=lambda: 0.5, **options,
        )  # fmt: skip

    async def _limits(self) -> GatewayBot:
        return GatewayBot("wss://gateway.discord.gg", 1, 1000, 1000, 86_400_000, 1)

    @property
    def shard(self):
        return self.manager.shard_for(self.discord.world.guild_at(0).id)

    def names(self) -> list[str]:
        return [event.type for event in self.seen]

    def messages(self) -> list[int]:
        return [int(event.data.split(b'"id":"')[1].split(b'"')[0]) for event in self.seen if event.type == MESSAGE]


def posted(discord: FakeDiscord) -> list[int]:
    return [event.key for event in discord.record.events if event.type == MESSAGE]


async def chat(discord: FakeDiscord, count: int, gap_s: float) -> None:
    for number in range(count):
        discord.message_posted(number % 3, f"message {number}")
        await asyncio.sleep(gap_s)


def lose_nothing_across(play: Play, accident: Callable[[FakeDiscord], object]) -> FakeDiscord:
    async def story(discord: FakeDiscord) -> None:
        client = Client(discord)
        await client.manager.start()
        talk = asyncio.create_task(chat(discord, 200, 0.005))  # the way takes 20 ms: many fall into the gap
        await asyncio.sleep(0.3)
        accident(discord)
        await talk
        await asyncio.sleep(5)
        assert client.messages() == posted(discord)
        assert len(client.messages()) == 200
        assert client.names().count("RESUMED") == 1
        sequence = [event.seq for event in client.seen]
        assert sequence == list(range(1, len(sequence) + 1))
        await client.manager.close()

    discord = play(story)
    assert discord.record.gateway["resume"] == 1
    assert discord.record.gateway["identify"] == 1
    return discord


def test_op_7_leads_to_one_resume_and_no_event_is_lost_doubled_or_swapped(play: Play) -> None:
    discord = lose_nothing_across(play, lambda discord: discord.gateway.reconnect())
    assert discord.record.closes == {4900: 1, 1000: 1}  # a code that keeps the session; then the real end


@pytest.mark.parametrize("code", [None, 1001, 4000])
def test_a_connection_lost_or_closed_leads_to_one_resume_and_nothing_is_lost(play: Play, code: int | None) -> None:
    lose_nothing_across(play, lambda discord: discord.gateway.disconnect(0, code))


def test_some_closes_lead_to_a_new_session(play: Play) -> None:
    codes = [4003, 4005, 4007, 4008, 4009]

    async def story(discord: FakeDiscord) -> None:
        client = Client(discord)
        await client.manager.start()
        for done, code in enumerate(codes, 1):
            discord.gateway.disconnect(0, code)
            await asyncio.sleep(10)
            assert client.names().count("READY") == done + 1
        await client.manager.close()

    discord = play(story)
    assert discord.record.gateway["identify"] == 1 + len(codes)
    assert discord.record.gateway["resume"] == 0


def test_op_9_false_leads_to_a_second_identify_a_second_later_or_more(play: Play) -> None:
    async def story(discord: FakeDiscord) -> None:
        client = Client(discord)
        await client.manager.start()
        await asyncio.sleep(60)
        began_ms = discord.clock.now_ms
        discord.gateway.invalidate(0)
        await asyncio.sleep(30)
        first, second = (d.t_ms for d in discord.record.deliveries if d.seq == 1)  # READY of each session
        assert 1_000 <= second - began_ms <= 6_000
        assert second - first >= 5_000
        discord.message_posted(0, "after")
        await asyncio.sleep(1)
        assert client.messages() == posted(discord)
        await client.manager.close()

    discord = play(story)
    assert discord.record.gateway["identify"] == 2
    assert discord.record.gateway["identify_too_early"] == 0
    assert discord.record.gateway["resume"] == 0


def test_two_invalid_sessions_in_a_row_do_not_identify_faster_than_allowed(play: Play) -> None:
    async def story(discord: FakeDiscord) -> None:
        client = Client(discord)
        await client.manager.start()
        for _ in range(3):
            discord.gateway.invalidate(0)
            await asyncio.sleep(15)
        await client.manager.close()

    discord = play(story)
    assert discord.record.gateway["identify"] == 4
    assert discord.record.gateway["identify_too_early"] == 0


def test_a_connection_stays_alive_for_an_hour(play: Play) -> None:
    async def story(discord: FakeDiscord) -> None:
        client = Client(discord)
        await client.manager.start()
        await asyncio.sleep(3_600)
        assert client.shard.latency_ms == pytest.approx(40, abs=15)
        await client.manager.close()

    discord = play(story, settings=Settings(heartbeat_interval_ms=41_250))
    assert 86 <= discord.record.gateway["heartbeat"] <= 88
    assert discord.record.closes == {1000: 1}


@pytest.mark.parametrize("silence", ["deafen", "freeze"])
def test_a_connection_that_acknowledges_nothing_is_left_and_resumed(play: Play, silence: str) -> None:
    async def story(discord: FakeDiscord) -> None:
        client = Client(discord)
        await client.manager.start()
        await chat(discord, 5, 0.1)
        getattr(discord.gateway, silence)(0)
        await chat(discord, 5, 0.1)
        await asyncio.sleep(120)
        assert client.names().count("RESUMED") == 1
        assert client.messages() == posted(discord)
        await client.manager.close()

    discord = play(story, settings=Settings(heartbeat_interval_ms=41_250))
    assert discord.record.gateway["identify"] == 1


def test_a_burst_of_payloads_waits_instead_of_being_disconnected(play: Play) -> None:
    async def story(discord: FakeDiscord) -> None:
        client = Client(discord)
        await client.manager.start()
        presence = {"since": None, "activities": [], "status": "online", "afk": False}
        began_ms = discord.clock.now_ms
        await asyncio.gather(*(client.shard.send(GatewayOp.PRESENCE, presence) for _ in range(300)))
        assert discord.clock.now_ms - began_ms >= 120_000
        await asyncio.sleep(1)
        assert discord.record.gateway["command"] == 300
        await client.manager.close()

    discord = play(story)
    assert discord.record.closes == {1000: 1}


def test_a_payload_for_a_shard_that_is_reconnecting_waits_for_it(play: Play) -> None:
    async def story(discord: FakeDiscord) -> None:
        client = Client(discord)
        await client.manager.start()
        discord.gateway.disconnect(0, None)
        await asyncio.sleep(0.03)
        await client.manager.update_presence("idle")
        assert discord.record.gateway["resume"] == 1
        await asyncio.sleep(1)
        assert discord.record.gateway["command"] == 1
        await client.manager.close()

    play(story)


def test_a_payload_for_a_shard_that_was_closed_is_refused(play: Play) -> None:
    async def story(discord: FakeDiscord) -> None:
        client = Client(discord)
        await client.manager.start()
        await client.manager.close()
        with pytest.raises(ShardOffline, match="shard 0 is offline"):
            await client.shard.send(GatewayOp.PRESENCE, {})

    play(story)


def test_a_payload_that_discord_would_close_for_is_refused(play: Play) -> None:
    async def story(discord: FakeDiscord) -> None:
        client = Client(discord)
        await client.manager.start()
        with pytest.raises(InvalidUse, match="4,096"):
            await client.manager.send(discord.world.guild_at(0).id, GatewayOp.PRESENCE, {"status": "x" * 5_000})
        await asyncio.sleep(1)
        await client.manager.close()

    assert play(story).record.closes == {1000: 1}


@pytest.mark.parametrize("compression", list(Compression))
def test_events_arrive_with_every_compression_and_across_a_resume(play: Play, compression: Compression) -> None:
    async def story(discord: FakeDiscord) -> None:
        client = Client(discord, compression=compression)
        await client.manager.start()
        await chat(discord, 50, 0.01)
        discord.gateway.reconnect()
        await chat(discord, 50, 0.01)
        await asyncio.sleep(3)
        assert client.messages() == posted(discord)
        assert client.names().count("GUILD_CREATE") == 3
        await client.manager.close()

    assert play(story).record.gateway["resume"] == 1


def test_an_event_that_cannot_be_handed_on_is_logged_by_name_and_does_not_stop_the_shard(
    play: Play, caplog: pytest.LogCaptureFixture
) -> None:
    async def story(discord: FakeDiscord) -> None:
        client = Client(discord)

        def fail(event: RawEvent) -> None:
            client.seen.append(event)
            if event.type == MESSAGE and len(client.messages()) == 1:
                raise RuntimeError("mine")

        client.manager._on_dispatch = fail
        await client.manager.start()
        await chat(discord, 3, 0.1)
        await asyncio.sleep(1)
        assert len(client.messages()) == 3
        await client.manager.close()

    play(story)
    assert "MESSAGE_CREATE 5 of shard 0" in caplog.text
    assert "mine" in caplog.text


def test_a_disallowed_intent_ends_the_shard_with_advice_and_without_another_try(play: Play) -> None:
    async def story(discord: FakeDiscord) -> None:
        client = Client(discord, intents=int(Intents.GUILD_MEMBERS))
        with pytest.raises(GatewayFatal, match="privileged intent.*developer portal") as caught:
            await client.manager.start()
        assert (caught.value.code, caught.value.shard_id) == (4014, 0)
        await asyncio.sleep(300)
        await client.manager.close()

    discord = play(story, settings=Settings(allowed_intents=0))
    assert discord.record.gateway["open"] == 1
    assert discord.record.closes == {4014: 1}


def test_a_wrong_token_ends_the_shard_and_is_shown_nowhere(play: Play, caplog: pytest.LogCaptureFixture) -> None:
    wrong = "MTIz.wrong-token-that-nobody-may-see"

    async def story(discord: FakeDiscord) -> None:
        client = Client(discord, token=wrong)
        with pytest.raises(GatewayFatal) as caught:
            await client.manager.start()
        assert caught.value.code == 4004
        for shown in (str(caught.value), repr(caught.value), repr(client.manager), repr(client.manager.snapshot())):
            assert wrong not in shown
        await client.manager.close()

    with caplog.at_level(logging.INFO):
        discord = play(story)
    assert wrong not in caplog.text
    assert discord.record.gateway["open"] == 1


def test_where_the_sessions_own_gateway_is_gone_the_usual_one_resumes_it(play: Play) -> None:
    async def story(discord: FakeDiscord) -> None:
        client = Client(discord)
        await client.manager.start()
        client.shard._machine.resume_url = "wss://gone.invalid"
        discord.gateway.disconnect(0, None)
        discord.message_posted(0, "meanwhile")
        await asyncio.sleep(60)
        assert client.names().count("RESUMED") == 1
        assert client.messages() == posted(discord)
        await client.manager.close()

    assert play(story).record.gateway["identify"] == 1


def test_where_the_limits_cannot_be_asked_for_the_shard_tries_again(play: Play) -> None:
    async def story(discord: FakeDiscord) -> None:
        client = Client(discord)
        await client.manager.start()
        await asyncio.sleep(90_000)  # what was learned is of yesterday
        fetch, fails = client.manager._local._fetch, [3]

        async def fetch_or_fail() -> GatewayBot:
            if fails[0]:
                fails[0] -= 1
                raise RuntimeError("no answer")
            return await fetch()

        client.manager._local._fetch = fetch_or_fail
        discord.gateway.invalidate(0)
        await asyncio.sleep(120)
        assert client.names().count("READY") == 2
        await client.manager.close()

    assert play(story).record.gateway["identify"] == 2
