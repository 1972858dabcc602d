"""Requests to join a guild ("Guild")."""

from __future__ import annotations

from collections.abc import AsyncIterator

from framework.models._base import UNSET, Maybe
from framework.models.join_request import JoinRequest, JoinRequests
from framework.rest.api._base import Api, body, query
from framework.rest.api._paging import pages
from framework.rest.core.route import Route

__all__ = ["JoinRequestsApi"]

_REQUESTS = "/guilds/{guild_id}/requests"
_PAGE = 100


class JoinRequestsApi(Api):
    """Requests to join. Both calls need KICK_MEMBERS."""

    async def get_guild_join_requests(
        self,
        guild_id: int,
        *,
        status: str | None = None,
        before: int | None = None,
        after: int | None = None,
        limit: int | None = None,
    ) -> JoinRequests:
        """A page of 1 to 100 requests (100 by default) by ascending id; `status` is one of JoinRequestStatus."""
        route = Route.of("GET", _REQUESTS, guild_id=guild_id)
        options = query(status=status, before=before, after=after, limit=limit)
        return await self._ask(JoinRequests, route, query=options)

    def iterate_guild_join_requests(
        self, guild_id: int, *, status: str | None = None, after: int = 0, limit: int | None = None
    ) -> AsyncIterator[JoinRequest]:
        """All requests by ascending id, or those `after` an id, page by page."""

        async def fetch(cursor: int, count: int) -> list[JoinRequest]:
            page = await self.get_guild_join_requests(guild_id, status=status, after=cursor, limit=count)
            return page.guild_join_requests or []

        return pages(fetch, after, lambda request: request.id, _PAGE, limit)

    async def action_guild_join_request(
        self, guild_id: int, request_id: int, action: str, *, rejection_reason: Maybe[str | None] = UNSET
    ) -> JoinRequest:
        """Let somebody in or not: `action` is JoinRequestStatus.APPROVED or REJECTED, with a reason of up to 160
        characters."""
        route = Route.of("PATCH", _REQUESTS + "/{request_id}", guild_id=guild_id, request_id=request_id)
        return await self._ask(JoinRequest, route, json=body(action=action, rejection_reason=rejection_reason))
