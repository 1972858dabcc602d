"""Changes that more than one door leads to: a moderator's ban is the same ban whether it came over REST, from the
operator or as part of a bulk ban. Each returns the events it causes, in the usual order.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from discord_sim.rules.permissions import Permission
from discord_sim.spec import skeleton
from discord_sim.wire import Intent
from discord_sim.world.fanout import Event
from discord_sim.world.guild import Guild, Message
from discord_sim.world.payloads import TEXT_LIKE, THREADS, Doc
from discord_sim.world.payloads import guild as guild_payload
from discord_sim.world.payloads import role as role_payload
from discord_sim.world.snowflakes import iso, role_id
from discord_sim.world.voice import leave_voice
from discord_sim.world.world import World

__all__ = [
    "add_role",
    "ban",
    "begin_outage",
    "change_member",
    "concerns",
    "current",
    "delete",
    "delete_bulk",
    "edit",
    "end_outage",
    "guild_updated",
    "integrations_updated",
    "join",
    "kick",
    "mentions_in",
    "message_body",
    "message_event",
    "presence_changed",
    "remove_member",
    "say",
    "unban",
]  # fmt: skip

_MAY_HEAR_OF_BANS = Permission.BAN_MEMBERS | Permission.VIEW_AUDIT_LOG
_MESSAGE = skeleton("MessageResponse")
_USER_MENTION, _ROLE_MENTION = re.compile(r"<@!?(\d{1,19})>"), re.compile(r"<@&(\d{1,19})>")
DELETIONS_MAX = 100
STARTER, SUPPRESS_EMBEDS = 21, 1 << 2


# -- members -------------------------------------------------------------------------------------------------


def ban(
    world: World, guild: Guild, user_id: int, actor_id: int, reason: str | None, epoch_ms: int, delete_s: int = 0
) -> list[Event]:
    """Ban an existing user. Order as on the wire: ban, member remove (if a member), audit entry, deleted messages.
    A second ban of the same user changes nothing and tells nobody."""
    if user_id in guild.banned:
        return []
    guild.banned[user_id] = reason
    body = {"guild_id": str(guild.id), "user": world.user_payload(user_id)}
    told = {**body, "delete_message_secs": delete_s}
    events = [Event("GUILD_BAN_ADD", guild.id, user_id, told, needs=_MAY_HEAR_OF_BANS)]
    events += remove_member(world, guild, user_id)
    events.append(world.log(guild, 22, actor_id, user_id, reason, epoch_ms))
    if delete_s:
        events += _delete_recent(world, guild, user_id, epoch_ms - delete_s * 1000)
    return events


def unban(world: World, guild: Guild, user_id: int, actor_id: int, reason: str | None, epoch_ms: int) -> list[Event]:
    """Lift a ban that exists."""
    del guild.banned[user_id]
    body = {"guild_id": str(guild.id), "user": world.user_payload(user_id)}
    return [
        Event("GUILD_BAN_REMOVE", guild.id, user_id, body, needs=_MAY_HEAR_OF_BANS),
        world.log(guild, 23, actor_id, user_id, reason, epoch_ms),
    ]


def kick(world: World, guild: Guild, user_id: int, actor_id: int, reason: str | None, epoch_ms: int) -> list[Event]:
    """Remove a present member and say who did it."""
    events = remove_member(world, guild, user_id)
    events.append(world.log(guild, 20, actor_id, user_id, reason, epoch_ms))
    return events


def remove_member(world: World, guild: Guild, user_id: int) -> list[Event]:
    """Somebody is no longer in the guild: leaving, kick, ban and prune look the same. Nothing where they were not."""
    if not world.is_member(guild, user_id):
        return []
    events = leave_voice(world, guild, user_id)
    body = {"guild_id": str(guild.id), "user": world.user_payload(user_id)}
    if user_id in world.bots:
        managed = guild.bots.pop(user_id)
        guild.roles.pop(managed, None)
        guild.members.pop(user_id, None)
        gone = {"id": str(guild.id)}
        integration = {"id": str(managed), "guild_id": str(guild.id), "application_id": str(user_id)}
        return [
            *events,
            Event("GUILD_DELETE", guild.id, guild.id, gone, bot_id=user_id),
            Event("GUILD_MEMBER_REMOVE", guild.id, user_id, body),
            Event("INTEGRATION_DELETE", guild.id, managed, integration),
            integrations_updated(guild),
            Event("GUILD_ROLE_DELETE", guild.id, managed, {"guild_id": str(guild.id), "role_id": str(managed)}),
        ]
    if user_id in guild.joined:
        del guild.joined[user_id]
    else:
        guild.gone.add(user_id)
    guild.members.pop(user_id, None)
    for thread_id, members in guild.thread_members.items():
        if members.pop(user_id, None) is not None:
            thread = guild.channels[thread_id]
            thread["member_count"] = len(members)
            told = {
                "id": str(thread_id), "guild_id": str(guild.id), "member_count": len(members),
                "removed_member_ids": [str(user_id)],
            }  # fmt: skip
            events.append(Event("THREAD_MEMBERS_UPDATE", guild.id, thread_id, told, channel=thread))
    return [*events, Event("GUILD_MEMBER_REMOVE", guild.id, user_id, body)]


def join(world: World, guild: Guild, user_id: int, epoch_ms: int, changes: Doc | None = None) -> list[Event]:
    """An existing user (or a bot) comes in."""
    if user_id in world.bots:
        number = list(world.bots).index(user_id)
        managed = guild.bots[user_id] = role_id(guild.index, 900 + number)
        guild.roles[managed] = role_payload(managed, world.bots[user_id], len(guild.roles), bot_id=user_id)
    elif user_id in guild.gone:
        guild.gone.discard(user_id)
        guild.members[user_id] = {"joined_at": iso(epoch_ms), "flags": 1}  # DID_REJOIN
    else:
        guild.joined[user_id] = epoch_ms
    if changes:
        guild.members.setdefault(user_id, {}).update(changes)
    body = {**world.member_payload(guild, user_id), "guild_id": str(guild.id)}
    events = [Event("GUILD_MEMBER_ADD", guild.id, user_id, body)]
    if user_id in world.bots:
        events.insert(0, _guild_create(world, guild, user_id))
        integration = {**world.integrations(guild)[guild.bots[user_id]], "guild_id": str(guild.id)}
        events += [
            Event("INTEGRATION_CREATE", guild.id, guild.bots[user_id], integration), integrations_updated(guild),
        ]  # fmt: skip
    return events


def integrations_updated(guild: Guild) -> Event:
    """GUILD_INTEGRATIONS_UPDATE says where, not what."""
    return Event("GUILD_INTEGRATIONS_UPDATE", guild.id, guild.id, {"guild_id": str(guild.id)})


def change_member(world: World, guild: Guild, user_id: int, **changes: Any) -> list[Event]:
    """Change fields of a present member: `roles` (ids as text), `nick`, `mute`…"""
    guild.members.setdefault(user_id, {}).update(changes)
    body = {**world.member_payload(guild, user_id), "guild_id": str(guild.id)}
    own = user_id if user_id in world.bots else None
    return [Event("GUILD_MEMBER_UPDATE", guild.id, user_id, body, own=own)]


def add_role(
    world: World, guild: Guild, name: str, epoch_ms: int, role_id: int | None = None, **fields: Any
) -> tuple[Doc, list[Event]]:
    """Create a role at the bottom."""
    made = role_id or world.new_id(epoch_ms)
    role = guild.roles[made] = role_payload(made, name, 1) | fields
    return role, [Event("GUILD_ROLE_CREATE", guild.id, made, {"guild_id": str(guild.id), "role": dict(role)})]


def presence_changed(world: World, user_id: int, status: str, activities: Iterable[Doc], epoch_ms: int) -> list[Event]:
    """Somebody comes online, goes, or does something else: one event per guild they are in (that is built)."""
    if status == "offline":
        world.presences.pop(user_id, None)
    else:
        world.presences[user_id] = {
            "status": status, "activities": [{"created_at": epoch_ms, **a} for a in activities],
            "client_status": {"web": status},
        }  # fmt: skip
    return [
        Event("PRESENCE_UPDATE", guild.id, user_id, world.presence_payload(guild, user_id))
        for guild in world.built()
        if world.is_member(guild, user_id)
    ]


# -- messages ------------------------------------------------------------------------------------------------


def say(
    world: World, channel_id: int, author_id: int, content: str, epoch_ms: int, *, message_id: int | None = None,
    replied: Message | None = None, ephemeral_for: int | None = None, **fields: Any,
) -> tuple[Message, list[Event]]:  # fmt: skip
    """Post a message to an existing channel; raises LookupError where there is none. `fields` are message fields,
    `replied` is the message it answers, `ephemeral_for` the bot that alone knows of it."""
    found = world.channel(channel_id)
    if found is None:
        raise LookupError(f"this world has no channel {channel_id}")
    guild, channel = found
    made = message_id or world.new_id(epoch_ms)
    doc = {
        **_MESSAGE, "id": str(made), "channel_id": str(channel_id), "timestamp": iso(epoch_ms), "content": content,
        "attachments": [], "embeds": [], "components": [], **mentions_in(world, guild, content), **fields,
    }  # fmt: skip
    if "author" not in fields:
        doc["author"] = world.user_payload(author_id)
    message = Message(
        made, channel_id, guild.id if guild else None, author_id, doc, epoch_ms, ephemeral_for=ephemeral_for,
        replied=replied,
    )  # fmt: skip
    world.remember(message)
    if ephemeral_for is None:
        channel["last_message_id"] = str(made)
    if _is_counted(channel, message):
        channel["message_count"] += 1
        channel["total_message_sent"] += 1
    return message, [message_event(world, "MESSAGE_CREATE", message)]


def _is_counted(channel: Doc, message: Message) -> bool:
    """Whether a message counts in its thread: the one that began the thread does not."""
    begins = message.id == message.channel_id or message.doc["type"] == STARTER
    return channel["type"] in THREADS and message.ephemeral_for is None and not begins


def mentions_in(world: World, guild: Guild | None, content: str) -> Doc:
    """The mention fields that a text brings about."""
    users = dict.fromkeys(int(u) for u in _USER_MENTION.findall(content))
    roles = dict.fromkeys(r for r in _ROLE_MENTION.findall(content) if guild is not None and int(r) in guild.roles)
    return {
        "mentions": [world.user_payload(u) for u in users if world.user_exists(u)],
        "mention_roles": list(roles),
        "mention_everyone": "@everyone" in content or "@here" in content,
    }


def edit(world: World, message: Message, epoch_ms: int, **fields: Any) -> list[Event]:
    """Change a message."""
    message.doc |= {"edited_timestamp": iso(epoch_ms), **fields}
    return [message_event(world, "MESSAGE_UPDATE", message)]


def delete(world: World, message: Message) -> list[Event]:
    """Delete a message."""
    channel = _drop(world, message)
    body = {"id": str(message.id), "channel_id": str(message.channel_id)}
    if message.ephemeral_for is not None:
        return [Event("MESSAGE_DELETE", None, message.id, body, bot_id=message.ephemeral_for)]
    if message.guild_id is not None:
        body["guild_id"] = str(message.guild_id)
    return [Event("MESSAGE_DELETE", message.guild_id, message.id, body, channel=channel)]


def delete_bulk(world: World, guild: Guild, channel: Doc, messages: list[Message]) -> Event:
    """Delete messages of one channel, and tell it once."""
    for message in messages:
        _drop(world, message)
    body = {"ids": [str(m.id) for m in messages], "channel_id": channel["id"], "guild_id": str(guild.id)}
    return Event("MESSAGE_DELETE_BULK", guild.id, int(channel["id"]), body, channel=channel)


def _drop(world: World, message: Message) -> Doc | None:
    world.forget(message)
    found = world.channel(message.channel_id)
    if found is not None and _is_counted(found[1], message):
        found[1]["message_count"] -= 1
    return None if found is None else found[1]


def _delete_recent(world: World, guild: Guild, author_id: int, since_ms: int) -> list[Event]:
    events = []
    for channel_id, channel in guild.channels.items():
        if channel["type"] not in TEXT_LIKE:
            continue
        mine = [m for m in world.messages(channel_id, 1 << 30) if m.author_id == author_id and m.created_ms > since_ms]
        events += [
            delete_bulk(world, guild, channel, mine[start : start + DELETIONS_MAX])
            for start in range(0, len(mine), DELETIONS_MAX)
        ]
    return events


def current(message: Message) -> Doc:
    """A message's object as it is now: with the message it answers, without embeds that are suppressed, and without
    the files that its embeds and components show."""
    body = _visible(message.doc)
    if message.replied is not None:
        body["referenced_message"] = None if message.replied.is_gone else _visible(message.replied.doc)
    return body


def _visible(doc: Doc) -> Doc:
    body = dict(doc)
    if doc["attachments"]:
        used = _links(doc["embeds"]) | _links(doc["components"])
        body["attachments"] = [a for a in doc["attachments"] if a["url"] not in used]
    if doc["flags"] & SUPPRESS_EMBEDS:
        body["embeds"] = []
    return body


def _links(part: Any) -> set[str]:
    """Every text in embeds or components; links among them."""
    if isinstance(part, dict):
        part = list(part.values())
    if isinstance(part, list):
        return set().union(*map(_links, part))
    return {part} if isinstance(part, str) else set()


def message_body(message: Message, reader_id: int, *, with_content: bool = True) -> Doc:
    """A message object as one reader sees it: their own reactions and votes marked, the text only where allowed."""
    body = current(message)
    if message.reactions:
        body["reactions"] = [
            {
                "emoji": r.emoji, "count": len(r.users), "count_details": {"burst": 0, "normal": len(r.users)},
                "burst_colors": [], "me_burst": False, "me": reader_id in r.users,
            }
            for r in message.reactions.values()
        ]  # fmt: skip
    if message.votes and "poll" in body:
        counts = [{"id": a, "count": len(v), "me_voted": reader_id in v} for a, v in message.votes.items() if v]
        body["poll"] = {**body["poll"], "results": {**body["poll"]["results"], "answer_counts": counts}}
    return body if with_content else without_content(body, reader_id)


def without_content(doc: Doc, reader_id: int) -> Doc:
    """A guild's message for a reader without the message content intent: the text is gone, unless the reader wrote it
    or is mentioned. The message it replies to is judged by itself."""
    hidden: Doc = {}
    if not concerns(doc, reader_id):
        hidden |= {"content": "", "embeds": [], "attachments": [], "components": []}
        if "message_snapshots" in doc:
            hidden["message_snapshots"] = [
                {"message": {**s["message"], "content": "", "embeds": [], "attachments": [], "components": []}}
                for s in doc["message_snapshots"]
            ]  # fmt: skip
    inner = doc.get("referenced_message")
    if inner is not None and (judged := without_content(inner, reader_id)) is not inner:
        hidden["referenced_message"] = judged
    if not hidden:
        return doc
    return {k: v for k, v in doc.items() if k != "poll" or "content" not in hidden} | hidden


def concerns(doc: Doc, reader_id: int) -> bool:
    """Whether the reader wrote a message or is mentioned in it."""
    return str(reader_id) in (doc["author"]["id"], *(u["id"] for u in doc["mentions"]))


def message_event(world: World, name: str, message: Message) -> Event:
    """MESSAGE_CREATE or MESSAGE_UPDATE, with the member's part in a guild, without the text where it is not allowed."""
    guild = None if message.guild_id is None else world.guild(message.guild_id)
    found = world.channel(message.channel_id)
    channel = found[1] if found is not None else None
    full = {**current(message), "channel_type": channel["type"] if channel else 1}
    to = message.ephemeral_for
    if to is not None:
        return Event(name, None, message.id, full, bot_id=to)
    if guild is None:
        return Event(name, None, message.id, full, channel=channel)
    full["guild_id"] = str(guild.id)
    if "webhook_id" not in full and world.is_member(guild, message.author_id):
        full["member"] = world.member_payload(guild, message.author_id, with_user=False)
    if full["mentions"]:
        full["mentions"] = [
            {**u, "member": world.member_payload(guild, int(u["id"]), with_user=False)}
            if world.is_member(guild, int(u["id"])) else u
            for u in full["mentions"]
        ]  # fmt: skip
    return Event(name, guild.id, message.id, full, lambda reader_id: without_content(full, reader_id), channel=channel)


# -- availability --------------------------------------------------------------------------------------------


def begin_outage(world: World, guild: Guild) -> list[Event]:
    """The guild becomes unavailable."""
    world.in_outage.add(guild.id)
    return [Event("GUILD_DELETE", guild.id, guild.id, {"id": str(guild.id), "unavailable": True})]


def end_outage(world: World, guild: Guild) -> list[Event]:
    """The guild is back."""
    world.in_outage.discard(guild.id)
    return [_guild_create(world, guild, bot_id) for bot_id in guild.bots]


def _guild_create(world: World, guild: Guild, bot_id: int) -> Event:
    """GUILD_CREATE for one bot; who is in it depends on the session."""

    def made_for(bot_id: int, intents: int, large_threshold: int) -> Doc:
        presences = bool(intents & 1 << Intent.GUILD_PRESENCES)
        return world.guild_create(guild, large_threshold, presences=presences, bot_id=bot_id)

    return Event("GUILD_CREATE", guild.id, guild.id, {"id": str(guild.id)}, bot_id=bot_id, made_for=made_for)


def guild_updated(guild: Guild) -> Event:
    """GUILD_UPDATE with the guild as it is now."""
    return Event("GUILD_UPDATE", guild.id, guild.id, guild_payload(guild))
