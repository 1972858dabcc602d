"""The bot: joins gateway, REST and cache, and carries each dispatch through five steps, each of them replaceable:

1. **raw**: who asked for a dispatch by `on_raw` has it as it comes;
2. **requirements**: a handler's guild is there before it runs (`DispatchRequirements`, by default the lazy cache);
3. **handler**: the cache is told, in the order of the guild's events;
4. **transformer and customizers**: bytes become what a handler asked for, and that what it wants (`on`, `customize`);
5. **event function**: yours.
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, Unpack, overload

import msgspec

from framework.bot.cache import CHANGES, CachePolicy, CacheSnapshot, Guild, GuildCache, Section, sections
from framework.bot.events import Event, Raw
from framework.bot.extension import Extension
from framework.bot.forwarding import raw_event
from framework.bot.lanes import Lanes
from framework.bot.requirements import DispatchRequirements, Fetch, Requirements
from framework.clock import loop_ms
from framework.errors import FrameworkError, InvalidUse
from framework.gateway import GatewayBot, GatewayManager, GatewayOptions, RawEvent
from framework.models.codec import decoder
from framework.mq import Consumer, Envelope
from framework.ports import Chance
from framework.rest import RestManager, Route
from framework.wire import Intents

__all__ = ["Bot", "BotSnapshot"]

_log = logging.getLogger(__name__)
E = TypeVar("E", bound=Event)
C = TypeVar("C")
Handler = Callable[[Any], Awaitable[None] | None]
_CLOSE_S = 10.0
_ABOUT_GUILDS = frozenset({"GUILD_CREATE", "GUILD_UPDATE", "GUILD_DELETE"})  # their guild's id is `id`
_NO_NEEDS: frozenset[Section] = frozenset()


class _InGuild(msgspec.Struct):
    guild_id: int | None = None


class _Id(msgspec.Struct):
    id: int


_in_guild = msgspec.json.Decoder(_InGuild, strict=False).decode
_id = msgspec.json.Decoder(_Id, strict=False).decode


@dataclass(frozen=True, slots=True)
class _Subscription:
    event: type[Event]
    handler: Handler
    needs: frozenset[Section]
    transform: Callable[[bytes], Any]
    customize: Callable[[Any], Any] | None


class _Piece(msgspec.Struct, gc=False):
    """An event on its way. It is decoded at the last moment: what waits is bytes."""

    event: RawEvent
    received_ms: int | None  # None: no concern of the cache's


@dataclass(frozen=True, slots=True)
class BotSnapshot:
    """Counters since the start. `received` counts the dispatches that somebody wants."""

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
        requirements: makes the second step: `(policy, fetch, intents) -> DispatchRequirements`.
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
        requirements: Callable[[CachePolicy, Fetch, int], DispatchRequirements] = Requirements,
        **gateway: Unpack[GatewayOptions],
    ) -> None:
        self.rest = rest or RestManager(token, chance=chance)
        self._owns_rest = rest is None
        self._policy = cache or CachePolicy()
        self._requirements = requirements(self._policy, self._fetch_of_guild, int(intents))
        self._wanted = {"READY", *CHANGES, *_ABOUT_GUILDS}
        self.gateway = GatewayManager(
            token, intents=int(intents), on_dispatch=self._receive, fetch_gateway_bot=self._gateway_bot,
            shard_count=shard_count, shard_ids=shard_ids, chance=chance, wanted=self._wanted, **gateway,
        )  # fmt: skip
        self._subscriptions: dict[str, list[_Subscription]] = {}
        self._needs: dict[str, frozenset[Section]] = {}
        self._plain: set[str] = set()  # dispatches whose handlers all wait for nothing
        self._customizers: dict[type[Event], list[Callable[[Any], Any]]] = {}
        self._takers: dict[str, list[Callable[[bytes], None]]] = {}
        self._extensions: list[Extension] = []
        self._consumer: Consumer | None = None
        self._lanes: Lanes[_Piece] = Lanes(self._carry)
        self._received = self._handled = self._failed = 0

    def __repr__(self) -> str:
        return f"<Bot {self.gateway!r} received={self._received} handled={self._handled}>"

    # -- what a user says --------------------------------------------------------------------------------

    @overload
    def on(
        self,
        event: type[E],
        *,
        needs_guild: bool = False,
        needs: Iterable[Section | str] = (),
        transformer: Callable[[bytes], E] | None = None,
    ) -> Callable[[Callable[[E], Awaitable[None] | None]], Callable[[E], Awaitable[None] | None]]: ...

    @overload
    def on(
        self,
        event: type[E],
        *,
        customizer: Callable[[E], C],
        needs_guild: bool = False,
        needs: Iterable[Section | str] = (),
        transformer: Callable[[bytes], E] | None = None,
    ) -> Callable[[Callable[[C], Awaitable[None] | None]], Callable[[C], Awaitable[None] | None]]: ...

    @overload
    def on(
        self, event: str, *, needs_guild: bool = False, needs: Iterable[Section | str] = ()
    ) -> Callable[[Callable[[Raw], Awaitable[None] | None]], Callable[[Raw], Awaitable[None] | None]]: ...

    def on(
        self,
        event: type[Event] | str,
        *,
        needs_guild: bool = False,
        needs: Iterable[Section | str] = (),
        customizer: Callable[[Any], Any] | None = None,
        transformer: Callable[[bytes], Any] | None = None,
    ) -> Callable[[Handler], Handler]:
        """Register a handler: `@bot.on(MessageCreate)`; several per event are called in order of registration.

        A handler is a coroutine function, or a plain function that does not block. One that says it returns None is
        called at once where nothing of its guild waits, at half the cost.

        Args:
            event: an Event class (your own with fewer fields too: only those are decoded), or the name of any dispatch,
                which is given as `Raw`.
            needs_guild: have `event.guild` filled from the cache, with its own fields and its roles, fetching it where
                the kind of event may.
            needs: the same for the sections named here, such as `("channels", "threads")`. Roles, emojis, stickers,
                channels, threads, scheduled events and sounds can be fetched; others come by GUILD_CREATE only.
            customizer: what this handler is given is `customizer(event)`, of whatever type.
            transformer: makes the event of a dispatch's JSON, instead of the class's decoder.

        Raises:
            InvalidUse: `event` is none, a section does not exist, or the cache policy leaves it out.
        """
        if isinstance(event, str):
            name = event
            subscribed: type[Event] = Raw
            decode: Callable[[bytes], Any] = lambda data: Raw(name, data)  # noqa: E731 - reads as the other way does
        elif isinstance(event, type) and issubclass(event, Event) and event.NAME:
            name, subscribed = event.NAME, event
            decode = transformer or decoder(event).decode
        else:
            raise InvalidUse(f"on() takes an Event class with a NAME or a dispatch name, not {event!r}")
        needed = sections(needs) | (_GUILD_AND_ROLES if needs_guild else frozenset())
        self._requirements.want(needed)

        def register(handler: Handler) -> Handler:
            entry = _Subscription(subscribed, handler, needed, decode, customizer)
            self._subscriptions.setdefault(name, []).append(entry)
            self._needs[name] = self._needs.get(name, _NO_NEEDS) | needed
            self._wanted.add(name)
            if needed or not _is_plain(handler):
                self._plain.discard(name)
            elif len(self._subscriptions[name]) == 1:
                self._plain.add(name)
            return handler

        return register

    def customize(self, event: type[E], customizer: Callable[[E], Any]) -> None:
        """Change what all handlers of `event` receive: `customizer(event)` returns the object to pass on. Where that is
        of another type, `on(event, customizer=…)` tells the type checker too."""
        self._customizers.setdefault(event, []).append(customizer)

    def on_raw(self, event: str, take: Callable[[bytes], None]) -> None:
        """Have the data of each dispatch of a name given to `take` as it comes, whatever its guild is waiting for."""
        self._takers.setdefault(event, []).append(take)
        self._wanted.add(event)

    def use(self, extension: Extension) -> None:
        """Add something that lives as long as the bot, before it starts: `bot.use(interactions)`."""
        extension.attach(self)
        self._extensions.append(extension)

    async def start(self) -> None:
        """Connect; returns when every shard is READY."""
        for extension in self._extensions:
            await extension.start()
        await self.gateway.start()

    async def start_from(self, consumer: Consumer) -> None:
        """Take dispatches that another process forwards (`framework.mq`), instead of connecting to the gateway."""
        for extension in self._extensions:
            await extension.start()
        self._consumer = consumer
        await consumer.start(self._take_forwarded)

    def _take_forwarded(self, envelope: Envelope) -> Awaitable[None] | None:
        event = raw_event(envelope)
        return self._lanes.idle(envelope.guild_id) if self._receive(event) else None

    async def close(self) -> None:
        """Leave, and wait for the handlers that are running."""
        if self._consumer is not None:
            await self._consumer.close()
        await self.gateway.close()
        await self._lanes.close(_CLOSE_S)
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

    @property
    def cache(self) -> GuildCache:
        """The guild cache, to look into: `bot.cache.guild(guild_id)` fetches nothing."""
        return self._requirements.cache

    def snapshot(self) -> BotSnapshot:
        """The counters now."""
        return BotSnapshot(self._received, self._handled, self._failed, self._requirements.cache.snapshot())

    # -- raw ---------------------------------------------------------------------------------------------

    def _receive(self, event: RawEvent) -> bool:
        """Take a dispatch; True where it is still being handled when this returns."""
        self._received += 1
        name = event.type
        if name == "READY":
            self.cache.on_ready(event.data)
        if name in self._takers:
            self._give(event)
        subscriptions = self._subscriptions.get(name)
        is_cached = self.cache.concerns(name)
        if subscriptions is None and not is_cached:
            return False
        is_plain = not is_cached and name in self._plain
        if is_plain and not self._lanes:
            return self._call(event)
        key = self._guild_of(event)
        if is_plain and key not in self._lanes:
            return self._call(event)
        if subscriptions is None and key not in self._lanes:
            # Nobody waits in this guild, so the cache can be told at once, without a task.
            self._requirements.on_event(name, key, event.data, loop_ms())
            return False
        self._lanes.put(key, _Piece(event, loop_ms() if is_cached else None))
        if self._needs.get(name) and self._lanes.waiting(key) >= self._policy.waiting_max:
            self._requirements.hurry(key)
        return True

    def _call(self, event: RawEvent) -> bool:
        """Steps 4 and 5 at once, where no handler waits for anything and nothing waits in the guild's lane."""
        is_whole = True
        for subscription in self._subscriptions[event.type]:
            user_event = self._transform(event, subscription)
            if user_event is None:
                is_whole = False
                continue
            try:
                subscription.handler(self._customized(user_event, subscription))
            except Exception:
                is_whole = False
                self._failed += 1
                _log.exception("a handler of %r failed", event)
        self._handled += is_whole
        return False

    def _customized(self, user_event: Any, subscription: _Subscription) -> Any:
        for customizer in self._customizers.get(subscription.event, ()):
            user_event = customizer(user_event)
        return user_event if subscription.customize is None else subscription.customize(user_event)

    def _guild_of(self, event: RawEvent) -> int:
        """The guild whose lane an event belongs to; 0 for none."""
        if event.type == "GUILD_CREATE":
            return self.cache.guild_in(event.data)
        if event.type in _ABOUT_GUILDS:
            return _id(event.data).id
        return _in_guild(event.data).guild_id or 0

    def _give(self, event: RawEvent) -> None:
        for take in self._takers[event.type]:
            try:
                take(event.data)
                self._handled += 1
            except Exception:
                self._failed += 1
                _log.exception("%r could not be taken", event)

    def _transform(self, event: RawEvent, subscription: _Subscription) -> Any:
        """The fourth step; None where the event does not fit."""
        try:
            return subscription.transform(event.data)
        except msgspec.ValidationError as error:
            self._failed += 1
            kind = subscription.event.__name__
            _log.error("%r does not fit %s: %s. Declare only the fields you need", event, kind, error)
            return None

    # -- requirements, handler, transformer, customizers, yours --------------------------------------------

    async def _carry(self, guild_id: int, piece: _Piece) -> None:
        event = piece.event
        try:
            needs = self._needs.get(event.type, _NO_NEEDS)
            guild: Guild | None = None
            if guild_id and (piece.received_ms is not None or needs or self._policy.fetch_for_every_event):
                guild = await self._guild_for(event, guild_id, piece.received_ms, needs)
            is_whole = True
            subscriptions = self._subscriptions.get(event.type, ())
            for subscription in subscriptions:
                user_event = self._transform(event, subscription)
                if user_event is None:
                    is_whole = False
                    continue
                if subscription.needs:
                    user_event.__dict__["guild"] = guild  # never over a field: an interaction has one of this name
                waiting = subscription.handler(self._customized(user_event, subscription))
                if waiting is not None:
                    await waiting
            if subscriptions and is_whole:
                self._handled += 1
        except FrameworkError as error:
            self._failed += 1
            _log.warning("%r of guild %d was not handled: %s", event, guild_id, error)
        except Exception:
            self._failed += 1
            _log.exception("a handler of %r of guild %d failed", event, guild_id)
        finally:
            self.gateway.done(event)

    async def _guild_for(
        self, event: RawEvent, guild_id: int, received_ms: int | None, needs: frozenset[Section]
    ) -> Guild | None:
        """The guild as it is after the event, fetched if need be; for GUILD_DELETE as it was before."""
        requirements = self._requirements
        told_ms = loop_ms() if received_ms is None else received_ms
        if event.type == "GUILD_CREATE":
            requirements.on_event(event.type, guild_id, event.data, told_ms, needs)
            return requirements.guild_nowait(guild_id) if needs else None
        try:
            if needs and self._lanes.waiting(guild_id) >= self._policy.waiting_max:
                return requirements.guild_nowait(guild_id)
            if needs or (event.type in self._subscriptions and self._policy.fetch_for_every_event):
                return await requirements.guild_for(event.type, guild_id, needs)
            return None
        finally:  # what is cached has to stay true even if what is missing could not be fetched
            requirements.on_event(event.type, guild_id, event.data, told_ms)

    async def _fetch_of_guild(self, guild_id: int, section: Section) -> bytes:
        return await self.rest.request_raw(Route.of("GET", _FETCHES[section], guild_id=guild_id))

    async def _gateway_bot(self) -> GatewayBot:
        found = await self.rest.get_gateway_bot()
        limit = found.session_start_limit
        return GatewayBot(
            found.url, found.shards, limit.total, limit.remaining, limit.reset_after, limit.max_concurrency
        )


def _is_plain(handler: Handler) -> bool:
    """Whether a handler surely leaves nothing to be awaited."""
    returns = getattr(handler, "__annotations__", {}).get("return", ...)
    return returns in (None, "None") and not inspect.iscoroutinefunction(handler)


_GUILD_AND_ROLES = frozenset({Section.GUILD, Section.ROLES})
_FETCHES = {
    Section.GUILD: "/guilds/{guild_id}",
    Section.CHANNELS: "/guilds/{guild_id}/channels",
    Section.THREADS: "/guilds/{guild_id}/threads/active",
    Section.SCHEDULED_EVENTS: "/guilds/{guild_id}/scheduled-events",
    Section.SOUNDBOARD_SOUNDS: "/guilds/{guild_id}/soundboard-sounds",
}
