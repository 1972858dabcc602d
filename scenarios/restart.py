"""A bot of sixteen shards is stopped and started again, and killed and started again, while messages keep coming.

Sessions outlive the process, so no restart costs an identify. After a clean stop every event reaches its handler once;
after a kill what came since the last save may come twice, and nothing is lost.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from discord_sim import Settings, World
from framework import Intents, MessageCreate
from scenarios.ledger import Balance
from scenarios.story import Expectation, Scenario, Stage, Watch

__all__ = ["Restart"]


@dataclass(frozen=True)
class Restart(Scenario):
    """Options: shards, traffic, how long the bot runs and is away, how many stops and kills, and how many seconds of
    events a kill may double."""

    guilds: int = 500
    shards: int = 16
    events_per_s: float = 20.0
    up_s: float = 60.0
    away_s: float = 20.0
    stops: int = 2
    kills: int = 2
    doubled_s: float = 2.0

    NAME = "restart"
    SUMMARY = "16 shards stopped twice and killed twice under traffic: no identify is spent"
    KEEPS_SESSIONS = True
    INTENTS = int(Intents.GUILD_MESSAGES)
    WATCHES = (Watch(MessageCreate, lambda e: int(e.id)),)

    def world(self, seed: int) -> World:
        return World(seed, guilds=self.guilds)

    def settings(self) -> Settings:
        return Settings(shards=self.shards, max_concurrency=16)

    def shard_count(self) -> int:
        return self.shards

    async def drive(self, stage: Stage) -> None:
        stage.notes["traffic_ms"] = stage.now_ms()
        traffic = asyncio.create_task(self._talk(stage), name="traffic")
        stage.notes["doubled"] = []
        for restart in range(self.stops + self.kills):
            await asyncio.sleep(self.up_s)
            doubled = self._balance(stage).doubled
            await stage.subject.restart(stage, self.away_s, kill=restart >= self.stops)
            await asyncio.sleep(5.0)
            stage.notes["doubled"].append(self._balance(stage).doubled - doubled)
        traffic.cancel()
        await asyncio.sleep(30.0)

    async def _talk(self, stage: Stage) -> None:
        while True:
            stage.discord.message_posted(stage.random.randrange(self.guilds), "hello")
            await asyncio.sleep(stage.random.expovariate(self.events_per_s))

    def _balance(self, stage: Stage) -> Balance:
        types = frozenset({"MESSAGE_CREATE"})
        return stage.ledger.balance(stage.discord.record, types, stage.notes["traffic_ms"], everything=True)

    def judge(self, stage: Stage) -> list[Expectation]:
        record = stage.discord.record
        identifies, resumes = record.gateway["identify"], record.gateway["resume"]
        restarts = self.stops + self.kills
        balance = self._balance(stage)
        by_stops = sum(stage.notes["doubled"][: self.stops])
        by_kills = stage.notes["doubled"][self.stops :]
        most = int(self.doubled_s * self.events_per_s)
        return [
            Expectation(
                "no restart costs an identify",
                identifies == self.shards,
                f"{identifies} identifies for {self.shards} shards, {resumes} resumes in {restarts} restarts",
            ),
            Expectation("no event lost", balance.lost == 0, f"{balance.lost} of {balance.sent:,}"),
            Expectation("a clean stop doubles nothing", by_stops == 0, f"{by_stops} doubled in {self.stops} stops"),
            Expectation(
                f"a kill doubles no more than {self.doubled_s:.0f} s of events",
                all(each <= most for each in by_kills),
                f"{', '.join(str(each) for each in by_kills)} doubled, {most} allowed",
            ),
        ]
