"""The route table: which requests exist, which bucket each one fills, under which law.

The operations and their paths are those of the OpenAPI document, under its operation ids. Limits are the observed
defaults (Discord keeps them undocumented and moves them). The major parameter of a bucket is the first path
parameter when it names a channel, a guild or a webhook, a webhook's token with it ("Rate Limits").
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote

from discord_sim.rules.buckets import Law
from discord_sim.rules.ids import id_of
from discord_sim.spec import OPERATIONS, Operation
from discord_sim.wire import DISCORD_EPOCH_MS

__all__ = ["ROUTES", "SPECIFICATIONS", "MethodNotAllowed", "Route", "RouteMatch", "RouteUnknown", "hash_of", "match"]

_FREE = Law(50_000, 60_000)  # "effectively unlimited", as some live buckets say


@dataclass(frozen=True, slots=True)
class Route:
    """One operation. `bucket` names the counter; routes that share a name share the counter."""

    method: str
    template: str
    name: str
    law: Law
    bucket: str
    auth: frozenset[str]
    exempt_from_global: bool = False
    tells_limits: bool = True

    @property
    def bucket_hash(self) -> str:
        """The 32 hex digits of X-RateLimit-Bucket."""
        return hash_of(self.bucket)


@dataclass(frozen=True, slots=True)
class RouteMatch:
    """A request's route and its path parameters."""

    route: Route
    params: dict[str, str]
    major: str

    def counter(self, epoch_ms: int) -> tuple[str, Law]:
        """The bucket and its law. Deleting a message has three, by the message's age (observed)."""
        message_id = id_of(self.params["message_id"]) if self.route.name == "delete_message" else None
        if message_id is None:
            return self.route.bucket, self.route.law
        age_ms = epoch_ms - (message_id >> 22) - DISCORD_EPOCH_MS
        return next((bucket, law) for limit_ms, bucket, law in _DELETIONS if age_ms < limit_ms)


@dataclass(frozen=True, slots=True)
class RouteUnknown:
    """No route has this path: 404, code 0."""


@dataclass(frozen=True, slots=True)
class MethodNotAllowed:
    """The path exists with other methods: 405, code 0."""


_KNOWN_HASHES = {
    "create_message": "1d3c67957bcdccc6709861c232df8529",
    "bulk_delete_messages": "b05c0d8c2ab83895085006a8eae073a3",
    "member_roles": "b0bb9027ff6ae0c9619c2719f4a24de5",
    "delete_message": "9a4e05a217afd885787cb9f6f7d71853",
    "delete_message_later": "c51d12acd501bc2e6c76ab191408bd45",
    "delete_message_old": "b5e35274c6fd5cfec77fe9bfaf059ad6",
}
_DELETIONS = (
    (10_000, "delete_message", Law(5, 1_000)),
    (14 * 86_400_000, "delete_message_later", Law(3, 333)),
    (1 << 62, "delete_message_old", Law(30, 4_000)),
)
_REACTIONS = (Law(1, 250), "reactions")
_LAWS: dict[str, tuple[Law, str]] = {
    "get_bot_gateway": (Law(2, 5_000), ""),
    "update_guild_member": (Law(10, 10_000), ""),
    "update_my_guild_member": (Law(1, 1_000), ""),
    "add_guild_member_role": (Law(10, 10_000, fixed=True), "member_roles"),
    "delete_guild_member_role": (Law(10, 10_000, fixed=True), "member_roles"),
    "list_guild_bans": (Law(5, 60_000), ""),
    "bulk_ban_users_from_guild": (Law(5, 30_000), ""),
    "prune_guild": (Law(2, 60_000), ""),
    "update_channel": (Law(5, 15_000), ""),
    "create_message": (Law(5, 5_000), ""),
    "update_message": (Law(5, 5_000), ""),
    "delete_message": (Law(5, 1_000), ""),
    "bulk_delete_messages": (Law(1, 3_000), ""),
    "trigger_typing_indicator": (Law(5, 5_000), ""),
    "add_my_message_reaction": _REACTIONS,
    "delete_my_message_reaction": _REACTIONS,
    "delete_user_message_reaction": _REACTIONS,
    "delete_all_message_reactions": _REACTIONS,
    "delete_all_message_reactions_by_emoji": _REACTIONS,
    "execute_webhook": (Law(5, 2_000), ""),
    "bulk_set_application_commands": (Law(30, 60_000), ""),
    "bulk_set_guild_application_commands": (Law(30, 60_000), ""),
}
_UNTOLD = ("create_interaction_response",)  # normally answered without bucket headers (observed)
_MAJOR = ("channels", "guilds", "webhooks")

