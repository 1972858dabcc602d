"""What each route does to the world. Plain functions: (call) -> answer, with the events left in `call.events`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from discord_sim.rules.answers import Answer, error
from discord_sim.world import payloads
from discord_sim.world.fanout import Event
from discord_sim.world.snowflakes import member_id
from discord_sim.world.world import Channel, Guild, Message, World

if TYPE_CHECKING:
    from discord_sim.edge.gateway import Gateway
    from discord_sim.edge.server import Settings

__all__ = ["OPERATIONS", "Call"]


@dataclass(slots=True)
class Call:
    """One admitted request."""

    world: World
    settings: Settings
    gateway: Gateway
    params: dict[str, str]
    query: dict[str, str]
    data: Any
    reason: str | None
    epoch_ms: int
    now_ms: int
    events: list[Event] = field(default_factory=list)

    def id(self, name: str) -> int:
        """A path parameter as an id. Raises Refused (400 / 50035) where it is none."""
        text = self.params[name]
        if not text.isdigit() or len(text) > 20:
            tree = {name: {"_errors": [{"code": "NUMBER_TYPE_COERCE", "message": f'Value "{text}" is not snowflake.'}]}}
            raise Refused(error(400, 50035, "Invalid Form Body", tree))
        return int(text)

    def guild(self) -> Guild:
        """The guild of the path, if the bot may see it."""
        guild = self.world.guild(self.id("guild_id"))
        if guild is None or guild.id != int(self.params["guild_id"]):
            raise Refused(error(404, 10004, "Unknown Guild"))
        return guild

    def allowed_guild(self) -> Guild:
        """The guild of the path, if the bot may act in it."""
        guild = self.guild()
        if guild.id in self.world.denied:
            raise Refused(error(403, 50013, "Missing Permissions"))
        return guild

    def channel(self) -> tuple[Guild, Channel]:
        """The channel of the path and its guild, if the bot may act there."""
        found = self.world.channel(self.id("channel_id"))
        if found is None:
            raise Refused(error(404, 10003, "Unknown Channel"))
        if found[0].id in self.world.denied:
            raise Refused(error(403, 50001, "Missing Access"))
        return found

    def message(self) -> Message:
        """The message of the path."""
        _, channel = self.channel()
        found = self.world.message(channel.id, self.id("message_id"))
        if found is None:
            raise Refused(error(404, 10008, "Unknown Message"))
        return found

    def user(self) -> int:
        """The user of the path, if there is one."""
        user_id = self.id("user_id")
        if not self.world.user_exists(user_id):
            raise Refused(error(404, 10013, "Unknown User"))
        return user_id

    def body(self) -> dict[str, Any]:
        """The JSON object sent; 400 / 50035 where it is something else."""
        if not isinstance(self.data, dict):
            tree = {
                "_errors": [{"code": "MODEL_TYPE_CONVERT", "message": "Only dictionaries may be used in a ModelType"}]
            }
            raise Refused(error(400, 50035, "Invalid Form Body", tree))
        return self.data

    def member(self, guild: Guild) -> int:
        """The present member of the path."""
        user_id = self.user()
        if not self.world.is_member(guild, user_id):
            raise Refused(error(404, 10007, "Unknown Member"))
        return user_id


class Refused(Exception):
    """Carries the answer of a call that was refused."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


Operation = Callable[[Call], Answer]
OPERATIONS: dict[str, Operation] = {}
_NO_CONTENT = Answer(204)


def _operation(*names: str) -> Callable[[Operation], Operation]:
    def register(function: Operation) -> Operation:
        def guarded(call: Call) -> Answer:
            try:
                return function(call)
            except Refused as refusal:
                return refusal.answer

        for name in names:
            OPERATIONS[name] = guarded
        return function

    return register


def _limit(call: Call, default: int, highest: int) -> int:
    text = call.query.get("limit", str(default))
    if not text.isdigit() or not 1 <= int(text) <= highest:
        message = f"int value should be between 1 and {highest}."
        raise Refused(
            error(
                400,
                50035,
                "Invalid Form Body",
                {"limit": {"_errors": [{"code": "NUMBER_TYPE_MAX", "message": message}]}},
            )
        )
    return int(text)


