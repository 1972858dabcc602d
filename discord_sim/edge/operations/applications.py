"""Applications: what the portal shows of one, its attachments, activities and role connections ("Application")."""

from __future__ import annotations

import re
from typing import Any

from discord_sim.edge.call import NO_CONTENT, Call, form_error, ok, operation, unknown
from discord_sim.rules.answers import Answer, generic
from discord_sim.rules.forms import Tree, leaf
from discord_sim.spec import DOCUMENT, skeleton
from discord_sim.wire import Intent
from discord_sim.world.commands import commands_of
from discord_sim.world.guild import Guild
from discord_sim.world.keys import verify_key
from discord_sim.world.payloads import Doc
from discord_sim.world.snowflakes import member_id
from discord_sim.world.world import World

_SCOPES = (
    "identify", "email", "connections", "guilds", "guilds.join", "guilds.members.read", "bot", "webhook.incoming",
    "applications.commands", "applications.commands.update", "applications.commands.permissions.update",
    "applications.entitlements", "role_connections.write", "openid",
)  # fmt: skip
_SWITCHES = {Intent.GUILD_PRESENCES: 1 << 13, Intent.GUILD_MEMBERS: 1 << 15, Intent.MESSAGE_CONTENT: 1 << 19}
_HAS_COMMANDS = 1 << 23
_PUBLIC = DOCUMENT["components"]["schemas"]["ApplicationResponse"]["properties"]
_FOR_NULL: Doc = {  # what null makes of a field that is never null
    "description": "", "tags": [], "event_webhooks_types": [], "explicit_content_filter": 0,
    "integration_types_config": {"0": {}},
}  # fmt: skip
_UNCHANGED_BY_NULL = ("flags", "event_webhooks_status")
_ABSENT_FOR_NULL = ("cover_image", "custom_install_url", "install_params")
_KEY = re.compile(r"[a-z0-9_]{1,50}")


def application(call: Call, application_id: int) -> Doc:
    """An application as its owner sees it."""
    world = call.world
    tokens = [b for b in call.bearers.values() if b.application_id == application_id]
    person = call.person(application_id)
    body = skeleton(
        "PrivateApplicationResponse", id=str(application_id), name=person["username"], bot=person, bot_public=True,
        bot_require_code_grant=False, verify_key=verify_key(world.seed, application_id),
        owner=call.person(member_id(0, 0)), tags=[],
        flags=sum(flag for intent, flag in _SWITCHES.items() if call.settings.allowed_intents >> intent & 1),
        approximate_guild_count=world.guild_total - sum(application_id not in g.bots for g in world.built()),
        approximate_user_install_count=len({b.user_id for b in tokens if "applications.commands" in b.scopes}),
        approximate_user_authorization_count=len({b.user_id for b in tokens}), integration_types_config={"0": {}},
        eligible_oauth2_scopes=list(_SCOPES), event_webhooks_url=None, event_webhooks_status=1,
        event_webhooks_types=[],
    ) | call.bin("applications").get(application_id, {})  # fmt: skip
    if commands_of(world, application_id, None):
        body["flags"] |= _HAS_COMMANDS
    return body | {"flags_new": str(body["flags"])}


def public(call: Call, application_id: int) -> Doc:
    """An application as everybody sees it."""
    return {k: v for k, v in application(call, application_id).items() if k in _PUBLIC}


def _own(call: Call) -> int:
    if "application_id" in call.params:
        return call.application()
    if call.me not in call.world.bots:
        unknown("application")
    return call.me


@operation("get_my_application", "get_application", "get_my_oauth2_application")
def get(call: Call) -> Answer:
    return ok(application(call, _own(call)))


@operation("update_my_application", "update_application")
def update(call: Call) -> Answer:
    application_id = _own(call)
    endpoint = call.data.get("interactions_endpoint_url")
    if endpoint is not None and (application_id, endpoint) not in call.world.endpoints:
        message = "The specified interactions endpoint url could not be verified."
        form_error({"interactions_endpoint_url": leaf("APPLICATION_INTERACTIONS_ENDPOINT_URL_INVALID", message)})
    for kind in call.data.get("integration_types_config") or ():
        if kind not in ("0", "1"):
            message = f'Value "{kind}" is not a valid enum value.'
            form_error({"integration_types_config": {kind: leaf("ENUM_TYPE_COERCE", message)}})
    new = {
        field: _cleaned(call, application_id, field, value)
        for field, value in call.data.items()
        if field != "team_id" and (value is not None or field not in _UNCHANGED_BY_NULL)  # there are no teams here
    }
    kept = call.bin("applications").setdefault(application_id, {})
    kept |= new
    for field in _ABSENT_FOR_NULL:
        if field in kept and kept[field] is None:
            del kept[field]
    return ok(application(call, application_id))


