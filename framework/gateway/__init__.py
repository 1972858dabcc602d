"""The gateway: shards, the identify gate, sessions that outlive the process, resharding. A stranger to REST.

What can be replaced is behind a small protocol: `Connect` and `Connection` (the websocket), `IdentifyGate` and `Turn`,
`SessionStore`, `framework.ports.Chance`; where dispatches go is `OnDispatch`, a plain callable.
"""

from framework.gateway.connection import Connect, Connection, LinkLost
from framework.gateway.core.session import Session
from framework.gateway.event import GatewayBot, RawEvent
from framework.gateway.gate import IdentifyGate, Turn
from framework.gateway.inflate import Compression
from framework.gateway.manager import GatewayManager, GatewayOptions, GatewaySnapshot, OnDispatch
from framework.gateway.requests import Members
from framework.gateway.shard import Shard
from framework.gateway.store import FileStore, MemoryStore, SessionStore

__all__ = [
    "Compression",
    "Connect",
    "Connection",
    "FileStore",
    "GatewayBot",
    "GatewayManager",
    "GatewayOptions",
    "GatewaySnapshot",
    "IdentifyGate",
    "LinkLost",
    "Members",
    "MemoryStore",
    "OnDispatch",
    "RawEvent",
    "Session",
    "SessionStore",
    "Shard",
    "Turn",
]
