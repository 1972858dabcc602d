"""Members of a guild, and the ways out of it: kick, ban, bulk ban, prune ("Guild")."""

from __future__ import annotations

from itertools import islice

from discord_sim.edge.call import NO_CONTENT, Call, form_error, ok, operation, refuse, unknown
from discord_sim.edge.operations.guilds import differences
from discord_sim.edge.operations.roles import log_roles
from discord_sim.rules.answers import Answer
from discord_sim.rules.buckets import Law
from discord_sim.rules.forms import leaf
from discord_sim.rules.permissions import Permission as P
from discord_sim.world import changes
from discord_sim.world.guild import Guild
from discord_sim.world.payloads import STAGE, VOICE, Doc
from discord_sim.world.snowflakes import epoch_ms_of, iso
from discord_sim.world.voice import join_voice, leave_voice

STRANGER_BANS = Law(2_000, 86_400_000, fixed=True)
TIMEOUT_MAX_MS = 28 * 86_400_000
_MEMBERS_INTENT = 1 << 1


@operation("list_guild_members")
def members(call: Call) -> Answer:
    if not call.settings.allowed_intents & _MEMBERS_INTENT:
        refuse(403, 50001, "Missing Access")
    guild = call.guild(read=True)
    after, limit = int(call.query.get("after", 0)), call.query.get("limit", 1)
    ids = islice((u for u in sorted(call.world.member_ids(guild)) if u > after), limit)
    return ok([call.world.member_payload(guild, u) for u in ids])


@operation("search_guild_members")
def search(call: Call) -> Answer:
    guild = call.guild(read=True)
    found = call.world.members_named(guild, call.query["query"], call.query.get("limit", 1))
    return ok([call.world.member_payload(guild, u) for u in found])


@operation("get_guild_member")
def member(call: Call) -> Answer:
    guild = call.guild(read=True)
    return ok(call.world.member_payload(guild, call.member(guild)))


@operation("add_guild_member")
def add(call: Call) -> Answer:
    guild = call.guild(P.CREATE_INSTANT_INVITE)
    user_id = call.user()
    if user_id in guild.banned:
        refuse(403, 40007, "The user is banned from this guild")
    bearer = call.bearers.get(call.data["access_token"])
    if bearer is None or bearer.user_id != user_id or "guilds.join" not in bearer.scopes:
        refuse(403, 50025, "Invalid OAuth2 access token provided")
    if call.world.is_member(guild, user_id):
        return NO_CONTENT
    given = {k: v for k, v in call.data.items() if k in ("nick", "roles", "mute", "deaf") and v is not None}
    call.events += changes.join(call.world, guild, user_id, call.epoch_ms, given)
    return ok(call.world.member_payload(guild, user_id), 201)


@operation("update_my_guild_member")
def update_me(call: Call) -> Answer:
    return ok(_update_me(call))


@operation("update_my_nickname")
def update_nickname(call: Call) -> Answer:
    return ok({"nick": _update_me(call)["nick"]})


def _update_me(call: Call) -> Doc:
    guild = call.guild(P.CHANGE_NICKNAME if "nick" in call.data else 0)
    new: Doc = {}
    if "nick" in call.data:
        new["nick"] = call.data["nick"] or None
    for field in ("avatar", "banner"):
        if field in call.data:
            owner = f"{guild.id}/users/{call.me}/{field}s"
            new[field] = call.media.picture(field, call.data[field], "guilds", owner)
    before = call.world.member_payload(guild, call.me)
    call.events += changes.change_member(call.world, guild, call.me, **new)
    if changed := differences(before, new):
        call.log(guild, 24, call.me, changes=changed)
    return call.world.member_payload(guild, call.me)


