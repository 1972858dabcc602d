"""The bot: joins gateway, REST and cache, and carries each event through its stages."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, Unpack, cast

import msgspec

from framework.bot.cache import CachePolicy, CacheSnapshot, Guild
from framework.bot.events import Event, Raw
from framework.bot.extension import Extension
from framework.bot.requirements import Requirements
from framework.clock import loop_ms
from framework.errors import FrameworkError, InvalidUse
from framework.gateway import GatewayBot, GatewayManager, GatewayOptions, RawEvent
from framework.models.codec import decoder
from framework.ports import Chance
from framework.rest import RestManager, Route
from framework.wire import Intents

__all__ = ["Bot", "BotSnapshot"]

_log = logging.getLogger(__name__)
E = TypeVar("E", bound=Event)
Handler = Callable[[Any], Awaitable[None]]


class _Address(msgspec.Struct):
    guild_id: int | None = None
    id: int | None = None
    unavailable: bool | None = None


_address = msgspec.json.Decoder(_Address, strict=False).decode


@dataclass(frozen=True, slots=True)
class _Subscription:
    event: type[Event]
    handler: Handler
    needs_guild: bool
    decode: Callable[[bytes], Event]


@dataclass(frozen=True, slots=True)
class BotSnapshot:
    """Counters since the start."""

    received: int
    handled: int
    failed: int
    cache: CacheSnapshot


class Bot:
    """A Discord bot: the same object against real Discord, a local fake, or a scenario.

    Args:
        token: the bot token, without prefix.
        intents: what to be told about.
        cache: the lazy guild cache's policy.
        rest: a shared RestManager; by default the bot makes its own.
        shard_count: None takes Discord's recommendation.
        shard_ids: the shards of this process; all by default.
        gateway: what else `GatewayManager` takes: `store`, `presence`, `compression`…

    Order: the events of one guild reach their handlers one after the other, in the order Discord sent them; different
    guilds do not wait for each other. An exception in a handler is logged and does not stop the others.
    """

    def __init__(
        self,
        token: str,
        *,
        intents: Intents | int,
        cache: CachePolicy | None = None,
        rest: RestManager | None = None,
        shard_count: int | None = None,
        shard_ids: Sequence[int] | None = None,
        chance: Chance | None = None,
        **gateway: Unpack[GatewayOptions],
    ) -> None:
        self.rest = rest or RestManager(token, chance=chance)
        self._owns_rest = rest is None
        self._policy = cache or CachePolicy()
        self._requirements = Requirements(self._policy, self._fetch_guild)
        self.gateway = GatewayManager(
            token, intents=int(intents), on_dispatch=self._receive, fetch_gateway_bot=self._gateway_bot,
            shard_count=shard_count, shard_ids=shard_ids, chance=chance, **gateway,
        )  # fmt: skip
        self._subscriptions: dict[str, list[_Subscription]] = {}
        self._customizers: dict[type[Event], list[Callable[[Any], Any]]] = {}
        self._takers: dict[str, list[Callable[[bytes], None]]] = {}
        self._extensions: list[Extension] = []
        self._lanes: dict[int, deque[RawEvent]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._received = self._handled = self._failed = 0

    def __repr__(self) -> str:
        return f"<Bot {self.gateway!r} received={self._received} handled={self._handled}>"

    # -- what a user says --------------------------------------------------------------------------------

    def on(
        self, event: type[E] | str, *, needs_guild: bool = False
    ) -> Callable[[Callable[[E], Awaitable[None]]], Callable[[E], Awaitable[None]]]:
        """Register a handler: `@bot.on(MessageCreate)`; several per event are called in order of registration.

        Args:
            event: an Event class (your own subclass too), or the name of any dispatch, which is given as `Raw`.
            needs_guild: have `event.guild` filled from the cache, fetching it where the kind of event may.
        """
        if isinstance(event, str):
            name = event
            subscribed: type[Event] = Raw
            decode: Callable[[bytes], Event] = lambda data: Raw(name, data)  # noqa: E731 - reads as its alternative does
        elif isinstance(event, type) and issubclass(event, Event) and event.NAME:
            name, subscribed = event.NAME, event
            decode = cast("Callable[[bytes], Event]", decoder(event).decode)
        else:
            raise InvalidUse(f"on() takes an Event class with a NAME or a dispatch name, not {event!r}")

        def register(handler: Callable[[E], Awaitable[None]]) -> Callable[[E], Awaitable[None]]:
            entry = _Subscription(subscribed, handler, needs_guild, decode)
            self._subscriptions.setdefault(name, []).append(entry)
            return handler

        return register

    def customize(self, event: type[E], customizer: Callable[[E], Any]) -> None:
        """Change what handlers of `event` receive: `customizer(event)` returns the object to pass on."""
        self._customizers.setdefault(event, []).append(customizer)

    def on_raw(self, event: str, take: Callable[[bytes], None]) -> None:
        """Have the data of each dispatch of a name given to `take` as it comes, whatever its guild is waiting for."""
        self._takers.setdefault(event, []).append(take)

    def use(self, extension: Extension) -> None:
        """Add something that lives as long as the bot, before it starts: `bot.use(interactions)`."""
        extension.attach(self)
        self._extensions.append(extension)

    async def start(self) -> None:
        """Connect; returns when every shard is READY."""
        for extension in self._extensions:
            await extension.start()
        await self.gateway.start()

    async def close(self) -> None:
        """Leave, and wait for the handlers that are running."""
        await self.gateway.close()
        while self._tasks:
            done, late = await asyncio.wait(self._tasks, timeout=10.0)
            for task in late:
                task.cancel()
            self._tasks -= done
        await self.gateway.save_sessions()
        for extension in self._extensions:
            await extension.close()
        await self._requirements.close()
        if self._owns_rest:
            await self.rest.close()

    async def run(self) -> None:
        """Start and stay until cancelled, or until Discord forbids going on (GatewayFatal)."""
        try:
            await self.start()
            await self.gateway.wait_fatal()
        finally:
            await self.close()

    def snapshot(self) -> BotSnapshot:
        """The counters now."""
        return BotSnapshot(self._received, self._handled, self._failed, self._requirements.cache.snapshot())

    # -- raw ---------------------------------------------------------------------------------------------

    def _receive(self, event: RawEvent) -> bool:
        """Take a dispatch; True where it is still being handled when this returns."""
        self._received += 1
        for take in self._takers.get(event.type, ()):
            self._give(event, take)
        subscribed = event.type in self._subscriptions
        touches_cache = event.type.startswith(("GUILD_", "CHANNEL_")) and event.type not in _NOT_CACHED
        if not subscribed and not touches_cache:
            return False
        address = _address(event.data)
        guild_id = address.guild_id
        if guild_id is None and event.type in ("GUILD_CREATE", "GUILD_UPDATE", "GUILD_DELETE"):
            guild_id = address.id
        key = guild_id or 0
        if not subscribed and key not in self._lanes:
            # Nobody waits in this guild, so the cache can be told at once, without a task.
            self._requirements.cache.on_event(event.type, key, event.data, loop_ms())
            return False
        if self._policy.fetch_for_every_event:
            self._spawn(self._carry_safely(event, key))
            return True
        lane = self._lanes.get(key)
        if lane is not None:
            lane.append(event)
            return True
        self._lanes[key] = deque((event,))
        self._spawn(self._drain(key))
        return True

    def _give(self, event: RawEvent, take: Callable[[bytes], None]) -> None:
        try:
            take(event.data)
            self._handled += 1
        except Exception:
            self._failed += 1
            _log.exception("%s could not be taken", event.type)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _drain(self, key: int) -> None:
        lane = self._lanes[key]
        try:
            while lane:
                await self._carry_safely(lane[0], key)
                lane.popleft()
        finally:
            del self._lanes[key]

    async def _carry_safely(self, event: RawEvent, key: int) -> None:
        try:
            await self._carry(event, key)
        except FrameworkError as error:
            self._failed += 1
            _log.info("%s of guild %d was not handled: %s", event.type, key, error)
        except Exception:
            self._failed += 1
            _log.exception("a handler of %s failed", event.type)
        finally:
            self.gateway.done(event)

    # -- requirements, cache, transformers, customizers, yours -------------------------------------------

    async def _carry(self, event: RawEvent, guild_id: int) -> None:
        subscriptions = self._subscriptions.get(event.type, ())
        guild: Guild | None = None
        if guild_id:
            needed = any(s.needs_guild for s in subscriptions)
            too_many = len(self._lanes.get(guild_id, ())) > self._policy.waiting_max
            if too_many or not subscriptions:
                guild = self._requirements.guild_nowait(guild_id)
            elif needed or self._policy.fetch_for_every_event:
                guild = await self._requirements.guild_for(event.type, guild_id, needed)
            self._requirements.cache.on_event(event.type, guild_id, event.data, loop_ms())
        misfit = False
        for subscription in subscriptions:
            try:
                user_event: Any = subscription.decode(event.data)
            except msgspec.ValidationError as error:
                misfit = True
                kind = subscription.event.__name__
                _log.error("%s does not fit %s: %s. Declare only the fields you need", event.type, kind, error)
                continue
            if subscription.needs_guild:
                user_event.__dict__["guild"] = guild  # never over a field: an interaction has one of this name
            for customizer in self._customizers.get(subscription.event, ()):
                user_event = customizer(user_event)
            await subscription.handler(user_event)
        if misfit:
            self._failed += 1
        elif subscriptions:
            self._handled += 1

    async def _fetch_guild(self, guild_id: int) -> bytes:
        return await self.rest.request_raw(Route.of("GET", "/guilds/{guild_id}", guild_id=guild_id))

    async def _gateway_bot(self) -> GatewayBot:
        found = await self.rest.get_gateway_bot()
        limit = found.session_start_limit
        return GatewayBot(
            found.url, found.shards, limit.total, limit.remaining, limit.reset_after, limit.max_concurrency
        )


_NOT_CACHED = frozenset(
    {"GUILD_BAN_ADD", "GUILD_BAN_REMOVE", "GUILD_MEMBER_ADD", "GUILD_MEMBER_UPDATE", "GUILD_MEMBER_REMOVE",
     "GUILD_AUDIT_LOG_ENTRY_CREATE"}
)  # fmt: skip
