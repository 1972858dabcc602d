"""Commands as a program declares them, and what Discord is told of them ("Application Commands").

Plain values; knows nothing of who answers and how it is sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypedDict, cast

from framework.errors import InvalidUse
from framework.interactions.parameters import NAME, check_text
from framework.models import UNSET
from framework.models.command import (
    ApplicationCommandOption,
    ApplicationCommandOptionType,
    ApplicationCommandType,
    NewApplicationCommand,
)
from framework.models.interaction import InteractionContextType
from framework.models.permissions import Permissions

__all__ = ["CommandSettings", "Declarations", "Declared", "Texts"]

_NOTHING = Permissions(0)
DEPTH_MAX, NAME_MAX, SUBS_MAX = 3, 32, 25


class Texts(TypedDict, total=False):
    """Translations by locale ("de", "pt-BR")."""

    name_localizations: Mapping[str, str]
    description_localizations: Mapping[str, str]


class CommandSettings(Texts, total=False):
    """What can be said of a whole command besides; of sub-commands, `group` says it."""

    default_member_permissions: int  # who sees it in a guild, until that decides otherwise; else `needs`
    contexts: Sequence[int]  # InteractionContextType; with `needs`, guilds only by default
    integration_types: Sequence[int]  # ApplicationIntegrationType; by default as the application is installed
    nsfw: bool


@dataclass(frozen=True, slots=True)
class Declared:
    """A command, a sub-command, or (`is_group`) what holds sub-commands."""

    path: tuple[str, ...]
    description: str = ""
    type: int = ApplicationCommandType.CHAT_INPUT
    options: list[ApplicationCommandOption] = field(default_factory=list)
    needs: Permissions = _NOTHING
    settings: CommandSettings = field(default_factory=CommandSettings)
    is_group: bool = False

    def __post_init__(self) -> None:
        shown = " ".join(self.path)
        if self.type != ApplicationCommandType.CHAT_INPUT:
            check_text(f"the name {shown!r}", shown, NAME_MAX)
            return
        for part in self.path:
            if not NAME.fullmatch(part) or part != part.lower():
                raise InvalidUse(f"{shown!r}: a name has 1 to 32 letters, digits, - and _, in lower case; not {part!r}")
        if len(self.path) > DEPTH_MAX - self.is_group:
            raise InvalidUse(f"{shown!r}: it may be a command, a group and a sub-command, no more")
        check_text(f"{shown!r}: its description", self.description)
        if len(self.path) > 1 and (told := set(self.settings) - set(Texts.__annotations__)):
            raise InvalidUse(f"{shown!r}: {min(told)} is of the whole command; say it by group({self.path[0]!r}, …)")


class Declarations:
    """All commands of a program. What contradicts another is refused when it is declared."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, tuple[str, ...]], Declared] = {}

    def add(self, declared: Declared) -> None:
        """Declare one more. Raises InvalidUse where a name is taken, or both used and a group."""
        shown, chats = " ".join(declared.path), ApplicationCommandType.CHAT_INPUT
        if (declared.type, declared.path) in self._known:
            raise InvalidUse(f"{shown!r} is declared already")
        if declared.type == chats:
            for depth in range(1, len(declared.path)):
                above = self._known.get((chats, declared.path[:depth]))
                if above is not None and not above.is_group:
                    raise InvalidUse(f"{shown!r}: {' '.join(above.path)!r} is a command and can hold no other")
                inside = self._below(declared.path[:depth])
                if len(inside) >= SUBS_MAX and declared.path[: depth + 1] not in inside:
                    raise InvalidUse(f"{shown!r}: {' '.join(declared.path[:depth])!r} holds {SUBS_MAX} already")
            if not declared.is_group and self._below(declared.path):
                raise InvalidUse(f"{shown!r} holds other commands and can be none itself")
        self._known[declared.type, declared.path] = declared

    def needs(self, declared: Declared) -> Permissions:
        """What a member needs for a command, by what it says itself and what those say that hold it."""
        needed = declared.needs
        for depth in range(1, len(declared.path)):
            above = self._known.get((declared.type, declared.path[:depth]))
            needed |= above.needs if above is not None else _NOTHING
        return needed

    def payload(self) -> list[NewApplicationCommand]:
        """Every command with all that it holds, as it is registered; a group without commands is left out."""
        tops = dict.fromkeys((kind, path[0]) for kind, path in self._known)
        made = (self._command(kind, name) for kind, name in tops)
        return [command for command in made if command is not None]

    def _command(self, kind: int, name: str) -> NewApplicationCommand | None:
        declared = self._known.get((kind, (name,))) or _unsaid((name,))
        below = self._below((name,)) if kind == ApplicationCommandType.CHAT_INPUT else []
        if declared.is_group and not below:
            return None
        said = declared.settings.items()
        told: dict[str, Any] = {key: dict(value) if isinstance(value, Mapping) else value for key, value in said}
        if declared.needs:
            told.setdefault("default_member_permissions", int(declared.needs))
            told.setdefault("contexts", [InteractionContextType.GUILD])
        options = [self._inner(path) for path in below] or declared.options
        command = {"name": name, "type": kind, **told}
        if kind == ApplicationCommandType.CHAT_INPUT:
            command |= {"description": declared.description, "options": options}
        return cast("NewApplicationCommand", command)

    def _inner(self, path: tuple[str, ...]) -> ApplicationCommandOption:
        """A sub-command, or a group of some."""
        declared = self._known.get((ApplicationCommandType.CHAT_INPUT, path)) or _unsaid(path)
        below = self._below(path)
        types = ApplicationCommandOptionType
        texts: dict[str, Any] = {
            key: dict(said) for key, said in declared.settings.items() if isinstance(said, Mapping)
        }
        return ApplicationCommandOption(
            type=types.SUB_COMMAND_GROUP if below else types.SUB_COMMAND, name=path[-1],
            description=declared.description, options=[self._inner(p) for p in below] or declared.options or UNSET,
            **texts,
        )  # fmt: skip

    def _below(self, path: tuple[str, ...]) -> list[tuple[str, ...]]:
        """The next names under a path that lead to a command, in the order of their declaration."""
        depth = len(path)
        leaves: Iterable[Declared] = (d for d in self._known.values() if not d.is_group)
        chats = (d.path for d in leaves if d.type == ApplicationCommandType.CHAT_INPUT)
        return list(dict.fromkeys(p[: depth + 1] for p in chats if p[:depth] == path and len(p) > depth))


def _unsaid(path: tuple[str, ...]) -> Declared:
    """What holds sub-commands and was not declared: users do not see its description."""
    return Declared(path, path[-1], is_group=True)
