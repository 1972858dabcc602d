"""What the operator's API can do: a table of methods, paths and the bodies they take. A body is a msgspec struct, which
is at once its validation and its schema in the OpenAPI document."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeVar

import msgspec
from msgspec import Meta, Struct

from discord_sim.edge.operator import Operator
from discord_sim.faults import DispatchFault, RestFault
from discord_sim.rules.ids import id_of
from discord_sim.world.interactions import Interaction

__all__ = ["ACTIONS", "Action", "NotFound"]

Doc = dict[str, Any]
Id = Annotated[
    int, Meta(ge=0, le=(1 << 63) - 1, description="A snowflake.", extra_json_schema={"type": ["integer", "string"]})
]
Seconds = Annotated[float, Meta(ge=0, le=366 * 86_400)]
Times = Annotated[int, Meta(ge=1, le=1_000_000)]
_PAGE_MAX = 1_000


class NotFound(LookupError):
    """What the path names does not exist."""


@dataclass(frozen=True, slots=True)
class Action:
    """One call of the API. `do` gets the fake, the path's parameters, and the body or None."""

    method: str
    path: str
    body: type[Struct] | None
    do: Callable[[Operator, Mapping[str, str], Any], Any]

    @property
    def summary(self) -> str:
        """The first line of what the function says of itself."""
        return (self.do.__doc__ or "").strip().splitlines()[0]


ACTIONS: list[Action] = []
F = TypeVar("F", bound=Callable[[Operator, Mapping[str, str], Any], Any])


def _action(method: str, path: str, body: type[Struct] | None = None) -> Callable[[F], F]:
    def register(function: F) -> F:
        ACTIONS.append(Action(method, path, body, function))
        return function

    return register


def _id(params: Mapping[str, str], name: str) -> int:
    found = id_of(params[name])
    if found is None:
        raise NotFound(f"{params[name]!r} is no id")
    return found


class Body(Struct, forbid_unknown_fields=True):
    """A body in which a misspelt field is an error."""


# -- looking -------------------------------------------------------------------------------------------------


@_action("GET", "/state")
def state(fake: Operator, params: Mapping[str, str], body: None) -> Doc:
    """Applications, sessions, limits and the server's clock."""
    return {
        "applications": [{"id": str(bot), "name": name} for bot, name in fake.world.bots.items()],
        "guilds": fake.world.guild_total,
        "clock": {"now_ms": fake.clock.now_ms, "epoch_ms": fake.clock.epoch_ms},
        "sessions": [
            {
                "number": s.number, "application_id": str(s.bot_id), "shard": [s.shard_id, s.shard_count], "seq": s.seq,
                "intents": s.intents, "connected": s.id in fake.gateway.by_session,
            }
            for s in fake.gateway.sessions.values()
        ],
        "banned_ips": [ip for ip, account in fake.door.invalid.items() if account.is_banned(fake.clock.now_ms)],
    }  # fmt: skip


@_action("GET", "/guilds/{index}")
def guild(fake: Operator, params: Mapping[str, str], body: None) -> Doc:
    """The ids of guild number `index` (from 0): its channels, roles, bots, and its first hundred members."""
    try:
        found = fake.world.guild_at(_id(params, "index"))
    except IndexError as error:
        raise NotFound(str(error)) from None
    members = itertools.islice((u for u in fake.world.member_ids(found) if u not in fake.world.bots), 100)
    return {
        "id": str(found.id), "name": found.name, "owner_id": str(found.owner_id), "member_count": found.member_count,
        "channels": [{k: c[k] for k in ("id", "name", "type")} for c in found.channels.values()],
        "roles": [{k: r[k] for k in ("id", "name")} for r in found.roles.values()],
        "bots": [str(b) for b in found.bots], "members": [str(m) for m in members],
    }  # fmt: skip


@_action("GET", "/record")
def record(fake: Operator, params: Mapping[str, str], body: None) -> Doc:
    """What the server saw: totals of requests, 429s, identifies, events and closes."""
    seen = fake.record
    return {
        **seen.counts(), "gateway": dict(seen.gateway), "closes": {str(k): v for k, v in seen.closes.items()},
        "digest": seen.trace.digest,
    }  # fmt: skip


@_action("GET", "/record/{kind}")
def record_of(fake: Operator, params: Mapping[str, str], body: None) -> list[Doc]:
    """The newest thousand `requests`, `events` or `deliveries`, oldest first."""
    if params["kind"] not in ("requests", "events", "deliveries"):
        raise NotFound("the record has requests, events and deliveries")
    kept = getattr(fake.record, params["kind"])
    newest = list(itertools.islice(kept, max(0, len(kept) - _PAGE_MAX), None))
    return [msgspec.structs.asdict(item) for item in newest]


