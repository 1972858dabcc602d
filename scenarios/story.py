"""What a scenario is: options, a world, something that happens, and expectations judged by the server's record."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, ClassVar, Literal

from discord_sim import FakeDiscord, Link, Settings, Simulation, World
from framework import Event
from framework.bot import CachePolicy
from scenarios.ledger import Ledger

__all__ = ["BOT_HOST", "Expectation", "Result", "Scenario", "Stage", "Subject", "Watch"]

BOT_HOST = "bot"
"""The simulated machine that subjects run on."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """One line of a verdict. `kind` decides the exit code when it does not hold: a scenario's own expectation (1), a
    safety invariant (3), or liveness (4)."""

    name: str
    held: bool
    figure: str
    kind: Literal["expectation", "safety", "liveness"] = "expectation"


@dataclass(frozen=True, slots=True)
class Watch:
    """An event the scenario wants handled, and the id of the thing it is about."""

    event: type[Event]
    key: Callable[[Any], int]
    needs_guild: bool = False


class Subject(ABC):
    """A bot under test. One object per run."""

    name: ClassVar[str] = ""

    @abstractmethod
    async def start(self, stage: Stage) -> None:
        """Connect; returns when the bot is ready. Runs on the simulated host `bot`."""

    @abstractmethod
    async def stop(self) -> None:
        """Disconnect and leave nothing behind."""

    async def reshard(self, shard_count: int) -> None:
        """Go over to another number of shards while running."""
        raise NotImplementedError(f"subject {self.name} cannot reshard")

    async def restart(self, stage: Stage, away_s: float, *, kill: bool) -> None:
        """End, stay away for so long, and begin again as another process; with `kill` without any goodbye."""
        raise NotImplementedError(f"subject {self.name} cannot restart")

    def cache_bytes_peak(self) -> int:
        """The most bytes of guild JSON that were held at once."""
        return 0


@dataclass(slots=True)
class Stage:
    """One run: the fake Discord, the subject, and the ledger of what handlers saw."""

    sim: Simulation
    discord: FakeDiscord
    subject: Subject
    ledger: Ledger
    watches: Sequence[Watch]
    intents: int
    shard_count: int
    cache: CachePolicy
    random: Random
    started_ms: int = 0
    keep_sessions: bool = False
    notes: dict[str, Any] = field(default_factory=dict)

    def now_ms(self) -> int:
        """The server's clock."""
        return self.discord.clock.now_ms


class Scenario(ABC):
    """A replayable story. Subclasses are frozen dataclasses whose fields are the options."""

    NAME: ClassVar[str]
    SUMMARY: ClassVar[str]
    INTENTS: ClassVar[int]
    WATCHES: ClassVar[Sequence[Watch]]
    KEEPS_SESSIONS: ClassVar[bool] = False
    LINK: ClassVar[Link] = Link(latency_ms=20, jitter_ms=5)

    @abstractmethod
    def world(self, seed: int) -> World:
        """What exists at the start."""

    @abstractmethod
    def settings(self) -> Settings:
        """The server's limits."""

    @abstractmethod
    def shard_count(self) -> int:
        """How many shards the bot starts with."""

    def cache(self) -> CachePolicy:
        """The cache policy the subject is asked to follow."""
        return CachePolicy()

    @abstractmethod
    async def drive(self, stage: Stage) -> None:
        """What happens. The bot is ready when this is called."""

    @abstractmethod
    def judge(self, stage: Stage) -> list[Expectation]:
        """The expectations, from the server's record."""


@dataclass(frozen=True, slots=True)
class Result:
    """One finished run."""

    name: str
    seed: int
    subject: str
    digest: str
    expectations: tuple[Expectation, ...]
    virtual_s: float
    real_s: float
    counts: dict[str, Any]
    stage: Stage | None = field(default=None, repr=False)

    @property
    def held(self) -> bool:
        """Whether all expectations hold."""
        return all(e.held for e in self.expectations)

    @property
    def exit_code(self) -> int:
        """0, or what the gravest broken expectation asks for."""
        broken = {e.kind for e in self.expectations if not e.held}
        return 3 if "safety" in broken else 4 if "liveness" in broken else 1 if broken else 0

    def to_json(self) -> dict[str, Any]:
        """The object `--json` writes."""
        return {
            "name": self.name,
            "seed": self.seed,
            "subject": self.subject,
            "digest": self.digest,
            "verdict": "pass" if self.held else "fail",
            "expectations": [{"name": e.name, "held": e.held, "figure": e.figure} for e in self.expectations],
            "virtual_s": round(self.virtual_s, 3),
            "real_s": round(self.real_s, 3),
            "counts": self.counts,
        }
