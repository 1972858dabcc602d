"""Looks over the server's shoulder: each request as it arrives, and what is said to it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import msgspec
from aiohttp import web

from discord_sim.edge import FakeDiscord
from discord_sim.edge.http import Reply
from discord_sim.rules.buckets import Bucket, take
from discord_sim.rules.routes import RouteMatch, match
from discord_sim.testing.outcome import Exchange
from discord_sim.testing.story import Call

__all__ = ["Tap"]

_BASE = re.compile(r"^(?:/api)?(?:/v\d+)?(?=/)")
_NAME = re.compile(rb'"call-(\d+)"')
_SCOPES = {"user": "user", "hidden": "user", "shared": "shared", "global": "global", "cloudflare": "cloudflare"}


class Tap:
    """Puts itself before a fake's REST shell. `exchanges` are in the order of arrival."""

    def __init__(self, fake: FakeDiscord, now_ms: Callable[[], int]) -> None:
        self.exchanges: list[Exchange] = []
        self._fake, self._now_ms = fake, now_ms
        self._serve = fake.rest.serve
        self._calls: dict[tuple[str, str], int] = {}
        self._transports: dict[int, Any] = {}
        fake.rest.serve = self.serve  # type: ignore[method-assign]

    def __repr__(self) -> str:
        return f"<Tap exchanges={len(self.exchanges)}>"

    def expect(self, call: Call) -> None:
        """A call that will be made: its requests are known by their path, or by the name in their body."""
        if call.json is None:
            self._calls[(call.method, call.path)] = call.number

    def shift(self, by_ms: int) -> None:
        """Everything so far was `by_ms` earlier: the clock has a new zero."""
        self.exchanges = [
            replace(e, arrived_ms=e.arrived_ms - by_ms, left_ms=None if e.left_ms is None else e.left_ms - by_ms)
            for e in self.exchanges
        ]

    def open_connections(self) -> int:
        """Connections that the other side has not closed."""
        return sum(not transport.is_closing() for transport in self._transports.values())

    async def serve(self, request: web.BaseRequest) -> web.StreamResponse:
        """Stands in for `Rest.serve`. A request has arrived when its body has."""
        transport = request.transport
        if transport is not None:
            self._transports[id(transport)] = transport
        try:
            body = await request.read()
        except (web.RequestPayloadError, ConnectionError):
            body = b""
        number = len(self.exchanges)
        seen = self._arrived(number, request, body)
        self.exchanges.append(seen)
        asked = self._fake.door.forced.get(seen.operation)
        form = asked[0].form if asked else None
        is_full = self._is_full(request, seen)
        reply = await self._serve(request)
        assert isinstance(reply, Reply)
        answered = self._answered(self.exchanges[number], reply, form, is_full)
        if transport is None or transport.is_closing():
            answered = replace(answered, left_ms=None)
        self.exchanges[number] = answered
        return reply

    def _arrived(self, number: int, request: web.BaseRequest, body: bytes) -> Exchange:
        fake, method = self._fake, request.method
        path = _BASE.sub("", request.rel_url.raw_path, count=1)
        found = match(method, path)
        named = _NAME.search(body)
        call = int(named[1]) if named is not None else self._calls.get((method, path))
        token = request.headers.get("Authorization", "")
        seen = Exchange(number, self._now_ms(), "", method, path, call, has_token=bool(token))
        if not isinstance(found, RouteMatch):
            return seen
        bucket, law = found.counter(fake.clock.epoch_ms)
        return replace(
            seen,
            operation=found.route.name,
            counter=(bucket, found.major),
            law=fake.door.laws.get(found.route.name, law),
            is_exempt=found.route.exempt_from_global,
        )

    def _is_full(self, request: web.BaseRequest, seen: Exchange) -> bool:
        """Whether the bucket has no room for one more: a 429 may also be of a limit that no header names."""
        door, (bucket, major) = self._fake.door, seen.counter
        if seen.law is None:
            return False
        token = request.headers.get("Authorization", "").partition(" ")[2]
        payer = request.remote or "?" if seen.is_exempt or not token else token
        state = door.buckets.get((bucket, major, payer), Bucket())
        return not take(state, seen.law, self._fake.clock.now_ms)[1].allowed

    def _answered(self, seen: Exchange, reply: Reply, form: str | None, is_full: bool) -> Exchange:
        status, headers, body, _ = reply.told
        scope, wait_ms = "", None
        if status == 429:
            scope = headers.get("X-RateLimit-Scope", "cloudflare")
            wait_ms = _retry_after_ms(headers.get("Retry-After"), body)
        is_forced = status == 429 and form is not None and _SCOPES[form] == scope
        is_refused = is_full and scope == "user" and not is_forced
        limit = _whole(headers.get("X-RateLimit-Limit"))
        return replace(
            seen,
            left_ms=self._now_ms(),
            status=status,
            scope=scope,
            is_forced=is_forced,
            is_refused=is_refused,
            is_admitted=status >= 500 or (limit is not None and not is_forced and not is_refused),
            limit=limit,
            remaining=_whole(headers.get("X-RateLimit-Remaining")),
            reset_after_ms=_ms(headers.get("X-RateLimit-Reset-After")),
            hash=headers.get("X-RateLimit-Bucket"),
            retry_after_ms=wait_ms,
        )


def _retry_after_ms(header: str | None, body: bytes) -> int | None:
    try:
        told = msgspec.json.decode(body)
    except msgspec.DecodeError:
        told = None
    exact = told.get("retry_after") if isinstance(told, dict) else None
    return round(exact * 1000) if isinstance(exact, int | float) else _ms(header)


def _whole(text: str | None) -> int | None:
    return None if text is None else int(text)


def _ms(text: str | None) -> int | None:
    return None if text is None else round(float(text) * 1000)
