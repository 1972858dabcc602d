"""Oracles of the limits themselves: how much was sent (R1, R3, R7, R11)."""

from __future__ import annotations

from collections.abc import Iterator

from discord_sim.testing.outcome import Exchange, Outcome
from discord_sim.testing.verdict import Bounds, Violation

__all__ = ["r1", "r3", "r7", "r11"]

_INVALID_WINDOW_MS = 600_000
_GRAIN_MS = 3  # headers are in whole milliseconds, rounded up, and so are our own times


def r1(o: Outcome, bounds: Bounds) -> Iterator[Violation]:
    """Per bucket no more is sent than its limit allows; before the limit is known, a bounded number of probes.

    Strict: the server refused. Fair: answers that had reached the client told which requests share the bucket, and by
    the documented meaning of their headers ("Rate Limits") none was left; what came too early by jitter is forgiven.
    """
    for refused, fill in _overspent(o):
        if len({e.hash for e in fill if e.hash is not None}) < 2:
            yield _overspending("R1", o, refused, fill)
    for seen in o.by_counter.values():
        for e in seen:
            blind = _blind(o, e, seen)
            if len(blind) > bounds.probes:
                text = f"{len(blind)} requests under way on {e.method} {e.template} before any answer told its limit"
                yield Violation("R1", e.arrived_ms, text, tuple(blind))
                break


def r11(o: Outcome, bounds: Bounds) -> Iterator[Violation]:
    """A bucket's new hash makes nobody spend twice and leaves nobody waiting for ever (the latter at the end only)."""
    for refused, fill in _overspent(o):
        if len({e.hash for e in fill if e.hash is not None}) >= 2:
            yield _overspending("R11", o, refused, fill)
    if o.closing is None:
        return
    for call in o.calls:
        hashes = {e.hash for e in o.by_counter.get(call.call.counter, ()) if e.hash is not None}
        if call.ended_ms is None and len(hashes) >= 2:
            yield Violation("R11", o.now_ms, f"call {call.call.number} still waits after a change of hash", (call,))


def _overspent(o: Outcome) -> Iterator[tuple[Exchange, list[Exchange]]]:
    """Each refused request with those that had filled its bucket."""
    for seen in o.by_counter.values():
        admitted: list[Exchange] = []
        opened_ms = None  # the fixed window
        for e in seen:
            law = e.law
            if e.is_refused and law is not None:
                since_ms = opened_ms if law.fixed and opened_ms is not None else e.arrived_ms - law.window_ms
                yield e, [f for f in admitted if f.arrived_ms >= since_ms]
            elif e.is_admitted and law is not None:
                if opened_ms is None or e.arrived_ms >= opened_ms + law.window_ms:
                    opened_ms = e.arrived_ms
                admitted.append(e)


def _overspending(oracle: str, o: Outcome, refused: Exchange, fill: list[Exchange]) -> Violation:
    routes = {(e.method, e.template) for e in [*fill, refused]}
    # Of any channel or guild; but the hash of a 429 may be another limit's, so it tells no route's bucket.
    told = {
        (e.method, e.template) for e in o.exchanges if e.limit is not None and e.status != 429 and o.knew(e, refused)
    }
    jitter_ms = 2 * o.network.jitter_ms
    by_jitter = jitter_ms > 0 and (refused.retry_after_ms or 0) <= jitter_ms + _GRAIN_MS
    law = refused.law
    assert law is not None
    kind = "fixed" if law.fixed else "leaky"
    text = (
        f"a {kind} bucket of {law.limit} per {law.window_ms} ms, filled by {len(fill)} requests, "
        f"refused one {refused.retry_after_ms} ms too early"
    )
    misled = any(e.is_forced and e.limit is not None for e in o.by_counter[refused.counter])  # not by the law
    unforeseen = bool(routes - told) or by_jitter or misled or _seemed_free(o, refused)
    return Violation(oracle, refused.arrived_ms, text, (*fill[-law.limit :], refused), strict=unforeseen)


