"""Commands declared by their handler's signature, on both ways on which interactions come."""

from __future__ import annotations

import asyncio
from enum import Enum
from typing import Annotated, Literal

import pytest

from discord_sim.world.snowflakes import member_id
from framework.builders import layout, rows, select, text
from framework.interactions import Interaction, Option, Refusal, Response
from framework.models import (
    Attachment,
    Channel,
    Container,
    Member,
    Message,
    MessageFlags,
    Permissions,
    Role,
    User,
)

EPHEMERAL = 64


class Mood(Enum):
    GOOD = "good"
    BAD = "bad"


async def ready(stage) -> None:
    await stage.interactions.register(stage.rest, stage.discord.world.bot_id)


def test_options_are_the_arguments(interactions, talk) -> None:
    seen = []

    @interactions.slash("all", "All of them")
    async def all_(
        interaction: Interaction,
        text: str,
        number: Annotated[int, Option("How many", min_value=0)],
        share: float,
        yes: bool,
        user: User,
        member: Member,
        role: Role,
        channel: Channel,
        file: Attachment,
        whom: User | Role,
        either: Member | User,
        mood: Mood,
        size: Literal["s", "m"] = "m",
        from_: str | None = None,
        left_out: Annotated[str, "A note"] = "nothing",
    ) -> str:
        seen.append(locals())
        return "done"

    async def story(stage) -> None:
        await ready(stage)
        guild, stranger = stage.discord.world.guild_at(0), stage.discord.world.guild_at(1).owner_id
        file = {
            "id": "5", "filename": "a.txt", "size": 3, "url": "https://a.b/c", "proxy_url": "https://a.b/c",
            "content_type": "text/plain", "ephemeral": True,
        }  # fmt: skip
        used = stage.use("all", {
            "text": "007", "number": 0, "share": 3, "yes": True, "user": stranger, "member": stage.user,
            "role": guild.id, "channel": stage.channel, "file": file, "whom": guild.id, "either": stranger,
            "mood": "bad", "from": "Rome",
        })  # fmt: skip
        await asyncio.sleep(1)
        assert used.answered == 4
        (got,) = seen
        assert (got["text"], got["number"], got["yes"]) == ("007", 0, True)
        assert (got["share"], type(got["share"])) == (3.0, float)
        assert (type(got["user"]), got["user"].id) == (User, stranger)
        assert (type(got["member"]), got["member"].user.id) == (Member, stage.user)
        assert (type(got["role"]), type(got["whom"]), got["role"].id) == (Role, Role, guild.id)
        assert (got["channel"].id, got["file"].filename) == (stage.channel, "a.txt")
        assert (type(got["either"]), got["either"].id) == (User, stranger)
        assert (got["mood"], got["size"], got["from_"], got["left_out"]) == (Mood.BAD, "m", "Rome", "nothing")

    talk(interactions, story, guilds=2)


def test_a_sub_command_and_what_is_chosen_that_is_not_there(interactions, talk, caplog) -> None:
    @interactions.slash("role add", "Give a role")
    async def add(interaction: Interaction, member: Member, role: Role) -> str:
        return f"{member.user.id} has {role.name}"

    async def story(stage) -> None:
        await ready(stage)
        guild, stranger = stage.discord.world.guild_at(0), stage.discord.world.guild_at(1).owner_id
        for who in (stage.user, stranger):
            stage.use("role add", {"member": who, "role": guild.id})
            await asyncio.sleep(1)
        assert stage.seen() == [
            (f"{stage.user} has @everyone", 0),
            (f"<@{stranger}> is not a member of this server.", EPHEMERAL),
        ]

    talk(interactions, story, guilds=2)
    assert caplog.text == ""


@pytest.mark.parametrize("wait_s", [0.1, 5])
def test_who_lacks_a_permission_is_told_which(interactions, talk, caplog, wait_s) -> None:
    interactions.group("mod", needs=Permissions.KICK_MEMBERS)

    @interactions.slash("mod ban", "Ban somebody", needs=Permissions.BAN_MEMBERS)
    async def ban(interaction: Interaction, user: User) -> str:
        await asyncio.sleep(wait_s)
        if user.id == interaction.invoker.id:
            raise Refusal("You cannot ban yourself.")
        return f"{user.id} is banned"

    async def story(stage) -> None:
        await ready(stage)
        for who in (member_id(0, 5), stage.user):
            stage.discord.command(who, stage.channel, "mod ban", {"user": stage.user})
            await asyncio.sleep(wait_s + 2)
        assert stage.seen() == [
            ("This needs what you may not do here: Kick members, Ban members.", EPHEMERAL),
            ("You cannot ban yourself.", EPHEMERAL),
        ]

    talk(interactions, story)
    assert caplog.text == ""


