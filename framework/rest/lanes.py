"""Waiting for a bucket: one lane for each, first come first served, and routes that share a bucket share its lane."""

from __future__ import annotations

import asyncio
from collections import deque

from framework.clock import loop_ms
from framework.rest.core.bucket import BucketEstimate, Law, Permit
from framework.rest.core.route import Route

__all__ = ["Lane", "Lanes"]

_LANES_MAX = 20_000
_BUCKETS_OF_A_ROUTE = 8  # deleting a message has three, by its age; hashes change


class _Waiter:
    """One call's place in a queue; `ticket` is its age, so that a retried call returns to its old place."""

    __slots__ = ("granted", "ticket")

    def __init__(self, ticket: int) -> None:
        self.ticket = ticket
        self.granted: asyncio.Future[tuple[Lane, Permit]] = asyncio.get_running_loop().create_future()


class Lane:
    """One bucket, and who waits for it in order."""

    __slots__ = ("estimate", "moved_to", "timer", "waiters")

    def __init__(self) -> None:
        self.estimate = BucketEstimate()
        self.waiters: deque[_Waiter] = deque()
        self.timer: asyncio.TimerHandle | None = None
        self.moved_to: Lane | None = None

    def __repr__(self) -> str:
        return f"<Lane waiting={len(self.waiters)} {self.estimate!r}>"

    @property
    def current(self) -> Lane:
        """This lane, or the one it has become part of."""
        lane = self
        while lane.moved_to is not None:
            lane = lane.moved_to
        return lane

    def pump(self) -> None:
        """Grant what may go now; set one timer for what may go later."""
        if self.moved_to is not None:
            self.current.pump()
            return
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
            waiters.popleft().granted.set_result((self, estimate.reserve()))

    def join(self, other: Lane) -> None:
        """This bucket is that one: who waits here goes there, by age, and what is under way counts there."""
        other.estimate.take_over(self.estimate, loop_ms())
        waiting = sorted([*other.waiters, *self.waiters], key=lambda waiter: waiter.ticket)
        other.waiters.clear()
        other.waiters.extend(waiting)
        self.waiters.clear()
        if self.timer is not None:
            self.timer.cancel()
        self.estimate, self.moved_to = other.estimate, other  # whose permits are of this lane settle there


class Lanes:
    """All lanes, by route until the bucket is known, then by bucket and major parameter too."""

    def __init__(self) -> None:
        self._lanes: dict[tuple[str, ...], Lane] = {}
        self._buckets: dict[tuple[str, str], deque[str]] = {}  # of a route, whatever the channel or guild: the newest

    def __repr__(self) -> str:
        return f"<Lanes {len(self._lanes)}>"

    def all(self) -> list[Lane]:
        """Each lane once, under however many names."""
        return list({id(lane): lane for lane in (named.current for named in self._lanes.values())}.values())

    def acquire_now(self, route: Route, now_ms: int) -> tuple[Lane, Permit] | None:
        """Leave to send, where nobody has to wait for it."""
        lane = self._lanes.get((route.method, route.template, route.major))
        if lane is None or lane.moved_to is not None:
            lane = self._lane(route)
        if lane.waiters or lane.estimate.ready_at(now_ms) != now_ms:
            return None
        return lane, lane.estimate.reserve()

    async def acquire(self, route: Route, ticket: int) -> tuple[Lane, Permit]:
        """Wait for leave to send. Cancelling gives back what was granted."""
        lane = self._lane(route)
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

    def learn(self, route: Route, lane: Lane, bucket: str, status: int) -> None:
        """What an answer tells of which routes share a bucket, before it is settled: they share one lane. The hash of a
        429 may be another limit's, so it counts only where it is known already."""
        buckets = self._buckets.get((route.method, route.template))
        if buckets is not None and bucket in buckets and self._lanes.get((bucket, route.major)) is lane:
            return  # as nearly always
        if status == 429:
            if (bucket, route.major) in self._lanes:
                self._share(lane, bucket, route.major)
            return
        self._share(lane, bucket, route.major)
        if buckets is None:
            buckets = self._buckets[route.method, route.template] = deque(maxlen=_BUCKETS_OF_A_ROUTE)
        if bucket not in buckets:
            buckets.append(bucket)
            for key, other in list(self._lanes.items()):  # elsewhere it is of the same bucket, though untold so far
                if key[:-1] == (route.method, route.template):
                    self._share(other, bucket, key[-1])
                    if key[-1] != route.major:  # here the answer that tells it is settled first, and pumps
                        other.pump()  # there nothing may be under way that would, and the timer went with the old lane

    def close(self) -> None:
        """Cancel everybody who waits."""
        for lane in self.all():
            if lane.timer is not None:
                lane.timer.cancel()
            for waiter in lane.waiters:
                waiter.granted.cancel()

    def _share(self, lane: Lane, bucket: str, major: str) -> None:
        one, other = lane.current, self._lanes.setdefault((bucket, major), lane).current
        if one is not other:
            if other.estimate.law is Law.UNKNOWN:  # whoever knows more goes on
                one, other = other, one
            one.join(other)

    def _lane(self, route: Route) -> Lane:
        """The lane of a route; where its bucket is known from other channels or guilds, that of the bucket here."""
        lane = self._lanes.get(route.key)
        if lane is None:
            if len(self._lanes) >= _LANES_MAX:
                self._forget_idle()
            buckets = self._buckets.get((route.method, route.template))
            lane = self._lanes.setdefault((buckets[-1], route.major), Lane()) if buckets else Lane()
            self._lanes[route.key] = lane
        return lane.current

    def _forget_idle(self) -> None:
        now_ms = loop_ms()
        for key, lane in list(self._lanes.items()):
            e = lane.estimate
            free_ms = max(-(-e.full_at_us // 1000), e.window_end_ms, e.blocked_until_ms)
            if not lane.current.waiters and not e.reserved and not e.in_flight and free_ms <= now_ms:
                del self._lanes[key]
