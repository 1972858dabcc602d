"""What each route does to the world. Plain functions: (call) -> answer, with the events left in `call.events`."""

from __future__ import annotations

from typing import Any

from discord_sim.edge.call import NO_CONTENT, OPERATIONS, Call, limit_of, operation, text_of
from discord_sim.rules.answers import Answer, error
from discord_sim.world import payloads
from discord_sim.world.fanout import Event
from discord_sim.world.snowflakes import member_id
from discord_sim.world.world import Message

__all__ = ["OPERATIONS"]


# -- gateway, users, applications ----------------------------------------------------------------------------


@operation("gateway.get")
def _gateway(call: Call) -> Answer:
    return Answer(200, {"url": call.settings.gateway_url})


@operation("gateway.bot")
def _gateway_bot(call: Call) -> Answer:
    limits = call.gateway.starts.limit_body(call.now_ms, call.settings.max_concurrency)
    return Answer(
        200, {"url": call.settings.gateway_url, "shards": call.settings.shards, "session_start_limit": limits}
    )


@operation("users.me")
def _me(call: Call) -> Answer:
    return Answer(
        200,
        {**call.world.user_payload(call.world.bot_id), "mfa_enabled": True, "verified": True, "email": None},
    )


@operation("users.me.guilds")
def _my_guilds(call: Call) -> Answer:
    after = int(call.query.get("after", "0") or 0)
    ids = [g for g in call.world.guild_ids() if g > after][: limit_of(call, 200, 200)]
    guilds = [call.world.guild(g) for g in ids]
    return Answer(200, [
        {"id": str(g.id), "name": g.name, "icon": None, "banner": None, "owner": False,
         "permissions": "8", "features": []}
        for g in guilds if g is not None
    ])  # fmt: skip


@operation("users.get")
def _user(call: Call) -> Answer:
    return Answer(200, call.world.user_payload(call.user()))


@operation("applications.me")
def _application(call: Call) -> Answer:
    world = call.world
    return Answer(200, {
        "id": str(world.bot_id), "name": world.bot_name, "icon": None, "description": "", "bot_public": True,
        "bot_require_code_grant": False, "verify_key": "0" * 64, "owner": world.user_payload(world.guild_at(0).owner_id)
        if world.guild_total else world.user_payload(world.bot_id), "team": None, "flags": 1 << 13 | 1 << 15 | 1 << 19,
        "rpc_origins": [], "summary": "", "tags": [], "approximate_guild_count": world.guild_total,
    })  # fmt: skip


# -- guilds, roles, channels ---------------------------------------------------------------------------------


@operation("guilds.get")
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


@operation("guilds.modify")
def _modify_guild(call: Call) -> Answer:
    guild = call.allowed_guild()
    if "name" in call.body():
        call.events += call.world.rename_guild(guild, text_of(call, "name", 100))
    return Answer(200, payloads.guild(guild))


@operation("guilds.channels")
def _channels(call: Call) -> Answer:
    guild = call.guild()
    return Answer(200, [payloads.channel(c, guild.id) for c in guild.channels.values()])


@operation("roles.list")
def _roles(call: Call) -> Answer:
    return Answer(200, [payloads.role(r) for r in call.guild().roles.values()])


@operation("roles.create")
def _create_role(call: Call) -> Answer:
    guild = call.allowed_guild()
    data = call.body()
    name = text_of(call, "name", 100) if "name" in data else "new role"
    role, events = call.world.add_role(guild, name, int(data.get("color") or 0), call.epoch_ms)
    call.events += events
    return Answer(200, payloads.role(role))


@operation("roles.modify")
def _modify_role(call: Call) -> Answer:
    guild = call.allowed_guild()
    role = guild.roles.get(call.id("role_id"))
    if role is None:
        return error(404, 10011, "Unknown Role")
    name = text_of(call, "name", 100) if "name" in call.body() else None
    call.events += call.world.change_role(guild, role, name, call.body().get("color"))
    return Answer(200, payloads.role(role))


@operation("roles.delete")
def _delete_role(call: Call) -> Answer:
    guild = call.allowed_guild()
    role = guild.roles.get(call.id("role_id"))
    if role is None:
        return error(404, 10011, "Unknown Role")
    call.events += call.world.remove_role(guild, role)
    return NO_CONTENT


@operation("channels.get")
def _channel(call: Call) -> Answer:
    guild, channel = call.channel()
    return Answer(200, payloads.channel(channel, guild.id))


@operation("channels.modify")
def _modify_channel(call: Call) -> Answer:
    guild, channel = call.channel()
    data = call.body()
    name = text_of(call, "name", 100) if "name" in data else None
    topic = text_of(call, "topic", 1024) if data.get("topic") is not None else None
    call.events += call.world.change_channel(guild, channel, name, topic)
    return Answer(200, payloads.channel(channel, guild.id))


@operation("channels.typing")
def _typing(call: Call) -> Answer:
    call.channel()
    return NO_CONTENT


# -- members and bans ----------------------------------------------------------------------------------------


