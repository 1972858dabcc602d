"""The fake Discord as one object: start it, change its world, read its record."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Literal

import msgspec
from aiohttp import web

from discord_sim.edge.clock import ServerClock
from discord_sim.edge.gateway import Gateway
from discord_sim.edge.rest import Rest
from discord_sim.record import Record
from discord_sim.rules.buckets import Law
from discord_sim.rules.front_door import Forced, FrontDoor
from discord_sim.rules.intents import ALL_INTENTS
from discord_sim.rules.routes import ROUTES
from discord_sim.rules.sub_limits import SubLimits
from discord_sim.trace import Trace
from discord_sim.wire import (
    GLOBAL_LIMIT_PER_S,
    HEARTBEAT_INTERVAL_MS,
    INVALID_REQUESTS_LIMIT,
    SESSION_STARTS_TOTAL,
)
from discord_sim.world import payloads
from discord_sim.world.fanout import Event
from discord_sim.world.snowflakes import channel_id, member_id
from discord_sim.world.world import World

__all__ = ["FakeDiscord", "Settings"]

DEFAULT_TOKEN = "OTE3Mzc1OTc2MTgxMDcxODcy.c2ltdQ.bm90LWEtc2VjcmV0LWEtZml4dHV"

DEFAULT_GATEWAY_URL = "wss://gateway.discord.gg"


@dataclass(frozen=True, slots=True)
class Settings:
    """What an operator may change. Times in milliseconds."""

    token: str = field(default=DEFAULT_TOKEN, repr=False)
    gateway_url: str = DEFAULT_GATEWAY_URL
    resume_url: str = "wss://gateway-us-east1-b.discord.gg"
    shards: int = 1
    max_concurrency: int = 1
    session_starts_total: int = SESSION_STARTS_TOTAL
    heartbeat_interval_ms: int = HEARTBEAT_INTERVAL_MS
    global_limit_per_s: int = GLOBAL_LIMIT_PER_S
    invalid_requests_limit: int = INVALID_REQUESTS_LIMIT
    allowed_intents: int = ALL_INTENTS
    guild_creates_per_100ms: int = 50
    stream_frame_bytes: int = 1 << 20  # a zlib-stream message longer than this is split over several frames
    scope_on_success: bool = False  # X-RateLimit-Scope on every answer; documented for 429s only, twilight needs it
    laws: dict[str, Law] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in (
            "shards", "max_concurrency", "session_starts_total", "heartbeat_interval_ms", "global_limit_per_s",
            "invalid_requests_limit", "guild_creates_per_100ms", "stream_frame_bytes",
        ):  # fmt: skip
            if getattr(self, name) < 1:
                raise ValueError(f"Settings({name}={getattr(self, name)}): must be at least 1")
        unknown = sorted(set(self.laws) - {route.name for route in ROUTES})
        if unknown:
            raise ValueError(f"Settings(laws=…): no route {unknown[0]!r}; see discord_sim/rules/routes.py")


class FakeDiscord:
    """A Discord with one bot account.

    Args:
        world: what exists.
        settings: limits and addresses.
        trace: where facts go; a fresh one by default.
        keep: how many facts of a kind the record keeps in detail; None is all, which is right for a finite run.
    """

    def __init__(
        self, world: World, settings: Settings | None = None, trace: Trace | None = None, *, keep: int | None = None
    ) -> None:
        self.world = world
        self.settings = settings or Settings()
        self.record = Record(trace or Trace({"seed": world.seed}), keep)
        self.record.trace.forbidden = self.settings.token.encode()
        self.door = FrontDoor(
            (self.settings.token,),
            self.settings.global_limit_per_s,
            self.settings.invalid_requests_limit,
            dict(self.settings.laws),
            self.settings.scope_on_success,
        )
        self.sub_limits = SubLimits()
        self.gateway: Gateway
        self.clock: ServerClock
        self._server: asyncio.AbstractServer | None = None
        self._web: web.Server | None = None

    def __repr__(self) -> str:
        return f"<FakeDiscord {self.world!r} {'up' if self._server else 'down'}>"

    async def start(self, host: str = "127.0.0.1", port: int = 0, *, secure: bool = False) -> int:
        """Listen; returns the port. Without `secure` the default gateway address becomes this one; `secure` marks the
        port as TLS in the simulated network (no handshake)."""
        self.clock = ServerClock()
        self.gateway = Gateway(self.world, self.settings, self.record, self.clock)
        rest = Rest(self)

        async def handle(request: web.BaseRequest) -> web.StreamResponse:
            if request.headers.get("Upgrade", "").lower() == "websocket":
                return await self.gateway.serve(request)
            return await rest.serve(request)

        self._web = web.Server(handle, access_log=None)
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._web, host, port, ssl=True if secure else None)
        port_in_use: int = self._server.sockets[0].getsockname()[1]
        if not secure and self.settings.gateway_url == DEFAULT_GATEWAY_URL:
            here = f"ws://{host}:{port_in_use}"
            self.settings = replace(self.settings, gateway_url=here, resume_url=here)
            self.gateway.settings = self.settings
        return port_in_use

    async def stop(self) -> None:
        """Close every gateway connection and the port."""
        await self.gateway.stop()
        if self._server is not None:
            self._server.close()
            self._server = None
        if self._web is not None:
            await self._web.shutdown(1.0)

    def emit(self, events: Iterable[Event]) -> None:
        """Tell every session that may know."""
        self.gateway.emit(events)

    # -- what happens in the world without the bot's doing -----------------------------------------------

    def member_banned(self, guild_index: int, number: int, reason: str | None = None) -> int:
        """A moderator bans member `number` of guild `guild_index`; returns the user id."""
        guild = self.world.guild_at(guild_index)
        user_id = member_id(guild_index, number)
        self.emit(self.world.ban(guild, user_id, guild.owner_id, reason, self.clock.epoch_ms))
        return user_id

    def message_posted(self, guild_index: int, content: str, *, channel: int = 0, number: int = 1) -> int:
        """Member `number` posts to channel number `channel` of a guild; returns the message id."""
        message, events = self.world.say(
            channel_id(guild_index, channel), member_id(guild_index, number), content, self.clock.epoch_ms
        )
        self.emit(events)
        return message.id

    # -- what an operator can make happen ----------------------------------------------------------------

    def force_429(
        self,
        route: str,
        form: Literal["user", "shared", "global", "cloudflare"],
        *,
        retry_after_s: float = 1.0,
        times: int = 1,
        code: int | None = None,
    ) -> None:
        """Answer the next `times` requests of a route with a 429 of this form; `code` makes a shared one coded.

        Raises ValueError for a route that is not in `discord_sim/rules/routes.py`.
        """
        if route not in {known.name for known in ROUTES}:
            raise ValueError(f"no route {route!r}; see discord_sim/rules/routes.py")
        wanted = Forced(form, int(retry_after_s * 1000), code)
        self.door.forced.setdefault(route, []).extend([wanted] * times)

    def rotate_bucket_hashes(self) -> None:
        """Give every bucket another hash, as Discord may at any time; the counters stay."""
        self.door.hash_salt += "/"

    def guild_outage(self, guild_index: int) -> None:
        """A guild becomes unavailable: GUILD_DELETE with `unavailable`, and no GUILD_CREATE until it recovers."""
        self.emit(self.world.begin_outage(self.world.guild_at(guild_index)))

    def guild_recovered(self, guild_index: int) -> None:
        """The outage ends with a full GUILD_CREATE."""
        self.emit(self.world.end_outage(self.world.guild_at(guild_index)))

    def guild_json_size(self, guild_index: int) -> int:
        """Bytes of a guild's JSON as GET /guilds/{id} answers it."""
        return len(msgspec.json.encode(payloads.guild(self.world.guild_at(guild_index))))
