"""Roles of a guild ("Guild")."""

from __future__ import annotations

from collections.abc import Mapping

from framework.models._base import UNSET, Maybe
from framework.models.role import Role, RoleColors
from framework.rest.api._base import Api, body
from framework.rest.core.route import Route

__all__ = ["RolesApi"]

_ROLES = "/guilds/{guild_id}/roles"
_ROLE = _ROLES + "/{role_id}"


class RolesApi(Api):
    """Roles. To make, change, move and delete them needs MANAGE_ROLES, and a higher role than the one concerned."""

    async def get_guild_roles(self, guild_id: int) -> list[Role]:
        """All roles."""
        return await self._ask(list[Role], Route.of("GET", _ROLES, guild_id=guild_id))

    async def get_guild_role(self, guild_id: int, role_id: int) -> Role:
        """One role."""
        return await self._ask(Role, Route.of("GET", _ROLE, guild_id=guild_id, role_id=role_id))

    async def get_guild_role_member_counts(self, guild_id: int) -> dict[int, int]:
        """How many members have each role, by the roles' ids; without @everyone."""
        route = Route.of("GET", _ROLES + "/member-counts", guild_id=guild_id)
        return await self._ask(dict[int, int], route)

    async def create_guild_role(
        self,
        guild_id: int,
        *,
        name: Maybe[str] = UNSET,
        permissions: Maybe[int] = UNSET,
        colors: Maybe[RoleColors] = UNSET,
        hoist: Maybe[bool] = UNSET,
        icon: Maybe[str | None] = UNSET,
        unicode_emoji: Maybe[str | None] = UNSET,
        mentionable: Maybe[bool] = UNSET,
        reason: str | None = None,
    ) -> Role:
        """Make a role, with the permissions of @everyone unless others are given; a guild has up to 250.

        More than one color needs the feature ENHANCED_ROLE_COLORS; an icon (a data URI) or emoji needs ROLE_ICONS.
        """
        route = Route.of("POST", _ROLES, guild_id=guild_id)
        fields = body(
            name=name,
            permissions=permissions,
            colors=colors,
            hoist=hoist,
            icon=icon,
            unicode_emoji=unicode_emoji,
            mentionable=mentionable,
        )
        return await self._ask(Role, route, json=fields, reason=reason)

    async def modify_guild_role(
        self,
        guild_id: int,
        role_id: int,
        *,
        name: Maybe[str] = UNSET,
        permissions: Maybe[int] = UNSET,
        colors: Maybe[RoleColors] = UNSET,
        hoist: Maybe[bool] = UNSET,
        icon: Maybe[str | None] = UNSET,
        unicode_emoji: Maybe[str | None] = UNSET,
        mentionable: Maybe[bool] = UNSET,
        reason: str | None = None,
    ) -> Role:
        """Change a role; nobody can give permissions they do not have."""
        route = Route.of("PATCH", _ROLE, guild_id=guild_id, role_id=role_id)
        fields = body(
            name=name,
            permissions=permissions,
            colors=colors,
            hoist=hoist,
            icon=icon,
            unicode_emoji=unicode_emoji,
            mentionable=mentionable,
        )
        return await self._ask(Role, route, json=fields, reason=reason)

    async def modify_guild_role_positions(
        self, guild_id: int, positions: Mapping[int, int], *, reason: str | None = None
    ) -> list[Role]:
        """Move roles: their new positions by their ids. Returns all roles."""
        route = Route.of("PATCH", _ROLES, guild_id=guild_id)
        moves = [{"id": str(role_id), "position": position} for role_id, position in positions.items()]
        return await self._ask(list[Role], route, json=moves, reason=reason)

    async def delete_guild_role(self, guild_id: int, role_id: int, *, reason: str | None = None) -> None:
        """Delete a role."""
        route = Route.of("DELETE", _ROLE, guild_id=guild_id, role_id=role_id)
        await self._do(route, reason=reason)
