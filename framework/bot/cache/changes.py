"""What each event changes in a cached guild ("Gateway Events"). A section that is not kept is left alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from framework.bot.cache.entities import Entities, fields_of
from framework.bot.cache.guild import Guild
from framework.bot.cache.policy import CachePolicy, Members, Section
from framework.models import UNSET, UnsetType

__all__ = ["CHANGES", "apply"]

_encode = msgspec.json.encode
_OVER = (3, 4)  # a scheduled event that is completed or canceled

Change = Callable[[Guild, bytes, int, CachePolicy], None]


class _Ids(msgspec.Struct):
    """The ids and flags that events name things by."""

    id: int = 0
    event_id: int = 0
    role_id: int = 0
    sound_id: int = 0
    user_id: int = 0
    channel_id: int | None = None
    status: Any = None


class _OfUser(msgspec.Struct):
    class User(msgspec.Struct):
        id: int

    user: User
    status: str | None = None


class _Parent(msgspec.Struct):
    parent_id: int | None = None


class _Metadata(msgspec.Struct):
    archived: bool = False


class _Thread(msgspec.Struct):
    thread_metadata: _Metadata = msgspec.field(default_factory=_Metadata)


class _Lists(msgspec.Struct):
    """Events that bring entities in a list."""

    emojis: list[msgspec.Raw] | UnsetType = UNSET
    members: list[msgspec.Raw] | UnsetType = UNSET
    presences: list[msgspec.Raw] | UnsetType = UNSET
    threads: list[msgspec.Raw] | UnsetType = UNSET
    channel_ids: list[int] | UnsetType = UNSET


class _Spoken(msgspec.Struct):
    author: msgspec.Raw
    member: msgspec.Raw | UnsetType = UNSET
    webhook_id: Any = None


def _reader(kind: type[Any]) -> Callable[[bytes], Any]:
    return msgspec.json.Decoder(kind, strict=False).decode


_ids, _of_user, _thread, _lists, _spoken = map(_reader, (_Ids, _OfUser, _Thread, _Lists, _Spoken))


def _bytes(found: list[msgspec.Raw]) -> list[bytes]:
    return [bytes(raw) for raw in found]


# -- the guild ---------------------------------------------------------------------------------------------------


def _guild_updated(guild: Guild, data: bytes, at_ms: int, policy: CachePolicy) -> None:
    guild.fill(fields_of(data), guild.sections, at_ms)


def _listed(section: Section, field: str) -> Change:
    """The whole section anew."""

    def change(guild: Guild, data: bytes, at_ms: int, policy: CachePolicy) -> None:
        if guild.entities(section, at_ms) is not None:
            guild.replace(section, fields_of(data)[field])

    return change


# -- one entity --------------------------------------------------------------------------------------------------


def _put(section: Section, field: str | None = None) -> Change:
    def change(guild: Guild, data: bytes, at_ms: int, policy: CachePolicy) -> None:
        if (held := guild.entities(section, at_ms)) is not None:
            held.put(data if field is None else bytes(fields_of(data)[field]))

    return change


def _delete(section: Section, field: str = "id") -> Change:
    def change(guild: Guild, data: bytes, at_ms: int, policy: CachePolicy) -> None:
        if (held := guild.entities(section, at_ms)) is not None:
            held.delete(getattr(_ids(data), field))

    return change


def _put_or_amend(held: Entities, entity_id: int, data: bytes) -> None:
    """Events of updates may leave fields out that the object has elsewhere."""
    if not held.amend(entity_id, data):
        held.put(data)


# -- channels and threads ------------------------------------------------------------------------------------------


def _channel_deleted(guild: Guild, data: bytes, at_ms: int, policy: CachePolicy) -> None:
    gone = _ids(data).id
    if (held := guild.entities(Section.CHANNELS, at_ms)) is not None:
        held.delete(gone)
    if (held := guild.entities(Section.THREADS, at_ms)) is not None:
        held.delete_where(_Parent, lambda thread: thread.parent_id == gone)


def _thread_created(guild: Guild, data: bytes, at_ms: int, policy: CachePolicy) -> None:
    if (held := guild.entities(Section.THREADS, at_ms)) is not None:
        found = fields_of(data)
        found.pop("newly_created", None)  # it will not stay so
        held.put(_encode(found))


def _thread_updated(guild: Guild, data: bytes, at_ms: int, policy: CachePolicy) -> None:
    if (held := guild.entities(Section.THREADS, at_ms)) is None:
        return
    if _thread(data).thread_metadata.archived:
        held.delete(_ids(data).id)
    else:
        _put_or_amend(held, _ids(data).id, data)


def _threads_synced(guild: Guild, data: bytes, at_ms: int, policy: CachePolicy) -> None:
    """THREAD_LIST_SYNC: all active threads of some channels, or of all, that the bot sees by now."""
    if (held := guild.entities(Section.THREADS, at_ms)) is None:
        return
    found = _lists(data)
    parents = None if found.channel_ids is UNSET else frozenset(found.channel_ids)
    held.delete_where(_Parent, lambda thread: parents is None or thread.parent_id in parents)
    held.put_all(_bytes(found.threads or []))


def _thread_amended(*names: str) -> Change:
    """Events that tell some fields of a thread."""

    def change(guild: Guild, data: bytes, at_ms: int, policy: CachePolicy) -> None:
        if (held := guild.entities(Section.THREADS, at_ms)) is not None:
            found = fields_of(data)
            held.amend(_ids(data).id, _encode({name: found[name] for name in names if name in found}))

    return change


def _own_place(guild: Guild, data: bytes, at_ms: int, policy: CachePolicy) -> None:
    """THREAD_MEMBER_UPDATE: the bot's own membership."""
    if (held := guild.entities(Section.THREADS, at_ms)) is not None:
        held.amend(_ids(data).id, b'{"member":' + data + b"}")


