"""Handlers that are quick or slow, on both ways on which interactions come."""

from __future__ import annotations

import asyncio
import dataclasses

import pytest

from framework.errors import InvalidUse
from framework.interactions import AlreadyAnswered, Interaction, NotAnswered, Response
from framework.models.component import Label, TextInput
from framework.models.message import MessageFlags
from framework.rest import File

EPHEMERAL = 64


def test_what_is_returned_is_the_answer(interactions, talk) -> None:
    @interactions.command("ping")
    async def ping(interaction: Interaction) -> str:
        return f"pong, {interaction.invoker.username}"

    async def story(stage) -> None:
        await stage.register("ping")
        used = stage.use("ping")
        await asyncio.sleep(0.5)
        name = stage.discord.world.user_payload(stage.user)["username"]
        assert (used.answered, stage.seen()) == (4, [(f"pong, {name}", 0)])
        assert stage.requests() == []

    talk(interactions, story)


def test_a_response_can_be_followed_and_changed_but_not_given_twice(interactions, talk) -> None:
    errors = []

    @interactions.command("ping")
    async def ping(interaction: Interaction) -> None:
        for early in (interaction.followup("early"), interaction.edit_original("early")):
            with pytest.raises(NotAnswered):
                await early
        await interaction.respond("one", flags=MessageFlags.SUPPRESS_EMBEDS)
        message = await interaction.followup("two", ephemeral=True)
        assert message.content == "two"
        assert (await interaction.edit_original("three")).content == "three"
        for again in (interaction.respond("again"), interaction.defer(), interaction.respond(Response.update("again"))):
            with pytest.raises(AlreadyAnswered, match=r"answered\. Use followup") as caught:
                await again
            errors.append(caught.value)
        with pytest.raises(InvalidUse):
            await interaction.respond(Response.message("x"), ephemeral=True)

    async def story(stage) -> None:
        await stage.register("ping")
        used = stage.use("ping")
        await asyncio.sleep(2)
        assert used.answered == 4
        assert stage.seen() == [("three", MessageFlags.SUPPRESS_EMBEDS), ("two", EPHEMERAL)]
        assert used.token not in repr(errors) + repr(interactions)

    talk(interactions, story)
    assert len(errors) == 3


@pytest.mark.parametrize("is_ephemeral", [False, True])
def test_a_slow_handler_is_given_time_and_its_answer_fills_in_what_was_deferred(
    interactions, talk, is_ephemeral
) -> None:
    @interactions.command("work", ephemeral=is_ephemeral)
    async def work(interaction: Interaction) -> Response:
        await asyncio.sleep(10)
        return Response.message("done", files=[File("a.txt", b"x", description="a letter")])

    flag = EPHEMERAL if is_ephemeral else 0

    async def story(stage) -> None:
        await stage.register("work")
        used = stage.use("work")
        await asyncio.sleep(1.9)
        assert used.answered is None
        await asyncio.sleep(0.4)
        assert (used.answered, stage.seen()) == (5, [("", MessageFlags.LOADING | flag)])
        await asyncio.sleep(10)
        assert stage.seen() == [("done", flag)]
        (message,) = stage.discord.world.messages(stage.channel, 1)
        assert [(a["filename"], a["description"]) for a in message.doc["attachments"]] == [("a.txt", "a letter")]
        assert stage.requests() == [200]

    talk(interactions, story)


@pytest.mark.parametrize("wait_s", [0.1, 5])
def test_the_flag_of_the_message_says_it_too(interactions, talk, wait_s) -> None:
    @interactions.command("work")
    async def work(interaction: Interaction) -> Response:
        await asyncio.sleep(wait_s)
        return Response.message("secret", flags=MessageFlags.EPHEMERAL | MessageFlags.SUPPRESS_EMBEDS)

    async def story(stage) -> None:
        await stage.register("work")
        stage.use("work")
        await asyncio.sleep(wait_s + 2)
        assert stage.seen() == [("secret", EPHEMERAL | MessageFlags.SUPPRESS_EMBEDS)]

    talk(interactions, story)


@pytest.mark.parametrize(("registered", "asked"), [(False, True), (True, False)])
@pytest.mark.parametrize("by", ["respond", "followup"])
def test_who_sees_an_answer_does_not_depend_on_how_slow_it_is(interactions, talk, registered, asked, by) -> None:
    @interactions.command("work", ephemeral=registered)
    async def work(interaction: Interaction) -> None:
        await asyncio.sleep(5)
        await getattr(interaction, by)("for some", ephemeral=asked)

    async def story(stage) -> None:
        await stage.register("work")
        used = stage.use("work")
        await asyncio.sleep(7)
        assert (used.answered, stage.seen()) == (5, [("for some", EPHEMERAL if asked else 0)])
        assert stage.requests() == [204, 200]

    talk(interactions, story)


