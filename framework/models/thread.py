"""Lists of threads, and a thread with its first message ("Threads")."""

from __future__ import annotations

from framework.models._base import UNSET, Maybe, Model
from framework.models.channel import Channel, ThreadMember
from framework.models.message import Message

__all__ = ["ForumThread", "ThreadList", "ThreadSearchResult"]


class ForumThread(Channel, kw_only=True):
    """A thread that was just made in a forum, with its first message, which has the same id."""

    message: Maybe[Message] = UNSET


class ThreadList(Model, kw_only=True):
    """Threads, and the bot's own places in those it is in."""

    threads: list[Channel]
    members: list[ThreadMember]
    has_more: Maybe[bool] = UNSET
    first_messages: Maybe[list[Message]] = UNSET  # of threads in forums


class ThreadSearchResult(ThreadList, kw_only=True):
    """A page of what a search has found."""

    total_results: int
