"""From a handler's signature to a command's options, and from the values of an interaction to its arguments.

async def ban(interaction: Interaction, user: User, days: Annotated[int, Option("How many days", max_value=7)] = 0): …

Plain values; the signature is read once, when the command is declared. Limits: "Application Commands".
"""

from __future__ import annotations

import inspect
import re
import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from framework.errors import InvalidUse
from framework.interactions.errors import Refusal
from framework.models import UNSET
from framework.models.channel import Channel
from framework.models.command import ApplicationCommandOption, ApplicationCommandOptionChoice
from framework.models.command import ApplicationCommandOptionType as OptionType
from framework.models.member import Member
from framework.models.message import Attachment, Message, ResolvedData
from framework.models.role import Role
from framework.models.user import User

__all__ = ["NAME", "Option", "Parameter", "check_text", "options_of", "parameters_of", "resolved_as", "target_of"]

OPTIONS_MAX, CHOICES_MAX, TEXT_MAX = 25, 25, 100
NAME = re.compile(r"[-'\w\u0900-\u097f\u0e00-\u0e7f]{1,32}")  # letters and digits of any script
_PLAIN: dict[type, OptionType] = {
    str: OptionType.STRING, int: OptionType.INTEGER, float: OptionType.NUMBER, bool: OptionType.BOOLEAN,
}  # fmt: skip
_RESOLVED: dict[type, OptionType] = {
    User: OptionType.USER, Member: OptionType.USER, Role: OptionType.ROLE, Channel: OptionType.CHANNEL,
    Attachment: OptionType.ATTACHMENT,
}  # fmt: skip
_TAKES: dict[OptionType, frozenset[str]] = {
    OptionType.STRING: frozenset({"min_length", "max_length", "autocomplete"}),
    OptionType.INTEGER: frozenset({"min_value", "max_value", "autocomplete"}),
    OptionType.NUMBER: frozenset({"min_value", "max_value", "autocomplete"}),
    OptionType.CHANNEL: frozenset({"channel_types"}),
    OptionType.ATTACHMENT: frozenset({"file_types"}),
}
_SPECIAL = ("min_value", "max_value", "min_length", "max_length", "channel_types", "file_types", "autocomplete")