def test_nobody_has_permissions_outside_of_guilds(interactions, talk) -> None:
    @interactions.slash("ban", "Ban somebody", needs=Permissions.BAN_MEMBERS, contexts=[0, 1])
    async def ban(interaction: Interaction) -> str:
        return "banned"

    async def story(stage) -> None:
        await ready(stage)
        stage.channel = (await stage.rest.create_dm(stage.user)).id
        stage.use("ban")
        await asyncio.sleep(1)
        assert stage.seen() == [("This can be used in a server only.", EPHEMERAL)]

    talk(interactions, story)


def test_a_refusal_after_the_answer_is_a_message_more(interactions, talk, caplog) -> None:
    @interactions.slash("work", "Work")
    async def work(interaction: Interaction) -> None:
        await interaction.respond("begun")
        raise Refusal("No more.")

    async def story(stage) -> None:
        await ready(stage)
        stage.use("work")
        await asyncio.sleep(1)
        assert stage.seen() == [("begun", 0), ("No more.", EPHEMERAL)]

    talk(interactions, story)
    assert caplog.text == ""


def test_a_menu_is_used_on_something(interactions, talk) -> None:
    @interactions.menu("Report This")
    async def report(interaction: Interaction, message: Message) -> str:
        return f"reported: {message.content}"

    @interactions.menu("Who Is It")
    async def who(interaction: Interaction, member: Member) -> str:
        return f"it is {member.user.id}"

    async def story(stage) -> None:
        await ready(stage)
        message = await stage.rest.create_message(stage.channel, "rude")
        stage.use("Report This", kind=3, target_id=message.id)
        await asyncio.sleep(1)
        for target in (stage.user, stage.discord.world.guild_at(1).owner_id):
            stage.use("Who Is It", kind=2, target_id=target)
            await asyncio.sleep(1)
        assert [text for text, _ in stage.seen()] == [
            "rude", "reported: rude", f"it is {stage.user}", f"<@{target}> is not a member of this server.",
        ]  # fmt: skip

    talk(interactions, story, guilds=2)


def test_what_is_typed_is_the_focused_option(interactions, talk) -> None:
    @interactions.slash("cat", "A cat")
    async def cat(interaction: Interaction, size: int, name: Annotated[str, Option(autocomplete=True)]) -> str:
        return name

    @interactions.autocomplete("cat")
    async def suggest(interaction: Interaction) -> Response:
        option, typed = interaction.focused
        return Response.choices([f"{option}: {typed}"])

    async def story(stage) -> None:
        await ready(stage)
        used = stage.use("cat", {"size": 3, "name": "To"}, focused="name")
        await asyncio.sleep(1)
        assert used.response == {"choices": [{"name": "name: To", "value": "name: To"}]}

    talk(interactions, story)


def test_what_is_chosen_in_a_menu(interactions, talk) -> None:
    @interactions.component("pick")
    async def pick(interaction: Interaction) -> str:
        return f"picked {interaction.values}"

    async def story(stage) -> None:
        menu = rows([select("pick", ["a", "b", "c"], max_values=2)])
        message = await stage.rest.create_message(stage.channel, "which?", components=menu)
        stage.discord.component(stage.user, stage.channel, message.id, "pick", ["c", "a"])
        await asyncio.sleep(1)
        assert stage.seen()[-1] == ("picked ['c', 'a']", 0)

    talk(interactions, story)


def test_the_handler_stays_a_function_that_can_be_called(interactions) -> None:
    @interactions.slash("double", "Twice as much")
    async def double(interaction: Interaction, number: int) -> str:
        return str(number * 2)

    assert asyncio.run(double(None, 4)) == "8"


@pytest.mark.parametrize("wait_s", [0.1, 5])
def test_a_message_of_components_is_an_answer_in_time_and_late(interactions, talk, wait_s) -> None:
    @interactions.slash("card", "A card")
    async def card(interaction: Interaction) -> Response:
        await asyncio.sleep(wait_s)
        return Response.message(**layout(text("# A card"), Container(components=[text("in a box")])))

    async def story(stage) -> None:
        await ready(stage)
        stage.use("card")
        await asyncio.sleep(wait_s + 2)
        (message,) = stage.discord.world.messages(stage.channel, 10)
        assert message.doc["flags"] == MessageFlags.IS_COMPONENTS_V2
        assert [c["type"] for c in message.doc["components"]] == [10, 17]

    talk(interactions, story)


def test_a_button_can_demand_permissions_too(interactions, talk) -> None:
    @interactions.component("ban")
    async def ban(interaction: Interaction) -> str:
        interaction.demand(Permissions.BAN_MEMBERS)
        return "banned"

    async def story(stage) -> None:
        message_id = await stage.button("ban")
        for who in (member_id(0, 5), stage.user):
            stage.discord.component(who, stage.channel, message_id, "ban")
            await asyncio.sleep(1)
        assert stage.seen()[1:] == [("This needs what you may not do here: Ban members.", EPHEMERAL), ("banned", 0)]

    talk(interactions, story)
