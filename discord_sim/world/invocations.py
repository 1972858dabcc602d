"""What a user's client sends when somebody uses a command, a component or a modal: the `data` of the interaction, with
everything resolved that it names ("Receiving and Responding to Interactions").
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

from discord_sim.world.commands import CHAT_INPUT, MESSAGE, USER, find_command
from discord_sim.world.guild import Guild, Message
from discord_sim.world.payloads import Doc
from discord_sim.world.world import World

__all__ = ["CannotInvoke", "command_data", "component_data", "modal_data"]

_GROUPS = (1, 2)
_KINDS: dict[int, tuple[type, ...]] = {3: (str,), 4: (int,), 5: (bool,), 10: (int, float), 11: (dict,)}
_USER, _CHANNEL, _ROLE, _MENTIONABLE = 6, 7, 8, 9
_RESOLVED = {5: _USER, 6: _ROLE, 7: _MENTIONABLE, 8: _CHANNEL}  # type of a select menu -> type of option
_CHANNEL_FIELDS = ("id", "name", "type", "parent_id", "thread_metadata", "nsfw", "position", "topic", "flags")


class CannotInvoke(ValueError):
    """A user's client would not let them do this."""


# -- commands ------------------------------------------------------------------------------------------------


def command_data(
    world: World, application_id: int, guild: Guild | None, channel: Doc, name: str, options: Mapping[str, Any], *,
    kind: int = CHAT_INPUT, target_id: int | None = None, focused: str | None = None,
) -> Doc:  # fmt: skip
    """The `data` of a command or, with `focused` (an option's name), of an autocomplete.

    `name` may lead to a sub-command: `"role add"`. `options` are values by name. Raises CannotInvoke for a command or
    option that is not registered, a missing required option, or a value of another type.
    """
    first, *path = name.split(" ") if kind == CHAT_INPUT else [name]
    command = None
    for place in (None if guild is None else guild.id, None):
        command = command or find_command(world, application_id, place, first, kind)
    if command is None:
        raise CannotInvoke(f"application {application_id} has no command {first!r} of type {kind} here")
    data: Doc = {"id": command["id"], "name": command["name"], "type": kind}
    if guild is not None and command.get("guild_id"):
        data["guild_id"] = command["guild_id"]
    resolved: Doc = {}
    if kind == CHAT_INPUT:
        data["options"] = _descend(world, guild, channel, command, path, options, resolved, focused)
    elif kind in (USER, MESSAGE):
        if target_id is None:
            raise CannotInvoke(f"{name!r} is used on something: target_id is missing")
        data["target_id"] = str(target_id)
        _resolve(world, guild, channel, _USER if kind == USER else 0, target_id, resolved)
    return data | ({"resolved": resolved} if resolved else {})


def _descend(
    world: World, guild: Guild | None, channel: Doc, item: Doc, path: list[str], options: Mapping[str, Any],
    resolved: Doc, focused: str | None,
) -> list[Doc]:  # fmt: skip
    known = {option["name"]: option for option in item.get("options") or ()}
    if path:
        below = known.get(path[0])
        if below is None or below["type"] not in _GROUPS:
            raise CannotInvoke(f"{item['name']!r} has no sub-command {path[0]!r}")
        inner = _descend(world, guild, channel, below, path[1:], options, resolved, focused)
        return [{"name": below["name"], "type": below["type"], "options": inner}]
    if any(option["type"] in _GROUPS for option in known.values()):
        raise CannotInvoke(f"{item['name']!r} needs one of its sub-commands: {', '.join(known)}")
    unknown = [name for name in options if name not in known]
    if unknown:
        raise CannotInvoke(f"{item['name']!r} has no option {unknown[0]!r}")
    missing = [n for n, o in known.items() if o.get("required") and n not in options]
    if missing and focused is None:
        raise CannotInvoke(f"{item['name']!r} needs the option {missing[0]!r}")
    return [
        _value(world, guild, channel, known[name], value, resolved, focused=name == focused)
        for name, value in options.items()
    ]


def _value(
    world: World, guild: Guild | None, channel: Doc, option: Doc, value: Any, resolved: Doc, *, focused: bool
) -> Doc:
    kind, name = option["type"], option["name"]
    sent: Doc = {"name": name, "type": kind}
    if focused:
        return {**sent, "value": value, "focused": True}  # what was typed so far may be anything
    if kind in _KINDS:
        if not isinstance(value, _KINDS[kind]) or (kind in (4, 10) and isinstance(value, bool)):
            raise CannotInvoke(f"option {name!r} is no {'/'.join(t.__name__ for t in _KINDS[kind])}: {value!r}")
        choices = [choice["value"] for choice in option.get("choices") or ()]
        if choices and value not in choices:
            raise CannotInvoke(f"option {name!r} is one of {choices}, not {value!r}")
        if isinstance(value, dict):  # an attachment
            resolved.setdefault("attachments", {})[value["id"]] = value
            return {**sent, "value": value["id"]}
        return {**sent, "value": value}
    _resolve(world, guild, channel, kind, int(value), resolved)
    return {**sent, "value": str(value)}


