"""From one generation of shards to another while events keep coming: the shell around `core.handover`.

1. The new shards connect beside the old ones, within the same limits, and load their guilds.
2. Round trips on all old shards, then on all new ones, tell the handover which event is where.
3. The switch, in one instant; the old shards are closed.

Whatever goes wrong before 3 leaves the old shards as they were.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Container, Mapping

from framework.clock import loop_ms
from framework.errors import FrameworkError, ReshardingFailed
from framework.gateway.core.handover import Handover
from framework.gateway.event import RawEvent
from framework.gateway.shard import Shard

__all__ = ["Resharding"]

_QUIET_S = 5.0  # no guild for so long: the others are in an outage
_BUFFER_MAX = 500_000  # events that only the new side has, while an old shard is away
_TAIL_S = 60.0
_TRIM_EVERY_S = 10.0
_ROUNDS_MAX = 20
_COUNT_EVERY = 10_000
_AGAIN_S = 0.5
Deliver = Callable[[RawEvent], None]


class Resharding:
    """One change of generations. `deliver` takes events as the bot shall see them; `on_switch` is called in the instant
    of the switch, before the first of them comes from the new side."""

    def __init__(
        self, old: Mapping[int, Shard], new: Mapping[int, Shard], deliver: Deliver, on_switch: Callable[[], None]
    ) -> None:
        self._old, self._new, self._deliver, self._on_switch = old, new, deliver, on_switch
        self.handover = Handover(len(old), len(new))
        self._is_over_full = asyncio.Event()
        self._noted = 0
        self._wanted: Container[str] | None = None  # while this lasts everything is, so that both sides count the same

    async def run(self, timeout_s: float) -> None:
        """All three steps. Raises ReshardingFailed, or is cancelled: then `is_switched` tells whether to `give_up`."""
        for shard in self._old.values():
            shard.on_event, self._wanted, shard.wanted = self._from_old, shard.wanted, None
        for shard in self._new.values():
            shard.on_event, shard.wanted = self._from_new, None
        work = asyncio.ensure_future(self._align())
        full = asyncio.ensure_future(self._is_over_full.wait())
        try:
            done, _ = await asyncio.wait({work, full}, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
            if work in done:
                work.result()
            why = "an old shard is away for too long" if full in done else f"not ready within {timeout_s:.0f} s"
        except FrameworkError as error:
            raise ReshardingFailed(len(self._new), str(error)) from error
        finally:
            work.cancel()
            full.cancel()
            await asyncio.gather(work, full, return_exceptions=True)
        if not self.is_switched:
            raise ReshardingFailed(len(self._new), why)

    @property
    def is_switched(self) -> bool:
        """Whether the new generation delivers."""
        return self.handover.is_switched

    def give_up(self) -> None:
        """Let the old shards go on alone."""
        for shard in self._old.values():
            shard.on_event, shard.wanted = self._deliver, self._wanted
        for shard in self._new.values():
            shard.on_event = _ignore

    async def finish(self) -> None:
        """After the switch: until the new shards have brought what the old ones had delivered. Then they need no
        comparing any more."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_TAIL_S):
                await self._until_all_answer(self._new)
        for shard in self._new.values():
            shard.on_event, shard.wanted = self._deliver, self._wanted

    async def _align(self) -> None:
        trimming = asyncio.create_task(self._trim(), name="trim the handover")
        try:
            await asyncio.gather(*(shard.wait_ready() for shard in self._new.values()))
            await asyncio.gather(*(shard.wait_loaded(_QUIET_S) for shard in self._new.values()))
        finally:
            trimming.cancel()
            await asyncio.gather(trimming, return_exceptions=True)
        rounds = 0
        while True:
            sessions = self.handover.sessions
            await self._pass_old()
            self.handover.mark()
            await self._until_all_answer(self._new)
            self.handover.new_passed()
            rounds += 1
            ready = all(shard.is_ready for shard in (*self._old.values(), *self._new.values()))
            if not ready or sessions != self.handover.sessions:
                rounds = 0
                await asyncio.gather(*(shard.wait_loaded(_QUIET_S) for shard in self._new.values()))
            elif rounds >= _ROUNDS_MAX or not self.handover.unsure():
                self._on_switch()
                for event in self.handover.switch():
                    self._deliver(event)
                return

    async def _trim(self) -> None:
        """While the new shards connect: what the old ones have delivered need not be kept."""
        while True:
            await asyncio.sleep(_TRIM_EVERY_S)
            await self._pass_old()

    async def _pass_old(self) -> None:
        self.handover.mark()
        await self._until_all_answer(self._old)
        self.handover.old_passed()

    async def _until_all_answer(self, shards: Mapping[int, Shard]) -> None:
        """A round trip on each of them; who has no connection is waited for."""

        async def answer(shard: Shard) -> None:
            while True:
                await shard.wait_ready()
                if await shard.round_trip():
                    return
                await asyncio.sleep(_AGAIN_S)

        await asyncio.gather(*(answer(shard) for shard in shards.values()))

    def _from_old(self, event: RawEvent) -> None:
        for each in self.handover.from_old(event, loop_ms()):
            self._deliver(each)

    def _from_new(self, event: RawEvent) -> None:
        for each in self.handover.from_new(event):
            self._deliver(each)
        self._noted += 1
        if self._noted % _COUNT_EVERY == 0 and self.handover.buffered > _BUFFER_MAX:
            self._is_over_full.set()


def _ignore(_: RawEvent) -> None:
    """Events of a generation that was given up."""
