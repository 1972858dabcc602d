"""Requests on the wire: connections, the moment each request leaves, and the time its answer may take."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from contextvars import ContextVar
from typing import Any

import aiohttp
from aiohttp.connector import Connection
from aiohttp.tracing import Trace
from msgspec import Struct
from yarl import URL

from framework.clock import loop_ms
from framework.rest.core.route import Route
from framework.rest.files import Payload
from framework.rest.flight import Flight

__all__ = ["NoAnswer", "Reply", "Transport"]

_NO_TIMEOUT = aiohttp.ClientTimeout(total=None, sock_connect=None)


class Reply(Struct, frozen=True):
    """An answer of Discord's, as it came."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class NoAnswer(Exception):
    """There is none; the message says why, without the address, which may hold a webhook's token."""


class Transport:
    """The connections of one manager.

    Args:
        base_url: what goes before each route's path.
        timeout_ms: until an unanswered request is given up.
        headers: of every request with the bot's own token and no other headers.
    """

    def __init__(self, base_url: str, timeout_ms: int, headers: Mapping[str, str]) -> None:
        self._base, self._headers = base_url, headers
        self._connector: aiohttp.TCPConnector | None = None
        self._sessions: list[aiohttp.ClientSession] = []  # the second has no headers of its own
        self._timeout_ms = timeout_ms
        self._running: dict[Flight, tuple[asyncio.Task[Any], int]] = {}  # and until when; the oldest first
        self._timer: asyncio.TimerHandle | None = None  # one for all; aiohttp's, one for each, cost a tenth of all time

    def __repr__(self) -> str:
        return f"<Transport {self._base}>"

    async def send(
        self, flight: Flight, route: Route, payload: Payload, headers: dict[str, str] | None, now_ms: int
    ) -> Reply:
        """Send one request and read its answer; `headers` are all there are, None those of every request.

        Raises:
            NoAnswer: in time, or at all.
        """
        if not self._sessions:
            self._open()
        session = self._sessions[headers is not None]
        url = URL(self._base + route.path, encoded=True)
        task = asyncio.current_task()
        assert task is not None
        before = task.cancelling()
        _on_its_way.set(flight)
        self._running[flight] = task, now_ms + self._timeout_ms
        if self._timer is None:
            self._look_at(now_ms + self._timeout_ms)
        try:
            # Without `async with`: a body that is read to its end, or breaks, has given its connection back.
            response = await session.request(
                route.method, url, data=payload.body(), params=payload.query, headers=headers
            )
            content = response.content
            body = content.read_nowait() if content.is_eof() else await response.read()  # mostly it came with the head
            return Reply(response.status, response.headers, body)
        except BaseException as error:
            if flight.is_late and task.uncancel() <= before:
                raise NoAnswer("TimeoutError") from None
            if isinstance(error, TimeoutError | aiohttp.ClientError | ConnectionError):
                raise NoAnswer(type(error).__name__) from None
            raise
        finally:
            self._running.pop(flight, None)

    async def close(self) -> None:
        """Disconnect. What is under way has no answer."""
        if self._timer is not None:
            self._timer.cancel()
        if self._connector is not None:
            await self._connector.close()  # the sessions with it

    def _open(self) -> None:
        self._connector = _Connector()
        self._sessions = [
            aiohttp.ClientSession(
                connector=self._connector, connector_owner=False, headers=headers, timeout=_NO_TIMEOUT,
                request_class=_Request, cookie_jar=aiohttp.DummyCookieJar(),  # Cloudflare's, which mean nothing to bots
            )
            for headers in (self._headers, None)
        ]  # fmt: skip

    def _look_at(self, at_ms: int) -> None:
        self._timer = asyncio.get_running_loop().call_later((at_ms - loop_ms()) / 1000, self._look)

    def _look(self) -> None:
        """End what takes too long."""
        self._timer = None
        now_ms = loop_ms()
        for flight, (task, at_ms) in list(self._running.items()):
            if at_ms > now_ms:
                self._look_at(at_ms)
                return
            del self._running[flight]
            flight.is_late = True
            task.cancel()


_on_its_way: ContextVar[Flight] = ContextVar("rest_flight")
"""Of the request that this task sends. (aiohttp's own tracing would tell the same at a tenth of all CPU time.)"""


class _Connector(aiohttp.TCPConnector):
    """A request leaves once: where a connection broke, aiohttp would send an idempotent request again by itself, at
    once and past every limit."""

    def connect(
        self, req: aiohttp.ClientRequest, traces: list[Trace], timeout: aiohttp.ClientTimeout
    ) -> Coroutine[Any, Any, Connection]:
        if _on_its_way.get().has_left:
            raise aiohttp.ServerDisconnectedError
        return super().connect(req, traces, timeout)


class _Request(aiohttp.ClientRequest):
    """Notes when it leaves: as soon as it has a connection."""

    def send(self, conn: Connection) -> Coroutine[Any, Any, aiohttp.ClientResponse]:
        _on_its_way.get().leave()
        return super().send(conn)
