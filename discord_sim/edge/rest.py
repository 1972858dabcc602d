"""The REST shell: HTTP around the front door and the operations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import msgspec
from aiohttp import web

from discord_sim.edge.call import Call
from discord_sim.edge.operations import OPERATIONS
from discord_sim.record import RequestSeen
from discord_sim.rules.answers import Answer, error
from discord_sim.rules.front_door import Admitted

if TYPE_CHECKING:
    from discord_sim.edge.server import FakeDiscord

__all__ = ["Rest"]

_encode = msgspec.json.Encoder().encode


class Rest:
    """Answers HTTP requests."""

    def __init__(self, discord: FakeDiscord) -> None:
        self._discord = discord

    def __repr__(self) -> str:
        return f"<Rest {self._discord!r}>"

    async def serve(self, request: web.BaseRequest) -> web.Response:
        """One request, from the edge to the answer."""
        discord = self._discord
        now_ms, epoch_ms = discord.clock.now_ms, discord.clock.epoch_ms
        body = await request.read() if request.body_exists else b""
        path = _strip_version(request.rel_url.raw_path)
        ip = request.remote or "?"
        verdict = discord.door.judge(
            ip, request.method, path, request.headers.get("Authorization"), request.headers.get("User-Agent", ""),
            now_ms, epoch_ms,
        )  # fmt: skip
        if isinstance(verdict, Answer):
            answer, route = verdict, ""
        else:
            answer, route = self._carry_out(verdict, request, body), verdict.match.route.name
        invalid = answer.invalid
        banned = discord.door.settle(ip, answer, now_ms)
        record = discord.record
        record.request(RequestSeen(now_ms, ip, request.method, route, path, answer.status, answer.scope, invalid))
        if invalid:
            record.invalid_in_window.append((now_ms, discord.door.account(ip).in_window))
        if banned:
            record.ban_times_ms.append(now_ms)
            record.note(now_ms, "cloudflare_ban", ip)
        return _respond(answer)

    def _carry_out(self, admitted: Admitted, request: web.BaseRequest, body: bytes) -> Answer:
        discord = self._discord
        data: Any = None
        if body and request.method in ("POST", "PATCH", "PUT"):
            if request.content_type != "application/json":
                answer = error(400, 50035, "Invalid Form Body: this fake reads application/json only")
                return Answer(400, answer.body, admitted.headers)
            try:
                data = msgspec.json.decode(body)
            except msgspec.DecodeError:
                return Answer(400, error(400, 50109, "The request body contains invalid JSON.").body, admitted.headers)
        limited = discord.sub_limits.judge(
            admitted.match.route.name,
            admitted.match.major,
            admitted.token,
            data,
            admitted.headers,
            discord.clock.now_ms,
        )
        if limited is not None:
            return limited
        reason = request.headers.get("X-Audit-Log-Reason")
        call = Call(
            discord.world, discord.settings, discord.gateway, admitted.match.params, dict(request.query), data,
            None if reason is None else unquote(reason), discord.clock.epoch_ms, discord.clock.now_ms,
        )  # fmt: skip
        answer = OPERATIONS[admitted.match.route.name](call)
        discord.emit(call.events)
        return Answer(answer.status, answer.body, {**admitted.headers, **answer.headers}, answer.scope, answer.invalid)


def _strip_version(path: str) -> str:
    """`/api/v10/guilds/1` -> `/guilds/1`; `/v10/…` and unversioned paths work too."""
    path = path.removeprefix("/api")
    first, _, rest = path.lstrip("/").partition("/")
    if first[:1] == "v" and first[1:].isdigit():
        path = "/" + rest
    return unquote(path)


def _respond(answer: Answer) -> web.Response:
    headers = dict(answer.headers)
    if answer.from_origin:
        headers["Via"] = "1.1 google"
    if isinstance(answer.body, str):
        headers["Content-Type"] = "text/plain; charset=UTF-8"
        return web.Response(status=answer.status, body=answer.body.encode(), headers=headers)
    if answer.body is None:
        return web.Response(status=answer.status, headers=headers)
    headers["Content-Type"] = "application/json"  # exactly: discord.py compares it literally
    return web.Response(status=answer.status, body=_encode(answer.body), headers=headers)
