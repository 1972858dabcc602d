"""Bans and prunes ("Guild")."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from framework.models._base import UNSET, Maybe
from framework.models.member import Ban, BulkBan
from framework.rest.api._base import Api, body, query
from framework.rest.api._paging import pages
from framework.rest.core.route import Route

__all__ = ["BansApi"]

_BAN = "/guilds/{guild_id}/bans/{user_id}"
_PAGE = 1_000


class BansApi(Api):
    """Bans, one or many, and prunes."""

    async def get_guild_bans(
        self, guild_id: int, *, before: int | None = None, after: int | None = None, limit: int | None = None
    ) -> list[Ban]:
        """A page of bans by ascending user id, 1 to 1000 of them (1000 by default); needs BAN_MEMBERS. Of `before` and
        `after` only the first counts."""
        route = Route.of("GET", "/guilds/{guild_id}/bans", guild_id=guild_id)
        return await self._ask(list[Ban], route, query=query(before=before, after=after, limit=limit))

    def iterate_guild_bans(self, guild_id: int, *, after: int = 0, limit: int | None = None) -> AsyncIterator[Ban]:
        """All bans by ascending user id, or those `after` an id, page by page."""
        return pages(
            lambda cursor, count: self.get_guild_bans(guild_id, after=cursor, limit=count),
            after, lambda ban: ban.user.id, _PAGE, limit,
        )  # fmt: skip

    async def get_guild_ban(self, guild_id: int, user_id: int) -> Ban:
        """The ban of a user, NotFound (10026) where there is none; needs BAN_MEMBERS."""
        return await self._ask(Ban, Route.of("GET", _BAN, guild_id=guild_id, user_id=user_id))

    async def create_guild_ban(
        self, guild_id: int, user_id: int, *, delete_message_seconds: Maybe[int] = UNSET, reason: str | None = None
    ) -> None:
        """Ban a user, member or not, and delete what they wrote in the last seconds, up to 7 days. Needs BAN_MEMBERS,
        and a higher role than a member's."""
        route = Route.of("PUT", _BAN, guild_id=guild_id, user_id=user_id)
        await self._do(route, json=body(delete_message_seconds=delete_message_seconds), reason=reason)

    async def remove_guild_ban(self, guild_id: int, user_id: int, *, reason: str | None = None) -> None:
        """Lift a ban; needs BAN_MEMBERS."""
        route = Route.of("DELETE", _BAN, guild_id=guild_id, user_id=user_id)
        await self._do(route, reason=reason)

    async def bulk_guild_ban(
        self,
        guild_id: int,
        user_ids: Sequence[int],
        *,
        delete_message_seconds: Maybe[int] = UNSET,
        reason: str | None = None,
    ) -> BulkBan:
        """Ban up to 200 users at once; needs BAN_MEMBERS and MANAGE_GUILD. Where none could be banned it is refused
        (500000)."""
        route = Route.of("POST", "/guilds/{guild_id}/bulk-ban", guild_id=guild_id)
        fields = body(user_ids=user_ids, delete_message_seconds=delete_message_seconds)
        return await self._ask(BulkBan, route, json=fields, reason=reason)

    async def get_guild_prune_count(
        self, guild_id: int, *, days: int | None = None, include_roles: Sequence[int] = ()
    ) -> int:
        """How many members a prune would remove; see `begin_guild_prune`."""
        route = Route.of("GET", "/guilds/{guild_id}/prune", guild_id=guild_id)
        roles = ",".join(map(str, include_roles)) or None
        found = await self._ask(dict[str, int], route, query=query(days=days, include_roles=roles))
        return found["pruned"]

    async def begin_guild_prune(
        self,
        guild_id: int,
        *,
        days: Maybe[int] = UNSET,
        compute_prune_count: Maybe[bool] = UNSET,
        include_roles: Maybe[Sequence[int]] = UNSET,
        reason: str | None = None,
    ) -> int | None:
        """Kick everybody who was not seen for 1 to 30 days (7 by default) and has no role besides those included.

        Needs MANAGE_GUILD and KICK_MEMBERS. Returns how many there were; None with `compute_prune_count=False`, which
        is better for large guilds.
        """
        route = Route.of("POST", "/guilds/{guild_id}/prune", guild_id=guild_id)
        fields = body(days=days, compute_prune_count=compute_prune_count, include_roles=include_roles)
        found = await self._ask(dict[str, int | None], route, json=fields, reason=reason)
        return found["pruned"]
