"""All shards of one bot: start, reshard, stop."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from framework.chance import default_chance
from framework.clock import loop_ms
from framework.errors import InvalidUse
from framework.gateway.core.identify_pace import IdentifyPace
from framework.gateway.core.session import Session
from framework.gateway.event import GatewayBot, RawEvent
from framework.gateway.shard import Shard
from framework.ports import Chance
from framework.wire import shard_id_for

__all__ = ["GatewayManager", "GatewaySnapshot"]


@dataclass(frozen=True, slots=True)
class GatewaySnapshot:
    """The gateway now."""

    generation: int
    shard_count: int
    shards: tuple[str, ...]
    dispatches: int
    dropped_by_handover: int


class GatewayManager:
    """Keeps every shard connected and hands each dispatch to `on_dispatch`, in order per shard.

    Args:
        token: the bot token, without prefix.
        intents: what to be told about (`framework.Intents`).
        on_dispatch: called synchronously for each dispatch.
        fetch_gateway_bot: asks GET /gateway/bot.
        shard_count: None takes Discord's recommendation.
        shard_ids: the shards of this process; all by default.
        sessions: what an earlier run left, to resume instead of identifying.
    """

    def __init__(
        self,
        token: str,
        *,
        intents: int,
        on_dispatch: Callable[[RawEvent], None],
        fetch_gateway_bot: Callable[[], Awaitable[GatewayBot]],
        shard_count: int | None = None,
        shard_ids: Sequence[int] | None = None,
        chance: Chance | None = None,
        sessions: Sequence[Session] = (),
    ) -> None:
        if shard_count is not None and shard_count < 1:
            raise InvalidUse(f"shard_count must be at least 1, not {shard_count}")
        self._token, self._intents = token, intents
        self._on_dispatch, self._fetch = on_dispatch, fetch_gateway_bot
        self._wanted_count, self._shard_ids = shard_count, shard_ids
        self._chance = chance or default_chance()
        self._sessions = {(s.shard_id, s.shard_count): s for s in sessions}
        self._pace = IdentifyPace()
        self._shards: dict[int, Shard] = {}
        self._generation = 0
        self._live_generation = 1
        self._shard_count = 0
        self._dispatches = self._dropped = 0
        self._fatal: asyncio.Future[None] | None = None

    def __repr__(self) -> str:
        return f"<GatewayManager gen {self._generation} shards={len(self._shards)}/{self._shard_count}>"

    @property
    def shard_count(self) -> int:
        """Shards of the current generation over all processes; 0 before `start`."""
        return self._shard_count

    def snapshot(self) -> GatewaySnapshot:
        """The state now."""
        shards = tuple(repr(s) for s in self._shards.values())
        return GatewaySnapshot(self._live_generation, self._shard_count, shards, self._dispatches, self._dropped)

    def shard_for(self, guild_id: int) -> Shard:
        """The shard of a guild. Raises InvalidUse when another process has it."""
        shard_id = shard_id_for(guild_id, max(1, self._shard_count))
        if shard_id not in self._shards:
            raise InvalidUse(f"shard {shard_id} of guild {guild_id} does not run in this process")
        return self._shards[shard_id]

    async def start(self) -> None:
        """Connect every shard; returns when all are READY or resumed.

        Raises:
            GatewayFatal, SessionStartsExhausted: see there.
        """
        self._fatal = asyncio.get_running_loop().create_future()
        info = await self._learn_limits()
        self._shard_count = self._wanted_count or info.shards
        self._shards = self._make_generation(self._shard_count, info.url)
        await self._all_ready(self._shards)

    async def reshard(self, shard_count: int) -> None:
        """Change the number of shards while running.

        The new generation identifies beside the old one within the same identify limits. When all of it is READY
        it takes over in one instant, and the old one is closed. Events that one side has received and the other
        has not at that instant are lost or doubled; the scenario `resharding` measures how many.
        """
        if shard_count < 1:
            raise InvalidUse(f"shard_count must be at least 1, not {shard_count}")
        info = await self._learn_limits()
        old = self._shards
        new = self._make_generation(shard_count, info.url)
        try:
            await self._all_ready(new)
        except BaseException:
            await asyncio.gather(*(shard.close() for shard in new.values()))
            self._generation -= 1
            raise
        self._shards, self._shard_count, self._live_generation = new, shard_count, self._generation
        await asyncio.gather(*(shard.close() for shard in old.values()))

    async def wait_fatal(self) -> None:
        """Wait for the end; raises GatewayFatal when Discord forbids a shard to go on."""
        if self._fatal is None:
            raise InvalidUse("wait_fatal() before start()")
        await asyncio.shield(self._fatal)

    async def close(self) -> None:
        """Leave with every shard."""
        await asyncio.gather(*(shard.close() for shard in self._shards.values()))
        if self._fatal is not None and not self._fatal.done():
            self._fatal.set_result(None)

    async def send(self, guild_id: int, op: int, payload: Any) -> None:
        """Send a payload on a guild's shard, within the send limit."""
        await self.shard_for(guild_id).send(op, payload)

    # -- inside ------------------------------------------------------------------------------------------

    async def _learn_limits(self) -> GatewayBot:
        info = await self._fetch()
        self._pace.update(info.max_concurrency, info.remaining, loop_ms() + info.reset_after_ms)
        return info

    def _make_generation(self, shard_count: int, url: str) -> dict[int, Shard]:
        self._generation += 1
        ids = range(shard_count) if self._shard_ids is None else self._shard_ids
        return {
            shard_id: Shard(
                self._token, shard_id=shard_id, shard_count=shard_count, intents=self._intents, url=url,
                generation=self._generation, on_dispatch=self._receive, permit=self._permit, chance=self._chance,
                session=self._sessions.pop((shard_id, shard_count), None),
            )
            for shard_id in ids
        }  # fmt: skip

    async def _all_ready(self, shards: dict[int, Shard]) -> None:
        for shard in shards.values():
            shard.start().add_done_callback(self._on_shard_end)
        await asyncio.gather(*(shard.wait_ready() for shard in shards.values()))

    async def _permit(self, shard_id: int) -> None:
        now_ms = loop_ms()
        at_ms = self._pace.reserve(shard_id, now_ms)
        if at_ms > now_ms:
            await asyncio.sleep((at_ms - now_ms) / 1000)

    def _receive(self, event: RawEvent) -> None:
        if event.generation != self._live_generation:
            self._dropped += 1
            return
        self._dispatches += 1
        self._on_dispatch(event)

    def _on_shard_end(self, task: asyncio.Task[None]) -> None:
        if task.cancelled() or self._fatal is None or self._fatal.done():
            return
        error = task.exception()
        if error is not None:
            self._fatal.set_exception(error)
            self._fatal.exception()  # whoever waits is told; nobody waiting is no error of its own
