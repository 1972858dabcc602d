"""Eight workers on eight machines call Discord for one bot, each as fast as it can.

Limits belong to the bot, so a worker that knows only its own calls cannot keep them: eight that keep 50 a second each
send 400. Through the proxy they share one limiter. The subject `naive` means "no proxy": the same workers, each for
itself, do what most libraries do, which is to wait as long as a 429 says and ask again.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass

import aiohttp

from discord_sim import Settings, World
from framework.rest.proxy import RestProxy
from scenarios.story import Expectation, Scenario, Stage

__all__ = ["ProxyManyWorkers"]

_SECRET = "shared-by-all-workers"
_CALLS = ("get_guild", "create_message")
_GAVE_UP = "banned"


@dataclass(frozen=True)
class ProxyManyWorkers(Scenario):
    """Options: how many workers, calls each has open at once, guilds; how long they flood; how many invalid requests
    of an address bring a ban (10,000 at Discord's), and the least share of the bot's 50 a second they get."""

    workers: int = 8
    callers: int = 40
    guilds: int = 200
    flood_s: float = 60.0
    ban_at: int = 1_500
    share_min: float = 0.95

    NAME = "proxy_many_workers"
    SUMMARY = "8 workers on 8 machines flood through one proxy"
    INTENTS = 0
    WATCHES = ()

    def world(self, seed: int) -> World:
        return World(seed, guilds=self.guilds)

    def settings(self) -> Settings:
        return Settings(shards=self.shard_count(), max_concurrency=16, invalid_requests_limit=self.ban_at)

    def shard_count(self) -> int:
        return 4

    async def drive(self, stage: Stage) -> None:
        answers: Counter[str] = Counter()
        stage.notes["answers"] = answers
        token, base = stage.discord.settings.token, "https://discord.com/api/v10/"
        proxy = None
        if stage.subject.name != "naive":
            proxy = RestProxy(_SECRET, [token])
            await stage.sim.spawn("proxy", lambda: proxy.start("0.0.0.0", 80))
            token, base = "workers-need-none", f"http://proxy/{_SECRET}/api/v10/"
        stage.notes["flood_ms"] = stage.now_ms()

        async def work() -> None:
            async with aiohttp.ClientSession(base, headers={"Authorization": f"Bot {token}"}) as session:
                await asyncio.gather(*(self._call(stage, session, answers) for _ in range(self.callers)))

        await asyncio.gather(*(stage.sim.spawn(f"worker-{number}", work) for number in range(self.workers)))
        if proxy is not None:
            await proxy.stop(drain_s=60)

    async def _call(self, stage: Stage, session: aiohttp.ClientSession, answers: Counter[str]) -> None:
        """One after another, half of them reading and half writing."""
        while stage.now_ms() < stage.notes["flood_ms"] + self.flood_s * 1000:
            guild = stage.discord.world.guild_at(stage.random.randrange(self.guilds))
            answers["asked"] += 1
            if stage.random.random() < 0.5:
                outcome = await self._ask(session, "GET", f"guilds/{guild.id}")
            else:
                outcome = await self._ask(session, "POST", f"channels/{next(iter(guild.channels))}/messages")
            answers[outcome] += 1
            if outcome == _GAVE_UP:
                return

    async def _ask(self, session: aiohttp.ClientSession, method: str, path: str) -> str:
        """Ask until there is an answer that is no 429."""
        body = {"content": "hello"} if method == "POST" else None
        while True:
            async with session.request(method, path, json=body) as answer:
                if answer.status != 429:
                    return str(answer.status)
                if answer.content_type != "application/json":
                    return _GAVE_UP
                wait_s = (await answer.json())["retry_after"]
            await asyncio.sleep(wait_s)

    def judge(self, stage: Stage) -> list[Expectation]:
        record, answers = stage.discord.record, stage.notes["answers"]
        calls = [seen for seen in record.requests if seen.t_ms >= stage.notes["flood_ms"] and seen.route in _CALLS]
        limited = Counter(seen.ip for seen in record.requests if seen.status == 429 and seen.invalid)
        accepted = [seen.t_ms for seen in calls if seen.status == 200]
        rate = len(accepted) / max(1.0, (accepted[-1] - accepted[0]) / 1000) if accepted else 0.0
        bans = len(record.ban_times_ms)
        after = f", the first after {(record.ban_times_ms[0] - stage.notes['flood_ms']) / 1000:.0f} s" if bans else ""
        addresses = len({seen.ip for seen in calls})
        return [
            Expectation("no 429", not limited, f"{limited.total():,} of {len(calls):,} requests"),
            Expectation("no Cloudflare ban", not bans, f"{bans} addresses banned{after}"),
            Expectation(
                "every call is answered, and was carried out once",
                answers["200"] == answers["asked"] == len(accepted),
                f"{answers['200']:,} of {answers['asked']:,}, {len(accepted):,} carried out",
            ),
            Expectation(
                f"at least {self.share_min:.0%} of what the bot may send",
                rate >= self.share_min * stage.discord.settings.global_limit_per_s,
                f"{rate:.1f} of {stage.discord.settings.global_limit_per_s} a second",
            ),
            Expectation("Discord sees one address", addresses == 1, f"it sees {addresses}"),
        ]
