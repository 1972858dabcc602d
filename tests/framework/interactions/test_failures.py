"""Handlers that fail, are silent or late: what the user is told, and what the log."""

from __future__ import annotations

import asyncio
import logging

import pytest

from framework.interactions import Interaction, InteractionExpired, Response
from framework.models.command import ApplicationCommandOption as Option
from framework.models.message import MessageFlags
from framework.rest import BadRequest

EPHEMERAL = 64


def test_a_late_modal_is_an_error_that_the_user_is_told_of(interactions, talk, caplog) -> None:
    @interactions.component("open")
    async def form(interaction: Interaction) -> Response:
        await asyncio.sleep(3)
        return Response.modal("form", "About you", [])

    async def story(stage) -> None:
        used = await stage.press("open")
        await asyncio.sleep(5)
        assert (used.answered, stage.seen()[-1]) == (6, ("Sorry.", EPHEMERAL))

    talk(interactions, story)
    assert "a modal must be the first response" in caplog.text


@pytest.mark.parametrize("wait_s", [0.1, 5])
def test_suggestions_that_come_too_late_are_none(interactions, talk, caplog, wait_s) -> None:
    @interactions.autocomplete("cat")
    async def suggest(interaction: Interaction) -> Response:
        await asyncio.sleep(wait_s)
        return Response.choices([f"{interaction.options['name']}m", "Tim"])

    async def story(stage) -> None:
        await stage.register("cat", Option(type=3, name="name", description="x", autocomplete=True))
        used = stage.use("cat", {"name": "To"}, focused="name")
        await asyncio.sleep(wait_s + 2)
        made = [{"name": name, "value": name} for name in ("Tom", "Tim")]
        assert used.response == {"choices": made if wait_s < 2 else []}

    talk(interactions, story)
    assert caplog.text == ""


@pytest.mark.parametrize("wait_s", [0.1, 5])
def test_the_user_is_told_when_a_handler_fails_and_the_log_says_whose(interactions, talk, caplog, wait_s) -> None:
    tokens = []

    @interactions.command("fail")
    async def fail(interaction: Interaction) -> None:
        tokens.append(interaction.token)
        await asyncio.sleep(wait_s)
        raise ValueError(f"in {interaction}")

    async def story(stage) -> None:
        await stage.register("fail")
        used = stage.use("fail")
        await asyncio.sleep(wait_s + 2)
        assert stage.seen() == [("Sorry.", EPHEMERAL)]
        (record,) = [r for r in caplog.records if r.name.startswith("framework")]
        assert record.getMessage() == f"interaction {used.id} of guild {used.guild_id} ('fail', type 2) was not handled"

    with caplog.at_level(logging.DEBUG):
        talk(interactions, story)
    assert "ValueError: in Interaction(id=" in caplog.text
    assert len(tokens) == 1
    assert tokens[0] not in caplog.text


@pytest.mark.parametrize("name", ["silent", "unknown"])
@pytest.mark.parametrize("wait_s", [0.1, 5])
def test_the_user_is_told_when_nobody_answers(interactions, talk, caplog, name, wait_s) -> None:
    @interactions.command("silent")
    async def silent(interaction: Interaction) -> None:
        await asyncio.sleep(wait_s)

    async def story(stage) -> None:
        await stage.register(name)
        stage.use(name)
        await asyncio.sleep(wait_s + 2)
        assert stage.seen() == [("Sorry.", EPHEMERAL)]

    talk(interactions, story)
    assert f"('{name}', type 2) was not handled" in caplog.text


def test_an_error_after_the_answer_is_only_logged(interactions, talk, caplog) -> None:
    @interactions.command("fail")
    async def fail(interaction: Interaction) -> None:
        await interaction.respond("done")
        raise ValueError("afterwards")

    async def story(stage) -> None:
        await stage.register("fail")
        stage.use("fail")
        await asyncio.sleep(2)
        assert stage.seen() == [("done", 0)]

    talk(interactions, story)
    (record,) = [r for r in caplog.records if r.name.startswith("framework")]
    assert str(record.exc_info[1]) == "afterwards"


def test_what_discord_refuses_was_not_said(interactions, talk) -> None:
    @interactions.command("work")
    async def work(interaction: Interaction) -> str:
        await asyncio.sleep(3)
        with pytest.raises(BadRequest):
            await interaction.respond("x" * 2_001)
        with pytest.raises(BadRequest):
            await interaction.respond("x" * 2_001, ephemeral=True)
        return "short"

    async def story(stage) -> None:
        await stage.register("work")
        stage.use("work")
        await asyncio.sleep(6)
        assert stage.seen() == [("short", 0)]

    talk(interactions, story)


def test_after_fifteen_minutes_nothing_is_sent(interactions, talk, caplog) -> None:
    errors = []

    @interactions.command("work")
    async def work(interaction: Interaction) -> str:
        await asyncio.sleep(15 * 60)
        for late in (interaction.followup("late"), interaction.edit_original("late"), interaction.defer()):
            with pytest.raises(InteractionExpired, match=r"came 900\.0 s ago; not sent") as caught:
                await late
            errors.append(caught.value)
        return "late"

    async def story(stage) -> None:
        await stage.register("work")
        stage.use("work")
        await asyncio.sleep(16 * 60)
        assert stage.seen() == [("", MessageFlags.LOADING)]
        assert stage.requests() == []

    talk(interactions, story)
    assert len(errors) == 3
    assert "('work', type 2) was not answered: the interaction came 900.0 s ago" in caplog.text


def test_a_handler_that_fails_to_suggest_suggests_nothing(interactions, talk, caplog) -> None:
    @interactions.autocomplete("cat")
    async def suggest(interaction: Interaction) -> Response:
        raise ValueError("no idea")

    async def story(stage) -> None:
        await stage.register("cat", Option(type=3, name="name", description="x", autocomplete=True))
        used = stage.use("cat", {"name": "To"}, focused="name")
        await asyncio.sleep(1)
        assert used.response == {"choices": []}

    talk(interactions, story)
    assert "ValueError: no idea" in caplog.text


def test_a_handler_that_waits_for_what_is_cancelled_has_failed_too(interactions, talk, caplog) -> None:
    @interactions.command("fail")
    async def fail(interaction: Interaction) -> str:
        other = asyncio.ensure_future(asyncio.sleep(60))
        other.cancel()
        await other
        return "never"

    async def story(stage) -> None:
        await stage.register("fail")
        stage.use("fail")
        await asyncio.sleep(1)
        assert stage.seen() == [("Sorry.", EPHEMERAL)]

    talk(interactions, story)
    assert "('fail', type 2) was not handled" in caplog.text
