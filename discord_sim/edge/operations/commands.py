"""Application commands, global and of a guild, and who may use them there ("Application Commands")."""

from __future__ import annotations

from collections.abc import Iterable

from discord_sim.edge.call import NO_CONTENT, Call, Refused, form_error, ok, operation, refuse, unknown
from discord_sim.edge.operations.applications import application
from discord_sim.edge.operations.guilds import differences
from discord_sim.rules.answers import Answer, shared_429
from discord_sim.rules.buckets import Law
from discord_sim.rules.forms import Tree, leaf
from discord_sim.rules.permissions import Permission as P
from discord_sim.spec import skeleton
from discord_sim.world.commands import (
    CHAT_INPUT,
    PER_TYPE_MAX,
    PRIMARY_ENTRY_POINT,
    commands_of,
    find_command,
    mistakes,
)
from discord_sim.world.guild import Guild
from discord_sim.world.payloads import Doc

# Observed: whoever is over the documented 200 a day is told to wait 432 s, the 200th part of a day.
_CREATES = Law(200, 86_400_000)
_ENTRY_POINT_LOST = (
    "You cannot remove this app's Entry Point command in a bulk update operation. Please include the Entry Point "
    "command in your update request or delete it separately."
)
_APP_HANDLER = 1
_ROLE, _USER, _CHANNEL = 1, 2, 3


def _place(call: Call, scope: str = "applications.commands.update") -> tuple[int, Guild | None]:
    """The application of the path, and the guild where the path has one; the application must be in it."""
    application_id = call.application()
    call.scope(scope)
    if "guild_id" not in call.params:
        return application_id, None
    guild_id = call.id("guild_id")
    guild = call.world.guild(guild_id)
    if guild is None or guild.id != guild_id:
        unknown("guild")
    if application_id not in guild.bots or guild_id in call.world.denied:
        refuse(403, 50001, "Missing Access")
    return application_id, guild


def _commands(call: Call) -> tuple[int, Guild | None, dict[int, Doc]]:
    application_id, guild = _place(call)
    return application_id, guild, commands_of(call.world, application_id, None if guild is None else guild.id)


@operation("list_application_commands", "list_guild_application_commands")
def commands(call: Call) -> Answer:
    found = _commands(call)[2].values()
    return ok(list(found) if call.query.get("with_localizations") else [_translated(c) for c in found])


def _translated(item: Doc) -> Doc:
    """A command, option or choice with the translation for the caller in place of all: a bot's locale is en-US."""
    shown = {k: v for k, v in item.items() if not k.endswith("_localizations")}
    for field in ("name", "description"):
        known = item.get(f"{field}_localizations") or {}
        if (text := known.get("en-US", known.get("en-GB"))) is not None:
            shown[f"{field}_localized"] = text
    for field in ("options", "choices"):
        if field in item:
            shown[field] = [_translated(inner) for inner in item[field]]
    return shown


@operation("get_application_command", "get_guild_application_command")
def get(call: Call) -> Answer:
    return ok(call.thing(_commands(call)[2], "command_id", "application command"))


# -- making and changing -------------------------------------------------------------------------------------


@operation("create_application_command", "create_guild_application_command")
def create(call: Call) -> Answer:
    application_id, guild, known = _commands(call)
    given = _typed(call.data)
    if wrong := mistakes(given, in_guild=guild is not None):
        form_error(wrong)
    old = find_command(call.world, application_id, None if guild is None else guild.id, given["name"], given["type"])
    if old is None:
        _fit([*known.values(), given])
        _count_creates(call, application_id, guild, 1)
    made = _made(call, application_id, guild, given, old)
    known[int(made["id"])] = made
    return ok(made, 201 if old is None else 200)


@operation("update_application_command", "update_guild_application_command")
def update(call: Call) -> Answer:
    application_id, guild, known = _commands(call)
    old = call.thing(known, "command_id", "application command")
    given = {**old, **call.data}
    if wrong := mistakes(given, in_guild=guild is not None):
        form_error(wrong)
    if any(c is not old and (c["name"], c["type"]) == (given["name"], given["type"]) for c in known.values()):
        refuse(400, 40041, "An application command with that name already exists")
    made = _made(call, application_id, guild, given, old)
    known[int(made["id"])] = made
    if made["name"] != old["name"]:
        _forget_permissions(call, application_id, old)
    return ok(made)


