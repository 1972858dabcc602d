"""A cached guild: what handlers read, and what keeps it true. Held as JSON, decoded where it is looked at."""

from __future__ import annotations

from collections.abc import ItemsView, Iterator, Mapping, ValuesView
from typing import Any, Generic, TypeVar, cast

import msgspec

from framework import models
from framework.bot.cache.entities import Entities, Layout, fields_of
from framework.bot.cache.policy import Section
from framework.bot.cache.storage import Storage
from framework.errors import InvalidUse
from framework.models.codec import decode

__all__ = ["Guild", "SectionView"]

T = TypeVar("T")

_NOTHING_ASKED: dict[Section, int] = {}  # of all guilds that were not fetched
GUILD_BYTES = 1_100  # what a guild takes besides its sections, as benchmarks/memory.py finds it


class _Id(msgspec.Struct):
    id: int


class _UserId(msgspec.Struct):
    user_id: int


class _OfUser(msgspec.Struct):
    user: _Id


class _SoundId(msgspec.Struct):
    sound_id: int


def _layout(kind: type[Any], read: Any) -> Layout:
    one, many = msgspec.json.Decoder(kind, strict=False).decode, msgspec.json.Decoder(list[kind], strict=False).decode  # type: ignore[valid-type]
    return Layout(lambda data: [read(found) for found in many(data)], lambda data: cast("int", read(one(data))))


_BY_ID = _layout(_Id, lambda found: found.id)
_BY_USER = _layout(_OfUser, lambda found: found.user.id)
LAYOUTS: dict[Section, Layout] = {
    **dict.fromkeys(Section, _BY_ID),
    Section.MEMBERS: _BY_USER,
    Section.PRESENCES: _BY_USER,
    Section.VOICE_STATES: _layout(_UserId, lambda found: found.user_id),
    Section.SOUNDBOARD_SOUNDS: _layout(_SoundId, lambda found: found.sound_id),
}
_ELSEWHERE = frozenset(Section) - {Section.GUILD} | {"member_count"}  # fields of GUILD_CREATE held outside the head


class SectionView(Mapping[int, T], Generic[T]):
    """Entities by id (members, presences and voice states by their user's), as they are when they are read.

    What is returned may be shared with others who read: change a copy. To go on while handlers run, use `all()`, or
    `values()` and `items()`, which are those of `all()`.
    """

    __slots__ = ("_guild", "_kind", "_section")

    def __init__(self, guild: Guild, section: Section, kind: type[T]) -> None:
        self._guild, self._section, self._kind = guild, section, kind

    def __repr__(self) -> str:
        return f"<SectionView of {len(self)} {self._section} of guild {self._guild.id}>"

    def __getitem__(self, entity_id: int) -> T:
        found = self._guild.look(self._section).get(entity_id, self._kind)
        if found is None:
            raise KeyError(entity_id)
        return found

    def __iter__(self) -> Iterator[int]:
        return iter(self._guild.look(self._section).ids())

    def __len__(self) -> int:
        return len(self._guild.look(self._section).ids())

    def all(self) -> dict[int, T]:
        """All of them as they are now."""
        return self._guild.look(self._section).all(self._kind)

    def values(self) -> ValuesView[T]:
        """The entities as they are now."""
        return self.all().values()

    def items(self) -> ItemsView[int, T]:
        """Ids and entities as they are now."""
        return self.all().items()