def _text(call: Call, name: str, highest: int) -> str:
    value = call.body().get(name)
    if not isinstance(value, str):
        message, code = "Could not interpret value as string.", "STRING_TYPE_CONVERT"
    elif len(value) > highest:
        message, code = f"Must be {highest} or fewer in length.", "BASE_TYPE_MAX_LENGTH"
    else:
        return value
    raise Refused(error(400, 50035, "Invalid Form Body", {name: {"_errors": [{"code": code, "message": message}]}}))


# -- gateway, users, applications ----------------------------------------------------------------------------


@_operation("gateway.get")
def _gateway(call: Call) -> Answer:
    return Answer(200, {"url": call.settings.gateway_url})


@_operation("gateway.bot")
def _gateway_bot(call: Call) -> Answer:
    limits = call.gateway.starts.limit_body(call.now_ms, call.settings.max_concurrency)
    return Answer(
        200, {"url": call.settings.gateway_url, "shards": call.settings.shards, "session_start_limit": limits}
    )


@_operation("users.me")
def _me(call: Call) -> Answer:
    return Answer(
        200,
        {**call.world.user_payload(call.world.bot_id), "mfa_enabled": True, "verified": True, "email": None},
    )


@_operation("users.me.guilds")
def _my_guilds(call: Call) -> Answer:
    after = int(call.query.get("after", "0") or 0)
    ids = [g for g in call.world.guild_ids() if g > after][: _limit(call, 200, 200)]
    guilds = [call.world.guild(g) for g in ids]
    return Answer(200, [
        {"id": str(g.id), "name": g.name, "icon": None, "banner": None, "owner": False,
         "permissions": "8", "features": []}
        for g in guilds if g is not None
    ])  # fmt: skip


@_operation("users.get")
def _user(call: Call) -> Answer:
    return Answer(200, call.world.user_payload(call.user()))


@_operation("applications.me")
def _application(call: Call) -> Answer:
    world = call.world
    return Answer(200, {
        "id": str(world.bot_id), "name": world.bot_name, "icon": None, "description": "", "bot_public": True,
        "bot_require_code_grant": False, "verify_key": "0" * 64, "owner": world.user_payload(world.guild_at(0).owner_id)
        if world.guild_total else world.user_payload(world.bot_id), "team": None, "flags": 1 << 13 | 1 << 15 | 1 << 19,
        "rpc_origins": [], "summary": "", "tags": [], "approximate_guild_count": world.guild_total,
    })  # fmt: skip


# -- guilds, roles, channels ---------------------------------------------------------------------------------


@_operation("guilds.get")
def _guild(call: Call) -> Answer:
    guild = call.guild()
    if guild.id in call.world.denied:
        return error(403, 50001, "Missing Access")
    body = payloads.guild(guild)
    if call.query.get("with_counts", "").lower() in ("true", "1"):
        body |= {
            "approximate_member_count": guild.member_count,
            "approximate_presence_count": guild.member_count // 3,
        }
    return Answer(200, body)


@_operation("guilds.modify")
def _modify_guild(call: Call) -> Answer:
    guild = call.allowed_guild()
    if "name" in call.body():
        call.events += call.world.rename_guild(guild, _text(call, "name", 100))
    return Answer(200, payloads.guild(guild))


@_operation("guilds.channels")
def _channels(call: Call) -> Answer:
    guild = call.guild()
    return Answer(200, [payloads.channel(c, guild.id) for c in guild.channels.values()])


@_operation("roles.list")
def _roles(call: Call) -> Answer:
    return Answer(200, [payloads.role(r) for r in call.guild().roles.values()])


@_operation("roles.create")
def _create_role(call: Call) -> Answer:
    guild = call.allowed_guild()
    data = call.body()
    name = _text(call, "name", 100) if "name" in data else "new role"
    role, events = call.world.add_role(guild, name, int(data.get("color") or 0), call.epoch_ms)
    call.events += events
    return Answer(200, payloads.role(role))


@_operation("roles.modify")
def _modify_role(call: Call) -> Answer:
    guild = call.allowed_guild()
    role = guild.roles.get(call.id("role_id"))
    if role is None:
        return error(404, 10011, "Unknown Role")
    name = _text(call, "name", 100) if "name" in call.body() else None
    call.events += call.world.change_role(guild, role, name, call.body().get("color"))
    return Answer(200, payloads.role(role))


