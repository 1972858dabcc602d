"""Members of a guild, and who is banned from it ("Guild")."""

from __future__ import annotations

from enum import IntFlag

from framework.errors import InvalidUse
from framework.models._base import UNSET, Bits, Maybe, Model, Snowflake, Timestamp
from framework.models.user import AvatarDecorationData, Collectibles, User

__all__ = ["Ban", "BulkBan", "Member", "MemberFlags"]


class MemberFlags(IntFlag):
    """What is known about a member."""

    DID_REJOIN = 1 << 0
    COMPLETED_ONBOARDING = 1 << 1
    BYPASSES_VERIFICATION = 1 << 2  # the one a moderator can change
    STARTED_ONBOARDING = 1 << 3
    IS_GUEST = 1 << 4
    STARTED_HOME_ACTIONS = 1 << 5
    COMPLETED_HOME_ACTIONS = 1 << 6
    AUTOMOD_QUARANTINED_USERNAME = 1 << 7
    DM_SETTINGS_UPSELL_ACKNOWLEDGED = 1 << 9
    AUTOMOD_QUARANTINED_GUILD_TAG = 1 << 10


class Member(Model, kw_only=True):
    """A user's place in one guild. In the events of messages `user` is missing: it is the author."""

    user: Maybe[User] = UNSET
    guild_id: Maybe[Snowflake] = UNSET  # in events
    nick: Maybe[str | None] = UNSET
    avatar: Maybe[str | None] = UNSET  # of this guild
    banner: Maybe[str | None] = UNSET  # of this guild
    roles: list[Snowflake]  # without @everyone
    joined_at: Timestamp | None  # None for a guest
    premium_since: Maybe[Timestamp | None] = UNSET
    deaf: Maybe[bool] = UNSET
    mute: Maybe[bool] = UNSET
    flags: Maybe[int] = UNSET  # MemberFlags
    pending: Maybe[bool] = UNSET  # has not passed the membership screening yet
    permissions: Maybe[Bits] = UNSET  # in interactions: Permissions in the channel
    communication_disabled_until: Maybe[Timestamp | None] = UNSET  # a time in the past is no timeout any more
    avatar_decoration_data: Maybe[AvatarDecorationData | None] = UNSET
    collectibles: Maybe[Collectibles | None] = UNSET

    @property
    def id(self) -> int:
        """The user's id. Raises InvalidUse where the user is missing."""
        if self.user is UNSET:
            raise InvalidUse("this member comes without its user: in the event of a message, that is the author")
        return self.user.id


class Ban(Model, kw_only=True):
    """Somebody who may not come back, and why."""

    reason: str | None
    user: User


class BulkBan(Model, kw_only=True):
    """Who of the many has been banned, and who not: banned before, out of reach, or nobody."""

    banned_users: list[Snowflake]
    failed_users: list[Snowflake]
