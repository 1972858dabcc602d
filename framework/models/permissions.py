"""Permission bits, how they add up, and who stands above whom ("Permissions").

Fields that hold a set of them are plain integers; `Permissions(role.permissions)` makes one readable, and keeps a bit
that is unknown here. Pure functions; the time is an argument.
"""

from __future__ import annotations

import datetime
from enum import IntFlag
from typing import TypeVar

from framework.errors import InvalidUse
from framework.models._base import UNSET, Maybe
from framework.models.channel import Channel, ChannelType, OverwriteType, PermissionOverwrite
from framework.models.guild import Guild
from framework.models.member import Member
from framework.models.role import Role

__all__ = [
    "Permissions",
    "can_act_on",
    "can_manage_role",
    "has_permissions",
    "is_timed_out",
    "missing_permissions",
    "permissions_in_channel",
    "permissions_in_guild",
]

T = TypeVar("T")


class Permissions(IntFlag):
    """What somebody may do."""

    CREATE_INSTANT_INVITE = 1 << 0
    KICK_MEMBERS = 1 << 1
    BAN_MEMBERS = 1 << 2
    ADMINISTRATOR = 1 << 3  # everything, whatever a channel's overwrites say
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


_P = Permissions
_ALL = Permissions(sum(Permissions))
_TIMED_OUT = _P.VIEW_CHANNEL | _P.READ_MESSAGE_HISTORY
_OF_SENDING = _P.MENTION_EVERYONE | _P.SEND_TTS_MESSAGES | _P.ATTACH_FILES | _P.EMBED_LINKS
_OF_CONNECTING = (
    _P.SPEAK | _P.STREAM | _P.MUTE_MEMBERS | _P.DEAFEN_MEMBERS | _P.MOVE_MEMBERS | _P.USE_VAD | _P.PRIORITY_SPEAKER
    | _P.USE_SOUNDBOARD
)  # fmt: skip
_VOICE = (ChannelType.GUILD_VOICE, ChannelType.GUILD_STAGE_VOICE)
_THREADS = (ChannelType.ANNOUNCEMENT_THREAD, ChannelType.PUBLIC_THREAD, ChannelType.PRIVATE_THREAD)


# -- having them ---------------------------------------------------------------------------------------------


def missing_permissions(held: int, needed: int) -> Permissions:
    """Which of the needed bits are not among those held; none for an administrator."""
    return Permissions(0) if held & Permissions.ADMINISTRATOR else Permissions(needed & ~held)


def has_permissions(held: int, needed: int) -> bool:
    """Whether all needed bits are held: `has_permissions(interaction.member.permissions, Permissions.BAN_MEMBERS)`."""
    return not missing_permissions(held, needed)


# -- adding them up ------------------------------------------------------------------------------------------


def is_timed_out(member: Member, now: datetime.datetime) -> bool:
    """Whether a member may neither write nor speak now: a time in the past is no timeout any more."""
    until = member.communication_disabled_until
    return until is not UNSET and until is not None and until > now


def permissions_in_guild(member: Member, guild: Guild, *, now: datetime.datetime) -> Permissions:
    """What a member may do in a guild, channels' overwrites aside: all as owner or administrator, else what @everyone
    and their roles may; while they are timed out, see and read.

    Raises:
        InvalidUse: the member's user, `guild.owner_id` or `guild.roles` is not there.
    """
    if member.id == _told(guild.owner_id, "guild.owner_id"):
        return _ALL
    held = {guild.id, *member.roles}
    bits = Permissions(0)
    for role in _told(guild.roles, "guild.roles"):
        if role.id in held:
            bits |= Permissions(_told(role.permissions, f"the permissions of role {role.id}"))
    if bits & Permissions.ADMINISTRATOR:
        return _ALL
    return bits & _TIMED_OUT if is_timed_out(member, now) else bits