def _cleaned(call: Call, application_id: int, field: str, value: Any) -> Any:
    """A field as it is kept, from what a client set."""
    if field in ("icon", "cover_image"):
        return call.media.picture(field, value, "app-icons", application_id)
    if field == "flags":
        switches = sum(_SWITCHES.values())  # the only flags that can be set
        return application(call, application_id)["flags"] & ~_HAS_COMMANDS & ~switches | value & switches
    if field == "install_params":
        return None if value is None else _install_params(value)
    if field == "description" and isinstance(value, dict):
        return value["default"]
    if field == "integration_types_config" and value:
        return {
            kind: {k: _install_params(v) for k, v in (config or {}).items() if v is not None}
            for kind, config in value.items()
        }
    return value or _FOR_NULL.get(field, value)


def _install_params(given: Doc) -> Doc:
    return {"scopes": given.get("scopes") or [], "permissions": str(given.get("permissions") or 0)}


# -- attachments and activities ------------------------------------------------------------------------------


@operation("upload_application_attachment")
def upload(call: Call) -> Answer:
    application_id = call.application()
    file = next((f for f in call.files if f.field == "file"), None)
    if file is None:
        form_error({"file": leaf("BASE_TYPE_REQUIRED", "This field is required")})
    kept = call.media.attachment(call.settings.cdn_url, application_id, call.new_id(), file, call.epoch_ms)
    return ok({"attachment": {**kept, "ephemeral": True}})


def launch(world: World, application_id: int, guild: Guild | None, channel: Doc, user_id: int, epoch_ms: int) -> Doc:
    """A user launches an application's activity in a channel."""
    made = world.new_id(epoch_ms)
    place = f"pc-{channel['id']}" if guild is None else f"gc-{guild.id}-{channel['id']}"
    location = {"id": place, "kind": place[:2], "channel_id": channel["id"]}
    if guild is not None:
        location["guild_id"] = str(guild.id)
    instance = world.bins.setdefault(f"activities/{application_id}", {})[made] = {
        "application_id": str(application_id), "instance_id": f"i-{made}-{place}", "launch_id": str(made),
        "location": location, "users": [str(user_id)],
    }  # fmt: skip
    return instance


@operation("applications_get_activity_instance")
def activity(call: Call) -> Answer:
    running = call.bin(f"activities/{call.application()}").values()
    found = next((i for i in running if i["instance_id"] == call.params["instance_id"]), None)
    return generic(404, "Not Found") if found is None else ok(found)


# -- role connections ----------------------------------------------------------------------------------------


def _records(call: Call) -> Doc:
    return call.bin("role_connections_metadata").setdefault(call.application(), {"items": []})


@operation("get_application_role_connections_metadata")
def metadata(call: Call) -> Answer:
    return ok(_records(call)["items"])


@operation("update_application_role_connections_metadata")
def set_metadata(call: Call) -> Answer:
    records = _records(call)
    given: list[Doc] = call.data or []
    tree: Tree = {}
    for index, item in enumerate(given):
        if not _KEY.fullmatch(item["key"]):
            tree[str(index)] = {"key": leaf("STRING_TYPE_REGEX", "Must be a-z, 0-9 or _ characters.")}
    if tree:
        form_error(tree)
    records["items"] = [
        {k: {n: text for n, text in v.items() if text is not None} if isinstance(v, dict) else v
         for k, v in item.items()}
        for item in given
    ]  # fmt: skip
    return ok(records["items"])


def _connections(call: Call) -> dict[int, Doc]:
    application_id = call.application()
    call.scope("role_connections.write")
    return call.bin(f"role_connections/{application_id}")


@operation("get_application_user_role_connection")
def connection(call: Call) -> Answer:
    return ok(_connections(call).get(call.me, {"platform_username": None, "metadata": {}}))


@operation("update_application_user_role_connection")
def set_connection(call: Call) -> Answer:
    connections = _connections(call)
    made = {"platform_username": call.data.get("platform_username"), "metadata": call.data.get("metadata") or {}}
    if call.data.get("platform_name") is not None:
        made["platform_name"] = call.data["platform_name"]
    connections[call.me] = made
    return ok(made)


@operation("delete_application_user_role_connection")
def delete_connection(call: Call) -> Answer:
    _connections(call).pop(call.me, None)
    return NO_CONTENT
