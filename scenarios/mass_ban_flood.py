"""Ten thousand members are banned across thousands of guilds within a minute, and the bot has nothing cached.

Each ban is two events. A bot that fetches the guild of every event it gets sends thousands of requests at once; with
limits kept per worker it earns a 429 for most of them, and ten thousand of those in ten minutes are a Cloudflare ban.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass

from discord_sim import Settings, World
from framework import GuildBanAdd, GuildMemberRemove, Intents, MessageCreate
from framework.bot import CachePolicy
from scenarios.story import Expectation, Scenario, Stage, Watch

__all__ = ["MassBanFlood"]

_TICK_S = 0.1


@dataclass(frozen=True)
class MassBanFlood(Scenario):
    """Options: how many guilds and bans, how fast, how much ordinary chat meanwhile, how long to wait afterwards."""

    guilds: int = 5_000
    bans: int = 10_000
    flood_s: float = 60.0
    chats_per_s: float = 2.0
    settle_s: float = 120.0

    NAME = "mass_ban_flood"
    SUMMARY = "10,000 bans across 5,000 uncached guilds in a minute"
    INTENTS = int(Intents.GUILDS | Intents.GUILD_MEMBERS | Intents.GUILD_MODERATION | Intents.GUILD_MESSAGES)
    WATCHES = (
        Watch(GuildBanAdd, lambda e: int(e.user.id)),
        Watch(GuildMemberRemove, lambda e: int(e.user.id)),
        Watch(MessageCreate, lambda e: int(e.id), needs_guild=True),
    )

    def world(self, seed: int) -> World:
        return World(seed, guilds=self.guilds, members=(200, 2_000))

    def settings(self) -> Settings:
        return Settings(shards=self.shard_count(), max_concurrency=16)

    def shard_count(self) -> int:
        return max(4, -(-self.guilds // 1_250))

    def cache(self) -> CachePolicy:
        return CachePolicy(fetch_per_s=10.0)

    async def drive(self, stage: Stage) -> None:
        await asyncio.sleep(15.0)  # the GUILD_CREATE burst ends
        stage.notes["flood_ms"] = stage.now_ms()
        draw = stage.random
        victims = [0] * self.guilds
        banned = chats = 0
        ticks = round(self.flood_s / _TICK_S)
        for tick in range(1, ticks + 1):
            while banned < self.bans * tick // ticks:
                guild = draw.randrange(self.guilds)
                victims[guild] += 1
                stage.discord.member_banned(guild, victims[guild], "raid")
                banned += 1
            while chats < self.chats_per_s * tick * _TICK_S:
                stage.discord.message_posted(draw.randrange(self.guilds), "what is going on?", number=0)
                chats += 1
            await asyncio.sleep(_TICK_S)
        await asyncio.sleep(self.settle_s)

    def judge(self, stage: Stage) -> list[Expectation]:
        record = stage.discord.record
        types = frozenset(w.event.NAME for w in self.WATCHES)
        balance = stage.ledger.balance(record, types, stage.notes["flood_ms"])
        invalid = sum(seen.invalid for seen in record.requests)
        banned_after = (
            f", after {(record.ban_times_ms[0] - stage.notes['flood_ms']) / 1000:.0f} s" if record.ban_times_ms else ""
        )
        fetch_times = [seen.t_ms for seen in record.requests if seen.route == "get_guild" or "/guilds/" in seen.path]
        # Requests in one second as received: the pace, plus what the network's jitter can push together.
        allowed_per_s = int(stage.cache.fetch_per_s) + 2
        justified = sum(e.type == "MESSAGE_CREATE" for e in record.events)
        peak = _peak_per_s(fetch_times)
        return [
            Expectation("no Cloudflare ban", not record.ban_times_ms, f"{len(record.ban_times_ms)} bans{banned_after}"),
            Expectation("no invalid request", invalid == 0, f"{invalid:,} of {len(record.requests):,} requests"),
            Expectation(
                "every event reaches its handler once",
                balance.exact,
                f"{balance.handled:,} of {balance.sent:,}, {balance.doubled} doubled",
            ),
            Expectation("in order per guild", balance.out_of_order == 0, f"{balance.out_of_order} out of order"),
            Expectation(
                "guild fetches within the budget",
                len(fetch_times) <= justified and peak <= allowed_per_s,
                f"{len(fetch_times):,} of {justified:,} justified, peak {peak}/s of {allowed_per_s}",
            ),
        ]


def _peak_per_s(times_ms: list[int]) -> int:
    window: deque[int] = deque()
    peak = 0
    for t_ms in times_ms:
        window.append(t_ms)
        while window[0] <= t_ms - 1_000:
            window.popleft()
        peak = max(peak, len(window))
    return peak
