"""What may be cached, for how long, and which event may cause a fetch."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from framework.errors import InvalidUse
from framework.wire import Intents

__all__ = [
    "FETCHED_BY",
    "NEVER_FETCH",
    "CachePolicy",
    "CacheSnapshot",
    "Members",
    "Section",
    "kept_true_by",
    "sections",
]

NEVER_FETCH = frozenset(
    {
        "GUILD_BAN_ADD",
        "GUILD_BAN_REMOVE",
        "GUILD_MEMBER_REMOVE",
        "GUILD_DELETE",
        "GUILD_AUDIT_LOG_ENTRY_CREATE",
        "PRESENCE_UPDATE",
        "TYPING_START",
        "MESSAGE_DELETE",
        "MESSAGE_DELETE_BULK",
        "VOICE_STATE_UPDATE",
    }
)
"""Events that come in floods, or tell of an end: none of them is a reason to fetch a guild."""


class Section(StrEnum):
    """A part of a guild that is kept or left out as a whole. The values are GUILD_CREATE's field names."""

    GUILD = "guild"  # the guild's own fields: name, owner, features…
    ROLES = "roles"
    CHANNELS = "channels"
    THREADS = "threads"  # the active ones that the bot sees
    EMOJIS = "emojis"
    STICKERS = "stickers"
    MEMBERS = "members"
    VOICE_STATES = "voice_states"
    PRESENCES = "presences"
    STAGE_INSTANCES = "stage_instances"
    SCHEDULED_EVENTS = "guild_scheduled_events"
    SOUNDBOARD_SOUNDS = "soundboard_sounds"


class Members(StrEnum):
    """Which members are kept."""

    NONE = "none"
    SPEAKERS = "speakers"  # who wrote a message, as they were then
    ALL = "all"  # everybody Discord tells of: in GUILD_CREATE, joins, updates and requested lists


EVERYTHING = frozenset(Section)

FETCHED_BY: dict[Section, Section] = {
    Section.GUILD: Section.GUILD,
    Section.ROLES: Section.GUILD,
    Section.EMOJIS: Section.GUILD,
    Section.STICKERS: Section.GUILD,
    Section.CHANNELS: Section.CHANNELS,
    Section.THREADS: Section.THREADS,
    Section.SCHEDULED_EVENTS: Section.SCHEDULED_EVENTS,
    Section.SOUNDBOARD_SOUNDS: Section.SOUNDBOARD_SOUNDS,
}
"""Which request brings a section; those that are missing come by GUILD_CREATE only."""

_INTENTS: dict[Section, Intents] = {
    Section.EMOJIS: Intents.GUILD_EXPRESSIONS,
    Section.STICKERS: Intents.GUILD_EXPRESSIONS,
    Section.SOUNDBOARD_SOUNDS: Intents.GUILD_EXPRESSIONS,
    Section.MEMBERS: Intents.GUILD_MEMBERS,
    Section.VOICE_STATES: Intents.GUILD_VOICE_STATES,
    Section.PRESENCES: Intents.GUILD_PRESENCES,
    Section.SCHEDULED_EVENTS: Intents.GUILD_SCHEDULED_EVENTS,
}


def kept_true_by(intents: int) -> frozenset[Section]:
    """The sections whose changes Discord tells with these intents ("Gateway Intents")."""
    return frozenset(s for s in Section if intents & _INTENTS.get(s, Intents.GUILDS))


def sections(names: Any) -> frozenset[Section]:
    """Sections from their names, the guild's own fields always with them. Raises InvalidUse for an unknown name."""
    if isinstance(names, str):
        names = (names,)
    try:
        found = frozenset(Section(name) for name in names)
    except (TypeError, ValueError) as error:
        raise InvalidUse(f"{error}; the sections of a guild are {', '.join(Section)}") from None
    return found | {Section.GUILD} if found else found


@dataclass(frozen=True, slots=True)
class CachePolicy:
    """How the cache behaves. `nothing()`, `lazy()` and `everything()` are the usual ones.

    Args:
        idle_s: a guild without a use for so long leaves.
        fetch_per_s: all fetches together, well under Discord's 50 requests a second.
        remember_failure_s: a guild that answered 403 or 404 is not asked again for so long.
        waiting_max: events of one guild that may wait behind its fetch; more are delivered without the guild.
        keep_all: cache every GUILD_CREATE (a classic cache) instead of only what is used.
        fetch_for_every_event: the mistake the design warns against, kept to show what it does.
        keep: the sections that may be kept, as `Section` or by name. Of these only those are kept that the bot's
            intents keep true.
        members: which members are kept.
        speakers_max: about so many members of one guild are kept with `Members.SPEAKERS`; then they are let go.
        decoded_max_bytes: of the sections read last, so much JSON is also held decoded, over all guilds.
    """

    idle_s: float = 3_600.0
    fetch_per_s: float = 10.0
    remember_failure_s: float = 600.0
    waiting_max: int = 1_000
    keep_all: bool = False
    fetch_for_every_event: bool = False
    keep: frozenset[Section] = EVERYTHING
    members: Members = Members.ALL
    speakers_max: int = 1_000
    decoded_max_bytes: int = 2_000_000

    def __post_init__(self) -> None:
        if self.idle_s <= 0 or self.fetch_per_s <= 0 or self.waiting_max < 1:
            raise InvalidUse("idle_s and fetch_per_s must be positive and waiting_max at least 1")
        if self.speakers_max < 1 or self.decoded_max_bytes < 0:
            raise InvalidUse("speakers_max must be at least 1 and decoded_max_bytes not negative")
        keep = sections(self.keep)
        if self.members not in list(Members):
            raise InvalidUse(f"members is one of {', '.join(Members)}, not {self.members!r}")
        if self.members == Members.NONE:
            keep -= {Section.MEMBERS}
        object.__setattr__(self, "members", Members(self.members))
        object.__setattr__(self, "keep", keep)

    @classmethod
    def nothing(cls) -> CachePolicy:
        """No guild is kept, and no handler may need one."""
        return cls(keep=frozenset())

    @classmethod
    def lazy(cls, *keep: Section | str, **settings: Any) -> CachePolicy:
        """Guilds that are used, for as long as they are; of each only the sections named, or all that are needed."""
        return cls(keep=sections(keep) or EVERYTHING, **settings)

    @classmethod
    def everything(cls, **settings: Any) -> CachePolicy:
        """Every guild with everything that the intents keep true; none leaves while the bot is in it."""
        return cls(**{"idle_s": float("inf"), "keep_all": True, **settings})


@dataclass(frozen=True, slots=True)
class CacheSnapshot:
    """The cache now. `bytes_held` and `bytes_peak` count what the guilds take: their compressed JSON, the changes
    since, and what it takes to hold them; `bytes_decoded` the JSON of what is held decoded as well."""

    guilds: int
    guilds_peak: int
    bytes_held: int
    bytes_peak: int
    fetches: int
    evictions: int
    failures: int
    bytes_decoded: int = 0