@operation("delete_application_command", "delete_guild_application_command")
def delete(call: Call) -> Answer:
    application_id, _, known = _commands(call)
    old = call.thing(known, "command_id", "application command")
    del known[int(old["id"])]
    _forget_permissions(call, application_id, old)
    return NO_CONTENT


@operation("bulk_set_application_commands", "bulk_set_guild_application_commands")
def bulk_set(call: Call) -> Answer:
    application_id, guild, known = _commands(call)
    wanted = [_typed(item) for item in call.data or ()]
    tree: Tree = {}
    taken = set()
    for index, given in enumerate(wanted):
        key = given["name"], given["type"]
        wrong = mistakes(given, in_guild=guild is not None)
        if not wrong and key in taken:
            wrong = leaf("APPLICATION_COMMANDS_DUPLICATE_NAME", "Application command names must be unique")
        if wrong:
            tree[str(index)] = wrong
        taken.add(key)
    if tree:
        form_error(tree)
    _fit(wanted)
    if PRIMARY_ENTRY_POINT in _types(known.values()) - _types(wanted):
        refuse(400, 50240, _ENTRY_POINT_LOST)
    replaced = _replaced(known, wanted)
    _count_creates(call, application_id, guild, replaced.count(None))
    made = [_made(call, application_id, guild, given, old) for given, old in zip(wanted, replaced, strict=True)]
    names = {command["id"]: command["name"] for command in made}
    for old in known.values():
        if names.get(old["id"]) != old["name"]:
            _forget_permissions(call, application_id, old)
    known.clear()
    known.update({int(command["id"]): command for command in made})
    return ok(made)


def _replaced(known: dict[int, Doc], wanted: list[Doc]) -> list[Doc | None]:
    """What each of `wanted` takes the place of: the command with its id, else with its name; None where it is new."""
    left = dict(known)
    found = [left.pop(int(given.get("id") or 0), None) for given in wanted]
    by_name = {(c["name"], c["type"]): c for c in left.values()}
    return [old or by_name.get((given["name"], given["type"])) for old, given in zip(found, wanted, strict=True)]


def _typed(given: Doc) -> Doc:
    return {**given, "type": given.get("type") or CHAT_INPUT}


def _types(commands: Iterable[Doc]) -> set[int]:
    return {command["type"] for command in commands}


def _fit(wanted: list[Doc]) -> None:
    """Refuse where there would be too many commands of a type."""
    for kind, most in PER_TYPE_MAX.items():
        if sum(c["type"] == kind for c in wanted) > most:
            refuse(400, 30032, f"Maximum number of application commands reached ({most})")


def _count_creates(call: Call, application_id: int, guild: Guild | None, count: int) -> None:
    """Book commands that are new; 429 / 30034 where the day's creates are spent, and then none is booked."""
    if not count:
        return
    taken = call.spend(f"commands of {application_id}", 0 if guild is None else guild.id, _CREATES, count)
    if not taken.allowed:
        message = "Max number of daily application command creates has been reached (200)"
        raise Refused(shared_429(taken.retry_after_ms, {}, 30034, message))


def _made(call: Call, application_id: int, guild: Guild | None, given: Doc, old: Doc | None) -> Doc:
    """The command as it is kept; `old` is what it replaces, whose version it has where nothing differs."""
    bits = given.get("default_member_permissions")
    made = skeleton(
        "ApplicationCommandResponse", application_id=str(application_id), type=given["type"], name=given["name"],
        name_localizations=given.get("name_localizations"), description=given.get("description") or "",
        description_localizations=given.get("description_localizations"), nsfw=bool(given.get("nsfw")),
        default_member_permissions=None if bits is None else str(bits),
    )  # fmt: skip
    if given.get("options"):
        made["options"] = [_without_nulls(option) for option in given["options"]]
    if given["type"] == PRIMARY_ENTRY_POINT:
        made["handler"] = given.get("handler") or _APP_HANDLER
    if guild is None:
        made |= {
            "contexts": given.get("contexts"), "dm_permission": given.get("dm_permission") is not False,
            "integration_types": given.get("integration_types") or _supported(call, application_id),
        }  # fmt: skip
    else:
        made["guild_id"] = str(guild.id)
    made["id"] = str(call.new_id()) if old is None else old["id"]
    if old is not None and {**made, "version": old["version"]} == old:
        return old
    made["version"] = str(call.new_id())
    return made


