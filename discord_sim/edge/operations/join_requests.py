"""Requests to join a guild that lets nobody in unasked ("Guild")."""

from __future__ import annotations

from discord_sim.edge.call import Call, form_error, ok, operation, refuse
from discord_sim.rules.answers import Answer
from discord_sim.rules.forms import leaf
from discord_sim.rules.permissions import Permission as P
from discord_sim.spec import skeleton
from discord_sim.world import changes
from discord_sim.world.fanout import Event
from discord_sim.world.guild import Guild
from discord_sim.world.payloads import Doc
from discord_sim.world.snowflakes import iso
from discord_sim.world.world import World

_OPEN, _APPROVED, _REJECTED = "SUBMITTED", "APPROVED", "REJECTED"


def ask_to_join(world: World, guild: Guild, user_id: int, epoch_ms: int) -> list[Event]:
    """Somebody from outside submits a request to join; nothing where they have an open one."""
    if any(r["user_id"] == str(user_id) and r["application_status"] == _OPEN for r in guild.join_requests.values()):
        return []
    made = world.new_id(epoch_ms)
    request = guild.join_requests[made] = skeleton(
        "GuildJoinRequestResponse", id=str(made), created_at=iso(epoch_ms), application_status=_OPEN,
        guild_id=str(guild.id), user_id=str(user_id), user=world.user_payload(user_id),
    )  # fmt: skip
    return [_event("GUILD_JOIN_REQUEST_CREATE", guild, request)]


def _event(name: str, guild: Guild, request: Doc) -> Event:
    body = {"guild_id": str(guild.id), "status": request["application_status"], "request": dict(request)}
    return Event(name, guild.id, int(request["id"]), body, needs=P.KICK_MEMBERS)


@operation("get_guild_join_requests")
def of_guild(call: Call) -> Answer:
    guild = call.guild(P.KICK_MEMBERS)
    query, limit = call.query, call.query.get("limit", 100)
    if "status" in query:
        _check_status("status", query["status"], (_OPEN, _APPROVED, _REJECTED))
    requests = [guild.join_requests[i] for i in sorted(guild.join_requests)]
    found = [r for r in requests if query.get("status") in (None, r["application_status"])]
    low, high = int(query.get("after", 0)), int(query.get("before", 1 << 64))
    page = [r for r in found if low < int(r["id"]) < high]
    page = page[-limit:] if "before" in query else page[:limit]
    return ok({"guild_join_requests": page, "total": len(found)})


@operation("action_guild_join_request")
def decide(call: Call) -> Answer:
    guild = call.guild(P.KICK_MEMBERS)
    request = guild.join_requests.get(call.id("request_id"))
    if request is None:
        refuse(404, 0, "404: Not Found")  # Discord has no code for a request to join
    action = call.data.get("action")
    _check_status("action", action, (_APPROVED, _REJECTED))
    if request["application_status"] != _OPEN:
        return ok(request)  # it has been decided
    request |= {
        "application_status": action, "reviewed_at": iso(call.epoch_ms), "actioned_by_user": call.person(),
        "rejection_reason": call.data.get("rejection_reason") if action == _REJECTED else None,
    }  # fmt: skip
    call.events.append(_event("GUILD_JOIN_REQUEST_UPDATE", guild, request))
    user_id = int(request["user_id"])
    if action == _APPROVED and not call.world.is_member(guild, user_id):
        call.events += changes.join(call.world, guild, user_id, call.epoch_ms)
    return ok(request)


def _check_status(field: str, value: str | None, allowed: tuple[str, ...]) -> None:
    if value is None:
        form_error({field: leaf("BASE_TYPE_REQUIRED", "This field is required")})
    if value not in allowed:
        form_error({field: leaf("BASE_TYPE_CHOICES", f"Value must be one of {{{', '.join(map(repr, allowed))}}}.")})
