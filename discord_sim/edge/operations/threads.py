"""Threads: starting and changing them, and who is in them ("Threads", "Channel")."""

from __future__ import annotations

from typing import Any

from discord_sim.edge.call import NO_CONTENT, Call, form_error, ok, operation, refuse, unknown
from discord_sim.edge.compose import Draft, draft, needed_to_post
from discord_sim.edge.operations.auto_moderation import flag, moderate
from discord_sim.edge.operations.guilds import differences, is_forum
from discord_sim.edge.operations.messages import (
    address,
    judge_archive,
    post,
    shown,
    slow_down,
    tell_own_membership,
)
from discord_sim.rules.answers import Answer
from discord_sim.rules.forms import leaf
from discord_sim.rules.permissions import Permission as P
from discord_sim.wire import Intent
from discord_sim.world import changes
from discord_sim.world.guild import Guild
from discord_sim.world.payloads import ANNOUNCEMENT, THREADS, Doc, is_active, thread
from discord_sim.world.snowflakes import iso

MEMBERS_MAX, MEMBERS_COUNTED_MAX, ACTIVE_MAX = 1000, 50, 1000
ADDED, REMOVED, RENAMED, CREATED = 1, 2, 4, 18  # kinds of messages that tell it in the channel
PUBLIC, PRIVATE = 11, 12
_KINDS: dict[int, tuple[int, ...]] = {0: (PUBLIC, PRIVATE), ANNOUNCEMENT: (10,)}  # by type of channel
HAS_THREAD, _PINNED, _REQUIRE_TAG = 1 << 5, 1 << 1, 1 << 4


def members_of(guild: Guild, thread_doc: Doc) -> dict[int, Doc]:
    """Who is in a thread, by user."""
    return guild.thread_members.setdefault(int(thread_doc["id"]), {})


# -- starting ------------------------------------------------------------------------------------------------


@operation("create_thread_from_message")
def from_message(call: Call) -> Answer:
    guild, parent = call.guild_channel(P.CREATE_PUBLIC_THREADS)
    message = call.message()
    if parent["type"] not in _KINDS:
        refuse(400, 50024, "Cannot execute action on this channel type")
    if message.id in guild.channels:
        refuse(400, 160004, "A thread has already been created for this message")
    made = _open(call, guild, parent, _KINDS[parent["type"]][0], message.id)
    message.doc |= {"flags": message.doc["flags"] | HAS_THREAD, "thread": made}
    call.events.append(changes.message_event(call.world, "MESSAGE_UPDATE", message))
    reference = {"type": 0, **address(message)}
    post(call, message.id, call.me, Draft(), type=changes.STARTER, message_reference=reference, replied=message)
    return ok(_created(call, guild, made), 201)


@operation("create_thread")
def create(call: Call) -> Answer:
    guild, parent = call.guild_channel()
    if is_forum(parent):
        return _post_in_forum(call, guild, parent)
    kinds = _KINDS.get(parent["type"], ())
    kind = call.data.get("type") or max(kinds, default=0)
    if kind not in kinds:
        refuse(400, 50024, "Cannot execute action on this channel type")
    needs = P.CREATE_PRIVATE_THREADS if kind == PRIVATE else P.CREATE_PUBLIC_THREADS
    call.demand(guild, guild.permissions_in(parent, call.me), needs)
    made = _open(call, guild, parent, kind, call.new_id())
    if kind != PRIVATE:
        reference = {"type": 0, "channel_id": made["id"], "guild_id": str(guild.id)}
        notice = Draft({"content": made["name"]})
        post(call, int(parent["id"]), call.me, notice, type=CREATED, message_reference=reference)
    return ok(_created(call, guild, made), 201)


def _post_in_forum(call: Call, guild: Guild, parent: Doc) -> Answer:
    given = call.data.get("message")
    if given is None:
        form_error({"message": leaf("BASE_TYPE_REQUIRED", "This field is required")})
    needs = P.SEND_MESSAGES | needed_to_post(given, files=bool(call.files))
    call.demand(guild, guild.permissions_in(parent, call.me), needs)
    tags = _tags(call, guild, parent, call.data.get("applied_tags") or [])
    starter = draft(call, guild, parent, given)
    if starter.is_empty:
        refuse(400, 50006, "Cannot send an empty message")
    hits = moderate(call, guild, parent, starter.fields.get("content", ""))
    thread_id = call.new_id()
    made = _open(call, guild, parent, PUBLIC, thread_id, applied_tags=tags)
    first = post(call, thread_id, call.me, starter, message_id=thread_id)
    parent["last_message_id"] = made["id"]
    flag(call, guild, made, first, hits)
    return ok({**_created(call, guild, made), "message": shown(call, first)}, 201)


