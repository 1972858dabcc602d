"""Invites ("Invite")."""

from __future__ import annotations

from typing import Any

from discord_sim.edge.call import NO_CONTENT, Call, Upload, form_error, ok, operation, refuse, unknown
from discord_sim.edge.operations.applications import public
from discord_sim.rules.answers import Answer
from discord_sim.rules.forms import leaf
from discord_sim.rules.permissions import Permission as P
from discord_sim.spec import skeleton
from discord_sim.world.guild import Guild
from discord_sim.world.payloads import CATEGORY, THREADS, Doc
from discord_sim.world.snowflakes import epoch_ms_of, iso

INVITES_MAX = 1000
STREAM, EMBEDDED_APPLICATION = 1, 2
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789"
_DAY_S = 86_400
_EMBEDDED = 1 << 17
_ID_DIGITS_MAX = 20
_HIDDEN = ("channel_id", "role_ids", "target_users", "job")
_METADATA = ("uses", "max_uses", "max_age", "temporary", "created_at")
_TARGETS = ("target_type", "target_user", "target_application")
_TERMS = ("channel_id", "max_age", "max_uses", "temporary", "role_ids", "target_users", *_TARGETS)
_ROLE_KEYS = ("id", "name", "position", "color", "colors", "icon", "unicode_emoji")


@operation("create_channel_invite")
def create(call: Call) -> Answer:
    guild, channel = call.guild_channel(P.CREATE_INSTANT_INVITE)
    if channel["type"] in (CATEGORY, *THREADS):
        refuse(400, 50024, "Cannot execute action on this channel type")
    data = call.data
    terms: Doc = {
        "max_age": _DAY_S if data.get("max_age") is None else data["max_age"], "max_uses": data.get("max_uses") or 0,
        "temporary": bool(data.get("temporary")), "role_ids": _roles(call, guild),
        **_target(call, guild, channel), **_uploaded(call),
    }  # fmt: skip
    if not data.get("unique"):
        wanted = {"channel_id": channel["id"], **terms}
        for invite in guild.invites.values():
            alike = all(invite.get(k) == wanted.get(k) for k in _TERMS)
            if alike and invite["inviter"]["id"] == str(call.me) and not _expired(call, invite):
                return ok(shown(guild, invite))
    return ok(shown(guild, new_invite(call, guild, channel, **terms)))


def _roles(call: Call, guild: Guild) -> list[str]:
    """Who accepts gets these roles; nobody gives roles that are not below their own."""
    given = call.data.get("role_ids") or []
    ids = [piece.strip() for piece in given.split(",")] if isinstance(given, str) else given
    if ids:
        call.demand(guild, guild.permissions_of(call.me), P.MANAGE_ROLES)
    for role_id in ids:
        role = guild.roles.get(int(role_id)) if _is_id(role_id) else None
        if role is None:
            unknown("role")
        call.above_role(guild, role)
        if role["managed"] or int(role_id) == guild.id:
            refuse(400, 50028, "Invalid role")
    return ids


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= _ID_DIGITS_MAX


def _target(call: Call, guild: Guild, channel: Doc) -> Doc:
    """The stream or the activity that an invite to a voice channel opens."""
    kind = call.data.get("target_type")
    if kind == STREAM:
        user_id = int(call.data.get("target_user_id") or 0)
        state = guild.voice_states.get(user_id, {})
        if state.get("channel_id") != channel["id"] or not state.get("self_stream"):
            message = "The user must be streaming in the channel"
            form_error({"target_user_id": leaf("GUILD_INVITE_INVALID_STREAMER", message)})
        return {"target_type": kind, "target_user": call.person(user_id)}
    if kind == EMBEDDED_APPLICATION:
        application_id = int(call.data.get("target_application_id") or 0)
        application = public(call, application_id) if application_id in call.world.bots else {}
        if not application.get("flags", 0) & _EMBEDDED:
            message = "The application must be embedded"
            form_error({"target_application_id": leaf("GUILD_INVITE_INVALID_APPLICATION", message)})
        return {"target_type": kind, "target_application": application}
    return {}


