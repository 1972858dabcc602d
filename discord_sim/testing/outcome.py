"""What came of a story: every request as the server saw it, every call as its caller saw it, and what was left over.

Times are whole milliseconds from the moment the client had started; what it did before that has negative ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from discord_sim.rules.buckets import Law
from discord_sim.rules.routes import ROUTES
from discord_sim.testing.story import Call, Network, Story

__all__ = ["CallSeen", "Closing", "Exchange", "Outcome"]

PENDING, DONE, CANCELLED, UNASKED = "pending", "done", "cancelled", "unasked"
_NEVER_MS = 1 << 60


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer. What the answer does not say is None.

    `left_ms` is when the answer left the server, None where there was none: the connection was cut or the server still
    keeps silent. `counter` is the bucket by the server's own account, `call` the number of the call it was made for.
    """

    number: int
    arrived_ms: int
    operation: str
    method: str
    path: str
    call: int | None
    counter: tuple[str, str] = ("", "")
    law: Law | None = None
    is_exempt: bool = False  # from the global limit
    has_token: bool = False
    left_ms: int | None = None
    status: int | None = None
    scope: str = ""
    is_forced: bool = False  # a 429 that nothing was spent for
    is_refused: bool = False  # a 429 of this bucket, because it was full
    is_admitted: bool = True  # the bucket was charged for it
    limit: int | None = None
    remaining: int | None = None
    reset_after_ms: int | None = None
    hash: str | None = None
    retry_after_ms: int | None = None  # the body's, else the header's

    @property
    def template(self) -> str:
        """The route, as a client knows it before any answer."""
        return ROUTES[self.operation].template if self.operation in ROUTES else self.path

    @property
    def route(self) -> tuple[str, str, str]:
        """Method, template, major parameter: where a client counts until it knows the bucket."""
        return (self.method, self.template, self.counter[1])

    @property
    def is_failed(self) -> bool:
        """A 5xx, or no answer at all."""
        return self.left_ms is None or (self.status or 0) >= 500

    def __str__(self) -> str:
        who = "" if self.call is None else f" for call {self.call}"
        answer = f"{self.status or 'no answer'} {self.scope}".strip()
        answer += " (never delivered)" if self.status and self.left_ms is None else ""
        left = "" if self.remaining is None else f", {self.remaining} of {self.limit} left"
        wait = "" if self.retry_after_ms is None else f", retry after {self.retry_after_ms} ms"
        full = "" if self.reset_after_ms is None else f", reset after {self.reset_after_ms} ms"
        return f"{self.arrived_ms:>8} ms  {self.method} {self.path}{who}: {answer}{left}{full}{wait}"


@dataclass(frozen=True, slots=True)
class CallSeen:
    """One call from its caller's side. `result` is `done`, `cancelled`, `pending`, `unasked` (the client had been
    closed before) or the name of what was raised. `is_stuck`: only the client's end ended it."""

    call: Call
    started_ms: int
    ended_ms: int | None = None
    result: str = PENDING
    error: str = ""
    is_stuck: bool = False

    def __str__(self) -> str:
        end = "never" if self.ended_ms is None else f"{self.ended_ms} ms"
        why = f": {self.error}" if self.error else ""
        return f"call {self.call.number} ({self.call.operation}), {self.started_ms} ms to {end}: {self.result}{why}"


@dataclass(frozen=True, slots=True)
class Closing:
    """How the client was closed. `left` are tasks and connections that outlived it, `alarms` what asyncio complained
    of: exceptions that nobody retrieved, sessions nobody closed."""

    began_ms: int
    ended_ms: int | None = None
    error: str = ""
    left: tuple[str, ...] = ()
    alarms: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """All of it. `effects` says how often each call that makes something was carried out; `now_ms` is when the account
    ends; `digest` is the fingerprint of the server's record."""

    story: Story
    exchanges: tuple[Exchange, ...] = ()
    calls: tuple[CallSeen, ...] = ()
    effects: Mapping[int, int] = field(default_factory=dict)
    closing: Closing | None = None
    now_ms: int = 0
    digest: str = ""

    def __repr__(self) -> str:
        return f"<Outcome {len(self.exchanges)} requests, {len(self.calls)} calls, {len(self.in_flight)} in flight>"

    @property
    def network(self) -> Network:
        """The way of the story."""
        return self.story.network

    @property
    def in_flight(self) -> list[Exchange]:
        """Requests that were never answered."""
        return [e for e in self.exchanges if e.left_ms is None]

    @cached_property
    def by_call(self) -> dict[int, list[Exchange]]:
        """The requests of each call, as they arrived."""
        found: dict[int, list[Exchange]] = {}
        for exchange in self.exchanges:
            if exchange.call is not None:
                found.setdefault(exchange.call, []).append(exchange)
        return found

    @cached_property
    def by_counter(self) -> dict[tuple[str, str], list[Exchange]]:
        """The requests of each bucket, as they arrived."""
        found: dict[tuple[str, str], list[Exchange]] = {}
        for exchange in self.exchanges:
            found.setdefault(exchange.counter, []).append(exchange)
        return found

    # What happens at the client is known up to the jitter: the bounds below are what it was at the earliest and latest.

    def sent_ms(self, exchange: Exchange) -> tuple[int, int]:
        """When a request left the client."""
        way, jitter = self.network.latency_ms, self.network.jitter_ms
        return exchange.arrived_ms - way - jitter - 1, exchange.arrived_ms - way + jitter

    def told_ms(self, exchange: Exchange) -> int | None:
        """When an answer had surely reached the client; None where it did not, or nobody waited for it any more."""
        if exchange.left_ms is None:
            return None
        at_ms = exchange.left_ms + self.network.latency_ms + self.network.jitter_ms + 1
        if exchange.call is not None:
            call = self.calls[exchange.call]
            earliest_ms = at_ms - 2 * self.network.jitter_ms - 1
            if call.ended_ms is not None and call.ended_ms < (at_ms if call.result == CANCELLED else earliest_ms):
                return None
        return at_ms

    def knew(self, exchange: Exchange, later: Exchange) -> bool:
        """Whether an answer had surely reached the client when it decided to send a later request, which may have
        waited for a connection since."""
        told_ms = self.told_ms(exchange)
        return told_ms is not None and told_ms <= self.sent_ms(later)[0] - self.network.trip_ms

    def over_ms(self, exchange: Exchange) -> int:
        """The earliest moment at which nobody waited for an answer any more."""
        ended_ms = None if exchange.call is None else self.calls[exchange.call].ended_ms
        over_ms = _NEVER_MS if ended_ms is None else ended_ms
        if exchange.left_ms is not None:
            over_ms = min(over_ms, exchange.left_ms + self.network.latency_ms - self.network.jitter_ms)
        return over_ms

    def may_know(self, exchange: Exchange, later: Exchange) -> bool:
        """Whether an answer can have reached the client when it sent a later request."""
        if exchange.left_ms is None:
            return False
        return exchange.left_ms + self.network.latency_ms - self.network.jitter_ms <= self.sent_ms(later)[1]
