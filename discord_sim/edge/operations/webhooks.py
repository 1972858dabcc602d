"""Webhooks, and executing them ("Webhook")."""

from __future__ import annotations

import hashlib

from discord_sim.edge.call import NO_CONTENT, Call, Refused, form_error, ok, operation, refuse, unknown
from discord_sim.edge.compose import SETTABLE_FLAGS, Draft, draft
from discord_sim.edge.operations import followups
from discord_sim.edge.operations.guilds import differences, is_forum
from discord_sim.edge.operations.messages import judge_archive, post, wake_thread
from discord_sim.rules.answers import Answer, user_429
from discord_sim.rules.buckets import Law
from discord_sim.rules.forms import leaf
from discord_sim.rules.permissions import Permission as P
from discord_sim.spec import skeleton
from discord_sim.world import changes
from discord_sim.world.guild import Guild, Message
from discord_sim.world.payloads import CATEGORY, THREADS, Doc, thread, user

PER_CHANNEL_MAX, PER_GUILD_MAX = 15, 1000
PER_CHANNEL_LAW = Law(30, 60_000, fixed=True)  # over all webhooks of a channel, and no header tells (observed)
MENTIONS = ("users",)  # what a webhook's message mentions unless told otherwise
_FLAGS = SETTABLE_FLAGS & ~(1 << 13)
_REQUIRES_TAG = 1 << 4
_LOGGED = ("name", "type", "channel_id")


def new_webhook(call: Call, guild: Guild, channel: Doc, name: str, avatar: str | None, kind: int = 1) -> Doc:
    """Create a webhook of a type: 1 incoming, 2 channel follower."""
    _judge_place(guild, channel)
    if len(guild.webhooks) >= PER_GUILD_MAX:
        refuse(400, 30058, "Maximum number of webhooks per guild reached (1000)")
    made = call.new_id()
    shape = "GuildIncomingWebhookResponse" if kind == 1 else "ChannelFollowerWebhookResponse"
    hook = skeleton(
        shape, id=str(made), type=kind, guild_id=str(guild.id), channel_id=channel["id"], name=name,
        avatar=call.media.picture("avatar", avatar, "avatars", made), user=call.person(),
    )  # fmt: skip
    if kind == 1:
        token = hashlib.blake2b(f"{call.world.seed}/webhook/{made}".encode(), digest_size=34).hexdigest()
        hook |= {"token": token, "url": f"https://discord.com/api/webhooks/{made}/{token}"}
        hook["application_id"] = str(call.me) if call.me in call.world.bots else None
    guild.webhooks[made] = hook
    call.world.settle(guild, made)
    return hook


def _judge_place(guild: Guild, channel: Doc) -> None:
    """Refuse a channel that cannot have another webhook."""
    if channel["type"] in (CATEGORY, *THREADS):
        refuse(400, 50024, "Cannot execute action on this channel type")
    if sum(h["channel_id"] == channel["id"] for h in guild.webhooks.values()) >= PER_CHANNEL_MAX:
        refuse(400, 30007, "Maximum number of webhooks reached (15)")


def _judged_name(field: str, text: str) -> str:
    """A name without the blanks around it. Raises Refused where a webhook cannot have it."""
    name = text.strip()
    if not name:
        form_error({field: leaf("BASE_TYPE_BAD_LENGTH", "Must be between 1 and 80 in length.")})
    for word in ("clyde", "discord"):
        if word in name.lower():
            form_error({field: leaf("USERNAME_INVALID_CONTAINS", f'Username cannot contain "{word}"')})
    return name


def webhooks_updated(call: Call, guild: Guild, channel: Doc) -> None:
    """WEBHOOKS_UPDATE says where, not what."""
    body = {"guild_id": str(guild.id), "channel_id": channel["id"]}
    call.emit("WEBHOOKS_UPDATE", guild, int(channel["id"]), body, channel=channel)


@operation("create_webhook")
def create(call: Call) -> Answer:
    guild, channel = call.guild_channel(P.MANAGE_WEBHOOKS)
    name = _judged_name("name", call.data["name"])
    hook = new_webhook(call, guild, channel, name, call.data.get("avatar"))
    webhooks_updated(call, guild, channel)
    call.log(guild, 50, int(hook["id"]), changes=[{"key": k, "new_value": hook[k]} for k in _LOGGED])
    return ok(hook)


