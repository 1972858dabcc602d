"""The shard's shell: one connection after the other, and one timer, around `core.shard`."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys
from collections import deque
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from framework.clock import loop_ms
from framework.errors import GatewayFatal, SessionStartsExhausted, ShardOffline
from framework.gateway.commands import encode
from framework.gateway.connection import Connect, Connection, LinkLost, Receive, connect
from framework.gateway.core.member_request import ANSWERS
from framework.gateway.core.send_budget import SendBudget
from framework.gateway.core.session import Session
from framework.gateway.core.shard import Effect, Input, Phase, ShardMachine
from framework.gateway.event import RawEvent
from framework.gateway.frames import Envelope, read_envelope, read_hello, read_id, read_ready
from framework.gateway.gate import IdentifyGate, Turn
from framework.gateway.inflate import GARBAGE, INFLATERS, Compression, Inflater
from framework.ports import Chance
from framework.wire import DISPATCH_KEPT_CLOSE, FATAL_CLOSES, GatewayOp, Intents

__all__ = ["Shard", "ShardOptions"]

_log = logging.getLogger(__name__)
_LEAVE_FOR_GOOD = 1_000
_RESUME_URL_TRIES = 4
_LEAVING = Phase.LEAVING
_ONLINE = frozenset({"READY", "RESUMED"})
_ALWAYS = frozenset({*_ONLINE, "GUILD_CREATE", *ANSWERS})


@dataclass(frozen=True, slots=True)
class ShardOptions:
    """What all shards of a bot share. `presence` is op 3's `d`, `properties` what identify says of the client."""

    token: str = field(repr=False)
    intents: int
    chance: Chance
    gate: IdentifyGate
    connect: Connect = connect
    compression: Compression = Compression.ZSTD
    presence: Mapping[str, Any] | None = None
    large_threshold: int = 250
    properties: Mapping[str, str] = field(
        default_factory=lambda: {"os": sys.platform, "browser": "framework", "device": "framework"}
    )