@operation("members.list")
def _members(call: Call) -> Answer:
    guild, after = call.guild(), int(call.query.get("after", "0") or 0)
    ids = (member_id(guild.index, n) for n in range(guild.population))
    present = [u for u in ids if u > after and u not in guild.gone][: limit_of(call, 1, 1000)]
    return Answer(200, [call.world.member_payload(guild, u) for u in present])


@operation("members.get")
def _member(call: Call) -> Answer:
    guild = call.guild()
    return Answer(200, call.world.member_payload(guild, call.member(guild)))


@operation("members.modify")
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


@operation("members.kick")
def _kick(call: Call) -> Answer:
    guild = call.allowed_guild()
    call.events += call.world.kick(guild, call.member(guild))
    return NO_CONTENT


@operation("members.add_role")
def _add_role(call: Call) -> Answer:
    guild = call.allowed_guild()
    user_id, role_id = call.member(guild), call.id("role_id")
    if role_id not in guild.roles:
        return error(404, 10011, "Unknown Role")
    held = guild.member_roles.get(user_id, [])
    if role_id not in held:
        call.events += call.world.set_member(guild, user_id, roles=[*held, role_id])
    return NO_CONTENT


@operation("members.remove_role")
def _take_role(call: Call) -> Answer:
    guild = call.allowed_guild()
    user_id, role_id = call.member(guild), call.id("role_id")
    held = guild.member_roles.get(user_id, [])
    if role_id in held:
        call.events += call.world.set_member(guild, user_id, roles=[r for r in held if r != role_id])
    return NO_CONTENT


@operation("bans.list")
def _bans(call: Call) -> Answer:
    guild = call.allowed_guild()
    limit = limit_of(call, 1000, 1000)
    banned = sorted(guild.banned.items())[:limit]
    return Answer(200, [{"reason": reason, "user": call.world.user_payload(u)} for u, reason in banned])


@operation("bans.get")
def _get_ban(call: Call) -> Answer:
    guild, user_id = call.allowed_guild(), call.id("user_id")
    if user_id not in guild.banned:
        return error(404, 10026, "Unknown Ban")
    return Answer(200, {"reason": guild.banned[user_id], "user": call.world.user_payload(user_id)})


@operation("bans.create")
def _ban(call: Call) -> Answer:
    guild = call.allowed_guild()
    user_id = call.user()
    if user_id not in guild.banned:
        call.events += call.world.ban(guild, user_id, call.world.bot_id, call.reason, call.epoch_ms)
    return NO_CONTENT


@operation("bans.remove")
def _unban(call: Call) -> Answer:
    guild, user_id = call.allowed_guild(), call.id("user_id")
    if user_id not in guild.banned:
        return error(404, 10026, "Unknown Ban")
    call.events += call.world.unban(guild, user_id)
    return NO_CONTENT


@operation("bans.bulk")
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


@operation("messages.list")
def _messages(call: Call) -> Answer:
    _, channel = call.channel()
    return Answer(200, [_message_body(call, m) for m in call.world.messages(channel.id, limit_of(call, 50, 100))])


@operation("messages.get")
def _message(call: Call) -> Answer:
    return Answer(200, _message_body(call, call.message()))


@operation("messages.create")
def _post(call: Call) -> Answer:
    _, channel = call.channel()
    data = call.body()
    if not data.get("content") and not any(data.get(k) for k in ("embeds", "sticker_ids", "components", "poll")):
        return error(400, 50006, "Cannot send an empty message")
    content = text_of(call, "content", 2000) if data.get("content") is not None else ""
    nonce = data.get("nonce")
    if data.get("enforce_nonce") is True and nonce is not None:
        before = call.world.sent_before(channel.id, call.world.bot_id, nonce)
        if before is not None:
            return Answer(200, _message_body(call, before))
    message, events = call.world.say(channel.id, call.world.bot_id, content, call.epoch_ms, nonce)
    call.events += events
    return Answer(200, _message_body(call, message))


@operation("messages.edit")
def _edit(call: Call) -> Answer:
    message = call.message()
    if message.author_id != call.world.bot_id:
        return error(403, 50005, "Cannot edit a message authored by another user")
    if call.body().get("content") is not None:
        call.events += call.world.edit(message, text_of(call, "content", 2000), call.epoch_ms)
    return Answer(200, _message_body(call, message))


@operation("messages.delete")
def _delete(call: Call) -> Answer:
    call.events += call.world.delete(call.message())
    return NO_CONTENT


@operation("messages.bulk_delete")
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
    return NO_CONTENT


def _reaction(call: Call, change: str) -> Answer:
    message = call.message()
    body = {
        "user_id": str(call.world.bot_id), "channel_id": str(message.channel_id), "message_id": str(message.id),
        "guild_id": str(message.guild_id), "emoji": {"id": None, "name": call.params["emoji"]}, "type": 0,
        "burst": False,
    }  # fmt: skip
    call.events.append(Event(f"MESSAGE_REACTION_{change}", message.guild_id, message.id, body))
    return NO_CONTENT


@operation("reactions.add")
def _react(call: Call) -> Answer:
    return _reaction(call, "ADD")


@operation("reactions.remove")
def _unreact(call: Call) -> Answer:
    return _reaction(call, "REMOVE")
