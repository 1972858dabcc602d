"""One admitted request as an operation sees it, and what operations share: ids, refusals, permissions, registration.

An operation is a plain function `(call) -> answer`. It acts as `call.me`: the bot of the token, the user of a bearer
token, or whoever the operator's API lets act; the events it causes are left in `call.events`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn

from discord_sim.rules.answers import Answer, error
from discord_sim.rules.buckets import Bucket, Law, Taken, take
from discord_sim.rules.forms import Tree, leaf
from discord_sim.rules.front_door import Bearer
from discord_sim.rules.ids import id_of
from discord_sim.rules.permissions import NEEDS_MFA, Permission
from discord_sim.world.fanout import Event
from discord_sim.world.guild import Guild, Message
from discord_sim.world.payloads import STAGE, THREADS, VOICE, Doc
from discord_sim.world.snowflakes import epoch_ms_of
from discord_sim.world.world import World

if TYPE_CHECKING:
    from discord_sim.edge.gateway import Gateway
    from discord_sim.edge.media import Media
    from discord_sim.edge.settings import Settings

__all__ = [
    "NO_CONTENT", "OPERATIONS", "Call", "Operation", "Refused", "Upload", "form_error", "ok", "operation", "refuse",
    "unknown",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Upload:
    """A file sent in a multipart request."""

    field: str
    filename: str
    content_type: str
    data: bytes


class Refused(Exception):
    """Carries the answer of a call that was refused, and what is told all the same."""

    def __init__(self, answer: Answer, told: Iterable[Event] = ()) -> None:
        super().__init__(answer.status)
        self.answer, self.told = answer, tuple(told)


def refuse(status: int, code: int, message: str, errors: Tree | None = None) -> NoReturn:
    """End the call with a JSON error."""
    raise Refused(error(status, code, message, errors))


def form_error(tree: Tree) -> NoReturn:
    """End the call with 400 / 50035 and a tree that names what was wrong."""
    refuse(400, 50035, "Invalid Form Body", tree)


_UNKNOWN = {
    "application": 10002, "channel": 10003, "guild": 10004, "integration": 10005, "invite": 10006, "member": 10007,
    "message": 10008, "overwrite": 10009, "role": 10011, "user": 10013, "emoji": 10014, "webhook": 10015,
    "ban": 10026, "sku": 10027, "entitlement": 10029, "lobby": 10031, "guild template": 10057, "sticker": 10060,
    "interaction": 10062, "application command": 10063, "voice state": 10065,
    "application command permissions": 10066, "stage instance": 10067, "guild welcome screen": 10069,
    "guild scheduled event": 10070, "sticker pack": 10061, "sound": 10097, "subscription": 10099,
    "scheduled event exception": 10070,
}  # fmt: skip


def unknown(what: str) -> NoReturn:
    """End the call with 404 and the code of what does not exist."""
    refuse(404, _UNKNOWN[what], f"Unknown {what.title()}")


@dataclass(slots=True)
class Call:
    """One admitted request: `data` and `query` have been checked against the operation's schema."""

    world: World
    settings: Settings
    gateway: Gateway
    media: Media
    params: dict[str, str]
    query: dict[str, Any]
    data: Any
    files: list[Upload]
    reason: str | None
    epoch_ms: int
    now_ms: int
    me: int
    scopes: frozenset[str] | None = None
    bearers: dict[str, Bearer] = field(default_factory=dict)
    bearer: Bearer | None = None  # what the caller's own token stands for, where it is no bot's
    events: list[Event] = field(default_factory=list)

    def id(self, name: str) -> int:
        """A path parameter as an id. Raises Refused (400 / 50035) where it is none."""
        found = id_of(self.params[name])
        if found is None:
            form_error({name: leaf("NUMBER_TYPE_COERCE", f'Value "{self.params[name]}" is not snowflake.')})
        return found

    def emit(self, name: str, guild: Guild | None, key: int, body: Doc, **more: Any) -> None:
        """Leave one event to be told."""
        self.events.append(Event(name, None if guild is None else guild.id, key, dict(body), **more))

    def log(self, guild: Guild, action: int, target_id: int | None, **more: Any) -> None:
        """Leave one audit log entry by who acts, with the reason given."""
        self.events.append(self.world.log(guild, action, self.me, target_id, self.reason, self.epoch_ms, **more))

    def scope(self, name: str) -> None:
        """Refuse a user's token that lacks the OAuth2 scope."""
        if self.scopes is not None and name not in self.scopes:
            refuse(403, 50026, "Missing required OAuth2 scope")

    def new_id(self) -> int:
        """The id of something made now."""
        return self.world.new_id(self.epoch_ms)

    # -- guilds ------------------------------------------------------------------------------------------

    def guild(self, needs: int = 0, *, read: bool = False, any_of: int = 0) -> Guild:
        """The guild of the path, where the caller is in it and has all bits of `needs` (one of `any_of`)."""
        return self.guild_of(self.id("guild_id"), needs, read=read, any_of=any_of)

    def guild_of(self, guild_id: int, needs: int = 0, *, read: bool = False, any_of: int = 0) -> Guild:
        """The guild with this id, under the same conditions; `read` says that nothing will be changed."""
        guild = self.world.guild(guild_id)
        if guild is None or guild.id != guild_id or not self.world.is_member(guild, self.me):
            unknown("guild")
        if guild.id in self.world.denied:
            refuse(403, *(_NO_ACCESS if read else _NO_PERMISSION))
        self.demand(guild, guild.permissions_of(self.me, timed_out=self.timed_out(guild)), needs, any_of)
        return guild

    def guild_of_id(self, guild_id: int) -> Guild:
        """A guild that is known to exist."""
        guild = self.world.guild(guild_id)
        assert guild is not None
        return guild

    def demand(self, guild: Guild, held: int, needs: int, any_of: int = 0) -> None:
        """Refuse where bits are missing, or where the guild wants two-factor authentication that is not there."""
        if held & needs != needs or (any_of and not held & any_of):
            refuse(403, *_NO_PERMISSION)
        wants_mfa = bool((needs | any_of) & NEEDS_MFA) and guild.doc["mfa_level"] == 1
        if wants_mfa and self.me in self.world.bots and not self.world.owner_has_mfa:
            refuse(403, 60003, "Two factor is required for this operation")

    def timed_out(self, guild: Guild) -> bool:
        """Whether the caller is timed out in the guild now."""
        until = guild.members.get(self.me, {}).get("communication_disabled_until")
        return until is not None and epoch_ms_of(until) > self.epoch_ms

    def outrank(self, guild: Guild, user_id: int) -> None:
        """Refuse unless the caller stands above the member: hierarchy of roles, the owner on top."""
        if self.me == guild.owner_id:
            return
        if user_id == guild.owner_id or guild.top_position(user_id) >= guild.top_position(self.me):
            refuse(403, *_NO_PERMISSION)

    def above_role(self, guild: Guild, role: Doc) -> None:
        """Refuse unless the caller's highest role is above the role."""
        if self.me != guild.owner_id and role["position"] >= guild.top_position(self.me):
            refuse(403, *_NO_PERMISSION)

    def user(self, name: str = "user_id") -> int:
        """The user of the path, if there is one."""
        user_id = self.me if self.params.get(name) == "@me" else self.id(name)
        if not self.world.user_exists(user_id):
            unknown("user")
        return user_id

    def member(self, guild: Guild) -> int:
        """The present member of the path."""
        user_id = self.user()
        if not self.world.is_member(guild, user_id):
            unknown("member")
        return user_id

    # -- channels and messages ---------------------------------------------------------------------------

    def channel(self, needs: int = 0, name: str = "channel_id") -> tuple[Guild | None, Doc]:
        """The channel of the path, where the caller may see it and has all bits of `needs`."""
        return self.channel_of(self.id(name), needs)

    def channel_of(self, channel_id: int, needs: int = 0) -> tuple[Guild | None, Doc]:
        """The channel with this id, under the same conditions."""
        found = self.world.channel(channel_id)
        if found is None:
            unknown("channel")
        guild, channel = found
        if guild is None:
            if self.me not in self.world.direct_members.get(channel_id, ()):
                refuse(403, *_NO_ACCESS)
            return found
        if guild.id in self.world.denied or not self.world.is_member(guild, self.me):
            refuse(403, *_NO_ACCESS)
        held = guild.permissions_in(channel, self.me, timed_out=self.timed_out(guild))
        if not held & Permission.VIEW_CHANNEL:
            refuse(403, *_NO_ACCESS)
        self.demand(guild, held, needs)
        return found

    def guild_channel(self, needs: int = 0) -> tuple[Guild, Doc]:
        """The channel of the path, which must be in a guild."""
        guild, channel = self.channel(needs)
        if guild is None:
            refuse(400, 50003, "Cannot execute action on a DM channel")
        return guild, channel

    def thread(self, needs: int = 0) -> tuple[Guild, Doc]:
        """The thread of the path."""
        guild, channel = self.guild_channel(needs)
        if channel["type"] not in THREADS:
            refuse(400, 50024, "Cannot execute action on this channel type")
        return guild, channel

    def voice_channel(self, needs: int = 0) -> tuple[Guild, Doc]:
        """The voice or stage channel of the path."""
        guild, channel = self.guild_channel(needs)
        if channel["type"] not in (VOICE, STAGE):
            refuse(400, 50024, "Cannot execute action on this channel type")
        return guild, channel

    def message(self, needs: int = 0) -> Message:
        """The message of the path, which the caller may read."""
        _, channel = self.channel(needs)
        found = self.world.message(int(channel["id"]), self.id("message_id"))
        if found is None or found.ephemeral_for is not None:  # those are reached by their interaction's token only
            unknown("message")
        return found

    @property
    def application_id(self) -> int:
        """The application that acts: the bot's, or the one a user's token was given to."""
        return self.me if self.bearer is None else self.bearer.application_id

    def application(self) -> int:
        """The application of the path, which must be the caller's own."""
        own = self.application_id
        wanted = own if self.params["application_id"] == "@me" else self.id("application_id")
        if wanted not in self.world.bots:
            unknown("application")
        if own in self.world.bots and own != wanted:
            refuse(403, 20012, "You are not authorized to perform this action on this application")
        return wanted

    def bin(self, name: str) -> dict[int, Doc]:
        """Things of one kind that belong to no guild."""
        return self.world.bins.setdefault(name, {})

    def spend(self, limit: str, key: int, law: Law, count: int = 1) -> Taken:
        """Book `count` in a hidden limit that only an operation can know of; all of them or none."""
        account = self.bin(f"limits/{limit}").setdefault(key, {})
        bucket: Bucket = account.get("bucket", Bucket())
        for _ in range(count):
            bucket, taken = take(bucket, law, self.now_ms)
            if not taken.allowed:
                return taken
        account["bucket"] = bucket
        return taken

    def thing(self, things: Mapping[int, Doc], param: str, what: str) -> Doc:
        """The thing a path parameter names, or 404 with the code of `what`."""
        found = things.get(self.id(param))
        if found is None:
            unknown(what)
        return found

    def person(self, user_id: int | None = None) -> Doc:
        """A user object; the caller's by default."""
        return self.world.user_payload(self.me if user_id is None else user_id)


_NO_ACCESS = (50001, "Missing Access")
_NO_PERMISSION = (50013, "Missing Permissions")

Operation = Callable[[Call], Answer]
OPERATIONS: dict[str, Operation] = {}
NO_CONTENT = Answer(204)


def ok(body: Any, status: int = 200) -> Answer:
    """An answer with a body."""
    return Answer(status, body)


def operation(*names: str) -> Callable[[Operation], Operation]:
    """Register a function as the operation with this id of the OpenAPI document."""

    def register(function: Operation) -> Operation:
        def guarded(call: Call) -> Answer:
            try:
                return function(call)
            except Refused as refusal:
                call.events[:] = refusal.told  # what is refused changes nothing, and mostly nobody hears of it
                return refusal.answer

        for name in names:
            assert name not in OPERATIONS, name
            OPERATIONS[name] = guarded
        return function

    return register
