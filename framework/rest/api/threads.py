"""Threads: starting them, who is in them, and lists of them ("Channel", "Threads"). They are channels: see
`modify_channel` to archive, lock or tag one.
"""

from __future__ import annotations

import datetime
from collections.abc import AsyncIterator, Sequence

from framework.models import UNSET, Maybe
from framework.models.channel import Channel, ThreadMember
from framework.models.component import Component
from framework.models.embed import Embed
from framework.models.message import AllowedMentions, SharedClientTheme
from framework.models.poll import NewPoll
from framework.models.thread import ForumThread, ThreadList
from framework.rest.api._base import Api, body, query
from framework.rest.api._messages import Listed, message_body
from framework.rest.api._paging import marked_pages, pages
from framework.rest.core.route import Route
from framework.rest.files import File

__all__ = ["ThreadsApi"]

_THREADS = "/channels/{channel_id}/threads"
_MEMBERS = "/channels/{channel_id}/thread-members"
_MEMBER = f"{_MEMBERS}/{{user_id}}"
_PAGE = 100
_TICK = datetime.timedelta(milliseconds=1)


def _archived(thread: Channel) -> datetime.datetime:
    """When a listed thread was archived; a moment later, see `marked_pages`."""
    assert thread.thread_metadata is not UNSET
    assert thread.thread_metadata.archive_timestamp is not None
    return thread.thread_metadata.archive_timestamp + _TICK


def _user_id(member: ThreadMember) -> int:
    assert member.user_id is not UNSET
    return member.user_id