def _supported(call: Call, application_id: int) -> list[int]:
    return sorted(map(int, application(call, application_id)["integration_types_config"]))


def _without_nulls(item: Doc) -> Doc:
    kept = {k: v for k, v in item.items() if v is not None}
    for field in ("options", "choices"):
        if field in kept:
            kept[field] = [_without_nulls(inner) for inner in kept[field]]
    return kept


# -- permissions: by application, then by the command's id (or the application's own, for all), then by guild ------


def _permissions(call: Call, application_id: int) -> dict[int, Doc]:
    return call.bin(f"command_permissions/{application_id}")


def _forget_permissions(call: Call, application_id: int, command: Doc) -> None:
    """Documented: deleting or renaming a command deletes all its permissions."""
    _permissions(call, application_id).pop(int(command["id"]), None)


def _place_of_permissions(call: Call) -> tuple[int, Guild]:
    application_id, guild = _place(call, "applications.commands.permissions.update")
    assert guild is not None
    return application_id, guild


def _command_id(call: Call, application_id: int, guild: Guild) -> int:
    command_id = call.id("command_id")
    known = (commands_of(call.world, application_id, place) for place in (guild.id, None))
    if command_id != application_id and not any(command_id in commands for commands in known):
        unknown("application command")
    return command_id


@operation("list_guild_application_command_permissions")
def all_permissions(call: Call) -> Answer:
    application_id, guild = _place_of_permissions(call)
    found = _permissions(call, application_id).values()
    return ok([by_guild[str(guild.id)] for by_guild in found if str(guild.id) in by_guild])


@operation("get_guild_application_command_permissions")
def get_permissions(call: Call) -> Answer:
    application_id, guild = _place_of_permissions(call)
    by_guild = _permissions(call, application_id).get(_command_id(call, application_id, guild), {})
    if str(guild.id) not in by_guild:
        unknown("application command permissions")
    return ok(by_guild[str(guild.id)])


@operation("set_guild_application_command_permissions")
def set_permissions(call: Call) -> Answer:
    application_id, guild = _place_of_permissions(call)
    if call.me in call.world.bots:
        refuse(403, 20001, "Bots cannot use this endpoint")
    call.guild(P.MANAGE_GUILD | P.MANAGE_ROLES)
    command_id = _command_id(call, application_id, guild)
    wanted = {item["id"]: item for item in call.data.get("permissions") or ()}
    for item in wanted.values():
        _check_target(call, guild, int(item["id"]), item["type"])
    doc = skeleton(
        "CommandPermissionsResponse", id=str(command_id), application_id=str(application_id), guild_id=str(guild.id),
        permissions=list(wanted.values()),
    )  # fmt: skip
    by_guild = _permissions(call, application_id).setdefault(command_id, {})
    before = by_guild.pop(str(guild.id), {"permissions": []})
    if wanted:
        by_guild[str(guild.id)] = doc
    known = {item["id"]: item for item in before["permissions"]}
    if changed := differences(known, dict.fromkeys(known) | wanted):
        call.emit("APPLICATION_COMMAND_PERMISSIONS_UPDATE", guild, command_id, doc)
        call.log(guild, 121, command_id, changes=changed, options={"application_id": str(application_id)})
    return ok(doc)


def _check_target(call: Call, guild: Guild, target_id: int, kind: int) -> None:
    """Refuse a role, user or channel that is not there; the guild's id less one stands for all channels."""
    if kind == _ROLE and target_id not in guild.roles:
        unknown("role")
    if kind == _USER and not call.world.user_exists(target_id):
        unknown("user")
    if kind == _CHANNEL and target_id not in guild.channels and target_id != guild.id - 1:
        unknown("channel")