@operation("list_channel_webhooks")
def of_channel(call: Call) -> Answer:
    guild, channel = call.guild_channel(P.MANAGE_WEBHOOKS)
    return ok([_shown(call, h) for h in guild.webhooks.values() if h["channel_id"] == channel["id"]])


@operation("get_guild_webhooks")
def of_guild(call: Call) -> Answer:
    return ok([_shown(call, h) for h in call.guild(P.MANAGE_WEBHOOKS).webhooks.values()])


def _shown(call: Call, hook: Doc) -> Doc:
    """Tokens of other applications' webhooks are not told."""
    if hook.get("application_id") in (None, str(call.me)):
        return hook
    return {k: v for k, v in hook.items() if k not in ("token", "url")}


def _without_user(hook: Doc) -> Doc:
    return {k: v for k, v in hook.items() if k != "user"}


def _find(call: Call) -> tuple[Guild, Doc]:
    webhook_id = call.id("webhook_id")
    guild = call.world.guild(webhook_id)
    if guild is None or webhook_id not in guild.webhooks:
        unknown("webhook")
    return guild, guild.webhooks[webhook_id]


def _managed(call: Call) -> tuple[Guild, Doc]:
    """The webhook of the path, for who manages webhooks in its channel."""
    guild, hook = _find(call)
    call.channel_of(int(hook["channel_id"]), P.MANAGE_WEBHOOKS)
    return guild, hook


def by_token(call: Call) -> tuple[Guild, Doc]:
    """The webhook of the path, for who has its token: they act as who made it."""
    guild, hook = _find(call)
    if hook.get("token") != call.params["webhook_token"]:
        refuse(401, 50027, "Invalid Webhook Token")
    call.me = int(hook["user"]["id"])
    return guild, hook


@operation("get_webhook")
def get(call: Call) -> Answer:
    _, hook = _find(call)
    if hook["application_id"] != str(call.me):
        _managed(call)
    return ok(_shown(call, hook))


@operation("get_webhook_by_token")
def get_by_token(call: Call) -> Answer:
    return ok(_without_user(by_token(call)[1]))


@operation("update_webhook")
def update(call: Call) -> Answer:
    return ok(_shown(call, _update(call, *_managed(call))))


@operation("update_webhook_by_token")
def update_by_token(call: Call) -> Answer:
    return ok(_without_user(_update(call, *by_token(call))))


def _update(call: Call, guild: Guild, hook: Doc) -> Doc:
    new: Doc = {}
    before = after = guild.channels[int(hook["channel_id"])]
    if call.data.get("name") is not None:
        new["name"] = _judged_name("name", call.data["name"])
    if call.data.get("channel_id") not in (None, before["id"]):
        target_guild, after = call.channel_of(int(call.data["channel_id"]), P.MANAGE_WEBHOOKS)
        if target_guild is not guild:
            unknown("channel")
        _judge_place(guild, after)
        new["channel_id"] = after["id"]
    if "avatar" in call.data:
        new["avatar"] = call.media.picture("avatar", call.data["avatar"], "avatars", hook["id"])
    changed = differences(hook, new)
    hook |= new
    if changed:
        for channel in (before,) if after is before else (before, after):
            webhooks_updated(call, guild, channel)
        call.log(guild, 51, int(hook["id"]), changes=changed)
    return hook


@operation("delete_webhook")
def delete(call: Call) -> Answer:
    return _delete(call, *_managed(call))


@operation("delete_webhook_by_token")
def delete_by_token(call: Call) -> Answer:
    return _delete(call, *by_token(call))


def _delete(call: Call, guild: Guild, hook: Doc) -> Answer:
    del guild.webhooks[int(hook["id"])]
    webhooks_updated(call, guild, guild.channels[int(hook["channel_id"])])
    call.log(guild, 52, int(hook["id"]), changes=[{"key": k, "old_value": hook[k]} for k in _LOGGED])
    return NO_CONTENT


# -- executing -----------------------------------------------------------------------------------------------


@operation("execute_webhook")
def execute(call: Call) -> Answer:
    if followups.is_interaction(call):
        return ok(followups.follow_up(call))
    message = send(call, *by_token(call), call.data)
    return ok(changes.message_body(message, 0)) if call.query.get("wait") else NO_CONTENT


