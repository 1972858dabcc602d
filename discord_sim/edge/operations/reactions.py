"""Reactions ("Message")."""

from __future__ import annotations

from discord_sim.edge.call import NO_CONTENT, Call, ok, operation, refuse
from discord_sim.edge.compose import emoji_of
from discord_sim.edge.operations.messages import judge_archive
from discord_sim.rules.answers import Answer
from discord_sim.rules.permissions import Permission as P
from discord_sim.world.fanout import Event
from discord_sim.world.guild import Message, Reaction
from discord_sim.world.payloads import Doc
from discord_sim.world.world import World

DISTINCT_MAX = 20


def react(world: World, message: Message, user_id: int, key: str, emoji: Doc) -> list[Event]:
    """Somebody reacts; nothing where they already had."""
    reaction = message.reactions.setdefault(key, Reaction(emoji))
    if user_id in reaction.users:
        return []
    reaction.users[user_id] = None
    body = _body(message, user_id, reaction.emoji)
    guild = None if message.guild_id is None else world.guild(message.guild_id)
    if guild is not None and world.is_member(guild, user_id):
        body["member"] = world.member_payload(guild, user_id)
    if "webhook_id" not in message.doc:
        body["message_author_id"] = str(message.author_id)
    return [told(world, "MESSAGE_REACTION_ADD", message, body)]


def unreact(world: World, message: Message, user_id: int, key: str) -> list[Event]:
    """Somebody takes a reaction back; nothing where there was none."""
    reaction = message.reactions.get(key)
    if reaction is None or user_id not in reaction.users:
        return []
    del reaction.users[user_id]
    if not reaction.users:
        del message.reactions[key]
    return [told(world, "MESSAGE_REACTION_REMOVE", message, _body(message, user_id, reaction.emoji))]


def _body(message: Message, user_id: int, emoji: Doc) -> Doc:
    return {"user_id": str(user_id), **where(message), "emoji": emoji, "type": 0, "burst": False}


def where(message: Message) -> Doc:
    """The fields of an event that say which message it is about."""
    body = {"channel_id": str(message.channel_id), "message_id": str(message.id)}
    return body if message.guild_id is None else {**body, "guild_id": str(message.guild_id)}


def told(world: World, name: str, message: Message, body: Doc) -> Event:
    """An event about a message, for those who see its channel."""
    place = world.channel(message.channel_id)
    return Event(name, message.guild_id, message.id, body, channel=None if place is None else place[1])


def page(call: Call, users: dict[int, None]) -> list[Doc]:
    """A page of users, by id."""
    after = int(call.query.get("after", 0))
    return [call.person(u) for u in sorted(users) if u > after][: call.query.get("limit", 25)]


def _message(call: Call, needs: int = 0) -> Message:
    """The message of the path, whose reactions can be changed: not in an archived thread."""
    judge_archive(call.channel()[1])
    return call.message(needs)


def _key(call: Call, message: Message) -> str:
    """The reaction that the path names."""
    return emoji_of(call, call.params["emoji_name"], message.reactions)[0]


@operation("add_my_message_reaction")
def add(call: Call) -> Answer:
    message = _message(call, P.READ_MESSAGE_HISTORY)
    key, emoji = emoji_of(call, call.params["emoji_name"], message.reactions)
    guild, channel = call.channel()
    if key not in message.reactions:
        if guild is not None:
            at_home = guild.emojis.keys() | call.bin("app_emojis").keys()
            foreign = emoji["id"] is not None and int(key) not in at_home
            needs = P.ADD_REACTIONS | (P.USE_EXTERNAL_EMOJIS if foreign else 0)
            call.demand(guild, guild.permissions_in(channel, call.me), needs)
        if len(message.reactions) >= DISTINCT_MAX:
            refuse(400, 30010, f"Maximum number of reactions reached ({DISTINCT_MAX})")
    call.events += react(call.world, message, call.me, key, emoji)
    return NO_CONTENT


@operation("delete_my_message_reaction")
def remove(call: Call) -> Answer:
    message = _message(call)
    call.events += unreact(call.world, message, call.me, _key(call, message))
    return NO_CONTENT


@operation("delete_user_message_reaction")
def remove_of_user(call: Call) -> Answer:
    user_id = call.user()
    message = _message(call, 0 if user_id == call.me else P.MANAGE_MESSAGES)
    call.events += unreact(call.world, message, user_id, _key(call, message))
    return NO_CONTENT


@operation("delete_all_message_reactions")
def clear(call: Call) -> Answer:
    message = _message(call, P.MANAGE_MESSAGES)
    if message.reactions:
        message.reactions.clear()
        call.events.append(told(call.world, "MESSAGE_REACTION_REMOVE_ALL", message, where(message)))
    return NO_CONTENT


@operation("delete_all_message_reactions_by_emoji")
def clear_emoji(call: Call) -> Answer:
    message = _message(call, P.MANAGE_MESSAGES)
    reaction = message.reactions.pop(_key(call, message), None)
    if reaction is not None:
        body = {**where(message), "emoji": reaction.emoji}
        call.events.append(told(call.world, "MESSAGE_REACTION_REMOVE_EMOJI", message, body))
    return NO_CONTENT


@operation("list_message_reactions_by_emoji")
def who(call: Call) -> Answer:
    message = call.message(P.READ_MESSAGE_HISTORY)
    key = _key(call, message)
    normal = not call.query.get("type")  # nobody here has burst reactions
    return ok(page(call, message.reactions[key].users if normal and key in message.reactions else {}))
