"""Stories: who calls what and when, over which network, under which limits, and what goes wrong. Data only.

Everything prints as the Python that makes it, without what is left at its default. Times are whole milliseconds from
the moment the client has started.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from functools import cached_property
from typing import Any, Literal, get_args

from discord_sim.edge import FakeDiscord
from discord_sim.faults import HTTP_REASONS, RestFault
from discord_sim.rules.buckets import Law
from discord_sim.rules.routes import ROUTES, RouteMatch, match
from discord_sim.world.snowflakes import channel_id, guild_id, member_id, role_id

__all__ = [
    "OPERATIONS", "Ban", "Break", "Call", "Calls", "Deny", "Form", "Hiccup", "Network", "Outage", "Refuse", "Revoke",
    "Rotate", "Story", "bucket_mates",
]  # fmt: skip

Form = Literal["user", "shared", "hidden", "global", "cloudflare"]
Params = dict[str, int | str]


class _Short:
    """A repr that is the call of the constructor."""

    def __repr__(self) -> str:
        shown = []
        for one in sorted(fields(self), key=lambda one: bool(one.kw_only)):  # type: ignore[arg-type]
            value = getattr(self, one.name)
            if one.default is MISSING and one.default_factory is MISSING:
                shown.append(repr(value))
            elif value != (one.default if one.default_factory is MISSING else one.default_factory()):
                shown.append(f"{one.name}={value!r}")
        return f"{type(self).__name__}({', '.join(shown)})"


# -- calls -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Kind:
    """How a call of an operation is made, so that each can be told from all others by its path or body."""

    params: Callable[[int, int], Params]  # of the place (a guild's number) and the call's number
    field: str = ""  # the field of the body that names the call
    leaves: bool = False  # each time it is carried out something comes into being


def _channel(place: int, number: int) -> Params:
    return {"channel_id": channel_id(place, 0)}


def _guild(place: int, number: int) -> Params:
    return {"guild_id": guild_id(place)}


def _member(place: int, number: int) -> Params:
    return {"guild_id": guild_id(place), "user_id": member_id(place, number + 1)}


def _member_role(place: int, number: int) -> Params:
    return {**_member(place, number), "role_id": role_id(place, 1)}


def _no_webhook(place: int, number: int) -> Params:
    return {"webhook_id": channel_id(place, 900), "webhook_token": f"no-such-webhook-{place}"}


OPERATIONS: dict[str, _Kind] = {
    "create_message": _Kind(_channel, "content", leaves=True),
    "create_guild_role": _Kind(_guild, "name", leaves=True),
    "update_channel": _Kind(_channel, "name"),  # has a hidden limit: two new names in ten minutes
    "get_guild_member": _Kind(_member),
    "add_guild_member_role": _Kind(_member_role),  # these two share a bucket
    "delete_guild_member_role": _Kind(_member_role),
    "get_user": _Kind(lambda place, number: {"user_id": member_id(place, number + 1)}),
    "execute_webhook": _Kind(_no_webhook, "content"),  # answers 404; outside the global limit
}
"""What can be called, by Discord's operation ids."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call, as the client is asked to make it: `method`, `template` with `params`, and a JSON body or None."""

    number: int
    operation: str
    place: int = 0
    at_ms: int = 0
    cancel_after_ms: int | None = None

    @property
    def method(self) -> str:
        """The HTTP method."""
        return ROUTES[self.operation].method

    @property
    def template(self) -> str:
        """The path with its parameters' names: `/channels/{channel_id}/messages`."""
        return ROUTES[self.operation].template

    @property
    def params(self) -> Params:
        """The path's parameters."""
        return OPERATIONS[self.operation].params(self.place, self.number)

    @property
    def path(self) -> str:
        """The path below the API's base: `/channels/1/messages`."""
        return self.template.format(**self.params)

    @property
    def json(self) -> dict[str, Any] | None:
        """The body, if there is one."""
        name = OPERATIONS[self.operation].field
        return {name: f"call-{self.number}"} if name else None

    @property
    def counter(self) -> tuple[str, str]:
        """The bucket it spends from, by the server's own account: a name and the major parameter."""
        found = match(self.method, self.path)
        assert isinstance(found, RouteMatch)
        return found.route.bucket, found.major

    @property
    def needs_token(self) -> bool:
        """Whether the bot's token goes with it; a webhook has one of its own in the path."""
        return "webhook_token" not in self.params


