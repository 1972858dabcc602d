"""Messages: reading, posting, editing, deleting, crossposting ("Message")."""

from __future__ import annotations

from typing import Any

from discord_sim.edge.call import NO_CONTENT, Call, Refused, form_error, ok, operation, refuse
from discord_sim.edge.compose import Draft, draft, needed_to_post
from discord_sim.edge.operations.auto_moderation import flag, moderate
from discord_sim.edge.operations.guilds import is_forum
from discord_sim.rules.answers import Answer, shared_429
from discord_sim.rules.forms import at, leaf
from discord_sim.rules.permissions import Permission as P
from discord_sim.wire import Intent
from discord_sim.world import changes
from discord_sim.world.changes import SUPPRESS_EMBEDS
from discord_sim.world.guild import Guild, Message
from discord_sim.world.payloads import ANNOUNCEMENT, CATEGORY, FORUM, MEDIA, STAGE, THREADS, VOICE, Doc
from discord_sim.world.snowflakes import DISCORD_EPOCH_MS, iso

BULK_MIN, BULK_MAX, BULK_AGE_MAX_MS = 2, 100, 14 * 86_400_000
NONCE_KEPT_MS = 180_000  # "the past few minutes"
COUNTED_TOGETHER_MS = 300_000  # so long deletions of one author's messages share an audit log entry
DEFAULT, FOLLOW_ADD, REPLY, COMMAND_REPLY, CONTEXT_REPLY = 0, 12, 19, 20, 23
ORDINARY = (DEFAULT, REPLY, COMMAND_REPLY, CONTEXT_REPLY)
CROSSPOSTED, IS_CROSSPOST, HAS_SNAPSHOT = 1 << 0, 1 << 1, 1 << 14
_LASTING = {1, 2, 3, 4, 5, 21}  # kinds that cannot be deleted
_SNAPSHOT = (
    "type", "content", "mentions", "mention_roles", "attachments", "embeds", "timestamp", "edited_timestamp", "flags",
    "components", "sticker_items",
)  # fmt: skip


def reads_content(call: Call) -> bool:
    """Whether the portal's switch lets the caller read what others write in guilds."""
    return bool(call.settings.allowed_intents & 1 << Intent.MESSAGE_CONTENT)


def shown(call: Call, message: Message) -> Doc:
    """A message as the caller reads it; the text is stripped where the portal's switch is off."""
    with_content = reads_content(call) or message.guild_id is None
    body = changes.message_body(message, call.me, with_content=with_content)
    if "thread" in body and message.guild_id is not None:
        members = call.guild_of_id(message.guild_id).thread_members.get(message.id, {})
        if call.me in members:
            body["thread"] = {**body["thread"], "member": members[call.me]}
    return body


def history(call: Call) -> tuple[Guild | None, Doc, bool]:
    """The channel of the path, whose messages the caller may ask for, and whether there is any history for them."""
    guild, channel = call.channel()
    if guild is None:
        return guild, channel, True
    held = guild.permissions_in(channel, call.me)
    if channel["type"] in (VOICE, STAGE) and not held & P.CONNECT:
        refuse(403, 50001, "Missing Access")
    return guild, channel, bool(held & P.READ_MESSAGE_HISTORY)


