"""Waiting for a bucket: one lane for each, first come first served, and routes that share a bucket share its lane."""

from __future__ import annotations

import asyncio
from collections import deque

from framework.clock import loop_ms
from framework.rest.core.bucket import BucketEstimate, Permit
from framework.rest.core.headers import LimitHeaders
from framework.rest.core.route import Route

__all__ = ["Lane", "Lanes"]

_BUCKETS_MAX = 20_000


class _Waiter:
    """One call's place in a queue; `ticket` is its age, so that a retried call returns to its old place."""

    __slots__ = ("granted", "ticket")

    def __init__(self, ticket: int) -> None:
        self.ticket = ticket
        self.granted: asyncio.Future[tuple[Lane, Permit]] = asyncio.get_running_loop().create_future()


class Lane:
    """One bucket, and who waits for it in order."""

    __slots__ = ("estimate", "key", "timer", "waiters")

    def __init__(self, key: tuple[str, ...]) -> None:
        self.key = key
        self.estimate = BucketEstimate()
        self.waiters: deque[_Waiter] = deque()
        self.timer: asyncio.TimerHandle | None = None

    def __repr__(self) -> str:
        return f"<Lane waiting={len(self.waiters)} {self.estimate!r}>"

    def pump(self) -> None:
        """Grant what may go now; set one timer for what may go later."""
        waiters, estimate = self.waiters, self.estimate
        while waiters:
            if waiters[0].granted.done():
                waiters.popleft()  # cancelled
                continue
            now_ms = loop_ms()
            at_ms = estimate.ready_at(now_ms)
            if at_ms is None:
                return  # the answer of a request in flight will pump
            if at_ms > now_ms:
                if self.timer is not None:
                    self.timer.cancel()
                self.timer = asyncio.get_running_loop().call_later((at_ms - now_ms) / 1000, self.pump)
                return
            waiters.popleft().granted.set_result((self, estimate.reserve(now_ms)))


class Lanes:
    """All lanes, by route until the bucket is known, then by bucket and major parameter too."""

    def __init__(self) -> None:
        self._lanes: dict[tuple[str, ...], Lane] = {}

    def __repr__(self) -> str:
        return f"<Lanes {len(self._lanes)}>"

    def all(self) -> list[Lane]:
        """Each lane once, under however many names."""
        return list({id(lane): lane for lane in self._lanes.values()}.values())

    async def acquire(self, route: Route, ticket: int) -> tuple[Lane, Permit]:
        """Wait for leave to send. Cancelling gives back what was granted."""
        lane = self._lane(route.key)
        if not lane.waiters and lane.estimate.ready_at(now_ms := loop_ms()) == now_ms:
            return lane, lane.estimate.reserve(now_ms)
        waiter = _Waiter(ticket)
        if lane.waiters and lane.waiters[-1].ticket > ticket:  # a retried call goes back to its old place
            lane.waiters.insert(next(n for n, w in enumerate(lane.waiters) if w.ticket > ticket), waiter)
        else:
            lane.waiters.append(waiter)
        lane.pump()
        try:
            return await waiter.granted
        except asyncio.CancelledError:
            if waiter.granted.done() and not waiter.granted.cancelled():
                granted, permit = waiter.granted.result()
                granted.estimate.give_back(permit)
                granted.pump()
            raise

    def learn(self, route: Route, lane: Lane, permit: Permit, limits: LimitHeaders, status: int) -> Lane:
        """Routes that report the same bucket share one lane; the hash of a 429 may be another limit's."""
        if limits.bucket is None or status == 429:
            return lane
        key = (limits.bucket, route.major)
        if lane.key == key:
            return lane
        target = self._lanes.get(key)
        if target is None or target is lane:
            lane.key = key
            self._lanes[key] = lane
            return lane
        self._lanes[route.key] = target
        target.estimate.adopt(permit, limits)
        if lane.key == route.key and lane is not target:  # nobody else uses the old lane: its queue moves on
            target.waiters.extend(lane.waiters)
            lane.waiters.clear()
            target.pump()
        return target

    def close(self) -> None:
        """Cancel everybody who waits."""
        for lane in self.all():
            if lane.timer is not None:
                lane.timer.cancel()
            for waiter in lane.waiters:
                waiter.granted.cancel()

    def _lane(self, key: tuple[str, ...]) -> Lane:
        lane = self._lanes.get(key)
        if lane is None:
            if len(self._lanes) >= _BUCKETS_MAX:
                self._forget_idle()
            lane = self._lanes[key] = Lane(key)
        return lane

    def _forget_idle(self) -> None:
        now_ms = loop_ms()
        for key, lane in list(self._lanes.items()):
            e = lane.estimate
            free_ms = max(-(-e.full_at_us // 1000), e.window_end_ms, e.blocked_until_ms)
            if not lane.waiters and not e.reserved and not e.in_flight and free_ms <= now_ms:
                del self._lanes[key]
