"""One gateway connection: frames in and out, around `rules.connection`."""

from __future__ import annotations

import asyncio
import struct
from collections import deque
from typing import TYPE_CHECKING, Any

import msgspec
from aiohttp import WebSocketError, WSMsgType, web

from discord_sim.edge.codec import COMPRESSIONS, ENCODINGS, Codec
from discord_sim.edge.commands import carry_out
from discord_sim.edge.http import Handler
from discord_sim.rules import connection as rule
from discord_sim.rules.identify import IdentifyRequest, parse_identify
from discord_sim.rules.ids import id_of
from discord_sim.rules.presence import Presence, parse_presence
from discord_sim.rules.sessions import Session
from discord_sim.wire import API_VERSIONS, SHARD_GUILDS_MAX, CloseCode, Intent, Op
from discord_sim.world.changes import presence_changed

if TYPE_CHECKING:
    from discord_sim.edge.gateway import Gateway

__all__ = ["Client"]

_encode = msgspec.json.Encoder().encode
_INVALID_SESSION_DELAY_S = 2.0  # observed: the answer to a too early identify comes late
_RECONNECT_GRACE_S = 5.0
_CLOSE_GRACE_S = 30.0  # for a client that does not read what it is to be sent before the close frame
_BATCH_BYTES = 1 << 16


_head_of_short = struct.Struct(">BB").pack
_head_of_long = struct.Struct(">BBH").pack
_head_of_huge = struct.Struct(">BBQ").pack


def _frame_head(kind: int, size: int) -> bytes:
    """The head of a final, unmasked websocket frame (RFC 6455, 5.2)."""
    if size < 126:
        return _head_of_short(0x80 | kind, size)
    return _head_of_long(0x80 | kind, 126, size) if size < 1 << 16 else _head_of_huge(0x80 | kind, 127, size)


