"""A day in the life of a lazy cache: of 2,000 guilds a tenth to a fifth is active in any hour.

The server cannot look into the bot's cache, but it sees every fetch. So it computes from the events it sent which
ones must have caused a fetch (first use, or an idle time beyond the limit) and which must not.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from discord_sim import Settings, World
from framework import Intents, MessageCreate
from framework.bot import CachePolicy
from scenarios.story import Expectation, Scenario, Stage, Watch

__all__ = ["LazyCacheEviction"]

_HOUR_S = 3_600


@dataclass(frozen=True)
class LazyCacheEviction(Scenario):
    """Options: guilds, hours, the share active in an hour, messages per active guild and hour, the idle limit."""

    guilds: int = 2_000
    hours: int = 24
    active_low: float = 0.10
    active_high: float = 0.20
    messages_max: int = 4
    idle_s: int = 3_600
    saved_min: float = 0.5

    NAME = "lazy_cache_eviction"
    SUMMARY = "2,000 guilds, 10-20 % active in any hour, 24 hours"
    INTENTS = int(Intents.GUILD_MESSAGES | Intents.GUILDS)
    WATCHES = (Watch(MessageCreate, lambda e: int(e.id), needs_guild=True),)

    def world(self, seed: int) -> World:
        return World(seed, guilds=self.guilds)

    def settings(self) -> Settings:
        return Settings(shards=self.shard_count(), max_concurrency=16)

    def shard_count(self) -> int:
        return max(1, -(-self.guilds // 1_000))

    def cache(self) -> CachePolicy:
        return CachePolicy(idle_s=self.idle_s)

    async def drive(self, stage: Stage) -> None:
        await asyncio.sleep(15.0)
        draw = stage.random
        stage.notes["began_ms"] = stage.now_ms()
        for _ in range(self.hours):
            share = draw.uniform(self.active_low, self.active_high)
            active = draw.sample(range(self.guilds), round(self.guilds * share))
            plan = sorted(
                (draw.uniform(0, _HOUR_S), guild) for guild in active for _ in range(draw.randint(1, self.messages_max))
            )
            hour_began_ms = stage.now_ms()
            for at_s, guild in plan:
                await asyncio.sleep(max(0.0, at_s - (stage.now_ms() - hour_began_ms) / 1000))
                stage.discord.message_posted(guild, "good morning")
            await asyncio.sleep(max(0.0, _HOUR_S - (stage.now_ms() - hour_began_ms) / 1000))
        await asyncio.sleep(30.0)

    def judge(self, stage: Stage) -> list[Expectation]:
        record = stage.discord.record
        balance = stage.ledger.balance(record, frozenset({"MESSAGE_CREATE"}), stage.notes["began_ms"])
        fetches = sum(seen.route == "get_guild" for seen in record.requests)
        must, may, evictions = self._expected_fetches(stage)
        peak, guilds = stage.subject.cache_guilds_peak(), stage.discord.world.guild_total
        saved = 1 - peak / guilds
        refused = sum(seen.status != 200 for seen in record.requests)
        return [
            Expectation(
                "fetches follow activity: one per guild and return from idleness",
                must <= fetches <= must + may,
                f"{fetches:,} fetches, {must:,} called for{f' (+{may} on the edge)' if may else ''}",
            ),
            Expectation(
                "idle guilds leave",
                evictions > 0 and fetches >= must,
                f"{evictions:,} evictions made visible",
            ),
            Expectation(
                "every handler finds its guild",
                balance.exact and stage.ledger.without_guild == 0,
                f"{balance.handled:,} of {balance.sent:,} events, {stage.ledger.without_guild} without a guild",
            ),
            Expectation(
                f"at least {self.saved_min:.0%} of the guilds need not be held",
                saved >= self.saved_min,
                f"{saved:.0%}: at most {peak:,} of {guilds:,} at once",
            ),
            Expectation("no request is refused", refused == 0, f"{refused} of {len(record.requests):,}"),
        ]

    def _expected_fetches(self, stage: Stage) -> tuple[int, int, int]:
        """(fetches that must be, fetches that may be because a gap is at the limit's edge, evictions seen)."""
        edge_ms = 2_000
        idle_ms = self.idle_s * 1_000
        last: dict[int, int] = {}
        must = may = returned = 0
        for event in stage.discord.record.events:
            if event.type != "MESSAGE_CREATE" or event.guild_id is None:
                continue
            gap_ms = event.t_ms - last.get(event.guild_id, -10 * idle_ms)
            if gap_ms > idle_ms + edge_ms:
                must += 1
                returned += event.guild_id in last
            elif gap_ms > idle_ms - edge_ms:
                may += 1
            last[event.guild_id] = event.t_ms
        return must, may, returned