class Shard:
    """One shard: stays connected until `close`, resuming wherever it can.

    `on_event` is called for every dispatch that is `wanted`, in order, and must not block; both may be replaced at any
    time.
    """

    def __init__(
        self,
        options: ShardOptions,
        machine: ShardMachine,
        *,
        url: str,
        generation: int,
        on_event: Callable[[RawEvent], None],
        wanted: Container[str] | None = None,
    ) -> None:
        self.on_event = on_event
        self.wanted = wanted
        self._is_paused = False
        self.generation = generation
        self._options, self._machine, self._url = options, machine, url
        self._connection: Connection | None = None
        self._budget = SendBudget()
        self._turn: Turn | None = None
        self._task: asyncio.Task[None] | None = None
        self._identifying: asyncio.Task[None] | None = None
        self._greeted = asyncio.Event()
        self._online = asyncio.Event()
        self._progress = asyncio.Event()  # a guild was loaded
        self._loading: set[int] = set()
        self._beats = 0  # of this connection
        self._echoes: deque[tuple[int, asyncio.Future[None]]] = deque()
        self._acks = 0
        self._refusal: SessionStartsExhausted | None = None

    def __repr__(self) -> str:
        m = self._machine
        return f"<Shard {m.shard_id}/{m.shard_count} gen {self.generation} {m.phase.value}>"

    @property
    def shard_id(self) -> int:
        """Its number."""
        return self._machine.shard_id

    @property
    def session(self) -> Session | None:
        """What a restart needs to resume; None before READY."""
        return self._machine.session

    @property
    def is_ready(self) -> bool:
        """Whether it has a connection with a session."""
        return self._machine.phase is Phase.READY

    @property
    def latency_ms(self) -> int | None:
        """Round trip of the last acknowledged heartbeat."""
        heart = self._machine.heartbeat
        return None if heart is None else heart.latency_ms

    # -- for its manager ---------------------------------------------------------------------------------

    def start(self) -> asyncio.Task[None]:
        """Begin; the task ends with GatewayFatal or SessionStartsExhausted where going on would do harm."""
        self._task = asyncio.create_task(self._run(), name=f"shard {self.shard_id}/{self._machine.shard_count}")
        return self._task

    def is_run_by(self, task: asyncio.Task[None]) -> bool:
        """Whether `start` gave this task."""
        return self._task is task

    async def wait_ready(self) -> None:
        """Until READY or RESUMED; raises what ended the shard instead."""
        assert self._task is not None
        waiting = asyncio.ensure_future(self._online.wait())
        try:
            await asyncio.wait({waiting, self._task}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiting.cancel()
        if self._task.done():
            if not self._task.cancelled():
                self._task.result()
            raise ShardOffline(self.shard_id)

    async def wait_loaded(self, quiet_s: float) -> None:
        """Until every guild that READY named has come, or none has come for `quiet_s`: those are in an outage."""
        with contextlib.suppress(TimeoutError):
            while self._loading:
                self._progress.clear()
                await asyncio.wait_for(self._progress.wait(), quiet_s)
        self._loading.clear()

    async def round_trip(self) -> bool:
        """A heartbeat there and back: what the server sent before it has arrived. False where the link was lost."""
        if not self.is_ready:
            return False
        echo: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._echoes.append((self._beats + 1, echo))
        self._perform(self._machine.on_op(GatewayOp.HEARTBEAT, False, loop_ms()))
        await asyncio.wait({echo})
        return not echo.cancelled()

    async def close(self, *, keep_session: bool = False) -> None:
        """Leave. With `keep_session` Discord keeps the session for a resume; else the bot goes offline at once."""
        connection = self._connection
        self._online.clear()
        if connection is not None:
            connection.close(DISPATCH_KEPT_CLOSE if keep_session else _LEAVE_FOR_GOOD)
        self._machine.take(Input.STOP)
        if connection is not None:
            await connection.wait_closed()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def pause_reading(self, is_paused: bool) -> None:
        """Read nothing more from Discord, which waits; or go on. After a minute or so the connection counts as dead and
        is resumed."""
        self._is_paused = is_paused
        if self._connection is not None:
            self._connection.pause(is_paused)

    async def send(self, op: int, data: Any) -> None:
        """Send a user's payload, waiting for the send limit and for a connection that is lost.

        Raises:
            InvalidUse: the payload is longer than Discord takes.
            ShardOffline: the shard was closed.
        """
        text = encode(op, data)
        while True:
            if self._machine.phase is Phase.ENDED:
                raise ShardOffline(self.shard_id)
            if not self.is_ready:
                await self.wait_ready()
                continue
            at_ms = self._budget.ready_at(loop_ms())
            if at_ms <= loop_ms():
                break
            await asyncio.sleep((at_ms - loop_ms()) / 1000)
        self._budget.sent(loop_ms())
        try:
            assert self._connection is not None
            self._connection.send(text)
        except LinkLost as error:
            raise ShardOffline(self.shard_id) from error

    # -- life --------------------------------------------------------------------------------------------

    async def _run(self) -> None:
        machine = self._machine
        try:
            while machine.phase is not Phase.ENDED:
                if machine.session is None:
                    self._turn = await self._options.gate.acquire(self.shard_id)
                try:
                    await self._one_connection()
                finally:
                    self._release()
                if self._refusal is not None:
                    raise self._refusal
                if machine.fatal_code is not None:
                    raise GatewayFatal(self.shard_id, machine.fatal_code, FATAL_CLOSES[machine.fatal_code])
                pause_ms = machine.pause_ms(self._options.chance())
                if pause_ms:
                    await asyncio.sleep(pause_ms / 1000)
        finally:
            machine.take(Input.STOP)

    async def _one_connection(self) -> None:
        machine, options = self._machine, self._options
        machine.take(Input.CONNECT)
        is_trusted = machine.failures < _RESUME_URL_TRIES  # else the session's own gateway may be gone
        base = ((is_trusted and machine.resume_url) or self._url).rstrip("/")
        self._budget = SendBudget()
        self._greeted.clear()
        self._beats = self._acks = 0
        try:
            connection = await options.connect(f"{base}/?v=10&encoding=json{options.compression.query}")
        except LinkLost as error:
            _log.warning("shard %d cannot connect: %s", self.shard_id, error)
            machine.on_refused()
            return
        self._connection = connection
        machine.take(Input.OPENED)
        timer = asyncio.create_task(self._beat_on_time(), name=f"heartbeat {self.shard_id}")
        connection.listen(self._reader(INFLATERS[options.compression]()))
        if self._is_paused:
            connection.pause(True)
        try:
            code = await connection.wait_closed()
        finally:
            self._connection = None
            self._online.clear()
            for task in (timer, self._identifying):
                if task is not None:
                    task.cancel()
            for _, echo in self._echoes:
                echo.cancel()
            self._echoes.clear()
            connection.close(DISPATCH_KEPT_CLOSE)
        machine.on_close(None if machine.phase is Phase.LEAVING else code)

    def _release(self) -> None:
        if self._turn is not None:
            self._turn.release()
            self._turn = None

    # -- what comes --------------------------------------------------------------------------------------

    def _reader(self, inflate: Inflater) -> Receive:
        """What takes the messages of one connection. Most dispatches of a flood end here, so all is at hand."""
        machine, decode, always = self._machine, read_envelope, _ALWAYS

        def read(message: bytes | str) -> None:
            if machine.phase is _LEAVING:
                return None
            try:
                text = inflate(message)
            except GARBAGE as error:
                return self._leave_garbage(error)
            if text is None:
                return None
            try:
                envelope = decode(text)
                name, wanted = envelope.t, self.wanted
                if wanted is not None and name not in wanted and envelope.s == machine.seq + 1 and name not in always:
                    machine.seq = envelope.s
                    return None
                return self._receive(envelope)
            except msgspec.MsgspecError as error:
                return self._leave_garbage(error)

        return read

    def _leave_garbage(self, error: Exception) -> None:
        _log.warning("shard %d received garbage (%s); reconnecting", self.shard_id, error)
        self._perform(self._machine.take(Input.GARBAGE))

    def _receive(self, envelope: Envelope) -> None:
        name, seq = envelope.t, envelope.s
        machine = self._machine
        if name is None or seq is None or envelope.op:
            self._on_op(envelope)
            return
        if seq != machine.seq + 1 and machine.seq:
            _log.warning("shard %d: the sequence went from %d to %d", self.shard_id, machine.seq, seq)
        machine.seq = seq
        data = bytes(envelope.d)
        if name in _ONLINE:
            self._on_online(name, data)
        elif self._loading and name == "GUILD_CREATE":
            self._loading.discard(read_id(data))
            self._progress.set()
        event = RawEvent(machine.shard_id, self.generation, seq, sys.intern(name), data, machine.session_id)
        try:
            self.on_event(event)
        except Exception:
            _log.exception("%r could not be handed on", event)

    def _on_online(self, name: str, data: bytes) -> None:
        if name == "READY":
            body = read_ready(data)
            if self._options.intents & Intents.GUILDS:
                self._loading = {guild.id for guild in body.guilds}
            effects = self._machine.on_ready(body.session_id, body.resume_gateway_url)
        else:
            effects = self._machine.take(Input.RESUMED)
        self._perform(effects)

    def _on_op(self, envelope: Envelope) -> None:
        machine = self._machine
        if envelope.op == GatewayOp.HELLO:
            interval_ms = read_hello(envelope.d)
            effects = machine.on_hello(interval_ms, loop_ms(), self._options.chance())
            self._greeted.set()
        else:
            if envelope.op == GatewayOp.HEARTBEAT_ACK:
                self._acks += 1
                while self._echoes and self._echoes[0][0] <= self._acks:
                    echo = self._echoes.popleft()[1]
                    if not echo.done():
                        echo.set_result(None)
            resumable = envelope.op == GatewayOp.INVALID_SESSION and bytes(envelope.d) == b"true"
            effects = machine.on_op(envelope.op, resumable, loop_ms())
        self._perform(effects)

    # -- what follows ------------------------------------------------------------------------------------

    def _perform(self, effects: tuple[Effect, ...]) -> None:
        """What follows at once. OPEN, WAIT and FAIL are the steps of `_run`, FORGET is the machine's own."""
        machine = self._machine
        for effect in effects:
            match effect:
                case Effect.IDENTIFY:
                    self._identifying = asyncio.create_task(self._identify(), name=f"identify {self.shard_id}")
                case Effect.RESUME:
                    self._say(
                        GatewayOp.RESUME,
                        {"token": self._options.token, "session_id": machine.session_id, "seq": machine.seq},
                    )
                case Effect.BEAT:
                    self._beats += 1
                    self._say(GatewayOp.HEARTBEAT, machine.seq or None)
                case Effect.ONLINE:
                    self._online.set()
                case Effect.CLOSE:
                    self._online.clear()
                    if self._connection is not None:
                        self._connection.close(DISPATCH_KEPT_CLOSE)

    async def _identify(self) -> None:
        machine, options, turn = self._machine, self._options, self._turn
        if turn is None:  # the session was lost on the way: the next connection comes with a turn
            self._perform(machine.take(Input.RECONNECT))
            return
        try:
            await turn.ready()
        except SessionStartsExhausted as error:
            self._refusal = error
            self._perform(machine.take(Input.RECONNECT))
            return
        except Exception as error:  # what is allowed could not be asked for: try again later
            _log.warning("shard %d may not identify yet: %s", self.shard_id, error)
            self._perform(machine.take(Input.RECONNECT))
            return
        self._say(GatewayOp.IDENTIFY, {
            "token": options.token,
            "intents": options.intents,
            "shard": [machine.shard_id, machine.shard_count],
            "compress": options.compression is Compression.PAYLOAD,
            "large_threshold": options.large_threshold,
            "properties": dict(options.properties),
            **({} if options.presence is None else {"presence": options.presence}),
        })  # fmt: skip
        self._release()

    async def _beat_on_time(self) -> None:
        await self._greeted.wait()
        machine = self._machine
        while (due_ms := machine.deadline_ms()) is not None:
            if due_ms > loop_ms():
                await asyncio.sleep((due_ms - loop_ms()) / 1000)
            effects = machine.on_timer(loop_ms())
            if Effect.CLOSE in effects:
                _log.warning("shard %d: no heartbeat was acknowledged; reconnecting", self.shard_id)
            self._perform(effects)

    def _say(self, op: int, data: Any) -> None:
        """Send what the protocol asks for; where the link is lost, its end is noticed elsewhere."""
        self._budget.sent(loop_ms())
        if self._connection is not None:
            with contextlib.suppress(LinkLost):
                self._connection.send(encode(op, data))
