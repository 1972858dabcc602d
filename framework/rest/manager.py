"""The REST shell: one manager owns all limits of one token. It waits, sends, and asks the cores what next."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import aiohttp
import msgspec

from framework.chance import default_chance
from framework.clock import loop_ms
from framework.errors import InvalidUse
from framework.ports import Chance, GlobalLimit
from framework.rest.core.bucket import BucketEstimate, Permit
from framework.rest.core.global_limit import SmoothLimit
from framework.rest.core.headers import LimitHeaders, read_headers
from framework.rest.core.invalid_budget import InvalidBudget
from framework.rest.core.retry import Verdict, judge, judge_lost
from framework.rest.core.route import Route
from framework.rest.endpoints import Endpoints
from framework.rest.errors import (
    CloudflareBanned,
    InvalidBudgetSpent,
    LostAnswer,
    RestClosed,
    Unauthorized,
    error_for,
)
from framework.wire import API_BASE

__all__ = ["RestManager", "RestSnapshot"]

_USER_AGENT = "DiscordBot (https://github.com/discord-sim/discord-sim, 0.1)"
_BUCKETS_MAX = 20_000


@dataclass(frozen=True, slots=True)
class RestSnapshot:
    """Counters since the start."""

    sent: int
    succeeded: int
    rate_limited: int
    invalid: int
    refused: int
    waiting: int
    buckets: int


class _Waiter:
    """One call's place in a queue; `ticket` is its age, so that a retried call returns to its old place."""

    __slots__ = ("granted", "ticket")

    def __init__(self, ticket: int) -> None:
        self.ticket = ticket
        self.granted: asyncio.Future[tuple[_Lane, Permit]] = asyncio.get_running_loop().create_future()


class _Lane:
    """One bucket, and who waits for it in order."""

    __slots__ = ("estimate", "key", "timer", "waiters")

    def __init__(self, key: tuple[str, ...]) -> None:
        self.key = key
        self.estimate = BucketEstimate()
        self.waiters: deque[_Waiter] = deque()
        self.timer: asyncio.TimerHandle | None = None


