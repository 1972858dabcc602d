"""Users, their guilds, and direct channels ("User")."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence

from framework.models import UNSET, Maybe
from framework.models.channel import Channel
from framework.models.guild import Guild
from framework.models.member import Member
from framework.models.user import Connection, User
from framework.rest.api._base import Api, body, query
from framework.rest.api._paging import pages
from framework.rest.core.route import Route

__all__ = ["UsersApi"]

_PAGE = 200


class UsersApi(Api):
    """The current user is the bot, or with `bearer` the user whose access token it is."""

    async def get_current_user(self, *, bearer: str | None = None) -> User:
        """The current user. Of a user: needs the scope `identify`, and `email` for their address."""
        return await self._ask(User, Route.of("GET", "/users/@me"), bearer=bearer)

    async def get_user(self, user_id: int) -> User:
        """Any user."""
        return await self._ask(User, Route.of("GET", "/users/{user_id}", user_id=user_id))

    async def modify_current_user(
        self, *, username: Maybe[str] = UNSET, avatar: Maybe[str | None] = UNSET, banner: Maybe[str | None] = UNSET
    ) -> User:
        """Change the bot; pictures are data URIs. The name can change twice an hour."""
        route = Route.of("PATCH", "/users/@me")
        return await self._ask(User, route, json=body(username=username, avatar=avatar, banner=banner))

    async def get_current_user_guilds(
        self,
        *,
        before: int | None = None,
        after: int | None = None,
        limit: int | None = None,
        with_counts: bool | None = None,
        bearer: str | None = None,
    ) -> list[Guild]:
        """A page of the current user's guilds by ascending id, up to 200, with name, features, the user's permissions
        and little more. Of a user: needs the scope `guilds`."""
        route = Route.of("GET", "/users/@me/guilds")
        asked = query(before=before, after=after, limit=limit, with_counts=with_counts)
        return await self._ask(list[Guild], route, query=asked, bearer=bearer)

    def iterate_current_user_guilds(
        self,
        *,
        after: int = 0,
        limit: int | None = None,
        with_counts: bool | None = None,
        bearer: str | None = None,
    ) -> AsyncIterator[Guild]:
        """All guilds of the current user by ascending id, or those `after` an id, page by page."""
        return pages(
            lambda cursor, count: self.get_current_user_guilds(
                after=cursor, limit=count, with_counts=with_counts, bearer=bearer
            ),
            after, lambda guild: guild.id, _PAGE, limit,
        )  # fmt: skip

    async def get_current_user_guild_member(self, guild_id: int, *, bearer: str) -> Member:
        """A user's own membership; needs the scope `guilds.members.read`."""
        route = Route.of("GET", "/users/@me/guilds/{guild_id}/member", guild_id=guild_id)
        return await self._ask(Member, route, bearer=bearer)

    async def leave_guild(self, guild_id: int) -> None:
        """Leave a guild."""
        await self._do(Route.of("DELETE", "/users/@me/guilds/{guild_id}", guild_id=guild_id))

    async def create_dm(self, recipient_id: int) -> Channel:
        """The direct channel with a user, opened if it was not. Opening many at once gets a bot stopped; open one when
        somebody has asked for it."""
        route = Route.of("POST", "/users/@me/channels")
        return await self._ask(Channel, route, json=body(recipient_id=recipient_id))

    async def create_group_dm(
        self, access_tokens: Sequence[str], *, nicks: Maybe[Mapping[int, str]] = UNSET
    ) -> Channel:
        """A group of users whose access tokens allow it by the scope `gdm.join`; a bot can be in ten at once."""
        route = Route.of("POST", "/users/@me/channels")
        return await self._ask(Channel, route, json=body(access_tokens=access_tokens, nicks=nicks))

    async def get_current_user_connections(self, *, bearer: str | None = None) -> list[Connection]:
        """The current user's accounts at other services. Of a user: needs the scope `connections`."""
        return await self._ask(list[Connection], Route.of("GET", "/users/@me/connections"), bearer=bearer)