@dataclass(frozen=True, slots=True, eq=False)  # hashed by identity, as `Annotated[…] | None` needs, lists or not
class Option:
    """What an annotation says of an option besides its type: `Annotated[int, Option("How many days", max_value=7)]`.

    Args:
        description: 1 to 100 characters; by default the parameter's name.
        name: by default the parameter's, without an underscore at its end.
        min_value, max_value: of numbers.
        min_length, max_length: of texts, in characters.
        channel_types: which channels may be chosen (ChannelType).
        file_types: what an attachment may be: image, video, audio, or endings like .pdf.
        autocomplete: `@interactions.autocomplete(…)` suggests values while this is typed; they bind nobody.
    """

    description: str = ""
    name: str = ""
    min_value: int | float | None = None
    max_value: int | float | None = None
    min_length: int | None = None
    max_length: int | None = None
    channel_types: Sequence[int] | None = None
    file_types: Sequence[str] | None = None
    autocomplete: bool = False
    name_localizations: Mapping[str, str] | None = None
    description_localizations: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a handler: the option it stands for, and how its value is read."""

    name: str
    option: ApplicationCommandOption
    kinds: tuple[type, ...]  # what the handler is given, the preferred first
    default: Any = None

    def read(self, values: Mapping[str, Any], resolved: ResolvedData) -> Any:
        """The argument from an interaction's values by option name.

        Raises:
            Refusal: the user has chosen what is no such thing here (somebody who is no member).
        """
        if self.option.name not in values:
            return self.default
        value, kind = values[self.option.name], self.kinds[0]
        if kind in _RESOLVED:
            return _found(self, int(value), resolved)
        if issubclass(kind, Enum):
            return kind(value)
        return float(value) if kind is float else value


def parameters_of(handler: Callable[..., Any]) -> tuple[Parameter, ...]:
    """What a handler takes after its interaction.

    Raises:
        InvalidUse: the signature cannot be a command's; the message names the parameter.
    """
    _, *others = _signature(handler)
    hints = _hints(handler, [p.name for p in others])
    made = tuple(_parameter(p, hints.get(p.name, inspect.Parameter.empty)) for p in others)
    if len(made) > OPTIONS_MAX:
        raise InvalidUse(f"{made[OPTIONS_MAX].name}: a command has up to {OPTIONS_MAX} options")
    names = [parameter.option.name for parameter in made]
    for parameter in made:
        if names.count(parameter.option.name) > 1:
            raise InvalidUse(f"{parameter.name}: another option is called {parameter.option.name!r} too")
    return made


def options_of(parameters: Sequence[Parameter]) -> list[ApplicationCommandOption]:
    """The options as Discord wants them: the required ones first, else in the order of the signature."""
    return sorted((p.option for p in parameters), key=lambda option: option.required is not True)


def target_of(handler: Callable[..., Any]) -> type:
    """What the command of a context menu is used on: the annotation of its handler's only other parameter.

    Raises:
        InvalidUse: it is neither User, Member nor Message.
    """
    _, *others = _signature(handler)
    kind = _hints(handler, [p.name for p in others]).get(others[0].name) if len(others) == 1 else None
    if not isinstance(kind, type) or kind not in (User, Member, Message):
        raise InvalidUse("a menu's handler takes the interaction and one User, Member or Message")
    return kind


def check_text(what: str, text: str, most: int = TEXT_MAX) -> str:
    """A text of 1 to `most` characters. Raises InvalidUse that names `what`."""
    if not 1 <= len(text) <= most:
        raise InvalidUse(f"{what} has 1 to {most} characters, not {len(text)}")
    return text


# -- reading a signature -------------------------------------------------------------------------------------


def _signature(handler: Callable[..., Any]) -> list[inspect.Parameter]:
    if not inspect.iscoroutinefunction(handler):
        raise InvalidUse(f"a handler is an async function, not {handler!r}")
    found = list(inspect.signature(handler).parameters.values())
    if not found or found[0].kind not in (found[0].POSITIONAL_ONLY, found[0].POSITIONAL_OR_KEYWORD):
        raise InvalidUse(f"{handler.__name__}() must take the interaction as its first parameter")
    for parameter in found[1:]:
        if parameter.kind not in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY):
            raise InvalidUse(f"{parameter.name}: each option is a parameter with a name of its own")
    return found


def _hints(handler: Callable[..., Any], names: Sequence[str]) -> dict[str, Any]:
    try:
        return get_type_hints(handler, include_extras=True)
    except NameError as error:
        missing = next((n for n in names if str(error.name) in str(handler.__annotations__.get(n))), "the signature")
        raise InvalidUse(f"{missing}: {error}; annotations name what is defined at the top of the module") from None


def _parameter(parameter: inspect.Parameter, hint: Any) -> Parameter:
    name = parameter.name
    if hint is inspect.Parameter.empty:
        raise InvalidUse(f"{name}: it has no type; {_KNOWN}")
    kind, said, is_optional = _unwrapped(name, hint)
    has_default = parameter.default is not inspect.Parameter.empty
    made = _kind(name, kind)
    option = _option(name, made, said, required=not (has_default or is_optional))
    return Parameter(name, option, made.kinds, parameter.default if has_default else None)


def _unwrapped(name: str, hint: Any) -> tuple[Any, Option, bool]:
    """The type itself, what is said of it, and whether None is among what it may be."""
    said = Option()
    is_optional = False
    while True:
        if get_origin(hint) is Annotated:
            hint, *notes = get_args(hint)
            for note in notes:
                said = note if isinstance(note, Option) else Option(note) if isinstance(note, str) else said
        elif get_origin(hint) in (Union, types.UnionType) and type(None) in get_args(hint):
            rest = tuple(kind for kind in get_args(hint) if kind is not type(None))
            hint, is_optional = rest[0] if len(rest) == 1 else Union[rest], True  # noqa: UP007 - made at run time
        else:
            return hint, said, is_optional


@dataclass(frozen=True, slots=True)
class _Kind:
    option: OptionType
    kinds: tuple[type, ...]
    choices: list[ApplicationCommandOptionChoice] = field(default_factory=list)


def _kind(name: str, kind: Any) -> _Kind:
    if get_origin(kind) is Literal:
        return _chosen(name, [(str(value), value) for value in get_args(kind)], None)
    if get_origin(kind) in (Union, types.UnionType) and set(get_args(kind)) <= {User, Member, Role}:
        kinds = tuple(sorted(get_args(kind), key=lambda one: one is not Member))  # who is a member is a user too
        return _Kind(OptionType.MENTIONABLE if Role in kinds else OptionType.USER, kinds)
    if isinstance(kind, type):
        if issubclass(kind, Enum):
            return _chosen(name, [(m.name.replace("_", " ").capitalize(), m.value) for m in kind], kind)
        if kind in _PLAIN:
            return _Kind(_PLAIN[kind], (kind,))
        if kind in _RESOLVED:
            return _Kind(_RESOLVED[kind], (kind,))
    shown = f"{kind.__module__}.{kind.__qualname__}" if isinstance(kind, type) else kind
    raise InvalidUse(f"{name}: {shown} cannot be an option; {_KNOWN}")


def _chosen(name: str, pairs: list[tuple[str, Any]], enum: type | None) -> _Kind:
    """Choices, all of one type."""
    of = {type(value) for _, value in pairs}
    if len(of) != 1 or not of <= {str, int, float}:
        raise InvalidUse(f"{name}: its choices must all be texts or all be numbers")
    if len(pairs) > CHOICES_MAX:
        raise InvalidUse(f"{name}: an option has up to {CHOICES_MAX} choices, not {len(pairs)}; use autocomplete")
    (plain,) = of
    choices = [
        ApplicationCommandOptionChoice(name=check_text(f"{name}: the choice {shown!r}", shown), value=value)
        for shown, value in pairs
    ]
    return _Kind(_PLAIN[plain], (enum or plain,), choices)


def _option(name: str, kind: _Kind, said: Option, *, required: bool) -> ApplicationCommandOption:
    takes = _TAKES.get(kind.option, frozenset())
    given: dict[str, Any] = {key: getattr(said, key) for key in _SPECIAL if getattr(said, key) is not None}
    if not said.autocomplete:
        del given["autocomplete"]
    for key in given:
        if key not in takes or kind.choices:
            raise InvalidUse(f"{name}: {key} says nothing about a {kind.kinds[0].__name__}" + _with(kind.choices))
    for key in ("channel_types", "file_types"):
        if key in given:
            given[key] = list(given[key])
    for low, high in (("min_value", "max_value"), ("min_length", "max_length")):
        if low in given and high in given and given[low] > given[high]:
            raise InvalidUse(f"{name}: {low} is above {high}")
    shown = said.name or name.rstrip("_")
    if not NAME.fullmatch(shown) or shown != shown.lower():
        raise InvalidUse(f"{name}: an option's name has 1 to 32 letters, digits, - and _, in lower case: not {shown!r}")
    return ApplicationCommandOption(
        type=kind.option, name=shown, description=check_text(f"{name}: its description", said.description or shown),
        name_localizations=dict(said.name_localizations) if said.name_localizations else UNSET,
        description_localizations=dict(said.description_localizations) if said.description_localizations else UNSET,
        required=required, choices=kind.choices or UNSET,
        **given,
    )  # fmt: skip


def _with(choices: list[ApplicationCommandOptionChoice]) -> str:
    return " with choices" if choices else ""


_KNOWN = (
    "options are str, int, float, bool, a Literal, an Enum, and of framework.models User, Member, Role, Channel, "
    "Attachment, User | Member, User | Role"
)


# -- reading values ------------------------------------------------------------------------------------------


def _found(parameter: Parameter, thing_id: int, resolved: ResolvedData) -> Any:
    """What an id stands for, as the first of the parameter's types that it is."""
    for kind in parameter.kinds:
        if (thing := resolved_as(kind, thing_id, resolved)) is not None:
            return thing
    if parameter.kinds == (Member,):
        raise Refusal(f"<@{thing_id}> is not a member of this server.")
    raise Refusal(f"What was chosen for `{parameter.option.name}` is not to be had here.")


def resolved_as(kind: type, thing_id: int, resolved: ResolvedData) -> Any:
    """What an interaction tells of an id, if that is a `kind`. A member comes with their user, whom Discord tells
    apart."""
    things = getattr(resolved, f"{kind.__name__.lower()}s")
    thing = (things or {}).get(thing_id) if things is not UNSET else None
    if isinstance(thing, Member) and resolved.users is not UNSET and resolved.users:
        thing.user = resolved.users.get(thing_id, UNSET)
    return thing
