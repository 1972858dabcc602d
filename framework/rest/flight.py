"""One request on its way, and what it holds of the accounts."""

from __future__ import annotations

from framework.clock import loop_ms
from framework.rest.core.bucket import Permit
from framework.rest.core.headers import LimitHeaders
from framework.rest.lanes import Lane
from framework.rest.turns import Turns

__all__ = ["Flight"]


class Flight:
    """One request on its way: what it holds of the accounts, booked when it leaves, given back if it never does.

    A request leaves when its first byte does: behind it lies the wait for a connection, up to three round trips that
    the limits' clocks must not count.
    """

    __slots__ = ("asked_ms", "has_left", "has_turn", "is_late", "lane", "permit", "settled", "turns", "waited_ms")

    def __init__(self, lane: Lane, permit: Permit, turns: Turns | None, asked_ms: int) -> None:
        self.lane, self.permit, self.turns = lane, permit, turns
        self.asked_ms, self.waited_ms = asked_ms, 0
        self.has_turn = self.has_left = self.is_late = self.settled = False

    def leave(self) -> None:
        """The first byte is on its way."""
        if self.has_left:
            return
        self.has_left = True
        now_ms = loop_ms()
        self.waited_ms = now_ms - self.asked_ms
        self.lane.estimate.sent(self.permit, now_ms)
        if self.turns is not None:
            self.turns.left(now_ms)
        if self.lane.waiters or self.lane.moved_to is not None:
            self.lane.pump()

    def settle(self, limits: LimitHeaders, *, accepted: bool) -> None:
        """The answer is here."""
        if not self.has_left:
            self.leave()
        self.lane.estimate.settle(self.permit, limits, accepted=accepted)
        self.settled = True
        if self.lane.waiters or self.lane.moved_to is not None:
            self.lane.pump()

    def refund(self) -> None:
        """Cloudflare has answered, so Discord has not counted it."""
        self.leave()
        self.lane.estimate.refund(self.permit)
        self.settled = True
        self.lane.pump()

    def land(self) -> None:
        """It is over; what was not spent is given back."""
        if self.settled:
            return
        if self.has_left:
            self.lane.estimate.lose(self.permit)
        else:
            self.lane.estimate.give_back(self.permit)
            if self.turns is not None and self.has_turn:
                self.turns.give_back()
        self.lane.pump()
