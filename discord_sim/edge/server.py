"""The fake Discord as one object: start it, change its world, read its record."""

from __future__ import annotations

import asyncio
import base64
import ssl
from collections.abc import Iterable, Sequence
from dataclasses import replace

from aiohttp import web

from discord_sim.edge.clock import ServerClock
from discord_sim.edge.control import CONTROL_PREFIX, Control
from discord_sim.edge.gateway import Gateway
from discord_sim.edge.http import HttpServer
from discord_sim.edge.media import CDN_PATH
from discord_sim.edge.operator import Operator
from discord_sim.edge.outgoing import Outgoing
from discord_sim.edge.rest import Rest
from discord_sim.edge.settings import DEFAULT_CDN_URL, DEFAULT_GATEWAY_URL, Settings
from discord_sim.faults import Faults
from discord_sim.record import Record
from discord_sim.rules.front_door import Bearer, FrontDoor
from discord_sim.rules.sub_limits import SubLimits
from discord_sim.trace import Trace
from discord_sim.world.fanout import Event
from discord_sim.world.world import World

__all__ = ["FakeDiscord", "Settings"]


def token_for(bot_id: int) -> str:
    """The made-up token of a bot: clients read the bot's id from its first part."""
    who = base64.urlsafe_b64encode(str(bot_id).encode()).decode().rstrip("=")
    return f"{who}.c2ltdQ.bm90LWEtc2VjcmV0LWEtZml4dHV"


class FakeDiscord(Operator):
    """A Discord with one bot account.

    Args:
        world: what exists.
        settings: limits and addresses.
        trace: where facts go; a fresh one by default.
        keep: how many facts of a kind the record keeps in detail; None is all, which is right for a finite run.
        tokens: for the applications in order, instead of made-up ones; the first wins over the settings'.

    Raises ValueError for more tokens than applications, or equal ones.
    """

    def __init__(
        self,
        world: World,
        settings: Settings | None = None,
        trace: Trace | None = None,
        *,
        keep: int | None = None,
        tokens: Sequence[str] = (),
    ) -> None:
        self.world = world
        self.settings = settings or Settings()
        self.record = Record(trace or Trace({"seed": world.seed}), keep)
        made_up = [self.settings.token, *(token_for(bot_id) for bot_id in list(world.bots)[1:])]
        self.tokens = dict(zip([*tokens, *made_up[len(tokens) :]], world.bots, strict=False))
        if len(tokens) > len(world.bots) or len(self.tokens) < len(world.bots):
            raise ValueError(f"{len(tokens)} tokens for {len(world.bots)} applications: each needs one of its own")
        if tokens:
            self.settings = replace(self.settings, token=tokens[0])
        self.record.trace.forbid(self.tokens)
        self.door = FrontDoor(
            self.tokens,
            self.settings.global_limit_per_s,
            self.settings.invalid_requests_limit,
            dict(self.settings.laws),
            self.settings.scope_on_success,
            strict_user_agent=self.settings.strict_user_agent,
            ban_ms=self.settings.cloudflare_ban_ms,
            ban_form=self.settings.ban_form,
        )
        self.faults = Faults()
        self.sub_limits = SubLimits()
        self.gateway: Gateway
        self.clock: ServerClock
        self.rest: Rest
        self._server: asyncio.AbstractServer | None = None
        self._web: HttpServer | None = None

    def __repr__(self) -> str:
        return f"<FakeDiscord {self.world!r} {'up' if self._server else 'down'}>"

    async def start(
        self, host: str = "127.0.0.1", port: int = 0, *, secure: bool = False, tls: ssl.SSLContext | None = None
    ) -> int:
        """Listen; returns the port. The default addresses become this one, except where `secure` marks the port as
        TLS in the simulated network (no handshake), where the real names lead here. `tls` is for real sockets."""
        self.clock = ServerClock()
        self.gateway = Gateway(self.world, self.settings, self.record, self.clock, self.tokens, self.faults)
        self.rest = rest = Rest(self)
        self.outgoing = Outgoing(self)
        control = Control(self, self.settings.control_secret)

        async def handle(request: web.BaseRequest) -> web.StreamResponse:
            if request.headers.get("Upgrade", "").lower() == "websocket":
                return await self.gateway.serve(request)
            if request.rel_url.raw_path.startswith(CONTROL_PREFIX + "/"):
                return await control.serve(request)
            if CDN_PATH.match(request.rel_url.raw_path):
                return rest.file(request)
            return await rest.serve(request)

        self._web = HttpServer(handle)
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._web, host, port, ssl=True if secure else tls)
        port_in_use: int = self._server.sockets[0].getsockname()[1]
        if not secure and self.settings.gateway_url == DEFAULT_GATEWAY_URL:
            secured = "" if tls is None else "s"
            here = f"ws{secured}://{host}:{port_in_use}"
            self.settings = replace(self.settings, gateway_url=here, resume_url=here)
            if self.settings.cdn_url == DEFAULT_CDN_URL:
                self.settings = replace(self.settings, cdn_url=f"http{secured}://{host}:{port_in_use}")
            self.gateway.settings = self.settings
        return port_in_use

    async def stop(self) -> None:
        """Close the port and every gateway connection."""
        if self._server is not None:
            self._server.close()
            self._server = None
        await self.outgoing.stop()
        await self.gateway.stop()
        if self._web is not None:
            await self._web.shutdown(1.0)

    def emit(self, events: Iterable[Event]) -> None:
        """Tell every session that may know."""
        self.gateway.emit(events)

    def bearer(self, user_id: int, *scopes: str, application_id: int | None = None) -> str:
        """An OAuth2 access token of a user for an application (the first one by default) with these scopes."""
        token = f"sim-{user_id:x}-{len(self.door.bearers)}"
        self.door.bearers[token] = Bearer(user_id, application_id or self.world.bot_id, frozenset(scopes))
        return token