def test_a_handler_may_defer_itself_and_leave_the_answer_to_others(interactions, talk) -> None:
    deferred = []

    @interactions.command("work")
    async def work(interaction: Interaction) -> None:
        await asyncio.sleep(len(deferred) * 2.5)  # the second time it is deferred already
        await interaction.defer()
        deferred.append(interaction)

    async def story(stage) -> None:
        await stage.register("work")
        for wait_s in (0.5, 3):
            used = stage.use("work")
            await asyncio.sleep(wait_s)
            assert (used.answered, stage.seen()[-1]) == (5, ("", MessageFlags.LOADING))
            await deferred[-1].edit_original("done by somebody else")
            assert stage.seen()[-1] == ("done by somebody else", 0)

    talk(interactions, story)


@pytest.mark.parametrize("wait_s", [0.1, 5])
@pytest.mark.parametrize("by", ["respond", "followup", "edit_original", "return"])
@pytest.mark.parametrize("on", ["command", "component"])
def test_what_was_deferred_for_the_user_alone_is_never_shown_to_others(interactions, talk, wait_s, by, on) -> None:
    async def handler(interaction: Interaction) -> str | None:
        await asyncio.sleep(wait_s)
        await interaction.defer(ephemeral=True)
        if by == "return":
            return "secret"
        await getattr(interaction, by)("secret")
        return None

    getattr(interactions, on)("work")(handler)

    async def story(stage) -> None:
        if on == "command":
            await stage.register("work")
            stage.use("work")
        else:
            await stage.press("work")
        await asyncio.sleep(wait_s + 2)
        assert [said for said in stage.seen() if said[0] != "with a button"] == [("secret", EPHEMERAL)]

    talk(interactions, story)


@pytest.mark.parametrize("wait_s", [0.1, 5])
@pytest.mark.parametrize(
    ("answer", "first", "shown"),
    [
        (None, 6, ["with a button"]),
        (Response.update("changed"), 7, ["changed"]),
        ("another", 4, ["with a button", "another"]),
    ],
)
def test_a_component(interactions, talk, wait_s, answer, first, shown) -> None:
    @interactions.component("press")
    async def press(interaction: Interaction) -> Response | str | None:
        await asyncio.sleep(wait_s)
        return answer

    async def story(stage) -> None:
        used = await stage.press("press")
        await asyncio.sleep(wait_s + 2)
        assert used.answered == (first if wait_s < 2 else 6)
        assert [text for text, _ in stage.seen()] == shown

    talk(interactions, story)


def test_a_slow_component_that_says_nothing_leaves_nothing_behind(interactions, talk, caplog) -> None:
    @interactions.component("press", ephemeral=True)
    async def press(interaction: Interaction) -> None:
        await asyncio.sleep(5)

    async def story(stage) -> None:
        await stage.press("press")
        await asyncio.sleep(3)
        assert stage.seen() == [("with a button", 0), ("", MessageFlags.LOADING | EPHEMERAL)]
        await asyncio.sleep(3)
        assert stage.seen() == [("with a button", 0)]

    talk(interactions, story)
    assert caplog.text == ""


def test_a_modal_comes_first_and_its_inputs_come_back(interactions, talk) -> None:
    inputs = []

    @interactions.component("open", ephemeral=True)
    async def form(interaction: Interaction) -> Response:
        name = Label(label="Name", component=TextInput(custom_id="name", style=1))
        return Response.modal("form", "About you", [name])

    @interactions.modal("form", ephemeral=True)
    async def filled(interaction: Interaction) -> str:
        inputs.append(interaction.inputs)
        return "thanks"

    async def story(stage) -> None:
        used = await stage.press("open")
        await asyncio.sleep(1)
        assert (used.answered, set(used.response)) == (9, {"custom_id", "title", "components"})
        stage.discord.modal(stage.user, used.id, {"name": "Tom"})
        await asyncio.sleep(1)
        assert (inputs, stage.seen()[-1]) == ([{"name": "Tom"}], ("thanks", EPHEMERAL))

    talk(interactions, story)


@pytest.mark.parametrize("made", [Response.modal("form", "x", []), Response.choices([]), Response.update("x")])
def test_only_new_messages_are_for_the_user_alone(made) -> None:
    assert "flags" not in dataclasses.replace(made, ephemeral=True).payload.json["data"]
