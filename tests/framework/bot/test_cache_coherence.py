"""The cache beside the real server while anything happens: equal to it at rest (C1), never going back (C2), and
bounded over a day (C3)."""

from __future__ import annotations

import asyncio
import base64
import itertools
from collections import Counter
from collections.abc import Awaitable, Callable
from random import Random
from typing import Any

import msgspec
import pytest

from discord_sim import FakeDiscord, Link, Settings, Simulation, World, start_discord
from discord_sim.world.guild import Guild as ServerGuild
from framework import Bot, CachePolicy, Intents, MessageCreate
from framework.bot.cache import GuildCache, Section

Doc = dict[str, Any]
PNG = "data:image/png;base64," + base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"\0" * 30).decode()
MP3 = "data:audio/mpeg;base64," + base64.b64encode((b"\xff\xfb\x90\x00" + bytes(413)) * 10).decode()
THREADS, VOICE, STAGE = (10, 11, 12), 2, 13
FETCHED = ["roles", "channels", "threads", "emojis", "guild_scheduled_events", "soundboard_sounds"]


class Life:
    """Random things that happen in the guilds of a world. Names are `v` and a number that grows with every change."""

    def __init__(self, discord: FakeDiscord, draw: Random) -> None:
        self.discord, self.draw = discord, draw
        self.versions = itertools.count(1)
        self.done: Counter[str] = Counter()
        self.index = 0

    @property
    def guild(self) -> ServerGuild:
        return self.discord.world.guild_at(self.index)

    def name(self) -> str:
        return f"v{next(self.versions)}"

    def act(self, operation: str, data: Any = None, **params: Any) -> None:
        guild = self.guild
        if operation.endswith(("guild", "guild_member")) or "guild_" in operation:
            params["guild_id"] = guild.id
        if self.discord.act(guild.owner_id, operation, data, **params).status < 300:
            self.done[operation] += 1

    def one(self, found: Any) -> Any:
        found = list(found)
        return self.draw.choice(found) if found else None

    def people(self) -> list[int]:
        world = self.discord.world
        return [u for u in world.member_ids(self.guild) if u not in (self.guild.owner_id, world.bot_id)]

    def happen(self) -> None:
        """One thing, whatever it is."""
        self.index = self.draw.randrange(self.discord.world.guild_total)
        happening = self.draw.choice(
            [self.role, self.channel, self.thread, self.member, self.presence, self.voice, self.expression, self.event]
        )
        happening()

    def role(self) -> None:
        role = self.one(r for r, doc in self.guild.roles.items() if not doc["managed"] and r != self.guild.id)
        verb = self.draw.choice(["create", "update", "update", "delete"])
        if verb == "create":
            self.act("create_guild_role", {"name": self.name()})
        elif role is not None:
            data = None if verb == "delete" else {"name": self.name(), "color": self.draw.randrange(1 << 24)}
            self.act(f"{verb}_guild_role", data, role_id=role)

    def channel(self) -> None:
        first = next(iter(self.guild.channels))  # stays, to be spoken in
        channel = self.one(c for c, d in self.guild.channels.items() if d["type"] not in THREADS and c != first)
        verb = self.draw.choice(["create", "update", "update", "delete", "guild"])
        if verb == "create" or channel is None:
            self.act("create_guild_channel", {"name": self.name(), "type": self.draw.choice([0, 0, 2, 4, 13, 15])})
        elif verb == "guild":
            self.act("update_guild", {"name": self.name(), "afk_timeout": self.draw.choice([60, 300, 900])})
        elif verb == "delete":
            self.act("delete_channel", channel_id=channel)
        else:
            topic = self.draw.choice([None, "cats", "dogs"])
            text = {"topic": topic} if self.guild.channels[channel]["type"] == 0 else {}
            self.act("update_channel", {"name": self.name(), **text}, channel_id=channel)

    def thread(self) -> None:
        thread = self.one(c for c, doc in self.guild.channels.items() if doc["type"] in THREADS)
        parent = self.one(c for c, doc in self.guild.channels.items() if doc["type"] == 0)
        verb = self.draw.choice(["create", "create", "rename", "archive", "wake", "add", "delete"])
        if verb == "create" and parent is not None:
            self.act("create_thread", {"name": self.name(), "type": self.draw.choice([11, 12])}, channel_id=parent)
        elif verb == "add" and thread is not None and (person := self.one(self.people())) is not None:
            self.act("add_thread_member", channel_id=thread, user_id=person)
        elif verb == "delete" and thread is not None:
            self.act("delete_channel", channel_id=thread)
        elif thread is not None:
            self.act("update_channel", {"archived": verb == "archive", "name": self.name()}, channel_id=thread)

    def member(self) -> None:
        person, guild = self.one(self.people()), self.guild
        verb = self.draw.choice(["nick", "nick", "role", "leave", "join", "kick"])
        if verb == "join" and guild.gone:
            self.discord.member_joined(guild.id, self.one(sorted(guild.gone)))
        elif person is None or len(self.people()) < 3:
            return
        elif verb == "nick":
            self.act("update_guild_member", {"nick": self.draw.choice([None, self.name()])}, user_id=person)
        elif verb == "role":
            role = self.one(r for r, doc in guild.roles.items() if not doc["managed"] and r != guild.id)
            if role is not None:
                self.act("add_guild_member_role", user_id=person, role_id=role)
        if verb in ("kick", "leave"):  # of who comes back while online Discord tells no presence
            self.discord.presence(person, "offline")
        if verb == "kick":
            self.act("delete_guild_member", user_id=person)
        elif verb == "leave":
            self.discord.member_left(guild.id, person)

    def presence(self) -> None:
        if (person := self.one(self.people())) is not None:
            activities = self.draw.choice([[], [{"name": "chess", "type": 0}]])
            self.discord.presence(person, self.draw.choice(["online", "idle", "offline"]), activities)

    def voice(self) -> None:
        guild = self.guild
        place = self.one(c for c, doc in guild.channels.items() if doc["type"] == VOICE)
        stage = self.one(c for c, doc in guild.channels.items() if doc["type"] == STAGE)
        person = self.one(self.people())
        if person is not None and self.draw.random() < 0.6:
            self.discord.voice(person, guild.id, self.draw.choice([place, None]), mute=self.draw.random() < 0.5)
        elif stage is not None and stage in guild.stages:
            verb, data = self.draw.choice([("update", {"topic": self.name()}), ("delete", None)])
            self.act(f"{verb}_stage_instance", data, channel_id=stage)
        elif stage is not None:
            self.act("create_stage_instance", {"channel_id": str(stage), "topic": self.name()})

    def expression(self) -> None:
        guild, verb = self.guild, self.draw.choice(["create", "update", "delete"])
        emoji, sound = self.one(guild.emojis), self.one(guild.sounds)
        if self.draw.random() < 0.5:
            if verb == "create":
                self.act("create_guild_emoji", {"name": self.name(), "image": PNG})
            elif emoji is not None:
                self.act(f"{verb}_guild_emoji", {"name": self.name()} if verb == "update" else None, emoji_id=emoji)
        elif verb == "create":
            self.act("create_guild_soundboard_sound", {"name": self.name(), "sound": MP3})
        elif sound is not None:
            data = {"name": self.name()} if verb == "update" else None
            self.act(f"{verb}_guild_soundboard_sound", data, sound_id=sound)

    def event(self) -> None:
        event = self.one(self.guild.events)
        verb = self.draw.choice(["create", "update", "begin", "end", "delete"])
        if verb == "create":
            times = {f"scheduled_{edge}_time": f"2100-01-0{n}T00:00:00+00:00" for n, edge in ((1, "start"), (2, "end"))}
            where = {"privacy_level": 2, "entity_type": 3, "entity_metadata": {"location": "here"}}
            self.act("create_guild_scheduled_event", {"name": self.name(), **where, **times})
        elif event is not None:
            change = {"update": {"name": self.name()}, "begin": {"status": 2}, "end": {"status": 3}}
            operation = "delete" if verb == "delete" else "update"
            self.act(f"{operation}_guild_scheduled_event", change.get(verb), guild_scheduled_event_id=event)


