"""The order in which a request is judged before the world is asked: ban, user agent, route, token, global limit,
bucket. The order is part of the contract: a banned IP learns nothing, a bad token spends no bucket."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal, NamedTuple

from discord_sim.rules.answers import (
    Answer,
    bucket_headers,
    cloudflare_ban,
    error,
    generic,
    global_429,
    route_429,
    shared_429,
    user_429,
)
from discord_sim.rules.buckets import Bucket, Law, Taken, take
from discord_sim.rules.global_limit import GlobalWindow, take_global
from discord_sim.rules.invalid_requests import InvalidRequests
from discord_sim.rules.routes import MethodNotAllowed, RouteMatch, RouteUnknown, hash_of, match
from discord_sim.wire import CLOUDFLARE_BAN_S, GLOBAL_LIMIT_PER_S, INVALID_REQUESTS_LIMIT

__all__ = ["Admitted", "Bearer", "Forced", "FrontDoor"]


_EDGE_RULES = {"invite_resolve": (250, 600_000, 86_400_000)}
"""Cloudflare's own rules for one route, by address, for whoever sends no token: limit, window, block (observed)."""


_BUCKETS_KEPT = 100_000  # beyond that the empty ones are forgotten
_FORCED_SLOTS_MAX = 100
_EMPTY, _CLOSED = Bucket(), GlobalWindow()


@lru_cache(maxsize=1_024)
def _salted(bucket: str, salt: str) -> str:
    name = hash_of(bucket)
    return hashlib.blake2b((salt + name).encode(), digest_size=16).hexdigest() if salt else name


class Admitted(NamedTuple):
    """The request may go to the world; its answer carries these headers, whatever it says."""

    match: RouteMatch
    token: str  # whose accounts pay: the bot's or user's token, the address where there is none
    headers: dict[str, str]
    user_id: int | None = None
    scopes: frozenset[str] | None = None  # of a bearer token; None is a bot or nobody


@dataclass(frozen=True, slots=True)
class Bearer:
    """What an OAuth2 access token stands for."""

    user_id: int
    application_id: int
    scopes: frozenset[str]
    expires_ms: int = 1 << 62


@dataclass(frozen=True, slots=True)
class Forced:
    """A 429 an operator wants to see, whatever the counters say."""

    form: Literal["user", "shared", "hidden", "global", "cloudflare"]
    retry_after_ms: int
    code: int | None = None


