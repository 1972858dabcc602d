"""The lazy guild cache's rules: who stays, who leaves, which event may cause a fetch, how fast fetches may go.

Plain state; no waiting. `framework.bot.requirements` is the shell around it.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping

import msgspec

from framework.bot.cache.changes import CHANGES, apply
from framework.bot.cache.entities import fields_of
from framework.bot.cache.guild import Guild
from framework.bot.cache.policy import (
    EVERYTHING,
    FETCHED_BY,
    NEVER_FETCH,
    CachePolicy,
    CacheSnapshot,
    Members,
    Section,
)
from framework.bot.cache.storage import Storage

__all__ = ["GuildCache"]

_FOREVER_MS = 1 << 62
_FAILURES_KEPT = 10_000
_OVERTAKES = frozenset({*CHANGES, "GUILD_CREATE", "GUILD_DELETE"} - {"MESSAGE_CREATE"})  # a fetch under way
_NO_SECTION: frozenset[Section] = frozenset()


class _Available(msgspec.Struct):
    unavailable: bool | None = None


class _Ready(msgspec.Struct):
    shard: tuple[int, int] = (0, 1)


_available = msgspec.json.Decoder(_Available).decode
_ready = msgspec.json.Decoder(_Ready).decode


class GuildCache:
    """Guilds in order of their last use; iterating gives the ids of those that are cached.

    Args:
        kept_true: the sections whose changes the bot is told; others are not taken from GUILD_CREATE.
    """

    def __init__(self, policy: CachePolicy, kept_true: frozenset[Section] = EVERYTHING) -> None:
        self.policy = policy
        self.wanted = _NO_SECTION
        """The sections that some handler needs; only these are kept of a guild, unless the policy keeps all."""
        self.fetches = self.evictions = self.failures = 0
        spoken = {Section.MEMBERS} if policy.members is Members.SPEAKERS else _NO_SECTION
        self._kept_true = policy.keep & (kept_true | spoken)
        self._idle_ms = int(min(policy.idle_s * 1000, _FOREVER_MS))
        self._storage = Storage(policy.decoded_max_bytes)
        self._guilds: OrderedDict[int, Guild] = OrderedDict()
        self._awaited: dict[int, frozenset[Section]] = {}  # in an outage or after a new session: not to be read
        self._fetching: dict[int, bool] = {}  # whether the answer may be used
        self._failed_until_ms: OrderedDict[int, int] = OrderedDict()
        self._next_fetch_us = 0
        self._bytes = self._bytes_peak = self._guilds_peak = 0

    def __repr__(self) -> str:
        return f"<GuildCache guilds={len(self)} fetches={self.fetches} evictions={self.evictions}>"

    def __len__(self) -> int:
        return len(self._guilds) - len(self._awaited)

    def __iter__(self) -> Iterator[int]:
        return (guild_id for guild_id in list(self._guilds) if guild_id not in self._awaited)

    def snapshot(self) -> CacheSnapshot:
        """The figures now."""
        return CacheSnapshot(
            len(self), self._guilds_peak, self._bytes, self._bytes_peak, self.fetches, self.evictions, self.failures,
            self._storage.bytes_decoded,
        )  # fmt: skip

    # -- reading -----------------------------------------------------------------------------------------

    def guild(self, guild_id: int) -> Guild | None:
        """The guild if it is cached. Looking is no use: it does not make the guild stay, and fetches nothing."""
        return None if guild_id in self._awaited else self._guilds.get(guild_id)

    def use(self, guild_id: int, now_ms: int, needs: frozenset[Section] = _NO_SECTION) -> Guild | None:
        """The guild if it is cached with all that is needed, which counts as a use."""
        guild = self.guild(guild_id)
        if guild is None:
            return None
        guild.used_ms = now_ms
        self._guilds.move_to_end(guild_id)
        return guild if needs <= guild.sections else None

    # -- fetching ----------------------------------------------------------------------------------------

    def may_fetch(self, event: str, guild_id: int, needed: bool, now_ms: int) -> bool:
        """Whether an event justifies asking Discord for its guild: a handler needs it, the event is of the kind
        that may, and the guild did not just refuse."""
        if self.policy.fetch_for_every_event:
            return True
        return needed and event not in NEVER_FETCH and now_ms >= self._failed_until_ms.get(guild_id, 0)

    def requests_for(self, guild_id: int, needs: frozenset[Section]) -> list[Section]:
        """The requests that bring what is missing, named by their first section, the guild itself first."""
        guild = self.guild(guild_id)
        missing = needs if guild is None else needs - guild.sections
        return [s for s in Section if s in {FETCHED_BY[m] for m in missing if m in FETCHED_BY}]

    def reserve_fetch(self, now_ms: int) -> int:
        """Book one request; returns when it may be sent (an even pace over all guilds)."""
        self.fetches += 1
        if self.policy.fetch_for_every_event:
            return now_ms
        at_us = max(self._next_fetch_us, now_ms * 1000)
        self._next_fetch_us = at_us + int(1_000_000 / self.policy.fetch_per_s)
        return -(-at_us // 1000)

    def begin_fetch(self, guild_id: int) -> None:
        """Requests for a guild are about to go out. What is told of the guild before their answers are stored makes
        these worthless, since nobody can say which is newer; so the guild's events have to wait."""
        self._fetching[guild_id] = True

    def end_fetch(
        self, guild_id: int, answers: Mapping[Section, tuple[bytes, int]], needs: frozenset[Section], now_ms: int
    ) -> Guild | None:
        """Keep what was fetched: by request, the answer and when it was asked for. None if it is worthless: ask anew.

        The answers of lists that are inside an object are that object.
        """
        if not self._fetching.pop(guild_id, True):
            return None
        guild = self._guild_to_fill(guild_id, now_ms)
        for request, (data, asked_ms) in answers.items():
            if request is Section.GUILD:
                got = (needs | self.wanted) & {s for s, by in FETCHED_BY.items() if by is Section.GUILD}
                guild.fill(fields_of(data), got, asked_ms)
            else:
                got = frozenset({request})
                guild.replace(request, _array_in(data))
            for section in got:
                guild.asked(section, asked_ms)
        self._begin_members(guild, needs | self.wanted)
        self._count(guild)
        return guild

    def remember_failure(self, guild_id: int, now_ms: int) -> None:
        """The guild answered 403 or 404."""
        self.failures += 1
        self._fetching.pop(guild_id, None)
        self._failed_until_ms[guild_id] = now_ms + int(self.policy.remember_failure_s * 1000)
        if len(self._failed_until_ms) > _FAILURES_KEPT:
            self._failed_until_ms.popitem(last=False)

    def abandon_fetch(self, guild_id: int, *, failed: bool) -> None:
        """A fetch ended without all its answers, by a failure that says nothing of the guild, or because nobody
        waits any more."""
        self.failures += failed
        self._fetching.pop(guild_id, None)

    # -- staying true ------------------------------------------------------------------------------------

    def concerns(self, event: str) -> bool:
        """Whether the cache has to be told events of this kind, cheap enough to ask for each."""
        if event == "GUILD_CREATE":
            return bool(self.policy.keep_all or self._guilds)
        if event == "MESSAGE_CREATE" and self.policy.members is not Members.SPEAKERS:
            return False
        return bool(self._guilds or self._fetching) and (event in CHANGES or event == "GUILD_DELETE")

    def on_event(
        self, event: str, guild_id: int, data: bytes, now_ms: int, received_ms: int | None = None,
        needs: frozenset[Section] = _NO_SECTION,
    ) -> None:  # fmt: skip
        """Keep what is cached true. A guild that is not cached stays so, unless it is GUILD_CREATE and the policy
        keeps all or a handler of the event needs the guild.

        Args:
            received_ms: when the event came, if that was before `now_ms`.
        """
        received_ms = now_ms if received_ms is None else received_ms
        if guild_id in self._fetching and event in _OVERTAKES:
            self._fetching[guild_id] = False
        if event == "GUILD_CREATE":
            self._on_create(guild_id, data, now_ms, received_ms, needs)
        elif event == "GUILD_DELETE":
            if _available(data).unavailable is True:
                self._await(guild_id)
            else:
                self._drop(guild_id)
        elif (guild := self.guild(guild_id)) is not None and event in CHANGES:
            apply(guild, event, data, received_ms, self.policy)
            self._count(guild)

    def on_ready(self, data: bytes) -> None:
        """A new session of a shard: what happened since the old one was not told, so its guilds are read again only
        after their GUILD_CREATE has come, or after a fetch."""
        shard_id, shard_count = _ready(data).shard
        for guild_id in [g for g in (*self._guilds, *self._fetching) if (g >> 22) % shard_count == shard_id]:
            if guild_id in self._fetching:
                self._fetching[guild_id] = False
            self._await(guild_id)

    def distrust(self, guild_id: int) -> None:
        """An event of the guild could not be understood: what is held of it may be untrue."""
        if guild_id in self._fetching:
            self._fetching[guild_id] = False
        self._drop(guild_id)

    def evict(self, now_ms: int) -> int | None:
        """Let idle guilds go; returns when the next one may have to."""
        while self._guilds:
            guild_id, guild = next(iter(self._guilds.items()))
            if now_ms < guild.used_ms + self._idle_ms:
                return None if self._idle_ms == _FOREVER_MS else guild.used_ms + self._idle_ms
            self.evictions += guild_id not in self._awaited
            self._drop(guild_id)
        return None

    # -- inside ------------------------------------------------------------------------------------------

    def _on_create(self, guild_id: int, data: bytes, now_ms: int, received_ms: int, needs: frozenset[Section]) -> None:
        known = self._guilds.get(guild_id)
        if known is None and not needs and not self.policy.keep_all:
            return
        held = self._awaited.get(guild_id) or (_NO_SECTION if known is None else known.sections)
        wanted = (held | needs | self.wanted) & self.policy.keep
        if self.policy.keep_all:
            wanted |= self._kept_true
        if not wanted:
            return
        found = fields_of(data)
        if bytes(found.get("unavailable", b"")) == b"true":
            self._await(guild_id)
            return
        guild = self._guild_to_fill(guild_id, now_ms, keep_use=True)
        spoken = {Section.MEMBERS} if self.policy.members is Members.SPEAKERS else _NO_SECTION
        guild.fill(found, wanted - spoken, received_ms)
        if guild.entities(Section.MEMBERS, received_ms) is not None and spoken:
            guild.replace(Section.MEMBERS, b"[]")  # what they were like before the guild came back, nobody knows
        self._begin_members(guild, wanted)
        guild.passed(received_ms)
        self._count(guild)

    def _begin_members(self, guild: Guild, wanted: frozenset[Section]) -> None:
        if self.policy.members is Members.SPEAKERS and Section.MEMBERS in wanted and not guild.has(Section.MEMBERS):
            guild.replace(Section.MEMBERS, b"[]")

    def _guild_to_fill(self, guild_id: int, now_ms: int, *, keep_use: bool = False) -> Guild:
        guild = self._guilds.get(guild_id)
        if guild is None:
            guild = self._guilds[guild_id] = Guild(guild_id, self._storage, now_ms)
        elif not keep_use:
            guild.used_ms = now_ms
            self._guilds.move_to_end(guild_id)
        self._awaited.pop(guild_id, None)
        self._guilds_peak = max(self._guilds_peak, len(self))
        return guild

    def _await(self, guild_id: int) -> None:
        """Nothing of the guild may be read until Discord sends it anew; its time goes on."""
        guild = self._guilds.get(guild_id)
        if guild is None or guild_id in self._awaited:
            return
        self._awaited[guild_id] = guild.sections
        empty = self._guilds[guild_id] = Guild(guild_id, self._storage, guild.used_ms)
        self._bytes -= guild.counted
        guild.release()
        self._count(empty)

    def _drop(self, guild_id: int) -> None:
        guild = self._guilds.pop(guild_id, None)
        if guild is not None:
            self._awaited.pop(guild_id, None)
            self._bytes -= guild.counted
            guild.release()

    def _count(self, guild: Guild) -> None:
        size = guild.size()
        self._bytes += size - guild.counted
        guild.counted = size
        self._bytes_peak = max(self._bytes_peak, self._bytes)


def _array_in(data: bytes) -> bytes | msgspec.Raw:
    """The array of an answer: itself, or what lies in `threads` or `items`."""
    if data.lstrip()[:1] == b"[":
        return data
    found = fields_of(data)
    return found["threads"] if "threads" in found else found["items"]
