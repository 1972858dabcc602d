"""Polls ("Poll"). They are made with a message: see `create_message`."""

from __future__ import annotations

from collections.abc import AsyncIterator

from framework.models import Model
from framework.models.message import Message
from framework.models.user import User
from framework.rest.api._base import Api, query
from framework.rest.api._paging import pages
from framework.rest.core.route import Route

__all__ = ["PollsApi"]

_PAGE = 100


class _Voters(Model, kw_only=True):
    users: list[User]


class PollsApi(Api):
    """Who voted, and the end of a poll."""

    async def get_answer_voters(
        self, channel_id: int, message_id: int, answer_id: int, *, after: int | None = None, limit: int | None = None
    ) -> list[User]:
        """A page of those who chose an answer by ascending id, 1 to 100 of them (25 by default)."""
        template = "/channels/{channel_id}/polls/{message_id}/answers/{answer_id}"
        route = Route.of("GET", template, channel_id=channel_id, message_id=message_id, answer_id=answer_id)
        return (await self._ask(_Voters, route, query=query(after=after, limit=limit))).users

    def iterate_answer_voters(
        self, channel_id: int, message_id: int, answer_id: int, *, after: int = 0, limit: int | None = None
    ) -> AsyncIterator[User]:
        """All who chose an answer by ascending id, or those `after` an id, page by page."""
        return pages(
            lambda cursor, count: self.get_answer_voters(channel_id, message_id, answer_id, after=cursor, limit=count),
            after, lambda user: user.id, _PAGE, limit,
        )  # fmt: skip

    async def end_poll(self, channel_id: int, message_id: int) -> Message:
        """End a poll of the bot's own now."""
        template = "/channels/{channel_id}/polls/{message_id}/expire"
        return await self._ask(Message, Route.of("POST", template, channel_id=channel_id, message_id=message_id))
