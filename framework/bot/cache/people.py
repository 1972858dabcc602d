"""What events change in members, presences and voice states."""

from __future__ import annotations

from typing import Any

import msgspec

from framework.bot.cache.entities import fields_of
from framework.bot.cache.guild import Guild
from framework.bot.cache.policy import CachePolicy, Members, Section
from framework.bot.cache.reading import bytes_of, encode, ids_in, lists_in, put_or_amend, reader
from framework.models import UNSET, UnsetType

__all__ = ["member_came", "member_changed", "member_left", "members_listed", "presence", "spoke", "voice"]


class _User(msgspec.Struct):
    id: int


class _OfUser(msgspec.Struct):
    user: _User
    status: str | None = None


class _Spoken(msgspec.Struct):
    author: msgspec.Raw
    member: msgspec.Raw | UnsetType = UNSET
    webhook_id: Any = None


_of_user, _spoken = reader(_OfUser), reader(_Spoken)


def member_came(guild: Guild, data: bytes, at_ms: int, policy: CachePolicy) -> None:
    guild.count(1)
    if policy.members is Members.ALL and (held := guild.entities(Section.MEMBERS, at_ms)) is not None:
        held.put(data)


def member_changed(guild: Guild, data: bytes, at_ms: int, policy: CachePolicy) -> None:
    if (held := guild.entities(Section.MEMBERS, at_ms)) is not None:
        user_id = _of_user(data).user.id
        if policy.members is Members.ALL:
            put_or_amend(held, user_id, data)
        else:
            held.amend(user_id, data)


def member_left(guild: Guild, data: bytes, at_ms: int, policy: CachePolicy) -> None:
    guild.count(-1)
    user_id = _of_user(data).user.id
    for section in (Section.MEMBERS, Section.PRESENCES):
        if (held := guild.entities(section, at_ms)) is not None:
            held.delete(user_id)


def members_listed(guild: Guild, data: bytes, at_ms: int, policy: CachePolicy) -> None:
    """GUILD_MEMBERS_CHUNK."""
    found = lists_in(data)
    if policy.members is Members.ALL and (held := guild.entities(Section.MEMBERS, at_ms)) is not None:
        held.put_all(bytes_of(found.members))
    if (held := guild.entities(Section.PRESENCES, at_ms)) is not None:
        held.put_all(data for data in bytes_of(found.presences) if _of_user(data).status != "offline")


def spoke(guild: Guild, data: bytes, at_ms: int, policy: CachePolicy) -> None:
    """MESSAGE_CREATE: its member is the author's, without the user."""
    if policy.members is not Members.SPEAKERS or (held := guild.entities(Section.MEMBERS, at_ms)) is None:
        return
    found = _spoken(data)
    if found.member is UNSET or found.webhook_id is not None:
        return
    member = encode({"user": found.author, **fields_of(found.member)})
    if held.raw(_of_user(member).user.id) == member:
        return  # who speaks often costs nothing more
    if len(held.ids()) >= policy.speakers_max:
        guild.replace(Section.MEMBERS, b"[]")
        held = guild.entities(Section.MEMBERS, at_ms)
        assert held is not None
    held.put(member)


def presence(guild: Guild, data: bytes, at_ms: int, policy: CachePolicy) -> None:
    if (held := guild.entities(Section.PRESENCES, at_ms)) is not None:
        found = _of_user(data)
        if found.status == "offline":
            held.delete(found.user.id)
        else:
            held.put(data)


def voice(guild: Guild, data: bytes, at_ms: int, policy: CachePolicy) -> None:
    if (held := guild.entities(Section.VOICE_STATES, at_ms)) is not None:
        found = ids_in(data)
        if found.channel_id is None:
            held.delete(found.user_id)
        else:
            held.put(data)
