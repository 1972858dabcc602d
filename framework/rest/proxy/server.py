"""The proxy's door: takes a worker's call, has it wait for the limits, passes on what Discord answers."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

import msgspec
from aiohttp import web

from framework.clock import epoch_ms, loop_ms
from framework.errors import InvalidUse
from framework.rest.core.global_limit import SlidingLimit
from framework.rest.core.invalid_budget import InvalidBudget
from framework.rest.core.paths import read_path
from framework.rest.core.route import Route
from framework.rest.errors import RestError
from framework.rest.files import Payload
from framework.rest.manager import RestManager
from framework.rest.proxy.answers import end_to_end, failed, refused
from framework.rest.proxy.http import HttpServer, Relayed
from framework.rest.proxy.metrics import CONTENT_TYPE_LATEST, Metrics
from framework.wire import GLOBAL_REQUESTS_PER_S

__all__ = ["DISCORD_URL", "RestProxy"]

DISCORD_URL = "https://discord.com/api"
_SECRET = re.compile(r"[A-Za-z0-9._~-]{16,}")
_SECRET_HEADER = "X-Proxy-Secret"
_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})
_NOT_PASSED_ON = ("Accept-Encoding", "Content-Length", "Expect", "Host", "User-Agent", _SECRET_HEADER)
_PUBLIC = frozenset(
    {
        "/gateway", "/guilds/templates/{code}", "/guilds/{guild_id}/widget.json", "/guilds/{guild_id}/widget.png",
        "/invites/{code}", "/oauth2/keys", "/sticker-packs",
    }
)  # fmt: skip
"""Routes that anybody may ask, without a token."""
_FIRST_MS = 1_100
_LAST_WORDS_S = 5.0


class RestProxy:
    """Serves Discord's REST API to workers that know `secret`, and keeps all limits for all of them.

    A worker's `Authorization: Bot …` says which bot it speaks for; where there is only one, any or none will do. Tokens
    of users and applications pass as they are, and so do calls whose credentials are in their path or body.

    Args:
        secret: what workers put before the path, or into X-Proxy-Secret; at least 16 of `A-Z a-z 0-9 . _ ~ -`.
        tokens: the bots' tokens, at least one; each has limits of its own, the budget of invalid requests is common.
        discord_url: where Discord's API is, without version.
        waiting_max: how many calls may be under way; more are told to come back.
        per_s: each bot's requests per second over all routes; large bots may have more.

    Raises:
        InvalidUse: an argument cannot be.
    """

    def __init__(
        self,
        secret: str,
        tokens: Sequence[str],
        *,
        discord_url: str = DISCORD_URL,
        waiting_max: int = 10_000,
        per_s: int = GLOBAL_REQUESTS_PER_S,
    ) -> None:
        if not _SECRET.fullmatch(secret):
            raise InvalidUse("the secret must be 16 or more letters, digits or . _ ~ -, which need no escape in a path")
        if not tokens:
            raise InvalidUse("the proxy needs a bot's token")
        if waiting_max < 1:
            raise InvalidUse(f"waiting_max must be at least 1, not {waiting_max}")
        self._secret = secret.encode()
        self._waiting_max = waiting_max
        self._draining = False
        self._budget = InvalidBudget()
        self._metrics = Metrics(self._budget)
        self._limits: list[SlidingLimit] = []

        def manager(token: str, limit: SlidingLimit) -> RestManager:
            self._limits.append(limit)
            return RestManager(
                token, base_url=discord_url, global_limit=limit, invalid_budget=self._budget,
                on_answer=self._metrics.heard,
            )  # fmt: skip

        self._bots = {token: manager(token, SlidingLimit(per_s)) for token in tokens}
        self._nobodys = manager("none", SlidingLimit())  # for calls that a bot's token does not go with
        named = {str(number): bot for number, bot in enumerate(self._bots.values())}
        self._metrics.managers = {**named, "none": self._nobodys}
        self._server: asyncio.AbstractServer | None = None
        self._web: HttpServer | None = None

    def __repr__(self) -> str:
        return f"<RestProxy bots={len(self._bots)} calls={self._metrics.calls}>"

    async def start(self, host: str = "127.0.0.1", port: int = 8080) -> int:
        """Listen; returns the port, which is a free one for 0. Raises OSError where it cannot be had.

        Nothing leaves in the first second: a proxy that was here before may have spent it.
        """
        for limit in self._limits:
            limit.pause(loop_ms() + _FIRST_MS)
        self._web = HttpServer(self._serve)
        self._server = await asyncio.get_running_loop().create_server(self._web, host, port)
        bound: int = self._server.sockets[0].getsockname()[1]
        return bound

    async def stop(self, drain_s: float = 0.0) -> None:
        """Refuse new calls, wait up to `drain_s` for those under way, answer the rest, leave."""
        self._draining = True
        await asyncio.gather(*(manager.close(drain_s) for manager in (*self._bots.values(), self._nobodys)))
        if self._server is not None and self._web is not None:
            self._server.close()
            await self._web.shutdown(_LAST_WORDS_S)

    # -- one request ---------------------------------------------------------------------------------------

    async def _serve(self, request: web.BaseRequest) -> web.Response | Relayed:
        match request.rel_url.raw_path:
            case "/healthz":
                return web.json_response({"status": "up"})
            case "/readyz":
                return self._ready()
            case "/metrics":
                return web.Response(body=self._metrics.page(), headers={"Content-Type": CONTENT_TYPE_LATEST})
        template, answer = await self._call(request)
        self._metrics.answered(request.method if request.method in _METHODS else "other", template, answer.status)
        if self._draining:
            answer.force_close()  # else the next call would be on its way when the connection ends
        return answer

    def _ready(self) -> web.Response:
        closed_until_ms = self._budget.closed_until(now_ms := loop_ms())
        if self._draining:
            return refused(503, "the proxy is closing")
        if closed_until_ms is not None:
            return refused(503, "nothing may be sent to Discord", retry_after_ms=closed_until_ms - now_ms)
        return web.json_response({"status": "ready"})

    async def _call(self, request: web.BaseRequest) -> tuple[str, web.Response | Relayed]:
        """(template, answer)"""
        target = self._target(request)
        if target is None:
            return "", refused(401)
        if request.method not in _METHODS:
            return "", refused(405)
        try:
            route = read_path(request.method, target, epoch_ms())
        except InvalidUse:
            return "", refused(404)
        chosen = self._choose(route, request.headers.get("Authorization", ""))
        if chosen is None:
            return route.template, refused(401)
        if self._draining:
            return route.template, refused(503, "the proxy is closing; the call was not carried out")
        if self._metrics.calls >= self._waiting_max:
            return route.template, refused(503, f"{self._waiting_max} calls wait already; this one was not carried out")
        self._metrics.calls += 1
        try:
            return route.template, await self._exchange(*chosen, request)
        finally:
            self._metrics.calls -= 1

    async def _exchange(self, manager: RestManager, route: Route, request: web.BaseRequest) -> web.Response | Relayed:
        try:
            payload = _payload(await request.read(), request.headers.get("Content-Type", ""))
            return Relayed(await manager.exchange(route, payload, headers=_passed_on(request, payload)))
        except web.HTTPRequestEntityTooLarge:
            return refused(413)
        except UnicodeEncodeError:
            return refused(400)
        except RestError as error:
            return failed(error, loop_ms())

    def _target(self, request: web.BaseRequest) -> str | None:
        """Path and query behind the secret and `/api`; None for who does not know the secret."""
        path, query = request.rel_url.raw_path, request.rel_url.raw_query_string
        first, slash, rest = path[1:].partition("/")
        if self._is_secret(first):
            path = slash + rest
        elif not self._is_secret(request.headers.get(_SECRET_HEADER, "")):
            return None
        path = path.removeprefix("/api")
        return f"{path}?{query}" if query else path

    def _is_secret(self, text: str) -> bool:
        return hmac.compare_digest(text.encode("utf-8", "replace"), self._secret)

    def _choose(self, route: Route, authorization: str) -> tuple[RestManager, Route] | None:
        """Who keeps the limits of a call, and its route there; None where nobody knows whose it is."""
        if not route.sends_token:
            return self._nobodys, route
        scheme, _, token = authorization.partition(" ")
        if authorization and scheme.lower() != "bot":
            return self._nobodys, replace(route.of_user(authorization), sends_token=False)
        if len(self._bots) == 1:
            return next(iter(self._bots.values())), route
        if token in self._bots:
            return self._bots[token], route
        if not authorization and route.template in _PUBLIC and route.method == "GET":
            return self._nobodys, replace(route, sends_token=False)
        return None


def _payload(body: bytes, content_type: str) -> Payload:
    """The body as it came, and what it holds as far as limits depend on it."""
    if not body:
        return Payload()
    held = None
    if content_type.partition(";")[0].strip().lower() == "application/json":
        with contextlib.suppress(msgspec.DecodeError):
            held = msgspec.json.decode(body)
    return Payload(held, raw=(body, content_type or "application/octet-stream"))


def _passed_on(request: web.BaseRequest, payload: Payload) -> Mapping[str, str]:
    """The headers that go on to Discord: not a bot's token, which is the manager's to send.

    Raises UnicodeEncodeError for bytes that are no text: aiohttp would leave them out.
    """
    passed = end_to_end(request.headers, *_NOT_PASSED_ON)
    if passed.get("Authorization", "")[:4].lower() == "bot ":
        del passed["Authorization"]
    if payload.raw is not None:
        passed.popall("Content-Type", None)  # the payload has it
    for value in passed.values():
        value.encode()
    return passed
