"""Messages: reading, posting, changing, deleting ("Message")."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from framework.errors import InvalidUse
from framework.models import UNSET, Maybe
from framework.models.component import Component
from framework.models.embed import Embed
from framework.models.message import AllowedMentions, Message, MessageReference, SharedClientTheme
from framework.models.poll import NewPoll
from framework.rest.api._base import Api, body, query
from framework.rest.api._messages import Listed, message_body
from framework.rest.api._paging import pages
from framework.rest.core.route import Route
from framework.rest.files import File

__all__ = ["MessagesApi"]

_MESSAGES = "/channels/{channel_id}/messages"
_MESSAGE = f"{_MESSAGES}/{{message_id}}"
_PAGE = 100


class MessagesApi(Api):
    """Messages of a channel."""

    async def get_channel_messages(
        self,
        channel_id: int,
        *,
        around: int | None = None,
        before: int | None = None,
        after: int | None = None,
        limit: int | None = None,
    ) -> list[Message]:
        """A page of messages, always the newest first, 1 to 100 of them (50 by default); give one of the three ids.
        Needs READ_MESSAGE_HISTORY, else it is empty."""
        route = Route.of("GET", _MESSAGES, channel_id=channel_id)
        asked = query(around=around, before=before, after=after, limit=limit)
        return await self._ask(list[Message], route, query=asked)

    def iterate_channel_messages(
        self, channel_id: int, *, before: int | None = None, after: int | None = None, limit: int | None = None
    ) -> AsyncIterator[Message]:
        """All messages from the newest on, or those `before` an id, page by page; with `after` the oldest comes first.

        Raises:
            InvalidUse: both `before` and `after`.
        """
        if after is None:
            return pages(
                lambda cursor, count: self.get_channel_messages(channel_id, before=cursor, limit=count),
                before, lambda message: message.id, _PAGE, limit,
            )  # fmt: skip
        if before is not None:
            raise InvalidUse("messages are read before an id or after an id, not both")

        async def forward(cursor: int, count: int) -> list[Message]:
            return (await self.get_channel_messages(channel_id, after=cursor, limit=count))[::-1]

        return pages(forward, after, lambda message: message.id, _PAGE, limit)

    async def get_channel_message(self, channel_id: int, message_id: int) -> Message:
        """One message; needs READ_MESSAGE_HISTORY."""
        return await self._ask(Message, Route.of("GET", _MESSAGE, channel_id=channel_id, message_id=message_id))

    async def create_message(
        self,
        channel_id: int,
        content: Maybe[str] = UNSET,
        *,
        embeds: Maybe[Sequence[Embed]] = UNSET,
        allowed_mentions: Maybe[AllowedMentions] = UNSET,
        message_reference: Maybe[MessageReference] = UNSET,
        components: Maybe[Sequence[Component]] = UNSET,
        sticker_ids: Maybe[Sequence[int]] = UNSET,
        files: Sequence[File] = (),
        attachments: Listed = UNSET,
        poll: Maybe[NewPoll] = UNSET,
        flags: Maybe[int] = UNSET,
        tts: Maybe[bool] = UNSET,
        nonce: Maybe[int | str] = UNSET,
        enforce_nonce: Maybe[bool] = UNSET,
        shared_client_theme: Maybe[SharedClientTheme] = UNSET,
    ) -> Message:
        """Post a message, at most 2000 characters; needs SEND_MESSAGES, in a thread SEND_MESSAGES_IN_THREADS.

        Up to 10 embeds, 10 files and 3 stickers. A reply needs READ_MESSAGE_HISTORY too. With `enforce_nonce`, a second
        message with the same nonce within minutes is not posted: the first is returned.
        """
        fields = message_body(
            files, attachments, content=content, embeds=embeds, allowed_mentions=allowed_mentions,
            message_reference=message_reference, components=components, sticker_ids=sticker_ids, poll=poll, flags=flags,
            tts=tts, nonce=nonce, enforce_nonce=enforce_nonce, shared_client_theme=shared_client_theme,
        )  # fmt: skip
        route = Route.of("POST", _MESSAGES, channel_id=channel_id)
        return await self._ask(Message, route, json=fields, files=files)

    async def edit_message(
        self,
        channel_id: int,
        message_id: int,
        content: Maybe[str | None] = UNSET,
        *,
        embeds: Maybe[Sequence[Embed]] = UNSET,
        allowed_mentions: Maybe[AllowedMentions] = UNSET,
        components: Maybe[Sequence[Component]] = UNSET,
        files: Sequence[File] = (),
        attachments: Listed = UNSET,
        flags: Maybe[int] = UNSET,
    ) -> Message:
        """Change a message of the bot's own; with MANAGE_MESSAGES, the flag SUPPRESS_EMBEDS of others' too.

        What is left out stays. `files` are added; `attachments` lists those that stay, where not all shall.
        """
        fields = message_body(
            files, attachments, edit=True, content=content, embeds=embeds, allowed_mentions=allowed_mentions,
            components=components, flags=flags,
        )  # fmt: skip
        route = Route.of("PATCH", _MESSAGE, channel_id=channel_id, message_id=message_id)
        return await self._ask(Message, route, json=fields, files=files)

    async def delete_message(self, channel_id: int, message_id: int, *, reason: str | None = None) -> None:
        """Delete a message; others' need MANAGE_MESSAGES."""
        await self._do(Route.of("DELETE", _MESSAGE, channel_id=channel_id, message_id=message_id), reason=reason)

    async def bulk_delete_messages(
        self, channel_id: int, message_ids: Sequence[int], *, reason: str | None = None
    ) -> None:
        """Delete 2 to 100 messages at once; needs MANAGE_MESSAGES. One that is older than two weeks spoils it for all
        (50034)."""
        route = Route.of("POST", f"{_MESSAGES}/bulk-delete", channel_id=channel_id)
        await self._do(route, json=body(messages=message_ids), reason=reason)

    async def crosspost_message(self, channel_id: int, message_id: int) -> Message:
        """Send a message of an announcement channel to those that follow it; others' need MANAGE_MESSAGES."""
        route = Route.of("POST", f"{_MESSAGE}/crosspost", channel_id=channel_id, message_id=message_id)
        return await self._ask(Message, route)