class Trouble:
    """What goes wrong meanwhile."""

    def __init__(self, discord: FakeDiscord, draw: Random) -> None:
        self.discord, self.draw = discord, draw
        self.done: Counter[str] = Counter()

    def happen(self) -> None:
        gateway, world = self.discord.gateway, self.discord.world
        kind = self.draw.choice(["cut", "closed", "reconnect", "new session", "outage", "outage"])
        self.done[kind] += 1
        if kind == "outage":
            index = self.draw.randrange(world.guild_total)
            if world.guild_at(index).id in world.in_outage:
                self.discord.guild_recovered(index)
            else:
                self.discord.guild_outage(index)
        elif kind == "cut":
            gateway.disconnect()
        elif kind == "closed":
            gateway.disconnect(None, 4000)
        elif kind == "reconnect":
            gateway.reconnect()
        else:
            gateway.invalidate()

    def end(self) -> None:
        for index in range(self.discord.world.guild_total):
            if self.discord.world.guild_at(index).id in self.discord.world.in_outage:
                self.discord.guild_recovered(index)


# -- the oracles -------------------------------------------------------------------------------------------------

KEY: dict[str, Callable[[Doc], str]] = {
    **dict.fromkeys(Section, lambda doc: doc["id"]),
    Section.MEMBERS: lambda doc: doc["user"]["id"],
    Section.PRESENCES: lambda doc: doc["user"]["id"],
    Section.VOICE_STATES: lambda doc: doc["user_id"],
    Section.SOUNDBOARD_SOUNDS: lambda doc: doc["sound_id"],
}
TOLD_BY_EVENTS_ONLY = {"guild_id"}
NOT_TOLD = {
    Section.CHANNELS: {"last_message_id"},
    Section.THREADS: {"last_message_id", "message_count", "total_message_sent", "member"},
    Section.VOICE_STATES: {"member"},
    Section.SOUNDBOARD_SOUNDS: {"user"},
    Section.SCHEDULED_EVENTS: {"creator"},
}  # fmt: skip


