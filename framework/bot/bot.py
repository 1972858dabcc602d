"""The bot: joins gateway, REST and cache, and carries each event through its stages."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import msgspec

from framework.bot.cache import CachePolicy, CacheSnapshot, Guild, GuildCache, Section, sections
from framework.bot.events import Event, Raw
from framework.bot.requirements import Requirements
from framework.clock import loop_ms
from framework.errors import FrameworkError, InvalidUse
from framework.gateway import GatewayBot, GatewayManager, RawEvent
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


_address = msgspec.json.Decoder(_Address, strict=False).decode


@dataclass(frozen=True, slots=True)
class _Subscription:
    event: type[Event]
    handler: Handler
    needs: frozenset[Section]
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
    ) -> None:
        self.rest = rest or RestManager(token, chance=chance)
        self._owns_rest = rest is None
        self._policy = cache or CachePolicy()
        self._requirements = Requirements(self._policy, self._fetch_of_guild, int(intents))
        self.gateway = GatewayManager(
            token, intents=int(intents), on_dispatch=self._receive, fetch_gateway_bot=self._gateway_bot,
            shard_count=shard_count, shard_ids=shard_ids, chance=chance,
        )  # fmt: skip
        self._subscriptions: dict[str, list[_Subscription]] = {}
        self._needs: dict[str, frozenset[Section]] = {}
        self._customizers: dict[type[Event], list[Callable[[Any], Any]]] = {}
        self._lanes: dict[int, deque[tuple[RawEvent, int]]] = {}  # with the time of receipt
        self._tasks: set[asyncio.Task[None]] = set()
        self._received = self._handled = self._failed = 0

    def __repr__(self) -> str:
        return f"<Bot {self.gateway!r} received={self._received} handled={self._handled}>"

    # -- what a user says --------------------------------------------------------------------------------

    def on(
        self, event: type[E] | str, *, needs_guild: bool = False, needs: Iterable[Section | str] = ()
    ) -> Callable[[Callable[[E], Awaitable[None]]], Callable[[E], Awaitable[None]]]:
        """Register a handler: `@bot.on(MessageCreate)`; several per event are called in order of registration.

        Args:
            event: an Event class (your own subclass too), or the name of any dispatch, which is given as `Raw`.
            needs_guild: have `event.guild` filled from the cache, with its own fields and its roles, fetching it where
                the kind of event may.
            needs: the same for the sections named here, such as `("channels", "threads")`. Roles, emojis, stickers,
                channels, threads, scheduled events and sounds can be fetched; others come by GUILD_CREATE only.

        Raises:
            InvalidUse: `event` is none, a section does not exist, or the cache policy leaves it out.
        """
        if isinstance(event, str):
            name = event
            subscribed: type[Event] = Raw
            decode: Callable[[bytes], Event] = lambda data: Raw(name, data)  # noqa: E731 - reads as its alternative does
        elif isinstance(event, type) and issubclass(event, Event) and event.NAME:
            name, subscribed = event.NAME, event
            decode = cast("Callable[[bytes], Event]", msgspec.json.Decoder(event, strict=False).decode)
        else:
            raise InvalidUse(f"on() takes an Event class with a NAME or a dispatch name, not {event!r}")
        needed = sections(needs) | (_GUILD_AND_ROLES if needs_guild else frozenset())
        self._requirements.want(needed)

        def register(handler: Callable[[E], Awaitable[None]]) -> Callable[[E], Awaitable[None]]:
            entry = _Subscription(subscribed, handler, needed, decode)
            self._subscriptions.setdefault(name, []).append(entry)
            self._needs[name] = self._needs.get(name, frozenset()) | needed
            return handler

        return register

    def customize(self, event: type[E], customizer: Callable[[E], Any]) -> None:
        """Change what handlers of `event` receive: `customizer(event)` returns the object to pass on."""
        self._customizers.setdefault(event, []).append(customizer)

    async def start(self) -> None:
        """Connect; returns when every shard is READY."""
        await self.gateway.start()

    async def close(self) -> None:
        """Leave, and wait for the handlers that are running."""
        await self.gateway.close()
        while self._tasks:
            done, late = await asyncio.wait(self._tasks, timeout=10.0)
            for task in late:
                task.cancel()
            self._tasks -= done
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

    @property
    def cache(self) -> GuildCache:
        """The guild cache, to look into: `bot.cache.guild(guild_id)` fetches nothing."""
        return self._requirements.cache

    def snapshot(self) -> BotSnapshot:
        """The counters now."""
        return BotSnapshot(self._received, self._handled, self._failed, self._requirements.cache.snapshot())

    # -- raw ---------------------------------------------------------------------------------------------

    def _receive(self, event: RawEvent) -> None:
        self._received += 1
        if event.type == "READY":
            self.cache.on_ready(event.data)
        subscribed = event.type in self._subscriptions
        if not subscribed and not self.cache.concerns(event.type):
            return
        if event.type == "GUILD_CREATE":
            guild_id: int | None = self.cache.guild_in(event.data)
        else:
            address = _address(event.data)
            guild_id = address.id if event.type in ("GUILD_UPDATE", "GUILD_DELETE") else address.guild_id
        key, now_ms = guild_id or 0, loop_ms()
        if not subscribed and key not in self._lanes:
            # Nobody waits in this guild, so the cache can be told at once, without a task.
            self._requirements.on_event(event.type, key, event.data, now_ms)
            return
        if self._policy.fetch_for_every_event:
            self._spawn(self._carry_safely(event, key, now_ms))
            return
        lane = self._lanes.get(key)
        if lane is not None:
            lane.append((event, now_ms))
            if len(lane) > self._policy.waiting_max:
                self._requirements.hurry(key)
            return
        self._lanes[key] = deque(((event, now_ms),))
        self._spawn(self._drain(key))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _drain(self, key: int) -> None:
        lane = self._lanes[key]
        try:
            while lane:
                await self._carry_safely(lane[0][0], key, lane[0][1])
                lane.popleft()
        finally:
            del self._lanes[key]

    async def _carry_safely(self, event: RawEvent, key: int, received_ms: int) -> None:
        try:
            await self._carry(event, key, received_ms)
        except FrameworkError as error:
            self._failed += 1
            _log.info("%s of guild %d was not handled: %s", event.type, key, error)
        except Exception:
            self._failed += 1
            _log.exception("a handler of %s failed", event.type)

    # -- requirements, cache, transformers, customizers, yours -------------------------------------------

    async def _carry(self, event: RawEvent, guild_id: int, received_ms: int) -> None:
        subscriptions = self._subscriptions.get(event.type, ())
        guild: Guild | None = None
        if guild_id:
            guild = await self._guild_for(event, guild_id, received_ms)
        for subscription in subscriptions:
            user_event: Any = subscription.decode(event.data)
            if subscription.needs:
                user_event.guild = guild
            for customizer in self._customizers.get(subscription.event, ()):
                user_event = customizer(user_event)
            await subscription.handler(user_event)
        if subscriptions:
            self._handled += 1

    async def _guild_for(self, event: RawEvent, guild_id: int, received_ms: int) -> Guild | None:
        """The guild as it is after the event, fetched if need be; for GUILD_DELETE as it was before."""
        requirements = self._requirements
        needs = self._needs.get(event.type, frozenset())
        if event.type == "GUILD_CREATE":
            requirements.on_event(event.type, guild_id, event.data, received_ms, needs)
            return requirements.guild_nowait(guild_id) if needs else None
        try:
            if len(self._lanes.get(guild_id, ())) > self._policy.waiting_max:
                return requirements.guild_nowait(guild_id)
            if needs or (event.type in self._subscriptions and self._policy.fetch_for_every_event):
                return await requirements.guild_for(event.type, guild_id, needs)
            return None
        finally:  # what is cached has to stay true even if what is missing could not be fetched
            requirements.on_event(event.type, guild_id, event.data, received_ms)

    async def _fetch_of_guild(self, guild_id: int, section: Section) -> bytes:
        return await self.rest.request_raw(Route.of("GET", _FETCHES[section], guild_id=guild_id))

    async def _gateway_bot(self) -> GatewayBot:
        found = await self.rest.get_gateway_bot()
        limit = found.session_start_limit
        return GatewayBot(
            found.url, found.shards, limit.total, limit.remaining, limit.reset_after, limit.max_concurrency
        )


_GUILD_AND_ROLES = frozenset({Section.GUILD, Section.ROLES})
_FETCHES = {
    Section.GUILD: "/guilds/{guild_id}",
    Section.CHANNELS: "/guilds/{guild_id}/channels",
    Section.THREADS: "/guilds/{guild_id}/threads/active",
    Section.SCHEDULED_EVENTS: "/guilds/{guild_id}/scheduled-events",
    Section.SOUNDBOARD_SOUNDS: "/guilds/{guild_id}/soundboard-sounds",
}