class Guild:
    """A guild as the cache knows it. It stays true while it is cached; a copy somebody still holds after that does
    not change any more. Sections that are not kept raise InvalidUse when they are read; `has` asks.
    """

    __slots__ = ("_asked_ms", "_count", "_head", "_sections", "_storage", "counted", "id", "used_ms")

    def __init__(self, guild_id: int, storage: Storage, used_ms: int) -> None:
        self.id = guild_id
        self.used_ms = used_ms
        self.counted = 0  # the size that the cache has added up
        self._storage = storage
        self._head: bytes | None = None
        self._count: int | None = None  # members; apart, since it changes with every one who comes or goes
        self._sections: dict[Section, Entities | None] = {}  # None: kept, and empty
        self._asked_ms = _NOTHING_ASKED

    def __repr__(self) -> str:
        return f"<Guild {self.id} {' '.join(sorted(self.sections))}>"

    # -- reading -----------------------------------------------------------------------------------------

    @property
    def sections(self) -> frozenset[Section]:
        """What is kept of the guild."""
        held = frozenset(self._sections)
        return held if self._head is None else held | {Section.GUILD}

    def has(self, *names: Section | str) -> bool:
        """Whether these sections are kept."""
        return self.sections.issuperset(map(Section, names))

    @property
    def head(self) -> models.Guild:
        """The guild's own fields; those that have a section are unset."""
        if self._head is None:
            raise InvalidUse(f"guild {self.id} is not cached any more, and nothing of it was")
        found = self._storage.decoded(self._head, models.Guild, _read_head)
        found.member_count = models.UNSET if self._count is None else self._count
        return found

    @property
    def name(self) -> str:
        """The guild's name."""
        return self.head.name or ""

    @property
    def owner_id(self) -> int:
        """The owner's user id; 0 where Discord did not tell it."""
        return self.head.owner_id or 0

    @property
    def member_count(self) -> int | None:
        """Members now; None where only REST told of the guild, which does not count them."""
        return self._count

    @property
    def roles(self) -> SectionView[models.Role]:
        """Roles by id."""
        return self.section(Section.ROLES, models.Role)

    @property
    def channels(self) -> SectionView[models.Channel]:
        """Channels by id, without threads. `last_message_id` is as it was when the channel last changed."""
        return self.section(Section.CHANNELS, models.Channel)

    @property
    def threads(self) -> SectionView[models.Channel]:
        """Active threads the bot sees, by id. Counts of messages are as they were when the thread last changed."""
        return self.section(Section.THREADS, models.Channel)

    @property
    def emojis(self) -> SectionView[models.Emoji]:
        """Custom emojis by id."""
        return self.section(Section.EMOJIS, models.Emoji)

    @property
    def stickers(self) -> SectionView[models.Sticker]:
        """Stickers by id."""
        return self.section(Section.STICKERS, models.Sticker)

    @property
    def members(self) -> SectionView[models.Member]:
        """The members Discord told of, by user id: all of them only after they were requested."""
        return self.section(Section.MEMBERS, models.Member)

    @property
    def voice_states(self) -> SectionView[models.VoiceState]:
        """Who is in voice, by user id."""
        return self.section(Section.VOICE_STATES, models.VoiceState)

    @property
    def presences(self) -> SectionView[models.Presence]:
        """Who is not offline, by user id."""
        return self.section(Section.PRESENCES, models.Presence)

    @property
    def stage_instances(self) -> SectionView[models.StageInstance]:
        """Live stages by id."""
        return self.section(Section.STAGE_INSTANCES, models.StageInstance)

    @property
    def scheduled_events(self) -> SectionView[models.ScheduledEvent]:
        """Events that are scheduled or active, by id."""
        return self.section(Section.SCHEDULED_EVENTS, models.ScheduledEvent)

    @property
    def soundboard_sounds(self) -> SectionView[models.SoundboardSound]:
        """Sounds by id."""
        return self.section(Section.SOUNDBOARD_SOUNDS, models.SoundboardSound)

    def section(self, name: Section | str, type: type[T]) -> SectionView[T]:
        """A section's entities as a type of your own, a msgspec.Struct with the fields you need.

        Raises:
            InvalidUse: there is no such section, or it is not kept.
        """
        if name not in self._sections:
            names = [section for section in Section if section is not Section.GUILD]
            if name not in names:
                raise InvalidUse(f"a guild has no section {name!r}; there are {', '.join(names)}")
            raise InvalidUse(
                f"{name} of guild {self.id} are not cached: let handlers say needs=({str(name)!r},), or see what "
                "CachePolicy.keep and the bot's intents allow"
            )
        return SectionView(self, Section(name), type)

    # -- for the cache -----------------------------------------------------------------------------------

    def size(self) -> int:
        """Bytes the guild takes."""
        head = 0 if self._head is None else len(self._head)
        return GUILD_BYTES + head + sum([held.size for held in self._sections.values() if held is not None])

    def entities(self, section: Section, received_ms: int) -> Entities | None:
        """A section to apply an event to: None if it is not kept, or was asked for after the event had come, so that
        it holds the event's change or a later one already."""
        if self._asked_ms and received_ms < self._asked_ms.get(section, received_ms):
            return None
        if section in self._sections and self._sections[section] is None:
            self._sections[section] = Entities(LAYOUTS[section], self._storage)
        return self._sections.get(section)

    def look(self, section: Section) -> Entities:
        """A section to read; empty if it is not kept any more."""
        return self._sections.get(section) or Entities(LAYOUTS[section], self._storage)

    def fill(self, found: dict[str, msgspec.Raw], wanted: frozenset[Section], received_ms: int) -> None:
        """Take the wanted sections from the fields of a guild object of whatever origin; those it lacks stay."""
        for section in wanted:
            if section in found and self._is_newer(section, received_ms):
                self.replace(section, found[section])
        if Section.GUILD in wanted and self._is_newer(Section.GUILD, received_ms):
            if "member_count" in found:
                self._count = msgspec.json.decode(found["member_count"])
            self.amend_head({key: value for key, value in found.items() if key not in _ELSEWHERE})

    def replace(self, section: Section, data: Any) -> None:
        """A section anew, from its JSON array."""
        if (old := self._sections.get(section)) is not None:
            old.release()
        is_empty = len(memoryview(data)) == len(b"[]")
        self._sections[section] = None if is_empty else Entities(LAYOUTS[section], self._storage, data)

    def amend_head(self, found: dict[str, Any]) -> None:
        """Lay fields over the guild's own."""
        if self._head is not None:
            found = fields_of(self._storage.unpack(self._head)) | found
            self._storage.forget(self._head)
        self._head = self._storage.pack(msgspec.json.encode(found))

    def count(self, more: int) -> None:
        """Members came or went."""
        if self._count is not None:
            self._count += more

    def asked(self, section: Section, at_ms: int) -> None:
        """A section was fetched: events that had come before the request are older than the answer."""
        self._asked_ms = {**self._asked_ms, section: at_ms}

    def passed(self, received_ms: int) -> None:
        """An event was applied: those that come after it were received later."""
        if self._asked_ms and received_ms > max(self._asked_ms.values()):
            self._asked_ms = _NOTHING_ASKED

    def release(self) -> None:
        """It leaves the cache: nothing of it needs to be held decoded."""
        for held in self._sections.values():
            if held is not None:
                held.release()
        if self._head is not None:
            self._storage.forget(self._head)

    def _is_newer(self, section: Section, received_ms: int) -> bool:
        return received_ms >= self._asked_ms.get(section, received_ms)


def _read_head(data: bytes) -> models.Guild:
    return decode(models.Guild, data)
