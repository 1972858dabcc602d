"""REST errors, by what can be done about them. The message names the call and never the token."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from framework.errors import FrameworkError
from framework.rest.core.route import Route

__all__ = [
    "BadRequest",
    "CloudflareBanned",
    "Forbidden",
    "FormError",
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


@dataclass(frozen=True, slots=True)
class FormError:
    """What is wrong with one field of a request."""

    code: str
    message: str


class RequestFailed(RestError):
    """Discord answered with an error; `status`, Discord's `code` and `message` say which.

    `errors` are the fields that are wrong, by their path: "embeds.0.fields.2.value"; "" is the whole request.
    """

    def __init__(self, route: Route, status: int, body: Any, headers: Mapping[str, str] | None = None) -> None:
        data = body if isinstance(body, dict) else {}
        code = data.get("code")
        self.status = status
        self.code = code if isinstance(code, int) else 0
        self.message = str(data.get("message", ""))
        self.headers: Mapping[str, str] = {} if headers is None else headers
        self.errors = _flattened(data.get("errors"))
        fields = [f"{path or 'request'}: {error.message}" for path, found in self.errors.items() for error in found]
        more = [f"and {len(fields) - _SHOWN_MAX} more"] if len(fields) > _SHOWN_MAX else []
        first = f"{status} / {self.code} {self.message}".rstrip()
        super().__init__(route, "; ".join([first, *fields[:_SHOWN_MAX], *more]))


def _flattened(tree: Any) -> dict[str, list[FormError]]:
    """The leaves of a tree of errors by their path, in its order."""
    found: dict[str, list[FormError]] = {}
    ahead = [("", tree)]
    while ahead:
        path, node = ahead.pop()
        if not isinstance(node, dict):
            continue
        leaf = node.get("_errors")
        if isinstance(leaf, list):
            errors = [FormError(str(e.get("code", "")), str(e.get("message", ""))) for e in leaf if isinstance(e, dict)]
            found.setdefault(path, []).extend(errors)
        below = [(f"{path}.{key}" if path else key, inner) for key, inner in node.items() if key != "_errors"]
        ahead += reversed(below)
    return found


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


_SHOWN_MAX = 5
_BY_STATUS = {400: BadRequest, 401: Unauthorized, 403: Forbidden, 404: NotFound, 429: RateLimited}


def error_for(route: Route, status: int, body: Any, headers: Mapping[str, str]) -> RequestFailed:
    """The error class for a status."""
    return _BY_STATUS.get(status, ServerError if status >= 500 else RequestFailed)(route, status, body, headers)
