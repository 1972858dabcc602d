"""The bot: joins gateway, REST and cache, and carries each dispatch through five steps, each of them replaceable:

1. **raw**: who asked for a dispatch by `on_raw` has it as it comes;
2. **requirements**: a handler's guild is there before it runs (`DispatchRequirements`, by default the lazy cache);
3. **handler**: the cache is told, in the order of the guild's events;
4. **transformer and customizers**: bytes become what a handler asked for, and that what it wants (`on`, `customize`);
5. **event function**: yours.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, Unpack, overload

from framework.bot.cache import CachePolicy, CacheSnapshot, GuildCache, Section, sections
from framework.bot.discovery import gateway_bot
from framework.bot.events import Event, Raw
from framework.bot.extension import Extension
from framework.bot.forwarding import raw_event
from framework.bot.pipeline import Handler, Pipeline, Subscription
from framework.bot.requirements import DispatchRequirements, Fetch, Requirements
from framework.errors import InvalidUse
from framework.gateway import GatewayManager, GatewayOptions, RawEvent
from framework.models.codec import decoder
from framework.mq import Consumer, Envelope
from framework.ports import Chance
from framework.rest import RestManager, Route
from framework.wire import Intents

__all__ = ["Bot", "BotSnapshot"]

E = TypeVar("E", bound=Event)
C = TypeVar("C")
_CLOSE_S = 10.0


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
        self._pipeline = Pipeline(
            self._requirements, self._policy, self._done if gateway.get("store") is not None else None
        )
        self.gateway = GatewayManager(
            token, intents=int(intents), on_dispatch=self._pipeline.receive, fetch_gateway_bot=gateway_bot(self.rest),
            shard_count=shard_count, shard_ids=shard_ids, chance=chance, wanted=self._pipeline.wanted, **gateway,
        )  # fmt: skip
        self._extensions: list[Extension] = []
        self._consumer: Consumer | None = None

    def __repr__(self) -> str:
        return f"<Bot {self.gateway!r} received={self._pipeline.received} handled={self._pipeline.handled}>"

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
            self._pipeline.subscribe(name, Subscription(subscribed, handler, needed, decode, customizer))
            return handler

        return register

    def customize(self, event: type[E], customizer: Callable[[E], Any]) -> None:
        """Change what all handlers of `event` receive: `customizer(event)` returns the object to pass on. Where that is
        of another type, `on(event, customizer=…)` tells the type checker too."""
        self._pipeline.customize(event, customizer)

    def on_raw(self, event: str, take: Callable[[bytes], None]) -> None:
        """Have the data of each dispatch of a name given to `take` as it comes, whatever its guild is waiting for."""
        self._pipeline.take_raw(event, take)

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
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        return done if self._pipeline.receive(raw_event(envelope), done) else None

    async def close(self) -> None:
        """Leave, and wait for the handlers that are running."""
        if self._consumer is not None:
            await self._consumer.close()
        await self.gateway.close()
        await self._pipeline.lanes.close(_CLOSE_S)
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
        done = self._pipeline
        return BotSnapshot(done.received, done.handled, done.failed, self._requirements.cache.snapshot())

    # -- inside ------------------------------------------------------------------------------------------

    def _done(self, event: RawEvent) -> None:
        self.gateway.done(event)

    async def _fetch_of_guild(self, guild_id: int, section: Section) -> bytes:
        return await self.rest.request_raw(Route.of("GET", _FETCHES[section], guild_id=guild_id))


_GUILD_AND_ROLES = frozenset({Section.GUILD, Section.ROLES})
_FETCHES = {
    Section.GUILD: "/guilds/{guild_id}",
    Section.CHANNELS: "/guilds/{guild_id}/channels",
    Section.THREADS: "/guilds/{guild_id}/threads/active",
    Section.SCHEDULED_EVENTS: "/guilds/{guild_id}/scheduled-events",
    Section.SOUNDBOARD_SOUNDS: "/guilds/{guild_id}/soundboard-sounds",
}