def _resolve(world: World, guild: Guild | None, channel: Doc, kind: int, thing_id: int, resolved: Doc) -> None:
    """Put what an id names under `resolved`. Raises CannotInvoke where there is nothing of that kind."""
    key = str(thing_id)
    if kind in (_USER, _MENTIONABLE) and world.user_exists(thing_id):
        resolved.setdefault("users", {})[key] = world.user_payload(thing_id)
        if guild is not None and world.is_member(guild, thing_id):
            member = world.member_payload(guild, thing_id, with_user=False)
            bits = str(guild.permissions_in(channel, thing_id))
            shown = {k: v for k, v in member.items() if k not in ("deaf", "mute")}
            resolved.setdefault("members", {})[key] = {**shown, "permissions": bits}
    elif kind in (_ROLE, _MENTIONABLE) and guild is not None and thing_id in guild.roles:
        resolved.setdefault("roles", {})[key] = guild.roles[thing_id]
    elif kind == _CHANNEL and guild is not None and thing_id in guild.channels:
        found = guild.channels[thing_id]
        resolved.setdefault("channels", {})[key] = {k: found[k] for k in _CHANNEL_FIELDS if k in found}
    elif kind == 0 and (message := world.message(int(channel["id"]), thing_id)) is not None:
        resolved.setdefault("messages", {})[key] = message.doc
    else:
        raise CannotInvoke(f"nothing here has the id {thing_id}")


# -- components and modals -----------------------------------------------------------------------------------


def _walk(components: list[Doc]) -> Iterator[Doc]:
    for component in components:
        yield component
        yield from _walk(component.get("components") or [])
        for inner in ("accessory", "component"):
            if component.get(inner):
                yield from _walk([component[inner]])


def _pick(
    world: World, guild: Guild | None, channel: Doc, component: Doc, values: list[Any], resolved: Doc
) -> list[str]:
    kind = component["type"]
    low, high = component.get("min_values", 1), component.get("max_values", 1)
    if not low <= len(values) <= high:
        raise CannotInvoke(f"{component['custom_id']!r} takes {low} to {high} values, not {len(values)}")
    offered = [o["value"] for o in component.get("options") or ()]
    for value in values:
        if kind in _RESOLVED:
            _resolve(world, guild, channel, _RESOLVED[kind], int(value), resolved)
        elif value not in offered:
            raise CannotInvoke(f"{component['custom_id']!r} offers {offered}, not {value!r}")
    return [str(value) for value in values]


def component_data(
    world: World, guild: Guild | None, channel: Doc, message: Message, custom_id: str, values: list[Any]
) -> Doc:
    """The `data` of a button or select menu of a message. Raises CannotInvoke."""
    found = next((c for c in _walk(message.doc["components"]) if c.get("custom_id") == custom_id), None)
    if found is None:
        raise CannotInvoke(f"message {message.id} has no component {custom_id!r}")
    if found.get("disabled"):
        raise CannotInvoke(f"{custom_id!r} is disabled")
    data: Doc = {"custom_id": custom_id, "component_type": found["type"], "id": found["id"]}
    if found["type"] == 2:
        return data
    resolved: Doc = {}
    data["values"] = _pick(world, guild, channel, found, values, resolved)
    return data | ({"resolved": resolved} if resolved else {})


def modal_data(world: World, guild: Guild | None, channel: Doc, modal: Doc, values: Mapping[str, Any]) -> Doc:
    """The `data` of a submitted modal: its components with what was typed or picked. Raises CannotInvoke."""
    unknown = set(values) - {c.get("custom_id") for c in _walk(modal["components"])}
    if unknown:
        raise CannotInvoke(f"the modal has no field {sorted(unknown)[0]!r}")
    resolved: Doc = {}
    chosen = {c.get("id") for c in _walk(modal["components"])}
    ids = (n for n in itertools.count(1) if n not in chosen)  # what the application did not number is numbered
    components = [_filled(world, guild, channel, c, values, resolved, ids) for c in modal["components"]]
    data = {"custom_id": modal["custom_id"], "components": components}
    return data | ({"resolved": resolved} if resolved else {})


def _filled(
    world: World, guild: Guild | None, channel: Doc, component: Doc, values: Mapping[str, Any], resolved: Doc,
    ids: Iterator[int],
) -> Doc:  # fmt: skip
    sent: Doc = {"type": component["type"], "id": component.get("id") or next(ids)}
    if component.get("components"):
        return sent | {
            "components": [_filled(world, guild, channel, c, values, resolved, ids) for c in component["components"]]
        }
    if component.get("component"):
        return sent | {"component": _filled(world, guild, channel, component["component"], values, resolved, ids)}
    name = component.get("custom_id")
    if name is None:
        return sent
    given = values.get(name)
    if component["type"] == 4:
        text = "" if given is None else str(given)
        low = component.get("min_length") or (1 if component.get("required", True) else 0)
        if not low <= len(text) <= (component.get("max_length") or 4000):
            raise CannotInvoke(f"{name!r} takes {low} to {component.get('max_length') or 4000} characters")
        return sent | {"custom_id": name, "value": text}
    picked = [] if given is None else list(given)
    return sent | {"custom_id": name, "values": _pick(world, guild, channel, component, picked, resolved)}
