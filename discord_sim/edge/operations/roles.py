"""Roles of a guild ("Permissions", "Guild")."""

from __future__ import annotations

from discord_sim.edge.call import NO_CONTENT, Call, ok, operation, refuse, unknown
from discord_sim.edge.operations.guilds import differences
from discord_sim.rules.answers import Answer
from discord_sim.rules.permissions import ALL
from discord_sim.rules.permissions import Permission as P
from discord_sim.world import changes
from discord_sim.world.guild import Guild
from discord_sim.world.payloads import Doc

ROLES_MAX = 250
_HOLOGRAPHIC = {"primary_color": 11_127_295, "secondary_color": 16_759_788, "tertiary_color": 16_761_760}


def _sorted(guild: Guild) -> list[Doc]:
    return sorted(guild.roles.values(), key=lambda r: (r["position"], int(r["id"])))


@operation("list_guild_roles")
def roles(call: Call) -> Answer:
    return ok(_sorted(call.guild(read=True)))


@operation("get_guild_role")
def role(call: Call) -> Answer:
    return ok(call.thing(call.guild(read=True).roles, "role_id", "role"))


@operation("guild_role_member_counts")
def counts(call: Call) -> Answer:
    guild = call.guild(read=True)
    held: dict[str, int] = {str(r): 0 for r in guild.roles if r != guild.id}
    for user_id in call.world.member_ids(guild):
        for role_id in guild.held_roles(user_id):
            held[str(role_id)] = held.get(str(role_id), 0) + 1
    return ok(held)


@operation("create_guild_role")
def create(call: Call) -> Answer:
    guild = call.guild(P.MANAGE_ROLES)
    if len(guild.roles) > ROLES_MAX:
        refuse(400, 30005, "Maximum number of guild roles reached (250)")
    role_id = call.new_id()
    fields = _fields(call, guild, role_id, 0)
    if "permissions" not in fields:
        fields["permissions"] = guild.roles[guild.id]["permissions"]
    name = fields.pop("name", None) or "new role"
    made, events = changes.add_role(call.world, guild, name, call.epoch_ms, role_id, **fields)
    call.events += events
    call.log(guild, 30, role_id, changes=[{"key": k, "new_value": made[k]} for k in ("name", *fields)])
    return ok(made)


def _fields(call: Call, guild: Guild, role_id: int, before: int) -> Doc:
    """What a client may set on a role; nobody gives permissions they do not have."""
    fields = {k: v for k, v in call.data.items() if v is not None or k in ("icon", "unicode_emoji")}
    if "permissions" in fields:
        bits = fields["permissions"] & ALL
        if bits & ~before & ~guild.permissions_of(call.me):
            refuse(403, 50013, "Missing Permissions")
        fields["permissions"] = str(bits)
    if "colors" in fields:
        fields["colors"] = _colors(guild, fields["colors"])
        fields["color"] = fields["colors"]["primary_color"]
    elif "color" in fields:
        fields["colors"] = {"primary_color": fields["color"], "secondary_color": None, "tertiary_color": None}
    mark = next((k for k in ("icon", "unicode_emoji") if fields.get(k) is not None), None)
    if mark is not None:
        _need(guild, "ROLE_ICONS")
        fields["unicode_emoji" if mark == "icon" else "icon"] = None  # a role has one of them
    if "icon" in fields:
        fields["icon"] = call.media.picture("icon", fields["icon"], "role-icons", role_id)
    return fields


def _colors(guild: Guild, given: Doc) -> Doc:
    """The colors of a role; a third one makes it holographic, which has colors of its own."""
    colors = {"primary_color": given.get("primary_color") or 0, "secondary_color": given.get("secondary_color")}
    if colors["secondary_color"] is not None or given.get("tertiary_color") is not None:
        _need(guild, "ENHANCED_ROLE_COLORS")
    return {**colors, "tertiary_color": None} if given.get("tertiary_color") is None else dict(_HOLOGRAPHIC)


def _need(guild: Guild, feature: str) -> None:
    if feature not in guild.doc["features"]:
        refuse(400, 50101, "This server needs more boosts to perform this action")


