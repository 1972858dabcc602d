"""The HTTP server under the proxy: aiohttp's, for bodies as they are on the wire and answers that are written whole."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import lru_cache
from http import HTTPStatus

from aiohttp import HttpVersion11, StreamReader, web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.http_parser import RawRequestMessage

from framework.rest.proxy.answers import end_to_end, refused
from framework.rest.transport import Reply

__all__ = ["HttpServer", "Relayed"]

_BODY_MAX_BYTES = 25 << 20  # of a request, documented
_BODYS = ("Content-Encoding", "Content-Length")  # its compression ends here, so its length is another


class Relayed(web.StreamResponse):
    """Discord's answer, as it came, in one write; aiohttp's own response would cost a tenth of all CPU time more."""

    def __init__(self, reply: Reply) -> None:
        self._reply = reply
        self._stays = True

    def __repr__(self) -> str:
        return f"<Relayed {self._reply.status}>"

    @property
    def status(self) -> int:
        """Discord's."""
        return self._reply.status

    @property
    def keep_alive(self) -> bool:
        """Whether the connection serves another request."""
        return self._stays

    def force_close(self) -> None:
        """Let it be the last."""
        self._stays = False

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        """Write everything. Raises ConnectionResetError where nobody listens any more."""
        reply, transport = self._reply, request.transport
        if transport is None or transport.is_closing():
            raise ConnectionResetError
        headers = end_to_end(reply.headers, *_BODYS)
        if reply.status not in (204, 304):
            headers["Content-Length"] = str(len(reply.body))
        self._stays = self._stays and request.keep_alive
        if not self._stays:
            headers["Connection"] = "close"
        elif request.version < HttpVersion11:
            headers["Connection"] = "keep-alive"
        head = [_status_line(reply.status), *[f"{name}: {value}" for name, value in headers.items()], "\r\n"]
        transport.write("\r\n".join(head).encode("utf-8", "surrogateescape") + reply.body)
        assert isinstance(request.protocol, _Connection)
        await request.protocol.drain()
        return None

    async def write_eof(self, data: bytes = b"") -> None:
        """Nothing is left to write."""


@lru_cache(maxsize=64)
def _status_line(status: int) -> str:
    return f"HTTP/1.1 {status} {HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else 'Unknown'}"


class HttpServer(web.Server):
    """Calls `handler` for each request, and cancels it when who asked hangs up."""

    def __init__(self, handler: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]) -> None:
        super().__init__(
            handler, request_factory=_request, handler_cancellation=True, access_log=None, auto_decompress=False
        )

    def __call__(self) -> web.RequestHandler:
        return _Connection(self, loop=asyncio.get_running_loop(), **self._kwargs)


class _Connection(web.RequestHandler):
    __slots__ = ()

    async def drain(self) -> None:
        """Wait until the transport takes more."""
        if self._paused:
            await self._drain_helper()

    def handle_error(
        self, request: web.BaseRequest, status: int = 500, exc: BaseException | None = None, message: str | None = None
    ) -> web.StreamResponse:
        if status >= 500:
            return super().handle_error(request, status, exc, message)
        answer = refused(400)  # no HTTP; it is not logged, since its text may hold a token
        answer.force_close()
        return answer


def _request(
    message: RawRequestMessage, payload: StreamReader, protocol: web.RequestHandler,
    writer: AbstractStreamWriter, task: asyncio.Task[None],
) -> web.BaseRequest:  # fmt: skip
    """aiohttp's own bound on a body is 1 MiB."""
    return web.BaseRequest(
        message, payload, protocol, writer, task, asyncio.get_running_loop(), client_max_size=_BODY_MAX_BYTES
    )