def new_invite(call: Call, guild: Guild, channel: Doc, *, max_age: int, **terms: Any) -> Doc:
    """Create an invite on these terms, and tell."""
    for code in [code for code, invite in guild.invites.items() if _expired(call, invite)]:
        _forget(call, guild, code)
    if len(guild.invites) >= INVITES_MAX:
        refuse(400, 30016, "Maximum number of invites reached (1000)")
    code = _code(call)
    invite: Doc = {
        "type": 0, "code": code, "guild_id": str(guild.id), "channel_id": channel["id"], "inviter": call.person(),
        "created_at": iso(call.epoch_ms), "expires_at": iso(call.epoch_ms + max_age * 1000) if max_age else None,
        "uses": 0, "max_age": max_age, "role_ids": [], **terms,
    }  # fmt: skip
    guild.invites[code] = invite
    call.bin("invites")[_number(code)] = {"guild": guild.id}
    keys = ("channel_id", "code", "guild_id", "inviter", "expires_at", *_METADATA, *_TARGETS)
    told = {k: invite[k] for k in keys if k in invite}
    if invite["role_ids"]:
        told["role_ids"] = invite["role_ids"]
    call.emit("INVITE_CREATE", guild, int(channel["id"]), told, needs=P.MANAGE_CHANNELS)
    call.log(guild, 40, None, changes=_logged(invite, "new_value"))
    return invite


def _logged(invite: Doc, which: str) -> list[Doc]:
    known = {k: invite[k] for k in ("code", "channel_id", "max_age", "max_uses", "uses", "temporary")}
    return [{"key": k, which: v} for k, v in {**known, "inviter_id": invite["inviter"]["id"]}.items()]


def _code(call: Call) -> str:
    number = call.world.draws.below(f"invite/{call.new_id()}", len(_LETTERS) ** 8)
    text = ""
    for _ in range(8):
        number, index = divmod(number, len(_LETTERS))
        text += _LETTERS[index]
    return text


def _number(code: str) -> int:
    return int.from_bytes(code.encode(), "big")


def _expired(call: Call, invite: Doc) -> bool:
    return invite["expires_at"] is not None and epoch_ms_of(invite["expires_at"]) <= call.epoch_ms


def _forget(call: Call, guild: Guild, code: str) -> None:
    del guild.invites[code]
    call.bin("invites").pop(_number(code), None)


def invite_guild(guild: Guild) -> Doc:
    """The part of a guild that an invite shows."""
    known = skeleton("InviteGuildResponse")
    return {k: guild.doc.get(k, empty) for k, empty in known.items()}


def shown(guild: Guild, invite: Doc, *, metadata: bool = True) -> Doc:
    """An invite as clients see it, its guild, channel and roles as they are now."""
    body = {k: v for k, v in invite.items() if k not in _HIDDEN and (metadata or k not in _METADATA)}
    channel = guild.channels[int(invite["channel_id"])]
    body |= {"guild": invite_guild(guild), "channel": {k: channel[k] for k in ("id", "type", "name")}}
    roles = [guild.roles[int(r)] for r in invite["role_ids"] if int(r) in guild.roles]
    return {**body, "roles": [{k: role[k] for k in _ROLE_KEYS} for role in roles]} if roles else body


def find(call: Call) -> tuple[Guild, Doc]:
    """The invite of the path and its guild."""
    place = call.bin("invites").get(_number(call.params["code"]))
    guild = call.world.guild(place["guild"]) if place else None
    invite = guild.invites.get(call.params["code"]) if guild else None
    if guild is None or invite is None or _expired(call, invite):
        unknown("invite")
    return guild, invite


@operation("invite_resolve")
def resolve(call: Call) -> Answer:
    guild, invite = find(call)
    body = shown(guild, invite, metadata=False)
    if call.query.get("with_counts"):
        body |= {
            "approximate_member_count": guild.member_count, "approximate_presence_count": guild.member_count // 3,
        }  # fmt: skip
    event = guild.events.get(int(call.query.get("guild_scheduled_event_id", 0)))
    return ok(body if event is None else {**body, "guild_scheduled_event": event})


