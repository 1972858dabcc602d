"""Invites, and who may use them ("Invite")."""

from __future__ import annotations

from collections.abc import Iterable

from framework.models.invite import Invite, TargetUsersJob
from framework.rest.api._base import Api, query
from framework.rest.core.route import Route
from framework.rest.files import File

__all__ = ["InvitesApi", "target_users_file"]


def target_users_file(user_ids: Iterable[int]) -> File:
    """The upload that says who may use an invite."""
    text = "".join(f"{line}\n" for line in ("user_id", *user_ids))
    return File("target_users.csv", text.encode(), "text/csv", field="target_users_file")


class InvitesApi(Api):
    """Invites. They are made for a channel: see `create_channel_invite`."""

    async def get_invite(
        self,
        code: str,
        *,
        with_counts: bool | None = None,
        guild_scheduled_event_id: int | None = None,
        target_channel_id: int | None = None,
        target_message_id: int | None = None,
    ) -> Invite:
        """An invite by its code, anybody's; with counts it also tells about how many are members and online."""
        route = Route.of("GET", "/invites/{code}", code=code)
        asked = query(
            with_counts=with_counts, guild_scheduled_event_id=guild_scheduled_event_id,
            target_channel_id=target_channel_id, target_message_id=target_message_id,
        )  # fmt: skip
        return await self._ask(Invite, route, query=asked)

    async def delete_invite(self, code: str, *, reason: str | None = None) -> Invite:
        """Take an invite back; needs MANAGE_CHANNELS on its channel, or MANAGE_GUILD."""
        return await self._ask(Invite, Route.of("DELETE", "/invites/{code}", code=code), reason=reason)

    async def get_invite_target_users(self, code: str) -> list[int]:
        """The ids of those who may use an invite; for who made it, or with MANAGE_GUILD or VIEW_AUDIT_LOG."""
        raw = await self.request_raw(Route.of("GET", "/invites/{code}/target-users", code=code))
        return [int(line) for line in raw.decode().splitlines() if line.strip().isdecimal()]

    async def update_invite_target_users(self, code: str, user_ids: Iterable[int]) -> None:
        """Let these users alone use an invite; for who made it, or with MANAGE_GUILD. Discord reads the list later: see
        `get_invite_target_users_job_status`."""
        route = Route.of("PUT", "/invites/{code}/target-users", code=code)
        await self._do(route, files=[target_users_file(user_ids)])

    async def get_invite_target_users_job_status(self, code: str) -> TargetUsersJob:
        """How far Discord is with reading the list of who may use an invite."""
        return await self._ask(TargetUsersJob, Route.of("GET", "/invites/{code}/target-users/job-status", code=code))
