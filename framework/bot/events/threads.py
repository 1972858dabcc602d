"""Threads (intent GUILDS)."""

from __future__ import annotations

from framework.bot.events._base import Event
from framework.models import UNSET, Channel, Maybe, Snowflake, ThreadMember

__all__ = [
    "ThreadCreate",
    "ThreadDelete",
    "ThreadListSync",
    "ThreadMemberUpdate",
    "ThreadMembersUpdate",
    "ThreadUpdate",
]


class _ThreadEvent(Channel, Event, kw_only=True):
    guild_id: Snowflake


class ThreadCreate(_ThreadEvent, kw_only=True):
    """THREAD_CREATE: begun (`newly_created`), or the bot was added to it (`member`)."""

    NAME = "THREAD_CREATE"


class ThreadUpdate(_ThreadEvent, kw_only=True):
    """THREAD_UPDATE: not for new messages and their counts."""

    NAME = "THREAD_UPDATE"


class ThreadDelete(Event, kw_only=True):
    """THREAD_DELETE."""

    NAME = "THREAD_DELETE"

    id: Snowflake
    guild_id: Snowflake
    parent_id: Snowflake
    type: int  # ChannelType


class ThreadListSync(Event, kw_only=True):
    """THREAD_LIST_SYNC: the bot has gained access to channels; these are all their active threads."""

    NAME = "THREAD_LIST_SYNC"

    guild_id: Snowflake
    channel_ids: Maybe[list[Snowflake]] = UNSET  # UNSET: the whole guild. There may be some without a thread
    threads: list[Channel]
    members: list[ThreadMember]  # the bot's own places


class ThreadMemberUpdate(ThreadMember, Event, kw_only=True):
    """THREAD_MEMBER_UPDATE: the bot's own place has changed."""

    NAME = "THREAD_MEMBER_UPDATE"

    id: Snowflake  # the thread's
    user_id: Snowflake
    guild_id: Snowflake


class ThreadMembersUpdate(Event, kw_only=True):
    """THREAD_MEMBERS_UPDATE: somebody has come or gone; without intent GUILD_MEMBERS only if it is the bot."""

    NAME = "THREAD_MEMBERS_UPDATE"

    id: Snowflake  # the thread's
    guild_id: Snowflake
    member_count: int  # does not count beyond 50
    added_members: Maybe[list[ThreadMember]] = UNSET  # with `member` and `presence`
    removed_member_ids: Maybe[list[Snowflake]] = UNSET
