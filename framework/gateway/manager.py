"""All shards of one bot: start, requests, resharding, stop."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypedDict

from framework.chance import default_chance
from framework.clock import loop_ms
from framework.errors import FrameworkError, InvalidUse, ReshardingFailed, ShardOffline
from framework.gateway import commands
from framework.gateway.connection import Connect, connect
from framework.gateway.core.resharding import reshard_to, time_limit_ms
from framework.gateway.core.session import Session
from framework.gateway.core.shard import ShardMachine
from framework.gateway.event import GatewayBot, RawEvent
from framework.gateway.gate import IdentifyGate, LocalGate
from framework.gateway.inflate import Compression
from framework.gateway.keeping import SessionKeeper
from framework.gateway.requests import ANSWERS, Members, Requests
from framework.gateway.resharding import Resharding
from framework.gateway.shard import Shard, ShardOptions
from framework.gateway.store import SessionStore
from framework.ports import Chance
from framework.wire import GatewayOp, shard_id_for

__all__ = ["GatewayManager", "GatewayOptions", "GatewaySnapshot", "OnDispatch"]

_log = logging.getLogger(__name__)
_REQUESTS_S = 30.0  # how long old shards stay for the answers to their requests
_SOON_S = 60.0  # from the start to a resharding that is called for already
_CLEAR_S = 10.0  # … and their sessions on record for handlers that are under way

OnDispatch = Callable[[RawEvent], bool | None]
"""Takes each dispatch at once and must not block. True: it is still being handled, and `done` will be called."""


class GatewayOptions(TypedDict, total=False):
    """What a `GatewayManager` takes besides what a bot gives it; see there."""

    store: SessionStore | None
    save_every_s: float
    reshard_every_s: float | None
    compression: Compression | str
    presence: Mapping[str, Any] | None
    large_threshold: int
    connect: Connect
    gate: IdentifyGate | None


@dataclass(frozen=True, slots=True)
class GatewaySnapshot:
    """The gateway now."""

    generation: int
    shard_count: int
    shards: tuple[str, ...]
    dispatches: int
    is_resharding: bool


class GatewayManager:
    """Keeps every shard connected and hands each dispatch to `on_dispatch`, in order per shard and per guild.

    Args:
        token: the bot token, without prefix.
        intents: what to be told about (`framework.Intents`).
        on_dispatch: takes the dispatches; where they go from there (a bot in this process, a queue) is its own matter.
        fetch_gateway_bot: asks GET /gateway/bot.
        shard_count: None takes Discord's recommendation, and follows it when it changes.
        shard_ids: the shards of this process; all by default.
        store: keeps the sessions, so that the next process resumes them.
        save_every_s: how often they are saved while running.
        reshard_every_s: how often to ask for the recommended number; None never.
        compression: of what the gateway sends.
        presence: what the bot shows from the start (`framework.gateway.commands.presence`).
        large_threshold: members of a guild (50 to 250) above which those offline are left out of GUILD_CREATE.
        wanted: names of the dispatches that `on_dispatch` wants, asked for each; None is all of them. READY, RESUMED
            and GUILD_CREATE always come.
        settled: up to which event of a session everything is safe elsewhere (`mq.Publisher.settled`): sessions are
            saved no further.
        connect: opens websockets.
        gate: lets shards identify; by default this process has the token to itself.
    """

    def __init__(
        self,
        token: str,
        *,
        intents: int,
        on_dispatch: OnDispatch,
        fetch_gateway_bot: Callable[[], Awaitable[GatewayBot]],
        shard_count: int | None = None,
        shard_ids: Sequence[int] | None = None,
        store: SessionStore | None = None,
        save_every_s: float = 1.0,
        reshard_every_s: float | None = 8 * 3_600.0,
        compression: Compression | str = Compression.ZSTD,
        presence: Mapping[str, Any] | None = None,
        large_threshold: int = 250,
        wanted: Container[str] | None = None,
        settled: Callable[[str], int | None] | None = None,
        connect: Connect = connect,
        gate: IdentifyGate | None = None,
        chance: Chance | None = None,
    ) -> None:
        if shard_count is not None and shard_count < 1:
            raise InvalidUse(f"shard_count must be at least 1, not {shard_count}")
        if shard_ids is not None and (shard_count is None or not all(0 <= i < shard_count for i in shard_ids)):
            raise InvalidUse("shard_ids go with a shard_count, and must be below it")
        if not 50 <= large_threshold <= 250:
            raise InvalidUse(f"large_threshold must be 50 to 250, not {large_threshold}")
        if save_every_s <= 0 or (reshard_every_s is not None and reshard_every_s <= 0):
            raise InvalidUse("save_every_s and reshard_every_s must be positive")
        if compression not in list(Compression):
            raise InvalidUse(f"compression must be one of {', '.join(Compression)}, not {compression!r}")
        self._on_dispatch, self._wanted_count, self._shard_ids = on_dispatch, shard_count, shard_ids
        self._reshard_every_s = reshard_every_s if shard_count is None else None
        self._local = LocalGate(fetch_gateway_bot)
        chance = chance or default_chance()
        self._options = ShardOptions(
            token, intents, chance, gate or self._local, connect, Compression(compression), presence, large_threshold
        )
        self._requests = Requests(intents, self.send, chance)
        self._keeper = SessionKeeper(store, self._live_sessions, save_every_s, settled) if store is not None else None
        self._wanted = wanted
        self._shards: dict[int, Shard] = {}
        self._recorded: dict[int, Shard] = {}  # whose sessions a next process shall resume
        self._generations = self._live = 0
        self._shard_count = 0
        self._dispatches = 0
        self._resharding: Resharding | None = None
        self._change: asyncio.Task[None] | None = None
        self._is_closed = self._is_paused = False
        self._watch: asyncio.Task[None] | None = None
        self._fatal: asyncio.Future[None] | None = None

    def __repr__(self) -> str:
        return f"<GatewayManager gen {self._live} shards={len(self._shards)}/{self._shard_count}>"

    # -- what it is --------------------------------------------------------------------------------------

    @property
    def shard_count(self) -> int:
        """Shards of the current generation over all processes; 0 before `start`."""
        return self._shard_count

    @property
    def shards(self) -> Mapping[int, Shard]:
        """The shards of this process that deliver now."""
        return self._shards

    def snapshot(self) -> GatewaySnapshot:
        """The state now."""
        shards = tuple(repr(s) for s in self._shards.values())
        return GatewaySnapshot(self._live, self._shard_count, shards, self._dispatches, self._resharding is not None)

    def shard_for(self, guild_id: int) -> Shard:
        """The shard of a guild. Raises InvalidUse when another process has it."""
        shard_id = shard_id_for(guild_id, max(1, self._shard_count))
        if shard_id not in self._shards:
            raise InvalidUse(f"shard {shard_id} of guild {guild_id} does not run in this process")
        return self._shards[shard_id]

    # -- life --------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Connect every shard; returns when all are READY or resumed.

        Raises:
            GatewayFatal: Discord forbids to go on.
            SessionStartsExhausted: the day does not allow as many identifies; none was spent.
        """
        self._fatal = asyncio.get_running_loop().create_future()
        stored = () if self._keeper is None else await self._keeper.load()
        if stored:
            self._local.pace.hold(loop_ms())
        info = await self._local.learn()
        known = {session.shard_count for session in stored}
        self._shard_count = self._wanted_count or (known.pop() if len(known) == 1 else info.shards)
        sessions = {s.shard_id: s for s in stored if s.shard_count == self._shard_count}
        self._shards = self._make_generation(self._shard_count, info.url, sessions)
        self._live, self._recorded = self._generations, self._shards
        if self._options.gate is self._local:  # another gate keeps its own account
            self._local.pace.check(sum(shard.session is None for shard in self._shards.values()), loop_ms())
        if self._keeper is not None:
            self._keeper.start()
        await self._all_ready(self._shards)
        if self._reshard_every_s is not None and self._shard_ids is None:
            # Sessions of an earlier process may have been of another number than is recommended now.
            first_s = self._reshard_every_s if self._shard_count == info.shards else _SOON_S
            self._watch = asyncio.create_task(
                self._follow_recommendation(first_s, self._reshard_every_s), name="follow the recommendation"
            )

    async def wait_loaded(self, quiet_s: float = 5.0) -> None:
        """Until every guild has come, or none has for `quiet_s` seconds. Needs the GUILDS intent."""
        await asyncio.gather(*(shard.wait_loaded(quiet_s) for shard in self._shards.values()))

    async def wait_fatal(self) -> None:
        """Wait for the end; raises GatewayFatal when Discord forbids a shard to go on."""
        if self._fatal is None:
            raise InvalidUse("wait_fatal() before start()")
        await asyncio.shield(self._fatal)

    async def close(self) -> None:
        """Leave with every shard. With a store the sessions live on for the next process, else the bot goes offline
        at once. What is still being handled is saved by `save_sessions` once it is done."""
        self._is_closed = True
        for task in (self._watch, self._change):
            if task is not None:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        keep = self._keeper is not None
        await asyncio.gather(*(shard.close(keep_session=keep) for shard in self._shards.values()))
        if self._keeper is not None:
            await self._keeper.close()
        if self._fatal is not None and not self._fatal.done():
            self._fatal.set_result(None)

    async def save_sessions(self) -> None:
        """Save the sessions now, if there is a store."""
        if self._keeper is not None:
            await self._keeper.save()

    def done(self, event: RawEvent) -> None:
        """An event for which `on_dispatch` returned True has been handled."""
        if self._keeper is not None:
            self._keeper.end(event)

    def pause_reading(self) -> None:
        """Read nothing more from Discord until `resume_reading`: who takes the dispatches cannot follow."""
        self._is_paused = True
        for shard in self._shards.values():
            shard.pause_reading(True)

    def resume_reading(self) -> None:
        """Go on."""
        self._is_paused = False
        for shard in self._shards.values():
            shard.pause_reading(False)

    # -- what a bot says to the gateway ------------------------------------------------------------------

    async def send(self, guild_id: int, op: int, data: Any) -> None:
        """Send a payload on a guild's shard, within the send limit; waits for a shard that is reconnecting.

        Raises:
            InvalidUse: the payload is too long, or the guild's shard runs elsewhere.
            ShardOffline: the link was lost at that moment, or the gateway is closed.
        """
        while True:
            shard = self.shard_for(guild_id)
            try:
                return await shard.send(op, data)
            except ShardOffline:
                if self.shard_for(guild_id) is shard:
                    raise

    async def update_presence(
        self,
        status: str = "online",
        activities: Sequence[commands.ActivityFields] = (),
        *,
        afk: bool = False,
        since_ms: int | None = None,
        shard_id: int | None = None,
    ) -> None:
        """Show something else, on one shard or on all of them. Arguments as of `commands.presence`."""
        data = commands.presence(status, activities, afk=afk, since_ms=since_ms)
        if shard_id is not None and shard_id not in self._shards:
            raise InvalidUse(f"shard {shard_id} does not run in this process")
        chosen = self._shards.values() if shard_id is None else [self._shards[shard_id]]
        await asyncio.gather(*(shard.send(GatewayOp.PRESENCE, data) for shard in chosen))

    async def update_voice_state(
        self, guild_id: int, channel_id: int | None, *, mute: bool = False, deaf: bool = False
    ) -> None:
        """Join a voice channel, move to it, or leave (None). VOICE_STATE_UPDATE and VOICE_SERVER_UPDATE follow."""
        await self.send(
            guild_id, GatewayOp.VOICE_STATE, commands.voice_state(guild_id, channel_id, mute=mute, deaf=deaf)
        )

    async def request_members(
        self,
        guild_id: int,
        *,
        query: str | None = None,
        limit: int = 0,
        user_ids: Sequence[int] = (),
        presences: bool = False,
        timeout_s: float = 120.0,
    ) -> Members:
        """Members of a guild: whose names begin with `query` ("" and no limit: all), or by id (at most 100).

        Raises:
            InvalidUse: what is asked cannot be answered, as the message says.
            MembersTimeout: not everything came within `timeout_s`.
        """
        return await self._requests.members(
            guild_id, query=query, limit=limit, user_ids=user_ids, presences=presences, timeout_s=timeout_s
        )

    async def request_soundboard_sounds(self, guild_ids: Sequence[int]) -> None:
        """Ask for the sounds of guilds: SOUNDBOARD_SOUNDS comes for each, one request to each shard."""
        by_shard: dict[int, list[int]] = {}
        for guild_id in guild_ids:
            by_shard.setdefault(self.shard_for(guild_id).shard_id, []).append(guild_id)
        if not by_shard:
            commands.soundboard_request(())
        await asyncio.gather(*(
            self.send(ids[0], GatewayOp.REQUEST_SOUNDBOARD_SOUNDS, commands.soundboard_request(ids))
            for ids in by_shard.values()
        ))  # fmt: skip

    # -- resharding --------------------------------------------------------------------------------------

    async def reshard(self, shard_count: int | None = None) -> None:
        """Change the number of shards while running, without losing or doubling an event; None asks Discord.

        Raises:
            InvalidUse: another one is under way, or this process has a part of the shards only.
            SessionStartsExhausted: the day does not allow as many identifies; none was spent.
            ReshardingFailed: the new shards did not get ready; the old ones go on.
        """
        if shard_count is not None and shard_count < 1:
            raise InvalidUse(f"shard_count must be at least 1, not {shard_count}")
        if self._shard_ids is not None:
            raise InvalidUse("this process has a part of the shards; start the new ones beside it instead")
        if self._change is not None:
            raise InvalidUse("a resharding is under way; wait for its end")
        if self._is_closed:
            raise InvalidUse("the gateway is closed")
        self._change = asyncio.create_task(self._go_over(shard_count), name="resharding")
        try:
            await self._change
        except asyncio.CancelledError:
            if self._is_closed:
                raise ReshardingFailed(shard_count, "the gateway was closed") from None
            raise
        finally:
            self._change = None

    async def _go_over(self, shard_count: int | None) -> None:
        info = await self._local.learn()
        count = shard_count or info.shards
        if self._options.gate is self._local:
            self._local.pace.check(count, loop_ms())
        old, new = self._shards, self._make_generation(count, info.url, {})

        def take_over() -> None:
            self._shards, self._shard_count, self._live = new, count, new[0].generation
            for shard in new.values():
                shard.pause_reading(self._is_paused)

        change = self._resharding = Resharding(old, new, self._deliver, take_over)
        try:
            for shard in new.values():
                shard.start().add_done_callback(self._on_shard_end)
            await change.run(time_limit_ms(count, info.max_concurrency) / 1000)
            if self._keeper is not None:
                gone = [shard.session.session_id for shard in old.values() if shard.session is not None]
                await self._keeper.wait_clear(gone, _CLEAR_S)
                self._recorded = new  # from here a crash resumes the new sessions, until here the old ones
                await self._keeper.save()
            await asyncio.gather(change.finish(), self._requests.wait_idle(_REQUESTS_S))
        finally:
            if change.is_switched:
                self._recorded = new
            else:
                change.give_up()
            await asyncio.gather(*(shard.close() for shard in (old if change.is_switched else new).values()))
            self._resharding = None

    async def _follow_recommendation(self, first_s: float, every_s: float) -> None:
        await asyncio.sleep(first_s)
        while True:
            try:
                info = await self._local.learn()
                count = reshard_to(self._shard_count, info.shards, info.remaining)
                if count is not None and self._change is None:
                    _log.info("Discord recommends %d shards, there are %d: resharding", count, self._shard_count)
                    await self.reshard(count)
            except FrameworkError as error:
                _log.warning("no resharding now: %s", error)
            await asyncio.sleep(every_s)

    # -- inside ------------------------------------------------------------------------------------------

    def _make_generation(self, shard_count: int, url: str, sessions: Mapping[int, Session]) -> dict[int, Shard]:
        self._generations += 1
        ids = range(shard_count) if self._shard_ids is None else self._shard_ids
        shards = {}
        for shard_id in ids:
            machine = ShardMachine(shard_id, shard_count, fleet=len(ids))
            if shard_id in sessions:
                machine.restore(sessions[shard_id])
            shards[shard_id] = Shard(
                self._options,
                machine,
                url=url,
                generation=self._generations,
                on_event=self._deliver,
                wanted=self._wanted,
            )
        return shards

    async def _all_ready(self, shards: Mapping[int, Shard]) -> None:
        for shard in shards.values():
            shard.start().add_done_callback(self._on_shard_end)
        await asyncio.gather(*(shard.wait_ready() for shard in shards.values()))

    def _live_sessions(self) -> list[Session]:
        return [shard.session for shard in self._recorded.values() if shard.session is not None]

    def _deliver(self, event: RawEvent) -> None:
        self._dispatches += 1
        if event.type in ANSWERS:
            self._requests.take(event)
        if self._on_dispatch(event) and self._keeper is not None:
            self._keeper.begin(event)

    def _on_shard_end(self, task: asyncio.Task[None]) -> None:
        if task.cancelled() or self._fatal is None or self._fatal.done():
            return
        error = task.exception()
        if error is not None and any(shard.is_run_by(task) for shard in self._shards.values()):
            self._fatal.set_exception(error)
            self._fatal.exception()  # whoever waits is told; nobody waiting is no error of its own
