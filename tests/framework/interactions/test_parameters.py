"""A signature as the options of a command."""

from __future__ import annotations

import inspect
from enum import Enum, IntEnum
from typing import Annotated, Literal, Optional

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from discord_sim.world.commands import mistakes
from framework.errors import InvalidUse
from framework.interactions import Interaction, Interactions, Option
from framework.interactions.parameters import options_of, parameters_of, target_of
from framework.models import Attachment, Channel, Member, Message, Role, User, to_wire


class Mood(Enum):
    VERY_GOOD = "good"
    BAD = "bad"


class Days(IntEnum):
    ONE = 1
    SEVEN = 7


def options(handler) -> list[dict[str, object]]:
    return to_wire(options_of(parameters_of(handler)))


def test_each_type_is_a_type_of_option() -> None:
    async def handler(
        interaction: Interaction, text: str, number: int, share: float, yes: bool, user: User, member: Member,
        role: Role, channel: Channel, file: Attachment, whom: User | Role, either: User | Member,
    ) -> None: ...  # fmt: skip

    assert [(o["name"], o["type"]) for o in options(handler)] == [
        ("text", 3), ("number", 4), ("share", 10), ("yes", 5), ("user", 6), ("member", 6), ("role", 8), ("channel", 7),
        ("file", 11), ("whom", 9), ("either", 6),
    ]  # fmt: skip
    assert all(o["required"] for o in options(handler))


def test_what_is_said_of_an_option() -> None:
    async def handler(
        _: Interaction,
        days: Annotated[int, Option("How many days", min_value=0, max_value=7, name_localizations={"de": "tage"})],
        reason: Annotated[str, Option(name="why", min_length=1, max_length=500, autocomplete=True)],
        where: Annotated[Channel, Option(channel_types=(0, 5))],
        proof: Annotated[Attachment, Option(file_types=(".pdf",))],
        from_: Annotated[str, "Since when"],
    ) -> None: ...

    assert options(handler) == [
        {"type": 4, "name": "days", "description": "How many days", "required": True, "min_value": 0, "max_value": 7,
         "name_localizations": {"de": "tage"}},
        {"type": 3, "name": "why", "description": "why", "required": True, "min_length": 1, "max_length": 500,
         "autocomplete": True},
        {"type": 7, "name": "where", "description": "where", "required": True, "channel_types": [0, 5]},
        {"type": 11, "name": "proof", "description": "proof", "required": True, "file_types": [".pdf"]},
        {"type": 3, "name": "from", "description": "Since when", "required": True},
    ]  # fmt: skip


def test_choices() -> None:
    async def handler(
        _: Interaction, size: Literal["s", "m"], mood: Mood, days: Days, part: Literal[0.5, 1.5]
    ) -> None: ...

    assert [(o["type"], [(c["name"], c["value"]) for c in o["choices"]]) for o in options(handler)] == [
        (3, [("s", "s"), ("m", "m")]), (3, [("Very good", "good"), ("Bad", "bad")]),
        (4, [("One", 1), ("Seven", 7)]), (10, [("0.5", 0.5), ("1.5", 1.5)]),
    ]  # fmt: skip


def test_what_may_be_left_out_goes_last() -> None:
    async def handler(
        _: Interaction, note: str | None, old: Optional[int], *, days: int = 3,  # noqa: UP045 - the older spelling
        more: Annotated[float | None, "x"] = None, user: User,
    ) -> None: ...  # fmt: skip

    assert [(o["name"], o["required"]) for o in options(handler)] == [
        ("user", True), ("note", False), ("old", False), ("days", False), ("more", False),
    ]  # fmt: skip
    assert [p.default for p in parameters_of(handler)] == [None, None, 3, None, None]


class OtherUser: ...


async def no_type(interaction, user) -> None: ...
async def list_type(interaction, users: list[User]) -> None: ...
async def other_user(interaction, user: OtherUser) -> None: ...
async def two_types(interaction, what: int | str) -> None: ...
async def variadic(interaction, *words: str) -> None: ...
async def positional(interaction, user: User, /) -> None: ...
async def upper(interaction, userName: str) -> None: ...
async def spaced(interaction, user: Annotated[str, Option(name="user name")]) -> None: ...
async def twice(interaction, a: str, b: Annotated[str, Option(name="a")]) -> None: ...
async def wordy(interaction, user: Annotated[str, Option("x" * 101)]) -> None: ...
async def mixed(interaction, size: Literal["s", 1]) -> None: ...
async def flag(interaction, size: Literal[True, False]) -> None: ...
async def long(interaction, size: Annotated[int, Option(max_length=3)]) -> None: ...
async def chosen(interaction, size: Annotated[Literal["s"], Option(autocomplete=True)]) -> None: ...
async def reversed_(interaction, size: Annotated[int, Option(min_value=2, max_value=1)]) -> None: ...
async def unknown(interaction, thing: Nowhere) -> None: ...  # noqa: F821 - that is the point


