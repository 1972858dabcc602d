"""What all typed methods share: bodies without what is unset, queries as text, answers as models.

Every method waits for limits as long as it takes and raises what `RestManager.request` raises; the docstrings name only
what is particular. Parameters follow Discord's documentation: a parameter that is left out is not sent (`UNSET`), None
is sent as null.
"""

from __future__ import annotations

import datetime
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

import msgspec
from msgspec import UNSET

from framework.models import decode, to_wire
from framework.rest.core.route import Route
from framework.rest.files import File

__all__ = ["Api", "Query", "body", "query"]

T = TypeVar("T")
Query = Sequence[tuple[str, str]]


def body(**fields: Any) -> dict[str, Any]:
    """The fields that were given, in Discord's spelling. A trailing underscore of a name is dropped (`type_`)."""
    return {name.rstrip("_"): to_wire(value) for name, value in fields.items() if value is not UNSET}


def query(**fields: Any) -> Query:
    """Query parameters that were given: `true`/`false` for booleans, a repeated key for lists, ISO 8601 for times."""
    pairs: list[tuple[str, str]] = []
    for name, value in fields.items():
        if value is UNSET or value is None:
            continue
        items = value if isinstance(value, list | tuple | set | frozenset) else [value]
        pairs += [(name.rstrip("_"), _text(item)) for item in items]
    return pairs


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, datetime.datetime) else str(value)


class Api(ABC):
    """Something that can carry out a call."""

    @abstractmethod
    async def request_raw(
        self,
        route: Route,
        *,
        json: Any = None,
        query: Query | None = None,
        reason: str | None = None,
        files: Iterable[File] = (),
        bearer: str | None = None,
    ) -> bytes:
        """Call any route and return the body of its answer. With `bearer` the call is a user's, not the bot's."""

    async def request(self, route: Route, **options: Any) -> Any:
        """`request_raw`, with the JSON decoded (None for an empty answer). For routes that have no method here."""
        body = await self.request_raw(route, **options)
        return msgspec.json.decode(body) if body else None

    async def _ask(self, kind: type[T], route: Route, **options: Any) -> T:
        """Call a route and decode its answer."""
        return decode(kind, await self.request_raw(route, **options))

    async def _ask_if_any(self, kind: type[T], route: Route, **options: Any) -> T | None:
        """Call a route that may answer with nothing."""
        raw = await self.request_raw(route, **options)
        return decode(kind, raw) if raw else None

    async def _do(self, route: Route, **options: Any) -> None:
        """Call a route whose answer says nothing."""
        await self.request_raw(route, **options)
