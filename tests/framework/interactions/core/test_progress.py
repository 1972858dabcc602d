"""Every way an answer can go, and the limits to the millisecond."""

from __future__ import annotations

import pytest

from framework.interactions import AlreadyAnswered, InteractionExpired, NotAnswered
from framework.interactions.core.progress import ANSWER_MS, TOKEN_MS, Callback, Progress, State, Step
from framework.models.interaction import InteractionCallbackType

CAME_MS = 5_000
MESSAGE, LATER, SILENT, UPDATE, CHOICES = Callback
MODAL = InteractionCallbackType.MODAL


def test_the_types_are_discords() -> None:
    assert all(InteractionCallbackType[kind.name] == kind for kind in Callback)


@pytest.mark.parametrize(
    ("said", "kind", "step", "state"),
    [
        ([], MESSAGE, Step.FIRST, State.ANSWERED),
        ([], UPDATE, Step.FIRST, State.ANSWERED),
        ([], CHOICES, Step.FIRST, State.ANSWERED),
        ([], MODAL, Step.FIRST, State.ANSWERED),
        ([], LATER, Step.FIRST, State.LOADING),
        ([], SILENT, Step.FIRST, State.SILENT),
        ([LATER], LATER, Step.NOTHING, State.LOADING),
        ([LATER], SILENT, Step.CLEAR, State.OWED),
        ([LATER, SILENT], SILENT, Step.NOTHING, State.OWED),
        ([LATER], MESSAGE, Step.FILL, State.ANSWERED),
        ([SILENT], SILENT, Step.NOTHING, State.SILENT),
        ([SILENT], LATER, Step.NOTHING, State.OWED),
        ([SILENT, LATER], LATER, Step.NOTHING, State.OWED),
        ([SILENT, LATER], MESSAGE, Step.FOLLOW, State.ANSWERED),
        ([SILENT], MESSAGE, Step.FOLLOW, State.ANSWERED),
        ([SILENT], UPDATE, Step.EDIT, State.ANSWERED),
        ([CHOICES], CHOICES, Step.NOTHING, State.ANSWERED),
    ],
)
def test_what_a_response_becomes(said, kind, step, state) -> None:
    progress = Progress(CAME_MS)
    for before in said:
        progress.respond(before, CAME_MS)
    assert (progress.respond(kind, CAME_MS), progress.state) == (step, state)


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ([LATER], UPDATE), ([LATER], MODAL), ([SILENT], MODAL), ([SILENT, LATER], UPDATE),
        ([LATER, MESSAGE], MESSAGE), ([MESSAGE], MESSAGE), ([MESSAGE], LATER),
        ([UPDATE], UPDATE), ([MODAL], MESSAGE),
    ],
)  # fmt: skip
def test_what_cannot_follow(said, kind) -> None:
    progress = Progress(CAME_MS)
    for before in said:
        progress.respond(before, CAME_MS)
    state = progress.state
    with pytest.raises(AlreadyAnswered):
        progress.respond(kind, CAME_MS)
    assert progress.state is state


@pytest.mark.parametrize("by", ["respond", "follow", "edit"])
@pytest.mark.parametrize("unseen", [False, True])
def test_a_message_that_others_shall_see_than_the_deferral_takes_its_place(by, unseen) -> None:
    progress = Progress(CAME_MS)
    progress.respond(LATER, CAME_MS, ephemeral=unseen)
    assert progress.respond(LATER, CAME_MS, ephemeral=not unseen) is Step.NOTHING
    kind = (MESSAGE,) if by == "respond" else ()
    steps = [getattr(progress, by)(*kind, CAME_MS, ephemeral=not unseen) for _ in range(2)]
    assert (steps, progress.state) == ([Step.CLEAR, Step.FOLLOW], State.ANSWERED)


@pytest.mark.parametrize(
    ("said", "by", "steps"),
    [
        ([LATER], "follow", [Step.FILL, Step.FOLLOW]),
        ([LATER], "edit", [Step.FILL, Step.EDIT]),
        ([SILENT], "follow", [Step.FOLLOW, Step.FOLLOW]),
        ([SILENT], "edit", [Step.EDIT, Step.EDIT]),
        ([SILENT, LATER], "follow", [Step.FOLLOW, Step.FOLLOW]),
        ([SILENT, LATER], "edit", [Step.FOLLOW, Step.EDIT]),
        ([MESSAGE], "follow", [Step.FOLLOW, Step.FOLLOW]),
        ([MESSAGE], "edit", [Step.EDIT, Step.EDIT]),
    ],
)
def test_follow_ups_and_edits(said, by, steps) -> None:
    progress = Progress(CAME_MS)
    with pytest.raises(NotAnswered):
        getattr(progress, by)(CAME_MS)
    for before in said:
        progress.respond(before, CAME_MS)
    assert [getattr(progress, by)(CAME_MS) for _ in steps] == steps


def test_the_first_response_has_three_seconds() -> None:
    progress = Progress(CAME_MS)
    for late_ms in (0, 1):
        with pytest.raises(InteractionExpired):
            progress.respond(MESSAGE, CAME_MS + ANSWER_MS + late_ms)
    assert [progress.is_settled(CAME_MS + ANSWER_MS + ms) for ms in (-1, 0)] == [False, True]
    assert progress.respond(MESSAGE, CAME_MS + ANSWER_MS - 1) is Step.FIRST


def test_all_that_follows_has_fifteen_minutes_from_when_the_interaction_can_have_been_made() -> None:
    progress = Progress(CAME_MS)
    progress.respond(LATER, CAME_MS)
    end_ms = CAME_MS + TOKEN_MS - ANSWER_MS
    for late_ms in (0, 1):
        for late in (progress.follow, progress.edit):
            with pytest.raises(InteractionExpired):
                late(end_ms + late_ms)
        with pytest.raises(InteractionExpired):
            progress.respond(MESSAGE, end_ms + late_ms)
    assert [progress.is_settled(end_ms + ms) for ms in (-1, 0)] == [False, True]
    assert progress.edit(end_ms - 1) is Step.FILL


def test_a_promise_settles_what_a_mere_deferral_does_not() -> None:
    progress = Progress(CAME_MS)
    progress.respond(LATER, CAME_MS)
    assert not progress.is_settled(CAME_MS)
    progress.is_promised = True
    assert progress.is_settled(CAME_MS)


def test_what_overtook_the_first_response_is_said_again_ever_more_slowly_until_that_cannot_be() -> None:
    progress = Progress(CAME_MS)
    progress.respond(MESSAGE, CAME_MS + 500)
    first_ms = progress.first_ms
    assert [progress.again_ms(first_ms + ms) for ms in (0, 20, 150, 1_500)] == [
        first_ms + 100, first_ms + 120, first_ms + 300, first_ms + 3_000,
    ]  # fmt: skip
    assert [progress.again_ms(first_ms + ANSWER_MS + ms) for ms in (-1, 0, 1)] == [first_ms + 5_998, None, None]