# -- users ---------------------------------------------------------------------------------------------------


class PresenceBody(Body):
    status: Literal["online", "idle", "dnd", "offline"]
    activities: list[Doc] = []


@_action("PUT", "/users/{user_id}/presence", PresenceBody)
def presence(fake: Operator, params: Mapping[str, str], body: PresenceBody) -> None:
    """A user is online, idle, dnd or offline, and does something."""
    fake.presence(_id(params, "user_id"), body.status, body.activities)


class VoiceBody(Body):
    guild_id: Id
    channel_id: Id | None
    self_mute: bool = False
    self_deaf: bool = False


@_action("PUT", "/users/{user_id}/voice", VoiceBody)
def voice(fake: Operator, params: Mapping[str, str], body: VoiceBody) -> None:
    """A user enters a voice channel, or (null) leaves it."""
    fake.voice(_id(params, "user_id"), body.guild_id, body.channel_id, mute=body.self_mute, deaf=body.self_deaf)


@_action("PUT", "/guilds/{guild_id}/members/{user_id}")
def join(fake: Operator, params: Mapping[str, str], body: None) -> None:
    """A user, or a bot, comes into a guild."""
    fake.member_joined(_id(params, "guild_id"), _id(params, "user_id"))


@_action("DELETE", "/guilds/{guild_id}/members/{user_id}")
def leave(fake: Operator, params: Mapping[str, str], body: None) -> None:
    """A member, or a bot, leaves a guild."""
    fake.member_left(_id(params, "guild_id"), _id(params, "user_id"))


class InterestBody(Body):
    user_id: Id
    wanted: bool = True


@_action("POST", "/guilds/{guild_id}/scheduled-events/{event_id}/users", InterestBody)
def interest(fake: Operator, params: Mapping[str, str], body: InterestBody) -> None:
    """A member marks a scheduled event, or takes that back."""
    fake.interested(_id(params, "guild_id"), _id(params, "event_id"), body.user_id, wanted=body.wanted)


# -- using commands, components and modals -------------------------------------------------------------------


class CommandBody(Body):
    channel_id: Id
    name: str
    options: Doc = {}
    type: Literal[1, 2, 3] = 1
    target_id: Id | None = None
    application_id: Id | None = None
    focused: str | None = None


@_action("POST", "/users/{user_id}/commands", CommandBody)
def command(fake: Operator, params: Mapping[str, str], body: CommandBody) -> Doc:
    """A user uses a registered command (`role add` for a sub-command), or, with `focused`, is offered choices."""
    return _interaction(fake.command(
        _id(params, "user_id"), body.channel_id, body.name, body.options, kind=body.type, target_id=body.target_id,
        application_id=body.application_id, focused=body.focused,
    ))  # fmt: skip


class ComponentBody(Body):
    channel_id: Id
    message_id: Id
    custom_id: str
    values: list[str] = []


@_action("POST", "/users/{user_id}/components", ComponentBody)
def component(fake: Operator, params: Mapping[str, str], body: ComponentBody) -> Doc:
    """A user presses a button of a message, or picks values in its select menu."""
    user_id = _id(params, "user_id")
    return _interaction(fake.component(user_id, body.channel_id, body.message_id, body.custom_id, body.values))


class VoteBody(Body):
    channel_id: Id
    message_id: Id
    answer_id: int
    wanted: bool = True


@_action("POST", "/users/{user_id}/votes", VoteBody)
def vote(fake: Operator, params: Mapping[str, str], body: VoteBody) -> None:
    """A user votes in a poll, or takes the vote back."""
    user_id = _id(params, "user_id")
    fake.vote(user_id, body.channel_id, body.message_id, body.answer_id, wanted=body.wanted)


class ModalBody(Body):
    interaction_id: Id
    values: Doc


@_action("POST", "/users/{user_id}/modals", ModalBody)
def modal(fake: Operator, params: Mapping[str, str], body: ModalBody) -> Doc:
    """A user submits the modal that an interaction was answered with."""
    return _interaction(fake.modal(_id(params, "user_id"), body.interaction_id, body.values))


@_action("GET", "/interactions/{interaction_id}")
def interaction(fake: Operator, params: Mapping[str, str], body: None) -> Doc:
    """What became of an interaction: the type of its first response, its message, its modal or choices."""
    found = fake.world.interactions.get(_id(params, "interaction_id"))
    if found is None:
        raise NotFound(f"there is no interaction {params['interaction_id']}")
    return _interaction(found)


