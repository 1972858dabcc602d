"""Oracles of idle times: a call waits though nothing stands in its way (R9; R4 after a 429; R5, R10 because of others).

For each call the time from when it was asked for until its first request, and from its first 429 until the next one,
is held against every reason to wait. What remains is idle.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from discord_sim.testing.outcome import CallSeen, Exchange, Outcome
from discord_sim.testing.verdict import Bounds, Violation

__all__ = ["idle"]

_Span = tuple[int, int]
_FOREVER = 1 << 60
_SECOND_MS = 1_000
_GUARD_MS = 100  # what a limiter may add to the global second
_NEARLY = 5  # so many requests less than the global limit are taken for all of it


def idle(o: Outcome, bounds: Bounds) -> Iterator[Violation]:
    """Work conserving: where a call waits, its bucket is free and nothing was refused, a request leaves soon.

    Fair: by what the client had been told, a route's requests one at a time, a full bucket free at its reset.
    Strict: by the server's account, to the slot, and several requests at once.
    """
    reasons = _Reasons(o)
    for strict in (False, True):
        told: set[tuple[tuple[str, str], int]] = set()
        for call, wait, again in _waits(o):
            counter = call.call.counter
            law = next((e.law for e in o.by_counter.get(counter, ()) if e.law is not None), None)
            bound_ms = (bounds.idle_strict_ms if strict else bounds.idle_ms) + 2 * o.network.trip_ms
            bound_ms += 0 if law is None else law.window_ms // 10
            for begin_ms, end_ms in _gaps(wait, reasons.of(call, strict)):
                if end_ms - begin_ms > bound_ms and (counter, begin_ms) not in told:
                    told.add((counter, begin_ms))
                    oracle, why = reasons.suspect(call, begin_ms, again)
                    text = f"call {call.call.number} waits {end_ms - begin_ms} ms for nothing{why}"
                    yield Violation(oracle, begin_ms, text, (*reasons.around(counter, begin_ms), call), strict)


def _waits(o: Outcome) -> Iterator[tuple[CallSeen, _Span, bool]]:
    for call in o.calls:
        if call.result == "unasked":
            continue
        own = o.by_call.get(call.call.number, [])
        last_ms = o.now_ms if call.ended_ms is None else call.ended_ms
        yield call, (call.started_ms, o.sent_ms(own[0])[0] if own else last_ms), False
        for n, e in enumerate(own):
            if e.status == 429:
                told_ms = o.told_ms(e)
                if told_ms is not None:
                    yield call, (told_ms, o.sent_ms(own[n + 1])[0] if n + 1 < len(own) else last_ms), True
                break
            if e.is_failed:
                break  # from here on it may back off


def _gaps(wait: _Span, spans: Iterable[_Span]) -> Iterator[_Span]:
    at_ms, end_ms = wait
    for begin_ms, until_ms in sorted(spans):
        if begin_ms >= end_ms:
            break
        if begin_ms > at_ms:
            yield at_ms, begin_ms
        at_ms = max(at_ms, until_ms)
    if at_ms < end_ms:
        yield at_ms, end_ms


@dataclass(frozen=True)
class _Reasons:
    """Why a call may wait. Spans are from and until when, at the client at the latest."""

    o: Outcome

    def of(self, call: CallSeen, strict: bool) -> list[_Span]:
        """Everything that stands in the way of a call."""
        counter = call.call.counter
        spans = [*self._everything, *self._global, *self.refused(counter)]
        spans += self._full_in_truth(counter) if strict else self._full_as_told(counter)
        seen = self.o.by_counter.get(counter, [])
        told = [self.o.told_ms(e) for e in seen if e.limit is not None]
        known_ms = min((ms for ms in told if ms is not None), default=None)
        for e in seen:
            if not strict or known_ms is None or self.o.sent_ms(e)[0] < known_ms or e.is_failed:
                spans.append((self.o.sent_ms(e)[0], self._over_ms(e, not strict)))
        return spans

    def refused(self, counter: tuple[str, str]) -> list[_Span]:
        """The times a bucket's 429s have asked for; a client may know them in whole seconds only."""
        return [
            (e.arrived_ms, self._expiry_ms(e))
            for e in self.o.by_counter.get(counter, ())
            if e.status == 429 and e.scope in ("user", "shared")
        ]

    def suspect(self, call: CallSeen, at_ms: int, again: bool) -> tuple[str, str]:
        """Which oracle an idle time is for: who else was held up then, and by what?"""
        if again:
            return "R4", " after a 429"
        for counter, seen in self.o.by_counter.items():
            if counter == call.call.counter:
                continue
            for e in seen:
                if e.status == 429 and e.arrived_ms <= at_ms < self._expiry_ms(e):
                    return ("R5", " but another's shared 429") if e.scope == "shared" else ("R10", " but another's 429")
            if any(begin_ms <= at_ms < end_ms for begin_ms, end_ms in self._full_as_told(counter)):
                return "R10", " but another's full bucket"
        return "R9", ""

    def around(self, counter: tuple[str, str], at_ms: int) -> list[Exchange]:
        """The last request of the bucket before a moment and the first one after it."""
        seen = self.o.by_counter.get(counter, [])
        return [e for e in seen if e.arrived_ms <= at_ms][-1:] + [e for e in seen if e.arrived_ms > at_ms][:1]

    @cached_property
    def _everything(self) -> list[_Span]:
        """Reasons for all calls: the ban, a refused token."""
        spans = []
        for e in self.o.exchanges:
            if e.status == 429 and e.scope == "cloudflare":
                spans.append((e.arrived_ms, self._expiry_ms(e)))
            elif e.status == 401:
                spans.append((e.arrived_ms, _FOREVER))
        return spans

    @cached_property
    def _global(self) -> list[_Span]:
        """The global limit; a webhook's token may or may not be outside it, so its calls may wait too."""
        spans = [
            (e.arrived_ms, self._expiry_ms(e)) for e in self.o.exchanges if e.status == 429 and e.scope == "global"
        ]
        counted = [e.arrived_ms for e in self.o.exchanges if e.has_token and not e.is_exempt]
        second_ms = _SECOND_MS + _GUARD_MS + self.o.network.trip_ms
        for first_ms, last_ms in zip(counted, counted[50 - _NEARLY - 1 :], strict=False):
            if last_ms - first_ms <= second_ms:
                spans.append((last_ms - self.o.network.trip_ms, first_ms + second_ms + self.o.network.trip_ms))
        return spans

    def _full_as_told(self, counter: tuple[str, str]) -> list[_Span]:
        """A full bucket is free again at its reset, as headers say it."""
        seen = self.o.by_counter.get(counter, [])
        spans = []
        for e in seen:
            if e.reset_after_ms is None or e.remaining is None or e.law is None:
                continue
            reset_ms = e.arrived_ms + e.reset_after_ms
            later = [f for f in seen if f.number > e.number and f.arrived_ms < reset_ms][: e.remaining]
            if len(later) == e.remaining:
                begin_ms = (later[-1] if later else e).arrived_ms - self.o.network.trip_ms
                spans.append((begin_ms, reset_ms + self.o.network.trip_ms + e.law.window_ms // 25))
        return spans

    def _full_in_truth(self, counter: tuple[str, str]) -> list[_Span]:
        spans, full_at_ms, used, trip_ms = [], 0.0, 0, self.o.network.trip_ms
        for e in self.o.by_counter.get(counter, ()):
            law = e.law
            if law is None or not e.is_admitted:
                continue
            if law.fixed:
                if e.arrived_ms >= full_at_ms:
                    full_at_ms, used = e.arrived_ms + law.window_ms, 0
                used += 1
                free_ms = full_at_ms if used >= law.limit else 0.0
            else:
                slot_ms = law.window_ms / law.limit
                full_at_ms = max(full_at_ms, e.arrived_ms) + slot_ms
                free_ms = full_at_ms + slot_ms - law.window_ms
            spans.append((e.arrived_ms - trip_ms, int(free_ms) + trip_ms))
        return spans

    def _over_ms(self, e: Exchange, backs_off: bool) -> int:
        """When nobody waits for a request any more; where it failed, its call may hold its place until the next try."""
        told_ms = self.o.told_ms(e)
        if told_ms is not None and not (backs_off and e.is_failed):
            return told_ms
        if e.call is None:
            return e.arrived_ms + 60_000
        following = [f for f in self.o.by_call[e.call] if f.number > e.number]
        ended_ms = self.o.calls[e.call].ended_ms
        return self.o.sent_ms(following[0])[1] if following else _FOREVER if ended_ms is None else ended_ms

    def _expiry_ms(self, e: Exchange) -> int:
        wait_ms = -(-(e.retry_after_ms or 0) // _SECOND_MS) * _SECOND_MS
        return e.arrived_ms + wait_ms + self.o.network.trip_ms
