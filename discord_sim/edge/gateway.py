"""The gateway shell: websockets around `rules.connection` and `rules.sessions`."""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import zlib
from collections import deque
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import msgspec
from aiohttp import WSCloseCode, WSMsgType, web

from discord_sim.edge.clock import ServerClock
from discord_sim.edge.commands import carry_out
from discord_sim.record import Delivery, Record
from discord_sim.rules import connection as rule
from discord_sim.rules.identify import Concurrency, IdentifyRequest, SessionStarts, parse_identify
from discord_sim.rules.intents import intent_for
from discord_sim.rules.members_request import FullListLimit
from discord_sim.rules.sessions import Session
from discord_sim.wire import API_VERSIONS, SHARD_GUILDS_MAX, CloseCode, Intent, Op
from discord_sim.world.fanout import Event, shard_of
from discord_sim.world.world import World

if TYPE_CHECKING:
    from discord_sim.edge.server import Settings

__all__ = ["Gateway"]

_encode = msgspec.json.Encoder().encode
_INVALID_SESSION_DELAY_S = 2.0  # observed: the answer to a too early identify comes late
_RECONNECT_GRACE_S = 5.0
_SUFFIX_BYTES = 4
_LARGE_BYTES = 1_024  # `compress: true` packs only some payloads; which ones is not documented
_CONTENT = 1 << Intent.MESSAGE_CONTENT


class Gateway:
    """All sessions and connections."""

    def __init__(self, world: World, settings: Settings, record: Record, clock: ServerClock) -> None:
        self.world, self.settings, self.record, self.clock = world, settings, record, clock
        self.starts = SessionStarts(settings.session_starts_total)
        self.concurrency = Concurrency(settings.max_concurrency)
        self.full_lists = FullListLimit()
        self.token_revoked = False
        self.sessions: dict[str, Session] = {}
        self.connections: dict[int, Client] = {}
        self.by_session: dict[str, Client] = {}
        self._by_shard: dict[int, dict[int, list[Session]]] = {}
        self._session_numbers = itertools.count(1)
        self._connection_numbers = itertools.count(1)
        self.tasks: set[asyncio.Task[None]] = set()

    def __repr__(self) -> str:
        return f"<Gateway connections={len(self.connections)} sessions={len(self.sessions)}>"

    async def serve(self, request: web.BaseRequest) -> web.StreamResponse:
        """One websocket from its upgrade to its end."""
        socket = web.WebSocketResponse(compress=False, timeout=5.0, max_msg_size=0)
        await socket.prepare(request)
        client = Client(self, next(self._connection_numbers), socket, request)
        self.connections[client.number] = client
        try:
            await client.run()
        finally:
            self.connections.pop(client.number, None)
        return socket

    async def stop(self) -> None:
        """Close everything as a rolling restart does."""
        for client in list(self.connections.values()):
            client.close(WSCloseCode.GOING_AWAY)
        for task in list(self.tasks):
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    def reconnect(self, shard_ids: Iterable[int] | None = None) -> int:
        """Send op 7 to the given shards (all by default); returns how many were told."""
        wanted = None if shard_ids is None else set(shard_ids)
        told = 0
        for client in list(self.connections.values()):
            if client.session is not None and (wanted is None or client.session.shard_id in wanted):
                client.send_op(Op.RECONNECT, None)
                client.close_later(_RECONNECT_GRACE_S)
                told += 1
        return told

    def invalidate(self, shard_id: int) -> None:
        """End a shard's sessions with op 9 false."""
        for client in list(self.connections.values()):
            if client.session is not None and client.session.shard_id == shard_id:
                client.invalidate(drop=True)

    def disconnect(self, shard_id: int, code: int | None = None) -> None:
        """Cut a shard's connection: with a close code, or (None) without a close frame."""
        for client in list(self.connections.values()):
            if client.session is not None and client.session.shard_id == shard_id:
                if code is None:
                    client.cut()
                else:
                    client.close(code)

    def emit(self, events: Iterable[Event]) -> None:
        """Give each event to every session whose shard and intents match."""
        now_ms = self.clock.now_ms
        for event in events:
            number = self.record.event(now_ms, event)
            mask = intent_for(event.type, in_guild=event.guild_id is not None)
            full = stripped = None
            for shard_count, shards in self._by_shard.items():
                for session in shards.get(shard_of(event.guild_id, shard_count), ()):
                    if not session.wants(mask) or session.is_gone(now_ms):
                        continue
                    if event.stripped is not None and not session.intents & _CONTENT:
                        data = stripped = stripped or _encode(event.stripped)
                    else:
                        data = full = full or _encode(event.data)
                    self.deliver(session, event.type, data, number)

    def deliver(self, session: Session, event_type: str, data: bytes, number: int = 0) -> None:
        """Sequence one event in one session and send it if somebody is connected."""
        payload = session.push(event_type, data)
        self.record.delivery(
            Delivery(self.clock.now_ms, session.number, session.shard_id, session.shard_count, session.seq, number),
            event_type,
        )
        client = self.by_session.get(session.id)
        if client is not None:
            client.send(payload)

    def open_session(self, request: IdentifyRequest) -> Session:
        """A fresh session for a judged identify."""
        number = next(self._session_numbers)
        session = Session(
            _session_id(self.world.seed, number),
            number,
            request.token,
            request.shard_id,
            request.shard_count,
            request.intents,
        )
        self.sessions[session.id] = session
        shards = self._by_shard.setdefault(request.shard_count, {})
        shards.setdefault(request.shard_id, []).append(session)
        return session

    def drop_session(self, session: Session) -> None:
        """Forget a session; it can no longer be resumed."""
        if self.sessions.pop(session.id, None) is None:
            return
        self.by_session.pop(session.id, None)
        self._by_shard[session.shard_count][session.shard_id].remove(session)

    def drop_gone(self) -> None:
        """Forget the sessions nobody resumed in time."""
        now_ms = self.clock.now_ms
        for session in [s for s in self.sessions.values() if s.is_gone(now_ms)]:
            self.drop_session(session)

    def guilds_of(self, shard_id: int, shard_count: int) -> list[int]:
        """The ids of a shard's guilds."""
        return [g for g in self.world.guild_ids() if shard_of(g, shard_count) == shard_id]