def send(call: Call, guild: Guild, hook: Doc, data: Doc) -> Message:
    """Post a message as a webhook, to its channel, a thread there, or as a new post of a forum."""
    taken = call.spend("webhooks of a channel", int(hook["channel_id"]), PER_CHANNEL_LAW)
    if not taken.allowed:
        raise Refused(user_429(taken.retry_after_ms, {}))
    channel = _target(call, guild, hook, data)
    name = hook["name"] if data.get("username") is None else _judged_name("username", data["username"])
    avatar = hook["avatar"]
    if data.get("avatar_url"):
        avatar = hashlib.blake2b(data["avatar_url"].encode(), digest_size=16).hexdigest()
    made = draft(call, guild, channel, data, mention_default=MENTIONS, flags=_FLAGS)
    if made.is_empty:
        refuse(400, 50006, "Cannot send an empty message")
    message_id = call.new_id()
    if is_forum(channel):
        channel = _open_post(call, guild, hook, channel, data, message_id)
    wake_thread(call, guild, channel)
    more: Doc = {"webhook_id": hook["id"]}
    if hook["application_id"] is not None:
        more["application_id"] = hook["application_id"]
    author = {**user(int(hook["id"]), name, bot=True), "discriminator": "0000", "avatar": avatar}
    return post(call, int(channel["id"]), int(hook["id"]), made, message_id=message_id, author=author, **more)


def _target(call: Call, guild: Guild, hook: Doc, data: Doc) -> Doc:
    channel = guild.channels[int(hook["channel_id"])]
    thread_id = call.query.get("thread_id")
    if thread_id is not None:
        found = guild.channels.get(int(thread_id))
        if found is None or found["type"] not in THREADS or found["parent_id"] != channel["id"]:
            unknown("channel")
        if data.get("thread_name"):
            refuse(400, 220002, "Webhooks posted to forum channels cannot have both a thread_name and thread_id")
        return found
    if is_forum(channel) and not data.get("thread_name"):
        refuse(400, 220001, "Webhooks posted to forum channels must have a thread_name or thread_id")
    if not is_forum(channel) and data.get("thread_name"):
        refuse(400, 220003, "Webhooks can only create threads in forum channels")
    return channel


def _open_post(call: Call, guild: Guild, hook: Doc, parent: Doc, data: Doc, thread_id: int) -> Doc:
    """A new thread of a forum; its first message will have the same id."""
    tags = data.get("applied_tags") or []
    if not set(tags) <= {tag["id"] for tag in parent["available_tags"]}:
        refuse(404, 10087, "Unknown Tag")
    if not tags and parent["flags"] & _REQUIRES_TAG:
        refuse(400, 40067, "A tag is required to create a forum post in this channel")
    made = thread(thread_id, 11, data["thread_name"], parent, int(hook["id"]), call.epoch_ms, applied_tags=tags)
    guild.channels[thread_id] = made
    parent["last_message_id"] = made["id"]
    call.world.settle(guild, thread_id)
    call.emit("THREAD_CREATE", guild, thread_id, {**made, "newly_created": True}, channel=made)
    return made


# -- a webhook's messages; `@original` and interaction tokens lead to the interaction's --------------------------


def _message(call: Call) -> Message:
    if followups.is_interaction(call):
        return followups.message(call)
    _, hook = by_token(call)
    place = int(call.query.get("thread_id") or hook["channel_id"])
    found = call.world.message(place, call.id("message_id")) if "message_id" in call.params else None
    if found is None or found.doc.get("webhook_id") != hook["id"]:
        unknown("message")
    return found


@operation("get_webhook_message", "get_original_webhook_message")
def get_message(call: Call) -> Answer:
    return ok(changes.message_body(_message(call), 0))


@operation("update_webhook_message", "update_original_webhook_message")
def update_message(call: Call) -> Answer:
    found = _message(call)
    place = call.world.channel(found.channel_id)
    if place is None:
        unknown("channel")
    judge_archive(place[1])
    made = draft(call, *place, call.data, mention_default=MENTIONS, old=found.doc)
    if made.fields and Draft({**found.doc, **made.fields}).is_empty:
        refuse(400, 50006, "Cannot send an empty message")
    if found.doc["flags"] & followups.LOADING:
        flags = made.fields.get("flags") or found.doc["flags"]
        made.fields["flags"] = flags & ~followups.LOADING
    if made.fields:
        call.events += changes.edit(call.world, found, call.epoch_ms, **made.fields)
    return ok(changes.message_body(found, 0))


@operation("delete_webhook_message", "delete_original_webhook_message")
def delete_message(call: Call) -> Answer:
    call.events += changes.delete(call.world, _message(call))
    return NO_CONTENT