@_operation("roles.delete")
def _delete_role(call: Call) -> Answer:
    guild = call.allowed_guild()
    role = guild.roles.get(call.id("role_id"))
    if role is None:
        return error(404, 10011, "Unknown Role")
    call.events += call.world.remove_role(guild, role)
    return _NO_CONTENT


@_operation("channels.get")
def _channel(call: Call) -> Answer:
    guild, channel = call.channel()
    return Answer(200, payloads.channel(channel, guild.id))


@_operation("channels.modify")
def _modify_channel(call: Call) -> Answer:
    guild, channel = call.channel()
    data = call.body()
    name = _text(call, "name", 100) if "name" in data else None
    topic = _text(call, "topic", 1024) if data.get("topic") is not None else None
    call.events += call.world.change_channel(guild, channel, name, topic)
    return Answer(200, payloads.channel(channel, guild.id))


@_operation("channels.typing")
def _typing(call: Call) -> Answer:
    call.channel()
    return _NO_CONTENT


# -- members and bans ----------------------------------------------------------------------------------------


@_operation("members.list")
def _members(call: Call) -> Answer:
    guild, after = call.guild(), int(call.query.get("after", "0") or 0)
    ids = (member_id(guild.index, n) for n in range(guild.population))
    present = [u for u in ids if u > after and u not in guild.gone][: _limit(call, 1, 1000)]
    return Answer(200, [call.world.member_payload(guild, u) for u in present])


@_operation("members.get")
def _member(call: Call) -> Answer:
    guild = call.guild()
    return Answer(200, call.world.member_payload(guild, call.member(guild)))


@_operation("members.modify")
def _modify_member(call: Call) -> Answer:
    guild = call.allowed_guild()
    user_id, data = call.member(guild), call.body()
    roles = data.get("roles")
    if roles is not None:
        roles = [int(r) for r in roles if str(r).isdigit()]
    if "nick" in data:
        call.events += call.world.set_member(guild, user_id, roles=roles, nick=data["nick"])
    else:
        call.events += call.world.set_member(guild, user_id, roles=roles)
    return Answer(200, call.world.member_payload(guild, user_id))


@_operation("members.kick")
def _kick(call: Call) -> Answer:
    guild = call.allowed_guild()
    call.events += call.world.kick(guild, call.member(guild))
    return _NO_CONTENT


@_operation("members.add_role")
def _add_role(call: Call) -> Answer:
    guild = call.allowed_guild()
    user_id, role_id = call.member(guild), call.id("role_id")
    if role_id not in guild.roles:
        return error(404, 10011, "Unknown Role")
    held = guild.member_roles.get(user_id, [])
    if role_id not in held:
        call.events += call.world.set_member(guild, user_id, roles=[*held, role_id])
    return _NO_CONTENT


@_operation("members.remove_role")
def _take_role(call: Call) -> Answer:
    guild = call.allowed_guild()
    user_id, role_id = call.member(guild), call.id("role_id")
    held = guild.member_roles.get(user_id, [])
    if role_id in held:
        call.events += call.world.set_member(guild, user_id, roles=[r for r in held if r != role_id])
    return _NO_CONTENT


@_operation("bans.list")
def _bans(call: Call) -> Answer:
    guild = call.allowed_guild()
    limit = _limit(call, 1000, 1000)
    banned = sorted(guild.banned.items())[:limit]
    return Answer(200, [{"reason": reason, "user": call.world.user_payload(u)} for u, reason in banned])


@_operation("bans.get")
def _get_ban(call: Call) -> Answer:
    guild, user_id = call.allowed_guild(), call.id("user_id")
    if user_id not in guild.banned:
        return error(404, 10026, "Unknown Ban")
    return Answer(200, {"reason": guild.banned[user_id], "user": call.world.user_payload(user_id)})


@_operation("bans.create")
def _ban(call: Call) -> Answer:
    guild = call.allowed_guild()
    user_id = call.user()
    if user_id not in guild.banned:
        call.events += call.world.ban(guild, user_id, call.world.bot_id, call.reason, call.epoch_ms)
    return _NO_CONTENT


@_operation("bans.remove")
def _unban(call: Call) -> Answer:
    guild, user_id = call.allowed_guild(), call.id("user_id")
    if user_id not in guild.banned:
        return error(404, 10026, "Unknown Ban")
    call.events += call.world.unban(guild, user_id)
    return _NO_CONTENT