@dataclass(frozen=True, slots=True, repr=False)
class Calls(_Short):
    """`times` calls of an operation at a place (a guild's number; for a channel it is that guild's first), the first at
    `at_ms`, the others each `every_ms` later. With `cancel_after_ms` the caller loses patience."""

    operation: str
    place: int = 0
    times: int = 1
    at_ms: int = 0
    every_ms: int = 0
    cancel_after_ms: int | None = None

    def __post_init__(self) -> None:
        if self.operation not in OPERATIONS:
            raise ValueError(f"Calls({self.operation!r}): one of {', '.join(OPERATIONS)}")
        if min(self.place, self.at_ms, self.every_ms, self.cancel_after_ms or 0) < 0 or self.times < 1:
            raise ValueError(f"{self!r}: nothing of it may be negative, and times is at least 1")


# -- what goes wrong -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, repr=False)
class Hiccup(_Short):
    """Something that happens at the server at `at_ms`."""

    at_ms: int = field(default=0, kw_only=True)

    @property
    def ends_ms(self) -> int | None:
        """When it is over by itself; None where it is not, or is in an instant."""
        return None

    def strike(self, fake: FakeDiscord, ip: str) -> Callable[[], None] | None:
        """Let it happen to the client at `ip`; what is returned ends it, at `ends_ms`."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True, repr=False)
class Refuse(Hiccup):
    """The next `times` requests of an operation get a 429 of this form (`code`: a coded one), whatever was spent."""

    operation: str
    form: Form
    retry_after_ms: int = 1_000
    times: int = 1
    code: int | None = None

    def __post_init__(self) -> None:
        _demand(self, self.operation in OPERATIONS, "operation", OPERATIONS)
        _demand(self, self.form in get_args(Form), "form", get_args(Form))

    def strike(self, fake: FakeDiscord, ip: str) -> None:
        fake.force_429(
            self.operation, self.form, retry_after_s=self.retry_after_ms / 1000, times=self.times, code=self.code
        )


@dataclass(frozen=True, slots=True, repr=False)
class Break(Hiccup):
    """The next `times` requests of an operation (`*`: of any) go wrong: they are answered with a 5xx (`answer`, with
    `status`), late (`delay`), never (`silence`), or the connection is cut before acting (`reset`) or after
    (`reset_after`)."""

    operation: str = "*"
    do: Literal["answer", "reset", "reset_after", "silence", "delay"] = "answer"
    times: int = 1
    status: int = 503
    delay_ms: int = 0

    def __post_init__(self) -> None:
        _demand(self, self.operation in ("*", *OPERATIONS), "operation", ("*", *OPERATIONS))
        _demand(self, self.status in HTTP_REASONS, "status", HTTP_REASONS)

    def strike(self, fake: FakeDiscord, ip: str) -> None:
        fake.rest_fault(RestFault(self.operation, self.times, self.do, self.delay_ms, self.status))


@dataclass(frozen=True, slots=True, repr=False)
class Outage(Hiccup):
    """For `for_ms` every request is answered with a 5xx."""

    for_ms: int
    status: int = 503

    @property
    def ends_ms(self) -> int:
        return self.at_ms + self.for_ms

    def strike(self, fake: FakeDiscord, ip: str) -> Callable[[], None]:
        fault = RestFault("*", None, "answer", status=self.status)
        fake.rest_fault(fault)

        def end() -> None:
            fake.faults.rest = [other for other in fake.faults.rest if other is not fault]

        return end


@dataclass(frozen=True, slots=True, repr=False)
class Ban(Hiccup):
    """Cloudflare refuses everything from the client's address for `for_ms`."""

    for_ms: int

    def strike(self, fake: FakeDiscord, ip: str) -> None:
        fake.ban_ip(ip, self.for_ms / 1000)


