"""Two generations of shards, one stream of events: nothing lost, nothing doubled, the order of each guild kept.

While a new generation connects, the old one goes on delivering, and each guild's events are noted on both sides. Both
see them in the same order; the new side from some place on, its *start*, counted in the old side's events. Who knows
the start knows which of the new side's events the old one has delivered. Two round trips bound it:

- on the old shards (`mark`, `old_passed`): all that the new side had at the mark has come, so it starts no later;
- on the new shards (`mark`, `new_passed`): all that the old side had at the mark has come, so it starts no earlier.

Where events keep coming, their content decides between what is left. After `switch` the new generation delivers: first
what only it has received, then what comes, less what the old one was ahead by.

Answers to one session's request, and READY, belong to their session and are not compared. GUILD_CREATE is noted apart:
a session begins with one for each guild, which tells nothing new.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import blake2b

import msgspec

from framework.gateway.event import RawEvent
from framework.wire import shard_id_for

__all__ = ["Handover"]

_SESSIONS_OWN = frozenset(
    {"READY", "RESUMED", "RATE_LIMITED", "GUILD_MEMBERS_CHUNK", "SOUNDBOARD_SOUNDS", "CHANNEL_INFO"}
)
_REMEMBERED_MS = 120_000  # what an old shard delivered longer ago is before any session that is still to begin
_TRIM_AT = 64

_Key = tuple[str, bytes]


class _Id(msgspec.Struct):
    id: int


class _Ready(msgspec.Struct):
    guilds: list[_Id] = []


_ready = msgspec.json.Decoder(_Ready, strict=False).decode


@dataclass(slots=True)
class _Lane:
    """One guild on both sides. The new side's first event is the old side's event number `start`."""

    old: list[_Key] = field(default_factory=list)
    old_ms: list[int] = field(default_factory=list)
    new: list[_Key] = field(default_factory=list)
    events: list[RawEvent | None] = field(default_factory=list)  # the new side's; None: the old one has delivered it
    earliest: int | None = 0
    latest: int | None = None
    marked: tuple[int, int] = (0, 0)  # how many events each side had at the mark
    is_anew: bool = False  # the old side began anew: the new one may have started before its first event
    skip: int = 0  # after the switch: events of the new side that the old one has delivered

    def starts(self) -> list[int]:
        """Where the new side may have started, the earliest first."""
        low = -len(self.new) if self.earliest is None else self.earliest
        high = len(self.old) if self.latest is None else self.latest
        return [start for start in range(low, high + 1) if self._agree(start)]

    def _agree(self, start: int) -> bool:
        """Whether both sides tell the same where both tell something."""
        begin, end = max(0, start), min(len(self.old), start + len(self.new))
        return begin >= end or self.old[begin:end] == self.new[begin - start : end - start]


@dataclass(slots=True)
class Handover:
    """From `old_count` shards to `new_count`. Times are milliseconds of one clock."""

    old_count: int
    new_count: int
    is_switched: bool = False
    sessions: int = 0  # begun by shards of either side since this began
    _lanes: dict[int, _Lane] = field(default_factory=dict)
    _started: set[int] = field(default_factory=set)
    _marked_old: set[int] = field(default_factory=set)  # shards that have gone on in one session since the mark
    _marked_new: set[int] = field(default_factory=set)
    _loading: dict[int, set[int]] = field(default_factory=dict)  # new shard: guilds whose first GUILD_CREATE is to come
    _created_old: set[int] = field(default_factory=set)  # guilds whose GUILD_CREATE only the old side has brought
    _created_new: dict[int, RawEvent] = field(default_factory=dict)  # … and only the new one

    @property
    def buffered(self) -> int:
        """Events of the new side that the old one may not have delivered."""
        return sum(event is not None for lane in self._lanes.values() for event in lane.events)

    # -- events; each returns what is to be delivered now ------------------------------------------------

    def from_old(self, event: RawEvent, now_ms: int) -> list[RawEvent]:
        """A dispatch of the old generation."""
        if event.type in _SESSIONS_OWN:
            if event.type == "READY":
                self._begin_old(event)
            return [event]
        if self.is_switched:
            return []
        if event.type == "GUILD_CREATE":
            guild_id = event.guild_id()
            if self._created_new.pop(guild_id, None) is None:
                self._created_old.add(guild_id)
            return [event]
        guild_id = event.guild_id()
        if not guild_id and event.shard_id:
            return [event]  # of no guild and not of the direct messages: nothing to compare it with
        lane = self._lane(guild_id)
        lane.old.append(_key(event))
        lane.old_ms.append(now_ms)
        if len(lane.old) > _TRIM_AT and shard_id_for(guild_id, self.new_count) not in self._started:
            _trim(lane, now_ms - _REMEMBERED_MS)
        return [event]

    def from_new(self, event: RawEvent) -> list[RawEvent]:
        """A dispatch of the new generation."""
        if event.type in _SESSIONS_OWN:
            if event.type == "READY":
                self._begin_new(event)
                return []
            return [event] if self.is_switched or event.type != "RESUMED" else []
        if event.type == "GUILD_CREATE":
            return self._guild_from_new(event)
        guild_id = event.guild_id()
        if not guild_id and event.shard_id:
            return [event] if self.is_switched else []
        lane = self._lane(guild_id)
        if not self.is_switched:
            lane.new.append(_key(event))
            lane.events.append(event)
            return []
        if lane.skip:
            lane.skip -= 1
            return []
        return [event]

    # -- progress ----------------------------------------------------------------------------------------

    def mark(self) -> None:
        """A round trip on all shards of one side begins."""
        self._marked_old = set(range(self.old_count))
        self._marked_new = set(self._started)
        for lane in self._lanes.values():
            lane.marked = len(lane.old), len(lane.new)

    def old_passed(self) -> None:
        """The round trip on the old side has come back: it has what the new one had at the mark."""
        for lane in self._marked_lanes():
            latest = len(lane.old) - lane.marked[1]
            lane.latest = latest if lane.latest is None else min(lane.latest, latest)
            lane.events[: lane.marked[1]] = [None] * lane.marked[1]

    def new_passed(self) -> None:
        """The round trip on the new side has come back: it has what the old one had at the mark, from its start on."""
        for lane in self._marked_lanes():
            earliest = lane.marked[0] - len(lane.new)
            lane.earliest = earliest if lane.earliest is None else max(lane.earliest, earliest)

    def unsure(self) -> int:
        """Guilds whose start is not known yet: another round of round trips may tell."""
        return sum(len(lane.starts()) > 1 for lane in self._lanes.values() if lane.old or lane.new)

    def switch(self) -> list[RawEvent]:
        """The new generation delivers from here on; returns what only it has received, in each session's order."""
        self.is_switched = True
        missed = list(self._created_new.values())
        for lane in self._lanes.values():
            # Where content decides nothing (or the sides disagree), the earliest start drops what may be double.
            start = next(iter(lane.starts()), lane.latest or 0)
            had = len(lane.old) - start  # of the new side's events
            missed += [event for event in lane.events[max(0, had) :] if event is not None]
            lane.skip = max(0, had - len(lane.new))
            lane.old, lane.old_ms, lane.new, lane.events = [], [], [], []
        self._created_new.clear()
        return sorted(missed, key=lambda event: (event.shard_id, event.seq))

    # -- inside ------------------------------------------------------------------------------------------

    def _lane(self, guild_id: int) -> _Lane:
        lane = self._lanes.get(guild_id)
        if lane is None:
            lane = self._lanes[guild_id] = _Lane()
        return lane

    def _marked_lanes(self) -> Iterator[_Lane]:
        for guild_id, lane in self._lanes.items():
            if (
                shard_id_for(guild_id, self.old_count) in self._marked_old
                and shard_id_for(guild_id, self.new_count) in self._marked_new
            ):
                yield lane

    def _begin_old(self, event: RawEvent) -> None:
        """An old session began anew: what it missed is lost, and counting begins anew."""
        self.sessions += 1
        self._marked_old.discard(event.shard_id)
        for guild_id, lane in self._lanes.items():
            if shard_id_for(guild_id, self.old_count) == event.shard_id:
                lane.old, lane.old_ms = [], []
                lane.earliest, lane.latest, lane.is_anew = None, None, True

    def _begin_new(self, event: RawEvent) -> None:
        """A new session begins. Where it is not the shard's first, the old side still delivers what it missed."""
        self.sessions += 1
        self._started.add(event.shard_id)
        self._marked_new.discard(event.shard_id)
        self._loading[event.shard_id] = {guild.id for guild in _ready(event.data).guilds}
        for guild_id, lane in self._lanes.items():
            if shard_id_for(guild_id, self.new_count) == event.shard_id:
                lane.new, lane.events, lane.skip = [], [], 0
                lane.earliest, lane.latest = None if lane.is_anew else 0, None

    def _guild_from_new(self, event: RawEvent) -> list[RawEvent]:
        guild_id = event.guild_id()
        awaited = self._loading.get(event.shard_id, set())
        is_load = guild_id in awaited
        awaited.discard(guild_id)
        if guild_id in self._created_old:
            self._created_old.discard(guild_id)
            return []
        if self.is_switched:
            return [event]
        if not is_load:
            self._created_new[guild_id] = event
        return []


def _trim(lane: _Lane, before_ms: int) -> None:
    gone = next((place for place, at_ms in enumerate(lane.old_ms) if at_ms >= before_ms), len(lane.old))
    del lane.old[:gone], lane.old_ms[:gone]


def _key(event: RawEvent) -> _Key:
    return event.type, blake2b(event.data, digest_size=16).digest()
