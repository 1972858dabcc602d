"""The five steps a dispatch goes through. See `framework.bot.bot`, which says what goes through them."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from framework.bot.cache import CHANGES, CachePolicy, Guild, Members, Section
from framework.bot.events import Event
from framework.bot.lanes import Lanes
from framework.bot.requirements import DispatchRequirements
from framework.clock import loop_ms
from framework.errors import FrameworkError
from framework.gateway import RawEvent

__all__ = ["Handler", "Pipeline", "Subscription"]

_log = logging.getLogger(__name__)
Handler = Callable[[Any], Awaitable[None] | None]
_ABOUT_GUILDS = frozenset({"GUILD_CREATE", "GUILD_UPDATE", "GUILD_DELETE"})  # their guild's id is `id`
_NO_NEEDS: frozenset[Section] = frozenset()


@dataclass(frozen=True, slots=True)
class Subscription:
    """One handler, and what its event is made by."""

    event: type[Event]
    handler: Handler
    needs: frozenset[Section]
    transform: Callable[[bytes], Any]
    customize: Callable[[Any], Any] | None = None


class _Piece(msgspec.Struct, gc=False):
    """An event on its way. It is decoded at the last moment: what waits is bytes."""

    event: RawEvent
    received_ms: int | None  # None: no concern of the cache's
    done: asyncio.Future[None] | None
    guild_id: int | None = None  # once somebody has asked


class Pipeline:
    """Carries dispatches. `done`, if given, is told of each that `receive` said is still being handled."""

    def __init__(
        self, requirements: DispatchRequirements, policy: CachePolicy, done: Callable[[RawEvent], None] | None
    ) -> None:
        self.wanted = {"READY", *_ABOUT_GUILDS}
        """Names of the dispatches that are of any use here now; those that change a cached guild only while there is
        one, so that a flood of them costs little."""
        self.lanes: Lanes[_Piece] = Lanes(self._carry, self._guild_of, self._on_wait)
        self.received = self.handled = self.failed = 0
        self._requirements, self._policy, self._done = requirements, policy, done
        self._subscriptions: dict[str, list[Subscription]] = {}
        self._needs: dict[str, frozenset[Section]] = {}
        is_told_speakers = policy.members is Members.SPEAKERS
        self._changes = frozenset(CHANGES) - (frozenset() if is_told_speakers else {"MESSAGE_CREATE"})
        self._is_watching = False
        self._plain: set[str] = set()  # dispatches whose handlers all wait for nothing
        self._customizers: dict[type[Event], list[Callable[[Any], Any]]] = {}
        self._takers: dict[str, list[Callable[[bytes], None]]] = {}

    def subscribe(self, name: str, entry: Subscription) -> None:
        """Add a handler for a dispatch."""
        entries = self._subscriptions.setdefault(name, [])
        entries.append(entry)
        self._needs[name] = self._needs.get(name, _NO_NEEDS) | entry.needs
        self.wanted.add(name)
        if entry.needs or not _is_plain(entry.handler):
            self._plain.discard(name)
        elif len(entries) == 1:
            self._plain.add(name)

    def customize(self, event: type[Event], customizer: Callable[[Any], Any]) -> None:
        """Change what all handlers of an event receive."""
        self._customizers.setdefault(event, []).append(customizer)

    def take_raw(self, name: str, take: Callable[[bytes], None]) -> None:
        """Have a dispatch's data given to `take` as it comes."""
        self._takers.setdefault(name, []).append(take)
        self.wanted.add(name)

    # -- raw ---------------------------------------------------------------------------------------------

    def receive(self, event: RawEvent, done: asyncio.Future[None] | None = None) -> bool:
        """Take a dispatch; True where it is still being handled when this returns. Then `done` is told of its end."""
        self.received += 1
        name = event.type
        if name == "READY":
            self._requirements.cache.on_ready(event.data)
        if name in self._takers:
            self._give(event)
        subscriptions = self._subscriptions.get(name)
        is_change = name in self._changes or name in _ABOUT_GUILDS
        is_cached = is_change and self._requirements.cache.concerns(name)
        if subscriptions is None and not is_cached:
            if is_change and self._is_watching:
                self._watch(False)
            return False
        if name == "GUILD_CREATE" and (is_cached or self._needs.get(name)):
            self._watch(True)
        # Where nothing waits, what needs no waiting can be done at once, without a task.
        if not is_cached and name in self._plain and not self.lanes:
            return self._call(event)
        if subscriptions is None and not self.lanes:
            self._requirements.on_event(name, self._guild_in(event), event.data, loop_ms())
            return False
        self.lanes.put(_Piece(event, loop_ms() if is_cached else None, done))
        return True

    def _watch(self, is_watching: bool) -> None:
        """There is a cached guild to be kept true, or none any more."""
        if is_watching and not self._is_watching:
            self.wanted |= self._changes
        elif not is_watching:
            self.wanted -= self._changes - self._subscriptions.keys() - self._takers.keys() - _ABOUT_GUILDS
        self._is_watching = is_watching

    def _on_wait(self, guild_id: int, waiting: int) -> None:
        if waiting >= self._policy.waiting_max:
            self._requirements.hurry(guild_id)

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
                self.failed += 1
                _log.exception("a handler of %r failed", event)
        self.handled += is_whole
        return False

    def _customized(self, user_event: Any, subscription: Subscription) -> Any:
        if self._customizers:
            for customizer in self._customizers.get(subscription.event, ()):
                user_event = customizer(user_event)
        return user_event if subscription.customize is None else subscription.customize(user_event)

    def _guild_of(self, piece: _Piece) -> int:
        """The lane of a piece: its guild, 0 for none."""
        if piece.guild_id is None:
            piece.guild_id = self._guild_in(piece.event)
        return piece.guild_id

    def _guild_in(self, event: RawEvent) -> int:
        # The cache takes a GUILD_CREATE apart anyhow, and remembers that it did.
        return self._requirements.cache.guild_in(event.data) if event.type == "GUILD_CREATE" else event.guild_id()

    def _give(self, event: RawEvent) -> None:
        for take in self._takers[event.type]:
            try:
                take(event.data)
                self.handled += 1
            except Exception:
                self.failed += 1
                _log.exception("%r could not be taken", event)

    def _transform(self, event: RawEvent, subscription: Subscription) -> Any:
        """The fourth step; None where the event does not fit."""
        try:
            return subscription.transform(event.data)
        except msgspec.ValidationError as error:
            self.failed += 1
            kind = subscription.event.__name__
            _log.error("%r does not fit %s: %s. Declare only the fields you need", event, kind, error)
            return None

    # -- requirements, handler, transformer, customizers, yours --------------------------------------------

    async def _carry(self, piece: _Piece) -> None:
        event = piece.event
        try:
            needs = self._needs.get(event.type, _NO_NEEDS)
            guild: Guild | None = None
            if (needs or piece.received_ms is not None or self._policy.fetch_for_every_event) and (
                guild_id := self._guild_of(piece)
            ):
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
                try:
                    waiting = subscription.handler(self._customized(user_event, subscription))
                    if waiting is not None:
                        await waiting
                except Exception:
                    is_whole = False
                    self.failed += 1
                    _log.exception("a handler of %r of guild %d failed", event, self._guild_of(piece))
            if subscriptions and is_whole:
                self.handled += 1
        except FrameworkError as error:
            self.failed += 1
            _log.warning("%r of guild %d was not handled: %s", event, self._guild_of(piece), error)
        finally:
            if self._done is not None:
                self._done(event)
            if piece.done is not None and not piece.done.done():
                piece.done.set_result(None)

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
            if needs and self.lanes.waiting(guild_id) >= self._policy.waiting_max:
                return requirements.guild_nowait(guild_id)
            if needs or (event.type in self._subscriptions and self._policy.fetch_for_every_event):
                self._watch(True)
                return await requirements.guild_for(event.type, guild_id, needs)
            return None
        finally:  # what is cached has to stay true even if what is missing could not be fetched
            requirements.on_event(event.type, guild_id, event.data, told_ms)


def _is_plain(handler: Handler) -> bool:
    """Whether a handler surely leaves nothing to be awaited."""
    returns = getattr(handler, "__annotations__", {}).get("return", ...)
    return returns in (None, "None") and not inspect.iscoroutinefunction(handler)