@dataclass(slots=True)
class FrontDoor:
    """Every account of every client: buckets, global windows, invalid requests."""

    tokens: Mapping[str, int]  # bot tokens and whose they are
    global_limit: int = GLOBAL_LIMIT_PER_S
    invalid_limit: int = INVALID_REQUESTS_LIMIT
    laws: dict[str, Law] = field(default_factory=dict)  # overrides by route name
    scope_on_success: bool = False
    forced: dict[str, list[Forced]] = field(default_factory=dict)  # by route name: what the operator asked for
    hash_salt: str = ""
    bearers: dict[str, Bearer] = field(default_factory=dict)
    strict_user_agent: bool = False
    ban_ms: int = CLOUDFLARE_BAN_S * 1_000
    ban_form: str = "text"
    buckets: dict[tuple[str, str, str], Bucket] = field(default_factory=dict)
    windows: dict[str, GlobalWindow] = field(default_factory=dict)
    invalid: dict[str, InvalidRequests] = field(default_factory=dict)
    edge: dict[tuple[str, str], InvalidRequests] = field(default_factory=dict)  # (operation, address)

    def account(self, ip: str) -> InvalidRequests:
        """The invalid-request account of `ip`."""
        account = self.invalid.get(ip)
        if account is None:
            account = self.invalid[ip] = InvalidRequests(self.invalid_limit, self.ban_ms)
        return account

    def judge(
        self,
        ip: str,
        method: str,
        path: str,
        authorization: str | None,
        user_agent: str,
        now_ms: int,
        epoch_ms: int,
    ) -> Admitted | Answer:
        """Admit or refuse one request. Invalid answers are counted by `settle`, once the answer is known."""
        account = self.invalid.get(ip)
        if account is not None and account.is_banned(now_ms):
            return cloudflare_ban(account.banned_until_ms - now_ms, self.ban_form)
        if not self._agent_passes(user_agent, authorization):
            blocked = error(403, 40333, "internal network error")
            return Answer(403, blocked.body, invalid=True, from_origin=False)
        found = match(method, path)
        if isinstance(found, RouteUnknown):
            return generic(404, "Not Found")
        if isinstance(found, MethodNotAllowed):
            return generic(405, "Method Not Allowed")
        rule = _EDGE_RULES.get(found.route.name)
        if rule is not None and authorization is None:
            limit, window_ms, block_ms = rule
            guard = self.edge.setdefault((found.route.name, ip), InvalidRequests(limit + 1, block_ms, window_ms))
            if guard.is_banned(now_ms) or guard.note(now_ms):
                return cloudflare_ban(guard.banned_until_ms - now_ms, self.ban_form)
        who = self._authenticate(found, authorization, epoch_ms)
        if isinstance(who, Answer):
            return who
        token, user_id, scopes = who
        payer = token or ip
        bucket, law = found.counter(epoch_ms)
        law = self.laws.get(found.route.name, law)
        bucket_hash = self.hash_of(bucket)
        if forced := self.forced.get(found.route.name):
            return self._force(forced.pop(0), (bucket, found.major, payer), law, bucket_hash, now_ms, epoch_ms)
        if not found.route.exempt_from_global:
            window = self.windows.get(payer, _CLOSED)
            self.windows[payer], retry_after_ms = take_global(window, now_ms, self.global_limit)
            if retry_after_ms:
                return global_429(retry_after_ms)
        key = (bucket, found.major, payer)
        if len(self.buckets) > _BUCKETS_KEPT:
            self.buckets = {k: b for k, b in self.buckets.items() if b.full_at_us > now_ms * 1_000}
        self.buckets[key], taken = take(self.buckets.get(key, _EMPTY), law, now_ms)
        if not taken.allowed:
            return route_429(taken, bucket_hash, epoch_ms)
        headers = bucket_headers(taken, bucket_hash, epoch_ms) if found.route.tells_limits else {}
        if self.scope_on_success and headers:
            headers["X-RateLimit-Scope"] = "user"
        return Admitted(found, payer, headers, user_id, scopes)

    def _agent_passes(self, user_agent: str, authorization: str | None) -> bool:
        if self.strict_user_agent:
            return user_agent.startswith("DiscordBot (")
        browser = user_agent.startswith("Mozilla/") and (authorization or "").startswith("Bot ")
        return bool(user_agent) and not user_agent.startswith(("Java/1", "Python-urllib/3")) and not browser

    def _authenticate(
        self, found: RouteMatch, authorization: str | None, epoch_ms: int
    ) -> tuple[str, int | None, frozenset[str] | None] | Answer:
        """(token, user, scopes), or the refusal. A route that needs no token accepts a bot's all the same."""
        accepted = found.route.auth
        if "webhook-token" in accepted:
            return "", None, None  # the token is in the path; an Authorization header is ignored
        scheme, _, token = (authorization or "").partition(" ")
        if scheme == "Bot" and token in self.tokens:
            if accepted == {"oauth"}:
                return error(403, 20001, "Bots cannot use this endpoint")
            return token, self.tokens[token], None
        bearer = self.bearers.get(token) if scheme == "Bearer" else None
        if bearer is not None and epoch_ms < bearer.expires_ms:
            if not accepted & {"oauth", "none"}:
                return error(403, 20002, "Only bots can use this endpoint")
            return token, bearer.user_id, bearer.scopes
        if "none" in accepted and authorization is None:
            return "", None, None
        if scheme == "Bearer" and accepted & {"oauth"}:
            return error(401, 50025, "Invalid OAuth2 access token provided")
        return generic(401, "Unauthorized")

    def hash_of(self, bucket: str) -> str:
        """The bucket's name as told now; it can change at any time while the counter stays ("Rate Limits")."""
        return _salted(bucket, self.hash_salt)

    def _force(
        self, forced: Forced, key: tuple[str, str, str], law: Law, bucket_hash: str, now_ms: int, epoch_ms: int
    ) -> Answer:
        if forced.form == "global":
            return global_429(forced.retry_after_ms)
        if forced.form == "cloudflare":
            return cloudflare_ban(forced.retry_after_ms, self.ban_form)
        _, taken = take(self.buckets.get(key, Bucket()), law, now_ms)
        headers = bucket_headers(taken, bucket_hash, epoch_ms)
        if forced.form == "shared":
            return shared_429(forced.retry_after_ms, headers, forced.code)
        if forced.form == "hidden":
            return user_429(forced.retry_after_ms, headers, forced.code)
        # A leaky bucket frees one slot at a time; but what takes 50,000 requests is not told to be full for days.
        slots = 1 if law.fixed else min(law.limit, _FORCED_SLOTS_MAX)
        full_ms = forced.retry_after_ms * slots
        spent = Taken(False, law.limit, 0, full_ms, forced.retry_after_ms)
        return route_429(spent, bucket_hash, epoch_ms)

    def settle(self, ip: str, now_ms: int) -> bool:
        """Count an invalid answer; True when it brought a Cloudflare ban on `ip`."""
        return self.account(ip).note(now_ms)