@operation("update_guild_member")
def update(call: Call) -> Answer:
    guild = call.guild()
    user_id = call.member(guild)
    held = guild.permissions_of(call.me)
    data = call.data
    for field, bit in (
        ("nick", P.MANAGE_NICKNAMES), ("roles", P.MANAGE_ROLES), ("mute", P.MUTE_MEMBERS),
        ("deaf", P.DEAFEN_MEMBERS), ("channel_id", P.MOVE_MEMBERS),
        ("communication_disabled_until", P.MODERATE_MEMBERS), ("flags", P.MANAGE_GUILD),
    ):  # fmt: skip
        if field in data:
            call.demand(guild, held, bit)
    if ("nick" in data or "communication_disabled_until" in data) and user_id != call.me:
        call.outrank(guild, user_id)
    new = _new_member_fields(call, guild, user_id)
    before = call.world.member_payload(guild, user_id)
    state = guild.voice_states.get(user_id)
    if any(field in data for field in ("mute", "deaf", "channel_id")) and state is None:
        refuse(400, 40032, "Target user is not connected to voice.")
    if "channel_id" in data and state is not None:
        _move(call, guild, user_id, state)
    if new:
        call.events += changes.change_member(call.world, guild, user_id, **new)
        if state is not None and ("mute" in new or "deaf" in new):
            state |= {k: new[k] for k in ("mute", "deaf") if k in new}
            told = {**state, "member": call.world.member_payload(guild, user_id)}
            call.emit("VOICE_STATE_UPDATE", guild, user_id, told)
    if "roles" in new:
        log_roles(call, guild, user_id, before["roles"], new["roles"])
    changed = differences(before, {k: v for k, v in new.items() if k not in ("roles", "flags")})
    if changed:
        call.log(guild, 24, user_id, changes=changed)
    return ok(call.world.member_payload(guild, user_id))


def _new_member_fields(call: Call, guild: Guild, user_id: int) -> Doc:
    data = call.data
    new: Doc = {k: data[k] for k in ("mute", "deaf", "flags") if data.get(k) is not None}
    if "nick" in data:
        new["nick"] = data["nick"] or None
    if "roles" in data:
        wanted = [str(r) for r in data["roles"] or () if r is not None]
        before = [str(r) for r in guild.held_roles(user_id)]
        for role_id in set(wanted) ^ set(before):
            found = guild.roles.get(int(role_id))
            if found is None:
                unknown("role")
            call.above_role(guild, found)
            if found["managed"]:
                refuse(400, 50028, "Invalid role")
        new["roles"] = wanted
    if "communication_disabled_until" in data:
        until = data["communication_disabled_until"]
        if until is not None:
            moment = epoch_ms_of(until)
            if moment > call.epoch_ms + TIMEOUT_MAX_MS:
                message = "The timeout must be at most 28 days."
                form_error({"communication_disabled_until": leaf("INVALID_TIMEOUT", message)})
            if user_id == guild.owner_id or guild.permissions_of(user_id) & P.ADMINISTRATOR:
                refuse(403, 50013, "Missing Permissions")
            until = iso(moment)
        new["communication_disabled_until"] = until
    return new


def _move(call: Call, guild: Guild, user_id: int, state: Doc) -> None:
    wanted = call.data["channel_id"]
    if wanted is None:
        call.events += leave_voice(call.world, guild, user_id)
        call.log(guild, 27, None, options={"count": "1"})
        return
    channel = guild.channels.get(int(wanted))
    if channel is None or channel["type"] not in (VOICE, STAGE):
        unknown("channel")
    if not guild.permissions_in(channel, call.me) & P.CONNECT:
        refuse(403, 50013, "Missing Permissions")
    mute, deaf = state["self_mute"], state["self_deaf"]
    call.events += join_voice(call.world, guild, user_id, channel, call.epoch_ms, mute=mute, deaf=deaf)
    call.log(guild, 26, None, options={"channel_id": wanted, "count": "1"})


@operation("delete_guild_member")
def kick(call: Call) -> Answer:
    guild = call.guild(P.KICK_MEMBERS)
    user_id = call.member(guild)
    call.outrank(guild, user_id)
    call.events += changes.kick(call.world, guild, user_id, call.me, call.reason, call.epoch_ms)
    return NO_CONTENT


# -- bans ----------------------------------------------------------------------------------------------------


@operation("list_guild_bans")
def bans(call: Call) -> Answer:
    guild = call.guild(P.BAN_MEMBERS)
    query, limit = call.query, call.query.get("limit", 1000)
    ids = sorted(guild.banned)
    if "before" in query:
        ids = [u for u in ids if u < int(query["before"])][-limit:]
    else:
        ids = [u for u in ids if u > int(query.get("after", 0))][:limit]
    return ok([{"reason": guild.banned[u], "user": call.person(u)} for u in ids])


@operation("get_guild_ban")
def get_ban(call: Call) -> Answer:
    guild = call.guild(P.BAN_MEMBERS)
    user_id = call.id("user_id")
    if user_id not in guild.banned:
        unknown("ban")
    return ok({"reason": guild.banned[user_id], "user": call.person(user_id)})


