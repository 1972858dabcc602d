"""The route table: which requests exist, which bucket each one fills, under which law.

Limits are the observed defaults (Discord keeps them undocumented and moves them). The major parameter of a
bucket is the first path parameter when it names a channel, a guild or a webhook ("Rate Limits").
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from discord_sim.rules.buckets import Law

__all__ = ["ROUTES", "MethodNotAllowed", "Route", "RouteMatch", "RouteUnknown", "match"]

_FREE = Law(50_000, 60_000)  # "effectively unlimited", as some live buckets say


@dataclass(frozen=True, slots=True)
class Route:
    """One operation. `bucket` names the counter; routes that share a name share the counter."""

    method: str
    template: str
    name: str
    law: Law
    bucket: str
    auth: bool = True
    exempt_from_global: bool = False

    @property
    def bucket_hash(self) -> str:
        """The 32 hex digits of X-RateLimit-Bucket."""
        return _KNOWN_HASHES.get(self.bucket) or hashlib.blake2b(self.bucket.encode(), digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True)
class RouteMatch:
    """A request's route and its path parameters."""

    route: Route
    params: dict[str, str]
    major: str
    bucket_hash: str


@dataclass(frozen=True, slots=True)
class RouteUnknown:
    """No route has this path: 404, code 0."""


@dataclass(frozen=True, slots=True)
class MethodNotAllowed:
    """The path exists with other methods: 405, code 0."""


_KNOWN_HASHES = {
    "messages.create": "1d3c67957bcdccc6709861c232df8529",
    "messages.bulk_delete": "b05c0d8c2ab83895085006a8eae073a3",
    "member.roles": "b0bb9027ff6ae0c9619c2719f4a24de5",
}


def _route(method: str, template: str, name: str, law: Law = _FREE, bucket: str | None = None, **flags: bool) -> Route:
    return Route(method, template, name, law, bucket or name, **flags)


ROUTES: tuple[Route, ...] = (
    _route("GET", "/gateway", "gateway.get", auth=False),
    _route("GET", "/gateway/bot", "gateway.bot", Law(2, 5_000)),
    _route("GET", "/users/@me", "users.me"),
    _route("GET", "/users/@me/guilds", "users.me.guilds"),
    _route("GET", "/users/{user_id}", "users.get"),
    _route("GET", "/applications/@me", "applications.me"),
    _route("GET", "/oauth2/applications/@me", "applications.me"),
    _route("GET", "/guilds/{guild_id}", "guilds.get"),
    _route("PATCH", "/guilds/{guild_id}", "guilds.modify"),
    _route("GET", "/guilds/{guild_id}/channels", "guilds.channels"),
    _route("GET", "/guilds/{guild_id}/roles", "roles.list"),
    _route("POST", "/guilds/{guild_id}/roles", "roles.create"),
    _route("PATCH", "/guilds/{guild_id}/roles/{role_id}", "roles.modify"),
    _route("DELETE", "/guilds/{guild_id}/roles/{role_id}", "roles.delete"),
    _route("GET", "/guilds/{guild_id}/members", "members.list"),
    _route("GET", "/guilds/{guild_id}/members/{user_id}", "members.get"),
    _route("PATCH", "/guilds/{guild_id}/members/{user_id}", "members.modify", Law(10, 10_000)),
    _route("DELETE", "/guilds/{guild_id}/members/{user_id}", "members.kick"),
    _route("PUT", "/guilds/{guild_id}/members/{user_id}/roles/{role_id}", "members.add_role",
           Law(10, 10_000, fixed=True), "member.roles"),
    _route("DELETE", "/guilds/{guild_id}/members/{user_id}/roles/{role_id}", "members.remove_role",
           Law(10, 10_000, fixed=True), "member.roles"),
    _route("GET", "/guilds/{guild_id}/bans", "bans.list", Law(5, 60_000)),
    _route("GET", "/guilds/{guild_id}/bans/{user_id}", "bans.get"),
    _route("PUT", "/guilds/{guild_id}/bans/{user_id}", "bans.create"),
    _route("DELETE", "/guilds/{guild_id}/bans/{user_id}", "bans.remove"),
    _route("POST", "/guilds/{guild_id}/bulk-ban", "bans.bulk", Law(5, 30_000)),
    _route("GET", "/channels/{channel_id}", "channels.get"),
    _route("PATCH", "/channels/{channel_id}", "channels.modify", Law(5, 15_000)),
    _route("GET", "/channels/{channel_id}/messages", "messages.list"),
    _route("POST", "/channels/{channel_id}/messages", "messages.create", Law(5, 5_000)),
    _route("GET", "/channels/{channel_id}/messages/{message_id}", "messages.get"),
    _route("PATCH", "/channels/{channel_id}/messages/{message_id}", "messages.edit", Law(5, 5_000)),
    _route("DELETE", "/channels/{channel_id}/messages/{message_id}", "messages.delete", Law(5, 1_000)),
    _route("POST", "/channels/{channel_id}/messages/bulk-delete", "messages.bulk_delete", Law(1, 3_000)),
    _route("POST", "/channels/{channel_id}/typing", "channels.typing", Law(5, 5_000)),
    _route("PUT", "/channels/{channel_id}/messages/{message_id}/reactions/{emoji}/@me", "reactions.add",
           Law(1, 250), "reactions"),
    _route("DELETE", "/channels/{channel_id}/messages/{message_id}/reactions/{emoji}/@me", "reactions.remove",
           Law(1, 250), "reactions"),
)  # fmt: skip

_MAJOR = ("channel_id", "guild_id", "webhook_id")


class _Node:
    __slots__ = ("children", "param", "routes")

    def __init__(self) -> None:
        self.children: dict[str, _Node] = {}
        self.param: tuple[str, _Node] | None = None
        self.routes: dict[str, tuple[Route, str]] = {}


def _build() -> _Node:
    root = _Node()
    for route in ROUTES:
        node = root
        for part in route.template.strip("/").split("/"):
            if part.startswith("{"):
                if node.param is None:
                    node.param = (part[1:-1], _Node())
                node = node.param[1]
            else:
                node = node.children.setdefault(part, _Node())
        node.routes[route.method] = (route, route.bucket_hash)
    return root


_ROOT = _build()


def match(method: str, path: str) -> RouteMatch | RouteUnknown | MethodNotAllowed:
    """Find the route of `path` (without `/api/vN`); literal segments win over parameters."""
    node = _ROOT
    params: dict[str, str] = {}
    for part in path.strip("/").split("/"):
        child = node.children.get(part)
        if child is None:
            if node.param is None or not part:
                return RouteUnknown()
            params[node.param[0]] = part
            child = node.param[1]
        node = child
    found = node.routes.get(method)
    if found is None:
        return MethodNotAllowed() if node.routes else RouteUnknown()
    first = next(iter(params), "")
    return RouteMatch(found[0], params, params[first] if first in _MAJOR else "", found[1])
