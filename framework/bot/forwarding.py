"""Gateway and bot in processes of their own, joined by `framework.mq`.

gateway process                                bot process
forwarder = Forwarder(HttpPublisher(…))        bot = Bot(token, intents=…, rest=…)
gateway = forwarder.gateway(token, …)          await bot.start_from(HttpConsumer(…))
await forwarder.start()
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Container
from typing import Unpack

from framework.errors import InvalidUse
from framework.gateway import GatewayBot, GatewayManager, GatewayOptions, RawEvent
from framework.mq import Envelope, Publisher

__all__ = ["Forwarder", "raw_event"]

_CLOSE_S = 10.0


class Forwarder:
    """The gateway's side: publishes every dispatch, and reads no more from Discord than can be published.

    With a `store`, sessions are saved up to what was accepted: a process that dies loses nothing.
    """

    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher
        self._gateway: GatewayManager | None = None
        self._pause: asyncio.Task[None] | None = None
        self._read: deque[Envelope] = deque()  # what was read already when there was no room any more

    def __repr__(self) -> str:
        return f"<Forwarder {self._gateway!r} paused={self._pause is not None}>"

    def gateway(
        self,
        token: str,
        *,
        intents: int,
        fetch_gateway_bot: Callable[[], Awaitable[GatewayBot]],
        shard_count: int | None = None,
        wanted: Container[str] | None = None,
        **options: Unpack[GatewayOptions],
    ) -> GatewayManager:
        """Make the gateway whose dispatches are forwarded; arguments as of `GatewayManager`."""
        self._gateway = GatewayManager(
            token, intents=intents, on_dispatch=self._publish, fetch_gateway_bot=fetch_gateway_bot,
            shard_count=shard_count, wanted=wanted, settled=self._publisher.settled, **options,
        )  # fmt: skip
        return self._gateway

    async def start(self) -> None:
        """Open the publisher, then connect the gateway."""
        if self._gateway is None:
            raise InvalidUse("make the gateway first: Forwarder.gateway(…)")
        await self._publisher.start()
        await self._gateway.start()

    async def close(self) -> int:
        """Leave Discord, publish what waits; returns how many events nobody has accepted."""
        if self._gateway is not None:
            await self._gateway.close()
        if self._pause is not None:
            await asyncio.wait({self._pause}, timeout=_CLOSE_S)
            self._pause.cancel()
            await asyncio.gather(self._pause, return_exceptions=True)
        left = await self._publisher.close() + len(self._read)
        if self._gateway is not None:
            await self._gateway.save_sessions()
        return left

    def _publish(self, event: RawEvent) -> None:
        gateway = self._gateway
        assert gateway is not None
        envelope = Envelope.of(
            session_id=event.session_id, seq=event.seq, shard_id=event.shard_id, shard_count=gateway.shard_count,
            generation=event.generation, type=event.type, data=event.data,
        )  # fmt: skip
        if self._pause is not None:
            self._read.append(envelope)
            return
        self._publisher.publish_nowait(envelope)
        if not self._publisher.has_room:
            gateway.pause_reading()
            self._pause = asyncio.create_task(self._resume_reading(gateway), name="wait for room to forward")

    async def _resume_reading(self, gateway: GatewayManager) -> None:
        await self._publisher.ready()
        while self._read:
            self._publisher.publish_nowait(self._read.popleft())
            await self._publisher.ready()
        self._pause = None
        gateway.resume_reading()


def raw_event(envelope: Envelope) -> RawEvent:
    """A forwarded event as the gateway had it."""
    return RawEvent(
        envelope.shard_id, envelope.generation, envelope.seq, envelope.type, envelope.data, envelope.session_id
    )
