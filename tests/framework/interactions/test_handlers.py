"""Which handler answers, and what becomes of those that are running in the end."""

from __future__ import annotations

import asyncio

import pytest

from framework.errors import InvalidUse
from framework.interactions import Interaction, Interactions, Response
from framework.models.command import ApplicationCommandOption as Option
from framework.models.interaction import InteractionType


def test_the_nearest_handler_answers(interactions, talk) -> None:
    def answer(text):
        async def handler(interaction: Interaction) -> Response:
            return Response.message(f"{text}: {interaction.name} {list(interaction.options.values())}")

        return handler

    interactions.command("role")(answer("role"))
    interactions.command("role add")(answer("add"))
    interactions.command("role", type_=2)(answer("of a user"))
    interactions.command("role add", type_=2)(answer("adds for a user"))
    interactions.component("vote:", is_prefix=True)(answer("vote"))
    interactions.component("vote:up:", is_prefix=True)(answer("up"))
    interactions.component("vote:up:exactly")(answer("exactly"))
    interactions.on(InteractionType.MESSAGE_COMPONENT)(answer("any"))
    with pytest.raises(InvalidUse, match="a handler of 'role add' already"):
        interactions.command("role add")
    with pytest.raises(InvalidUse, match="a handler of 'type 3' already"):
        interactions.on(InteractionType.MESSAGE_COMPONENT)

    async def story(stage) -> None:
        who = Option(type=6, name="who", description="x", required=True)
        subs = [Option(type=1, name=name, description="x", options=[who]) for name in ("add", "remove")]
        await stage.register("role", *subs)
        for name in ("role", "role add", "role add now"):
            await stage.register(name, type_=2)
        for sub in ("add", "remove"):
            stage.use(f"role {sub}", {"who": stage.user})
            await asyncio.sleep(1)
        for name in ("role", "role add", "role add now"):
            stage.use(name, kind=2, target_id=stage.user)
            await asyncio.sleep(1)
        for custom_id in ("vote:down:1", "vote:up:1", "vote:up:exactly", "other"):
            await stage.press(custom_id)
            await asyncio.sleep(1)
        assert [text for text, _ in stage.seen() if text != "with a button"] == [
            f"add: role add [{stage.user}]", f"role: role remove [{stage.user}]", "of a user: role []",
            "adds for a user: role add []", "Sorry.",
            "vote: vote:down:1 []", "up: vote:up:1 []", "exactly: vote:up:exactly []", "any: other []",
        ]  # fmt: skip

    talk(interactions, story)


def test_closing_waits_for_handlers_and_then_cancels_them(interactions, talk) -> None:
    ended = []

    @interactions.command("work")
    async def work(interaction: Interaction) -> str:
        try:
            await asyncio.sleep(interaction.options["seconds"])
        except asyncio.CancelledError:
            await asyncio.sleep(1)  # it tidies up
            ended.append("cancelled")
            raise
        ended.append("done")
        return "done"

    async def story(stage) -> None:
        await stage.register("work", Option(type=10, name="seconds", description="x"))
        for seconds in (5.0, 500.0):
            stage.use("work", {"seconds": seconds})
        await asyncio.sleep(3)

    talk(interactions, story)
    assert ended == ["done", "cancelled"]


@pytest.mark.parametrize("options", [{"defer_after_s": 0}, {"error_message": ""}])
def test_what_cannot_be_is_refused(options) -> None:
    with pytest.raises(InvalidUse):
        Interactions(**options)
