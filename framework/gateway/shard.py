"""The shard's shell: a websocket, a decompressor and one timer around `core.shard`."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys
import zlib
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from framework.clock import loop_ms
from framework.errors import GatewayFatal, SessionStartsExhausted
from framework.gateway.core import shard as rule
from framework.gateway.core.send_budget import SendBudget
from framework.gateway.core.session import Session
from framework.gateway.event import RawEvent
from framework.ports import Chance
from framework.wire import DISPATCH_KEPT_CLOSE, FATAL_CLOSES, GatewayOp

__all__ = ["Shard"]

_log = logging.getLogger(__name__)
# At DEBUG websockets logs each frame, and an identify holds the token.
_frames_log = logging.getLogger(f"{__name__}.frames")
_frames_log.setLevel(logging.INFO)
_SUFFIX = b"\x00\x00\xff\xff"
_CONNECT_TIMEOUT_S = 30.0


class _Envelope(msgspec.Struct):
    op: int
    s: int | None = None
    t: str | None = None
    d: msgspec.Raw = msgspec.Raw(b"null")


class _Hello(msgspec.Struct):
    heartbeat_interval: int


class _Ready(msgspec.Struct):
    session_id: str
    resume_gateway_url: str


_envelope = msgspec.json.Decoder(_Envelope).decode
_hello = msgspec.json.Decoder(_Hello).decode
_ready = msgspec.json.Decoder(_Ready).decode


class Shard:
    """One shard: stays connected until `close`, resuming wherever it can.

    `on_dispatch` is called for every dispatch, in order, and must not block. `permit` waits until this shard may
    identify.
    """

    def __init__(
        self,
        token: str,
        *,
        shard_id: int,
        shard_count: int,
        intents: int,
        url: str,
        generation: int,
        on_dispatch: Callable[[RawEvent], None],
        permit: Callable[[int], Awaitable[None]],
        chance: Chance,
        session: Session | None = None,
    ) -> None:
        self._token = token
        self._intents, self._url, self._generation = intents, url, generation
        self._on_dispatch, self._permit, self._chance = on_dispatch, permit, chance
        self._state = rule.ShardState(shard_id, shard_count, session=session)
        self._budget = SendBudget()
        self._socket: ClientConnection | None = None
        self._task: asyncio.Task[None] | None = None
        self._identifying: asyncio.Task[None] | None = None
        self._sending: set[asyncio.Task[None]] = set()
        self._greeted = asyncio.Event()
        self._failures = 0
        self._ready = asyncio.Event()
        self._closing = False
        self._start_over = False
        self._refusal: SessionStartsExhausted | None = None

    def __repr__(self) -> str:
        s = self._state
        return f"<Shard {s.shard_id}/{s.shard_count} gen {self._generation} {s.phase.value}>"

    @property
    def session(self) -> Session | None:
        """What a restart needs to resume; None before READY."""
        return self._state.session

    @property
    def latency_ms(self) -> int | None:
        """Round trip of the last acknowledged heartbeat."""
        return None if self._state.heartbeat is None else self._state.heartbeat.latency_ms

    def start(self) -> asyncio.Task[None]:
        """Begin; the task ends with GatewayFatal or SessionStartsExhausted where going on would do harm."""
        self._task = asyncio.create_task(self._run(), name=f"shard {self._state.shard_id}/{self._state.shard_count}")
        return self._task

    async def wait_ready(self) -> None:
        """Until READY or RESUMED; raises what ended the shard instead."""
        assert self._task is not None
        waiting = asyncio.ensure_future(self._ready.wait())
        try:
            await asyncio.wait({waiting, self._task}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiting.cancel()
        if self._task.done():
            self._task.result()

    async def close(self, *, keep_session: bool = False) -> None:
        """Leave. With `keep_session` Discord keeps the session for a resume; else the bot goes offline at once."""
        self._closing = True
        if self._socket is not None:
            with contextlib.suppress(Exception):
                await self._socket.close(DISPATCH_KEPT_CLOSE if keep_session else 1000)
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def send(self, op: int, payload: Any) -> None:
        """Send a user's payload, waiting for the send limit. Raises ConnectionError when not connected."""
        while (at_ms := self._budget.ready_at(loop_ms())) > loop_ms():  # noqa: ASYNC110 - a deadline, not a poll
            await asyncio.sleep((at_ms - loop_ms()) / 1000)
        if self._socket is None or self._state.phase is not rule.Phase.READY:
            raise ConnectionError(f"shard {self._state.shard_id} is not ready; try again after READY or RESUMED")
        await self._transmit(op, payload)

    # -- life --------------------------------------------------------------------------------------------

    async def _run(self) -> None:
        while not self._closing:
            code = await self._one_connection()
            if self._refusal is not None:
                raise self._refusal
            after = rule.after_close(self._state, code, self._failures, self._chance())
            self._state = after.state
            if after.fatal_code is not None:
                raise GatewayFatal(self._state.shard_id, after.fatal_code, FATAL_CLOSES[after.fatal_code])
            wait_ms = after.wait_ms
            if self._start_over:
                self._start_over = False
                wait_ms = 1_000 + int(4_000 * self._chance())
            self._failures += 1
            if wait_ms:
                await asyncio.sleep(wait_ms / 1000)

    async def _one_connection(self) -> int | None:
        session = self._state.session
        base = (session.resume_url if session is not None else self._url).rstrip("/")
        self._budget = SendBudget()
        self._greeted.clear()
        timer: asyncio.Task[None] | None = None
        try:
            async with asyncio.timeout(_CONNECT_TIMEOUT_S):
                socket = await connect(
                    f"{base}/?v=10&encoding=json&compress=zlib-stream",
                    compression=None, max_size=None, ping_interval=None, close_timeout=5.0, proxy=None,
                    logger=_frames_log,
                )  # fmt: skip
        except (OSError, InvalidHandshake, TimeoutError) as error:
            _log.warning("shard %d cannot connect: %s", self._state.shard_id, error)
            return None
        self._socket = socket
        try:
            timer = asyncio.create_task(self._beat_on_time(), name=f"heartbeat {self._state.shard_id}")
            inflate = zlib.decompressobj()
            pending = b""
            async for message in socket:
                if isinstance(message, bytes):
                    pending += message
                    if not pending.endswith(_SUFFIX):
                        continue
                    text, pending = inflate.decompress(pending), b""
                else:
                    text = message.encode()
                leave = self._on_payload(text)
                if leave:
                    await socket.close(DISPATCH_KEPT_CLOSE)
                    return DISPATCH_KEPT_CLOSE
        except ConnectionClosed:
            pass
        except (zlib.error, msgspec.DecodeError) as error:
            _log.warning("shard %d received garbage (%s); reconnecting", self._state.shard_id, error)
            await socket.close(DISPATCH_KEPT_CLOSE)
            return DISPATCH_KEPT_CLOSE
        finally:
            self._socket = None
            self._ready.clear()
            for task in (timer, self._identifying):
                if task is not None:
                    task.cancel()
            self._identifying = None
            await socket.close()
        return socket.close_code if socket.close_code != 1006 else None

    def _on_payload(self, text: bytes) -> bool:
        """Feed the rule; True when the connection shall be left."""
        envelope = _envelope(text)
        if envelope.op == GatewayOp.DISPATCH and envelope.t is not None and envelope.s is not None:
            self._on_event(sys.intern(envelope.t), envelope.s, bytes(envelope.d))
            return False
        interval_ms = _hello(envelope.d).heartbeat_interval if envelope.op == GatewayOp.HELLO else 0
        resumable = envelope.op == GatewayOp.INVALID_SESSION and bytes(envelope.d) == b"true"
        self._state, effects = rule.on_op(self._state, envelope.op, resumable, interval_ms, loop_ms(), self._chance())
        if envelope.op == GatewayOp.HELLO:
            self._greeted.set()
        return self._perform(effects)

    def _on_event(self, event: str, seq: int, data: bytes) -> None:
        ready: tuple[str, str] | None = None
        if event == "READY":
            body = _ready(data)
            ready = (body.session_id, body.resume_gateway_url)
        self._state = rule.on_dispatch(self._state, event, seq, ready)
        if event in ("READY", "RESUMED"):
            self._failures = 0
            self._ready.set()
        self._on_dispatch(RawEvent(self._state.shard_id, self._generation, seq, event, data))

    def _perform(self, effects: tuple[rule.Effect, ...]) -> bool:
        for effect in effects:
            match effect:
                case rule.Effect.IDENTIFY:
                    self._identifying = asyncio.create_task(self._identify(), name="identify")
                case rule.Effect.RESUME:
                    session = self._state.session
                    assert session is not None
                    self._soon(
                        GatewayOp.RESUME,
                        {"token": self._token, "session_id": session.session_id, "seq": session.seq},
                    )
                case rule.Effect.BEAT:
                    self._soon(GatewayOp.HEARTBEAT, None if self._state.session is None else self._state.session.seq)
                case rule.Effect.RECONNECT:
                    return True
                case rule.Effect.START_OVER:
                    self._start_over = True
                    return True
        return False

    async def _identify(self) -> None:
        s = self._state
        try:
            await self._permit(s.shard_id)
            await self._transmit(GatewayOp.IDENTIFY, {
                "token": self._token, "intents": self._intents, "shard": [s.shard_id, s.shard_count],
                "large_threshold": 250,
                "properties": {"os": sys.platform, "browser": "framework", "device": "framework"},
            })  # fmt: skip
        except ConnectionClosed:
            pass  # the reader notices too
        except SessionStartsExhausted as error:
            self._refusal = error
            if self._socket is not None:
                await self._socket.close(DISPATCH_KEPT_CLOSE)

    async def _beat_on_time(self) -> None:
        while True:
            due_ms = self._state.deadline_ms()
            if due_ms is None:
                await self._greeted.wait()
                continue
            if due_ms > loop_ms():
                await asyncio.sleep((due_ms - loop_ms()) / 1000)
            self._state, effects = rule.on_timer(self._state, loop_ms())
            if self._perform(effects) and self._socket is not None:
                _log.warning("shard %d: no heartbeat was acknowledged; reconnecting", self._state.shard_id)
                await self._socket.close(DISPATCH_KEPT_CLOSE)
                return

    def _soon(self, op: int, payload: Any) -> None:
        task = asyncio.create_task(self._transmit_or_drop(op, payload), name=f"send op {op}")
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def _transmit_or_drop(self, op: int, payload: Any) -> None:
        with contextlib.suppress(ConnectionClosed):
            await self._transmit(op, payload)

    async def _transmit(self, op: int, payload: Any) -> None:
        if self._socket is not None:
            self._budget.sent(loop_ms())
            await self._socket.send(msgspec.json.encode({"op": op, "d": payload}).decode())
