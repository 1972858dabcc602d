"""Dispatch requirements: what must be there before an event goes on. The shell around `cache`.

One fetch per guild at a time: whoever needs the same guild waits for the same answer.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from framework.bot.cache import CachePolicy, Guild, GuildCache
from framework.clock import loop_ms
from framework.errors import FrameworkError
from framework.rest import Forbidden, NotFound

__all__ = ["Requirements"]

_log = logging.getLogger(__name__)


class Requirements:
    """Gives events their guild."""

    def __init__(self, policy: CachePolicy, fetch: Callable[[int], Awaitable[bytes]]) -> None:
        self.cache = GuildCache(policy)
        self._fetch = fetch
        self._in_flight: dict[int, asyncio.Task[Guild | None]] = {}
        self._eviction: asyncio.TimerHandle | None = None

    def __repr__(self) -> str:
        return f"<Requirements {self.cache!r} in_flight={len(self._in_flight)}>"

    def guild_nowait(self, guild_id: int) -> Guild | None:
        """The guild if it is cached."""
        return self.cache.use(guild_id, loop_ms())

    async def guild_for(self, event: str, guild_id: int, needed: bool) -> Guild | None:
        """The guild an event shall have: cached, fetched if that is justified, or None.

        Raises:
            FrameworkError: it is needed, may be fetched, and the fetch failed for another reason than 403 or 404.
        """
        guild = self.cache.use(guild_id, loop_ms())
        if guild is not None or not self.cache.may_fetch(event, guild_id, needed, loop_ms()):
            return guild
        if self.cache.policy.fetch_for_every_event:
            return await self._fetch_now(guild_id)
        task = self._in_flight.get(guild_id)
        if task is None:
            task = self._in_flight[guild_id] = asyncio.create_task(self._fetch_now(guild_id), name=f"fetch {guild_id}")
            task.add_done_callback(lambda _: self._in_flight.pop(guild_id, None))
        return await asyncio.shield(task)

    async def close(self) -> None:
        """Stop fetching."""
        if self._eviction is not None:
            self._eviction.cancel()
        for task in list(self._in_flight.values()):
            task.cancel()
        await asyncio.gather(*self._in_flight.values(), return_exceptions=True)

    async def _fetch_now(self, guild_id: int) -> Guild | None:
        at_ms = self.cache.reserve_fetch(loop_ms())
        if at_ms > loop_ms():
            await asyncio.sleep((at_ms - loop_ms()) / 1000)
        try:
            data = await self._fetch(guild_id)
        except (Forbidden, NotFound) as error:
            self.cache.remember_failure(guild_id, loop_ms())
            _log.info("guild %d is not to be had: %s", guild_id, error)
            return None
        except FrameworkError:
            self.cache.failures += 1
            raise
        guild = self.cache.store(data, loop_ms())
        if self._eviction is None:
            self._evict()
        return guild

    def _evict(self) -> None:
        next_ms = self.cache.evict(loop_ms())
        self._eviction = None
        if next_ms is not None:
            delay_s = max(1, next_ms - loop_ms()) / 1000
            self._eviction = asyncio.get_running_loop().call_later(delay_s, self._evict)
