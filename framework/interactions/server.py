"""Interactions over HTTP: Discord calls the application's endpoint, signed, and takes its answer as the first response
("Interactions: Overview", "Receiving and Responding").
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import aiohttp
import msgspec
from aiohttp import web

from framework.clock import epoch_ms
from framework.errors import InvalidUse
from framework.interactions.handlers import Interactions
from framework.interactions.interaction import Interaction
from framework.interactions.response import Response
from framework.interactions.signature import verify
from framework.models import decode
from framework.models.interaction import InteractionCallbackType, InteractionType
from framework.rest.api import Endpoints

__all__ = ["InteractionServer"]

_log = logging.getLogger(__name__)
_ANSWERED_WITHIN_S = 3.0  # Discord does not wait longer for a first response


class _Kind(msgspec.Struct):
    type: int


_read_kind = msgspec.json.Decoder(_Kind).decode


class InteractionServer:
    """The endpoint of one application: `app.router.add_post("/interactions", server.handle)`, or `serve`.

    Args:
        interactions: who answers.
        rest: sends what follows the first responses.
        public_key: the application's `verify_key`, 64 hex digits.
        max_age_s: requests whose timestamp is older by this machine's clock are refused, so that nobody can send them
            again later; Discord's and this clock must agree. By default any age passes.

    Raises:
        InvalidUse: a public key that is none, or the extra `interactions` is not installed.
    """

    def __init__(
        self, interactions: Interactions, rest: Endpoints, *, public_key: str, max_age_s: float | None = None
    ) -> None:
        if len(public_key) != 64 or not set(public_key) <= set("0123456789abcdefABCDEF"):
            raise InvalidUse("public_key is the application's, 64 hex digits")
        verify(public_key, "", "", b"")  # tells at once what is not installed
        self._interactions = interactions
        self._rest = rest
        self._public_key = public_key
        self._max_age_s = max_age_s
        self._runner: web.AppRunner | None = None

    def __repr__(self) -> str:
        return f"<InteractionServer {self._interactions!r} {'up' if self._runner else 'down'}>"

    async def serve(self, host: str = "127.0.0.1", port: int = 8080, path: str = "/") -> int:
        """Listen until `close`; returns the port, a free one for 0. Discord itself wants HTTPS in front of it."""
        app = web.Application()
        app.router.add_post(path, self.handle)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=_ANSWERED_WITHIN_S)
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()
        return int(self._runner.addresses[0][1])

    async def close(self, wait_s: float = 10.0) -> None:
        """Take no more requests, and give the handlers that are running so long to end."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None
        await self._interactions.close(wait_s)

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request of Discord's: 401 where the signature is wrong, which Discord tries out now and then."""
        body = await request.read()
        if not self._is_genuine(request, body):
            return web.Response(status=401, text="invalid request signature")
        try:
            if _read_kind(body).type == InteractionType.PING:
                return _answer(Response(InteractionCallbackType.PONG))
            interaction = decode(Interaction, body)
        except msgspec.DecodeError as error:
            _log.error("an interaction could not be read: %s", error)
            return web.Response(status=400, text="not understood")
        first: asyncio.Future[Response] = asyncio.get_running_loop().create_future()

        async def send(response: Response) -> None:
            first.set_result(response)

        work = self._interactions.handle(interaction, self._rest, send)
        either: set[asyncio.Future[Any]] = {first, work}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        return _answer(first.result()) if first.done() else web.Response(status=500, text="no answer")

    def _is_genuine(self, request: web.BaseRequest, body: bytes) -> bool:
        signature = request.headers.get("X-Signature-Ed25519", "")
        timestamp = request.headers.get("X-Signature-Timestamp", "")
        if not verify(self._public_key, signature, timestamp, body):
            return False
        return self._max_age_s is None or epoch_ms() - int(timestamp) * 1000 <= self._max_age_s * 1000


def _answer(response: Response) -> web.Response:
    payload = response.payload
    body = payload.body()
    return web.Response(body=body() if isinstance(body, aiohttp.FormData) else body, headers=payload.headers)
