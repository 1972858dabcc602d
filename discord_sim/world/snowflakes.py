"""Ids that carry their own address.

A snowflake is a millisecond since 2015 shifted by 22 bits. Guild `i` is born at a millisecond computed from
`i`, its channels and roles a few milliseconds later, member `j` of guild `i` at one computed from both. So any
id can be resolved without an index, and a world of a million members costs nothing until it is touched.
"""

from __future__ import annotations

__all__ = [
    "DISCORD_EPOCH_MS",
    "channel_id",
    "guild_id",
    "guild_index",
    "iso",
    "member_address",
    "member_id",
    "moment_id",
    "role_id",
]

DISCORD_EPOCH_MS = 1_420_070_400_000
_GUILDS_BORN_MS = 30_000_000_000  # about a year into 2015: ids of 18 digits
_GUILD_STEP_MS = 61_001  # odd, so that consecutive guilds spread over any number of shards
_MEMBERS_BORN_MS = 150_000_000_000
_MEMBERS_PER_GUILD_BITS = 20
_CHANNEL_OFFSET = 1
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
    return (_MEMBERS_BORN_MS + (index << _MEMBERS_PER_GUILD_BITS) + number) << 22


def member_address(user_id: int) -> tuple[int, int]:
    """(guild index, member number) of a user id made by `member_id`; may lie outside the world."""
    ms = (user_id >> 22) - _MEMBERS_BORN_MS
    return ms >> _MEMBERS_PER_GUILD_BITS, ms & ((1 << _MEMBERS_PER_GUILD_BITS) - 1)


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