def _pinned(guild: Guild, data: bytes, at_ms: int, policy: CachePolicy) -> None:
    found = fields_of(data)
    changed = _encode({"last_pin_timestamp": found.get("last_pin_timestamp")})
    for section in (Section.CHANNELS, Section.THREADS):
        if (held := guild.entities(section, at_ms)) is not None:
            held.amend(_ids(data).channel_id or 0, changed)


# -- people --------------------------------------------------------------------------------------------------------


def _member_came(guild: Guild, data: bytes, at_ms: int, policy: CachePolicy) -> None:
    guild.count(1)
    if policy.members is Members.ALL and (held := guild.entities(Section.MEMBERS, at_ms)) is not None:
        held.put(data)


def _member_changed(guild: Guild, data: bytes, at_ms: int, policy: CachePolicy) -> None:
    if (held := guild.entities(Section.MEMBERS, at_ms)) is not None:
        user_id = _of_user(data).user.id
        if policy.members is Members.ALL:
            _put_or_amend(held, user_id, data)
        else:
            held.amend(user_id, data)


def _member_left(guild: Guild, data: bytes, at_ms: int, policy: CachePolicy) -> None:
    guild.count(-1)
    user_id = _of_user(data).user.id
    for section in (Section.MEMBERS, Section.PRESENCES):
        if (held := guild.entities(section, at_ms)) is not None:
            held.delete(user_id)


def _members_listed(guild: Guild, data: bytes, at_ms: int, policy: CachePolicy) -> None:
    """GUILD_MEMBERS_CHUNK."""
    found = _lists(data)
    if policy.members is Members.ALL and (held := guild.entities(Section.MEMBERS, at_ms)) is not None:
        held.put_all(_bytes(found.members or []))
    if (held := guild.entities(Section.PRESENCES, at_ms)) is not None:
        held.put_all(data for data in _bytes(found.presences or []) if _of_user(data).status != "offline")


def _spoke(guild: Guild, data: bytes, at_ms: int, policy: CachePolicy) -> None:
    """MESSAGE_CREATE: its member is the author's, without the user."""
    if policy.members is not Members.SPEAKERS or (held := guild.entities(Section.MEMBERS, at_ms)) is None:
        return
    found = _spoken(data)
    if found.member is UNSET or found.webhook_id is not None:
        return
    member = _encode({"user": found.author, **fields_of(found.member)})
    if held.raw(_of_user(member).user.id) == member:
        return  # who speaks often costs nothing more
    if len(held.ids()) >= policy.speakers_max:
        guild.replace(Section.MEMBERS, b"[]")
        held = guild.entities(Section.MEMBERS, at_ms)
        assert held is not None
    held.put(member)


def _presence(guild: Guild, data: bytes, at_ms: int, policy: CachePolicy) -> None:
    if (held := guild.entities(Section.PRESENCES, at_ms)) is not None:
        found = _of_user(data)
        if found.status == "offline":
            held.delete(found.user.id)
        else:
            held.put(data)


def _voice(guild: Guild, data: bytes, at_ms: int, policy: CachePolicy) -> None:
    if (held := guild.entities(Section.VOICE_STATES, at_ms)) is not None:
        found = _ids(data)
        if found.channel_id is None:
            held.delete(found.user_id)
        else:
            held.put(data)


# -- the rest --------------------------------------------------------------------------------------------------------


def _event_changed(guild: Guild, data: bytes, at_ms: int, policy: CachePolicy) -> None:
    if (held := guild.entities(Section.SCHEDULED_EVENTS, at_ms)) is not None:
        found = _ids(data)
        if found.status in _OVER:
            held.delete(found.id)
        else:
            held.put(data)


class _Exception(msgspec.Struct):
    event_exception_id: int = 0


class _Exceptions(msgspec.Struct):
    guild_scheduled_event_exceptions: list[msgspec.Raw] = []


_exception, _exceptions = _reader(_Exception), _reader(_Exceptions)


