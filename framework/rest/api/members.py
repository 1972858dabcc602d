"""Members of a guild ("Guild")."""

from __future__ import annotations

import datetime
from collections.abc import AsyncIterator, Sequence

from framework.models._base import UNSET, Maybe
from framework.models.member import Member
from framework.rest.api._base import Api, body, query
from framework.rest.api._paging import pages
from framework.rest.core.route import Route

__all__ = ["MembersApi"]

_MEMBERS = "/guilds/{guild_id}/members"
_MEMBER = _MEMBERS + "/{user_id}"
_ROLE = _MEMBER + "/roles/{role_id}"
_PAGE = 1_000


def _user_id(member: Member) -> int:
    """Whose membership it is; REST always tells."""
    assert member.user is not UNSET
    return member.user.id


class MembersApi(Api):
    """Members."""

    async def get_guild_member(self, guild_id: int, user_id: int) -> Member:
        """One member."""
        return await self._ask(Member, Route.of("GET", _MEMBER, guild_id=guild_id, user_id=user_id))

    async def list_guild_members(
        self, guild_id: int, *, after: int | None = None, limit: int | None = None
    ) -> list[Member]:
        """A page of members by ascending id, 1 to 1000 of them (1 by default); needs the GUILD_MEMBERS intent to be
        enabled for the application."""
        route = Route.of("GET", _MEMBERS, guild_id=guild_id)
        return await self._ask(list[Member], route, query=query(after=after, limit=limit))

    def iterate_guild_members(
        self, guild_id: int, *, after: int = 0, limit: int | None = None
    ) -> AsyncIterator[Member]:
        """All members by ascending id, or those `after` an id, page by page."""
        return pages(
            lambda cursor, count: self.list_guild_members(guild_id, after=cursor, limit=count),
            after, _user_id, _PAGE, limit,
        )  # fmt: skip

    async def search_guild_members(self, guild_id: int, prefix: str, *, limit: int | None = None) -> list[Member]:
        """Up to 1000 members (1 by default) whose user name or nickname begins with `prefix`."""
        route = Route.of("GET", _MEMBERS + "/search", guild_id=guild_id)
        return await self._ask(list[Member], route, query=query(query=prefix, limit=limit))

    async def add_guild_member(
        self,
        guild_id: int,
        user_id: int,
        access_token: str,
        *,
        nick: Maybe[str] = UNSET,
        roles: Maybe[Sequence[int]] = UNSET,
        mute: Maybe[bool] = UNSET,
        deaf: Maybe[bool] = UNSET,
        flags: Maybe[int] = UNSET,
    ) -> Member | None:
        """Bring a user in, whose access token allows it by the scope `guilds.join`; None where they were in already.

        The bot needs CREATE_INSTANT_INVITE, and for each other field the permission that changing it needs.
        """
        route = Route.of("PUT", _MEMBER, guild_id=guild_id, user_id=user_id)
        fields = body(access_token=access_token, nick=nick, roles=roles, mute=mute, deaf=deaf, flags=flags)
        return await self._ask_if_any(Member, route, json=fields)

    async def modify_guild_member(
        self,
        guild_id: int,
        user_id: int,
        *,
        nick: Maybe[str | None] = UNSET,
        roles: Maybe[Sequence[int]] = UNSET,
        mute: Maybe[bool] = UNSET,
        deaf: Maybe[bool] = UNSET,
        channel_id: Maybe[int | None] = UNSET,
        communication_disabled_until: Maybe[datetime.datetime | None] = UNSET,
        flags: Maybe[int] = UNSET,
        reason: str | None = None,
    ) -> Member | None:
        """Change a member; each field has a permission of its own.

        `nick` MANAGE_NICKNAMES; `roles`, the complete list, MANAGE_ROLES; `mute` MUTE_MEMBERS; `deaf` DEAFEN_MEMBERS;
        `channel_id`, to move or (None) disconnect who is in voice, MOVE_MEMBERS; `communication_disabled_until`, a
        timeout of 28 days at most, MODERATE_MEMBERS; of `flags` only BYPASSES_VERIFICATION can change.
        """
        route = Route.of("PATCH", _MEMBER, guild_id=guild_id, user_id=user_id)
        fields = body(
            nick=nick,
            roles=roles,
            mute=mute,
            deaf=deaf,
            channel_id=channel_id,
            communication_disabled_until=communication_disabled_until,
            flags=flags,
        )
        return await self._ask_if_any(Member, route, json=fields, reason=reason)

    async def modify_current_member(
        self,
        guild_id: int,
        *,
        nick: Maybe[str | None] = UNSET,
        avatar: Maybe[str | None] = UNSET,
        banner: Maybe[str | None] = UNSET,
        bio: Maybe[str | None] = UNSET,
        reason: str | None = None,
    ) -> Member:
        """Change how the bot looks in one guild; a nickname needs CHANGE_NICKNAME. Pictures are data URIs."""
        route = Route.of("PATCH", _MEMBERS + "/@me", guild_id=guild_id)
        return await self._ask(
            Member, route, json=body(nick=nick, avatar=avatar, banner=banner, bio=bio), reason=reason
        )

    async def remove_guild_member(self, guild_id: int, user_id: int, *, reason: str | None = None) -> None:
        """Kick a member; needs KICK_MEMBERS and a higher role than theirs."""
        route = Route.of("DELETE", _MEMBER, guild_id=guild_id, user_id=user_id)
        await self._do(route, reason=reason)

    async def add_guild_member_role(
        self, guild_id: int, user_id: int, role_id: int, *, reason: str | None = None
    ) -> None:
        """Give a member a role; needs MANAGE_ROLES and a higher role than this one."""
        route = Route.of("PUT", _ROLE, guild_id=guild_id, user_id=user_id, role_id=role_id)
        await self._do(route, reason=reason)

    async def remove_guild_member_role(
        self, guild_id: int, user_id: int, role_id: int, *, reason: str | None = None
    ) -> None:
        """Take a role from a member; needs MANAGE_ROLES and a higher role than this one."""
        route = Route.of("DELETE", _ROLE, guild_id=guild_id, user_id=user_id, role_id=role_id)
        await self._do(route, reason=reason)