def _tags(call: Call, guild: Guild, parent: Doc, wanted: list[str], before: list[str] | None = None) -> list[str]:
    """The tags of a post in a forum, where they exist and the caller may set or take them."""
    known = {t["id"]: t for t in parent.get("available_tags", ())}
    for tag in wanted:
        if tag not in known:
            refuse(404, 10087, "Unknown tag")
    if any(known[tag]["moderated"] for tag in set(wanted) ^ set(before or ()) if tag in known):
        call.demand(guild, guild.permissions_in(parent, call.me), P.MANAGE_THREADS)
    if not wanted and parent["flags"] & _REQUIRE_TAG:
        refuse(400, 40067, "A tag is required to create a forum post in this channel")
    return wanted


def _open(call: Call, guild: Guild, parent: Doc, kind: int, thread_id: int, **extra: Any) -> Doc:
    """Create a thread with the caller in it, and tell."""
    if sum(c["type"] in THREADS and is_active(c) for c in guild.channels.values()) >= ACTIVE_MAX:
        refuse(400, 160006, f"Maximum number of active threads reached ({ACTIVE_MAX})")
    slow_down(call, guild, parent, "threads")[str(call.me)] = call.epoch_ms
    data = call.data
    if data.get("rate_limit_per_user") is not None:
        extra["rate_limit_per_user"] = data["rate_limit_per_user"]
    made = thread(thread_id, kind, data["name"], parent, call.me, call.epoch_ms, **extra)
    for field in ("auto_archive_duration", *(("invitable",) if kind == PRIVATE else ())):
        if data.get(field) is not None:
            made["thread_metadata"][field] = data[field]
    guild.channels[thread_id] = made
    call.world.settle(guild, thread_id)
    _put(call, guild, made, call.me)
    call.emit("THREAD_CREATE", guild, thread_id, {**made, "newly_created": True}, channel=made)
    _tell_members(call, guild, made, call.me, added=True)
    return made


def _created(call: Call, guild: Guild, made: Doc) -> Doc:
    call.log(guild, 110, int(made["id"]), changes=[{"key": "name", "new_value": made["name"]}])
    return {**made, "member": members_of(guild, made)[call.me]}


# -- changing ------------------------------------------------------------------------------------------------


def change(call: Call, guild: Guild, found: Doc) -> Doc:
    """Apply a PATCH to a thread, and tell."""
    data, metadata = call.data, found["thread_metadata"]
    _judge_change(call, guild, found, {k for k, v in data.items() if v is not None})
    parent = guild.channels[int(found["parent_id"])]
    fields: Doc = {k: data[k] for k in ("name", "rate_limit_per_user") if data.get(k) is not None}
    if data.get("applied_tags") is not None:
        fields["applied_tags"] = _tags(call, guild, parent, data["applied_tags"], found.get("applied_tags"))
    if data.get("flags") is not None and is_forum(parent):
        fields["flags"] = found["flags"] & ~_PINNED | data["flags"] & _PINNED
        _judge_pin(guild, found, fields["flags"])
    keys = ("archived", "locked", "auto_archive_duration", *(("invitable",) if found["type"] == PRIVATE else ()))
    told = {k: data[k] for k in keys if data.get(k) is not None}
    if told.get("archived"):
        fields["flags"] = (found | fields)["flags"] & ~_PINNED
    changed = differences(found, fields) + differences(metadata, told)
    if not changed:
        return found
    wakes = metadata["archived"] and told.get("archived") is False
    renamed = fields.get("name", found["name"]) != found["name"]
    if {c["key"] for c in changed} & {"archived", "auto_archive_duration"}:
        told["archive_timestamp"] = iso(call.epoch_ms)
    found |= fields
    metadata |= told
    call.emit("THREAD_UPDATE", guild, int(found["id"]), found, channel=found)
    if wakes:
        tell_own_membership(call, guild, found)
    if renamed:
        post(call, int(found["id"]), call.me, Draft({"content": found["name"]}), type=RENAMED)
    call.log(guild, 111, int(found["id"]), changes=changed)
    return found


def _judge_change(call: Call, guild: Guild, found: Doc, keys: set[str]) -> None:
    """Who may change what: a locked thread is the moderators', as are slowmode, the lock and pins; the rest is its
    creator's too; anybody who may write takes it out of the archive."""
    metadata = found["thread_metadata"]
    wakes = call.data.get("archived") is False
    needs = P.MANAGE_THREADS
    if not metadata["locked"] and keys == {"archived"} and wakes:
        needs = P.SEND_MESSAGES
    elif not metadata["locked"] and found["owner_id"] == str(call.me):
        needs = P.MANAGE_THREADS if keys & {"locked", "rate_limit_per_user", "flags"} else P.VIEW_CHANNEL
    call.demand(guild, guild.permissions_in(found, call.me), needs)
    if not wakes:
        judge_archive(found)


def _judge_pin(guild: Guild, found: Doc, flags: int) -> None:
    others = (c for c in guild.channels.values() if c.get("parent_id") == found["parent_id"] and c is not found)
    if flags & _PINNED and any(c["type"] in THREADS and c["flags"] & _PINNED for c in others):
        refuse(400, 30047, "Maximum number of pinned threads in a forum channel has been reached (1)")


