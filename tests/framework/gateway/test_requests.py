"""Members, sounds, presence and voice, asked of the real server."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from discord_sim import FakeDiscord, Settings
from framework import GatewayManager, Intents, InvalidUse
from framework.errors import MembersTimeout
from framework.gateway import GatewayBot, RawEvent

Play = Callable[..., FakeDiscord]
EVERYTHING = int(Intents.GUILDS | Intents.GUILD_MEMBERS | Intents.GUILD_PRESENCES | Intents.GUILD_VOICE_STATES)


def manager(discord: FakeDiscord, seen: list[RawEvent], intents: int = EVERYTHING, **options: Any) -> GatewayManager:
    async def limits() -> GatewayBot:
        return GatewayBot("wss://gateway.discord.gg", 2, 1000, 1000, 86_400_000, 16)

    return GatewayManager(
        discord.settings.token, intents=intents, on_dispatch=seen.append, fetch_gateway_bot=limits,
        chance=lambda: 0.5, **options,
    )  # fmt: skip


def run(play: Play, body: Callable[[FakeDiscord, GatewayManager, list[RawEvent]], Any], **options: Any) -> FakeDiscord:
    async def story(discord: FakeDiscord) -> None:
        seen: list[RawEvent] = []
        gateway = manager(discord, seen, **options)
        await gateway.start()
        await gateway.wait_loaded()
        await body(discord, gateway, seen)
        await gateway.close()

    return play(story, settings=Settings(shards=2, max_concurrency=16))


def test_all_members_of_a_guild_come_as_one_answer(play: Play) -> None:
    async def body(discord: FakeDiscord, gateway: GatewayManager, seen: list[RawEvent]) -> None:
        guild = discord.world.guild_at(0)
        found = await gateway.request_members(guild.id, query="")
        assert len(found.members) == guild.member_count > 0
        assert all(member.user.id for member in found.members)
        assert found.not_found == []

    run(play, body)


def test_members_by_id_name_those_that_are_none(play: Play) -> None:
    async def body(discord: FakeDiscord, gateway: GatewayManager, seen: list[RawEvent]) -> None:
        guild = discord.world.guild_at(0)
        everybody = await gateway.request_members(guild.id, query="")
        known = everybody.members[0].user.id
        found = await gateway.request_members(guild.id, user_ids=[known, 12345])
        assert [member.user.id for member in found.members] == [known]
        assert found.not_found == [12345]

    run(play, body)


def test_requests_that_overlap_get_their_own_answers(play: Play) -> None:
    async def body(discord: FakeDiscord, gateway: GatewayManager, seen: list[RawEvent]) -> None:
        guilds = [discord.world.guild_at(index) for index in range(3)]
        answers = await asyncio.gather(*(gateway.request_members(guild.id, query="") for guild in guilds))
        assert [len(answer.members) for answer in answers] == [guild.member_count for guild in guilds]

    run(play, body)


def test_a_second_list_of_everybody_waits_as_long_as_discord_says(play: Play) -> None:
    async def body(discord: FakeDiscord, gateway: GatewayManager, seen: list[RawEvent]) -> None:
        guild = discord.world.guild_at(0)
        await gateway.request_members(guild.id, query="")
        began_ms = discord.clock.now_ms
        found = await gateway.request_members(guild.id, query="")
        assert 25_000 < discord.clock.now_ms - began_ms < 35_000
        assert len(found.members) == guild.member_count
        assert [event.type for event in seen].count("RATE_LIMITED") == 1

    run(play, body)


def test_a_request_that_is_not_answered_ends(play: Play) -> None:
    async def body(discord: FakeDiscord, gateway: GatewayManager, seen: list[RawEvent]) -> None:
        with pytest.raises(MembersTimeout, match="guild 4194304 did not come within 10 s"):
            await gateway.request_members(1 << 22, query="", timeout_s=10)

    run(play, body)


def test_what_would_never_be_answered_is_refused_at_once(play: Play) -> None:
    async def body(discord: FakeDiscord, gateway: GatewayManager, seen: list[RawEvent]) -> None:
        with pytest.raises(InvalidUse, match="GUILD_MEMBERS"):
            await gateway.request_members(1 << 22, query="")
        with pytest.raises(InvalidUse, match="GUILD_PRESENCES"):
            await gateway.request_members(1 << 22, user_ids=[1], presences=True)

    run(play, body, intents=int(Intents.GUILDS))


def test_sounds_are_asked_of_every_guilds_own_shard(play: Play) -> None:
    async def body(discord: FakeDiscord, gateway: GatewayManager, seen: list[RawEvent]) -> None:
        await gateway.request_soundboard_sounds(list(discord.world.guild_ids()))
        await asyncio.sleep(1)
        assert [event.type for event in seen].count("SOUNDBOARD_SOUNDS") == 3
        with pytest.raises(InvalidUse, match="guild"):
            await gateway.request_soundboard_sounds([])

    run(play, body)


def test_a_voice_channel_is_joined_and_left(play: Play) -> None:
    async def body(discord: FakeDiscord, gateway: GatewayManager, seen: list[RawEvent]) -> None:
        guild = discord.world.guild_at(0)
        made = discord.act(guild.owner_id, "create_guild_channel", {"name": "voice", "type": 2}, guild_id=guild.id)
        voice = int(made.body["id"])
        await gateway.update_voice_state(guild.id, voice, deaf=True)
        await asyncio.sleep(1)
        names = [event.type for event in seen]
        assert "VOICE_STATE_UPDATE" in names
        assert "VOICE_SERVER_UPDATE" in names
        await gateway.update_voice_state(guild.id, None)
        await asyncio.sleep(1)
        assert [event.type for event in seen].count("VOICE_STATE_UPDATE") == 2

    run(play, body)


def test_presence_is_shown_from_the_start_and_changed_on_every_shard(play: Play) -> None:
    async def body(discord: FakeDiscord, gateway: GatewayManager, seen: list[RawEvent]) -> None:
        await gateway.update_presence("idle", [{"name": "chess", "type": 0}])
        await asyncio.sleep(1)
        with pytest.raises(InvalidUse, match="shard 7"):
            await gateway.update_presence(shard_id=7)

    discord = run(play, body)
    assert discord.record.gateway["command"] == 2
