"""Application commands: where an application's are kept, and what Discord demands of one beyond the schema
("Application Commands")."""

from __future__ import annotations

import re

from discord_sim.rules.forms import Tree, leaf
from discord_sim.spec import DOCUMENT
from discord_sim.world.payloads import Doc
from discord_sim.world.world import World

__all__ = [
    "CHAT_INPUT", "MESSAGE", "PER_TYPE_MAX", "PRIMARY_ENTRY_POINT", "USER", "commands_of", "find_command", "mistakes",
]  # fmt: skip

CHAT_INPUT, USER, MESSAGE, PRIMARY_ENTRY_POINT = 1, 2, 3, 4
PER_TYPE_MAX = {CHAT_INPUT: 100, USER: 15, MESSAGE: 15, PRIMARY_ENTRY_POINT: 1}
SIZE_MAX = 8_000
_SUB_COMMANDS = (1, 2)
_LOCALES = frozenset(o["const"] for o in DOCUMENT["components"]["schemas"]["AvailableLocalesEnum"]["oneOf"])
# Letters, digits and _ of any script; Devanagari and Thai with the signs that Python does not count as letters.
_NAME = re.compile(r"[-'\w\u0900-\u0950\u0955-\u0963\u0966-\u097f\ua8e0-\ua8ff\u0e01-\u0e3a\u0e40-\u0e5b]{1,32}")

_REQUIRED = leaf("BASE_TYPE_REQUIRED", "This field is required")
_NO_NAME = leaf("STRING_TYPE_REGEX", "String value did not match validation regex.")
_NOT_LOWER_CASE = leaf("APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")
_NO_DESCRIPTION = leaf(
    "APPLICATION_COMMAND_CONTEXT_MENU_DESCRIPTION_INVALID", "Context menu commands cannot have description"
)
_NO_OPTIONS = leaf("APPLICATION_COMMAND_CONTEXT_MENU_OPTIONS_INVALID", "Only slash commands can have options")
_MIXED = leaf(
    "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID",
    "Sub-command and sub-command group option types are mutually exclusive to all other types",
)
_LATE = leaf(
    "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", "Required options must be placed before non-required options"
)
_BOTH = leaf(
    "APPLICATION_COMMAND_OPTIONS_CHOICES_INVALID", "Autocomplete and choices are mutually exclusive to each other"
)
_TOO_LARGE = leaf("APPLICATION_COMMAND_TOO_LARGE", f"Command exceeds maximum size ({SIZE_MAX})")


def commands_of(world: World, application_id: int, guild_id: int | None) -> dict[int, Doc]:
    """The commands an application has in a guild, or globally, by id."""
    return world.bins.setdefault(f"commands/{application_id}/{guild_id or 'global'}", {})


def find_command(world: World, application_id: int, guild_id: int | None, name: str, kind: int) -> Doc | None:
    """The command with this name and type, of which there is one at most."""
    commands = commands_of(world, application_id, guild_id).values()
    return next((c for c in commands if c["name"] == name and c["type"] == kind), None)


def mistakes(command: Doc, *, in_guild: bool) -> Tree:
    """What is wrong with the definition of a command; empty where nothing is."""
    kind = command["type"]
    tree = _names(command, spelt=kind == CHAT_INPUT)
    if kind == CHAT_INPUT:
        if not command.get("description"):
            tree["description"] = _REQUIRED
        if wrong := _options(command.get("options") or []):
            tree["options"] = wrong
    elif command.get("options"):
        tree["options"] = _NO_OPTIONS
    if kind in (USER, MESSAGE) and command.get("description"):
        tree["description"] = _NO_DESCRIPTION
    if kind == PRIMARY_ENTRY_POINT and in_guild:
        tree["type"] = leaf("BASE_TYPE_CHOICES", "Value must be one of {1, 2, 3}.")
    return tree or (_TOO_LARGE if _size(command) > SIZE_MAX else {})


def _names(item: Doc, *, spelt: bool) -> Tree:
    """Mistakes in the name of a command, an option or a choice and in its translations; `spelt` by the rule."""
    tree: Tree = {}
    if spelt and (wrong := _misspelt(item["name"])):
        tree["name"] = wrong
    for field in ("name_localizations", "description_localizations"):
        for locale, text in (item.get(field) or {}).items():
            wrong = _misspelt(text) if spelt and field == "name_localizations" else None
            if locale not in _LOCALES:
                wrong = leaf("ENUM_TYPE_COERCE", f'Value "{locale}" is not a valid enum value.')
            if wrong:
                tree.setdefault(field, {})[locale] = wrong
    return tree


def _misspelt(name: str) -> Tree | None:
    if not _NAME.fullmatch(name):
        return _NO_NAME
    return None if name == name.lower() else _NOT_LOWER_CASE


def _options(options: list[Doc]) -> Tree:
    tree: Tree = {}
    names = [option["name"] for option in options]
    translated: set[tuple[str, str]] = set()
    optional_before = False
    for index, option in enumerate(options):
        wrong = _names(option, spelt=True)
        for locale, name in (option.get("name_localizations") or {}).items():
            if (locale, name) in translated or name in names[:index] or name in names[index + 1 :]:
                wrong.setdefault("name_localizations", {})[locale] = _used(name)
            translated.add((locale, name))
        is_sub = option["type"] in _SUB_COMMANDS
        if option["name"] in names[:index]:
            wrong |= _used(option["name"])
        elif is_sub != (options[0]["type"] in _SUB_COMMANDS):
            wrong |= _MIXED
        elif option.get("required") and optional_before:
            wrong |= _LATE
        elif option.get("autocomplete") and option.get("choices"):
            wrong |= _BOTH
        optional_before = optional_before or not (is_sub or option.get("required"))
        if inner := _options(option.get("options") or []):
            wrong["options"] = inner
        choices = {str(n): _names(choice, spelt=False) for n, choice in enumerate(option.get("choices") or ())}
        if any(choices.values()):
            wrong["choices"] = {n: inner for n, inner in choices.items() if inner}
        if wrong:
            tree[str(index)] = wrong
    return tree


def _used(name: str) -> Tree:
    return leaf("APPLICATION_COMMAND_OPTIONS_NAME_INVALID", f"Option name {name} is already used in these options")


def _size(item: Doc) -> int:
    """The characters of all names, descriptions and text values; of translations the longest counts."""
    size = len(item["value"]) if isinstance(item.get("value"), str) else 0
    for field in ("name", "description"):
        size += max(len(text) for text in (item.get(field) or "", *(item.get(f"{field}_localizations") or {}).values()))
    return size + sum(_size(inner) for key in ("options", "choices") for inner in item.get(key) or ())