class Client:
    """One connection. `is_frozen` makes it half-open: it neither reads nor writes. `is_deaf` leaves heartbeats
    without their ACK."""

    def __init__(self, gateway: Gateway, number: int, socket: web.WebSocketResponse, request: web.BaseRequest) -> None:
        self.gateway, self.number, self.socket = gateway, number, socket
        self.session: Session | None = None
        self.is_frozen = self.is_deaf = False
        self.ip = request.remote or "?"
        query = request.query
        self.version = id_of(query.get("v", "10"))
        encoding, compression = query.get("encoding", "json"), query.get("compress", "")
        self.supported = self.version in API_VERSIONS and encoding in ENCODINGS and compression in COMPRESSIONS
        self._codec = Codec(encoding, compression, gateway.settings.stream_frame_bytes)
        self._state = rule.Connection(
            last_beat_ms=gateway.clock.now_ms, interval_ms=gateway.settings.heartbeat_interval_ms
        )
        self._outbox: deque[bytes | int] = deque()  # a number is a close code: it ends the connection in order
        self._outbox_bytes = 0
        self._wake = asyncio.Event()
        self._closed_by_server: int | None = None
        self._refusal: asyncio.TimerHandle | None = None
        self._timers: list[asyncio.TimerHandle] = []
        assert isinstance(request.protocol, Handler)
        self._drain = request.protocol.drain
        # The same object for asyncio's transports and the simulated one: it takes bytes in order.
        self._transport = request.transport

    def __repr__(self) -> str:
        return f"<Client {self.number} {self._state.phase.value} session={self.session and self.session.number}>"

    # -- sending -----------------------------------------------------------------------------------------

    def send(self, message: bytes) -> None:
        """Queue one message. A client that reads too slowly for what is queued loses its connection."""
        if self._outbox_bytes > self.gateway.settings.outbox_max_bytes:
            self.cut()
            return
        self._outbox.append(message)
        self._outbox_bytes += len(message)
        self._wake.set()

    def send_op(self, op: int, d: Any) -> None:
        """Queue a message that is no dispatch."""
        self.send(b'{"t":null,"s":null,"op":%d,"d":%s}' % (op, _encode(d)))

    def close(self, code: int) -> None:
        """Close once everything queued has been sent."""
        if self._closed_by_server is None:
            self._closed_by_server = int(code)
            self._outbox.append(int(code))
            self._wake.set()
            self._timers.append(asyncio.get_running_loop().call_later(_CLOSE_GRACE_S, self._give_up))

    def close_later(self, delay_s: float) -> None:
        """Close with 4000 unless the client leaves first."""
        self._timers.append(asyncio.get_running_loop().call_later(delay_s, self.close, CloseCode.UNKNOWN_ERROR))

    def cut(self) -> None:
        """Lose the TCP connection without a close frame."""
        self._closed_by_server = 1006
        self._outbox.clear()
        self._outbox_bytes = 0
        if self._transport is not None:
            self._transport.abort()

    def _give_up(self) -> None:
        if not self.is_frozen:
            self.cut()

    def reconnect(self) -> None:
        """Op 7; who does not leave within five seconds is closed."""
        self.gateway.record.note(self.gateway.clock.now_ms, "reconnect", self.number)
        self.send_op(Op.RECONNECT, None)
        self.close_later(_RECONNECT_GRACE_S)

    def invalidate(self, *, drop: bool = False, resumable: bool = False) -> None:
        """Op 9; `drop` ends the session too. Where it is `resumable`, the session waits for a resume."""
        gateway = self.gateway
        gateway.record.note(gateway.clock.now_ms, "invalid_session", self.number)
        self._state = rule.invalidated(self._state, resumable=resumable)
        session, self.session = self.session, None if drop or resumable else self.session
        if session is not None and drop:
            gateway.drop_session(session)
        elif session is not None and resumable:
            gateway.by_session.pop(session.id, None)
            session.lost_at_ms = gateway.clock.now_ms
        self.send_op(Op.INVALID_SESSION, resumable)

    async def _write(self) -> None:
        """Frames go to the transport in batches, past aiohttp's writer: one system call for many events."""
        outbox, pack = self._outbox, self._codec.pack
        while True:
            if not outbox or self.is_frozen:
                self._wake.clear()
                await self._wake.wait()
                continue
            parts: list[bytes] = []
            size = 0
            while outbox and size < _BATCH_BYTES and not isinstance(outbox[0], int):
                message = outbox.popleft()
                assert not isinstance(message, int)
                size += len(message)
                for data, kind in pack(message):
                    parts.append(_frame_head(kind, len(data)))
                    parts.append(data)
            self._outbox_bytes -= size
            if parts and self._transport is not None:
                if self._transport.is_closing():
                    raise ConnectionResetError
                self._transport.write(b"".join(parts))
                await self._drain()
            if outbox and isinstance(outbox[0], int):
                await self.socket.close(code=outbox[0])
                return

    # -- life --------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Greet, serve, and settle what the end means for the session."""
        gateway = self.gateway
        gateway.record.note(gateway.clock.now_ms, "open", self.number, self.ip)
        writer = asyncio.create_task(self._write(), name=f"gateway writer {self.number}")
        gateway.tasks.add(writer)
        code: int | None = None
        try:
            self._greet()
            async for message in self.socket:
                if message.type is WSMsgType.ERROR:  # aiohttp has closed with the protocol's own code
                    error = message.data
                    self._closed_by_server = int(error.code) if isinstance(error, WebSocketError) else 1006
                    writer.cancel()
                elif message.type in (WSMsgType.TEXT, WSMsgType.BINARY) and not self.is_frozen:
                    self._on_message(message.data)
            code = self.socket.close_code
        except ConnectionError:
            code = None
        finally:
            for timer in self._timers:
                timer.cancel()
            if self.is_frozen or self._closed_by_server in (None, 1006):
                writer.cancel()
            await asyncio.gather(writer, return_exceptions=True)
            gateway.tasks.discard(writer)
            self._settle(code)

    def _greet(self) -> None:
        gateway = self.gateway
        if not self.supported:
            self.close(CloseCode.INVALID_API_VERSION)
        elif gateway.reconnect_greetings > 0:  # op 7 may come before, and instead of, HELLO
            gateway.reconnect_greetings -= 1
            self.reconnect()
        else:
            trace = ['["gateway-sim",{"micros":0.0}]']
            self.send_op(Op.HELLO, {"heartbeat_interval": self._state.interval_ms, "_trace": trace})
            self._watch_heartbeat()

    def postpone(self, ms: int) -> None:
        """The server's clock was put forward by so much: the heartbeat is due that much later on it."""
        self._state = rule.postponed(self._state, ms)

    def _settle(self, code: int | None) -> None:
        gateway = self.gateway
        by = "server" if self._closed_by_server is not None else "client"
        final = self._closed_by_server if by == "server" else code
        gateway.record.close(gateway.clock.now_ms, self.number, final, by)
        session = self.session
        if session is None or gateway.by_session.get(session.id) is not self:
            return
        del gateway.by_session[session.id]
        session.lost_at_ms = gateway.clock.now_ms
        if by == "client" and final in (1000, 1001):
            gateway.drop_session(session)

    def _watch_heartbeat(self) -> None:
        left_ms = self._state.deadline_ms - self.gateway.clock.now_ms
        if left_ms <= 0:
            self.close(CloseCode.SESSION_TIMED_OUT)
            return
        timer = asyncio.get_running_loop().call_later(left_ms / 1000, self._watch_heartbeat)
        self._timers = [t for t in self._timers if not t.cancelled() and t.when() > timer.when()]
        self._timers.append(timer)

    def _on_message(self, data: str | bytes) -> None:
        if self._closed_by_server is not None:
            return
        message: Any = self._codec.unpack(data)
        gateway = self.gateway
        now_ms = gateway.clock.now_ms
        size = len(data) if isinstance(data, bytes) or data.isascii() else len(data.encode())
        self._state, effect = rule.on_message(self._state, message, size, now_ms)
        if isinstance(effect, rule.Close):
            self.close(effect.code)
            return
        match effect.do:
            case rule.Do.ACK:
                gateway.record.note(now_ms, "heartbeat", self.number)
                if not self.is_deaf:
                    self.send_op(Op.HEARTBEAT_ACK, None)
            case rule.Do.IDENTIFY:
                self._identify(message.get("d"), now_ms)
            case rule.Do.RESUME:
                self._resume(message.get("d"), now_ms)
            case rule.Do.COMMAND:
                gateway.record.note(now_ms, "command", self.number, message["op"])
                if self.session is None or not carry_out(
                    gateway, self.session, message["op"], message.get("d"), now_ms
                ):
                    self.close(CloseCode.UNKNOWN_OPCODE)

    # -- identify ----------------------------------------------------------------------------------------

    def _identify(self, d: Any, now_ms: int) -> None:
        gateway = self.gateway
        if self._refusal is not None:
            self._refusal.cancel()  # a new identify is judged anew; the answer to the last one would confuse
        request = parse_identify(d, gateway.settings.allowed_intents)
        if isinstance(request, CloseCode):
            self.close(request)
            return
        presence = parse_presence(d["presence"]) if d.get("presence") is not None else None
        if d.get("presence") is not None and presence is None:
            self.close(CloseCode.UNKNOWN_OPCODE)
            return
        bot_id = gateway.owner_of(request.token)
        if bot_id is None:
            self.close(CloseCode.AUTHENTICATION_FAILED)
            return
        account = gateway.accounts[bot_id]
        if not account.concurrency.allows(request.shard_id, now_ms):
            gateway.record.note(now_ms, "identify_too_early", self.number, request.shard_id)
            loop = asyncio.get_running_loop()
            self._refusal = loop.call_later(_INVALID_SESSION_DELAY_S, self.invalidate)
            self._timers.append(self._refusal)
            self._state = rule.invalidated(self._state)
            return
        account.starts, granted = account.starts.spend(now_ms)
        if not granted:
            gateway.revoke_token(bot_id)
            self.close(CloseCode.AUTHENTICATION_FAILED)
            return
        guilds = gateway.guilds_of(request.shard_id, request.shard_count, bot_id)
        if len(guilds) > SHARD_GUILDS_MAX:
            self.close(CloseCode.SHARDING_REQUIRED)
            return
        if request.shard_count % gateway.settings.shards_multiple:
            self.close(CloseCode.INVALID_SHARD)
            return
        gateway.drop_gone()
        self._begin(request, bot_id, guilds, presence, now_ms)

    def _begin(
        self, request: IdentifyRequest, bot_id: int, guilds: list[int], presence: Presence | None, now_ms: int
    ) -> None:
        gateway = self.gateway
        self._state = rule.identified(self._state)
        self._codec.compress_large = request.compress
        session = self.session = gateway.open_session(request, bot_id)
        gateway.by_session[session.id] = self
        gateway.record.note(now_ms, "identify", session.number, request.shard_id, request.shard_count, request.intents)
        gateway.deliver(session, "READY", _encode(self._ready(session, request, guilds)))
        if presence is not None:
            epoch_ms = gateway.clock.epoch_ms
            gateway.emit(presence_changed(gateway.world, bot_id, presence.status, presence.activities, epoch_ms))
        if session.wants(1 << Intent.GUILDS):
            task = asyncio.create_task(self._burst(session, guilds, request.large_threshold), name="guild burst")
            gateway.tasks.add(task)
            task.add_done_callback(gateway.tasks.discard)

    def _ready(self, session: Session, request: IdentifyRequest, guilds: list[int]) -> dict[str, Any]:
        world = self.gateway.world
        body: dict[str, Any] = {
            "v": self.version,
            "user": {**world.user_payload(session.bot_id), "mfa_enabled": True, "verified": True, "email": None},
            "guilds": [{"id": str(g), "unavailable": True} for g in guilds],
            "session_id": session.id,
            "resume_gateway_url": self.gateway.settings.resume_url,
            "session_type": "normal",
            "private_channels": [], "relationships": [], "presences": [], "user_settings": {},
            "application": {"id": str(session.bot_id), "flags": 1 << 13 | 1 << 15 | 1 << 19},
        }  # fmt: skip
        if request.has_shard:
            body["shard"] = [session.shard_id, session.shard_count]
        return body

    async def _burst(self, session: Session, guilds: list[int], large_threshold: int) -> None:
        gateway = self.gateway
        size = gateway.settings.guild_creates_per_100ms
        presences = session.wants(1 << Intent.GUILD_PRESENCES)
        for start in range(0, len(guilds), size):
            if session.id not in gateway.sessions:
                return
            for guild_id in guilds[start : start + size]:
                guild = gateway.world.guild(guild_id)
                assert guild is not None
                if guild_id in gateway.world.in_outage or session.bot_id not in guild.bots:
                    continue
                body = gateway.world.guild_create(guild, large_threshold, presences=presences, bot_id=session.bot_id)
                gateway.deliver(session, "GUILD_CREATE", _encode(body))
            await asyncio.sleep(0.1)

    # -- resume ------------------------------------------------------------------------------------------

    def _resume(self, d: Any, now_ms: int) -> None:
        gateway = self.gateway
        if not isinstance(d, dict) or not isinstance(d.get("token"), str) or type(d.get("seq")) is not int:
            self.close(CloseCode.DECODE_ERROR)
            return
        if gateway.owner_of(d["token"]) is None:
            self.close(CloseCode.AUTHENTICATION_FAILED)
            return
        gateway.drop_gone()
        session = gateway.sessions.get(str(d.get("session_id")))
        if session is not None and session.token != d["token"].removeprefix("Bot "):
            session = None  # somebody else's
        if session is not None and d["seq"] > session.seq:
            self.close(CloseCode.INVALID_SEQ)
            return
        missed = None if session is None else session.missed_since(d["seq"])
        if session is None or missed is None:
            if session is not None:
                gateway.drop_session(session)
            self.invalidate()
            return
        old = gateway.by_session.get(session.id)
        gateway.by_session[session.id] = self
        if old is not None:
            old.session = None
            old.close(CloseCode.UNKNOWN_ERROR)
        session.lost_at_ms = None
        self.session = session
        self._state = rule.identified(self._state)
        gateway.record.note(now_ms, "resume", session.number, d["seq"], len(missed))
        for message in missed:
            self.send(message)
        gateway.deliver(session, "RESUMED", b'{"_trace":["[\\"gateway-sim\\"]"]}')