def _session_id(seed: int, number: int) -> str:

    return hashlib.blake2b(f"{seed}/session/{number}".encode(), digest_size=16).hexdigest()


class Client:
    """One connection."""

    def __init__(self, gateway: Gateway, number: int, socket: web.WebSocketResponse, request: web.BaseRequest) -> None:
        self.gateway, self.number, self.socket = gateway, number, socket
        self.session: Session | None = None
        self.ip = request.remote or "?"
        query = request.query
        self.version = int(query["v"]) if query.get("v", "").isdigit() else 10
        self.supported = self.version in API_VERSIONS and query.get("encoding", "json") == "json"
        self._deflate = zlib.compressobj() if query.get("compress") == "zlib-stream" else None
        self._state = rule.Connection(
            last_beat_ms=gateway.clock.now_ms, interval_ms=gateway.settings.heartbeat_interval_ms
        )
        self._compress_large = False
        self._outbox: deque[bytes | int] = deque()  # a number is a close code: it ends the connection in order
        self._wake = asyncio.Event()
        self._closed_by_server: int | None = None
        self._timers: list[asyncio.TimerHandle] = []
        self._transport = request.transport

    def __repr__(self) -> str:
        return f"<Client {self.number} {self._state.phase.value} session={self.session and self.session.number}>"

    # -- sending -----------------------------------------------------------------------------------------

    def send(self, payload: bytes) -> None:
        """Queue one frame."""
        self._outbox.append(payload)
        self._wake.set()

    def send_op(self, op: int, d: Any) -> None:
        """Queue a frame that is no dispatch."""
        self.send(b'{"t":null,"s":null,"op":%d,"d":%s}' % (op, _encode(d)))

    def close(self, code: int) -> None:
        """Close once everything queued has been sent."""
        if self._closed_by_server is None:
            self._closed_by_server = int(code)
            self._outbox.append(int(code))
            self._wake.set()

    def close_later(self, delay_s: float) -> None:
        """Close with 4000 unless the client leaves first."""
        loop = asyncio.get_running_loop()
        self._timers.append(loop.call_later(delay_s, self.close, CloseCode.UNKNOWN_ERROR))

    def cut(self) -> None:
        """Lose the TCP connection without a close frame."""
        self._closed_by_server = 1006
        if self._transport is not None:
            self._transport.abort()

    def invalidate(self, *, drop: bool) -> None:
        """Op 9 false."""
        record, clock = self.gateway.record, self.gateway.clock
        record.note(clock.now_ms, "invalid_session", self.number)
        self._state = rule.invalidated(self._state)
        if self.session is not None and drop:
            self.gateway.drop_session(self.session)
            self.session = None
        self.send_op(Op.INVALID_SESSION, False)

    async def _write(self) -> None:
        outbox, socket = self._outbox, self.socket
        while True:
            if not outbox:
                self._wake.clear()
                await self._wake.wait()
            item = outbox.popleft()
            if isinstance(item, int):
                await socket.close(code=item)
                return
            if self._deflate is None and self._compress_large and len(item) >= _LARGE_BYTES:
                await socket.send_bytes(zlib.compress(item))
            elif self._deflate is None:
                await socket.send_str(item.decode())
            else:
                data = self._deflate.compress(item) + self._deflate.flush(zlib.Z_SYNC_FLUSH)
                size = self.gateway.settings.stream_frame_bytes
                while len(data) > size + _SUFFIX_BYTES:  # the last frame, and it alone, ends with the whole suffix
                    await socket.send_bytes(data[:size])
                    data = data[size:]
                await socket.send_bytes(data)

    # -- life --------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Greet, serve, and settle what the end means for the session."""
        gateway = self.gateway
        record, clock = gateway.record, gateway.clock
        record.note(clock.now_ms, "open", self.number, self.ip)
        writer = asyncio.create_task(self._write(), name=f"gateway writer {self.number}")
        gateway.tasks.add(writer)
        code: int | None = None
        try:
            if not self.supported:
                self.close(CloseCode.INVALID_API_VERSION)
            else:
                hello = {
                    "heartbeat_interval": self._state.interval_ms,
                    "_trace": ['["gateway-sim",{"micros":0.0}]'],
                }
                self.send_op(Op.HELLO, hello)
                self._watch_heartbeat()
            async for message in self.socket:
                if message.type in (WSMsgType.TEXT, WSMsgType.BINARY):
                    self._on_message(message.data)
            code = self.socket.close_code
        except ConnectionError:
            code = None
        finally:
            for timer in self._timers:
                timer.cancel()
            if not writer.done() and self._closed_by_server is None:
                writer.cancel()
            await asyncio.gather(writer, return_exceptions=True)
            gateway.tasks.discard(writer)
            self._settle(code)

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
        try:
            message = msgspec.json.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError):
            message = None
        gateway = self.gateway
        now_ms = gateway.clock.now_ms
        self._state, effect = rule.on_message(self._state, message, len(data), now_ms)
        if isinstance(effect, rule.Close):
            self.close(effect.code)
            return
        match effect.do:
            case rule.Do.ACK:
                gateway.record.note(now_ms, "heartbeat", self.number)
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

    def _identify(self, d: Any, now_ms: int) -> None:
        gateway = self.gateway
        request = parse_identify(d, gateway.settings.allowed_intents)
        if isinstance(request, CloseCode):
            self.close(request)
            return
        if request.token != gateway.settings.token or gateway.token_revoked:
            self.close(CloseCode.AUTHENTICATION_FAILED)
            return
        if not gateway.concurrency.allows(request.shard_id, now_ms):
            gateway.record.note(now_ms, "identify_too_early", self.number, request.shard_id)
            loop = asyncio.get_running_loop()
            self._timers.append(loop.call_later(_INVALID_SESSION_DELAY_S, lambda: self.invalidate(drop=False)))
            self._state = rule.invalidated(self._state)
            return
        gateway.starts, granted = gateway.starts.spend(now_ms)
        if not granted:
            gateway.token_revoked = True
            gateway.record.note(now_ms, "token_reset")
            for client in list(gateway.connections.values()):
                client.close(CloseCode.AUTHENTICATION_FAILED)
            return
        guilds = gateway.guilds_of(request.shard_id, request.shard_count)
        if len(guilds) > SHARD_GUILDS_MAX:
            self.close(CloseCode.SHARDING_REQUIRED)
            return
        gateway.drop_gone()
        self._state = rule.identified(self._state)
        self._compress_large = request.compress
        session = self.session = gateway.open_session(request)
        gateway.by_session[session.id] = self
        gateway.record.note(now_ms, "identify", session.number, request.shard_id, request.shard_count, request.intents)
        gateway.deliver(session, "READY", _encode(self._ready(session, request, guilds)))
        if session.wants(1 << Intent.GUILDS):
            task = asyncio.create_task(self._burst(session, guilds, request.large_threshold), name="guild burst")
            gateway.tasks.add(task)
            task.add_done_callback(gateway.tasks.discard)

    def _ready(self, session: Session, request: IdentifyRequest, guilds: list[int]) -> dict[str, Any]:
        world = self.gateway.world
        body: dict[str, Any] = {
            "v": self.version,
            "user": {**world.user_payload(world.bot_id), "mfa_enabled": True, "verified": True, "email": None},
            "guilds": [{"id": str(g), "unavailable": True} for g in guilds],
            "session_id": session.id,
            "resume_gateway_url": self.gateway.settings.resume_url,
            "session_type": "normal",
            "private_channels": [], "relationships": [], "presences": [], "user_settings": {},
            "application": {"id": str(world.bot_id), "flags": 1 << 13 | 1 << 15 | 1 << 19},
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
                if guild_id in gateway.world.in_outage:
                    continue
                gateway.deliver(
                    session,
                    "GUILD_CREATE",
                    _encode(gateway.world.guild_create(guild, large_threshold, presences=presences)),
                )
            await asyncio.sleep(0.1)

    def _resume(self, d: Any, now_ms: int) -> None:
        gateway = self.gateway
        if not isinstance(d, dict) or not isinstance(d.get("token"), str) or type(d.get("seq")) is not int:
            self.close(CloseCode.DECODE_ERROR)
            return
        if d["token"].removeprefix("Bot ") != gateway.settings.token or gateway.token_revoked:
            self.close(CloseCode.AUTHENTICATION_FAILED)
            return
        gateway.drop_gone()
        session = gateway.sessions.get(str(d.get("session_id")))
        if session is not None and d["seq"] > session.seq:
            self.close(CloseCode.INVALID_SEQ)
            return
        missed = None if session is None else session.missed_since(d["seq"])
        if session is None or missed is None:
            if session is not None:
                gateway.drop_session(session)
            self.invalidate(drop=False)
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
        for payload in missed:
            self.send(payload)
        gateway.deliver(session, "RESUMED", b'{"_trace":["[\\"gateway-sim\\"]"]}')
