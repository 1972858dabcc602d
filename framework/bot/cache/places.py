"""What events change in channels and threads ("Channels", "Threads" of "Gateway Events")."""

from __future__ import annotations

import msgspec

from framework.bot.cache.entities import fields_of
from framework.bot.cache.guild import Guild
from framework.bot.cache.policy import CachePolicy, Section
from framework.bot.cache.reading import bytes_of, encode, ids_in, lists_in, put_or_amend, reader
from framework.models import UNSET

__all__ = [
    "channel_deleted", "own_place", "pinned", "thread_created", "thread_members_changed", "thread_updated",
    "threads_synced",
]  # fmt: skip


class _Parent(msgspec.Struct):
    parent_id: int | None = None


class _Metadata(msgspec.Struct):
    archived: bool = False


class _Thread(msgspec.Struct):
    thread_metadata: _Metadata = msgspec.field(default_factory=_Metadata)


_thread = reader(_Thread)


def channel_deleted(guild: Guild, data: bytes, at_ms: int, policy: CachePolicy) -> None:
    gone = ids_in(data).id
    if (held := guild.entities(Section.CHANNELS, at_ms)) is not None:
        held.delete(gone)
    if (held := guild.entities(Section.THREADS, at_ms)) is not None:
        held.delete_where(_Parent, lambda thread: thread.parent_id == gone)


def thread_created(guild: Guild, data: bytes, at_ms: int, policy: CachePolicy) -> None:
    if (held := guild.entities(Section.THREADS, at_ms)) is not None:
        found = fields_of(data)
        found.pop("newly_created", None)  # it will not stay so
        held.put(encode(found))


def thread_updated(guild: Guild, data: bytes, at_ms: int, policy: CachePolicy) -> None:
    if (held := guild.entities(Section.THREADS, at_ms)) is None:
        return
    if _thread(data).thread_metadata.archived:
        held.delete(ids_in(data).id)
    else:
        put_or_amend(held, ids_in(data).id, data)


def threads_synced(guild: Guild, data: bytes, at_ms: int, policy: CachePolicy) -> None:
    """THREAD_LIST_SYNC: all active threads of some channels, or of all, that the bot sees by now."""
    if (held := guild.entities(Section.THREADS, at_ms)) is None:
        return
    found = lists_in(data)
    parents = None if found.channel_ids is UNSET else frozenset(found.channel_ids)
    held.delete_where(_Parent, lambda thread: parents is None or thread.parent_id in parents)
    held.put_all(bytes_of(found.threads))


def thread_members_changed(guild: Guild, data: bytes, at_ms: int, policy: CachePolicy) -> None:
    """THREAD_MEMBERS_UPDATE: how many are in a thread."""
    if (held := guild.entities(Section.THREADS, at_ms)) is not None:
        held.amend(ids_in(data).id, encode({"member_count": fields_of(data).get("member_count")}))


def own_place(guild: Guild, data: bytes, at_ms: int, policy: CachePolicy) -> None:
    """THREAD_MEMBER_UPDATE: the bot's own membership."""
    if (held := guild.entities(Section.THREADS, at_ms)) is not None:
        held.amend(ids_in(data).id, b'{"member":' + data + b"}")


def pinned(guild: Guild, data: bytes, at_ms: int, policy: CachePolicy) -> None:
    found = fields_of(data)
    changed = encode({"last_pin_timestamp": found.get("last_pin_timestamp")})
    for section in (Section.CHANNELS, Section.THREADS):
        if (held := guild.entities(section, at_ms)) is not None:
            held.amend(ids_in(data).channel_id or 0, changed)
