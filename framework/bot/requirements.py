"""Dispatch requirements: what must be there before an event goes on. The shell around `cache`.

One fetch per guild at a time: whoever needs the same guild waits for the same answers.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Protocol

import msgspec

from framework.bot.cache import CachePolicy, Guild, GuildCache, Section, kept_true_by
from framework.clock import loop_ms
from framework.errors import FrameworkError, InvalidUse
from framework.rest import Forbidden, NotFound

__all__ = ["DispatchRequirements", "Fetch", "Requirements"]

_log = logging.getLogger(__name__)
_ATTEMPTS = 3  # of a fetch whose guild changes meanwhile
_THE_GUILD = frozenset({Section.GUILD, Section.ROLES})

Fetch = Callable[[int, Section], Awaitable[bytes]]
"""Gives the answer of one request for a guild: the guild itself, or the list that the section names."""


class DispatchRequirements(Protocol):
    """The second step: sees that what a handler needs is there. Replace it to keep guilds elsewhere, or to ask for
    something else; the default is `Requirements`."""

    cache: GuildCache

    def want(self, needs: frozenset[Section]) -> None:
        """A handler will need these sections; raises InvalidUse where that cannot be."""

    def on_event(
        self, event: str, guild_id: int, data: bytes, received_ms: int, needs: frozenset[Section] = ...
    ) -> None:
        """The third step: an event in the order of its guild's events."""

    def guild_nowait(self, guild_id: int) -> Guild | None:
        """The guild if it is there."""

    async def guild_for(self, event: str, guild_id: int, needs: frozenset[Section]) -> Guild | None:
        """The guild for an event that needs these sections of it, or None."""

    def hurry(self, guild_id: int) -> None:
        """Many events wait behind this guild."""

    async def close(self) -> None:
        """Leave nothing behind."""


class Requirements:
    """Gives events their guild, from a lazy cache."""

    def __init__(self, policy: CachePolicy, fetch: Fetch, intents: int = -1) -> None:
        self.cache = GuildCache(policy, kept_true_by(intents))
        self._fetch = fetch
        self._in_flight: dict[int, asyncio.Task[Guild | None]] = {}
        self._impatient: dict[int, asyncio.Future[None]] = {}
        self._eviction: asyncio.TimerHandle | None = None

    def __repr__(self) -> str:
        return f"<Requirements {self.cache!r} in_flight={len(self._in_flight)}>"

    def want(self, needs: frozenset[Section]) -> None:
        """A handler will need these sections. Raises InvalidUse for what the policy keeps from it."""
        policy = self.cache.policy
        if forbidden := needs - policy.keep:
            raise InvalidUse(f"a handler needs {', '.join(sorted(forbidden))}, which CachePolicy.keep leaves out")
        self.cache.wanted |= needs

    def on_event(
        self, event: str, guild_id: int, data: bytes, received_ms: int, needs: frozenset[Section] = frozenset()
    ) -> None:
        """Tell the cache; see `GuildCache.on_event`. A guild of which an event cannot be understood is let go."""
        try:
            self.cache.on_event(event, guild_id, data, loop_ms(), received_ms, needs)
        except (msgspec.MsgspecError, KeyError) as error:
            _log.warning("guild %d leaves the cache, since its %s is not as documented: %s", guild_id, event, error)
            self.cache.distrust(guild_id)
        if event == "GUILD_CREATE":
            self._watch_idle()

    def guild_nowait(self, guild_id: int) -> Guild | None:
        """The guild if it is cached."""
        return self.cache.use(guild_id, loop_ms())

    async def guild_for(self, event: str, guild_id: int, needs: frozenset[Section]) -> Guild | None:
        """The guild an event shall have: cached with what is needed, fetched if that is justified, else what there is.

        Raises:
            FrameworkError: it is needed, may be fetched, and the fetch failed for another reason than 403 or 404.
        """
        for _ in range(_ATTEMPTS):
            guild = self.cache.use(guild_id, loop_ms(), needs)
            if self.cache.policy.fetch_for_every_event:
                return guild or await self._fetch_now(guild_id, needs or _THE_GUILD)
            if guild is not None or not self.cache.may_fetch(event, guild_id, bool(needs), loop_ms()):
                break
            if not self.cache.requests_for(guild_id, needs):
                break  # what is missing comes by GUILD_CREATE only
            if not await self._wait_for_fetch(guild_id, needs):
                break
        return self.cache.use(guild_id, loop_ms())

    def hurry(self, guild_id: int) -> None:
        """Too many events wait behind a guild's fetch: whoever waits for it goes on without."""
        waiting = self._impatient.get(guild_id)
        if waiting is not None and not waiting.done():
            waiting.set_result(None)

    async def close(self) -> None:
        """Stop fetching."""
        if self._eviction is not None:
            self._eviction.cancel()
        for task in list(self._in_flight.values()):
            task.cancel()
        await asyncio.gather(*self._in_flight.values(), return_exceptions=True)

    # -- inside ------------------------------------------------------------------------------------------

    async def _wait_for_fetch(self, guild_id: int, needs: frozenset[Section]) -> bool:
        """Wait for the guild's fetch, which is begun if there is none; False if that would take too long."""
        task = self._in_flight.get(guild_id)
        if task is None:
            task = self._in_flight[guild_id] = asyncio.create_task(
                self._fetch_now(guild_id, needs), name=f"fetch {guild_id}"
            )
            task.add_done_callback(lambda landed: self._landed(guild_id, landed))
        hurry = self._impatient.get(guild_id)
        if hurry is None or hurry.done():
            hurry = self._impatient[guild_id] = asyncio.get_running_loop().create_future()
        await asyncio.wait((task, hurry), return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            return False
        task.result()
        return True

    def _landed(self, guild_id: int, task: asyncio.Task[Guild | None]) -> None:
        self._in_flight.pop(guild_id, None)
        self._impatient.pop(guild_id, None)
        if not task.cancelled():
            task.exception()  # whoever waits is told; nobody waiting is no error of its own

    async def _fetch_now(self, guild_id: int, needs: frozenset[Section]) -> Guild | None:
        cache, answers = self.cache, dict[Section, tuple[bytes, int]]()
        for request in cache.requests_for(guild_id, needs):
            at_ms = cache.reserve_fetch(loop_ms())
            if at_ms > loop_ms():
                await asyncio.sleep((at_ms - loop_ms()) / 1000)
            if not answers and not cache.policy.fetch_for_every_event:
                cache.begin_fetch(guild_id)
            asked_ms = loop_ms()
            try:
                answers[request] = await self._fetch(guild_id, request), asked_ms
            except (Forbidden, NotFound) as error:
                cache.remember_failure(guild_id, loop_ms())
                _log.info("%s of guild %d is not to be had: %s", request, guild_id, error)
                return None
            except BaseException as error:
                cache.abandon_fetch(guild_id, failed=isinstance(error, FrameworkError))
                raise
        guild = cache.end_fetch(guild_id, answers, needs, loop_ms())
        self._watch_idle()
        return guild

    def _watch_idle(self) -> None:
        if self._eviction is None and len(self.cache):
            self._evict()

    def _evict(self) -> None:
        next_ms = self.cache.evict(loop_ms())
        self._eviction = None
        if next_ms is not None:
            delay_s = max(1, next_ms - loop_ms()) / 1000
            self._eviction = asyncio.get_running_loop().call_later(delay_s, self._evict)
