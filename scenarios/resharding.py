"""A bot grows from four shards to eight while messages keep coming.

Every session start counts against the day's limit, and events fall between two generations of shards unless somebody
takes care. How many is measured here against what happened in the world.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from discord_sim import Settings, World
from framework import Intents, MessageCreate
from scenarios.story import Expectation, Scenario, Stage, Watch

__all__ = ["Resharding"]


@dataclass(frozen=True)
class Resharding(Scenario):
    """Options: shard counts, traffic, the seconds before and after, and the share of events that may go wrong."""

    guilds: int = 1_000
    shards_before: int = 4
    shards_after: int = 8
    events_per_s: float = 40.0
    before_s: float = 30.0
    after_s: float = 60.0
    share_max: float = 0.01

    NAME = "resharding"
    SUMMARY = "4 to 8 shards under steady traffic"
    INTENTS = int(Intents.GUILD_MESSAGES)
    WATCHES = (Watch(MessageCreate, lambda e: int(e.id)),)

    def world(self, seed: int) -> World:
        return World(seed, guilds=self.guilds)

    def settings(self) -> Settings:
        return Settings(shards=self.shards_before)

    def shard_count(self) -> int:
        return self.shards_before

    async def drive(self, stage: Stage) -> None:
        stage.notes["traffic_ms"] = stage.now_ms()
        traffic = asyncio.create_task(self._talk(stage), name="traffic")
        await asyncio.sleep(self.before_s)

        async def reshard() -> None:
            await stage.subject.reshard(self.shards_after)

        began_ms = stage.now_ms()
        await stage.sim.spawn("bot", reshard)
        stage.notes["took_ms"] = stage.now_ms() - began_ms
        await asyncio.sleep(self.after_s)
        traffic.cancel()
        await asyncio.gather(traffic, return_exceptions=True)
        await asyncio.sleep(10.0)
        stage.notes["live"] = sorted(
            (c.session.shard_id, c.session.shard_count)
            for c in stage.discord.gateway.connections.values()
            if c.session is not None
        )

    async def _talk(self, stage: Stage) -> None:
        while True:
            stage.discord.message_posted(stage.random.randrange(self.guilds), "hello")
            await asyncio.sleep(stage.random.expovariate(self.events_per_s))

    def judge(self, stage: Stage) -> list[Expectation]:
        record, gateway = stage.discord.record, stage.discord.gateway
        types = frozenset({"MESSAGE_CREATE"})
        balance = stage.ledger.balance(record, types, stage.notes["traffic_ms"], everything=True)
        identifies = record.gateway["identify"]
        wanted = self.shards_before + self.shards_after
        early = record.gateway["identify_too_early"]
        whole = [(shard, self.shards_after) for shard in range(self.shards_after)]
        sent = max(1, balance.sent)
        return [
            Expectation(
                "session starts are what resharding costs",
                identifies == wanted == gateway.starts.used,
                f"{identifies} identifies for {wanted} shards, {gateway.starts.total - gateway.starts.used} left today",
            ),
            Expectation(
                "no identify comes too early",
                early == 0,
                f"{early} too early, {stage.notes['took_ms'] / 1000:.0f} s in all",
            ),
            Expectation(
                "exactly the new shards are connected",
                stage.notes["live"] == whole,
                f"{len(stage.notes['live'])} connected",
            ),
            Expectation(
                f"at most {self.share_max:.0%} of events lost",
                balance.lost <= sent * self.share_max,
                f"{balance.lost} of {balance.sent:,} ({balance.lost / sent:.3%})",
            ),
            Expectation(
                f"at most {self.share_max:.0%} of events doubled",
                balance.doubled <= sent * self.share_max,
                f"{balance.doubled} of {balance.sent:,} ({balance.doubled / sent:.3%})",
            ),
        ]