@_operation("bans.bulk")
def _bulk_ban(call: Call) -> Answer:
    guild = call.allowed_guild()
    wanted = call.body().get("user_ids")
    if not isinstance(wanted, list) or not 1 <= len(wanted) <= 200:
        tree = {
            "user_ids": {
                "_errors": [{"code": "BASE_TYPE_BAD_LENGTH", "message": "Must be between 1 and 200 in length."}]
            }
        }
        return error(400, 50035, "Invalid Form Body", tree)
    banned, failed = [], []
    for text in wanted:
        user_id = int(text) if str(text).isdigit() else 0
        if call.world.user_exists(user_id) and user_id not in guild.banned:
            call.events += call.world.ban(guild, user_id, call.world.bot_id, call.reason, call.epoch_ms)
            banned.append(str(user_id))
        else:
            failed.append(str(text))
    if not banned:
        return error(400, 500000, "Failed to ban users")
    return Answer(200, {"banned_users": banned, "failed_users": failed})


# -- messages ------------------------------------------------------------------------------------------------


def _message_body(call: Call, message: Message) -> dict[str, Any]:
    return payloads.message(message, call.world.user_payload(message.author_id))


@_operation("messages.list")
def _messages(call: Call) -> Answer:
    _, channel = call.channel()
    return Answer(200, [_message_body(call, m) for m in call.world.messages(channel.id, _limit(call, 50, 100))])


@_operation("messages.get")
def _message(call: Call) -> Answer:
    return Answer(200, _message_body(call, call.message()))


@_operation("messages.create")
def _post(call: Call) -> Answer:
    _, channel = call.channel()
    data = call.body()
    if not data.get("content") and not any(data.get(k) for k in ("embeds", "sticker_ids", "components", "poll")):
        return error(400, 50006, "Cannot send an empty message")
    content = _text(call, "content", 2000) if data.get("content") is not None else ""
    message, events = call.world.say(channel.id, call.world.bot_id, content, call.epoch_ms, data.get("nonce"))
    call.events += events
    return Answer(200, _message_body(call, message))


@_operation("messages.edit")
def _edit(call: Call) -> Answer:
    message = call.message()
    if message.author_id != call.world.bot_id:
        return error(403, 50005, "Cannot edit a message authored by another user")
    if call.body().get("content") is not None:
        call.events += call.world.edit(message, _text(call, "content", 2000), call.epoch_ms)
    return Answer(200, _message_body(call, message))


@_operation("messages.delete")
def _delete(call: Call) -> Answer:
    call.events += call.world.delete(call.message())
    return _NO_CONTENT


@_operation("messages.bulk_delete")
def _bulk_delete(call: Call) -> Answer:
    _, channel = call.channel()
    ids = call.body().get("messages")
    if not isinstance(ids, list) or not 2 <= len(ids) <= 100:
        return error(
            400,
            50016,
            "Provided too few or too many messages to delete. Must provide at least 2 and at most 100 messages.",
        )
    for text in ids:
        message = call.world.message(channel.id, int(text)) if str(text).isdigit() else None
        if message is not None:
            call.world.delete(message)
    guild = call.world.guild(channel.id)
    body = {
        "ids": [str(i) for i in ids],
        "channel_id": str(channel.id),
        "guild_id": str(guild.id if guild else 0),
    }
    call.events.append(Event("MESSAGE_DELETE_BULK", guild.id if guild else None, channel.id, body))
    return _NO_CONTENT


def _reaction(call: Call, change: str) -> Answer:
    message = call.message()
    body = {
        "user_id": str(call.world.bot_id), "channel_id": str(message.channel_id), "message_id": str(message.id),
        "guild_id": str(message.guild_id), "emoji": {"id": None, "name": call.params["emoji"]}, "type": 0,
        "burst": False,
    }  # fmt: skip
    call.events.append(Event(f"MESSAGE_REACTION_{change}", message.guild_id, message.id, body))
    return _NO_CONTENT


@_operation("reactions.add")
def _react(call: Call) -> Answer:
    return _reaction(call, "ADD")


@_operation("reactions.remove")
def _unreact(call: Call) -> Answer:
    return _reaction(call, "REMOVE")
