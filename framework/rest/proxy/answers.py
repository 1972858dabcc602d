"""What the proxy answers itself, in Discord's form, and which headers go on in either direction."""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web
from multidict import CIMultiDict

from framework.rest.errors import CloudflareBanned, InvalidBudgetSpent, LostAnswer, RequestFailed, RestClosed, RestError

__all__ = ["end_to_end", "failed", "refused"]

_REASONS = {
    400: "400: Bad Request",
    401: "401: Unauthorized",
    404: "404: Not Found",
    405: "405: Method Not Allowed",
    413: "Request entity too large",
}
_COME_BACK_MS = 1_000
_HOP_BY_HOP = (
    "Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization", "Proxy-Connection", "TE", "Trailer",
    "Transfer-Encoding", "Upgrade",
)  # fmt: skip
"""For one connection only ("HTTP Semantics", 7.6.1), with whatever Connection names."""


def end_to_end(headers: Mapping[str, str], *but: str) -> CIMultiDict[str]:
    """The headers that go on with a message, each as often as it came, except those called `but`."""
    kept = CIMultiDict(headers)
    for named in headers.get("Connection", "").split(","):
        kept.popall(named.strip(), None)
    for name in (*_HOP_BY_HOP, *but):
        kept.popall(name, None)
    return kept


def refused(status: int, message: str = "", *, retry_after_ms: int | None = None) -> web.Response:
    """An answer of the proxy's own, code 0; a 503 says when to come back, in whole seconds, rounded up."""
    body: dict[str, object] = {"message": message or _REASONS[status], "code": 0}
    if status == 503:
        wait_ms = max(_COME_BACK_MS, retry_after_ms or 0)
        body["retry_after"] = wait_ms / 1000
        return web.json_response(body, status=status, headers={"Retry-After": str(-(-wait_ms // 1000))})
    return web.json_response(body, status=status)


def failed(error: RestError, now_ms: int) -> web.Response:
    """What became of a call that has no answer of Discord's."""
    match error:
        case CloudflareBanned() | InvalidBudgetSpent():
            return refused(503, str(error), retry_after_ms=error.until_ms - now_ms)
        case RestClosed():
            return refused(503, "the proxy is closing; ask again")  # also what was sent, if twice does it once
        case LostAnswer():
            return refused(504, f"{error}; its fate is unknown: it may have been carried out")
        case RequestFailed():
            return refused(error.status)
        case _:
            raise error
