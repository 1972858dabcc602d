"""The REST shell: one manager owns all limits of one token. It waits, sends, and asks the cores what next."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

import msgspec
from msgspec import structs

from framework.chance import default_chance
from framework.clock import loop_ms
from framework.errors import InvalidUse
from framework.ports import Chance, GlobalLimit
from framework.rest.api import Endpoints
from framework.rest.api._base import Query
from framework.rest.core.global_limit import SlidingLimit
from framework.rest.core.headers import LimitHeaders, read_headers
from framework.rest.core.invalid_budget import InvalidBudget
from framework.rest.core.retry import Decision, Verdict, judge, judge_lost
from framework.rest.core.route import Route
from framework.rest.errors import CloudflareBanned, LostAnswer, RestClosed, error_for
from framework.rest.files import File, Payload
from framework.rest.flight import Flight
from framework.rest.lanes import Lanes
from framework.rest.priority import current_priority
from framework.rest.refusals import Refusals
from framework.rest.sub_limits import SubLimits
from framework.rest.transport import NoAnswer, Reply, Transport
from framework.rest.turns import Turns
from framework.wire import API_BASE

__all__ = ["OnAnswer", "RestManager", "RestSnapshot"]

_USER_AGENT = "DiscordBot (https://github.com/discord-sim/discord-sim, 0.1)"
_CREATE_MESSAGE = "/channels/{channel_id}/messages"
_LAST_ANSWERS_S = 3.0  # of requests on their way when a drain ends; an answer takes far less
_NOTHING = Payload()
OnAnswer = Callable[[Route, int, LimitHeaders, int], None]


@dataclass(frozen=True, slots=True)
class RestSnapshot:
    """Counters since the start."""

    sent: int
    succeeded: int
    rate_limited: int
    invalid: int
    refused: int
    waiting: int  # for a bucket
    waiting_for_turn: int  # for the limits over all routes
    buckets: int


class RestManager(Endpoints):
    """Sends requests to Discord and keeps every limit.

    Args:
        token: the bot token, without prefix. It appears in no log, error or repr.
        base_url: with the API version, without a slash at the end.
        global_limit: the policy over all routes; by default 50 in any second, exactly.
        max_tries: how often one call is sent before its last error is raised.
        timeout_s: seconds until an unanswered request counts as lost.
        chance: jitter for back-off.
        on_answer: is told of every answer to every try: its route, status, what its headers say about limits, and how
            many milliseconds the try waited for limits before it left.

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
        on_answer: OnAnswer | None = None,
    ) -> None:
        if not token or any(c.isspace() for c in token):
            raise InvalidUse("the token is empty or holds white space; pass the bare bot token")
        if max_tries < 1:
            raise InvalidUse(f"max_tries must be at least 1, not {max_tries}")
        if timeout_s <= 0:
            raise InvalidUse(f"timeout_s must be more than 0, not {timeout_s}")
        self._headers = {"User-Agent": user_agent, "Authorization": f"Bot {token}"}
        self._on_answer = on_answer
        self._base = base_url.rstrip("/")
        self._invalid = invalid_budget or InvalidBudget()
        self._max_tries = max_tries
        self._chance = chance or default_chance()
        self._lanes = Lanes()
        self._turns = Turns(global_limit or SlidingLimit(), self._invalid)
        self._sub_limits = SubLimits()
        self._refusals = Refusals(self._invalid)
        self._transport = Transport(self._base, int(timeout_s * 1000), self._headers)
        self._closing = asyncio.Event()
        self._idle = asyncio.Event()
        self._under_way = 0
        self._drains = False
        self._tickets = itertools.count()
        self._nonce = f"{int(self._chance() * (1 << 48)):x}"
        self._sent = self._succeeded = self._rate_limited = self._invalid_total = 0

    def __repr__(self) -> str:
        return f"<RestManager {self._base} {self.snapshot()}>"

    def snapshot(self) -> RestSnapshot:
        """The counters now."""
        lanes = self._lanes.all()
        return RestSnapshot(
            self._sent, self._succeeded, self._rate_limited, self._invalid_total, self._refusals.count,
            sum(len(lane.waiters) for lane in lanes), len(self._turns), len(lanes),
        )  # fmt: skip

    async def close(self, drain_s: float = 0.0) -> None:
        """Take no more calls, wait up to `drain_s` seconds for those under way, fail the rest, disconnect.

        Those still in a queue then fail with `RestClosed`. One that is already sent cannot be taken back, so when
        `drain_s` is not 0 it has 3 s more for its answer; without an answer its fate is unknown (`LostAnswer`).
        """
        self._drains = True
        if drain_s > 0:
            await self._wait_until_idle(drain_s)
        self._closing.set()
        self._turns.close()
        self._lanes.close()
        if drain_s > 0:
            await self._wait_until_idle(_LAST_ANSWERS_S)
        await self._transport.close()

    async def request_raw(
        self,
        route: Route,
        *,
        json: Any = None,
        query: Query | None = None,
        reason: str | None = None,
        files: Iterable[File] = (),
        bearer: str | None = None,
    ) -> bytes:
        """Call Discord and return the body of its answer. Waits for limits as long as it takes.

        A message without a nonce gets one that Discord enforces, so that it can be sent again when its answer is lost.

        Raises:
            RequestFailed: Discord refused (see its subclasses for 400, 401, 403, 404, 429, 5xx).
            CloudflareBanned, InvalidBudgetSpent: not sent, because it would make things worse.
            LostAnswer: a POST whose fate is unknown.
            RestClosed: `close()` was called.
        """
        payload = _NOTHING if json is None and query is None and not files else Payload(json, tuple(files), query)
        reply = await self.exchange(route, payload, reason=reason, bearer=bearer)
        if reply.status >= 400:
            raise error_for(route, reply.status, _parse(reply.body), reply.headers)
        return reply.body

    async def exchange(
        self,
        route: Route,
        payload: Payload,
        *,
        reason: str | None = None,
        bearer: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """`request_raw`, with Discord's last answer as it is, an error too: for who passes it on, such as the proxy.

        `headers` are sent besides what the manager sends itself.
        """
        ticket = next(self._tickets)
        sent: dict[str, str] | None = None
        if payload is not _NOTHING or headers or reason is not None or bearer is not None or not route.sends_token:
            payload, sent = self._dressed(route, ticket, payload, reason, bearer, headers)
        if bearer is not None:
            route = route.of_user(bearer)
        if self._drains:
            raise RestClosed(route, "the manager is closed")
        self._under_way += 1
        try:
            for attempt in itertools.count():
                if self._sub_limits.is_free:
                    outcome = await self._try(route, ticket, payload, sent, attempt)
                else:
                    async with self._sub_limits.turn(route, payload.fields, ticket, self._sleep_until):
                        outcome = await self._try(route, ticket, payload, sent, attempt)
                if isinstance(outcome, Reply):
                    return outcome
                if attempt + 1 >= self._max_tries and outcome.final is not None:
                    if isinstance(outcome.final, Reply):
                        return outcome.final
                    raise outcome.final
                await self._sleep_until(outcome.at_ms)
            raise AssertionError("unreachable")
        except asyncio.CancelledError:  # by `close`, or by the caller
            task = asyncio.current_task()
            if self._closing.is_set() and not (task is not None and task.cancelling()):
                raise RestClosed(route, "the manager was closed while the call waited") from None
            raise
        finally:
            self._under_way -= 1
            if not self._under_way:
                self._idle.set()

    def _dressed(
        self,
        route: Route,
        ticket: int,
        payload: Payload,
        reason: str | None,
        bearer: str | None,
        headers: Mapping[str, str] | None,
    ) -> tuple[Payload, dict[str, str]]:
        """The payload with a nonce where it may have one, and all headers."""
        is_message = route.method == "POST" and route.template == _CREATE_MESSAGE
        if is_message and payload.raw is None and isinstance(payload.json, dict) and "nonce" not in payload.json:
            nonce = {"nonce": f"{self._nonce}-{ticket:x}", "enforce_nonce": True}
            payload = replace(payload, json=nonce | payload.json)
        sent = {**(headers or {}), "User-Agent": self._headers["User-Agent"], **payload.headers}
        if bearer is not None:
            sent["Authorization"] = f"Bearer {bearer}"
        elif route.sends_token:
            sent["Authorization"] = self._headers["Authorization"]
        if reason is not None:
            sent["X-Audit-Log-Reason"] = quote(reason, safe=" ")
        return payload, sent

    async def _wait_until_idle(self, most_s: float) -> None:
        if self._under_way:
            self._idle.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(most_s):
                    await self._idle.wait()

    # -- the way of one request --------------------------------------------------------------------------

    async def _sleep_until(self, at_ms: int) -> None:
        """Wait; closing ends it early."""
        if at_ms > loop_ms():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout((at_ms - loop_ms()) / 1000):
                    await self._closing.wait()

    async def _try(
        self, route: Route, ticket: int, payload: Payload, headers: dict[str, str] | None, attempt: int
    ) -> Reply | _Again:
        asked_ms = now_ms = loop_ms()
        self._check(route, now_ms)
        granted = self._lanes.acquire_now(route, now_ms)
        waited = granted is None
        lane, permit = granted or await self._lanes.acquire(route, ticket)
        turns = None if route.exempt_from_global else self._turns
        flight = Flight(lane, permit, turns, asked_ms)
        try:
            if turns is not None:
                level = current_priority()
                if waited or not turns.take_now(level, now_ms):
                    waited = True
                    await turns.take(level)
                flight.has_turn = True
            if waited:
                now_ms = loop_ms()
                self._check(route, now_ms)
            self._sent += 1
            try:
                reply = await self._transport.send(flight, route, payload, headers, now_ms)
            except NoAnswer as error:
                return self._lost(route, flight, payload, attempt, str(error))
            limits = read_headers(reply.headers)
            if not 200 <= reply.status < 300:
                return self._judged(route, flight, payload, attempt, reply, limits)
            self._settle(route, flight, reply.status, limits)
            self._succeeded += 1
            return reply
        finally:
            if not flight.settled:
                flight.land()

    def _check(self, route: Route, now_ms: int) -> None:
        if self._closing.is_set():
            raise RestClosed(route, "the manager is closed")
        self._refusals.check(route, now_ms)

    def _settle(self, route: Route, flight: Flight, status: int, limits: LimitHeaders) -> None:
        if limits.bucket is not None:
            self._lanes.learn(route, flight.lane, limits.bucket, status)
        if status == 429 and not limits.from_origin:
            flight.refund()
        else:
            flight.settle(limits, accepted=status < 500 and status != 429)
        if self._on_answer is not None:
            self._on_answer(route, status, limits, flight.waited_ms)

    def _lost(self, route: Route, flight: Flight, payload: Payload, attempt: int, why: str) -> _Again:
        repeatable = route.method != "POST" or payload.is_enforced
        decision = judge_lost(repeatable, flight.has_left, attempt, loop_ms(), self._chance())
        lost = LostAnswer(route, f"no answer ({why})")
        if decision.verdict is Verdict.FAIL:
            raise lost from None
        return _Again(decision.at_ms, lost)

    def _judged(
        self, route: Route, flight: Flight, payload: Payload, attempt: int, reply: Reply, limits: LimitHeaders
    ) -> Reply | _Again:
        """What follows from an answer that is no success."""
        now_ms, status = loop_ms(), reply.status
        parsed = _parse(reply.body) if status in (404, 429) else None
        said: dict[str, Any] = parsed if isinstance(parsed, dict) else {}
        exact_ms = _exact_ms(said.get("retry_after"))
        if exact_ms is not None:
            limits = structs.replace(limits, retry_after_ms=exact_ms)
        self._settle(route, flight, status, limits)
        repeatable = route.method != "POST" or payload.is_enforced
        refusals = flight.lane.estimate.refusals
        decision = judge(repeatable, status, limits, attempt, now_ms, self._chance(), refusals)
        self._count(decision, status, now_ms)
        match decision.verdict:
            case Verdict.BANNED:
                self._invalid.note_ban(now_ms, limits.retry_after_ms)
                raise CloudflareBanned(route, self._invalid.banned_until_ms, now_ms)
            case Verdict.FAIL:
                self._refusals.learn(route, status, said.get("code"))
                return reply
            case Verdict.GLOBAL:
                self._turns.pause(decision.at_ms)
                return _Again(decision.at_ms, None)
            case Verdict.SUB_LIMIT:
                self._sub_limits.learn(route, payload.fields, decision.at_ms)
                return _Again(now_ms, reply)  # it waits in its place among the calls of its shape
            case Verdict.RETRY if status == 429:
                flight.lane.estimate.block(decision.at_ms)
        return _Again(decision.at_ms, reply)

    def _count(self, decision: Decision, status: int, now_ms: int) -> None:
        if decision.invalid:
            self._invalid_total += 1
            self._invalid.note(now_ms)
        if status == 429:
            self._rate_limited += 1


@dataclass(frozen=True, slots=True)
class _Again:
    """Try again at `at_ms`; after the last try it ends with `final` (None: limits are waited for without end)."""

    at_ms: int
    final: Reply | LostAnswer | None


def _exact_ms(retry_after: object) -> int | None:
    """A 429's body has the exact figure; the header is in whole seconds."""
    return int(retry_after * 1000) + 1 if isinstance(retry_after, int | float) else None


def _parse(body: bytes) -> Any:
    with contextlib.suppress(msgspec.DecodeError):
        return msgspec.json.decode(body)
    return None
