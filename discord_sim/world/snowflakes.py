"""Ids that carry their own address.

A snowflake is a millisecond since 2015 shifted by 22 bits. Guild `i` is born at a millisecond computed from
`i`, its channels and roles a few milliseconds later, member `j` of guild `i` at one computed from both. So any
id can be resolved without an index, and a world of a million members costs nothing until it is touched.
"""

from __future__ import annotations

import re

from discord_sim.wire import DISCORD_EPOCH_MS

__all__ = [
    "DISCORD_EPOCH_MS",
    "bot_id",
    "channel_id",
    "epoch_ms_of",
    "guild_id",
    "guild_index",
    "iso",
    "member_address",
    "member_id",
    "moment_id",
    "role_id",
]

_GUILDS_BORN_MS = 30_000_000_000  # about a year into 2015: ids of 18 digits
_GUILD_STEP_MS = 61_001  # odd, so that consecutive guilds spread over any number of shards
_MEMBERS_BORN_MS = 150_000_000_000
_MEMBERS_PER_GUILD_BITS = 20
_BOTS_SLOT = 1 << 16
_CHANNEL_OFFSET = 1
_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(Z|z|[+-]\d\d:?\d\d)?)?")
_ROLE_OFFSET = 1_001


def guild_id(index: int) -> int:
    """The id of guild `index`."""
    return (_GUILDS_BORN_MS + index * _GUILD_STEP_MS) << 22


def channel_id(index: int, number: int) -> int:
    """The id of channel `number` of guild `index`."""
    return (_GUILDS_BORN_MS + index * _GUILD_STEP_MS + _CHANNEL_OFFSET + number) << 22


def role_id(index: int, number: int) -> int:
    """The id of role `number` of guild `index`; role 0 is @everyone, whose id is the guild's."""
    return (
        guild_id(index) if number == 0 else ((_GUILDS_BORN_MS + index * _GUILD_STEP_MS + _ROLE_OFFSET + number) << 22)
    )


def guild_index(any_id: int) -> int:
    """The guild a guild, channel or role id belongs to; may lie outside the world."""
    return ((any_id >> 22) - _GUILDS_BORN_MS) // _GUILD_STEP_MS


def member_id(index: int, number: int) -> int:
    """The user id of member `number` of guild `index`."""
    slot = index + (index >= _BOTS_SLOT)
    return (_MEMBERS_BORN_MS + (slot << _MEMBERS_PER_GUILD_BITS) + number) << 22


def bot_id(number: int) -> int:
    """The user (and application) id of bot `number`: a slot of ids that no guild's members have."""
    return (_MEMBERS_BORN_MS + (_BOTS_SLOT << _MEMBERS_PER_GUILD_BITS) + 7 + number) << 22


def member_address(user_id: int) -> tuple[int, int]:
    """(guild index, member number) of a user id made by `member_id`; may lie outside the world."""
    ms = (user_id >> 22) - _MEMBERS_BORN_MS
    slot = ms >> _MEMBERS_PER_GUILD_BITS
    if slot == _BOTS_SLOT:
        return -1, 0
    return slot - (slot > _BOTS_SLOT), ms & ((1 << _MEMBERS_PER_GUILD_BITS) - 1)


def moment_id(epoch_ms: int, increment: int) -> int:
    """The id of something made now."""
    return ((epoch_ms - DISCORD_EPOCH_MS) << 22) | (increment & 0xFFF)


def iso(epoch_ms: int) -> str:
    """ISO 8601 with microseconds and `+00:00`, as Discord writes timestamps."""
    seconds, ms = divmod(epoch_ms, 1000)
    days, second = divmod(seconds, 86_400)
    # Civil date from a day number (proleptic Gregorian, eras of 400 years).
    shifted = days + 719_468
    era, day_of_era = divmod(shifted, 146_097)
    year_of_era = (day_of_era - day_of_era // 1_460 + day_of_era // 36_524 - day_of_era // 146_096) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    month_index = (5 * day_of_year + 2) // 153
    day = day_of_year - (153 * month_index + 2) // 5 + 1
    month = month_index + 3 if month_index < 10 else month_index - 9
    year = year_of_era + era * 400 + (month <= 2)
    return (
        f"{year:04d}-{month:02d}-{day:02d}T{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}."
        f"{ms:03d}000+00:00"
    )


def epoch_ms_of(text: str) -> int:
    """The milliseconds of an ISO 8601 text; without a zone it is UTC. Raises ValueError for anything else."""
    found = _ISO.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no ISO 8601 time")
    year, month, day, hour, minute, second, fraction, zone = found.groups()
    y = int(year) - (int(month) <= 2)
    era, year_of_era = divmod(y, 400)
    day_of_year = (153 * ((int(month) + 9) % 12) + 2) // 5 + int(day) - 1
    days = era * 146_097 + year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year - 719_468
    ms = ((days * 24 + int(hour or 0)) * 60 + int(minute or 0)) * 60_000 + int(second or 0) * 1000
    ms += int((fraction or "0")[:3].ljust(3, "0"))
    if zone and zone not in ("Z", "z"):
        offset = int(zone[1:3]) * 60 + int(zone[-2:])
        ms -= (1 if zone[0] == "+" else -1) * offset * 60_000
    return ms
