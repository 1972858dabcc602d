"""The REST shell: HTTP around the front door and the operations."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import unquote

import msgspec
from aiohttp import web

from discord_sim.edge import intake
from discord_sim.edge.call import OPERATIONS, Call, Refused
from discord_sim.edge.http import Reply
from discord_sim.edge.media import Media
from discord_sim.edge.operations import load
from discord_sim.faults import RestFault
from discord_sim.record import RequestSeen
from discord_sim.rules.answers import Answer, error, generic
from discord_sim.rules.front_door import Admitted
from discord_sim.rules.routes import SPECIFICATIONS, RouteMatch, match
from discord_sim.wire import API_VERSIONS_SERVED

if TYPE_CHECKING:
    from discord_sim.edge.server import FakeDiscord

__all__ = ["Rest"]

_encode = msgspec.json.Encoder().encode
_SECRETS = re.compile(r"(/(?:webhooks|interactions)/[^/]+/)[^/]+")
_VERSION = re.compile(r"/v(\d{1,3})(?=/|$)")
_SILENCE_S, _BODY_S = 3_600.0, 60.0  # how long a fault keeps silent; how long a body may take to arrive
_SETS_ENDPOINT = ("update_my_application", "update_application")
load()


class Rest:
    """Answers HTTP requests."""

    observers: ClassVar[list[Callable[[str, Answer], None]]] = []
    """Told of each answer that an operation gave, by operation id; for audits of whole test runs."""

    def __init__(self, discord: FakeDiscord) -> None:
        self._discord = discord
        self.media = Media(discord.world.seed)

    def __repr__(self) -> str:
        return f"<Rest {self._discord!r}>"

    async def serve(self, request: web.BaseRequest) -> web.StreamResponse:
        """One request, from the edge to the answer."""
        discord = self._discord
        now_ms = discord.clock.now_ms
        epoch_ms = discord.clock.epoch_at(now_ms)
        version, path, shown = _read_path(request.rel_url.raw_path)
        ip = request.remote or "?"
        get = request.headers.get
        verdict = discord.door.judge(
            ip, request.method, path, get("Authorization"), get("User-Agent", ""), now_ms, epoch_ms
        )
        fault = None
        told: dict[str, str] = {}
        if isinstance(verdict, Answer):
            found = match(request.method, path)
            answer, route = verdict, found.route.name if isinstance(found, RouteMatch) else ""
        else:
            route = verdict.match.route.name
            fault = discord.faults.for_request(route)
            if fault is not None:
                await _suffer(fault, request)
            if fault is not None and fault.do == "answer":
                answer = fault.answer()
            elif version not in API_VERSIONS_SERVED:
                answer = error(400, 50041, "Invalid API version provided")
            else:
                answer, told = await self._carry_out(verdict, request), verdict.headers
        self._note(RequestSeen(now_ms, ip, request.method, route, shown, answer.status, answer.scope, answer.invalid))
        if fault is not None and fault.do == "reset_after":
            _cut(request)
        return _respond(answer, epoch_ms, told)

    def _note(self, seen: RequestSeen) -> None:
        """Book an answered request, and what it brings about: an invalid one may be one too many."""
        discord, record = self._discord, self._discord.record
        record.request(seen)
        if seen.invalid:
            banned = discord.door.settle(seen.ip, seen.t_ms)
            record.invalid_in_window.append((seen.t_ms, discord.door.account(seen.ip).in_window))
            if banned:
                record.ban_times_ms.append(seen.t_ms)
                record.note(seen.t_ms, "cloudflare_ban", seen.ip)

    async def _carry_out(self, admitted: Admitted, request: web.BaseRequest, *, limited: bool = True) -> Answer:
        sent = intake.Sent()
        try:
            if request.method != "GET" and request.body_exists:
                async with asyncio.timeout(_BODY_S):
                    sent = await intake.read(request)
        except TimeoutError:
            answer = generic(408, "Request Timeout")
        except Refused as refusal:
            answer = refusal.answer
        else:
            if admitted.match.route.name in _SETS_ENDPOINT:
                await self._verify_endpoint(admitted, sent)
            answer = self._judge_body(admitted, request, sent, limited=limited)
        for observer in self.observers:
            observer(admitted.match.route.name, answer)
        return answer

    async def _verify_endpoint(self, admitted: Admitted, sent: intake.Sent) -> None:
        """An endpoint for interactions is tried out before an application may have it."""
        url = sent.value.get("interactions_endpoint_url") if isinstance(sent.value, dict) else None
        if not isinstance(url, str) or admitted.user_id is None:
            return
        if await self._discord.outgoing.is_verified(admitted.user_id, url):
            self._discord.world.endpoints.add((admitted.user_id, url))

    def _judge_body(self, admitted: Admitted, request: web.BaseRequest, sent: intake.Sent, *, limited: bool) -> Answer:
        discord = self._discord
        found = admitted.match
        now_ms = discord.clock.now_ms
        epoch_ms = discord.clock.epoch_at(now_ms)
        if limited:
            refusal = discord.sub_limits.judge(found, admitted.token, sent.value, admitted.headers, now_ms, epoch_ms)
            if refusal is not None:
                return refusal
        specification = SPECIFICATIONS[found.route.name]
        try:
            query = intake.check_query(specification, request)
            data = intake.check_body(specification, sent)
            reason = intake.reason_of(request)
        except Refused as refusal:
            return refusal.answer
        call = Call(
            discord.world, discord.settings, discord.gateway, self.media, found.params, query, data, sent.files,
            reason, epoch_ms, now_ms,
            admitted.user_id if admitted.user_id is not None else discord.world.bot_id, admitted.scopes,
            discord.door.bearers, discord.door.bearers.get(admitted.token),
        )  # fmt: skip
        answer = OPERATIONS[found.route.name](call)
        if call.events:
            discord.emit(call.events)
        return answer

    async def serve_as(self, user_id: int, path: str, request: web.BaseRequest) -> web.StreamResponse:
        """The same, as an operator lets any user do it: no token, no limits."""
        epoch_ms = self._discord.clock.epoch_ms
        found = match(request.method, path)
        if not isinstance(found, RouteMatch):
            return _respond(generic(404, "Not Found"), epoch_ms, {})
        admitted = Admitted(found, "", {}, user_id)
        return _respond(await self._carry_out(admitted, request, limited=False), epoch_ms, {})

    def file(self, request: web.BaseRequest) -> web.Response:
        """A file of the CDN."""
        found = self.media.find(unquote(request.rel_url.raw_path))
        if found is None:
            return web.Response(status=404, text="404 page not found", headers={"Server": "cloudflare"})
        return web.Response(body=found[1], content_type=found[0].partition(";")[0] or "application/octet-stream")


async def _suffer(fault: RestFault, request: web.BaseRequest) -> None:
    """What happens before the request is acted upon. Raises ConnectionResetError where it never is."""
    if fault.do == "delay":
        await asyncio.sleep(fault.delay_ms / 1000)
    elif fault.do == "silence":
        await asyncio.sleep(_SILENCE_S)
    if fault.do in ("reset", "silence"):
        _cut(request)
        raise ConnectionResetError


def _cut(request: web.BaseRequest) -> None:
    if request.transport is not None:
        request.transport.abort()


@lru_cache(maxsize=2_048)
def _read_path(raw: str) -> tuple[int, str, str]:
    """`/api/v10/guilds/1` -> `(10, "/guilds/1", what the record shows)`; `/v10/…` works too, no version is 6."""
    path = raw.removeprefix("/api")
    found = _VERSION.match(path)
    version, path = (6, path) if found is None else (int(found[1]), path[found.end() :])
    return version, path, _SECRETS.sub(r"\1<token>", unquote(path))


def _respond(answer: Answer, epoch_ms: int, told: dict[str, str]) -> Reply:
    """`told` are the headers of the bucket, which every answer of an admitted request carries."""
    headers, body = {"Server": "cloudflare", **told, **answer.headers}, answer.body
    if answer.from_origin:
        headers["Via"] = "1.1 google"
    if isinstance(body, str):
        headers.setdefault("Content-Type", "text/plain; charset=UTF-8")
        body = body.encode()
    elif body is None:
        body = b""
    elif not isinstance(body, bytes):
        headers["Content-Type"] = "application/json"  # exactly: discord.py compares it literally
        body = _encode(body)
    return Reply(answer.status, headers, body, epoch_ms // 1000)