@dataclass(frozen=True, slots=True, repr=False)
class Rotate(Hiccup):
    """Every bucket gets another hash; the counters stay."""

    def strike(self, fake: FakeDiscord, ip: str) -> None:
        fake.rotate_bucket_hashes()


@dataclass(frozen=True, slots=True, repr=False)
class Revoke(Hiccup):
    """The bot's token is no longer valid: 401."""

    def strike(self, fake: FakeDiscord, ip: str) -> None:
        fake.tokens.pop(fake.settings.token, None)


@dataclass(frozen=True, slots=True, repr=False)
class Deny(Hiccup):
    """The bot may do nothing more in a guild: 403."""

    place: int = 0

    def strike(self, fake: FakeDiscord, ip: str) -> None:
        fake.world.denied.add(guild_id(self.place))


def _demand(what: object, holds: bool, name: str, choices: Any) -> None:
    if not holds:
        raise ValueError(f"{what!r}: {name} is one of {', '.join(map(str, choices))}")


# -- all together --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, repr=False)
class Network(_Short):
    """The way between the client and Discord: each direction takes `latency_ms` ± `jitter_ms`."""

    latency_ms: int = 20
    jitter_ms: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.jitter_ms <= self.latency_ms or self.latency_ms < 1:
            raise ValueError(f"{self!r}: latency is at least 1 ms, jitter from 0 to the latency")

    @property
    def trip_ms(self) -> int:
        """There and back at the slowest."""
        return 2 * (self.latency_ms + self.jitter_ms)


@dataclass(frozen=True, repr=False)
class Story(_Short):
    """Everything a run depends on besides the client.

    Args:
        calls: what the client is asked for.
        laws: limits by operation; the others keep those of the fake. Operations that share a bucket share the law.
        network: the way to Discord.
        hiccups: what happens at the server.
        at_once: how many calls are handed to the client at the same time; None is all that are due.
        close_ms: when the client is closed; None is when all calls are over.
        skew_ms: how far Discord's wall clock is ahead of the client's; behind it where negative.
        seed: of the network's jitter and of the client's own chance.

    Raises ValueError for what cannot be.
    """

    calls: tuple[Calls, ...] = ()
    laws: Mapping[str, Law] = field(default_factory=dict)
    network: Network = field(default_factory=Network)
    hiccups: tuple[Hiccup, ...] = ()
    at_once: int | None = None
    close_ms: int | None = None
    skew_ms: int = 0
    seed: int = 0

    def __post_init__(self) -> None:
        if self.at_once is not None and self.at_once < 1:
            raise ValueError(f"Story(at_once={self.at_once}): at least 1")

    @cached_property
    def schedule(self) -> tuple[Call, ...]:
        """Every single call, numbered in the order in which they are made."""
        due = [
            (calls.at_ms + n * calls.every_ms, calls.operation, calls.place, calls.cancel_after_ms)
            for calls in self.calls
            for n in range(calls.times)
        ]
        due.sort(key=lambda one: one[0])
        return tuple(
            Call(number, operation, place, at_ms, cancel_ms)
            for number, (at_ms, operation, place, cancel_ms) in enumerate(due)
        )

    @property
    def all_laws(self) -> dict[str, Law]:
        """`laws`, told to every operation of each bucket."""
        return {mate: law for name, law in self.laws.items() for mate in bucket_mates(name)}

    @property
    def is_calm(self) -> bool:
        """Nothing goes wrong at the server, and nobody closes the client early."""
        return not self.hiccups and self.close_ms is None


def bucket_mates(operation: str) -> list[str]:
    """The operations that share a bucket with this one, itself too."""
    return [route.name for route in ROUTES.values() if route.bucket == ROUTES[operation].bucket]
