"""One channel: reading, changing, deleting, its permission overwrites, typing, following ("Channel")."""

from __future__ import annotations

from discord_sim.edge.call import NO_CONTENT, Call, form_error, ok, operation, refuse, unknown
from discord_sim.edge.compose import Draft
from discord_sim.edge.operations import threads
from discord_sim.edge.operations.guilds import channel_fields, channel_name, differences, overwrites
from discord_sim.edge.operations.messages import FOLLOW_ADD, post
from discord_sim.edge.operations.webhooks import new_webhook, webhooks_updated
from discord_sim.rules.answers import Answer
from discord_sim.rules.forms import leaf
from discord_sim.rules.permissions import Permission as P
from discord_sim.world import changes
from discord_sim.world.guild import Guild
from discord_sim.world.payloads import ANNOUNCEMENT, CATEGORY, FORUM, MEDIA, THREADS, Doc, is_active
from discord_sim.world.voice import leave_voice

OVERWRITES_MAX, TOPIC_MAX, FORUM_TOPIC_MAX = 1000, 1_024, 4_096
REQUIRE_TAG, HIDE_DOWNLOADS = 1 << 4, 1 << 15
_FLAGS = {FORUM: REQUIRE_TAG, MEDIA: REQUIRE_TAG | HIDE_DOWNLOADS}  # what a client may set, by type


@operation("get_channel")
def get_channel(call: Call) -> Answer:
    guild, channel = call.channel()
    own = None if guild is None else guild.thread_members.get(int(channel["id"]), {}).get(call.me)
    return ok(channel if own is None else {**channel, "member": own})


@operation("update_channel")
def update(call: Call) -> Answer:
    guild, channel = call.guild_channel()
    data = call.data
    if data.get("name") is not None and not data["name"].strip():
        form_error({"name": leaf("BASE_TYPE_BAD_LENGTH", "Must be between 1 and 100 in length.")})
    if channel["type"] in THREADS:
        return ok(threads.change(call, guild, channel))
    held = guild.permissions_in(channel, call.me)
    call.demand(guild, held, P.MANAGE_CHANNELS | (P.MANAGE_ROLES if "permission_overwrites" in data else 0))
    fields = _fields(call, guild, channel)
    saw = _who_sees(guild, channel)
    before = channel["permission_overwrites"]
    changed = differences(channel, fields)
    channel |= fields
    if changed:
        _tell(call, guild, channel, saw)
        rest = [c for c in changed if c["key"] != "permission_overwrites"]
        if rest:
            call.log(guild, 11, int(channel["id"]), changes=rest)
        _log_overwrites(call, guild, channel, before)
    return ok(channel)


def _fields(call: Call, guild: Guild, channel: Doc) -> Doc:
    """What a PATCH sets on a channel of a guild."""
    data, kind = call.data, channel["type"]
    wanted = kind if data.get("type") is None else data["type"]
    has_news = bool({"COMMUNITY", "NEWS"} & set(guild.doc["features"]))
    if wanted != kind and not (has_news and {wanted, kind} == {0, ANNOUNCEMENT}):
        form_error({"type": leaf("CHANNEL_TYPE_CHANGE", "Cannot change the channel to this type")})
    most = FORUM_TOPIC_MAX if kind in (FORUM, MEDIA) else TOPIC_MAX
    if len(data.get("topic") or "") > most:
        form_error({"topic": leaf("BASE_TYPE_MAX_LENGTH", f"Must be {most} or fewer in length.")})
    fields = {**channel_fields(call, guild, kind, data), "type": wanted}
    if data.get("name") is not None:
        fields["name"] = channel_name(kind, data["name"])
    if "flags" in fields:
        settable = _FLAGS.get(kind, 0)
        fields["flags"] = channel["flags"] & ~settable | fields["flags"] & settable
    return fields


def _who_sees(guild: Guild, channel: Doc) -> set[int]:
    return {bot for bot in guild.bots if guild.permissions_in(channel, bot) & P.VIEW_CHANNEL}