def _interaction(found: Interaction) -> Doc:
    return {
        "id": str(found.id), "type": found.type, "answered": found.answered, "ephemeral": found.ephemeral,
        "message_id": None if found.original_id is None else str(found.original_id), "response": found.response,
    }  # fmt: skip


# -- guilds and applications ---------------------------------------------------------------------------------


@_action("PUT", "/guilds/{index}/outage")
def outage(fake: Operator, params: Mapping[str, str], body: None) -> None:
    """Guild number `index` becomes unavailable."""
    _numbered(fake, params, fake.guild_outage)


@_action("DELETE", "/guilds/{index}/outage")
def recovery(fake: Operator, params: Mapping[str, str], body: None) -> None:
    """Guild number `index` is back."""
    _numbered(fake, params, fake.guild_recovered)


def _numbered(fake: Operator, params: Mapping[str, str], do: Callable[[int], None]) -> None:
    try:
        do(_id(params, "index"))
    except IndexError as error:
        raise NotFound(str(error)) from None


class BoostBody(Body):
    tier: Annotated[int, Meta(ge=0, le=3)]


@_action("PUT", "/guilds/{guild_id}/boosts", BoostBody)
def boosts(fake: Operator, params: Mapping[str, str], body: BoostBody) -> None:
    """A guild rises or falls to a boost tier."""
    fake.boosted(_id(params, "guild_id"), body.tier)


class IntegrationBody(Body):
    type: Literal["twitch", "youtube"]
    name: str


@_action("POST", "/guilds/{guild_id}/integrations", IntegrationBody)
def integration(fake: Operator, params: Mapping[str, str], body: IntegrationBody) -> Doc:
    """A guild is connected with an account elsewhere."""
    return {"id": str(fake.integration(_id(params, "guild_id"), body.type, body.name))}


class IntegrationChange(Body):
    enabled: bool


@_action("PATCH", "/guilds/{guild_id}/integrations/{integration_id}", IntegrationChange)
def integration_changed(fake: Operator, params: Mapping[str, str], body: IntegrationChange) -> None:
    """An integration is switched on or off."""
    fake.integration_changed(_id(params, "guild_id"), _id(params, "integration_id"), enabled=body.enabled)


class SkuBody(Body):
    name: str
    type: Literal[2, 3, 5] = 5


@_action("POST", "/applications/{application_id}/skus", SkuBody)
def sku(fake: Operator, params: Mapping[str, str], body: SkuBody) -> Doc:
    """An application offers something: 5 a subscription, 3 a consumable, 2 a durable."""
    return {"id": str(fake.sku(_id(params, "application_id"), body.name, body.type))}


class SubscriptionBody(Body):
    user_id: Id
    sku_id: Id
    guild_id: Id | None = None


@_action("POST", "/subscriptions", SubscriptionBody)
def subscription(fake: Operator, params: Mapping[str, str], body: SubscriptionBody) -> Doc:
    """A user subscribes to an SKU, for themselves or a guild."""
    return {"id": str(fake.subscription(body.user_id, body.sku_id, body.guild_id))}


class SubscriptionChange(Body):
    status: Annotated[int, Meta(ge=0, le=2)]


@_action("PATCH", "/subscriptions/{subscription_id}", SubscriptionChange)
def subscription_changed(fake: Operator, params: Mapping[str, str], body: SubscriptionChange) -> None:
    """A subscription is 0 active, 1 inactive, 2 ending."""
    fake.subscription_changed(_id(params, "subscription_id"), body.status)


@_action("DELETE", "/subscriptions/{subscription_id}")
def subscription_deleted(fake: Operator, params: Mapping[str, str], body: None) -> None:
    """A subscription is deleted."""
    fake.subscription_changed(_id(params, "subscription_id"), None)


class DispatchBody(Body):
    event: str
    data: Doc
    guild_id: Id | None = None


@_action("POST", "/dispatches", DispatchBody)
def dispatch(fake: Operator, params: Mapping[str, str], body: DispatchBody) -> None:
    """Send any event with any body, also one that Discord does not document."""
    fake.dispatch(body.event, body.data, body.guild_id)


# -- limits and faults ---------------------------------------------------------------------------------------


class Forced429(Body):
    operation: str
    form: Literal["user", "shared", "hidden", "global", "cloudflare"]
    retry_after_s: Seconds = 1.0
    times: Times = 1
    code: int | None = None


