"""The lazy guild cache's rules: who stays, who leaves, which event may cause a fetch, how fast fetches may go.

Plain state; no waiting. `framework.bot.requirements` is the shell around it.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

import msgspec

from framework.errors import InvalidUse

__all__ = ["NEVER_FETCH", "CachePolicy", "CacheSnapshot", "Guild", "GuildCache", "Role"]

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


class Role(msgspec.Struct):
    """A role."""

    id: int
    name: str = ""
    permissions: int = 0


class Guild(msgspec.Struct):
    """A cached guild."""

    id: int
    name: str = ""
    owner_id: int = 0
    roles: list[Role] = []


_decode_guild = msgspec.json.Decoder(Guild, strict=False).decode


@dataclass(frozen=True, slots=True)
class CachePolicy:
    """How the cache behaves.

    Args:
        idle_s: a guild without a use for so long leaves.
        fetch_per_s: all fetches together, well under Discord's 50 requests a second.
        remember_failure_s: a guild that answered 403 or 404 is not asked again for so long.
        waiting_max: events of one guild that may wait behind its fetch; more are delivered without the guild.
        keep_all: cache every GUILD_CREATE (a classic cache) instead of only what is used.
        fetch_for_every_event: the mistake the design warns against, kept to show what it does.
    """

    idle_s: float = 3_600.0
    fetch_per_s: float = 10.0
    remember_failure_s: float = 600.0
    waiting_max: int = 1_000
    keep_all: bool = False
    fetch_for_every_event: bool = False

    def __post_init__(self) -> None:
        if self.idle_s <= 0 or self.fetch_per_s <= 0 or self.waiting_max < 1:
            raise InvalidUse("idle_s and fetch_per_s must be positive and waiting_max at least 1")


@dataclass(frozen=True, slots=True)
class CacheSnapshot:
    """The cache now. `bytes_held` and `bytes_peak` count the guilds' JSON as received."""

    guilds: int
    guilds_peak: int
    bytes_held: int
    bytes_peak: int
    fetches: int
    evictions: int
    failures: int


@dataclass(slots=True)
class _Entry:
    guild: Guild
    size: int
    used_ms: int


class GuildCache:
    """Guilds in order of their last use."""

    def __init__(self, policy: CachePolicy) -> None:
        self.policy = policy
        self._entries: OrderedDict[int, _Entry] = OrderedDict()
        self._failed_until_ms: OrderedDict[int, int] = OrderedDict()
        self._next_fetch_us = 0
        self._bytes = self._bytes_peak = self._guilds_peak = 0
        self.fetches = self.evictions = self.failures = 0

    def __repr__(self) -> str:
        return f"<GuildCache guilds={len(self._entries)} fetches={self.fetches} evictions={self.evictions}>"

    def __len__(self) -> int:
        return len(self._entries)

    def snapshot(self) -> CacheSnapshot:
        """The figures now."""
        return CacheSnapshot(
            len(self._entries), self._guilds_peak, self._bytes, self._bytes_peak, self.fetches, self.evictions,
            self.failures,
        )  # fmt: skip

    def use(self, guild_id: int, now_ms: int) -> Guild | None:
        """The cached guild, which counts as a use."""
        entry = self._entries.get(guild_id)
        if entry is None:
            return None
        entry.used_ms = now_ms
        self._entries.move_to_end(guild_id)
        return entry.guild

    def may_fetch(self, event: str, guild_id: int, needed: bool, now_ms: int) -> bool:
        """Whether an event justifies asking Discord for its guild: a handler needs it, the event is of the kind
        that may, and the guild did not just refuse."""
        if self.policy.fetch_for_every_event:
            return True
        return needed and event not in NEVER_FETCH and now_ms >= self._failed_until_ms.get(guild_id, 0)

    def reserve_fetch(self, now_ms: int) -> int:
        """Book one fetch; returns when it may be sent (an even pace over all guilds)."""
        self.fetches += 1
        if self.policy.fetch_for_every_event:
            return now_ms
        at_us = max(self._next_fetch_us, now_ms * 1000)
        self._next_fetch_us = at_us + int(1_000_000 / self.policy.fetch_per_s)
        return -(-at_us // 1000)

    def store(self, data: bytes, now_ms: int) -> Guild:
        """Keep a guild from its JSON, however it came."""
        guild = _decode_guild(data)
        old = self._entries.pop(guild.id, None)
        self._bytes += len(data) - (0 if old is None else old.size)
        self._entries[guild.id] = _Entry(guild, len(data), now_ms)
        self._bytes_peak = max(self._bytes_peak, self._bytes)
        self._guilds_peak = max(self._guilds_peak, len(self._entries))
        return guild

    def remember_failure(self, guild_id: int, now_ms: int) -> None:
        """The guild answered 403 or 404."""
        self.failures += 1
        self._failed_until_ms[guild_id] = now_ms + int(self.policy.remember_failure_s * 1000)
        if len(self._failed_until_ms) > 10_000:
            self._failed_until_ms.popitem(last=False)

    def on_event(self, event: str, guild_id: int, data: bytes, now_ms: int) -> None:
        """Keep what is cached true. A guild that is not cached stays so, unless the policy keeps all."""
        if event == "GUILD_CREATE" and (self.policy.keep_all or guild_id in self._entries):
            self.store(data, now_ms)
        elif event == "GUILD_UPDATE" and (entry := self._entries.get(guild_id)) is not None:
            used_ms = entry.used_ms
            self.store(data, now_ms)
            self._entries[guild_id].used_ms = used_ms
        elif event in ("GUILD_DELETE", "GUILD_ROLE_CREATE", "GUILD_ROLE_UPDATE", "GUILD_ROLE_DELETE"):
            # A changed role makes the copy untrue; the next event that needs the guild fetches it anew.
            self._drop(guild_id)

    def evict(self, now_ms: int) -> int | None:
        """Let idle guilds go; returns when the next one may have to."""
        idle_ms = int(self.policy.idle_s * 1000)
        while self._entries:
            guild_id, entry = next(iter(self._entries.items()))
            if now_ms < entry.used_ms + idle_ms:
                return entry.used_ms + idle_ms
            self._drop(guild_id)
            self.evictions += 1
        return None

    def _drop(self, guild_id: int) -> None:
        entry = self._entries.pop(guild_id, None)
        if entry is not None:
            self._bytes -= entry.size