@operation("list_messages")
def messages(call: Call) -> Answer:
    _, channel, readable = history(call)
    if channel["type"] in (CATEGORY, FORUM, MEDIA):
        refuse(400, 50008, "Cannot send messages in a non-text channel")
    if not readable:
        return ok([])
    query, limit = call.query, call.query.get("limit", 50)
    found = [m for m in call.world.messages(int(channel["id"]), 1 << 30) if m.ephemeral_for is None]
    if "around" in query:
        newer = sum(m.id > int(query["around"]) for m in found)
        found = found[max(0, newer - limit // 2) :]
    elif "before" in query:
        found = [m for m in found if m.id < int(query["before"])]
    elif "after" in query:
        found = [m for m in found if m.id > int(query["after"])][-limit:]
    return ok([shown(call, m) for m in found[:limit]])


@operation("get_message")
def message(call: Call) -> Answer:
    history(call)
    return ok(shown(call, call.message(P.READ_MESSAGE_HISTORY)))


# -- posting -------------------------------------------------------------------------------------------------


@operation("create_message")
def create(call: Call) -> Answer:
    data, nonce = call.data, call.data.get("nonce")
    guild, channel = call.channel(P.SEND_MESSAGES | needed_to_post(data, files=bool(call.files)))
    channel_id = int(channel["id"])
    if channel["type"] == CATEGORY:
        refuse(400, 50008, "Cannot send messages in a non-text channel")
    if is_forum(channel):
        refuse(400, 40058, "Cannot message this channel until after thread is created")
    if data.get("enforce_nonce") and nonce is not None:
        before = _sent_before(call, channel_id, nonce)
        if before is not None:
            return ok(shown(call, before))
    made = draft(call, guild, channel, data)
    replied = _refer(call, guild, channel, made, data) if data.get("message_reference") else None
    if made.is_empty:
        refuse(400, 50006, "Cannot send an empty message")
    if nonce is not None:
        made.fields["nonce"] = nonce
    if guild is None:
        return ok(shown(call, post(call, channel_id, call.me, made, replied=replied)))
    _judge_lock(call, guild, channel)
    times = slow_down(call, guild, channel, "messages")
    hits = moderate(call, guild, channel, made.fields.get("content", ""))
    times[str(call.me)] = call.epoch_ms
    wake_thread(call, guild, channel)
    posted = post(call, channel_id, call.me, made, replied=replied)
    flag(call, guild, channel, posted, hits)
    return ok(shown(call, posted))


def post(call: Call, channel_id: int, author_id: int, made: Draft, **more: Any) -> Message:
    """Post a draft; the message and its event."""
    fields = dict(made.fields)
    content = fields.pop("content", "")
    message, events = changes.say(call.world, channel_id, author_id, content, call.epoch_ms, **fields, **more)
    call.events += events
    return message


def _sent_before(call: Call, channel_id: int, nonce: str | int) -> Message | None:
    for found in call.world.messages(channel_id, 1000):
        if found.created_ms < call.epoch_ms - NONCE_KEPT_MS:
            return None
        if found.author_id == call.me and found.doc.get("nonce") == nonce:
            return found
    return None


def _refer(call: Call, guild: Guild | None, channel: Doc, made: Draft, data: Doc) -> Message | None:
    """Make a draft a reply (type 0) or a forward (type 1); the message that is answered."""
    given = data["message_reference"]
    forward = given.get("type") == 1
    if forward and given.get("channel_id") is None:
        form_error(at(("message_reference", "channel_id"), leaf("BASE_TYPE_REQUIRED", "This field is required")))
    place = int(given.get("channel_id") or channel["id"])
    if place != int(channel["id"]):
        if not forward:
            message = "Cannot reply to a message in a different channel"
            form_error({"message_reference": leaf("REPLIES_CANNOT_REFERENCE_OTHER_CHANNEL", message)})
        call.channel_of(place)
    found = call.world.message(place, int(given["message_id"]))
    if found is None or found.ephemeral_for is not None:
        if forward or given.get("fail_if_not_exists") is not False:
            form_error({"message_reference": leaf("MESSAGE_REFERENCE_UNKNOWN_MESSAGE", "Unknown message")})
        return None
    if not forward and guild is not None and not guild.permissions_in(channel, call.me) & P.READ_MESSAGE_HISTORY:
        refuse(403, 160002, "Cannot reply without permission to read message history")
    if found.doc["type"] not in ORDINARY or (forward and "poll" in found.doc):
        refuse(400, 50068, "Invalid message type")
    made.fields["message_reference"] = {"type": int(forward), **address(found)}
    if not forward:
        _answer(made, found, data.get("allowed_mentions"))
        return found
    if found.guild_id is not None and not reads_content(call) and not changes.concerns(found.doc, call.me):
        refuse(400, 160014, "You cannot forward a message whose content you cannot read")
    seen = changes.current(found)
    made.fields["message_snapshots"] = [{"message": {k: seen[k] for k in _SNAPSHOT if k in seen}}]
    made.fields["flags"] = made.fields.get("flags", 0) | HAS_SNAPSHOT
    return None


def address(message: Message) -> Doc:
    """Where a message is: the fields of a reference to it."""
    place = {"channel_id": str(message.channel_id), "message_id": str(message.id)}
    return place if message.guild_id is None else {**place, "guild_id": str(message.guild_id)}


def _answer(made: Draft, found: Message, allowed: Doc | None) -> None:
    """Make a draft a reply; the author of the message is mentioned unless the client says otherwise."""
    made.fields["type"] = REPLY
    pings = allowed is None or bool(allowed.get("replied_user"))
    author, mentions = found.doc["author"], made.fields.get("mentions", [])
    if pings and "webhook_id" not in found.doc and author not in mentions:
        made.fields["mentions"] = [*mentions, author]


def slow_down(call: Call, guild: Guild, channel: Doc, what: str) -> Doc:
    """When users did `what` here last, by user, which the caller is to write down. Refuses a user who did it a moment
    ago (20016); bots are spared, and who may bypass it."""
    wait_s = channel.get("rate_limit_per_user") or 0
    times = call.bin(f"slow {what}").setdefault(int(channel["id"]), {})
    spared = call.me in call.world.bots or guild.permissions_in(channel, call.me) & P.BYPASS_SLOWMODE
    left_ms = times.get(str(call.me), -1 << 60) + wait_s * 1000 - call.epoch_ms
    if left_ms > 0 and not spared:
        message = "This action cannot be performed due to slowmode rate limit."
        raise Refused(shared_429(left_ms, {}, 20016, message))
    return times


def _judge_lock(call: Call, guild: Guild, channel: Doc) -> None:
    locked = channel["type"] in THREADS and channel["thread_metadata"]["locked"]
    if locked and not guild.permissions_in(channel, call.me) & P.MANAGE_THREADS:
        refuse(400, 160005, "Thread is locked")


def judge_archive(channel: Doc) -> None:
    """Refuse what is not possible in an archived thread: anything but posting and deleting."""
    if channel["type"] in THREADS and channel["thread_metadata"]["archived"]:
        refuse(400, 50083, "Thread is archived")


def wake_thread(call: Call, guild: Guild, channel: Doc) -> None:
    """A message in an archived thread takes it out of the archive."""
    if channel["type"] in THREADS and channel["thread_metadata"]["archived"]:
        channel["thread_metadata"] |= {"archived": False, "archive_timestamp": iso(call.epoch_ms)}
        call.emit("THREAD_UPDATE", guild, int(channel["id"]), channel, channel=channel)
        tell_own_membership(call, guild, channel)


def tell_own_membership(call: Call, guild: Guild, thread: Doc) -> None:
    """THREAD_MEMBER_UPDATE, which follows the end of an archive, to each bot in the thread."""
    for user_id, member in guild.thread_members.get(int(thread["id"]), {}).items():
        if user_id in guild.bots:
            body = {**member, "guild_id": str(guild.id)}
            call.emit("THREAD_MEMBER_UPDATE", guild, int(thread["id"]), body, bot_id=user_id)


# -- changing ------------------------------------------------------------------------------------------------


@operation("update_message")
def edit(call: Call) -> Answer:
    found, data = call.message(), call.data
    guild, channel = call.channel()
    if found.author_id != call.me:
        if guild is None or set(data) - {"flags"} or call.files:
            refuse(403, 50005, "Cannot edit a message authored by another user")
        call.demand(guild, guild.permissions_in(channel, call.me), P.MANAGE_MESSAGES)
    if found.doc["type"] not in ORDINARY:
        refuse(403, 50021, "Cannot execute action on a system message")
    judge_archive(channel)
    made = draft(call, guild, channel, data, old=found.doc)
    if Draft({**found.doc, **made.fields}).is_empty:
        refuse(400, 50006, "Cannot send an empty message")
    if not set(data) - {"flags"} and not call.files:
        if made.fields.get("flags", found.doc["flags"]) != found.doc["flags"]:
            found.doc |= made.fields  # no edit of what was written: the time of that stays
            call.events.append(changes.message_event(call.world, "MESSAGE_UPDATE", found))
        return ok(shown(call, found))
    if guild is None:
        call.events += changes.edit(call.world, found, call.epoch_ms, **made.fields)
        return ok(shown(call, found))
    _judge_lock(call, guild, channel)
    hits = moderate(call, guild, channel, made.fields.get("content", ""))
    call.events += changes.edit(call.world, found, call.epoch_ms, **made.fields)
    flag(call, guild, channel, found, hits)
    return ok(shown(call, found))


@operation("delete_message")
def delete(call: Call) -> Answer:
    found = call.message()
    guild, channel = call.channel()
    if found.doc["type"] in _LASTING:
        refuse(403, 50021, "Cannot execute action on a system message")
    if found.author_id == call.me:
        call.events += changes.delete(call.world, found)
        return NO_CONTENT
    if guild is None:
        refuse(403, 50003, "Cannot execute action on a DM channel")
    call.demand(guild, guild.permissions_in(channel, call.me), P.MANAGE_MESSAGES)
    call.events += changes.delete(call.world, found)
    _log_deletion(call, guild, found)
    return NO_CONTENT


def _log_deletion(call: Call, guild: Guild, gone: Message) -> None:
    """Deletions of one author's messages in one channel count together for a while, without another event."""
    since = (call.epoch_ms - COUNTED_TOGETHER_MS - DISCORD_EPOCH_MS) << 22
    wanted = {"action_type": 72, "user_id": str(call.me), "target_id": str(gone.author_id), "reason": call.reason}
    for entry in reversed(guild.audit):
        if int(entry["id"]) < since:
            break
        if all(entry.get(k) == v for k, v in wanted.items()) and entry["options"]["channel_id"] == str(gone.channel_id):
            entry["options"]["count"] = str(int(entry["options"]["count"]) + 1)
            return
    call.log(guild, 72, gone.author_id, options={"channel_id": str(gone.channel_id), "count": "1"})


@operation("bulk_delete_messages")
def bulk_delete(call: Call) -> Answer:
    guild, channel = call.guild_channel(P.MANAGE_MESSAGES)
    ids = [int(i) for i in call.data["messages"]]
    if not BULK_MIN <= len(ids) <= BULK_MAX:
        message = "Provided too few or too many messages to delete. Must provide at least 2 and at most 100 messages"
        refuse(400, 50016, f"{message} to delete.")
    oldest = (call.epoch_ms - BULK_AGE_MAX_MS - DISCORD_EPOCH_MS) << 22
    if any(i < oldest for i in ids):
        refuse(400, 50034, "You can only bulk delete messages that are under 14 days old.")
    found = [m for i in ids if (m := call.world.message(int(channel["id"]), i)) is not None]
    if found:
        call.events.append(changes.delete_bulk(call.world, guild, channel, found))
        call.log(guild, 73, int(channel["id"]), options={"channel_id": channel["id"], "count": str(len(found))})
    return NO_CONTENT


@operation("crosspost_message")
def crosspost(call: Call) -> Answer:
    found = call.message()
    guild, channel = call.guild_channel(P.SEND_MESSAGES)
    if channel["type"] != ANNOUNCEMENT:
        refuse(400, 50024, "Cannot execute action on this channel type")
    if found.author_id != call.me:
        call.demand(guild, guild.permissions_in(channel, call.me), P.MANAGE_MESSAGES)
    if found.doc["type"] not in ORDINARY:
        refuse(400, 50068, "Invalid message type")
    if found.doc["flags"] & CROSSPOSTED:
        refuse(400, 40033, "This message has already been crossposted")
    found.doc["flags"] |= CROSSPOSTED
    call.events.append(changes.message_event(call.world, "MESSAGE_UPDATE", found))
    followers = [
        hook for g in call.world.built() for hook in g.webhooks.values()
        if hook["type"] == 2 and hook["source_channel"]["id"] == channel["id"]
    ]  # fmt: skip
    for hook in followers:
        author = {
            **found.doc["author"], "id": hook["id"], "username": hook["name"], "avatar": hook["avatar"],
            "discriminator": "0000", "bot": True,
        }  # fmt: skip
        copy = Draft({k: found.doc[k] for k in ("content", "embeds", "attachments", "components")})
        flags = IS_CROSSPOST | found.doc["flags"] & SUPPRESS_EMBEDS
        post(
            call, int(hook["channel_id"]), int(hook["id"]), copy, author=author, webhook_id=hook["id"],
            message_reference={"type": 0, **address(found)}, flags=flags,
        )  # fmt: skip
    return ok(shown(call, found))