def permissions_in_channel(
    member: Member,
    guild: Guild,
    channel: Channel,
    *,
    now: datetime.datetime,
    parent: Channel | None = None,
    is_in_thread: bool = False,
) -> Permissions:
    """What a member may do in a channel of a guild, by its overwrites: of @everyone, of roles, of the member.

    A thread has the permissions of its `parent`, with SEND_MESSAGES_IN_THREADS in place of SEND_MESSAGES; a private one
    is seen by who `is_in_thread` or manages threads.

    Raises:
        InvalidUse: as `permissions_in_guild`, or a thread comes without its parent.
    """
    base = permissions_in_guild(member, guild, now=now)
    if base & Permissions.ADMINISTRATOR:
        return _ALL
    is_thread = channel.type in _THREADS
    if is_thread and parent is None:
        raise InvalidUse("a thread has the overwrites of its channel: parent is missing")
    place = parent if is_thread and parent is not None else channel
    overwrites = [] if place.permission_overwrites is UNSET else place.permission_overwrites
    bits = _overwritten(base, guild.id, member, overwrites)
    if not bits & Permissions.VIEW_CHANNEL:
        return Permissions(0)
    if not bits & Permissions.SEND_MESSAGES:
        bits &= ~_OF_SENDING
    if channel.type in _VOICE and not bits & Permissions.CONNECT:
        bits &= ~_OF_CONNECTING
    if is_timed_out(member, now):
        bits &= _TIMED_OUT
    return _of_thread(bits, channel, is_in_thread) if is_thread else bits


def _overwritten(
    base: Permissions, guild_id: int, member: Member, overwrites: list[PermissionOverwrite]
) -> Permissions:
    """Denials of a step go before what it allows, so that any role that allows wins over all that deny."""
    roles = [o for o in overwrites if o.type == OverwriteType.ROLE]
    steps = (
        [o for o in roles if o.id == guild_id],
        [o for o in roles if o.id != guild_id and o.id in member.roles],
        [o for o in overwrites if o.type == OverwriteType.MEMBER and o.id == member.id],
    )
    bits = base
    for step in steps:
        for overwrite in step:
            bits &= ~Permissions(overwrite.deny)
        for overwrite in step:
            bits |= Permissions(overwrite.allow)
    return bits


def _of_thread(bits: Permissions, thread: Channel, is_in_thread: bool) -> Permissions:
    bits &= ~Permissions.SEND_MESSAGES
    if bits & Permissions.SEND_MESSAGES_IN_THREADS:
        bits |= Permissions.SEND_MESSAGES
    hidden = thread.type == ChannelType.PRIVATE_THREAD and not is_in_thread
    return Permissions(0) if hidden and not bits & Permissions.MANAGE_THREADS else bits


# -- who stands above whom -----------------------------------------------------------------------------------


def can_act_on(actor: Member, target: Member, guild: Guild) -> bool:
    """Whether a member stands above another: a moderator's right to ban, kick, time out or rename somebody.

    The owner is above all; else the highest role must be strictly higher. Two roles at one position count as equal
    here: Discord shows them in the order of their ids, but does not say that this decides. The right itself
    (BAN_MEMBERS…) is another question. Raises InvalidUse as `permissions_in_guild`.
    """
    owner = _told(guild.owner_id, "guild.owner_id")
    if target.id == owner:
        return False
    return actor.id == owner or _top(target, guild) < _top(actor, guild)


def can_manage_role(actor: Member, role: Role, guild: Guild) -> bool:
    """Whether a member stands above a role, so that with MANAGE_ROLES they may change it and give it to others."""
    return actor.id == _told(guild.owner_id, "guild.owner_id") or role.position < _top(actor, guild)


def _top(member: Member, guild: Guild) -> int:
    return max((r.position for r in _told(guild.roles, "guild.roles") if r.id in member.roles), default=0)


def _told(value: Maybe[T], what: str) -> T:
    if value is UNSET:
        raise InvalidUse(f"{what} is needed and not there; take the object from where Discord tells it")
    return value
