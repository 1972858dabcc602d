"""The audit log of a guild ("Audit Log")."""

from __future__ import annotations

from collections.abc import AsyncIterator

from framework.errors import InvalidUse
from framework.models.audit_log import AuditLog, AuditLogEntry
from framework.rest.api._base import Api, query
from framework.rest.api._paging import pages
from framework.rest.core.route import Route

__all__ = ["AuditLogsApi"]

_PAGE = 100


class AuditLogsApi(Api):
    """Audit logs."""

    async def get_guild_audit_log(
        self,
        guild_id: int,
        *,
        user_id: int | None = None,
        target_id: int | None = None,
        action_type: int | None = None,
        before: int | None = None,
        after: int | None = None,
        limit: int | None = None,
    ) -> AuditLog:
        """A page of 1 to 100 entries (50 by default) from the last 45 days; needs VIEW_AUDIT_LOG.

        The newest are first, with `after` the oldest. `user_id` is who did it.
        """
        route = Route.of("GET", "/guilds/{guild_id}/audit-logs", guild_id=guild_id)
        options = query(
            user_id=user_id, target_id=target_id, action_type=action_type, before=before, after=after, limit=limit
        )
        return await self._ask(AuditLog, route, query=options)

    def iterate_guild_audit_log(
        self,
        guild_id: int,
        *,
        user_id: int | None = None,
        target_id: int | None = None,
        action_type: int | None = None,
        before: int | None = None,
        after: int | None = None,
        limit: int | None = None,
    ) -> AsyncIterator[AuditLogEntry]:
        """All entries, the newest first, those before an id, or, the oldest first, those after one."""
        if before is not None and after is not None:
            raise InvalidUse("iterate_guild_audit_log: before and after are two directions; give one of them")
        backwards = after is None

        async def fetch(cursor: int | None, count: int) -> list[AuditLogEntry]:
            log = await self.get_guild_audit_log(
                guild_id,
                user_id=user_id,
                target_id=target_id,
                action_type=action_type,
                before=cursor if backwards else None,
                after=None if backwards else cursor,
                limit=count,
            )
            return log.audit_log_entries

        return pages(fetch, before if backwards else after, lambda entry: entry.id, _PAGE, limit)
