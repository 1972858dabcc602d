"""Who may do what: permission bits, how they add up, and the hierarchy of roles ("Permissions")."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import IntFlag
from typing import Any

__all__ = ["ALL", "EVERYONE", "NEEDS_MFA", "Permission", "in_channel", "in_guild"]


class Permission(IntFlag):
    """The permission bits of a bot's world."""

    CREATE_INSTANT_INVITE = 1 << 0
    KICK_MEMBERS = 1 << 1
    BAN_MEMBERS = 1 << 2
    ADMINISTRATOR = 1 << 3
    MANAGE_CHANNELS = 1 << 4
    MANAGE_GUILD = 1 << 5
    ADD_REACTIONS = 1 << 6
    VIEW_AUDIT_LOG = 1 << 7
    PRIORITY_SPEAKER = 1 << 8
    STREAM = 1 << 9
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    SEND_TTS_MESSAGES = 1 << 12
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    USE_EXTERNAL_EMOJIS = 1 << 18
    VIEW_GUILD_INSIGHTS = 1 << 19
    CONNECT = 1 << 20
    SPEAK = 1 << 21
    MUTE_MEMBERS = 1 << 22
    DEAFEN_MEMBERS = 1 << 23
    MOVE_MEMBERS = 1 << 24
    USE_VAD = 1 << 25
    CHANGE_NICKNAME = 1 << 26
    MANAGE_NICKNAMES = 1 << 27
    MANAGE_ROLES = 1 << 28
    MANAGE_WEBHOOKS = 1 << 29
    MANAGE_GUILD_EXPRESSIONS = 1 << 30
    USE_APPLICATION_COMMANDS = 1 << 31
    REQUEST_TO_SPEAK = 1 << 32
    MANAGE_EVENTS = 1 << 33
    MANAGE_THREADS = 1 << 34
    CREATE_PUBLIC_THREADS = 1 << 35
    CREATE_PRIVATE_THREADS = 1 << 36
    USE_EXTERNAL_STICKERS = 1 << 37
    SEND_MESSAGES_IN_THREADS = 1 << 38
    USE_EMBEDDED_ACTIVITIES = 1 << 39
    MODERATE_MEMBERS = 1 << 40
    VIEW_CREATOR_MONETIZATION_ANALYTICS = 1 << 41
    USE_SOUNDBOARD = 1 << 42
    CREATE_GUILD_EXPRESSIONS = 1 << 43
    CREATE_EVENTS = 1 << 44
    USE_EXTERNAL_SOUNDS = 1 << 45
    SEND_VOICE_MESSAGES = 1 << 46
    SET_VOICE_CHANNEL_STATUS = 1 << 48
    SEND_POLLS = 1 << 49
    USE_EXTERNAL_APPS = 1 << 50
    PIN_MESSAGES = 1 << 51
    BYPASS_SLOWMODE = 1 << 52


ALL: int = sum(Permission)
EVERYONE: int = ALL & ~sum(
    (
        Permission.KICK_MEMBERS, Permission.BAN_MEMBERS, Permission.ADMINISTRATOR, Permission.MANAGE_CHANNELS,
        Permission.MANAGE_GUILD, Permission.VIEW_AUDIT_LOG, Permission.PRIORITY_SPEAKER, Permission.MANAGE_MESSAGES,
        Permission.VIEW_GUILD_INSIGHTS, Permission.MUTE_MEMBERS, Permission.DEAFEN_MEMBERS, Permission.MOVE_MEMBERS,
        Permission.MANAGE_NICKNAMES, Permission.MANAGE_ROLES, Permission.MANAGE_WEBHOOKS,
        Permission.MANAGE_GUILD_EXPRESSIONS, Permission.MANAGE_EVENTS, Permission.MANAGE_THREADS,
        Permission.MODERATE_MEMBERS, Permission.VIEW_CREATOR_MONETIZATION_ANALYTICS, Permission.PIN_MESSAGES,
        Permission.BYPASS_SLOWMODE, Permission.SET_VOICE_CHANNEL_STATUS,
    )
)  # fmt: skip
"""What @everyone has in a guild nobody has configured."""

NEEDS_MFA: int = sum(
    (
        Permission.KICK_MEMBERS, Permission.BAN_MEMBERS, Permission.ADMINISTRATOR, Permission.MANAGE_CHANNELS,
        Permission.MANAGE_GUILD, Permission.MANAGE_MESSAGES, Permission.MANAGE_ROLES, Permission.MANAGE_WEBHOOKS,
        Permission.MANAGE_GUILD_EXPRESSIONS, Permission.MANAGE_THREADS,
        Permission.VIEW_CREATOR_MONETIZATION_ANALYTICS,
    )
)  # fmt: skip
"""In a guild with mfa_level 1 these need the two-factor authentication of the bot's owner (60003)."""

# Plain numbers where every event asks: the operators of an IntFlag cost more than the rule.
_ADMINISTRATOR = int(Permission.ADMINISTRATOR)
_VIEW_CHANNEL = int(Permission.VIEW_CHANNEL)
_SEND_MESSAGES = int(Permission.SEND_MESSAGES)
_CONNECT = int(Permission.CONNECT)
_TIMED_OUT = int(Permission.VIEW_CHANNEL | Permission.READ_MESSAGE_HISTORY)
_NEED_SEND = int(
    Permission.MENTION_EVERYONE | Permission.SEND_TTS_MESSAGES | Permission.ATTACH_FILES | Permission.EMBED_LINKS
)
_VOICE = int(
    Permission.SPEAK | Permission.STREAM | Permission.MUTE_MEMBERS | Permission.DEAFEN_MEMBERS
    | Permission.MOVE_MEMBERS | Permission.USE_VAD | Permission.PRIORITY_SPEAKER | Permission.USE_SOUNDBOARD
)  # fmt: skip


def in_guild(bits: int, *, owner: bool = False, timed_out: bool = False) -> int:
    """The bits of a member, from those of @everyone and of each role they hold together."""
    if owner:
        return ALL
    if bits & _ADMINISTRATOR:
        return ALL
    return bits & _TIMED_OUT if timed_out else bits


def in_channel(
    base: int, guild_id: int, user_id: int, held: Iterable[int], overwrites: Iterable[Mapping[str, Any]], *,
    voice: bool = False, timed_out: bool = False,
) -> int:  # fmt: skip
    """`base` bits of a member after a channel's overwrites ("Permission Overwrites"): @everyone, roles, member."""
    if base & _ADMINISTRATOR:
        return ALL
    everyone, member, deny, allow = None, None, 0, 0
    roles = set(held)
    for overwrite in overwrites:
        target = int(overwrite["id"])
        if target == guild_id:
            everyone = overwrite
        elif overwrite["type"] == 0 and target in roles:
            deny |= int(overwrite["deny"])
            allow |= int(overwrite["allow"])
        elif overwrite["type"] == 1 and target == user_id:
            member = overwrite
    bits = base
    if everyone is not None:
        bits = bits & ~int(everyone["deny"]) | int(everyone["allow"])
    bits = bits & ~deny | allow
    if member is not None:
        bits = bits & ~int(member["deny"]) | int(member["allow"])
    if not bits & _VIEW_CHANNEL:
        return 0
    if not bits & _SEND_MESSAGES:
        bits &= ~_NEED_SEND
    if voice and not bits & _CONNECT:
        bits &= ~_VOICE
    return bits & _TIMED_OUT if timed_out else bits
