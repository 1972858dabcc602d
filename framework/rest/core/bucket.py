"""What we believe about one bucket, from what Discord has told us.

Two laws exist and the headers tell them apart. Sliding: every request pushes Reset out by one slot, so
Reset-After is the time until *all* slots are free. Fixed: Reset stands still until the window ends. Until two
answers have shown which it is, both are kept.

All times are those of *sending*. A request sent `x` later than another also arrives about `x` later, so a plan in
send times holds at the server up to the jitter of the way there, which `delay` learns. Tokens of requests in flight
count as spent until their answer says otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from framework.rest.core.delay import DelaySpread
from framework.rest.core.headers import LimitHeaders

__all__ = ["BucketEstimate", "Law", "Permit"]

_SAME_RESET_MS = 50


class Law(Enum):
    """Which of Discord's two bucket laws a bucket follows."""

    UNKNOWN = "unknown"  # no answer yet: one probe at a time
    UNLIMITED = "unlimited"  # answers without bucket headers
    SLIDING = "sliding"
    FIXED = "fixed"


@dataclass(slots=True, eq=False)
class Permit:
    """Leave to send one request. Exactly one of `settle`, `refund`, `give_back` or `lose` must follow."""

    sent_ms: int | None = None


@dataclass(slots=True)
class BucketEstimate:
    """The estimate and its accounts. Methods take `now_ms`; none of them waits."""

    law: Law = Law.UNKNOWN
    limit: int = 1
    period_us: int = 0  # sliding: one slot
    _proven_us: int = 0  # sliding: what a slot lasts at least
    full_at_us: int = 0  # sliding: when the server's bucket is empty again, in send time
    _newest: Permit | None = None  # sliding: of those sent
    _furthest_ms: int = 0  # sliding: the latest Reset of accepted requests; one that is refused moves none
    window_ms: int = 0  # the longest Reset-After: of a fixed bucket its length
    window_end_ms: int = 0
    used: int = 0
    _told: int = 0  # fixed: of `used`, what answers tell, and what got none that tells
    reserved: int = 0  # granted, not yet sent
    flying: set[Permit] = field(default_factory=set)  # sent, not yet answered
    blocked_until_ms: int = 0
    refusals: int = 0  # 429s since the last success
    _is_proven: bool = False  # two answers have shown the law
    _last_seen: tuple[int, int, int | None] | None = None  # an answer's Reset and arrival by Discord's clock, Remaining
    _delay: DelaySpread = field(default_factory=DelaySpread)

    def __repr__(self) -> str:
        return f"<BucketEstimate {self.law.value} limit={self.limit} in_flight={self.in_flight}>"

    @property
    def in_flight(self) -> int:
        """How many requests are on their way or at work."""
        return len(self.flying)

    @property
    def guard_ms(self) -> int:
        """Slack for the jitter of the way to Discord."""
        return self._delay.guard_ms(max(self.window_ms, self.period_us * self.limit // 1000))

    def ready_at(self, now_ms: int) -> int | None:
        """When the next request may be reserved: `now_ms` is now; None is "not before an answer arrives"."""
        if now_ms < self.blocked_until_ms:
            return self.blocked_until_ms
        match self.law:
            case Law.UNLIMITED:
                return now_ms
            case Law.SLIDING:
                at_ms = self._sliding_ready_at(now_ms)
                if at_ms is None or not self._may_be_fixed:
                    return at_ms
                fixed_ms = self._fixed_ready_at(now_ms)
                return None if fixed_ms is None else max(at_ms, fixed_ms)
            case Law.FIXED:
                return self._fixed_ready_at(now_ms)
            case Law.UNKNOWN:
                return now_ms if not self.reserved and not self.flying else None

    def _sliding_ready_at(self, now_ms: int) -> int | None:
        now_us = now_ms * 1000
        slots_us = (self.reserved + 1 - self.limit) * self.period_us
        late_ms = self._delay.shift_ms if self.limit > 1 else self.guard_ms
        # Not even an empty bucket takes more than its limit at once; a filled one must have drained first.
        at_us = max(now_us, self.full_at_us + late_ms * 1000) + slots_us
        is_free = self.limit == 1 and not self.reserved and self.full_at_us <= now_us
        if at_us <= now_us or is_free:
            return now_ms
        # When those that are reserved leave is not known yet, so neither when their slots are free again.
        return None if self.reserved else -(-at_us // 1000)

    def _fixed_ready_at(self, now_ms: int) -> int | None:
        if now_ms >= self.window_end_ms:
            return now_ms if self.reserved + self._sent_since_the_end() < self.limit else None
        return now_ms if self.used + self.reserved < self.limit else self.window_end_ms

    @property
    def _may_be_fixed(self) -> bool:
        """Until the law is proven a bucket that is taken for sliding must keep the fixed law too, if there is a
        difference."""
        return self.law is Law.FIXED or (self.law is Law.SLIDING and not self._is_proven and self.limit > 1)

    def reserve(self) -> Permit:
        """Take a permit; `ready_at` must have said now."""
        self.reserved += 1
        return Permit()

    def sent(self, permit: Permit, now_ms: int) -> None:
        """The request leaves now."""
        self.reserved -= 1
        permit.sent_ms = now_ms
        self._newest = permit
        if self.law is Law.SLIDING:
            self.full_at_us = max(self.full_at_us, now_ms * 1000) + self.period_us
        if self._may_be_fixed:
            if now_ms >= self.window_end_ms:  # a new window, which others on their way may have opened
                self.used = self._sent_since_the_end()
                self.window_end_ms, self._told = now_ms + self.window_ms + self.guard_ms, 0
            self.used += 1
        self.flying.add(permit)

    def give_back(self, permit: Permit) -> None:
        """The request was never sent."""
        if permit.sent_ms is None:
            self.reserved -= 1

    def lose(self, permit: Permit) -> None:
        """The answer will never come; the token stays spent, because the request may have arrived."""
        if permit.sent_ms is None:
            self.reserved -= 1
        else:
            self.flying.discard(permit)
            self._told += 1

    def refund(self, permit: Permit) -> None:
        """The request was stopped before the server that counts."""
        self.flying.discard(permit)
        if self.law is Law.SLIDING:
            self.full_at_us -= self.period_us
        elif self.law is Law.FIXED and self.used > self._told:
            self.used -= 1

    def settle(self, permit: Permit, headers: LimitHeaders, *, accepted: bool = True) -> None:
        """The answer is here; `accepted` is False for a 429 or 5xx. Answers may come in any order."""
        assert permit.sent_ms is not None
        self.flying.discard(permit)
        if accepted:
            self.refusals = 0
        limit, remaining, after_ms = headers.limit, headers.remaining, headers.reset_after_ms
        if limit is None or remaining is None or after_ms is None or limit < 1:
            if accepted and self.law is Law.UNKNOWN:  # an error's missing headers say nothing about the bucket
                self.law = Law.UNLIMITED
            self._told += 1
            return
        if accepted:
            self._recognise(headers.reset_ms, after_ms, remaining)
        else:
            self._last_seen = None  # a refused request moves nothing, so its Reset proves no law
            if self.law in (Law.UNKNOWN, Law.UNLIMITED):
                self.law = Law.SLIDING
            if remaining == 0 and headers.scope == "user" and headers.retry_after_ms is not None:
                # A fixed bucket frees nothing before its Reset.
                self._is_proven |= headers.retry_after_ms + _SAME_RESET_MS < after_ms
        self.limit = limit
        if after_ms > self.window_ms:
            self.window_ms = after_ms
        spent = limit - remaining
        end_ms = self._delay.end_ms(headers.reset_ms, after_ms, permit.sent_ms, self.window_ms)
        if self._may_be_fixed:
            self._settle_fixed(end_ms, spent, accepted)
        if self.law is Law.SLIDING and spent > 0:
            self._settle_sliding(end_ms, after_ms, spent, accepted)
            if headers.reset_ms is not None and (accepted or headers.retry_after_ms is not None):
                self._correct(permit, end_ms, headers.reset_ms, accepted)

    def take_over(self, other: BucketEstimate, now_ms: int) -> None:
        """What is granted or under way under another name is of this bucket, and counts from now on."""
        self.reserved += other.reserved
        self.flying |= other.flying
        self._newest = max(self.flying, key=lambda permit: permit.sent_ms or 0, default=self._newest)
        if self._may_be_fixed:
            self.used += other.in_flight
        if self.law is Law.SLIDING:
            self.full_at_us = max(self.full_at_us, now_ms * 1000) + other.in_flight * self.period_us
        self.blocked_until_ms = max(self.blocked_until_ms, other.blocked_until_ms)

    def block(self, until_ms: int) -> None:
        """A 429: nothing of this bucket before `until_ms`."""
        self.refusals += 1
        self.blocked_until_ms = max(self.blocked_until_ms, until_ms)

    def _sent_since_the_end(self) -> int:
        """Fixed: how many on their way left so late that they may have opened the next window."""
        late_ms = self.window_end_ms - 2 * self.guard_ms - self._delay.spread_ms
        return sum(permit.sent_ms is not None and permit.sent_ms >= late_ms for permit in self.flying)

    def _recognise(self, reset_ms: int | None, after_ms: int, remaining: int) -> None:
        if self.law is Law.UNKNOWN or self.law is Law.UNLIMITED:
            self.law = Law.SLIDING
        if reset_ms is None:
            return
        previous = self._last_seen
        seen = self._last_seen = reset_ms, reset_ms - after_ms, remaining
        if previous is None or self.limit == 1:
            return  # with one slot both laws are the same
        if seen[0] == previous[0] and self.law is Law.FIXED:
            return  # as nearly always
        tolerance_ms = min(_SAME_RESET_MS, self.period_us // 2_000)
        if abs(seen[0] - previous[0]) <= tolerance_ms:
            # Either moment or count shows that these are two answers; a sliding bucket would have moved its Reset.
            if self.law is Law.SLIDING and (seen[1] != previous[1] or seen[2] != previous[2]):
                self.law, self._is_proven = Law.FIXED, True  # its window has been counted all along
        elif max(seen[1], previous[1]) < min(seen[0], previous[0]) - tolerance_ms:
            self.law, self._is_proven = Law.SLIDING, True  # Reset moved before it was reached

    def _settle_fixed(self, end_ms: int, spent: int, accepted: bool) -> None:
        end_ms += self.guard_ms
        was_ms = self.window_end_ms
        if end_ms > was_ms + _SAME_RESET_MS:
            self.window_end_ms, self.used, self._told = end_ms, spent + len(self.flying), spent
        elif end_ms > was_ms - self.window_ms // 2:  # else it tells of the window before
            if end_ms > was_ms:
                self.window_end_ms = end_ms
            if spent > self.used:
                self.used = spent
            if spent > self._told:
                self._told = spent
        elif not accepted and not self._told:  # which goes on: what was to open the next one came too early
            self.window_end_ms, self.used, self._told = end_ms, spent, spent
        if not self.flying:
            self.used = self._told  # answers out of order may have counted one twice: as told, and as in flight

    def _settle_sliding(self, end_ms: int, after_ms: int, spent: int, accepted: bool) -> None:
        # Reset-After is rounded up to a millisecond and `spent` to a whole slot, so each answer proves a least length
        # of a slot, the fuller the bucket the closer. The answer that proves the longest is the one to believe.
        end_us, after_us = end_ms * 1000, after_ms * 1000
        if accepted and spent == 1 and after_us < self.period_us:  # this one has it exactly, whatever was told before
            self.period_us, self._proven_us = after_us, after_us - 999
        proven_us = (after_us - 999) // spent
        if proven_us > self._proven_us:
            before_us, self._proven_us, self.period_us = self.period_us, proven_us, after_us // spent
            grown_us = self.period_us - before_us
            self.full_at_us += self.in_flight * grown_us  # those under way were booked in slots that were too short
            if grown_us > before_us // 4:  # by far: nothing booked so far says much
                end_us += self.in_flight * self.period_us
        self.full_at_us = max(self.full_at_us, end_us)

    def _correct(self, permit: Permit, end_ms: int, reset_ms: int, accepted: bool) -> None:
        """Sliding: what the newest request is told counts all before it, if nothing else is under way. Whatever is
        booked beyond it never arrived, or was refused, or a bucket that is fixed was taken for sliding and looks ever
        fuller."""
        is_newest = permit is self._newest and not self.flying and reset_ms >= self._furthest_ms
        doubt_us = self.period_us if accepted else 0  # what is refused takes no slot, so its own goes too
        if is_newest and self.full_at_us > end_ms * 1000 + doubt_us:
            self.full_at_us = end_ms * 1000
        if accepted:
            self._furthest_ms = max(self._furthest_ms, reset_ms)