class RestManager(Endpoints):
    """Sends requests to Discord and keeps every limit.

    Args:
        token: the bot token, without prefix. It appears in no log, error or repr.
        base_url: with the API version, without a slash at the end.
        global_limit: the policy over all routes; by default a smooth 50 per second with headroom.
        max_tries: how often one call is sent before its last error is raised.
        timeout_s: seconds until an unanswered request counts as lost.
        chance: jitter for back-off.

    Share one manager (or one proxy) per token: limits split over processes that do not know of each other are how
    bots get banned.
    """

    def __init__(
        self,
        token: str,
        *,
        base_url: str = API_BASE,
        global_limit: GlobalLimit | None = None,
        invalid_budget: InvalidBudget | None = None,
        max_tries: int = 5,
        timeout_s: float = 30.0,
        chance: Chance | None = None,
        user_agent: str = _USER_AGENT,
    ) -> None:
        if not token or any(c.isspace() for c in token):
            raise InvalidUse("the token is empty or holds white space; pass the bare bot token")
        if max_tries < 1:
            raise InvalidUse(f"max_tries must be at least 1, not {max_tries}")
        self._headers = {"Authorization": f"Bot {token}", "User-Agent": user_agent}
        self._base = base_url.rstrip("/")
        self._global: GlobalLimit = global_limit or SmoothLimit()
        self._invalid = invalid_budget or InvalidBudget()
        self._max_tries = max_tries
        self._timeout = aiohttp.ClientTimeout(total=timeout_s)
        self._chance = chance or default_chance()
        self._lanes: dict[tuple[str, ...], _Lane] = {}
        self._session: aiohttp.ClientSession | None = None
        self._closing = asyncio.Event()
        self._tickets = itertools.count()
        self._global_queue: deque[asyncio.Future[None]] = deque()
        self._global_timer: asyncio.TimerHandle | None = None
        self._token_dead = False
        self._sent = self._succeeded = self._rate_limited = self._refused = self._invalid_total = 0

    def __repr__(self) -> str:
        return f"<RestManager {self._base} {self.snapshot()}>"

    def snapshot(self) -> RestSnapshot:
        """The counters now."""
        lanes = {id(lane): lane for lane in self._lanes.values()}
        return RestSnapshot(
            self._sent, self._succeeded, self._rate_limited, self._invalid_total, self._refused,
            sum(len(lane.waiters) for lane in lanes.values()), len(lanes),
        )  # fmt: skip

    async def close(self) -> None:
        """Fail everything that waits with `RestClosed` and close the connections."""
        self._closing.set()
        for timer in (self._global_timer, *(lane.timer for lane in self._lanes.values())):
            if timer is not None:
                timer.cancel()
        for turn in self._global_queue:
            turn.cancel()
        for lane in self._lanes.values():
            for waiter in lane.waiters:
                waiter.granted.cancel()
        if self._session is not None:
            await self._session.close()

    async def request(
        self,
        route: Route,
        *,
        json: Any = None,
        query: Mapping[str, str] | None = None,
        reason: str | None = None,
    ) -> Any:
        """Call Discord and return the decoded JSON (None for an empty answer). Waits for limits as long as it takes.

        Raises:
            RequestFailed: Discord refused (see its subclasses for 400, 401, 403, 404, 429, 5xx).
            CloudflareBanned, InvalidBudgetSpent: not sent, because it would make things worse.
            LostAnswer: a POST whose fate is unknown.
            RestClosed: `close()` was called.
        """
        body = await self.request_raw(route, json=json, query=query, reason=reason)
        return msgspec.json.decode(body) if body else None

    async def request_raw(
        self,
        route: Route,
        *,
        json: Any = None,
        query: Mapping[str, str] | None = None,
        reason: str | None = None,
    ) -> bytes:
        """`request`, with the body left as bytes."""
        data = None if json is None else msgspec.json.encode(json)
        headers = dict(self._headers)
        if data is not None:
            headers["Content-Type"] = "application/json"
        if reason is not None:
            headers["X-Audit-Log-Reason"] = quote(reason, safe=" ")
        attempt = 0
        ticket = next(self._tickets)
        while True:
            self._refuse_if_closed(route)
            lane, permit = await self._acquire(route, ticket)
            try:
                if not route.exempt_from_global:
                    await self._pass_global(route)
                self._refuse_if_closed(route)
            except BaseException:
                lane.estimate.give_back(permit)
                self._pump(lane)
                raise
            outcome = await self._send(route, lane, permit, data, query, headers, attempt)
            if isinstance(outcome, bytes):
                return outcome
            attempt += 1
            if attempt >= self._max_tries and outcome.final is not None:
                raise outcome.final
            if outcome.at_ms > loop_ms():
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout((outcome.at_ms - loop_ms()) / 1000):
                        await self._closing.wait()

    # -- the way of one request --------------------------------------------------------------------------

    async def _send(
        self,
        route: Route,
        lane: _Lane,
        permit: Permit,
        data: bytes | None,
        query: Mapping[str, str] | None,
        headers: dict[str, str],
        attempt: int,
    ) -> bytes | _Again:
        session = self._open_session()
        lane.estimate.sent(permit, loop_ms())
        self._sent += 1
        settled = False
        try:
            async with session.request(
                route.method, self._base + route.path, data=data, params=query, headers=headers
            ) as response:
                body = await response.read()
                status, limits = response.status, read_headers(response.headers)
            now_ms = loop_ms()
            lane.estimate.settle(permit, limits, accepted=status != 429)
            settled = True
        except (TimeoutError, aiohttp.ClientError, ConnectionError) as error:
            decision = judge_lost(
                route.method,
                not isinstance(error, aiohttp.ClientConnectorError),
                attempt,
                loop_ms(),
                self._chance(),
            )
            lost = LostAnswer(route, f"no answer ({type(error).__name__})")
            if decision.verdict is Verdict.FAIL:
                raise lost from error
            return _Again(decision.at_ms, lost)
        finally:
            if not settled:
                lane.estimate.lose(permit)
            self._pump(lane)
        lane = self._learn_bucket(route, lane, permit, limits, status)
        parsed = _parse(body) if status >= 400 else None
        retry_after = parsed.get("retry_after") if isinstance(parsed, dict) else None
        exact_ms = int(retry_after * 1000) + 1 if isinstance(retry_after, int | float) else None
        decision = judge(route.method, status, limits, exact_ms, attempt, now_ms, self._chance())
        if decision.invalid:
            self._invalid_total += 1
            self._invalid.note(now_ms)
        if status == 429:
            self._rate_limited += 1
        match decision.verdict:
            case Verdict.DONE:
                self._succeeded += 1
                return body
            case Verdict.BANNED:
                self._invalid.note_ban(now_ms, limits.retry_after_ms)
                raise CloudflareBanned(route, self._invalid.banned_until_ms, now_ms)
            case Verdict.FAIL:
                if status == 401:
                    self._token_dead = True
                raise error_for(route, status, parsed)
            case Verdict.GLOBAL:
                self._global.pause(decision.at_ms)
                return _Again(decision.at_ms, None)
            case Verdict.RETRY:
                if status == 429:
                    lane.estimate.block(decision.at_ms)
                return _Again(decision.at_ms, error_for(route, status, parsed))

    def _refuse_if_closed(self, route: Route) -> None:
        if self._closing.is_set():
            raise RestClosed(route, "the manager is closed")
        if self._token_dead:
            self._refused += 1
            raise Unauthorized(route, 401, {"message": "the token was refused before; not sent"})
        now_ms = loop_ms()
        until_ms = self._invalid.closed_until(now_ms)
        if until_ms is not None:
            self._refused += 1
            kind = CloudflareBanned if now_ms < self._invalid.banned_until_ms else InvalidBudgetSpent
            raise kind(route, until_ms, now_ms)

    async def _pass_global(self, route: Route) -> None:
        now_ms = loop_ms()
        if not self._global_queue and self._global.ready_at(now_ms) == now_ms:
            self._global.take(now_ms)
            return
        turn = asyncio.get_running_loop().create_future()
        self._global_queue.append(turn)
        self._pump_global()
        try:
            await turn
        except asyncio.CancelledError:
            if self._closing.is_set():
                raise RestClosed(route, "the manager was closed while the call waited") from None
            raise

    def _pump_global(self) -> None:
        """Let through who may go now; set one timer for the next."""
        queue = self._global_queue
        while queue:
            if queue[0].done():
                queue.popleft()  # cancelled: it takes no turn
                continue
            now_ms = loop_ms()
            at_ms = self._global.ready_at(now_ms)
            if at_ms > now_ms:
                if self._global_timer is not None:
                    self._global_timer.cancel()
                loop = asyncio.get_running_loop()
                self._global_timer = loop.call_later((at_ms - now_ms) / 1000, self._pump_global)
                return
            self._global.take(now_ms)
            queue.popleft().set_result(None)

    # -- lanes -------------------------------------------------------------------------------------------

    async def _acquire(self, route: Route, ticket: int) -> tuple[_Lane, Permit]:
        lane = self._lane(route.key)
        if not lane.waiters and lane.estimate.ready_at(now_ms := loop_ms()) == now_ms:
            return lane, lane.estimate.reserve(now_ms)
        waiter = _Waiter(ticket)
        if lane.waiters and lane.waiters[-1].ticket > ticket:  # a retried call goes back to its old place
            lane.waiters.insert(next(n for n, w in enumerate(lane.waiters) if w.ticket > ticket), waiter)
        else:
            lane.waiters.append(waiter)
        self._pump(lane)
        try:
            return await waiter.granted
        except asyncio.CancelledError:
            if waiter.granted.done() and not waiter.granted.cancelled():
                granted, permit = waiter.granted.result()
                granted.estimate.give_back(permit)
                self._pump(granted)
            if self._closing.is_set():
                raise RestClosed(route, "the manager was closed while the call waited") from None
            raise

    def _lane(self, key: tuple[str, ...]) -> _Lane:
        lane = self._lanes.get(key)
        if lane is None:
            if len(self._lanes) >= _BUCKETS_MAX:
                self._forget_idle_lanes()
            lane = self._lanes[key] = _Lane(key)
        return lane

    def _pump(self, lane: _Lane) -> None:
        """Grant what may go now; set one timer for what may go later."""
        waiters, estimate = lane.waiters, lane.estimate
        while waiters:
            if waiters[0].granted.done():
                waiters.popleft()  # cancelled
                continue
            now_ms = loop_ms()
            at_ms = estimate.ready_at(now_ms)
            if at_ms is None:
                return  # the answer of a request in flight will pump
            if at_ms > now_ms:
                if lane.timer is not None:
                    lane.timer.cancel()
                lane.timer = asyncio.get_running_loop().call_later((at_ms - now_ms) / 1000, self._pump, lane)
                return
            waiters.popleft().granted.set_result((lane, estimate.reserve(now_ms)))

    def _learn_bucket(self, route: Route, lane: _Lane, permit: Permit, limits: LimitHeaders, status: int) -> _Lane:
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
            self._pump(target)
        return target

    def _forget_idle_lanes(self) -> None:
        now_ms = loop_ms()
        for key, lane in list(self._lanes.items()):
            e = lane.estimate
            free_ms = max(-(-e.full_at_us // 1000), e.window_end_ms, e.blocked_until_ms)
            if not lane.waiters and not e.reserved and not e.in_flight and free_ms <= now_ms:
                del self._lanes[key]

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=self._timeout)
        return self._session


@dataclass(frozen=True, slots=True)
class _Again:
    """Try again at `at_ms`; after the last try raise `final` (None: limits are waited for without end)."""

    at_ms: int
    final: Exception | None


def _parse(body: bytes) -> Any:
    with contextlib.suppress(msgspec.DecodeError):
        return msgspec.json.decode(body)
    return None
