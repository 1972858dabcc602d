"""Oracles of what the caller gets: order, an end, each effect once, patience, a clean close (R10, R12 to R15, L3)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from discord_sim.testing.outcome import CANCELLED, DONE, UNASKED, CallSeen, Exchange, Outcome
from discord_sim.testing.verdict import Bounds, Violation

__all__ = ["l3", "r10", "r12", "r13", "r14", "r15"]

_GRAIN_MS = 3
_LOST_MS = 365_000  # a request without an answer: the client's time-out and its back-off
_REFUSED_MS = 61_000  # a 429 or a 5xx, besides what it told: back-off
_SLACK_MS = 10_000
_LEAST_BACKOFF_MS = 100
_TOLERANCE_MS = 50


def r10(o: Outcome, bounds: Bounds) -> Iterator[Violation]:
    """First come first served within a route, and nobody waits longer than what was in the way takes."""
    ahead: dict[tuple[str, str, str], list[tuple[int, int, int]]] = {}
    reach_ms = o.network.trip_ms + 2 * o.network.jitter_ms + _GRAIN_MS  # a new connection takes a round trip
    for call in o.calls:
        own = o.by_call.get(call.call.number)
        if not own:
            continue
        first = own[0]
        for started_ms, arrived_ms, number in ahead.setdefault(first.route, []):
            if arrived_ms > first.arrived_ms + reach_ms and started_ms <= call.started_ms:
                text = f"call {call.call.number} overtook call {number} by {arrived_ms - first.arrived_ms} ms"
                yield Violation("R10", first.arrived_ms, text, (o.by_call[number][0], first))
                return
        ahead[first.route].append((call.started_ms, first.arrived_ms, call.call.number))
    if o.closing is not None and o.calls:
        last_ms, bound_ms = max(c.ended_ms or o.now_ms for c in o.calls), _longest_ms(o)
        if last_ms > bound_ms and all(c.ended_ms is not None for c in o.calls):
            slowest = max(o.calls, key=lambda c: c.ended_ms or 0)
            yield Violation("R10", last_ms, f"everything could have been over by {bound_ms} ms", (slowest,))


def _longest_ms(o: Outcome) -> int:
    """When everything is over at the latest, with one request at a time and every bucket waited for to its reset."""
    bound_ms = max(call.started_ms for call in o.calls) + _SLACK_MS
    for e in o.exchanges:
        bound_ms += 2 * o.network.trip_ms + 20
        if e.left_ms is None:
            bound_ms += _LOST_MS
        elif e.is_failed or e.status == 429:
            bound_ms += _REFUSED_MS + -(-(e.retry_after_ms or 0) // 1_000) * 1_000
        bound_ms += max(0, (e.left_ms or e.arrived_ms) - e.arrived_ms)
    for seen in o.by_counter.values():
        law = seen[0].law
        if law is not None:
            bound_ms += (len(seen) // law.limit + 1) * (law.window_ms + o.network.trip_ms)
    return bound_ms + len(o.exchanges) * 1_000 // 50


def r12(o: Outcome, other: Outcome) -> Iterator[Violation]:
    """The same story under another skew of the wall clocks gives the same requests, answers and results."""
    mine = [(e.call, e.status) for e in o.exchanges if e.call is not None]
    theirs = [(e.call, e.status) for e in other.exchanges if e.call is not None]
    skews = f"{o.story.skew_ms} and {other.story.skew_ms} ms"
    if [c.result for c in o.calls] != [c.result for c in other.calls] or Counter(mine) != Counter(theirs):
        text = f"{len(mine)} and {len(theirs)} requests where Discord's clock is ahead by {skews}, or other answers"
        yield Violation("R12", o.now_ms, text, (*o.exchanges[-1:], *other.exchanges[-1:]))
        return
    for one, two in zip(o.calls, other.calls, strict=True):
        if abs((one.ended_ms or 0) - (two.ended_ms or 0)) > _TOLERANCE_MS:
            text = f"it took another time where Discord's clock is ahead by {skews}"
            yield Violation("R12", one.ended_ms or 0, text, (one, two))
            return


def r13(o: Outcome, bounds: Bounds) -> Iterator[Violation]:
    """Every call has its effect once at most, and a call that succeeded has it."""
    for number, effects in o.effects.items():
        call = o.calls[number]
        if effects > 1 or (effects == 0 and call.result == DONE):
            text = f"call {number} was carried out {effects} times"
            yield Violation("R13", call.ended_ms or o.now_ms, text, (*o.by_call.get(number, ()), call))


def r14(o: Outcome, bounds: Bounds) -> Iterator[Violation]:
    """Every call ends with what Discord answered, or with an exception for a reason; nobody waits for ever."""
    for call in o.calls:
        own = o.by_call.get(call.call.number, [])
        answers = [e for e in own if o.told_ms(e) is not None and e.status is not None and e.status < 300]
        seen: tuple[Exchange | CallSeen, ...] = (*own[-3:], call)
        at_ms = o.now_ms if call.ended_ms is None else call.ended_ms
        if call.is_stuck or (call.ended_ms is None and o.closing is not None):
            yield Violation("R14", at_ms, f"call {call.call.number} would never have ended", seen)
        elif call.ended_ms is None:
            continue
        elif call.result == DONE and not any((e.status or 0) < 300 for e in own if e.left_ms is not None):
            yield Violation("R14", at_ms, f"call {call.call.number} succeeded without Discord's having said so", seen)
        elif call.result in (DONE, CANCELLED, UNASKED) or (o.closing is not None and at_ms >= o.closing.began_ms):
            continue
        elif call.result == "CancelledError":
            yield Violation("R14", at_ms, f"call {call.call.number} was cancelled, but not by its caller", seen)
        elif answers:
            yield Violation("R14", at_ms, f"call {call.call.number} failed although Discord had done it", seen)
        elif o.story.is_calm and all(e.status == 429 for e in own) and not _is_hopeless(o, call):
            yield Violation("R14", at_ms, f"call {call.call.number} gave up though nothing went wrong", seen)


def _is_hopeless(o: Outcome, call: CallSeen) -> bool:
    """Whether Discord had said that there is no use in it."""
    return any(e.status == 401 or (e.status == 404 and e.path == call.call.path) for e in o.exchanges)


def r15(o: Outcome, bounds: Bounds) -> Iterator[Violation]:
    """5xx and lost answers are tried again a bounded number of times, later and later, but not absurdly late.
    Strict: and not by all calls in the same instant."""
    for number, own in o.by_call.items():
        if len(own) > bounds.attempts:
            text = f"call {number} was tried {len(own)} times"
            yield Violation("R15", own[-1].arrived_ms, text, tuple(own[-2:]))
        pairs = list(pairwise(own))
        gaps = [(b.arrived_ms - (a.left_ms or a.arrived_ms), a, b) for a, b in pairs if a.is_failed]
        for gap_ms, a, b in gaps:
            if gap_ms < _LEAST_BACKOFF_MS + o.network.trip_ms:
                yield Violation("R15", b.arrived_ms, f"tried again after {gap_ms} ms", (a, b))
                break
            told = any(e.status == 429 for e in o.exchanges[a.number : b.number + 1])
            if gap_ms > bounds.backoff_max_ms + _LOST_MS * (a.left_ms is None) and not told:
                yield Violation("R15", b.arrived_ms, f"tried again only after {gap_ms} ms", (a, b))
                break
        held_up = any(e.status == 429 for e in o.exchanges[own[0].number : own[-1].number + 1])
        if len(gaps) >= 3 and len(gaps) == len(pairs) and gaps[-1][0] <= gaps[0][0] and not held_up:
            text = f"the pauses of call {number} do not grow: {', '.join(f'{gap_ms} ms' for gap_ms, _, _ in gaps)}"
            yield Violation("R15", own[-1].arrived_ms, text, tuple(own))
    yield from _in_step(o)


def _in_step(o: Outcome) -> Iterator[Violation]:
    """Three calls on three buckets that fail together come back in the same millisecond."""
    together: dict[tuple[int, int], dict[tuple[str, str], int]] = {}
    for number, own in o.by_call.items():
        if len(own) > 1 and own[0].is_failed and own[0].left_ms is not None:
            moment = (own[0].left_ms, own[1].arrived_ms)
            together.setdefault(moment, {}).setdefault(own[0].counter, number)
    for (_, again_ms), calls in together.items():
        if len(calls) >= 3:
            numbers = list(calls.values())
            text = f"calls {', '.join(map(str, numbers))} failed together and come back together"
            yield Violation("R15", again_ms, text, tuple(o.by_call[n][1] for n in numbers), strict=True)


def l3(o: Outcome, bounds: Bounds) -> Iterator[Violation]:
    """`close` ends soon and without an error, so do the calls under way, and nothing is left."""
    closing = o.closing
    if closing is None:
        return
    at_ms = closing.began_ms
    if closing.ended_ms is None or closing.ended_ms - at_ms > bounds.close_ms:
        yield Violation("L3", at_ms, "close() does not end" if closing.ended_ms is None else "close() took too long")
    if closing.error:
        yield Violation("L3", at_ms, f"close() raised {closing.error}")
    for call in o.calls:
        if call.ended_ms is not None and call.started_ms <= at_ms < call.ended_ms - bounds.close_ms:
            yield Violation("L3", call.ended_ms, f"call {call.call.number} went on after close()", (call,))
    for what in [*closing.left, *closing.alarms]:
        yield Violation("L3", at_ms, f"left behind: {what}")