def _tell(call: Call, guild: Guild, channel: Doc, saw: set[int]) -> None:
    """CHANNEL_UPDATE, also to a bot that lost sight of the channel by it; who gains sight is told its threads."""
    sees, key = _who_sees(guild, channel), int(channel["id"])
    call.emit("CHANNEL_UPDATE", guild, key, channel, channel=channel)
    for bot in sorted(saw - sees):
        call.emit("CHANNEL_UPDATE", guild, key, channel, bot_id=bot)
    active = [
        t for t in guild.channels.values()
        if t["type"] in THREADS and t["parent_id"] == channel["id"] and is_active(t)
    ]  # fmt: skip
    for bot in sorted(sees - saw):
        visible = [t for t in active if guild.permissions_in(t, bot) & P.VIEW_CHANNEL]
        own = [m[bot] for t in visible if bot in (m := guild.thread_members.get(int(t["id"]), {}))]
        body = {"guild_id": str(guild.id), "channel_ids": [channel["id"]], "threads": visible, "members": own}
        call.emit("THREAD_LIST_SYNC", guild, key, body, bot_id=bot)


@operation("delete_channel")
def delete(call: Call) -> Answer:
    guild, channel = call.channel()
    if guild is None:
        return ok(channel)  # closed for the caller, who may open it again
    channel_id = int(channel["id"])
    is_thread = channel["type"] in THREADS
    call.demand(guild, guild.permissions_in(channel, call.me), P.MANAGE_THREADS if is_thread else P.MANAGE_CHANNELS)
    if channel["id"] in (guild.doc["rules_channel_id"], guild.doc["public_updates_channel_id"]):
        refuse(400, 50074, "Cannot delete a channel required for Community guilds")
    body = {k: channel[k] for k in ("id", "guild_id", "parent_id", "type")} if is_thread else channel
    name = "THREAD_DELETE" if is_thread else "CHANNEL_DELETE"
    if channel["type"] == threads.PRIVATE:
        for bot in sorted(_who_sees(guild, channel)):  # later nobody can tell who was in it
            call.emit(name, guild, channel_id, body, bot_id=bot)
    else:
        call.emit(name, guild, channel_id, body, channel=dict(channel))
    call.log(guild, 112 if is_thread else 12, channel_id, changes=[{"key": "name", "old_value": channel["name"]}])
    _forget(call, guild, channel)
    if channel["type"] == CATEGORY:
        for child in guild.channels.values():
            if child.get("parent_id") == channel["id"]:
                child["parent_id"] = None
                call.emit("CHANNEL_UPDATE", guild, int(child["id"]), child, channel=child)
    return ok(channel)


def _forget(call: Call, guild: Guild, channel: Doc) -> None:
    """Remove a channel with what lives in it: messages, threads, webhooks, invites, a stage, who is in voice."""
    channel_id = int(channel["id"])
    children = [i for i, c in guild.channels.items() if c["type"] in THREADS and c["parent_id"] == channel["id"]]
    for gone in (channel_id, *children):
        for message in call.world.messages(gone, 1 << 30):
            call.world.forget(message)
        guild.channels.pop(gone, None)
        guild.thread_members.pop(gone, None)
    began = call.world.message(int(channel.get("parent_id") or 0), channel_id)
    if began is not None:
        began.doc.pop("thread", None)
        began.doc["flags"] &= ~threads.HAS_THREAD
    for hook_id in [i for i, hook in guild.webhooks.items() if hook["channel_id"] == channel["id"]]:
        del guild.webhooks[hook_id]
    for code in [c for c, invite in guild.invites.items() if invite["channel_id"] == channel["id"]]:
        del guild.invites[code]
    for user_id in [u for u, state in guild.voice_states.items() if state["channel_id"] == channel["id"]]:
        call.events += leave_voice(call.world, guild, user_id)
    stage = guild.stages.pop(channel_id, None)
    if stage is not None:
        call.emit("STAGE_INSTANCE_DELETE", guild, channel_id, stage)
    pointers = [f for f, v in guild.doc.items() if f.endswith("_channel_id") and v == channel["id"]]
    if pointers:
        guild.doc |= dict.fromkeys(pointers)
        call.events.append(changes.guild_updated(guild))


# -- overwrites ----------------------------------------------------------------------------------------------


def _place(call: Call) -> tuple[Guild, Doc]:
    guild, channel = call.guild_channel(P.MANAGE_ROLES)
    if channel["type"] in THREADS:
        refuse(400, 50024, "Cannot execute action on this channel type")
    return guild, channel


