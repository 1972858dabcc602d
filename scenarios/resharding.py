"""A bot goes over to other numbers of shards while messages keep coming and connections break.

It grows, shrinks, and grows again; meanwhile connections are cut, closed and told to reconnect, and the link to Discord
fails altogether for some seconds. Every session start counts against the day's limit. What the handlers saw is set
against what happened in the world, sent or not.
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
    """Options: shard counts one after the other, traffic, seconds between, how often something breaks, and the share
    of events that may go wrong."""

    guilds: int = 1_000
    shards: int = 4
    up_to: int = 8
    down_to: int = 3
    again_to: int = 6
    events_per_s: float = 40.0
    between_s: float = 30.0
    breaks_every_s: float = 3.0
    max_concurrency: int = 1
    share_max: float = 0.0

    NAME = "resharding"
    SUMMARY = "4 to 8 to 3 to 6 shards under steady traffic, with cuts in the middle"
    INTENTS = int(Intents.GUILD_MESSAGES)
    WATCHES = (Watch(MessageCreate, lambda e: int(e.id)),)

    @property
    def counts(self) -> tuple[int, int, int, int]:
        """The numbers of shards, one after the other."""
        return self.shards, self.up_to, self.down_to, self.again_to

    def world(self, seed: int) -> World:
        return World(seed, guilds=self.guilds)

    def settings(self) -> Settings:
        return Settings(shards=self.counts[0], max_concurrency=self.max_concurrency)

    def shard_count(self) -> int:
        return self.counts[0]

    async def drive(self, stage: Stage) -> None:
        stage.notes["traffic_ms"] = stage.now_ms()
        troubles = [
            asyncio.create_task(self._talk(stage), name="traffic"),
            asyncio.create_task(self._break(stage), name="trouble"),
        ]
        await asyncio.sleep(self.between_s)
        stage.notes["took_ms"] = []
        for count in self.counts[1:]:

            async def reshard(count: int = count) -> None:
                await stage.subject.reshard(count)

            began_ms = stage.now_ms()
            await stage.sim.spawn("bot", reshard)
            stage.notes["took_ms"].append(stage.now_ms() - began_ms)
            await asyncio.sleep(self.between_s)
        for task in reversed(troubles):
            task.cancel()
            await asyncio.sleep(self.between_s)
        await asyncio.gather(*troubles, return_exceptions=True)
        stage.notes["live"] = sorted(
            (c.session.shard_id, c.session.shard_count)
            for c in stage.discord.gateway.connections.values()
            if c.session is not None
        )

    async def _talk(self, stage: Stage) -> None:
        while True:
            stage.discord.message_posted(stage.random.randrange(self.guilds), "hello")
            await asyncio.sleep(stage.random.expovariate(self.events_per_s))

    async def _break(self, stage: Stage) -> None:
        gateway, draw = stage.discord.gateway, stage.random
        while True:
            await asyncio.sleep(draw.expovariate(1 / self.breaks_every_s))
            shard = draw.randrange(max(self.counts))
            match draw.randrange(8):
                case 0:
                    gateway.disconnect(None, None)  # the link to Discord fails
                case 1 | 2:
                    gateway.reconnect(shard)
                case 3:
                    gateway.disconnect(shard, 4000)
                case _:
                    gateway.disconnect(shard, None)

    def judge(self, stage: Stage) -> list[Expectation]:
        record, gateway = stage.discord.record, stage.discord.gateway
        types = frozenset({"MESSAGE_CREATE"})
        balance = stage.ledger.balance(record, types, stage.notes["traffic_ms"], everything=True)
        identifies, resumes = record.gateway["identify"], record.gateway["resume"]
        wanted = sum(self.counts)
        early = record.gateway["identify_too_early"]
        last = self.counts[-1]
        whole = [(shard, last) for shard in range(last)]
        sent = max(1, balance.sent)
        took = ", ".join(f"{ms / 1000:.0f}" for ms in stage.notes["took_ms"])
        allowed = f"at most {self.share_max:.0%} of events" if self.share_max else "no event"
        return [
            Expectation(
                "session starts are what resharding costs",
                identifies == wanted == gateway.starts.used,
                f"{identifies} identifies for {wanted} shards, {gateway.starts.total - gateway.starts.used} left today",
            ),
            Expectation("no identify comes too early", early == 0, f"{early} too early, {took} s"),
            Expectation(
                "exactly the new shards are connected",
                stage.notes["live"] == whole,
                f"{len(stage.notes['live'])} connected",
            ),
            Expectation(
                f"{allowed} lost",
                balance.lost <= sent * self.share_max,
                f"{balance.lost} of {balance.sent:,}, through {resumes} resumes",
            ),
            Expectation(
                f"{allowed} doubled",
                balance.doubled <= sent * self.share_max,
                f"{balance.doubled} of {balance.sent:,}",
            ),
            Expectation(
                "in order per guild",
                balance.out_of_order <= sent * self.share_max,
                f"{balance.out_of_order} out of order",
            ),
        ]
