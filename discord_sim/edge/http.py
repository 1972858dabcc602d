"""The HTTP server under everything: aiohttp's, with Cloudflare's way of refusing what is no HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus

from aiohttp import HttpVersion11, StreamReader, web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.http_parser import RawRequestMessage

from discord_sim.edge.intake import BODY_MAX_BYTES

__all__ = ["Handler", "HttpServer", "Reply"]

_IDLE_S = 400.0  # a connection that sends no whole request for so long is closed, however slowly it drips


class Reply(web.StreamResponse):
    """A whole answer in one write, without what a streamed one needs; `headers` are ours, nothing to escape. `told` is
    what it was made of."""

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes, epoch_s: int) -> None:
        self.told = (status, headers, body, epoch_s)
        self._stays = True

    def __repr__(self) -> str:
        return f"<Reply {self.told[0]}>"

    @property
    def keep_alive(self) -> bool:
        """Whether the connection serves another request."""
        return self._stays

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        """Write everything."""
        status, headers, body, epoch_s = self.told
        self._stays = request.keep_alive
        lines = [_status_line(status), *[f"{name}: {value}" for name, value in headers.items()]]
        if status != 204:
            lines.append(f"Content-Length: {len(body)}")
        lines.append(f"Date: {_date(epoch_s)}")
        if not self._stays:
            lines.append("Connection: close")
        elif request.version < HttpVersion11:
            lines.append("Connection: keep-alive")
        head = "\r\n".join([*lines, "\r\n"]).encode("latin-1", "replace")
        protocol, transport = request.protocol, request.transport
        if transport is None or transport.is_closing():
            raise ConnectionResetError
        transport.write(head if request.method == "HEAD" else head + body)
        assert isinstance(protocol, Handler)
        await protocol.drain()
        return None

    async def write_eof(self, data: bytes = b"") -> None:
        """Nothing is left to write."""


@lru_cache(maxsize=64)
def _status_line(status: int) -> str:
    reason = HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else "Unknown"
    return f"HTTP/1.1 {status} {reason}"


@lru_cache(maxsize=2)
def _date(epoch_s: int) -> str:
    return formatdate(epoch_s, usegmt=True)


class HttpServer(web.Server):
    """Calls `handler` for each request; bodies may have 25 MiB. Compressed ones, which Discord does not document, are
    not unpacked: they are what they are on the wire."""

    def __init__(
        self, handler: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]], idle_s: float = _IDLE_S
    ) -> None:
        super().__init__(
            handler, access_log=None, request_factory=_request, keepalive_timeout=idle_s, auto_decompress=False
        )

    def __call__(self) -> web.RequestHandler:
        return Handler(self, loop=asyncio.get_running_loop(), **self._kwargs)


class Handler(web.RequestHandler):
    """One connection."""

    __slots__ = ()

    async def drain(self) -> None:
        """Wait until the transport takes more; for who writes to it directly."""
        if self._paused:
            await self._drain_helper()

    def handle_error(
        self, request: web.BaseRequest, status: int = 500, exc: BaseException | None = None, message: str | None = None
    ) -> web.StreamResponse:
        if isinstance(exc, ConnectionError):  # nobody is left to be answered
            raise exc
        if status >= 500:  # ours: it must be seen
            return super().handle_error(request, status, exc, message)
        page = f"<html><head><title>{status} Bad Request</title></head><body>cloudflare</body></html>"
        answer = web.Response(status=status, text=page, content_type="text/html", headers={"Server": "cloudflare"})
        answer.force_close()
        return answer


def _request(
    message: RawRequestMessage, payload: StreamReader, protocol: web.RequestHandler,
    writer: AbstractStreamWriter, task: asyncio.Task[None],
) -> web.BaseRequest:  # fmt: skip
    """aiohttp's own bound on a body is 1 MiB."""
    return web.BaseRequest(
        message, payload, protocol, writer, task, asyncio.get_running_loop(), client_max_size=BODY_MAX_BYTES
    )
