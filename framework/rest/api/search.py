"""Searching messages and threads. While Discord is still indexing a guild, a search waits until it has an answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import TypedDict, TypeVar, Unpack

from framework.models import UNSET, Maybe, Model, decode
from framework.models.channel import Channel
from framework.models.message import Message, MessageSearchResult
from framework.models.thread import ThreadSearchResult
from framework.rest.api._base import Api, Query, query
from framework.rest.api._paging import marked_pages
from framework.rest.core.route import Route

__all__ = ["MessageFilter", "SearchApi", "ThreadFilter"]

T = TypeVar("T")
_PAGE = 25
_NOT_INDEXED = 110_000
_WAIT_S = 5.0  # where Discord does not say how long


class MessageFilter(TypedDict, total=False):
    """What messages must be. A list means any of these; in `author_type` and `has`, a minus before a word means not.

    `author_type`: user, bot, webhook. `has`: link, embed, file, image, video, sound, sticker, poll, snapshot.
    `embed_type`: image, video, gif, sound, article. `slop` is how far apart the words of `content` may be.
    """

    content: str
    slop: int
    author_id: Sequence[int]
    author_type: Sequence[str]
    channel_id: Sequence[int]
    mentions: Sequence[int]
    mentions_role_id: Sequence[int]
    mention_everyone: bool
    replied_to_user_id: Sequence[int]
    replied_to_message_id: Sequence[int]
    pinned: bool
    has: Sequence[str]
    embed_type: Sequence[str]
    embed_provider: Sequence[str]
    link_hostname: Sequence[str]
    attachment_filename: Sequence[str]
    attachment_extension: Sequence[str]
    include_nsfw: bool


class ThreadFilter(TypedDict, total=False):
    """What threads must be. `tag_setting`: match_all or match_some of the tags. `slop` as for messages."""

    name: str
    slop: int
    tag: Sequence[int]
    tag_setting: str
    archived: bool


class _NotIndexed(Model, kw_only=True):
    code: Maybe[int] = UNSET
    retry_after: Maybe[float] = UNSET


class SearchApi(Api):
    """Searches; the bot needs READ_MESSAGE_HISTORY, for messages also the MESSAGE_CONTENT intent."""

    async def search_guild_messages(
        self,
        guild_id: int,
        *,
        min_id: int | None = None,
        max_id: int | None = None,
        sort_by: str | None = None,
        sort_order: str | None = None,
        offset: int | None = None,
        limit: int | None = None,
        **wanted: Unpack[MessageFilter],
    ) -> MessageSearchResult:
        """A page of a guild's messages, 1 to 25 (25 by default) from `offset` (at most 9975) on. `sort_by` is timestamp
        or relevance, `sort_order` desc or asc."""
        route = Route.of("GET", "/guilds/{guild_id}/messages/search", guild_id=guild_id)
        asked = query(
            min_id=min_id, max_id=max_id, sort_by=sort_by, sort_order=sort_order, offset=offset, limit=limit, **wanted
        )
        return await self._search(MessageSearchResult, route, asked)

    def iterate_searched_messages(
        self,
        guild_id: int,
        *,
        min_id: int | None = None,
        max_id: int | None = None,
        limit: int | None = None,
        **wanted: Unpack[MessageFilter],
    ) -> AsyncIterator[Message]:
        """All messages that a search finds, the newest first, page by page and beyond the largest offset."""

        async def fetch(cursor: int | None) -> tuple[Sequence[Message], bool]:
            page = await self.search_guild_messages(guild_id, min_id=min_id, max_id=cursor, limit=_PAGE, **wanted)
            found = [message for group in page.messages for message in group if message.hit is not False]
            return found, page.total_results > len(found)

        return marked_pages(fetch, max_id, lambda message: message.id, lambda message: message.id, limit)

    async def search_threads(
        self,
        channel_id: int,
        *,
        min_id: int | None = None,
        max_id: int | None = None,
        sort_by: str | None = None,
        sort_order: str | None = None,
        offset: int | None = None,
        limit: int | None = None,
        **wanted: Unpack[ThreadFilter],
    ) -> ThreadSearchResult:
        """A page of a channel's threads, 1 to 25 (25 by default) from `offset` (at most 9975) on. `sort_by` is
        relevance, creation_time, last_message_time or archive_time, `sort_order` desc or asc."""
        route = Route.of("GET", "/channels/{channel_id}/threads/search", channel_id=channel_id)
        asked = query(
            min_id=min_id, max_id=max_id, sort_by=sort_by, sort_order=sort_order, offset=offset, limit=limit, **wanted
        )
        return await self._search(ThreadSearchResult, route, asked)

    def iterate_searched_threads(
        self,
        channel_id: int,
        *,
        min_id: int | None = None,
        max_id: int | None = None,
        limit: int | None = None,
        **wanted: Unpack[ThreadFilter],
    ) -> AsyncIterator[Channel]:
        """All threads that a search finds, the newest first, page by page and beyond the largest offset."""

        async def fetch(cursor: int | None) -> tuple[Sequence[Channel], bool]:
            page = await self.search_threads(
                channel_id, min_id=min_id, max_id=cursor, sort_by="creation_time", limit=_PAGE, **wanted
            )
            return page.threads, page.total_results > len(page.threads)

        return marked_pages(fetch, max_id, lambda thread: thread.id, lambda thread: thread.id, limit)

    async def _search(self, kind: type[T], route: Route, asked: Query) -> T:
        while True:
            raw = await self.request_raw(route, query=asked)
            state = decode(_NotIndexed, raw)
            if state.code != _NOT_INDEXED:
                return decode(kind, raw)
            await asyncio.sleep(state.retry_after or _WAIT_S)
