"""Forwarding events from gateway processes to bot processes: in process, HTTP, NATS JetStream, or an engine of yours.

It knows events as bytes with a guild, and neither the gateway they come from nor the bot they go to.
`framework.mq.nats` needs the extra `nats` and is imported by its own name.
"""

from framework.mq.core.batch import Batcher
from framework.mq.core.dedup import Seen
from framework.mq.envelope import PARTITIONS, Batch, Envelope, decode_batch, encode_batch
from framework.mq.errors import BatchTooLarge, ForwardingError, ForwardingFull, MalformedBatch, NotAccepted
from framework.mq.http import HttpConsumer, HttpPublisher
from framework.mq.inbox import Inbox
from framework.mq.journal import Journal
from framework.mq.memory import MemoryConsumer, in_process
from framework.mq.outbox import Outbox
from framework.mq.port import Consumer, OnEvent, Positions, Publisher, Send

__all__ = [
    "PARTITIONS",
    "Batch",
    "BatchTooLarge",
    "Batcher",
    "Consumer",
    "Envelope",
    "ForwardingError",
    "ForwardingFull",
    "HttpConsumer",
    "HttpPublisher",
    "Inbox",
    "Journal",
    "MalformedBatch",
    "MemoryConsumer",
    "NotAccepted",
    "OnEvent",
    "Outbox",
    "Positions",
    "Publisher",
    "Seen",
    "Send",
    "decode_batch",
    "encode_batch",
    "in_process",
]