@operation("invite_revoke")
def revoke(call: Call) -> Answer:
    guild, invite = find(call)
    call.guild_of(guild.id)
    channel = guild.channels[int(invite["channel_id"])]
    held = guild.permissions_of(call.me) & P.MANAGE_GUILD | guild.permissions_in(channel, call.me) & P.MANAGE_CHANNELS
    call.demand(guild, held, 0, P.MANAGE_GUILD | P.MANAGE_CHANNELS)
    _forget(call, guild, invite["code"])
    told = {"channel_id": channel["id"], "guild_id": str(guild.id), "code": invite["code"]}
    call.emit("INVITE_DELETE", guild, int(channel["id"]), told, needs=P.MANAGE_CHANNELS)
    call.log(guild, 42, None, changes=_logged(invite, "old_value"))
    return ok(shown(guild, invite))


@operation("list_channel_invites")
def of_channel(call: Call) -> Answer:
    guild, channel = call.guild_channel(P.MANAGE_CHANNELS)
    found = [i for i in guild.invites.values() if i["channel_id"] == channel["id"] and not _expired(call, i)]
    return ok([shown(guild, i) for i in found])


@operation("list_guild_invites")
def of_guild(call: Call) -> Answer:
    guild = call.guild(any_of=P.MANAGE_GUILD | P.VIEW_AUDIT_LOG)
    metadata = bool(guild.permissions_of(call.me) & P.MANAGE_GUILD)
    return ok([shown(guild, i, metadata=metadata) for i in guild.invites.values() if not _expired(call, i)])


# -- target users: an uploaded list of who may use the invite ------------------------------------------------


def _uploaded(call: Call) -> Doc:
    """The uploaded list and the job that has read it; nothing where there is no file."""
    upload = next((f for f in call.files if f.field == "target_users_file"), None)
    if upload is None:
        return {}
    users = _read(upload)
    job = skeleton(
        "TargetUsersJobStatusResponse", status=2, total_users=len(users), processed_users=len(users),
        created_at=iso(call.epoch_ms), completed_at=iso(call.epoch_ms),
    )  # fmt: skip
    return {"target_users": users, "job": job}


def _read(upload: Upload) -> list[str]:
    """The ids of a file with one column; the first line may be a heading, a repeated id counts once."""
    users: dict[str, None] = {}
    wrong = []
    for number, line in enumerate(upload.data.decode("utf-8", "replace").splitlines(), start=1):
        text = line.strip()
        if _is_id(text):
            users[text] = None
        elif text and number > 1:
            wrong.append({"code": "CSV_INVALID", "message": f"Line {number}: invalid user ID format"})
    if not users and not wrong:
        wrong.append({"code": "CSV_INVALID", "message": "The file holds no user ID"})
    if wrong:
        form_error({"target_users_file": {"_errors": wrong}})
    return list(users)


def _own(call: Call, *, read: bool) -> Doc:
    guild, invite = find(call)
    bits = P.MANAGE_GUILD | P.VIEW_AUDIT_LOG if read else P.MANAGE_GUILD
    if invite["inviter"]["id"] != str(call.me):
        call.guild_of(guild.id, any_of=bits)
    return invite


@operation("update_invite_target_users")
def set_target_users(call: Call) -> Answer:
    invite = _own(call, read=False)
    uploaded = _uploaded(call)
    if not uploaded:
        form_error({"target_users_file": leaf("BASE_TYPE_REQUIRED", "This field is required")})
    invite |= uploaded
    return NO_CONTENT


@operation("get_invite_target_users")
def target_users(call: Call) -> Answer:
    invite = _own(call, read=True)
    if "target_users" not in invite:
        refuse(404, 10129, "Unknown invite target users")
    text = "\n".join(["user_id", *invite["target_users"]]) + "\n"
    return Answer(200, text.encode(), {"Content-Type": "text/csv"})


@operation("get_invite_target_users_job_status")
def job_status(call: Call) -> Answer:
    invite = _own(call, read=True)
    if "job" not in invite:
        refuse(404, 10124, "Unknown invite target users job")
    return ok(invite["job"])
