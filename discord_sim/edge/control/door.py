"""Serves the operator's API. Its secret is its own: no bot's token opens it."""

from __future__ import annotations

import hmac
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import msgspec
from aiohttp import web

from discord_sim.edge.control.actions import ACTIONS, Action, NotFound
from discord_sim.edge.control.document import document

if TYPE_CHECKING:
    from discord_sim.edge.server import FakeDiscord

__all__ = ["CONTROL_PREFIX", "Control"]

CONTROL_PREFIX = "/_sim"
SECRET_HEADER = "X-Sim-Secret"
_AS_USER = re.compile(r"/as/(\d{1,20})(/.*)")
_encode = msgspec.json.encode


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path))


class Control:
    """Answers `/_sim/…`. Without a secret it answers nobody."""

    def __init__(self, discord: FakeDiscord, secret: str | None) -> None:
        self._discord, self._secret = discord, secret
        self._table = [(_pattern(action.path), action) for action in ACTIONS]

    def __repr__(self) -> str:
        return f"<Control {len(self._table)} actions {'open' if self._secret else 'closed'}>"

    async def serve(self, request: web.BaseRequest) -> web.StreamResponse:
        """One request."""
        path = request.rel_url.raw_path.removeprefix(CONTROL_PREFIX)
        if self._secret is None:
            return _answer(404, {"message": "this server was started without a control secret"})
        if path == "/openapi.json" and request.method == "GET":
            return _answer(200, document(CONTROL_PREFIX))
        given = request.headers.get(SECRET_HEADER, "").encode(errors="surrogateescape")
        if not hmac.compare_digest(given, self._secret.encode()):
            return _answer(401, {"message": f"the header {SECRET_HEADER} must hold the control secret"})
        if (user := _AS_USER.fullmatch(path)) is not None:
            if not self._discord.world.user_exists(int(user[1])):
                return _answer(404, {"message": f"this world has no user {user[1]}"})
            return await self._discord.rest.serve_as(int(user[1]), user[2], request)
        found = [(match, action) for pattern, action in self._table if (match := pattern.fullmatch(path)) is not None]
        if not found:
            return _answer(404, {"message": f"no such path; {CONTROL_PREFIX}/openapi.json lists them"})
        for match, action in found:
            if action.method == request.method:
                params = {name: unquote(text) for name, text in match.groupdict().items()}
                return await self._carry_out(action, params, request)
        return _answer(405, {"message": f"this path takes {', '.join(action.method for _, action in found)}"})

    async def _carry_out(self, action: Action, params: dict[str, str], request: web.BaseRequest) -> web.Response:
        body = None
        try:
            if action.body is not None:
                body = msgspec.json.decode(await request.read(), type=action.body, strict=False)
            result = action.do(self._discord, params, body)
        except (msgspec.DecodeError, UnicodeDecodeError, ValueError) as error:  # a ValidationError names the field
            return _answer(400, {"message": str(error)})
        except LookupError as error:
            return _answer(404, {"message": str(error) if isinstance(error, NotFound) else str(error.args[0])})
        except web.HTTPRequestEntityTooLarge:
            return _answer(413, {"message": "the body is too large"})
        return web.Response(status=204) if result is None else _answer(200, result)


def _answer(status: int, body: Any) -> web.Response:
    return web.Response(status=status, body=_encode(body), headers={"Content-Type": "application/json"})
