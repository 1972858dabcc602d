"""The gateway: all sessions and connections, and who is told what."""

from __future__ import annotations

import asyncio
import hashlib
import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec
from aiohttp import WSCloseCode, web

from discord_sim.edge.client import Client
from discord_sim.edge.clock import ServerClock
from discord_sim.faults import Faults
from discord_sim.record import Delivery, Record
from discord_sim.rules.identify import Concurrency, IdentifyRequest, SessionStarts
from discord_sim.rules.intents import intent_for
from discord_sim.rules.members_request import FullListLimit
from discord_sim.rules.sessions import Session
from discord_sim.wire import CloseCode, Intent, Op
from discord_sim.world.fanout import Event, shard_of
from discord_sim.world.world import World

if TYPE_CHECKING:
    from discord_sim.edge.settings import Settings

__all__ = ["Gateway"]

_encode = msgspec.json.Encoder().encode
_CONTENT = 1 << Intent.MESSAGE_CONTENT
_LEAVE_S = 1.0
_MESSAGE_MAX_BYTES = 1 << 20  # above it the websocket closes with 1009 before it reads; the payload limit is far below


Shards = int | Iterable[int] | None


@dataclass(slots=True)
class Account:
    """What one bot has spent at the gateway."""

    starts: SessionStarts
    concurrency: Concurrency
    full_lists: FullListLimit = field(default_factory=FullListLimit)
    token_revoked: bool = False


def _each(clients: list[Client], do: Callable[[Client], object]) -> int:
    for client in clients:
        do(client)
    return len(clients)


