"""Forwarding through NATS JetStream: events outlive gateway and bot processes alike. Needs the extra `nats`.

One subject per partition, `<subject>.<partition>`, and one durable pull consumer for each, which gives out one batch
at a time: the next follows the acknowledgement, whoever pulls. So a guild's order holds through redelivery, and
workers may come, go and even overlap.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Collection
from typing import Any

from framework.chance import default_chance
from framework.errors import InvalidUse
from framework.mq.core.batch import Batcher
from framework.mq.core.retry import backoff_ms
from framework.mq.envelope import PARTITIONS, Batch, decode_batch, encode_batch
from framework.mq.errors import BatchTooLarge, MalformedBatch, NotAccepted
from framework.mq.inbox import Inbox, InboxSnapshot
from framework.mq.outbox import Outbox
from framework.mq.port import OnEvent, Positions
from framework.ports import Chance

try:
    import nats
    from nats.aio.client import Client
    from nats.aio.msg import Msg
    from nats.errors import Error, MaxPayloadError
    from nats.errors import TimeoutError as NatsTimeout
    from nats.js import JetStreamContext
    from nats.js.api import ConsumerConfig, DiscardPolicy, Header, RetentionPolicy, StreamConfig
    from nats.js.errors import NotFoundError
except ImportError:
    raise InvalidUse("forwarding through NATS needs nats-py: pip install 'discord-sim[nats]'") from None

__all__ = ["NatsConsumer", "NatsPublisher", "connect"]

_log = logging.getLogger(__name__)
STREAM, SUBJECT = "DISCORD_EVENTS", "discord.events"
_STREAM_MAX_BYTES = 1 << 30
_DUPLICATE_WINDOW_S = 120.0
_PULL_S = 2.0  # a pull that a reconnect lost is made again after it
_UNREADABLE_AGAIN_S = 5.0


async def connect(servers: str | list[str], **options: Any) -> Client:
    """nats.connect, but it never gives up reconnecting, unless `options` say otherwise. What it raises is raised.

    The connection is the caller's: one serves any number of publishers and consumers, and is closed after them.
    """
    return await nats.connect(servers, **{"max_reconnect_attempts": -1, **options})


async def _ensure_stream(jetstream: JetStreamContext, stream: str, subject: str) -> None:
    """Make the stream unless there is one; that is used as it is."""
    try:
        await jetstream.stream_info(stream)
    except NotFoundError:
        await jetstream.add_stream(StreamConfig(
            name=stream, subjects=[f"{subject}.*"], retention=RetentionPolicy.WORK_QUEUE, discard=DiscardPolicy.NEW,
            max_bytes=_STREAM_MAX_BYTES, duplicate_window=_DUPLICATE_WINDOW_S,
        ))  # fmt: skip


class NatsPublisher(Outbox):
    """A Publisher whose batches are accepted when the stream has stored them.

    The message's id names sessions and sequences, so that one sent twice is stored once. A full stream accepts nothing
    and drops nothing: events wait in the gateway, and then in Discord.

    Args:
        client: a connection, see `connect`.
        stream, subject: made where there is no such stream (1 GiB on disk, a batch leaves it when it is handled).
        timeout_s: how long an answer may take.
        batcher, chance: see Outbox.
    """

    def __init__(
        self, client: Client, *, stream: str = STREAM, subject: str = SUBJECT, timeout_s: float = 5.0,
        batcher: Batcher | None = None, chance: Chance | None = None,
    ) -> None:  # fmt: skip
        self._client, self._stream, self._subject, self._timeout_s = client, stream, subject, timeout_s
        self._jetstream = client.jetstream()
        super().__init__(self._store, batcher=batcher, chance=chance)

    async def start(self) -> None:
        """Find the stream, or make it. Raises NotAccepted where the server cannot do that."""
        try:
            await _ensure_stream(self._jetstream, self._stream, self._subject)
        except (Error, TimeoutError) as error:
            raise NotAccepted(f"stream {self._stream} cannot be had: {error}") from error

    async def _store(self, batch: Batch) -> None:
        body, headers = encode_batch(batch), {Header.MSG_ID.value: batch.id}
        try:
            await self._jetstream.publish(
                f"{self._subject}.{batch.partition}", body, timeout=self._timeout_s, headers=headers,
                stream=self._stream,
            )  # fmt: skip
        except MaxPayloadError:
            raise BatchTooLarge(len(body)) from None
        except (Error, TimeoutError) as error:
            raise NotAccepted(f"NATS did not store a batch: {str(error) or type(error).__name__}") from None


class NatsConsumer:
    """A Consumer that pulls from a stream.

    Args:
        client: a connection, see `connect`.
        partitions: this worker's; between them the workers must have all. Where two have the same one, each batch goes
            to one of them, and its order holds.
        ack_wait_s: after so long without a sign of life of who has a batch, it is given to another. Signs are sent
            while handlers run.
        stream, subject: see NatsPublisher.
        positions: what was handled before; by default this process's own memory, so what a crash leaves half done
            is handled again. A `Journal` remembers.
        chance: jitter of the waits after an error.

    Raises:
        InvalidUse: an argument cannot be.
    """

    def __init__(
        self, client: Client, *, partitions: Collection[int] = range(PARTITIONS), ack_wait_s: float = 30.0,
        stream: str = STREAM, subject: str = SUBJECT, positions: Positions | None = None, chance: Chance | None = None,
    ) -> None:  # fmt: skip
        if not partitions or not set(partitions) <= set(range(PARTITIONS)):
            raise InvalidUse(f"partitions are some of 0 to {PARTITIONS - 1}, not {partitions!r}")
        if ack_wait_s <= 0:
            raise InvalidUse(f"ack_wait_s must be above 0, not {ack_wait_s}")
        self._client, self._jetstream = client, client.jetstream()
        self._partitions = sorted(set(partitions))
        self._ack_wait_s = ack_wait_s
        self._stream, self._subject = stream, subject
        self._positions = positions
        self._chance = chance or default_chance()
        self._inbox: Inbox | None = None
        self._counted = InboxSnapshot(0, 0, 0)
        self._pulling: dict[int, asyncio.Task[None]] = {}
        self._in_hand: set[int] = set()

    def __repr__(self) -> str:
        return f"<NatsConsumer partitions={len(self._partitions)} in_hand={len(self._in_hand)}>"

    async def start(self, on_event: OnEvent) -> None:
        """See Consumer. Raises NotAccepted where the stream cannot be had."""
        try:
            await _ensure_stream(self._jetstream, self._stream, self._subject)
        except (Error, TimeoutError) as error:
            raise NotAccepted(f"stream {self._stream} cannot be had: {error}") from error
        inbox = self._inbox = Inbox(on_event, self._positions)
        for partition in self._partitions:
            task = asyncio.create_task(self._pull(partition, inbox), name=f"pull partition {partition}")
            self._pulling[partition] = task

    async def close(self, wait_s: float = 10.0) -> None:
        """See Consumer. What is not handled is given to another worker at once."""
        inbox, self._inbox = self._inbox, None
        for partition, task in self._pulling.items():
            if partition not in self._in_hand:
                task.cancel()
        if self._pulling:
            _, late = await asyncio.wait(self._pulling.values(), timeout=wait_s)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        self._pulling.clear()
        if inbox is not None:
            self._counted = inbox.snapshot()

    def snapshot(self) -> InboxSnapshot:
        """The counters since `start`; after `close`, as they were."""
        return self._counted if self._inbox is None else self._inbox.snapshot()

    async def _pull(self, partition: int, inbox: Inbox) -> None:
        attempt = 0
        while self._inbox is inbox:
            try:
                subscription = await self._subscribe(partition)
                try:
                    while self._inbox is inbox:
                        await self._pull_one(subscription, partition, inbox)
                        attempt = 0
                finally:
                    with contextlib.suppress(Error):
                        await subscription.unsubscribe()
            except Exception as error:  # also of Positions: the batch comes again
                if self._client.is_closed:  # nats-py also says so where the task was cancelled
                    _log.error(
                        "partition %d is pulled no more: the connection was closed before its consumer", partition
                    )
                    return
                why = str(error) or type(error).__name__
                _log.warning("partition %d cannot be pulled; asking again: %s", partition, why)
                await asyncio.sleep(backoff_ms(attempt, self._chance()) / 1000)
                attempt += 1

    async def _subscribe(self, partition: int) -> JetStreamContext.PullSubscription:
        name = f"partition-{partition}"
        await self._jetstream.add_consumer(self._stream, ConsumerConfig(
            durable_name=name, filter_subject=f"{self._subject}.{partition}", ack_wait=self._ack_wait_s,
            max_ack_pending=1, max_deliver=-1,
        ))  # fmt: skip
        return await self._jetstream.pull_subscribe_bind(name, self._stream)

    async def _pull_one(self, subscription: JetStreamContext.PullSubscription, partition: int, inbox: Inbox) -> None:
        try:
            (message,) = await subscription.fetch(1, timeout=_PULL_S)
        except NatsTimeout:
            return
        self._in_hand.add(partition)
        try:
            await self._handle(message, partition, inbox)
        except BaseException:
            with contextlib.suppress(Error):
                await message.nak()  # to whoever pulls next, at once
            raise
        finally:
            self._in_hand.discard(partition)

    async def _handle(self, message: Msg, partition: int, inbox: Inbox) -> None:
        try:
            batch = decode_batch(message.data)
        except MalformedBatch as error:
            # It may be of a newer gateway; then a newer worker reads it, and nothing is lost.
            _log.error("partition %d waits for a worker that can read its next batch: %s", partition, error)
            await message.nak(delay=_UNREADABLE_AGAIN_S)
            return
        work = asyncio.create_task(inbox.handle(batch), name=f"handle partition {partition}")
        try:
            while not (await asyncio.wait({work}, timeout=self._ack_wait_s / 2))[0]:
                with contextlib.suppress(Error):
                    await message.in_progress()
        except asyncio.CancelledError:
            work.cancel()
            await asyncio.wait({work})
            raise
        await work
        await message.ack()
