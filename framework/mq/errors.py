"""Errors of forwarding, by what can be done about them. Messages name events by type and size, never by content."""

from __future__ import annotations

from framework.errors import FrameworkError

__all__ = ["BatchTooLarge", "ForwardingError", "ForwardingFull", "MalformedBatch", "NotAccepted"]


class ForwardingError(FrameworkError):
    """An event could not be forwarded, or not now."""


class ForwardingFull(ForwardingError):
    """Too much waits; the event was not taken. `await publisher.ready()` before reading on."""

    def __init__(self, waiting: int, waiting_bytes: int) -> None:
        super().__init__(
            f"{waiting:,} events of {waiting_bytes:,} bytes wait already and this one was not taken; "
            "await ready() before each read of the gateway, and see why nobody takes them"
        )
        self.waiting = waiting
        self.waiting_bytes = waiting_bytes


class NotAccepted(ForwardingError):
    """The other side did not take a batch; it is offered again, not before `retry_after_ms` where that is given."""

    def __init__(self, why: str, retry_after_ms: int | None = None) -> None:
        super().__init__(why)
        self.retry_after_ms = retry_after_ms


class BatchTooLarge(ForwardingError):
    """The other side takes no batch of this size; it is cut in two, down to one event."""

    def __init__(self, size_bytes: int) -> None:
        super().__init__(f"a batch of {size_bytes:,} bytes is larger than the other side takes")
        self.size_bytes = size_bytes


class MalformedBatch(ForwardingError):
    """Bytes that are no batch of this version's."""
