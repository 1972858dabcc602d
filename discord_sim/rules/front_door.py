"""The order in which a request is judged before the world is asked: ban, user agent, route, token, global limit,
bucket. The order is part of the contract: a banned IP learns nothing, a bad token spends no bucket."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Literal

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
from discord_sim.rules.buckets import Bucket, Law, take
from discord_sim.rules.global_limit import GlobalWindow, take_global
from discord_sim.rules.invalid_requests import InvalidRequests
from discord_sim.rules.routes import MethodNotAllowed, RouteMatch, RouteUnknown, match
from discord_sim.wire import GLOBAL_LIMIT_PER_S, INVALID_REQUESTS_LIMIT

__all__ = ["Admitted", "Forced", "FrontDoor"]


@dataclass(frozen=True, slots=True)
class Admitted:
    """The request may go to the world; its answer carries these headers, whatever it says."""

    match: RouteMatch
    token: str
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class Forced:
    """A 429 an operator wants to see, whatever the counters say."""

    form: Literal["user", "shared", "global", "cloudflare"]
    retry_after_ms: int
    code: int | None = None


@dataclass(slots=True)
class FrontDoor:
    """Every account of every client: buckets, global windows, invalid requests."""

    tokens: Collection[str]
    global_limit: int = GLOBAL_LIMIT_PER_S
    invalid_limit: int = INVALID_REQUESTS_LIMIT
    laws: dict[str, Law] = field(default_factory=dict)  # overrides by route name
    scope_on_success: bool = False
    forced: dict[str, list[Forced]] = field(default_factory=dict)  # by route name: what the operator asked for
    hash_salt: str = ""
    buckets: dict[tuple[str, str, str], Bucket] = field(default_factory=dict)
    windows: dict[str, GlobalWindow] = field(default_factory=dict)
    invalid: dict[str, InvalidRequests] = field(default_factory=dict)

    def account(self, ip: str) -> InvalidRequests:
        """The invalid-request account of `ip`."""
        account = self.invalid.get(ip)
        if account is None:
            account = self.invalid[ip] = InvalidRequests(self.invalid_limit)
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
            return cloudflare_ban(account.banned_until_ms - now_ms)
        if not user_agent or user_agent.startswith(("Java/1", "Python-urllib/3")):
            blocked = error(403, 40333, "internal network error")
            return Answer(403, blocked.body, invalid=True, from_origin=False)
        found = match(method, path)
        if isinstance(found, RouteUnknown):
            return generic(404, "Not Found")
        if isinstance(found, MethodNotAllowed):
            return generic(405, "Method Not Allowed")
        token = ""
        if found.route.auth:
            scheme, _, token = (authorization or "").partition(" ")
            if scheme != "Bot" or token not in self.tokens:
                return generic(401, "Unauthorized")
        payer = token or ip
        bucket_hash = self.hash_of(found)
        if forced := self.forced.get(found.route.name):
            return self._force(forced.pop(0), found, payer, bucket_hash, now_ms, epoch_ms)
        if not found.route.exempt_from_global:
            window = self.windows.get(payer, GlobalWindow())
            self.windows[payer], retry_after_ms = take_global(window, now_ms, self.global_limit)
            if retry_after_ms:
                return global_429(retry_after_ms)
        key = (found.route.bucket, found.major, payer)
        law = self.laws.get(found.route.name, found.route.law)
        self.buckets[key], taken = take(self.buckets.get(key, Bucket()), law, now_ms)
        if not taken.allowed:
            return route_429(taken, bucket_hash, epoch_ms)
        headers = bucket_headers(taken, bucket_hash, epoch_ms)
        if self.scope_on_success:
            headers["X-RateLimit-Scope"] = "user"
        return Admitted(found, token, headers)

    def hash_of(self, found: RouteMatch) -> str:
        """The bucket's name as told now; it can change at any time while the counter stays ("Rate Limits")."""
        if not self.hash_salt:
            return found.bucket_hash
        return hashlib.blake2b((self.hash_salt + found.bucket_hash).encode(), digest_size=16).hexdigest()

    def _force(
        self, forced: Forced, found: RouteMatch, payer: str, bucket_hash: str, now_ms: int, epoch_ms: int
    ) -> Answer:
        if forced.form == "global":
            return global_429(forced.retry_after_ms)
        if forced.form == "cloudflare":
            return cloudflare_ban(forced.retry_after_ms)
        law = self.laws.get(found.route.name, found.route.law)
        _, taken = take(self.buckets.get((found.route.bucket, found.major, payer), Bucket()), law, now_ms)
        headers = bucket_headers(taken, bucket_hash, epoch_ms)
        if forced.form == "shared":
            return shared_429(forced.retry_after_ms, headers, forced.code)
        return user_429(forced.retry_after_ms, headers)

    def settle(self, ip: str, answer: Answer, now_ms: int) -> bool:
        """Count the answer; True when it brought a Cloudflare ban on `ip`."""
        return answer.invalid and self.account(ip).note(now_ms)