@operation("ban_user_from_guild")
def ban(call: Call) -> Answer:
    guild = call.guild(P.BAN_MEMBERS)
    user_id = call.user()
    data = call.data
    if data.get("delete_message_seconds") is not None and data.get("delete_message_days") is not None:
        message = "Only one of delete_message_seconds and delete_message_days may be given"
        form_error({"delete_message_seconds": leaf("BASE_TYPE_CONFLICT", message)})
    if call.world.is_member(guild, user_id):
        call.outrank(guild, user_id)
    else:
        _spare_strangers(call, guild, user_id)
    delete_s = data.get("delete_message_seconds") or 86_400 * (data.get("delete_message_days") or 0)
    call.events += changes.ban(call.world, guild, user_id, call.me, call.reason, call.epoch_ms, delete_s)
    return NO_CONTENT


def _spare_strangers(call: Call, guild: Guild, user_id: int) -> None:
    """Bans of people who are not members are limited by the day; the rest are refused (observed, and it moves)."""
    if user_id in guild.banned:
        return
    if not call.spend("bans of strangers", guild.id, STRANGER_BANS).allowed:
        refuse(400, 30035, "Maximum number of bans for non-guild members have been exceeded")


@operation("unban_user_from_guild")
def unban(call: Call) -> Answer:
    guild = call.guild(P.BAN_MEMBERS)
    user_id = call.id("user_id")
    if user_id not in guild.banned:
        unknown("ban")
    call.events += changes.unban(call.world, guild, user_id, call.me, call.reason, call.epoch_ms)
    return NO_CONTENT


@operation("bulk_ban_users_from_guild")
def bulk_ban(call: Call) -> Answer:
    guild = call.guild(P.BAN_MEMBERS | P.MANAGE_GUILD)
    wanted = [int(u) for u in call.data["user_ids"]]
    others = [u for u in wanted if u != call.me]  # the own id is left out of both lists
    if not wanted:
        form_error({"user_ids": leaf("BASE_TYPE_BAD_LENGTH", "Must be between 1 and 200 in length.")})
    mine = guild.top_position(call.me) if call.me != guild.owner_id else 1 << 30
    banned, failed = [], []
    for user_id in others:
        exists = call.world.user_exists(user_id)
        protected = exists and call.world.is_member(guild, user_id) and guild.top_position(user_id) >= mine
        if not exists or user_id in guild.banned or user_id == guild.owner_id or protected:
            failed.append(str(user_id))
        else:
            banned.append(user_id)
    if others and not banned:
        refuse(400, 500000, "Failed to ban users")
    reason, delete_s = call.reason, call.data.get("delete_message_seconds") or 0
    for user_id in banned:
        call.events += changes.ban(call.world, guild, user_id, call.me, reason, call.epoch_ms, delete_s)
    return ok({"banned_users": [str(u) for u in banned], "failed_users": failed})


# -- prune ---------------------------------------------------------------------------------------------------


def _inactive(call: Call, guild: Guild, days: int, roles: set[int]) -> list[int]:
    """Who was not seen for so many days and has no role besides `roles`. Who is not online was last seen at a day
    that the seed tells."""
    found = []
    for user_id in call.world.member_ids(guild):
        if user_id in call.world.bots or user_id == guild.owner_id or user_id in call.world.presences:
            continue
        seen_days_ago = call.world.draws.below(f"seen/{user_id}", 60)
        if seen_days_ago >= days and set(guild.held_roles(user_id)) <= roles:
            found.append(user_id)
    return found


def _prune_arguments(call: Call, given: Doc) -> tuple[int, set[int]]:
    days, roles = given.get("days"), given.get("include_roles") or []
    days = 7 if days is None else days
    if not 1 <= days <= 30:
        form_error({"days": leaf("NUMBER_TYPE_MAX", "int value should be between 1 and 30.")})
    texts = [roles] if isinstance(roles, str) else roles
    return days, {int(r) for text in texts for r in str(text).split(",") if r.isdecimal()}


@operation("preview_prune_guild")
def preview_prune(call: Call) -> Answer:
    guild = call.guild(P.MANAGE_GUILD | P.KICK_MEMBERS)
    return ok({"pruned": len(_inactive(call, guild, *_prune_arguments(call, call.query)))})


@operation("prune_guild")
def prune(call: Call) -> Answer:
    guild = call.guild(P.MANAGE_GUILD | P.KICK_MEMBERS)
    days, roles = _prune_arguments(call, call.data)
    leaving = _inactive(call, guild, days, roles)
    for user_id in leaving:
        call.events += changes.remove_member(call.world, guild, user_id)
    options = {"delete_member_days": str(days), "members_removed": str(len(leaving))}
    call.log(guild, 21, None, options=options)
    return ok({"pruned": len(leaving) if call.data.get("compute_prune_count", True) else None})
