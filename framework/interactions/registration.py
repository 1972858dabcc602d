"""Telling Discord an application's commands, when they are not those it knows already ("Application Commands").

One request tells what is there; a second one follows only where something differs: making commands is limited to 200
a day, and each change makes clients load the command anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from framework.models import UNSET, to_wire
from framework.models.command import ApplicationCommand, ApplicationCommandType, NewApplicationCommand
from framework.models.interaction import InteractionContextType
from framework.rest.api import Endpoints

__all__ = ["is_same", "register"]

_GLOBAL_ONLY = ("contexts", "integration_types")


async def register(
    rest: Endpoints, application_id: int, commands: Sequence[NewApplicationCommand], guild_id: int | None = None
) -> list[ApplicationCommand]:
    """Have exactly these commands, globally or in a guild; returns them as Discord knows them.

    An entry point command stays as it is: Discord does not let a bulk overwrite remove one.

    Raises:
        RequestFailed: Discord refused; its answer names the field.
    """
    if guild_id is None:
        known = await rest.get_global_application_commands(application_id, with_localizations=True)
    else:
        known = await rest.get_guild_application_commands(application_id, guild_id, with_localizations=True)
        commands = [_of_guild(command) for command in commands]
    kept = [c for c in known if c.type == ApplicationCommandType.PRIMARY_ENTRY_POINT]
    if is_same([c for c in known if c not in kept], commands):
        return known
    wanted: list[ApplicationCommand | NewApplicationCommand] = [*commands, *kept]
    if guild_id is None:
        return await rest.bulk_overwrite_global_application_commands(application_id, wanted)
    return await rest.bulk_overwrite_guild_application_commands(application_id, guild_id, wanted)


def is_same(known: Sequence[ApplicationCommand], wanted: Sequence[NewApplicationCommand]) -> bool:
    """Whether Discord knows what is wanted, in whatever order. Of `integration_types` only what is said counts."""
    have = {_key(doc): doc for doc in (to_wire(command) for command in known)}
    want = {_key(doc): doc for doc in (_wire(command) for command in wanted)}
    return have.keys() == want.keys() and all(_agree(have[key], want[key]) for key in want)


def _of_guild(command: NewApplicationCommand) -> NewApplicationCommand:
    told: Any = {key: value for key, value in command.items() if key not in _GLOBAL_ONLY}
    return told  # type: ignore[no-any-return]


def _wire(command: NewApplicationCommand) -> dict[str, Any]:
    return {key: to_wire(value) for key, value in command.items() if value is not UNSET}


def _key(doc: Mapping[str, Any]) -> tuple[int, str]:
    return doc.get("type") or ApplicationCommandType.CHAT_INPUT, doc["name"]


def _agree(have: Mapping[str, Any], want: Mapping[str, Any]) -> bool:
    types = want.get("integration_types")
    if types is not None and sorted(types) != sorted(have.get("integration_types") or ()):
        return False
    return _command(have) == _command(want)


def _command(doc: Mapping[str, Any]) -> dict[str, Any]:
    """What makes a command what it is, with Discord's defaults for what is not said."""
    bits = doc.get("default_member_permissions")
    everywhere = list(InteractionContextType)
    return {
        **_texts(doc),
        "nsfw": bool(doc.get("nsfw")),
        "default_member_permissions": None if bits is None else int(bits),
        "contexts": sorted(everywhere if doc.get("contexts") is None else doc["contexts"]),
        "options": [_option(option) for option in doc.get("options") or ()],
    }


def _option(doc: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **_texts(doc),
        "type": doc["type"],
        "name": doc["name"],
        "required": bool(doc.get("required")),
        "autocomplete": bool(doc.get("autocomplete")),
        "channel_types": sorted(doc.get("channel_types") or ()),
        "file_types": sorted(doc.get("file_types") or ()),
        **{key: doc.get(key) for key in ("min_value", "max_value", "min_length", "max_length")},
        "choices": [{**_texts(c), "name": c["name"], "value": c["value"]} for c in doc.get("choices") or ()],
        "options": [_option(inner) for inner in doc.get("options") or ()],
    }


def _texts(doc: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "description": doc.get("description") or "",
        "name_localizations": doc.get("name_localizations") or {},
        "description_localizations": doc.get("description_localizations") or {},
    }
