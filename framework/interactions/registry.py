"""Who answers which interaction: handlers by the name of a command or the custom id of a component or modal, and the
commands that Discord is told of.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar, Unpack

from framework.errors import InvalidUse
from framework.interactions.declared import CommandSettings, Declarations, Declared
from framework.interactions.errors import Refusal
from framework.interactions.interaction import Interaction
from framework.interactions.parameters import options_of, parameters_of, resolved_as, target_of
from framework.interactions.response import Response
from framework.models import UNSET
from framework.models.command import ApplicationCommandType, NewApplicationCommand
from framework.models.interaction import ApplicationCommandData, InteractionType
from framework.models.message import Message, ResolvedData
from framework.models.permissions import Permissions

__all__ = ["Answer", "Handler", "Registered", "Registry"]

Answer = Response | str | None
Handler = Callable[[Interaction], Awaitable[Answer]]
H = TypeVar("H", bound=Callable[..., Awaitable[Answer]])
_Key = tuple[int, int, str]  # type of the interaction, type of the command (0: it is none), name or custom id
_ANY = ""


@dataclass(frozen=True, slots=True)
class Registered:
    """A handler, and whether only the user sees its answers unless these say otherwise."""

    handler: Handler
    ephemeral: bool


class Registry:
    """The handlers of an application."""

    def __init__(self) -> None:
        self._handlers: dict[_Key, Registered] = {}
        self._prefixes: dict[_Key, Registered] = {}
        self._declared = Declarations()

    # -- commands that are declared ------------------------------------------------------------------------

    def slash(
        self,
        name: str,
        description: str = "",
        *,
        needs: Permissions | int = 0,
        ephemeral: bool = False,
        **settings: Unpack[CommandSettings],
    ) -> Callable[[H], H]:
        """Declare a command by the signature of its handler, for `register`: see `Option` for what may be said.

        `async def ban(interaction: Interaction, user: User, days: Annotated[int, Option("…", max_value=7)] = 0)`. A
        parameter with a default, or `| None`, is optional. `"role add"` and `"role group add"` are sub-commands.

        Args:
            name: 1 to 32 letters, digits, - and _, in lower case.
            description: 1 to 100 characters; by default the first line of the handler's docstring.
            needs: bits (Permissions) without which a member is told no; outside of guilds everybody is. Discord shows
                the command to members with these only, unless a guild decides otherwise (of sub-commands, what
                `group` says).
            ephemeral: only the user sees the answers.

        Raises:
            InvalidUse: at once, naming the parameter that cannot be an option, or what else is wrong.
        """

        def declare(handler: H) -> H:
            parameters = parameters_of(handler)
            text = description or next(iter((handler.__doc__ or "").strip().splitlines()), "")
            self._declare(
                Declared(tuple(name.split(" ")), text, options=options_of(parameters), needs=Permissions(needs),
                         settings=settings),
                lambda interaction: handler(
                    interaction, **{p.name: p.read(interaction.options, _resolved(interaction)) for p in parameters}
                ),
                ephemeral,
            )  # fmt: skip
            return handler

        return declare

    def menu(
        self,
        name: str,
        *,
        needs: Permissions | int = 0,
        ephemeral: bool = False,
        **settings: Unpack[CommandSettings],
    ) -> Callable[[H], H]:
        """Declare a command of the context menu: `async def report(interaction: Interaction, message: Message)`.

        The other parameter says what it is used on: a User, a Member or a Message. Otherwise as `slash`.
        """

        def declare(handler: H) -> H:
            target = target_of(handler)
            kind = ApplicationCommandType.MESSAGE if target is Message else ApplicationCommandType.USER
            self._declare(
                Declared((name,), type=kind, needs=Permissions(needs), settings=settings),
                lambda interaction: handler(interaction, _target(interaction, target)),
                ephemeral,
            )
            return handler

        return declare

    def group(
        self, name: str, description: str = "", *, needs: Permissions | int = 0, **settings: Unpack[CommandSettings]
    ) -> None:
        """Say of a command that holds others what is common to all: `group("role", needs=Permissions.MANAGE_ROLES)`."""
        text = description or name.rpartition(" ")[2]
        self._declared.add(
            Declared(tuple(name.split(" ")), text, needs=Permissions(needs), settings=settings, is_group=True)
        )

    def commands(self) -> list[NewApplicationCommand]:
        """What was declared, as Discord is told of it."""
        return self._declared.payload()

    def _declare(self, declared: Declared, call: Handler, ephemeral: bool) -> None:
        async def guarded(interaction: Interaction) -> Answer:
            if needs := self._declared.needs(declared):
                interaction.demand(needs)
            return await call(interaction)

        name = " ".join(declared.path)
        register = self.command(name, type_=declared.type, ephemeral=ephemeral)
        self._declared.add(declared)
        register(guarded)

    # -- handlers alone ------------------------------------------------------------------------------------

    def command(
        self, name: str, *, type_: int = ApplicationCommandType.CHAT_INPUT, ephemeral: bool = False
    ) -> Callable[[Handler], Handler]:
        """Handle a command that is registered elsewhere, or a sub-command ("role add"); one without handler goes to the
        handler of what it is in."""
        return self._register((InteractionType.APPLICATION_COMMAND, type_, name), ephemeral)

    def autocomplete(self, name: str) -> Callable[[Handler], Handler]:
        """Suggest values for a command's option while it is typed: return `Response.choices(…)`."""
        key = (InteractionType.APPLICATION_COMMAND_AUTOCOMPLETE, ApplicationCommandType.CHAT_INPUT, name)
        return self._register(key, ephemeral=False)

    def component(
        self, custom_id: str, *, is_prefix: bool = False, ephemeral: bool = False
    ) -> Callable[[Handler], Handler]:
        """Handle a button or a select menu by its custom id, or by how that begins; the longest prefix counts."""
        return self._register((InteractionType.MESSAGE_COMPONENT, 0, custom_id), ephemeral, is_prefix=is_prefix)

    def modal(
        self, custom_id: str, *, is_prefix: bool = False, ephemeral: bool = False
    ) -> Callable[[Handler], Handler]:
        """Handle a modal by its custom id, or by how that begins."""
        return self._register((InteractionType.MODAL_SUBMIT, 0, custom_id), ephemeral, is_prefix=is_prefix)

    def on(self, type_: int, *, ephemeral: bool = False) -> Callable[[Handler], Handler]:
        """Handle the interactions of a type (InteractionType) that have no handler of their own."""
        return self._register((type_, 0, _ANY), ephemeral, is_prefix=True)

    def _register(self, key: _Key, ephemeral: bool, *, is_prefix: bool = False) -> Callable[[Handler], Handler]:
        known = self._prefixes if is_prefix else self._handlers
        if key in known:
            raise InvalidUse(f"there is a handler of {key[2] or f'type {key[0]}'!r} already")

        def register(handler: Handler) -> Handler:
            known[key] = Registered(handler, ephemeral)
            return handler

        return register

    # -- finding -------------------------------------------------------------------------------------------

    def find(self, interaction: Interaction) -> Registered | None:
        """The nearest handler of an interaction."""
        for key in _keys(interaction):
            if key in self._handlers:
                return self._handlers[key]
        fitting = [
            key for key in self._prefixes
            if key[0] == interaction.type and interaction.name.startswith(key[2])
        ]  # fmt: skip
        return self._prefixes[max(fitting, key=lambda key: len(key[2]))] if fitting else None


def _keys(interaction: Interaction) -> Iterator[_Key]:
    """What its handler may be registered under, the nearest first."""
    command, name = 0, interaction.name
    if isinstance(interaction.data, ApplicationCommandData):
        command = interaction.data.type
    yield (interaction.type, command, name)
    while command == ApplicationCommandType.CHAT_INPUT and " " in name:
        name = name.rpartition(" ")[0]
        yield (interaction.type, command, name)


def _resolved(interaction: Interaction) -> ResolvedData:
    found = getattr(interaction.data, "resolved", UNSET)
    return found if isinstance(found, ResolvedData) else ResolvedData()


def _target(interaction: Interaction, kind: type[Any]) -> Any:
    """What a command of a context menu was used on."""
    target_id: Any = getattr(interaction.data, "target_id", UNSET)
    found = resolved_as(kind, target_id, _resolved(interaction))
    if found is None:
        raise Refusal(f"<@{target_id}> is not a member of this server.")
    return found
