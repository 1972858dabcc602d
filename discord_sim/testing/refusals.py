"""Oracles of obedience: what is sent after Discord has said no (R2, R4, R5, R6, R8)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from discord_sim.testing.outcome import Exchange, Outcome
from discord_sim.testing.verdict import Bounds, Violation

__all__ = ["r2", "r4", "r5", "r6", "r8"]

_GRAIN_MS = 3
_HEADER_GRAIN_MS = 1_000  # Retry-After is in whole seconds, rounded up


def r2(o: Outcome, bounds: Bounds) -> Iterator[Violation]:
    """After a global 429 nothing leaves before it is over, except what the global limit does not count."""
    for no in o.exchanges:
        if no.status == 429 and no.scope == "global":
            yield from _too_early("R2", o, no, lambda e: e.has_token and not e.is_exempt, "a global 429")


def r4(o: Outcome, bounds: Bounds) -> Iterator[Violation]:
    """After a 429 of a bucket its route waits for as long as it said; strict: every route of the bucket. Where tokens
    are left it is another limit, and only the same call must wait. (Who waits for too long is seen by the idle times.)
    """
    for no in o.exchanges:
        if no.status == 429 and no.scope == "user":
            if no.remaining:
                yield from _too_early("R4", o, no, _same_call(no), "a 429 of a limit that no header names")
                continue
            yield from _too_early("R4", o, no, lambda e, no=no: e.route == no.route, "the bucket's 429")  # type: ignore[misc]
            mates = lambda e, no=no: e.counter == no.counter and e.route != no.route  # noqa: E731
            yield from _too_early("R4", o, no, mates, "the bucket's 429, told to another route", strict=True)


def r5(o: Outcome, bounds: Bounds) -> Iterator[Violation]:
    """After a 429 of scope `shared` the call waits. (Who else does is seen by the idle times.)"""
    for no in o.exchanges:
        if no.status == 429 and no.scope == "shared":
            yield from _too_early("R5", o, no, _same_call(no), "a shared 429")


def r6(o: Outcome, bounds: Bounds) -> Iterator[Violation]:
    """After a Cloudflare ban nothing at all is sent until it is over."""
    for no in o.exchanges:
        if no.status == 429 and no.scope == "cloudflare":
            yield from _too_early("R6", o, no, lambda e: True, "a Cloudflare ban", grain_ms=_HEADER_GRAIN_MS)


def r8(o: Outcome, bounds: Bounds) -> Iterator[Violation]:
    """After a 401 nothing is sent with the token; a webhook that answered 404 is not called again."""
    for no in o.exchanges:
        if no.status == 401 and no.has_token:
            yield from _after("R8", o, no, lambda e: e.has_token, "the token was refused")
        elif no.status == 404 and no.operation == "execute_webhook":
            yield from _after("R8", o, no, lambda e, no=no: e.path == no.path, "the webhook does not exist")  # type: ignore[misc]


def _same_call(no: Exchange) -> Callable[[Exchange], bool]:
    return lambda e: e.call is not None and e.call == no.call


def _too_early(
    oracle: str, o: Outcome, no: Exchange, concerns: Callable[[Exchange], bool], what: str, *,
    grain_ms: int = 0, strict: bool = False,
) -> Iterator[Violation]:  # fmt: skip
    """Requests that left after the client had been told and arrived before the time it was told was over."""
    if no.left_ms is None:
        return
    until_ms = no.left_ms + (no.retry_after_ms or 0) - 2 * o.network.jitter_ms - _GRAIN_MS - grain_ms
    for e in o.exchanges[no.number + 1 :]:
        if e.arrived_ms < until_ms and concerns(e) and o.knew(no, e):
            text = f"sent {until_ms - e.arrived_ms} ms before {what} was over"
            yield Violation(oracle, e.arrived_ms, text, (no, e), strict)
            return


def _after(
    oracle: str, o: Outcome, no: Exchange, concerns: Callable[[Exchange], bool], what: str
) -> Iterator[Violation]:
    for e in o.exchanges[no.number + 1 :]:
        if concerns(e) and o.knew(no, e):
            yield Violation(oracle, e.arrived_ms, f"sent though {what}", (no, e))
            return
