"""The bucket estimate against a model of Discord's two bucket laws, in discrete events: no clock, no sleep.

The model is written from the documents, in integer microseconds, and shares no code with the estimate.
"""

from __future__ import annotations

import heapq
import random
from dataclasses import dataclass, field

import pytest

from framework.rest.core.bucket import BucketEstimate, Permit
from framework.rest.core.headers import LimitHeaders

EPOCH_MS = 1_700_000_000_000


@dataclass
class Server:
    """One bucket at Discord: `n` per `w_ms`, fixed or leaky."""

    n: int
    w_ms: int
    fixed: bool
    accepted_ms: list[int] = field(default_factory=list)
    refused: int = 0
    _end_us: int = 0
    _used: int = 0

    def arrive(self, now_ms: int) -> tuple[bool, LimitHeaders]:
        now_us, slot_us = now_ms * 1000, self.w_ms * 1000 // self.n
        if self.fixed:
            if now_us >= self._end_us:
                self._end_us, self._used = now_us + self.w_ms * 1000, 0
            ok = self._used < self.n
            self._used += ok
            remaining = self.n - self._used
        else:
            after = max(self._end_us, now_us) + slot_us
            ok = after - now_us <= slot_us * self.n
            self._end_us = after if ok else self._end_us
            remaining = self.n - -(-(self._end_us - now_us) // slot_us) if ok else 0
        if ok:
            self.accepted_ms.append(now_ms)
        else:
            self.refused += 1
        reset_after_ms = -(-(self._end_us - now_us) // 1000)
        reset_ms = EPOCH_MS + now_ms + reset_after_ms
        return ok, LimitHeaders(self.n, remaining, reset_ms, reset_after_ms, bucket="b", from_origin=True)

    def ideal_ms(self, requests: int) -> float:
        if self.fixed:
            return (-(-requests // self.n) - 1) * self.w_ms
        return (requests - self.n) * self.w_ms / self.n


def drive(server: Server, requests: int, *, seed: int, way_ms: int, jitter_ms: int) -> float:
    """Send `requests` as fast as the estimate permits; returns first to last accepted arrival in ms."""
    draw, bucket = random.Random(seed), BucketEstimate()
    events: list[tuple[int, int, str, Permit | None, tuple[bool, LimitHeaders] | None]] = [
        (1_000, 0, "try", None, None)
    ]
    left, serial = requests, 0
    while events:
        now, _, what, permit, answer = heapq.heappop(events)
        assert now < 10_000_000, "the estimate no longer lets anything through"
        if what == "arrive":
            assert permit is not None
            ok, headers = server.arrive(now)
            left += not ok
            serial += 1
            back = now + way_ms + draw.randint(0, jitter_ms)
            heapq.heappush(events, (back, serial, "answer", permit, (ok, headers)))
            continue
        if what == "answer":
            assert permit is not None
            assert answer is not None
            bucket.settle(permit, answer[1], accepted=answer[0])
        while left:
            at = bucket.ready_at(now)
            if at is None:
                break
            if at > now:
                serial += 1
                heapq.heappush(events, (at, serial, "try", None, None))
                break
            out = bucket.reserve()
            bucket.sent(out, now)
            left -= 1
            serial += 1
            heapq.heappush(events, (now + way_ms + draw.randint(0, jitter_ms), serial, "arrive", out, None))
    assert len(server.accepted_ms) == requests
    return server.accepted_ms[-1] - server.accepted_ms[0]


LAWS = [(5, 1_000), (5, 500), (30, 1_000), (1, 250), (3, 333), (5, 5_000), (10, 10_000)]


@pytest.mark.parametrize("fixed", [True, False], ids=["fixed", "sliding"])
@pytest.mark.parametrize(("n", "w_ms"), LAWS)
def test_a_steady_way_gets_nearly_all_and_never_a_429(n: int, w_ms: int, fixed: bool) -> None:
    server = Server(n, w_ms, fixed)
    requests = n * 12 if n < 30 else 120
    took_ms = drive(server, requests, seed=1, way_ms=50, jitter_ms=0)
    assert server.refused == 0
    assert server.ideal_ms(requests) / took_ms >= 0.95


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("fixed", [True, False], ids=["fixed", "sliding"])
@pytest.mark.parametrize(("n", "w_ms"), LAWS)
def test_ten_milliseconds_of_jitter_bring_next_to_no_429(n: int, w_ms: int, fixed: bool, seed: int) -> None:
    server = Server(n, w_ms, fixed)
    requests = n * 12 if n < 30 else 120
    took_ms = drive(server, requests, seed=seed, way_ms=50, jitter_ms=10)
    assert server.refused <= 1
    assert server.ideal_ms(requests) / took_ms >= 0.95
