"""REST errors, by what can be done about them. The message names the call and never the token."""

from __future__ import annotations

from typing import Any

from framework.errors import FrameworkError
from framework.rest.core.route import Route

__all__ = [
    "BadRequest",
    "CloudflareBanned",
    "Forbidden",
    "InvalidBudgetSpent",
    "LostAnswer",
    "NotFound",
    "RateLimited",
    "RequestFailed",
    "RestClosed",
    "RestError",
    "ServerError",
    "Unauthorized",
    "error_for",
]


class RestError(FrameworkError):
    """A call that did not succeed."""

    def __init__(self, route: Route, message: str) -> None:
        super().__init__(f"{route.method} {route.template}: {message}")
        self.route = route


class RequestFailed(RestError):
    """Discord answered with an error; `status`, Discord's `code` and its `details` tree say which."""

    def __init__(self, route: Route, status: int, body: Any) -> None:
        data = body if isinstance(body, dict) else {}
        self.status = status
        self.code = int(data.get("code") or 0)
        self.details = data.get("errors")
        super().__init__(route, f"{status} / {self.code} {data.get('message', '')}".rstrip())


class BadRequest(RequestFailed):
    """400: the request is wrong; repeating it cannot help."""


class Unauthorized(RequestFailed):
    """401: the token is not valid; every further call with it is refused here."""


class Forbidden(RequestFailed):
    """403: a permission is missing."""


class NotFound(RequestFailed):
    """404: there is no such thing."""


class ServerError(RequestFailed):
    """5xx after all tries."""


class RateLimited(RequestFailed):
    """429 after all tries."""


class LostAnswer(RestError):
    """The connection broke after the request may have arrived. It was not repeated."""


class CloudflareBanned(RestError):
    """This IP is banned; nothing is sent before `until_ms` of the loop's clock."""

    def __init__(self, route: Route, until_ms: int, now_ms: int) -> None:
        super().__init__(route, f"Cloudflare has banned this IP for {(until_ms - now_ms) / 1000:.0f} s more")
        self.until_ms = until_ms


class InvalidBudgetSpent(RestError):
    """So many calls failed with 401, 403 or 429 that one more flood would bring a ban; not sent."""

    def __init__(self, route: Route, until_ms: int, now_ms: int) -> None:
        super().__init__(route, f"the budget of invalid requests is spent; wait {(until_ms - now_ms) / 1000:.0f} s")
        self.until_ms = until_ms


class RestClosed(RestError):
    """The manager was closed while the call waited."""


_BY_STATUS = {400: BadRequest, 401: Unauthorized, 403: Forbidden, 404: NotFound, 429: RateLimited}


def error_for(route: Route, status: int, body: Any) -> RequestFailed:
    """The error class for a status."""
    return _BY_STATUS.get(status, ServerError if status >= 500 else RequestFailed)(route, status, body)