@_action("POST", "/limits/429", Forced429)
def force_429(fake: Operator, params: Mapping[str, str], body: Forced429) -> None:
    """The next requests of an operation get a 429 of this form."""
    fake.force_429(body.operation, body.form, retry_after_s=body.retry_after_s, times=body.times, code=body.code)


@_action("POST", "/limits/rotate-hashes")
def rotate(fake: Operator, params: Mapping[str, str], body: None) -> None:
    """Every bucket gets another hash; the counters stay."""
    fake.rotate_bucket_hashes()


class IpBan(Body):
    ip: str = "127.0.0.1"
    seconds: Seconds | None = None


@_action("POST", "/ip-bans", IpBan)
def ban_ip(fake: Operator, params: Mapping[str, str], body: IpBan) -> None:
    """Cloudflare refuses everything from an address."""
    fake.ban_ip(body.ip, body.seconds)


@_action("DELETE", "/ip-bans/{ip}")
def unban_ip(fake: Operator, params: Mapping[str, str], body: None) -> None:
    """The ban of an address ends."""
    fake.unban_ip(params["ip"])


class RestFaultBody(Body):
    do: Literal["delay", "answer", "reset", "reset_after", "silence"]
    operation: str = "*"
    times: Times | None = 1
    delay_s: Seconds = 0.0
    status: Literal[500, 502, 503, 504, 520, 521, 522, 523, 524] = 503
    form: Literal["json", "text", "html"] = "json"


@_action("POST", "/faults/rest", RestFaultBody)
def rest_fault(fake: Operator, params: Mapping[str, str], body: RestFaultBody) -> None:
    """Requests go wrong: late, a 5xx, a reset before or after acting, or silence. `times` null is until cleared."""
    fake.rest_fault(RestFault(body.operation, body.times, body.do, int(body.delay_s * 1000), body.status, body.form))


class DispatchFaultBody(Body):
    do: Literal["lose", "duplicate", "swap"]
    event: str = "*"
    times: Times | None = 1


@_action("POST", "/faults/dispatch", DispatchFaultBody)
def dispatch_fault(fake: Operator, params: Mapping[str, str], body: DispatchFaultBody) -> None:
    """Events are lost, sent twice, or sent after their successor. `times` null is until cleared."""
    fake.dispatch_fault(DispatchFault(body.event, body.times, body.do))


@_action("DELETE", "/faults")
def clear_faults(fake: Operator, params: Mapping[str, str], body: None) -> None:
    """Nothing goes wrong any more."""
    fake.faults.clear()


class GatewayBody(Body):
    do: Literal[
        "reconnect", "invalidate", "invalidate_resumable", "disconnect", "heartbeat", "deafen", "freeze",
        "greet_reconnect",
    ]  # fmt: skip
    shards: list[int] | None = None
    code: Annotated[int, Meta(ge=1000, le=4999)] | None = None
    times: Times = 1


@_action("POST", "/gateway", GatewayBody)
def gateway(fake: Operator, params: Mapping[str, str], body: GatewayBody) -> Doc:
    """To some shards (null is all): op 7, op 9 false or true, a close code (null cuts), op 1, no more ACKs, half-open;
    `greet_reconnect` gives the next connections op 7 in place of HELLO."""
    at, shards = fake.gateway, body.shards
    match body.do:
        case "reconnect":
            told = at.reconnect(shards)
        case "invalidate":
            told = at.invalidate(shards)
        case "invalidate_resumable":
            told = at.invalidate(shards, resumable=True)
        case "disconnect":
            told = at.disconnect(shards, body.code)
        case "heartbeat":
            told = at.ask_for_heartbeat(shards)
        case "deafen":
            told = at.deafen(shards)
        case "freeze":
            told = at.freeze(shards)
        case "greet_reconnect":
            at.reconnect_greetings += body.times
            told = 0
    return {"connections": told}


class RecommendationBody(Body):
    shards: Annotated[int, Meta(ge=1, le=100_000)]


@_action("PUT", "/gateway/recommendation", RecommendationBody)
def recommendation(fake: Operator, params: Mapping[str, str], body: RecommendationBody) -> None:
    """Recommend another number of shards in GET /gateway/bot."""
    fake.recommend_shards(body.shards)


class ClockBody(Body):
    advance_s: Seconds


@_action("POST", "/clock", ClockBody)
def clock(fake: Operator, params: Mapping[str, str], body: ClockBody) -> Doc:
    """Put the server's clock forward: windows end, bans expire, lost sessions go, interactions get too old."""
    fake.advance(body.advance_s)
    return {"now_ms": fake.clock.now_ms, "epoch_ms": fake.clock.epoch_ms}
