"""The port between gateway and bot processes. Whoever speaks these protocols can carry the events.

For an engine of your own, two functions are enough: `Outbox(send)` is a Publisher once you have an async `send(batch)`
that returns when the batch was accepted, and `Inbox(on_event).handle(batch)` is what the receiving side calls and
acknowledges after.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

from framework.mq.envelope import Batch, Envelope

__all__ = ["Consumer", "OnEvent", "Positions", "Publisher", "Send"]

OnEvent = Callable[[Envelope], Awaitable[None] | None]
"""Called with each event. What it returns is awaited before the event counts as handled and its guild goes on."""

Send = Callable[[Batch], Awaitable[None]]
"""Returns when the batch was accepted; raises BatchTooLarge to have it cut, anything else to be asked again."""


class Publisher(Protocol):
    """The gateway's side. Order is kept per guild, and per shard for events of no guild."""

    async def start(self) -> None:
        """Open what is needed."""

    def publish_nowait(self, event: Envelope) -> None:
        """Take an event and return at once. Raises ForwardingFull where it was not taken, InvalidUse after `close`."""

    async def ready(self) -> None:
        """Return when there is room. Awaited before each read of a gateway's socket, nothing is ever refused."""

    def settled(self, session_id: str) -> int | None:
        """The sequence up to which everything published of a session was accepted; None where nothing was.

        A gateway process that stores this for its next start, not the last sequence it has read, loses nothing when it
        dies: Discord replays the rest, and consumers recognise what they have had.
        """

    async def close(self, wait_s: float = 10.0) -> int:
        """Send what waits, for so long at most; returns how many events nobody has accepted."""


class Consumer(Protocol):
    """The bot's side: each event at least once, and once as long as its `Positions` are kept."""

    async def start(self, on_event: OnEvent) -> None:
        """Begin to hand events to `on_event`; a batch is acknowledged when all of its events are handled.

        An exception of `on_event` is logged, and the event counts as handled: it would fail again.
        """

    async def close(self, wait_s: float = 10.0) -> None:
        """Take no more, give what is in hand so long to end; what is not handled then comes again."""


class Positions(Protocol):
    """What has been handled. `Seen` remembers for one process, `Journal` for the next one too; or keep it yourself
    where your handlers' effects are, in one transaction with them.
    """

    def is_new(self, partition: int, session_id: str, seq: int) -> bool:
        """Whether this event has not been handled."""

    def done(self, partition: int, session_id: str, seq: int) -> None:
        """This event has been handled; those before it may not have been."""

    def settle(self, partition: int, session_id: str, seq: int) -> None:
        """Of this partition and session, everything up to `seq` has been handled."""
