"""The bots that can be run through a scenario."""

from __future__ import annotations

import asyncio
import importlib.util
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from framework import Bot, RestManager
from framework.errors import InvalidUse
from framework.gateway import MemoryStore
from scenarios.story import BOT_HOST, Stage, Subject, Watch

__all__ = [
    "SUBJECTS",
    "BadSubject",
    "FrameworkSubject",
    "NaiveSubject",
    "OwnBot",
    "WindowLimit",
    "subject_for",
]


class BadSubject(ValueError):
    """There is no such subject; the message says what there is."""


def _attach(bot: Bot, stage: Stage, watch: Watch) -> None:
    async def note(event: Any) -> None:
        guild_id = getattr(event, "guild_id", None) or 0
        stage.ledger.note(stage.now_ms(), watch.event.NAME, guild_id, watch.key(event))
        if watch.needs_guild and (event.guild is None or event.guild.id != guild_id):
            stage.ledger.without_guild += 1

    bot.on(watch.event, needs_guild=watch.needs_guild)(note)


class FrameworkSubject(Subject):
    """The framework as it is meant to be used: one bot, one central REST manager, a lazy cache."""

    name = "framework"

    def __init__(self) -> None:
        self._bot: Bot
        self._store = MemoryStore()
        self._killed: list[Bot] = []

    async def start(self, stage: Stage) -> None:
        self._bot = Bot(
            stage.discord.settings.token,
            intents=stage.intents,
            cache=stage.cache,
            shard_count=stage.shard_count,
            store=self._store if stage.keep_sessions else None,
        )
        for watch in stage.watches:
            _attach(self._bot, stage, watch)
        await self._bot.start()

    async def stop(self) -> None:
        await self._bot.close()
        for bot in self._killed:
            await bot.rest.close()
        self._killed.clear()

    async def reshard(self, shard_count: int) -> None:
        await self._bot.gateway.reshard(shard_count)

    async def restart(self, stage: Stage, away_s: float, *, kill: bool) -> None:
        if kill:
            saved = self._store.sessions
            self._killed.append(self._bot)
            await stage.sim.kill(BOT_HOST)
            self._store.sessions = saved  # whatever the dying process did on its way
        else:
            await stage.sim.spawn(BOT_HOST, self.stop)
        await asyncio.sleep(away_s)
        await stage.sim.spawn(BOT_HOST, partial(self.start, stage))

    def cache_bytes_peak(self) -> int:
        return self._bot.snapshot().cache.bytes_peak


@dataclass(slots=True)
class WindowLimit:
    """The global limit as many libraries keep it: 50 at once, then wait for the next second. Right for one process
    alone in the world; four of them send two hundred."""

    per_s: int = 50
    _ends_ms: int = 0
    _used: int = 0
    _paused_until_ms: int = 0

    def ready_at(self, now_ms: int) -> int:
        """Now while the window has room, else when it ends."""
        full = now_ms < self._ends_ms and self._used >= self.per_s
        return max(now_ms, self._paused_until_ms, self._ends_ms if full else 0)

    def reserve(self) -> None:
        """Counted when it leaves, as they do."""

    def left(self, now_ms: int) -> None:
        """One request leaves now."""
        if now_ms >= self._ends_ms:
            self._ends_ms, self._used = now_ms + 1_000, 0
        self._used += 1

    def give_back(self) -> None:
        """It never left and was never counted."""

    def pause(self, until_ms: int) -> None:
        """A global 429 came."""
        self._paused_until_ms = max(self._paused_until_ms, until_ms)


class NaiveSubject(Subject):
    """What the design warns against, built from the same framework: every event of an uncached guild fetches it, and
    four workers each keep their own view of the limits."""

    name = "naive"
    WORKERS = 4

    def __init__(self) -> None:
        self._bots: list[Bot] = []
        self._stage: Stage

    async def start(self, stage: Stage) -> None:
        self._stage = stage
        await self._start_workers(stage.shard_count)

    async def stop(self) -> None:
        for bot in self._bots:
            await bot.close()
            await bot.rest.close()

    async def reshard(self, shard_count: int) -> None:
        await self.stop()  # the simplest way: everything down, everything up
        await self._start_workers(shard_count)

    def cache_bytes_peak(self) -> int:
        return sum(bot.snapshot().cache.bytes_peak for bot in self._bots)

    async def _start_workers(self, shard_count: int) -> None:
        stage = self._stage
        token = stage.discord.settings.token
        policy = replace(stage.cache, fetch_for_every_event=True, idle_s=10_000_000.0)
        self._bots = []
        for worker in range(self.WORKERS):
            rest = RestManager(token, global_limit=WindowLimit())
            bot = Bot(
                token, intents=stage.intents, cache=policy, rest=rest, shard_count=shard_count,
                shard_ids=range(worker, shard_count, self.WORKERS),
            )  # fmt: skip
            for watch in stage.watches:
                _attach(bot, stage, watch)
            self._bots.append(bot)
            await bot.start()


class OwnBot(FrameworkSubject):
    """A user's bot, made by `factory(token)`; the scenario adds its handlers beside the user's own."""

    name = "own"

    def __init__(self, factory: Callable[[str], Bot]) -> None:
        super().__init__()
        self._factory = factory

    async def start(self, stage: Stage) -> None:
        bot = self._factory(stage.discord.settings.token)
        if not isinstance(bot, Bot):
            raise InvalidUse(f"the factory returned a {type(bot).__name__}; a scenario needs a framework.Bot")
        self._bot = bot
        for watch in stage.watches:
            _attach(bot, stage, watch)
        await bot.start()


SUBJECTS: dict[str, Callable[[], Subject]] = {"framework": FrameworkSubject, "naive": NaiveSubject}


def subject_for(spec: str) -> Subject:
    """A fresh subject for `framework`, `naive` or `path/to/bot.py:factory`.

    Raises:
        BadSubject: nothing of this name or path, or the file cannot be loaded.
    """
    if spec in SUBJECTS:
        return SUBJECTS[spec]()
    path_text, colon, name = spec.rpartition(":")
    if not colon or not path_text.endswith(".py"):
        raise BadSubject(f"no subject {spec!r}; there are {', '.join(sorted(SUBJECTS))}, or path/to/bot.py:factory")
    path = Path(path_text)
    if not path.is_file():
        raise BadSubject(f"no file {path_text} for subject {spec!r}")
    module_spec = importlib.util.spec_from_file_location(f"scenario_subject_{path.stem}", path)
    assert module_spec is not None
    assert module_spec.loader is not None
    module = importlib.util.module_from_spec(module_spec)
    sys.modules[module_spec.name] = module
    try:
        module_spec.loader.exec_module(module)
    except Exception as error:
        raise BadSubject(f"{path_text} cannot be loaded: {type(error).__name__}: {error}") from error
    factory = getattr(module, name, None)
    if not callable(factory):
        raise BadSubject(f"{path_text} has no callable {name!r}")
    return OwnBot(factory)