def _exception_changed(kept: bool) -> Change:
    """One occurrence of a recurring event is moved or called off, or not any more; without an id, none is any more."""

    def change(guild: Guild, data: bytes, at_ms: int, policy: CachePolicy) -> None:
        if (held := guild.entities(Section.SCHEDULED_EVENTS, at_ms)) is None:
            return
        event_id, which = _ids(data).event_id, _exception(data).event_exception_id
        if (event := held.raw(event_id)) is not None:
            left = _bytes(_exceptions(event).guild_scheduled_event_exceptions)
            left = [one for one in left if which and _exception(one).event_exception_id != which]
            if kept:
                left.append(_encode({k: v for k, v in fields_of(data).items() if k != "guild_id"}))
            held.amend(event_id, b'{"guild_scheduled_event_exceptions":[' + b",".join(left) + b"]}")

    return change


def _sounds_changed(guild: Guild, data: bytes, at_ms: int, policy: CachePolicy) -> None:
    if (held := guild.entities(Section.SOUNDBOARD_SOUNDS, at_ms)) is not None:
        sounds = msgspec.json.decode(fields_of(data)["soundboard_sounds"], type=list[msgspec.Raw])
        held.put_all(_bytes(sounds))


CHANGES: dict[str, Change] = {
    "GUILD_UPDATE": _guild_updated,
    "GUILD_EMOJIS_UPDATE": _listed(Section.EMOJIS, "emojis"),
    "GUILD_STICKERS_UPDATE": _listed(Section.STICKERS, "stickers"),
    "GUILD_ROLE_CREATE": _put(Section.ROLES, "role"),
    "GUILD_ROLE_UPDATE": _put(Section.ROLES, "role"),
    "GUILD_ROLE_DELETE": _delete(Section.ROLES, "role_id"),
    "CHANNEL_CREATE": _put(Section.CHANNELS),
    "CHANNEL_UPDATE": _put(Section.CHANNELS),
    "CHANNEL_DELETE": _channel_deleted,
    "CHANNEL_PINS_UPDATE": _pinned,
    "THREAD_CREATE": _thread_created,
    "THREAD_UPDATE": _thread_updated,
    "THREAD_DELETE": _delete(Section.THREADS),
    "THREAD_LIST_SYNC": _threads_synced,
    "THREAD_MEMBER_UPDATE": _own_place,
    "THREAD_MEMBERS_UPDATE": _thread_amended("member_count"),
    "GUILD_MEMBER_ADD": _member_came,
    "GUILD_MEMBER_UPDATE": _member_changed,
    "GUILD_MEMBER_REMOVE": _member_left,
    "GUILD_MEMBERS_CHUNK": _members_listed,
    "MESSAGE_CREATE": _spoke,
    "PRESENCE_UPDATE": _presence,
    "VOICE_STATE_UPDATE": _voice,
    "STAGE_INSTANCE_CREATE": _put(Section.STAGE_INSTANCES),
    "STAGE_INSTANCE_UPDATE": _put(Section.STAGE_INSTANCES),
    "STAGE_INSTANCE_DELETE": _delete(Section.STAGE_INSTANCES),
    "GUILD_SCHEDULED_EVENT_CREATE": _put(Section.SCHEDULED_EVENTS),
    "GUILD_SCHEDULED_EVENT_UPDATE": _event_changed,
    "GUILD_SCHEDULED_EVENT_DELETE": _delete(Section.SCHEDULED_EVENTS),
    "GUILD_SCHEDULED_EVENT_EXCEPTION_CREATE": _exception_changed(kept=True),
    "GUILD_SCHEDULED_EVENT_EXCEPTION_UPDATE": _exception_changed(kept=True),
    "GUILD_SCHEDULED_EVENT_EXCEPTION_DELETE": _exception_changed(kept=False),
    "GUILD_SCHEDULED_EVENT_EXCEPTIONS_DELETE": _exception_changed(kept=False),
    "GUILD_SOUNDBOARD_SOUND_CREATE": _put(Section.SOUNDBOARD_SOUNDS),
    "GUILD_SOUNDBOARD_SOUND_UPDATE": _put(Section.SOUNDBOARD_SOUNDS),
    "GUILD_SOUNDBOARD_SOUND_DELETE": _delete(Section.SOUNDBOARD_SOUNDS, "sound_id"),
    "GUILD_SOUNDBOARD_SOUNDS_UPDATE": _sounds_changed,
}
"""Every event that changes a part of a guild; GUILD_CREATE, GUILD_DELETE and READY concern the guild as a whole."""


def apply(guild: Guild, event: str, data: bytes, received_ms: int, policy: CachePolicy) -> None:
    """Make an event's change. `received_ms` is when the event came, which may be long before it is its turn."""
    change = CHANGES.get(event)
    if change is not None:
        change(guild, data, received_ms, policy)
        guild.passed(received_ms)