def held(cache: GuildCache, guild_id: int, section: Section) -> dict[str, Doc]:
    guild = cache.guild(guild_id)
    assert guild is not None
    found = guild.look(section)
    return {str(key): msgspec.json.decode(found.raw(key) or b"") for key in found.ids()}


def true(discord: FakeDiscord, guild: ServerGuild, section: Section) -> dict[str, Doc]:
    told = discord.world.guild_create(guild, presences=True, bot_id=discord.world.bot_id)
    return {KEY[section](doc): doc for doc in told[section]}


def comparable(found: dict[str, Doc], section: Section) -> dict[str, Doc]:
    left_out = TOLD_BY_EVENTS_ONLY | NOT_TOLD.get(section, set())
    return {key: {k: v for k, v in doc.items() if k not in left_out} for key, doc in found.items()}


def assert_equal_to_the_server(discord: FakeDiscord, cache: GuildCache) -> int:
    """C1; returns how many entities were compared."""
    compared = 0
    for index in range(discord.world.guild_total):
        guild = discord.world.guild_at(index)
        cached = cache.guild(guild.id)
        assert cached is not None
        for section in cached.sections - {Section.GUILD}:
            truth = comparable(msgspec.json.decode(msgspec.json.encode(true(discord, guild, section))), section)
            assert comparable(held(cache, guild.id, section), section) == truth, section
            compared += len(truth)
        told = msgspec.json.decode(msgspec.json.encode(guild.doc))
        assert cached._head is not None
        head = msgspec.json.decode(cached._storage.unpack(cached._head))
        assert {key: head.get(key) for key in told} == told
        if cached.member_count is not None:
            assert cached.member_count == guild.member_count
    return compared


class Watch:
    """C2: what is in the cache never gets older, and what went stays away."""

    NAMED = (Section.ROLES, Section.CHANNELS, Section.THREADS, Section.EMOJIS)

    def __init__(self, cache: GuildCache) -> None:
        self.cache = cache
        self.newest: dict[str, int] = {}
        self.seen: dict[tuple[int, Section], set[str]] = {}
        self.gone: set[str] = set()
        self.looks = 0

    def look(self) -> None:
        for guild_id in self.cache:
            guild = self.cache.guild(guild_id)
            assert guild is not None
            for section in self.NAMED:
                if not guild.has(section):
                    continue
                found = held(self.cache, guild_id, section)
                self.looks += 1
                assert not self.gone & found.keys()
                for key, doc in found.items():
                    version = int(doc["name"][1:]) if doc["name"][1:].isdigit() else 0
                    assert version >= self.newest.get(key, 0), (key, doc["name"])
                    self.newest[key] = version
                if section is not Section.THREADS:  # those may wake again
                    self.gone |= self.seen.get((guild_id, section), set()) - found.keys()
                    self.seen[guild_id, section] = set(found)


# -- stories -----------------------------------------------------------------------------------------------------

Story = Callable[[FakeDiscord, Bot], Awaitable[None]]


