"""Reactions ("Message")."""

from __future__ import annotations

from collections.abc import AsyncIterator

from framework.models.emoji import Emoji, PartialEmoji
from framework.models.user import User
from framework.rest.api._base import Api, query
from framework.rest.api._paging import pages
from framework.rest.core.route import Route

__all__ = ["ReactionsApi"]

_ALL = "/channels/{channel_id}/messages/{message_id}/reactions"
_EMOJI = f"{_ALL}/{{emoji}}"
_PAGE = 100


def _text(emoji: str | Emoji | PartialEmoji) -> str:
    """An emoji in a path: a standard one itself, a custom one as `name:id`, where the id counts."""
    if isinstance(emoji, str):
        return emoji
    return f"{emoji.name or '__'}:{emoji.id}" if emoji.id else str(emoji.name)


class ReactionsApi(Api):
    """Reactions to messages. `emoji` is a character, `name:id` for a custom emoji, or an emoji object."""

    async def create_reaction(self, channel_id: int, message_id: int, emoji: str | Emoji | PartialEmoji) -> None:
        """React as the bot; needs READ_MESSAGE_HISTORY, and ADD_REACTIONS where nobody has reacted so before. A message
        has up to 20 different ones (30010)."""
        template = f"{_EMOJI}/@me"
        route = Route.of("PUT", template, channel_id=channel_id, message_id=message_id, emoji=_text(emoji))
        await self._do(route)

    async def delete_own_reaction(self, channel_id: int, message_id: int, emoji: str | Emoji | PartialEmoji) -> None:
        """Take the bot's own reaction back."""
        template = f"{_EMOJI}/@me"
        route = Route.of("DELETE", template, channel_id=channel_id, message_id=message_id, emoji=_text(emoji))
        await self._do(route)

    async def delete_user_reaction(
        self, channel_id: int, message_id: int, emoji: str | Emoji | PartialEmoji, user_id: int
    ) -> None:
        """Take somebody's reaction away; needs MANAGE_MESSAGES."""
        route = Route.of(
            "DELETE", f"{_EMOJI}/{{user_id}}",
            channel_id=channel_id, message_id=message_id, emoji=_text(emoji), user_id=user_id,
        )  # fmt: skip
        await self._do(route)

    async def get_reactions(
        self,
        channel_id: int,
        message_id: int,
        emoji: str | Emoji | PartialEmoji,
        *,
        type_: int | None = None,
        after: int | None = None,
        limit: int | None = None,
    ) -> list[User]:
        """A page of those who reacted with an emoji by ascending id, 1 to 100 of them (25 by default). `type_` is a
        ReactionType."""
        route = Route.of("GET", _EMOJI, channel_id=channel_id, message_id=message_id, emoji=_text(emoji))
        return await self._ask(list[User], route, query=query(type_=type_, after=after, limit=limit))

    def iterate_reactions(
        self,
        channel_id: int,
        message_id: int,
        emoji: str | Emoji | PartialEmoji,
        *,
        type_: int | None = None,
        after: int = 0,
        limit: int | None = None,
    ) -> AsyncIterator[User]:
        """All who reacted with an emoji by ascending id, or those `after` an id, page by page."""
        return pages(
            lambda cursor, count: self.get_reactions(
                channel_id, message_id, emoji, type_=type_, after=cursor, limit=count
            ),
            after, lambda user: user.id, _PAGE, limit,
        )  # fmt: skip

    async def delete_all_reactions(self, channel_id: int, message_id: int) -> None:
        """Remove all reactions from a message; needs MANAGE_MESSAGES."""
        await self._do(Route.of("DELETE", _ALL, channel_id=channel_id, message_id=message_id))

    async def delete_all_reactions_for_emoji(
        self, channel_id: int, message_id: int, emoji: str | Emoji | PartialEmoji
    ) -> None:
        """Remove all reactions with one emoji from a message; needs MANAGE_MESSAGES."""
        await self._do(Route.of("DELETE", _EMOJI, channel_id=channel_id, message_id=message_id, emoji=_text(emoji)))
