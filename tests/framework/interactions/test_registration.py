"""Commands as they are declared, and that Discord is told of them when something differs and not otherwise."""

from __future__ import annotations

from typing import Annotated, Literal

import pytest

from framework.errors import InvalidUse
from framework.interactions import Interaction, Interactions, Option
from framework.models import Member, Message, Permissions, User
from framework.rest import RestManager


async def nothing(interaction: Interaction) -> None: ...


def full(**changes: object) -> Interactions:
    """Something of everything; `changes` is another maximum of days, another description, or another choice."""
    made = Interactions()
    highest = changes.get("highest", 7)

    async def ban(
        interaction: Interaction,
        user: User,
        days: Annotated[int, Option("How many days", min_value=0, max_value=highest)] = 0,
        kind: Literal["soft", "hard"] = "soft",
    ) -> None: ...

    ban.__annotations__["days"] = Annotated[int, Option("How many days", min_value=0, max_value=highest)]
    ban.__annotations__["kind"] = Literal["soft", changes.get("kind", "hard")]
    made.slash("ban", str(changes.get("text", "Ban somebody")), needs=Permissions.BAN_MEMBERS)(ban)
    made.group("role", "Roles", needs=Permissions.MANAGE_ROLES, contexts=[0])
    made.slash("role add", "Give a role", name_localizations={"de": "geben"})(nothing)
    made.slash("role color set", "Color a role")(nothing)
    made.slash("anywhere", "Anywhere", contexts=[1, 0], integration_types=[0], nsfw=True)(nothing)

    @made.menu("Report This", default_member_permissions=0)
    async def report(interaction: Interaction, message: Message) -> None: ...

    @made.menu("Report This")
    async def report_user(interaction: Interaction, member: Member) -> None: ...

    return made


def test_what_is_declared() -> None:
    commands = {(c["type"], c["name"]): c for c in full().commands()}
    assert list(commands) == [(1, "ban"), (1, "role"), (1, "anywhere"), (3, "Report This"), (2, "Report This")]
    ban, role = commands[1, "ban"], commands[1, "role"]
    assert (ban["default_member_permissions"], ban["contexts"]) == (int(Permissions.BAN_MEMBERS), [0])
    assert [(o.type, o.name, [i.name for i in o.options or []]) for o in role["options"]] == [
        (1, "add", []), (2, "color", ["set"]),
    ]  # fmt: skip
    assert role["description"] == "Roles"
    assert role["options"][0].name_localizations == {"de": "geben"}
    assert "description" not in commands[3, "Report This"]
    assert commands[3, "Report This"]["default_member_permissions"] == 0


def test_the_docstring_describes() -> None:
    made = Interactions()

    @made.slash("ping")
    async def ping(interaction: Interaction) -> str:
        """Are you there?

        More, which users do not see.
        """
        return "pong"

    assert made.commands()[0]["description"] == "Are you there?"


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["ban", "ban"], "a handler of 'ban' already"),
        (["role", "role add"], "'role add': 'role' is a command and can hold no other"),
        (["role add", "role"], "'role' holds other commands"),
        (["role add", "role add now"], "'role add now': 'role add' is a command"),
        (["a b c d"], "it may be a command, a group and a sub-command"),
        (["Ban"], "in lower case; not 'Ban'"),
        (["x" * 33], "1 to 32"),
        (["two  spaces"], "not ''"),
    ],
)
def test_names_that_cannot_be_are_refused_when_they_are_declared(names, message) -> None:
    made = Interactions()
    *first, last = names
    for name in first:
        made.slash(name, "x")(nothing)
    with pytest.raises(InvalidUse, match=message):
        made.slash(last, "x")(nothing)
    assert [c["name"] for c in made.commands()] == [name.split(" ")[0] for name in first]


def test_a_command_holds_25_others() -> None:
    made = Interactions()
    for n in range(25):
        made.slash(f"role r{n}", "x")(nothing)
    with pytest.raises(InvalidUse, match="'role r25': 'role' holds 25 already"):
        made.slash("role r25", "x")(nothing)
    assert len(made.commands()[0]["options"]) == 25


def test_what_is_of_the_whole_command_is_not_said_of_a_part() -> None:
    with pytest.raises(InvalidUse, match=r"'role add': contexts is of the whole command; say it by group\('role'"):
        Interactions().slash("role add", "x", contexts=[0])(nothing)
    with pytest.raises(InvalidUse, match="'ping': its description has 1 to 100 characters, not 0"):
        Interactions().slash("ping")(nothing)


@pytest.mark.parametrize("in_guild", [False, True])
def test_commands_are_sent_when_they_differ_and_only_then(play, in_guild) -> None:
    async def story(discord) -> None:
        rest = RestManager(discord.settings.token, chance=lambda: 0.0)
        me, guild = discord.world.bot_id, discord.world.guild_at(0).id if in_guild else None

        async def methods(interactions: Interactions) -> list[str]:
            before = len(discord.record.requests)
            commands = await interactions.register(rest, me, guild)
            assert {(c.type, c.name) for c in commands} == {(c["type"], c["name"]) for c in interactions.commands()}
            return [seen.method for seen in list(discord.record.requests)[before:]]

        assert await methods(full()) == ["GET", "PUT"]
        assert await methods(full()) == ["GET"]
        assert await methods(full(highest=6)) == ["GET", "PUT"]
        assert await methods(full(highest=6, kind="harder")) == ["GET", "PUT"]
        assert await methods(full(text="Ban them")) == ["GET", "PUT"]
        assert await methods(full(text="Ban them")) == ["GET"]
        assert await methods(Interactions()) == ["GET", "PUT"]
        assert await methods(Interactions()) == ["GET"]
        assert {seen.status for seen in discord.record.requests} == {200}
        await rest.close()

    play(story, guilds=1)


def test_an_entry_point_stays(play) -> None:
    async def story(discord) -> None:
        rest = RestManager(discord.settings.token, chance=lambda: 0.0)
        me = discord.world.bot_id
        made = await rest.create_global_application_command(me, "launch", type_=4)
        await full().register(rest, me)
        known = await rest.get_global_application_commands(me)
        assert [c.id for c in known if c.type == 4] == [made.id]
        assert len(known) == 6
        await rest.close()

    play(story, guilds=1)