@operation("update_guild_role")
def update(call: Call) -> Answer:
    guild = call.guild(P.MANAGE_ROLES)
    found = call.thing(guild.roles, "role_id", "role")
    call.above_role(guild, found)
    fields = _fields(call, guild, int(found["id"]), int(found["permissions"]))
    changed = differences(found, fields)
    found |= fields
    if changed:
        call.emit("GUILD_ROLE_UPDATE", guild, int(found["id"]), {"guild_id": str(guild.id), "role": dict(found)})
        call.log(guild, 31, int(found["id"]), changes=changed)
    return ok(found)


@operation("bulk_update_guild_roles")
def move(call: Call) -> Answer:
    guild = call.guild(P.MANAGE_ROLES)
    wanted: dict[int, int] = {}
    for item in call.data:
        if item.get("id") is None or int(item["id"]) not in guild.roles:
            unknown("role")
        if item.get("position") is not None:
            wanted[int(item["id"])] = item["position"]
    if wanted.get(guild.id):
        refuse(400, 50028, "Invalid role")
    top = 1 << 30 if call.me == guild.owner_id else guild.top_position(call.me)
    for role_id, position in wanted.items():
        if max(position, guild.roles[role_id]["position"]) >= top and position != guild.roles[role_id]["position"]:
            refuse(403, 50013, "Missing Permissions")
    for role_id, position in wanted.items():
        moved = guild.roles[role_id]
        if moved["position"] != position:
            moved["position"] = position
            call.emit("GUILD_ROLE_UPDATE", guild, role_id, {"guild_id": str(guild.id), "role": dict(moved)})
    return ok(_sorted(guild))


@operation("delete_guild_role")
def delete(call: Call) -> Answer:
    guild = call.guild(P.MANAGE_ROLES)
    found = call.thing(guild.roles, "role_id", "role")
    role_id = int(found["id"])
    call.above_role(guild, found)
    if found["managed"] or role_id == guild.id:
        refuse(400, 50028, "Invalid role")
    del guild.roles[role_id]
    for user_id, changed in guild.members.items():
        if found["id"] in changed.get("roles", ()):
            kept = [r for r in changed["roles"] if r != found["id"]]
            call.events += changes.change_member(call.world, guild, user_id, roles=kept)
    body = {"guild_id": str(guild.id), "role_id": found["id"]}
    call.emit("GUILD_ROLE_DELETE", guild, role_id, body)
    call.log(guild, 32, role_id, changes=[{"key": "name", "old_value": found["name"]}])
    return NO_CONTENT


@operation("add_guild_member_role")
def add_to_member(call: Call) -> Answer:
    return _change_member(call, add=True)


@operation("delete_guild_member_role")
def remove_from_member(call: Call) -> Answer:
    return _change_member(call, add=False)


def _change_member(call: Call, *, add: bool) -> Answer:
    guild = call.guild(P.MANAGE_ROLES)
    user_id = call.member(guild)
    found = call.thing(guild.roles, "role_id", "role")
    call.above_role(guild, found)
    if found["managed"] or int(found["id"]) == guild.id:
        refuse(403, 50013, "Missing Permissions")
    held = [str(r) for r in guild.held_roles(user_id)]
    if (found["id"] in held) == add:
        return NO_CONTENT  # idempotent: nothing changes, nobody is told
    roles = [*held, found["id"]] if add else [r for r in held if r != found["id"]]
    call.events += changes.change_member(call.world, guild, user_id, roles=roles)
    log_roles(call, guild, user_id, held, roles)
    return NO_CONTENT


def log_roles(call: Call, guild: Guild, user_id: int, before: list[str], after: list[str]) -> None:
    """The audit entry of changed roles: `$add` and `$remove` with partial roles."""
    told = []
    for key, ids in (
        ("$add", [r for r in after if r not in before]),
        ("$remove", [r for r in before if r not in after]),
    ):
        partial = [{"id": r, "name": guild.roles[int(r)]["name"]} for r in ids if int(r) in guild.roles]
        if partial:
            told.append({"key": key, "new_value": partial})
    if told:
        call.log(guild, 25, user_id, changes=told)