def run(seed: int, policy: CachePolicy, story: Story, needs: list[str]) -> FakeDiscord:
    with Simulation(seed) as sim:
        sim.network.default_link = Link(20, 5)

        async def main() -> FakeDiscord:
            world = World(seed, guilds=2, members=(6, 10), channels=3, roles=2)
            discord = await start_discord(sim, world, Settings(shards=2, session_starts_total=100_000))

            async def on_the_bots_machine() -> None:
                bot = Bot(discord.settings.token, intents=INTENTS, cache=policy, chance=lambda: 0.5)

                @bot.on(MessageCreate, needs=needs)
                async def handler(event: MessageCreate) -> None:
                    assert event.guild is None or event.guild.id == event.guild_id

                await bot.start()
                await asyncio.sleep(2)
                await story(discord, bot)
                await bot.close()

            try:
                await sim.spawn("bot", on_the_bots_machine)
            finally:
                await discord.stop()
            return discord

        return sim.run(main())


INTENTS = sum(Intents) & ~int(Intents.GUILD_MESSAGE_TYPING)


async def settled(discord: FakeDiscord, bot: Bot, trouble: Trouble) -> None:
    """Everything ends, and every guild is used once more."""
    trouble.end()
    await asyncio.sleep(60)
    for index in range(discord.world.guild_total):
        discord.message_posted(index, "is anybody there?")
    await asyncio.sleep(3)
    assert not bot._pipeline.lanes
    assert not bot._requirements._in_flight
    assert not bot.cache._fetching
    assert not bot.cache._awaited


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_cache_of_everything_equals_the_server_at_rest_and_never_goes_back(seed: int) -> None:
    async def story(discord: FakeDiscord, bot: Bot) -> None:
        draw = Random(seed)
        life, trouble, watch = Life(discord, draw), Trouble(discord, draw), Watch(bot.cache)
        for turn in range(1, 501):
            life.happen()
            await asyncio.sleep(draw.choice([0.0, 0.001, 0.02, 0.05, 0.3]))
            watch.look()
            if turn % 50 == 0:
                trouble.happen()
            if turn % 125 == 0:
                await settled(discord, bot, trouble)
                assert assert_equal_to_the_server(discord, bot.cache) > 20
        assert watch.looks > 500
        assert len(watch.gone) > 5
        assert sum(life.done.values()) > 200
        assert len(life.done) > 15

    discord = run(seed, CachePolicy.everything(), story, [])
    assert not any(request.route == "get_guild" for request in discord.record.requests)


@pytest.mark.parametrize("seed", [4, 5, 6])
def test_a_lazy_cache_equals_the_server_at_rest_too(seed: int) -> None:
    async def story(discord: FakeDiscord, bot: Bot) -> None:
        draw = Random(seed)
        life, trouble, watch = Life(discord, draw), Trouble(discord, draw), Watch(bot.cache)
        for turn in range(1, 501):
            life.happen()
            watch.look()
            if draw.random() < 0.3:
                discord.message_posted(draw.randrange(2), "hello")
            await asyncio.sleep(draw.choice([0.0, 0.001, 0.02, 0.05, 0.3, 6.0 if turn % 20 == 0 else 0.0]))
            if turn % 50 == 0:
                trouble.happen()
            if turn % 125 == 0:
                await settled(discord, bot, trouble)
                assert assert_equal_to_the_server(discord, bot.cache) > 5
        figures = bot.cache.snapshot()
        assert watch.looks > 100
        assert figures.fetches > 20
        assert figures.evictions > 2
        assert sum(life.done.values()) > 200

    run(seed, CachePolicy(idle_s=5.0, fetch_per_s=20.0), story, FETCHED)


def test_a_day_of_churn_leaves_no_more_behind_than_what_is_true_at_its_end() -> None:
    hours: list[float] = []

    async def story(discord: FakeDiscord, bot: Bot) -> None:
        draw = Random(7)
        life, trouble = Life(discord, draw), Trouble(discord, draw)
        for _ in range(24):
            for _ in range(60):
                life.happen()
                discord.message_posted(draw.randrange(2), "hello")
                await asyncio.sleep(58)
            trouble.happen()
            await settled(discord, bot, trouble)
            fresh = GuildCache(CachePolicy.everything())
            for index in range(2):
                guild = discord.world.guild_at(index)
                told = discord.world.guild_create(guild, presences=True, bot_id=discord.world.bot_id)
                fresh.on_event("GUILD_CREATE", guild.id, msgspec.json.encode(told), 0)
            hours.append(bot.cache.snapshot().bytes_held / fresh.snapshot().bytes_held)
            assert len(bot.cache) == 2
            assert bot.cache.snapshot().bytes_decoded <= bot.cache.policy.decoded_max_bytes
            assert not bot._pipeline.lanes
            assert len(bot._pipeline.lanes._workers) <= 8

    run(7, CachePolicy.everything(), story, FETCHED)
    assert max(hours) < 4
    assert sum(hours[12:]) < 1.5 * sum(hours[:12])