def _seemed_free(o: Outcome, refused: Exchange) -> bool:
    """Whether the last headers that had reached the client left a request over: `Remaining` less what was sent since,
    or after the reset a whole `Limit` in each such time."""
    seen = o.by_counter[refused.counter][: o.by_counter[refused.counter].index(refused)]
    told = [e for e in seen if e.limit is not None and e.reset_after_ms is not None and o.knew(e, refused)]
    if not told:  # only of another channel or guild: a whole limit is free here
        return len(_under_way(o, refused, seen)) < (refused.limit or 0)
    last = told[-1]
    reset_ms = last.arrived_ms + (last.reset_after_ms or 0)
    if refused.arrived_ms < reset_ms:
        return sum(e.number > last.number and not e.is_refused for e in seen) < (last.remaining or 0)
    window_ms = max(e.reset_after_ms or 0 for e in told)
    since_ms = max(reset_ms, refused.arrived_ms - window_ms)
    return sum(e.arrived_ms >= since_ms and not e.is_refused for e in seen) < (last.limit or 0)


def _blind(o: Outcome, e: Exchange, seen: list[Exchange]) -> list[Exchange]:
    """`e` and those of its route that were surely under way with it, when nothing was known of any such route."""
    alike = [f for f in o.exchanges if f.limit is not None and (f.method, f.template) == (e.method, e.template)]
    if any(o.may_know(f, e) for f in alike):
        return []
    return [*(f for f in _under_way(o, e, seen) if f.route == e.route), e]


def _under_way(o: Outcome, e: Exchange, seen: list[Exchange]) -> list[Exchange]:
    """Which of a bucket's earlier requests were surely under way together with `e`."""
    return [
        f
        for f in seen
        if f.number < e.number
        and f.left_ms is not None
        and max(o.sent_ms(f)[1], o.sent_ms(e)[1]) < min(o.over_ms(f), o.over_ms(e))
    ]


def r3(o: Outcome, bounds: Bounds) -> Iterator[Violation]:
    """Never more than 50 requests in a second, wherever it begins. Strict: as they arrived; fair: less the jitter."""
    seen = [e for e in o.exchanges if e.has_token and not e.is_exempt]
    jitter_ms = 2 * o.network.jitter_ms
    for strict in (False, True) if jitter_ms else (False,):
        second_ms = 1_000 if strict else 1_000 - jitter_ms - _GRAIN_MS
        for first, last in zip(seen, seen[bounds.global_per_s :], strict=False):
            if last.arrived_ms - first.arrived_ms < second_ms:
                text = f"{bounds.global_per_s + 1} requests in {last.arrived_ms - first.arrived_ms} ms"
                yield Violation("R3", last.arrived_ms, text, (first, last), strict)
                break


def r7(o: Outcome, bounds: Bounds) -> Iterator[Violation]:
    """Invalid requests (401, 403, 429 that is not shared) stay within their budget of ten minutes. Where nothing goes
    wrong there is no 429 at all; fair: none that R1 or R3 could have foreseen."""
    invalid = [e for e in o.exchanges if e.status in (401, 403) or (e.status == 429 and e.scope in ("user", "global"))]
    for first, last in zip(invalid, invalid[bounds.invalid :], strict=False):
        if last.arrived_ms - first.arrived_ms < _INVALID_WINDOW_MS:
            text = f"{bounds.invalid + 1} invalid requests within ten minutes"
            yield Violation("R7", last.arrived_ms, text, (first, last))
            break
    refused = [e for e in invalid if e.status == 429]
    if refused and o.story.is_calm:
        known = any(not v.strict for v in (*r1(o, bounds), *r3(o, bounds)))
        text = f"{len(refused)} answers of 429 though nothing went wrong"
        yield Violation("R7", refused[0].arrived_ms, text, tuple(refused[:3]), strict=not known)
