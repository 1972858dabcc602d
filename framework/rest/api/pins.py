"""Pinned messages ("Message"). A channel has up to 250 (30003)."""

from __future__ import annotations

import datetime
from collections.abc import AsyncIterator, Sequence

from framework.models.message import ChannelPins, Message, MessagePin
from framework.rest.api._base import Api, query
from framework.rest.api._paging import marked_pages
from framework.rest.core.route import Route

__all__ = ["PinsApi"]

_PIN = "/channels/{channel_id}/messages/pins/{message_id}"
_OLD_PIN = "/channels/{channel_id}/pins/{message_id}"
_PAGE = 50
_TICK = datetime.timedelta(milliseconds=1)


class PinsApi(Api):
    """Pins."""

    async def get_channel_pins(
        self, channel_id: int, *, before: datetime.datetime | None = None, limit: int | None = None
    ) -> ChannelPins:
        """A page of what was pinned before a time, the last first, 1 to 50 (50 by default). Needs READ_MESSAGE_HISTORY,
        else it is empty."""
        route = Route.of("GET", "/channels/{channel_id}/messages/pins", channel_id=channel_id)
        return await self._ask(ChannelPins, route, query=query(before=before, limit=limit))

    def iterate_channel_pins(
        self, channel_id: int, *, before: datetime.datetime | None = None, limit: int | None = None
    ) -> AsyncIterator[MessagePin]:
        """All pinned messages, or those pinned `before` a time, the last pinned first, page by page."""

        async def fetch(cursor: datetime.datetime | None) -> tuple[Sequence[MessagePin], bool]:
            page = await self.get_channel_pins(channel_id, before=cursor, limit=_PAGE)
            return page.items, page.has_more

        return marked_pages(fetch, before, lambda pin: pin.pinned_at + _TICK, lambda pin: pin.message.id, limit)

    async def pin_message(self, channel_id: int, message_id: int, *, reason: str | None = None) -> None:
        """Pin a message; needs PIN_MESSAGES."""
        await self._do(Route.of("PUT", _PIN, channel_id=channel_id, message_id=message_id), reason=reason)

    async def unpin_message(self, channel_id: int, message_id: int, *, reason: str | None = None) -> None:
        """Unpin a message; needs PIN_MESSAGES."""
        await self._do(Route.of("DELETE", _PIN, channel_id=channel_id, message_id=message_id), reason=reason)

    # -- the older routes, which Discord keeps for old clients -----------------------------------------------

    async def get_pinned_messages_deprecated(self, channel_id: int) -> list[Message]:
        """The last 50 pinned messages, without their times: `get_channel_pins` tells more."""
        return await self._ask(list[Message], Route.of("GET", "/channels/{channel_id}/pins", channel_id=channel_id))

    async def pin_message_deprecated(self, channel_id: int, message_id: int, *, reason: str | None = None) -> None:
        """`pin_message` by its old route."""
        await self._do(Route.of("PUT", _OLD_PIN, channel_id=channel_id, message_id=message_id), reason=reason)

    async def unpin_message_deprecated(self, channel_id: int, message_id: int, *, reason: str | None = None) -> None:
        """`unpin_message` by its old route."""
        await self._do(Route.of("DELETE", _OLD_PIN, channel_id=channel_id, message_id=message_id), reason=reason)