# Documented, served, and missing from the OpenAPI document.
_BOT = frozenset({"bot"})
_EXTRA = (
    Operation("update_my_nickname", "PATCH", "/guilds/{guild_id}/members/@me/nick", _BOT,
              {"type": "object", "properties": {"nick": {"type": ["string", "null"], "maxLength": 32}}},
              frozenset({"application/json"}), {}, {"200": None}),
    Operation("list_skus", "GET", "/applications/{application_id}/skus", _BOT, None, frozenset(), {}, {"200": None}),
)  # fmt: skip


def hash_of(bucket: str) -> str:
    """The 32 hex digits that name a bucket."""
    return _KNOWN_HASHES.get(bucket) or hashlib.blake2b(bucket.encode(), digest_size=16).hexdigest()


def _route(operation: Operation) -> Route:
    law, bucket = _LAWS.get(operation.id, (_FREE, ""))
    return Route(
        operation.method, operation.template, operation.id, law, bucket or operation.id, operation.auth,
        "webhook-token" in operation.auth, operation.id not in _UNTOLD,
    )  # fmt: skip


ROUTES: dict[str, Route] = {o.id: _route(o) for o in (*OPERATIONS.values(), *_EXTRA)}
SPECIFICATIONS: dict[str, Operation] = {o.id: o for o in (*OPERATIONS.values(), *_EXTRA)}


class _Node:
    __slots__ = ("children", "param", "routes")

    def __init__(self) -> None:
        self.children: dict[str, _Node] = {}
        self.param: tuple[str, _Node] | None = None
        self.routes: dict[str, Route] = {}


def _build() -> _Node:
    root = _Node()
    for route in ROUTES.values():
        node = root
        for part in route.template.strip("/").split("/"):
            if part.startswith("{"):
                if node.param is None:
                    node.param = (part[1:-1], _Node())
                assert node.param[0] == part[1:-1], route
                node = node.param[1]
            else:
                node = node.children.setdefault(part, _Node())
        node.routes[route.method] = route
    return root


_ROOT = _build()


def _walk(node: _Node, parts: list[str], params: dict[str, str]) -> Iterator[tuple[_Node, dict[str, str]]]:
    if not parts:
        yield node, params
        return
    child = node.children.get(parts[0])
    if child is not None:
        yield from _walk(child, parts[1:], params)
    if node.param is not None and parts[0]:
        name, child = node.param
        yield from _walk(child, parts[1:], {**params, name: unquote(parts[0])})


@lru_cache(maxsize=2_048)
def match(method: str, path: str) -> RouteMatch | RouteUnknown | MethodNotAllowed:
    """Find the route of `path` (as sent, percent-encoded, without `/api/vN`); literal segments win over parameters."""
    nodes = [(node, params) for node, params in _walk(_ROOT, path.strip("/").split("/"), {}) if node.routes]
    if not nodes:
        return RouteUnknown()
    chosen = next(((n.routes[method], p) for n, p in nodes if method in n.routes), None)
    if chosen is None:
        return MethodNotAllowed()
    found, params = chosen
    head, _, rest = found.template.removeprefix("/").partition("/")
    major = params[rest.partition("}")[0][1:]] if head in _MAJOR and rest.startswith("{") else ""
    if "webhook_token" in params:
        major += "/" + params["webhook_token"]
    return RouteMatch(found, params, major)