class Gateway:
    """All sessions and connections. `reconnect_greetings` connections to come are greeted with op 7, not HELLO."""

    def __init__(
        self,
        world: World,
        settings: Settings,
        record: Record,
        clock: ServerClock,
        tokens: dict[str, int],
        faults: Faults | None = None,
    ) -> None:
        self.world, self.settings, self.record, self.clock = world, settings, record, clock
        self.faults = faults or Faults()
        self.reconnect_greetings = 0
        self._tokens = tokens
        self.accounts = {
            bot_id: Account(SessionStarts(settings.session_starts_total), Concurrency(settings.max_concurrency))
            for bot_id in world.bots
        }
        self.sessions: dict[str, Session] = {}
        self.connections: dict[int, Client] = {}
        self.by_session: dict[str, Client] = {}
        self._by_shard: dict[int, dict[int, list[Session]]] = {}
        self._session_numbers = itertools.count(1)
        self._connection_numbers = itertools.count(1)
        self.tasks: set[asyncio.Task[None]] = set()

    def __repr__(self) -> str:
        return f"<Gateway connections={len(self.connections)} sessions={len(self.sessions)}>"

    @property
    def starts(self) -> SessionStarts:
        """The session starts of the first bot."""
        return self.accounts[self.world.bot_id].starts

    @property
    def token_revoked(self) -> bool:
        """Whether the first bot spent all its session starts."""
        return self.accounts[self.world.bot_id].token_revoked

    def owner_of(self, token: str) -> int | None:
        """The bot whose valid token this is, with or without its prefix."""
        return self._tokens.get(token.removeprefix("Bot "))

    async def serve(self, request: web.BaseRequest) -> web.StreamResponse:
        """One websocket from its upgrade to its end."""
        socket = web.WebSocketResponse(compress=False, timeout=5.0, max_msg_size=_MESSAGE_MAX_BYTES)
        await socket.prepare(request)
        client = Client(self, next(self._connection_numbers), socket, request)
        self.connections[client.number] = client
        try:
            await client.run()
        finally:
            self.connections.pop(client.number, None)
        return socket

    async def stop(self) -> None:
        """Close everything as a rolling restart does; who takes no leave within a second is cut off."""
        for client in list(self.connections.values()):
            client.is_frozen = False
            client.close(WSCloseCode.GOING_AWAY)
        if self.tasks:
            await asyncio.wait(self.tasks, timeout=_LEAVE_S)
        for task in list(self.tasks):
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    # -- what an operator can make happen ----------------------------------------------------------------

    def clients_of(self, shards: Shards = None) -> list[Client]:
        """The connections of one shard, of some, or (None) all, those before their identify too."""
        wanted = {shards} if isinstance(shards, int) else None if shards is None else set(shards)
        return [
            client
            for client in self.connections.values()
            if wanted is None or (client.session is not None and client.session.shard_id in wanted)
        ]

    def reconnect(self, shards: Shards = None) -> int:
        """Send op 7; returns how many connections were told. So do all of these."""
        return _each(self.clients_of(shards), lambda client: client.reconnect())

    def invalidate(self, shards: Shards = None, *, resumable: bool = False) -> int:
        """Op 9: false ends the sessions, true asks for a resume."""
        clients = self.clients_of(shards)
        return _each(clients, lambda client: client.invalidate(drop=not resumable, resumable=resumable))

    def disconnect(self, shards: Shards = None, code: int | None = None) -> int:
        """Lose connections: with a close code, or (None) without a close frame."""
        return _each(self.clients_of(shards), lambda client: client.cut() if code is None else client.close(code))

    def ask_for_heartbeat(self, shards: Shards = None) -> int:
        """Op 1: the client must send a heartbeat at once."""
        return _each(self.clients_of(shards), lambda client: client.send_op(Op.HEARTBEAT, None))

    def deafen(self, shards: Shards = None) -> int:
        """Stop acknowledging heartbeats: the client must notice that its connection is a zombie."""
        return _each(self.clients_of(shards), lambda client: setattr(client, "is_deaf", True))

    def freeze(self, shards: Shards = None) -> int:
        """Make connections half-open: they stay up, nothing is read from them and nothing sent."""
        return _each(self.clients_of(shards), lambda client: setattr(client, "is_frozen", True))

    def revoke_token(self, bot_id: int) -> None:
        """What too many session starts bring: every session ends, and the token is worth nothing any more, nowhere."""
        self.accounts[bot_id].token_revoked = True
        for token in [token for token, owner in self._tokens.items() if owner == bot_id]:
            del self._tokens[token]
        self.record.note(self.clock.now_ms, "token_reset")
        for client in self.clients_of():
            if client.session is not None and client.session.bot_id == bot_id:
                client.close(CloseCode.AUTHENTICATION_FAILED)

    # -- telling -----------------------------------------------------------------------------------------

    def emit(self, events: Iterable[Event]) -> None:
        """Give each event to every session whose shard and intents match."""
        if self.settings.event_order == "shuffled":
            events = self.world.draws.shuffled(f"order/{self.record.events_total}", events)
        now_ms = self.clock.now_ms
        for event in events:
            number = self.record.event(now_ms, event)
            for told, its_number in self.faults.for_dispatch(event.type, (event, number)):
                self._tell(told, its_number, now_ms)

    def _tell(self, event: Event, number: int, now_ms: int) -> None:
        world = self.world
        guild_id = None if event.shard_zero else event.guild_id
        mask = intent_for(event.type, in_guild=event.guild_id is not None)
        own_mask = mask if event.own is None else intent_for(event.type, own=True)
        encoded: dict[int, tuple[object, bytes]] = {}  # one encoding for all sessions that get the same body
        for shard_count, shards in self._by_shard.items():
            for session in shards.get(shard_of(guild_id, shard_count), ()):
                if not session.wants(own_mask if event.own == session.bot_id else mask) or session.is_gone(now_ms):
                    continue
                if not world.may(session.bot_id, event):
                    continue
                body = event.data
                if event.made_for is not None:
                    body = event.made_for(session.bot_id, session.intents, session.large_threshold)
                elif event.stripped is not None and not session.intents & _CONTENT:
                    body = event.stripped(session.bot_id)
                if (known := encoded.get(id(body))) is None:
                    known = encoded[id(body)] = (body, _encode(body))
                self._deliver(session, event.type, known[1], number, now_ms)

    def deliver(self, session: Session, event_type: str, data: bytes, number: int = 0) -> None:
        """Sequence one event in one session and send it if somebody is connected."""
        self._deliver(session, event_type, data, number, self.clock.now_ms)

    def _deliver(self, session: Session, event_type: str, data: bytes, number: int, now_ms: int) -> None:
        message = session.push(event_type, data)
        self.record.delivery(
            Delivery(now_ms, session.number, session.shard_id, session.shard_count, session.seq, number), event_type
        )
        client = self.by_session.get(session.id)
        if client is not None:
            client.send(message)

    # -- sessions ----------------------------------------------------------------------------------------

    def open_session(self, request: IdentifyRequest, bot_id: int) -> Session:
        """A fresh session for a judged identify."""
        number = next(self._session_numbers)
        name = hashlib.blake2b(f"{self.world.seed}/session/{number}".encode(), digest_size=16).hexdigest()
        session = Session(
            name, number, request.token, bot_id, request.shard_id, request.shard_count, request.intents,
            large_threshold=request.large_threshold, kept_ms=self.settings.session_kept_ms,
            replay_max=self.settings.replay_max,
        )  # fmt: skip
        self.sessions[session.id] = session
        self._by_shard.setdefault(request.shard_count, {}).setdefault(request.shard_id, []).append(session)
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

    def guilds_of(self, shard_id: int, shard_count: int, bot_id: int) -> list[int]:
        """The ids of the guilds of a bot's shard."""
        left = {guild.id for guild in self.world.built() if bot_id not in guild.bots}
        return [g for g in self.world.guild_ids() if shard_of(g, shard_count) == shard_id and g not in left]