def _apply(call: Call, guild: Guild, channel: Doc, wanted: list[Doc]) -> None:
    """Give a channel other overwrites, and tell."""
    saw, before = _who_sees(guild, channel), channel["permission_overwrites"]
    channel["permission_overwrites"] = wanted
    _tell(call, guild, channel, saw)
    _log_overwrites(call, guild, channel, before)


@operation("set_channel_permission_overwrite")
def set_overwrite(call: Call) -> Answer:
    guild, channel = _place(call)
    target = call.id("overwrite_id")
    made = overwrites(call, guild, [{**call.data, "id": target}])[0]
    if made["type"] == 0 and target not in guild.roles:
        unknown("role")
    if made["type"] == 1 and not call.world.user_exists(target):
        unknown("user")
    before = channel["permission_overwrites"]
    if made in before:
        return NO_CONTENT
    others = [o for o in before if o["id"] != made["id"]]
    if len(others) >= OVERWRITES_MAX:
        refuse(400, 30060, f"Maximum number of channel permission overwrites reached ({OVERWRITES_MAX})")
    _apply(call, guild, channel, [*others, made])
    return NO_CONTENT


@operation("delete_channel_permission_overwrite")
def delete_overwrite(call: Call) -> Answer:
    guild, channel = _place(call)
    target = str(call.id("overwrite_id"))
    others = [o for o in channel["permission_overwrites"] if o["id"] != target]
    if len(others) == len(channel["permission_overwrites"]):
        unknown("overwrite")
    _apply(call, guild, channel, others)
    return NO_CONTENT


def _log_overwrites(call: Call, guild: Guild, channel: Doc, before: list[Doc]) -> None:
    """One audit log entry for each overwrite that was made, changed or taken away."""
    old, new = ({o["id"]: o for o in listed} for listed in (before, channel["permission_overwrites"]))
    for target in {**old, **new}:
        was, now = old.get(target), new.get(target)
        if was == now:
            continue
        action = 13 if was is None else 15 if now is None else 14
        told = [
            {"key": k, "old_value": was[k]} for k in ("allow", "deny")
        ] if was is not None and now is None else differences(was or {}, now or {})  # fmt: skip
        overwrite = now or was or {}
        options = {"id": target, "type": str(overwrite["type"])}
        if overwrite["type"] == 0 and int(target) in guild.roles:
            options["role_name"] = guild.roles[int(target)]["name"]
        call.log(guild, action, int(channel["id"]), changes=told, options=options)


# -- typing, following ---------------------------------------------------------------------------------------


@operation("trigger_typing_indicator")
def typing(call: Call) -> Answer:
    guild, channel = call.channel(P.SEND_MESSAGES)
    channel_id = int(channel["id"])
    body: Doc = {"channel_id": channel["id"], "user_id": str(call.me), "timestamp": call.epoch_ms // 1000}
    if guild is not None:
        body |= {"guild_id": str(guild.id), "member": call.world.member_payload(guild, call.me)}
    call.emit("TYPING_START", guild, channel_id, body, channel=channel)
    return NO_CONTENT


@operation("follow_channel")
def follow(call: Call) -> Answer:
    guild, source = call.guild_channel()
    if source["type"] != ANNOUNCEMENT:
        refuse(400, 50024, "Cannot execute action on this channel type")
    target_guild, target = call.channel_of(int(call.data["webhook_channel_id"]), P.MANAGE_WEBHOOKS)
    if target_guild is None:
        refuse(400, 50003, "Cannot execute action on a DM channel")
    if target["type"] not in (0, ANNOUNCEMENT):
        refuse(400, 50024, "Cannot execute action on this channel type")
    hook = new_webhook(call, target_guild, target, f"{guild.name} #{source['name']}", None, kind=2)
    hook |= {
        "source_guild": {"id": str(guild.id), "name": guild.name, "icon": guild.doc["icon"]},
        "source_channel": {"id": source["id"], "name": source["name"]},
    }  # fmt: skip
    webhooks_updated(call, target_guild, target)
    reference = {"type": 0, "channel_id": source["id"], "guild_id": str(guild.id)}
    notice = Draft({"content": hook["name"]})
    post(call, int(target["id"]), call.me, notice, type=FOLLOW_ADD, message_reference=reference)
    call.log(target_guild, 50, int(hook["id"]), changes=[{"key": "name", "new_value": hook["name"]}])
    return ok({"channel_id": source["id"], "webhook_id": hook["id"]})
