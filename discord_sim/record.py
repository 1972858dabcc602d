"""The server's own record of a run: what scenarios are judged by."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any

from msgspec import Struct

from discord_sim.trace import Trace
from discord_sim.world.fanout import Event

__all__ = ["EventSeen", "Record", "RequestSeen"]


class RequestSeen(Struct, frozen=True, gc=False):
    """One HTTP request and what the server said."""

    t_ms: int
    ip: str
    method: str
    route: str
    path: str
    status: int
    scope: str
    invalid: bool


class EventSeen(Struct, frozen=True, gc=False):
    """One change of the world, before anybody was told."""

    t_ms: int
    number: int
    type: str
    guild_id: int | None
    key: int


class Delivery(Struct, frozen=True, gc=False):
    """One event sent to one session."""

    t_ms: int
    session: int
    shard_id: int
    shard_count: int
    seq: int
    event: int  # EventSeen.number; 0 for READY, GUILD_CREATE of the burst, RESUMED


@dataclass(slots=True)
class Record:
    """Everything countable, in order. `write`s go to the trace in the same instant."""

    trace: Trace
    keep: int | None = None
    """How many requests, events and deliveries are kept in detail; None is all. Totals count everything."""
    requests: deque[RequestSeen] = field(init=False)
    events: deque[EventSeen] = field(init=False)
    deliveries: deque[Delivery] = field(init=False)
    events_total: int = 0
    deliveries_total: int = 0
    totals: Counter[str] = field(default_factory=Counter)
    gateway: Counter[str] = field(default_factory=Counter)
    closes: Counter[int] = field(default_factory=Counter)
    ban_times_ms: list[int] = field(default_factory=list)
    invalid_in_window: deque[tuple[int, int]] = field(init=False)  # (t_ms, count) at each invalid answer

    def __post_init__(self) -> None:
        self.requests, self.events = deque(maxlen=self.keep), deque(maxlen=self.keep)
        self.deliveries, self.invalid_in_window = deque(maxlen=self.keep), deque(maxlen=self.keep)

    def request(self, seen: RequestSeen) -> None:
        """Note one answered request."""
        self.requests.append(seen)
        self.totals["requests"] += 1
        self.totals["invalid_requests"] += seen.invalid
        if seen.status == 429:
            self.totals[f"429 {seen.scope}"] += 1
        self.trace.write(seen.t_ms, "http", seen.ip, seen.method, seen.path, seen.status, seen.scope)

    def event(self, t_ms: int, event: Event) -> int:
        """Note one change of the world; returns its number, from 1."""
        self.events_total = number = self.events_total + 1
        self.events.append(EventSeen(t_ms, number, event.type, event.guild_id, event.key))
        self.trace.write(t_ms, "event", number, event.type, event.guild_id, event.key)
        return number

    def delivery(self, delivery: Delivery, event_type: str) -> None:
        """Note one event sent (or kept for a resume) in a session."""
        self.deliveries.append(delivery)
        self.deliveries_total += 1
        self.trace.write(delivery.t_ms, "send", delivery.session, delivery.seq, event_type, delivery.event)

    def note(self, t_ms: int, kind: str, *facts: Any) -> None:
        """Note and count one gateway fact: `identify`, `resume`, `heartbeat`…"""
        self.gateway[kind] += 1
        self.trace.write(t_ms, kind, *facts)

    def close(self, t_ms: int, connection: int, code: int | None, by: str) -> None:
        """Note the end of a gateway connection."""
        self.closes[code or 1006] += 1
        self.trace.write(t_ms, "close", connection, code, by)

    def counts(self) -> dict[str, Any]:
        """The totals the command line reports."""
        return {
            "connections": self.gateway["open"],
            "identifies": self.gateway["identify"],
            "resumes": self.gateway["resume"],
            "heartbeats": self.gateway["heartbeat"],
            "invalid_sessions": self.gateway["invalid_session"],
            "requests": self.totals["requests"],
            "responses_429": {s: self.totals[f"429 {s}"] for s in ("user", "global", "shared", "cloudflare")},
            "invalid_requests": self.totals["invalid_requests"],
            "cloudflare_bans": len(self.ban_times_ms),
            "events": self.events_total,
            "dispatched": self.deliveries_total,
        }
