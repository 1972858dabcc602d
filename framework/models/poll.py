"""Polls in messages ("Poll")."""

from __future__ import annotations

from enum import IntEnum

from framework.models._base import UNSET, Maybe, Model, Timestamp
from framework.models.emoji import PartialEmoji

__all__ = [
    "NewPoll",
    "NewPollAnswer",
    "Poll",
    "PollAnswer",
    "PollAnswerCount",
    "PollLayoutType",
    "PollMedia",
    "PollResults",
]


class PollLayoutType(IntEnum):
    """How a poll is shown."""

    DEFAULT = 1


class PollMedia(Model, kw_only=True):
    """A question (text only, at most 300 characters), or an answer (at most 55)."""

    text: Maybe[str] = UNSET
    emoji: Maybe[PartialEmoji] = UNSET


class PollAnswer(Model, kw_only=True):
    """One of the answers; the ids count from 1."""

    answer_id: int
    poll_media: PollMedia


class PollAnswerCount(Model, kw_only=True):
    """How many have chosen an answer."""

    id: int  # of the answer
    count: int
    me_voted: bool


class PollResults(Model, kw_only=True):
    """The votes; only once finalized they have been counted exactly. An answer that is missing here has none."""

    is_finalized: bool
    answer_counts: list[PollAnswerCount]


class Poll(Model, kw_only=True):
    """A poll."""

    question: PollMedia
    answers: list[PollAnswer]
    expiry: Timestamp | None
    allow_multiselect: bool
    layout_type: int  # PollLayoutType
    results: Maybe[PollResults] = UNSET  # UNSET: not known


class NewPollAnswer(Model, kw_only=True):
    """An answer of a poll to be made."""

    poll_media: PollMedia


class NewPoll(Model, kw_only=True):
    """A poll to be made, with up to ten answers."""

    question: PollMedia
    answers: list[NewPollAnswer]
    duration: Maybe[int] = UNSET  # hours, at most 768; 24 where it is left out
    allow_multiselect: Maybe[bool] = UNSET
    layout_type: Maybe[int] = UNSET  # PollLayoutType
