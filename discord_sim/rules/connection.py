"""One gateway connection, from HELLO to its close, as a table of what each phase answers to each opcode."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from discord_sim.wire import (
    HEARTBEAT_INTERVAL_MS,
    PAYLOAD_MAX_BYTES,
    SENDS_MAX,
    SENDS_WINDOW_MS,
    CloseCode,
    Op,
)

__all__ = [
    "Close",
    "Command",
    "Connection",
    "Do",
    "Effect",
    "Phase",
    "identified",
    "invalidated",
    "on_message",
    "postponed",
]


class Phase(Enum):
    """Where a connection stands."""

    HELLO = "hello"  # greeted, not identified
    ACTIVE = "active"  # has a session
    INVALIDATED = "invalidated"  # was told op 9 false: only heartbeat and identify are welcome


class Do(Enum):
    """What the shell must do besides closing."""

    ACK = "ack"
    IDENTIFY = "identify"
    RESUME = "resume"
    COMMAND = "command"


@dataclass(frozen=True, slots=True)
class Close:
    """Close the connection with `code`."""

    code: CloseCode


@dataclass(frozen=True, slots=True)
class Command:
    """Carry out `do`."""

    do: Do


Effect = Close | Command


@dataclass(frozen=True, slots=True)
class Connection:
    """The rule's whole memory of one connection."""

    phase: Phase = Phase.HELLO
    last_beat_ms: int = 0
    window_start_ms: int = 0
    sends: int = 0
    interval_ms: int = HEARTBEAT_INTERVAL_MS

    @property
    def deadline_ms(self) -> int:
        """When a client that stays silent is disconnected: one and a half intervals after its last beat."""
        return self.last_beat_ms + self.interval_ms * 3 // 2


_COMMANDS = frozenset(
    {
        Op.PRESENCE_UPDATE,
        Op.VOICE_STATE_UPDATE,
        Op.REQUEST_GUILD_MEMBERS,
        Op.REQUEST_SOUNDBOARD_SOUNDS,
        Op.REQUEST_CHANNEL_INFO,
    }
)


def on_message(connection: Connection, message: Any, size: int, now_ms: int) -> tuple[Connection, Effect]:
    """Judge one payload. `message` is the decoded JSON, or None where it was no JSON; `size` in bytes."""
    if now_ms >= connection.window_start_ms + SENDS_WINDOW_MS:
        connection = replace(connection, window_start_ms=now_ms, sends=0)
    connection = replace(connection, sends=connection.sends + 1)
    if connection.sends > SENDS_MAX:
        return connection, Close(CloseCode.RATE_LIMITED)
    if size > PAYLOAD_MAX_BYTES or not isinstance(message, dict) or type(message.get("op")) is not int:
        return connection, Close(CloseCode.DECODE_ERROR)
    op = message["op"]
    if op == Op.HEARTBEAT:
        return replace(connection, last_beat_ms=now_ms), Command(Do.ACK)
    if op == Op.IDENTIFY or op == Op.RESUME:
        if connection.phase is Phase.ACTIVE:
            return connection, Close(CloseCode.ALREADY_AUTHENTICATED)
        if connection.phase is Phase.INVALIDATED and op == Op.RESUME:
            return connection, Close(CloseCode.NOT_AUTHENTICATED)
        return connection, Command(Do.IDENTIFY if op == Op.IDENTIFY else Do.RESUME)
    if op not in _COMMANDS:
        return connection, Close(CloseCode.UNKNOWN_OPCODE)
    if connection.phase is not Phase.ACTIVE:
        return connection, Close(CloseCode.NOT_AUTHENTICATED)
    return connection, Command(Do.COMMAND)


def identified(connection: Connection) -> Connection:
    """The connection got a session."""
    return replace(connection, phase=Phase.ACTIVE)


def invalidated(connection: Connection, *, resumable: bool = False) -> Connection:
    """The connection was told op 9: false allows an identify only, true a resume on this very connection too."""
    return replace(connection, phase=Phase.HELLO if resumable else Phase.INVALIDATED)


def postponed(connection: Connection, ms: int) -> Connection:
    """The clock was put forward by `ms` while nobody could have sent a heartbeat."""
    return replace(connection, last_beat_ms=connection.last_beat_ms + ms)