# -- members -------------------------------------------------------------------------------------------------


@operation("list_thread_members")
def members(call: Call) -> Answer:
    guild, found = call.thread()
    if not call.settings.allowed_intents & 1 << Intent.GUILD_MEMBERS:
        refuse(403, 50001, "Missing Access")
    inside = members_of(guild, found)
    if not call.query.get("with_member"):
        return ok(list(inside.values()))
    after, limit = int(call.query.get("after", 0)), call.query.get("limit", 100)
    ids = [u for u in sorted(inside) if u > after][:limit]
    return ok([{**inside[u], "member": call.world.member_payload(guild, u)} for u in ids])


@operation("get_thread_member")
def member(call: Call) -> Answer:
    guild, found = call.thread()
    user_id = call.user()
    body = members_of(guild, found).get(user_id)
    if body is None:
        unknown("member")
    if call.query.get("with_member"):
        body = {**body, "member": call.world.member_payload(guild, user_id)}
    return ok(body)


@operation("join_thread")
def join(call: Call) -> Answer:
    guild, found = call.thread()
    return _add(call, guild, found, call.me)


@operation("add_thread_member")
def add_member(call: Call) -> Answer:
    guild, found = call.thread(P.SEND_MESSAGES)
    if found["type"] == PRIVATE and not found["thread_metadata"]["invitable"] and found["owner_id"] != str(call.me):
        call.demand(guild, guild.permissions_in(found, call.me), P.MANAGE_THREADS)
    return _add(call, guild, found, call.member(guild))


def _add(call: Call, guild: Guild, found: Doc, user_id: int) -> Answer:
    inside = members_of(guild, found)
    judge_archive(found)
    if user_id in inside:
        return NO_CONTENT
    if len(inside) >= MEMBERS_MAX:
        refuse(400, 30033, f"Maximum number of thread participants has been reached ({MEMBERS_MAX})")
    made = _put(call, guild, found, user_id)
    if user_id in call.world.bots:
        call.emit("THREAD_CREATE", guild, int(found["id"]), {**found, "member": made}, bot_id=user_id)
    _tell_members(call, guild, found, user_id, added=True)
    _tell_in_thread(call, found, user_id, ADDED)
    return NO_CONTENT


@operation("leave_thread")
def leave(call: Call) -> Answer:
    guild, found = call.thread()
    return _remove(call, guild, found, call.me)


@operation("delete_thread_member")
def remove_member(call: Call) -> Answer:
    guild, found = call.thread()
    user_id = call.user()
    if found["type"] != PRIVATE or found["owner_id"] != str(call.me):
        call.demand(guild, guild.permissions_in(found, call.me), P.MANAGE_THREADS)
    return _remove(call, guild, found, user_id)


def _remove(call: Call, guild: Guild, found: Doc, user_id: int) -> Answer:
    inside = members_of(guild, found)
    judge_archive(found)
    if user_id not in inside:
        unknown("member")
    del inside[user_id]
    found["member_count"] = min(len(inside), MEMBERS_COUNTED_MAX)
    _tell_members(call, guild, found, user_id, added=False)
    _tell_in_thread(call, found, user_id, REMOVED)
    return NO_CONTENT


def _put(call: Call, guild: Guild, found: Doc, user_id: int) -> Doc:
    """Put a user into a thread."""
    made = {"id": found["id"], "user_id": str(user_id), "join_timestamp": iso(call.epoch_ms), "flags": 1}
    inside = members_of(guild, found)
    inside[user_id] = made
    found["member_count"] = min(len(inside), MEMBERS_COUNTED_MAX)
    return made


def _tell_members(call: Call, guild: Guild, found: Doc, user_id: int, *, added: bool) -> None:
    """THREAD_MEMBERS_UPDATE; without the members intent a bot hears of itself only."""
    body: Doc = {"id": found["id"], "guild_id": str(guild.id), "member_count": found["member_count"]}
    if added:
        body["added_members"] = [{
            **members_of(guild, found)[user_id], "member": call.world.member_payload(guild, user_id),
            "presence": call.world.presence_payload(guild, user_id) if user_id in call.world.presences else None,
        }]  # fmt: skip
    else:
        body["removed_member_ids"] = [str(user_id)]
    call.emit("THREAD_MEMBERS_UPDATE", guild, int(found["id"]), body, channel=found, own=user_id)
    if user_id in guild.bots and not guild.permissions_in(found, user_id) & P.VIEW_CHANNEL:
        call.emit("THREAD_MEMBERS_UPDATE", guild, int(found["id"]), body, bot_id=user_id, own=user_id)


def _tell_in_thread(call: Call, found: Doc, user_id: int, kind: int) -> None:
    """The message that somebody was added or removed by somebody else."""
    if user_id != call.me:
        post(call, int(found["id"]), call.me, Draft({"mentions": [call.person(user_id)]}), type=kind)