class ThreadsApi(Api):
    """Threads."""

    async def start_thread_from_message(
        self,
        channel_id: int,
        message_id: int,
        name: str,
        *,
        auto_archive_duration: Maybe[int] = UNSET,
        rate_limit_per_user: Maybe[int] = UNSET,
        reason: str | None = None,
    ) -> Channel:
        """Start a public thread below a message, whose id it gets; needs CREATE_PUBLIC_THREADS. A message has one at
        most (160004)."""
        template = "/channels/{channel_id}/messages/{message_id}/threads"
        route = Route.of("POST", template, channel_id=channel_id, message_id=message_id)
        fields = body(name=name, auto_archive_duration=auto_archive_duration, rate_limit_per_user=rate_limit_per_user)
        return await self._ask(Channel, route, json=fields, reason=reason)

    async def start_thread_without_message(
        self,
        channel_id: int,
        name: str,
        *,
        type_: Maybe[int] = UNSET,
        invitable: Maybe[bool] = UNSET,
        auto_archive_duration: Maybe[int] = UNSET,
        rate_limit_per_user: Maybe[int] = UNSET,
        reason: str | None = None,
    ) -> Channel:
        """Start a thread, a private one unless `type_` says otherwise; needs CREATE_PRIVATE_THREADS, or
        CREATE_PUBLIC_THREADS."""
        fields = body(
            name=name, type_=type_, invitable=invitable, auto_archive_duration=auto_archive_duration,
            rate_limit_per_user=rate_limit_per_user,
        )  # fmt: skip
        return await self._ask(Channel, Route.of("POST", _THREADS, channel_id=channel_id), json=fields, reason=reason)

    async def start_thread_in_forum_or_media_channel(
        self,
        channel_id: int,
        name: str,
        content: Maybe[str] = UNSET,
        *,
        applied_tags: Maybe[Sequence[int]] = UNSET,
        auto_archive_duration: Maybe[int] = UNSET,
        rate_limit_per_user: Maybe[int] = UNSET,
        embeds: Maybe[Sequence[Embed]] = UNSET,
        allowed_mentions: Maybe[AllowedMentions] = UNSET,
        components: Maybe[Sequence[Component]] = UNSET,
        sticker_ids: Maybe[Sequence[int]] = UNSET,
        files: Sequence[File] = (),
        attachments: Listed = UNSET,
        poll: Maybe[NewPoll] = UNSET,
        flags: Maybe[int] = UNSET,
        shared_client_theme: Maybe[SharedClientTheme] = UNSET,
        reason: str | None = None,
    ) -> ForumThread:
        """Start a thread in a forum with its first message; needs SEND_MESSAGES, and MANAGE_THREADS for moderated tags.
        Up to five tags; some forums want one (40067)."""
        message = message_body(
            files, attachments, content=content, embeds=embeds, allowed_mentions=allowed_mentions,
            components=components, sticker_ids=sticker_ids, poll=poll, flags=flags,
            shared_client_theme=shared_client_theme,
        )  # fmt: skip
        fields = body(
            name=name, applied_tags=applied_tags, auto_archive_duration=auto_archive_duration,
            rate_limit_per_user=rate_limit_per_user, message=message,
        )  # fmt: skip
        route = Route.of("POST", _THREADS, channel_id=channel_id)
        return await self._ask(ForumThread, route, json=fields, files=files, reason=reason)

    # -- members ---------------------------------------------------------------------------------------------

    async def join_thread(self, channel_id: int) -> None:
        """Come into a thread that is not archived."""
        await self._do(Route.of("PUT", f"{_MEMBERS}/@me", channel_id=channel_id))

    async def add_thread_member(self, channel_id: int, user_id: int) -> None:
        """Bring somebody into a thread that is not archived, up to 1000; needs to be able to write there."""
        await self._do(Route.of("PUT", _MEMBER, channel_id=channel_id, user_id=user_id))

    async def leave_thread(self, channel_id: int) -> None:
        """Leave a thread that is not archived."""
        await self._do(Route.of("DELETE", f"{_MEMBERS}/@me", channel_id=channel_id))

    async def remove_thread_member(self, channel_id: int, user_id: int) -> None:
        """Remove somebody from a thread that is not archived; needs MANAGE_THREADS, or to have begun a private one."""
        await self._do(Route.of("DELETE", _MEMBER, channel_id=channel_id, user_id=user_id))

    async def get_thread_member(
        self, channel_id: int, user_id: int, *, with_member: bool | None = None
    ) -> ThreadMember:
        """Somebody's place in a thread, NotFound where they are not in it."""
        route = Route.of("GET", _MEMBER, channel_id=channel_id, user_id=user_id)
        return await self._ask(ThreadMember, route, query=query(with_member=with_member))

    async def list_thread_members(
        self,
        channel_id: int,
        *,
        with_member: bool | None = None,
        after: int | None = None,
        limit: int | None = None,
    ) -> list[ThreadMember]:
        """Who is in a thread; needs the GUILD_MEMBERS intent enabled for the application. With `with_member` it is a
        page by ascending user id, 1 to 100 (100 by default), else all."""
        route = Route.of("GET", _MEMBERS, channel_id=channel_id)
        asked = query(with_member=with_member, after=after, limit=limit)
        return await self._ask(list[ThreadMember], route, query=asked)

    def iterate_thread_members(
        self, channel_id: int, *, after: int = 0, limit: int | None = None
    ) -> AsyncIterator[ThreadMember]:
        """All who are in a thread with their membership of the guild, by ascending user id, page by page."""
        return pages(
            lambda cursor, count: self.list_thread_members(channel_id, with_member=True, after=cursor, limit=count),
            after, _user_id, _PAGE, limit,
        )  # fmt: skip

    # -- lists -----------------------------------------------------------------------------------------------

    async def list_active_guild_threads(self, guild_id: int) -> ThreadList:
        """All threads of a guild that are not archived and that the bot can see, the newest first."""
        return await self._ask(ThreadList, Route.of("GET", "/guilds/{guild_id}/threads/active", guild_id=guild_id))

    async def list_public_archived_threads(
        self, channel_id: int, *, before: datetime.datetime | None = None, limit: int | None = None
    ) -> ThreadList:
        """A page of a channel's archived public threads, the last archived first, 2 to 100 (50 by default); needs
        READ_MESSAGE_HISTORY."""
        route = Route.of("GET", f"{_THREADS}/archived/public", channel_id=channel_id)
        return await self._ask(ThreadList, route, query=query(before=before, limit=limit))

    def iterate_public_archived_threads(
        self, channel_id: int, *, before: datetime.datetime | None = None, limit: int | None = None
    ) -> AsyncIterator[Channel]:
        """All archived public threads of a channel, the last archived first, page by page."""

        async def fetch(cursor: datetime.datetime | None) -> tuple[Sequence[Channel], bool]:
            page = await self.list_public_archived_threads(channel_id, before=cursor, limit=_PAGE)
            return page.threads, bool(page.has_more)

        return marked_pages(fetch, before, _archived, lambda thread: thread.id, limit)

    async def list_private_archived_threads(
        self, channel_id: int, *, before: datetime.datetime | None = None, limit: int | None = None
    ) -> ThreadList:
        """A page of a channel's archived private threads, the last archived first, 2 to 100 (50 by default); needs
        READ_MESSAGE_HISTORY and MANAGE_THREADS."""
        route = Route.of("GET", f"{_THREADS}/archived/private", channel_id=channel_id)
        return await self._ask(ThreadList, route, query=query(before=before, limit=limit))

    def iterate_private_archived_threads(
        self, channel_id: int, *, before: datetime.datetime | None = None, limit: int | None = None
    ) -> AsyncIterator[Channel]:
        """All archived private threads of a channel, the last archived first, page by page."""

        async def fetch(cursor: datetime.datetime | None) -> tuple[Sequence[Channel], bool]:
            page = await self.list_private_archived_threads(channel_id, before=cursor, limit=_PAGE)
            return page.threads, bool(page.has_more)

        return marked_pages(fetch, before, _archived, lambda thread: thread.id, limit)

    async def list_joined_private_archived_threads(
        self, channel_id: int, *, before: int | None = None, limit: int | None = None
    ) -> ThreadList:
        """A page of a channel's archived private threads that the bot is in, by descending id, 2 to 100 (50 by
        default); needs READ_MESSAGE_HISTORY."""
        template = "/channels/{channel_id}/users/@me/threads/archived/private"
        route = Route.of("GET", template, channel_id=channel_id)
        return await self._ask(ThreadList, route, query=query(before=before, limit=limit))

    def iterate_joined_private_archived_threads(
        self, channel_id: int, *, before: int | None = None, limit: int | None = None
    ) -> AsyncIterator[Channel]:
        """All archived private threads of a channel that the bot is in, by descending id, page by page."""

        async def fetch(cursor: int | None) -> tuple[Sequence[Channel], bool]:
            page = await self.list_joined_private_archived_threads(channel_id, before=cursor, limit=_PAGE)
            return page.threads, bool(page.has_more)

        return marked_pages(fetch, before, lambda thread: thread.id, lambda thread: thread.id, limit)