@pytest.mark.parametrize(
    ("handler", "message"),
    [
        (no_type, "user: it has no type; options are str, int"),
        (list_type, "users: list.* cannot be an option; options are"),
        (other_user, "user: .*OtherUser cannot be .* and of framework.models User"),
        (two_types, "what: .* cannot be an option"),
        (variadic, "words: each option is a parameter with a name of its own"),
        (positional, "user: each option is a parameter"),
        (upper, "userName: an option's name has 1 to 32 letters, digits, - and _, in lower case: not 'userName'"),
        (spaced, "user: an option's name .* not 'user name'"),
        (twice, "a: another option is called 'a' too"),
        (wordy, "user: its description has 1 to 100 characters, not 101"),
        (mixed, "size: its choices must all be texts or all be numbers"),
        (flag, "size: its choices must all be texts"),
        (long, "size: max_length says nothing about a int"),
        (chosen, "size: autocomplete says nothing about a str with choices"),
        (reversed_, "size: min_value is above max_value"),
        (unknown, "thing: name 'Nowhere' is not defined; annotations name what is defined at the top"),
        (lambda interaction: None, "a handler is an async function"),
    ],
)
def test_a_wrong_signature_is_refused_and_the_parameter_named(handler, message) -> None:
    with pytest.raises(InvalidUse, match=f"^{message}"):
        parameters_of(handler)


def test_there_is_room_for_25_of_each() -> None:
    def made(count: int):
        text = ", ".join(f"o{n}: str" for n in range(count))
        scope: dict[str, object] = {}
        exec(f"async def handler(interaction, {text}): ...", scope)
        return scope["handler"]

    assert len(parameters_of(made(25))) == 25
    with pytest.raises(InvalidUse, match="o25: a command has up to 25 options"):
        parameters_of(made(26))

    async def handler(interaction, size) -> None: ...

    handler.__annotations__["size"] = Literal[tuple(range(26))]
    with pytest.raises(InvalidUse, match="size: an option has up to 25 choices, not 26"):
        parameters_of(handler)


KINDS = st.sampled_from(
    [str, int, float, bool, User, Member, Role, Channel, Attachment, Mood, Days, Literal["a", "b"], User | Role,
     Annotated[int, Option("A number", min_value=-3, max_value=0)], Annotated[str, Option(autocomplete=True)],
     Annotated[Channel, Option(channel_types=[0, 2])]]
)  # fmt: skip


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(st.tuples(KINDS, st.sampled_from(["required", "default", "optional"])), max_size=25))
def test_whatever_can_be_declared_the_server_takes(parameters) -> None:
    async def handler(interaction: Interaction) -> None: ...

    made = [inspect.Parameter("interaction", inspect.Parameter.POSITIONAL_OR_KEYWORD)]
    for number, (kind, how) in enumerate(parameters):
        default = None if how == "default" else inspect.Parameter.empty
        made.append(inspect.Parameter(f"p{number}", inspect.Parameter.KEYWORD_ONLY, default=default))
        handler.__annotations__[f"p{number}"] = kind | None if how == "optional" else kind
    handler.__signature__ = inspect.Signature(made)
    interactions = Interactions()
    interactions.slash("thing", "A thing")(handler)
    (command,) = [{key: to_wire(value) for key, value in c.items()} for c in interactions.commands()]
    assert mistakes(command, in_guild=False) == {}
    assert len(command["options"]) == len(parameters)
    assert sum(o["required"] for o in command["options"]) == sum(how == "required" for _, how in parameters)


async def nothing() -> None: ...
async def by_name(*, interaction: Interaction) -> None: ...


@pytest.mark.parametrize("handler", [nothing, by_name])
def test_the_interaction_comes_first(handler) -> None:
    with pytest.raises(InvalidUse, match="must take the interaction as its first parameter"):
        parameters_of(handler)


async def on_user(interaction: Interaction, user: User) -> None: ...
async def on_member(interaction: Interaction, member: Member) -> None: ...
async def on_message(interaction: Interaction, message: Message) -> None: ...


def test_what_a_menu_is_used_on() -> None:
    assert [target_of(h) for h in (on_user, on_member, on_message)] == [User, Member, Message]
    for wrong in (nothing_but, long, twice):
        with pytest.raises(InvalidUse, match="one User, Member or Message"):
            target_of(wrong)


async def nothing_but(interaction: Interaction) -> None: ...
