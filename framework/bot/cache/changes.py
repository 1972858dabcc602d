"""What each event changes in a cached guild ("Gateway Events"). A section that is not kept is left alone."""

from __future__ import annotations

from framework.bot.cache import people, places
from framework.bot.cache.entities import fields_of
from framework.bot.cache.guild import Guild
from framework.bot.cache.policy import CachePolicy, Section
from framework.bot.cache.reading import Change, bytes_of, encode, ids_in, lists_in

__all__ = ["CHANGES", "apply"]

_OVER = (3, 4)  # a scheduled event that is completed or canceled


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
            held.delete(getattr(ids_in(data), field))

    return change


def _event_changed(guild: Guild, data: bytes, at_ms: int, policy: CachePolicy) -> None:
    if (held := guild.entities(Section.SCHEDULED_EVENTS, at_ms)) is not None:
        found = ids_in(data)
        if found.status in _OVER:
            held.delete(found.id)
        else:
            held.put(data)


def _exception_changed(kept: bool) -> Change:
    """One occurrence of a recurring event is moved or called off, or not any more; without an id, none is any more."""

    def change(guild: Guild, data: bytes, at_ms: int, policy: CachePolicy) -> None:
        if (held := guild.entities(Section.SCHEDULED_EVENTS, at_ms)) is None:
            return
        event_id, which = ids_in(data).event_id, ids_in(data).event_exception_id
        if (event := held.raw(event_id)) is not None:
            left = bytes_of(lists_in(event).guild_scheduled_event_exceptions)
            left = [one for one in left if which and ids_in(one).event_exception_id != which]
            if kept:
                left.append(encode({k: v for k, v in fields_of(data).items() if k != "guild_id"}))
            held.amend(event_id, b'{"guild_scheduled_event_exceptions":[' + b",".join(left) + b"]}")

    return change


def _sounds_changed(guild: Guild, data: bytes, at_ms: int, policy: CachePolicy) -> None:
    if (held := guild.entities(Section.SOUNDBOARD_SOUNDS, at_ms)) is not None:
        held.put_all(bytes_of(lists_in(data).soundboard_sounds))


CHANGES: dict[str, Change] = {
    "GUILD_UPDATE": _guild_updated,
    "GUILD_EMOJIS_UPDATE": _listed(Section.EMOJIS, "emojis"),
    "GUILD_STICKERS_UPDATE": _listed(Section.STICKERS, "stickers"),
    "GUILD_ROLE_CREATE": _put(Section.ROLES, "role"),
    "GUILD_ROLE_UPDATE": _put(Section.ROLES, "role"),
    "GUILD_ROLE_DELETE": _delete(Section.ROLES, "role_id"),
    "CHANNEL_CREATE": _put(Section.CHANNELS),
    "CHANNEL_UPDATE": _put(Section.CHANNELS),
    "CHANNEL_DELETE": places.channel_deleted,
    "CHANNEL_PINS_UPDATE": places.pinned,
    "THREAD_CREATE": places.thread_created,
    "THREAD_UPDATE": places.thread_updated,
    "THREAD_DELETE": _delete(Section.THREADS),
    "THREAD_LIST_SYNC": places.threads_synced,
    "THREAD_MEMBER_UPDATE": places.own_place,
    "THREAD_MEMBERS_UPDATE": places.thread_members_changed,
    "GUILD_MEMBER_ADD": people.member_came,
    "GUILD_MEMBER_UPDATE": people.member_changed,
    "GUILD_MEMBER_REMOVE": people.member_left,
    "GUILD_MEMBERS_CHUNK": people.members_listed,
    "MESSAGE_CREATE": people.spoke,
    "PRESENCE_UPDATE": people.presence,
    "VOICE_STATE_UPDATE": people.voice,
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
