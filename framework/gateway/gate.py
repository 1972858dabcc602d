"""Whose turn it is to identify: within one process, by `core.identify_pace`.

A shard takes its turn before it connects and keeps it until its identify is sent, so that identifies of one key leave
in order and as far apart as they must, however long a connection takes. `IdentifyGate` is the port: shards of several
processes that share a token need one gate over all of them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

from framework.clock import loop_ms
from framework.gateway.core.identify_pace import IdentifyPace
from framework.gateway.event import GatewayBot

__all__ = ["IdentifyGate", "LocalGate", "Turn"]


class Turn(Protocol):
    """One shard's turn."""

    async def ready(self) -> None:
        """Wait until the identify may be sent, which is then counted as sent. Raises SessionStartsExhausted."""

    def release(self) -> None:
        """The next may go; again changes nothing."""


class IdentifyGate(Protocol):
    """Gives turns, per key in the order they were asked for."""

    async def acquire(self, shard_id: int) -> Turn:
        """Wait for this shard's turn."""


class LocalGate:
    """The gate of a process that has a token to itself. `fetch` asks GET /gateway/bot."""

    def __init__(self, fetch: Callable[[], Awaitable[GatewayBot]]) -> None:
        self.pace = IdentifyPace()
        self._fetch = fetch
        self._locks: dict[int, asyncio.Lock] = {}
        self._learning = asyncio.Lock()

    def __repr__(self) -> str:
        return f"<LocalGate {self.pace.remaining} left, {self.pace.max_concurrency} at once>"

    async def learn(self) -> GatewayBot:
        """Ask what Discord allows now."""
        found = await self._fetch()
        self.pace.update(found.max_concurrency, found.remaining, loop_ms() + found.reset_after_ms)
        return found

    async def acquire(self, shard_id: int) -> Turn:
        lock = self._locks.setdefault(self.pace.key(shard_id), asyncio.Lock())
        await lock.acquire()
        return _LocalTurn(self, shard_id, lock)

    async def wait_ready(self, shard_id: int) -> None:
        """Until this shard may identify."""
        while True:
            if self.pace.is_stale(loop_ms()):
                async with self._learning:
                    if self.pace.is_stale(loop_ms()):
                        await self.learn()
            now_ms = loop_ms()
            at_ms = self.pace.ready_at(shard_id, now_ms)
            if at_ms <= now_ms:
                self.pace.identified(shard_id, now_ms)
                return
            await asyncio.sleep((at_ms - now_ms) / 1000)


class _LocalTurn:
    def __init__(self, gate: LocalGate, shard_id: int, lock: asyncio.Lock) -> None:
        self._gate, self._shard_id = gate, shard_id
        self._lock: asyncio.Lock | None = lock

    async def ready(self) -> None:
        await self._gate.wait_ready(self._shard_id)

    def release(self) -> None:
        if self._lock is not None:
            self._lock.release()
            self._lock = None
