"""Commands of applications, global and of a guild, and who may use them ("Application Commands")."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Unpack

from framework.models import UNSET, Maybe, to_wire
from framework.models.command import (
    ApplicationCommand,
    ApplicationCommandFields,
    ApplicationCommandPermission,
    GuildApplicationCommandPermissions,
    NewApplicationCommand,
)
from framework.rest.api._base import Api, body, query
from framework.rest.core.route import Route

__all__ = ["ApplicationCommandsApi"]

_ALL = "/applications/{application_id}/commands"
_ONE = "/applications/{application_id}/commands/{command_id}"
_ALL_OF_GUILD = "/applications/{application_id}/guilds/{guild_id}/commands"
_ONE_OF_GUILD = "/applications/{application_id}/guilds/{guild_id}/commands/{command_id}"


class ApplicationCommandsApi(Api):
    """Commands ("Application Commands" in Discord's documentation).

    A command of the same name and type is replaced. 200 commands can be made in a day, global ones and those of each
    guild apart; changing them does not count. A `bearer` token needs the scope `applications.commands.update`.
    """

    # -- global ----------------------------------------------------------------------------------------------

    async def get_global_application_commands(
        self, application_id: int, *, with_localizations: bool = False, bearer: str | None = None
    ) -> list[ApplicationCommand]:
        """All global commands, with every translation or only the one for the asker."""
        asked = query(with_localizations=with_localizations)
        route = Route.of("GET", _ALL, application_id=application_id)
        return await self._ask(list[ApplicationCommand], route, query=asked, bearer=bearer)

    async def create_global_application_command(
        self,
        application_id: int,
        name: str,
        *,
        type_: Maybe[int] = UNSET,
        bearer: str | None = None,
        **fields: Unpack[ApplicationCommandFields],
    ) -> ApplicationCommand:
        """Make a global command."""
        route = Route.of("POST", _ALL, application_id=application_id)
        return await self._ask(ApplicationCommand, route, json=body(name=name, type_=type_, **fields), bearer=bearer)

    async def get_global_application_command(
        self, application_id: int, command_id: int, *, bearer: str | None = None
    ) -> ApplicationCommand:
        """A global command."""
        route = Route.of("GET", _ONE, application_id=application_id, command_id=command_id)
        return await self._ask(ApplicationCommand, route, bearer=bearer)

    async def edit_global_application_command(
        self,
        application_id: int,
        command_id: int,
        *,
        name: Maybe[str] = UNSET,
        bearer: str | None = None,
        **fields: Unpack[ApplicationCommandFields],
    ) -> ApplicationCommand:
        """Change a global command; another name takes away all its permissions."""
        route = Route.of("PATCH", _ONE, application_id=application_id, command_id=command_id)
        return await self._ask(ApplicationCommand, route, json=body(name=name, **fields), bearer=bearer)

    async def delete_global_application_command(
        self, application_id: int, command_id: int, *, bearer: str | None = None
    ) -> None:
        """Delete a global command."""
        await self._do(Route.of("DELETE", _ONE, application_id=application_id, command_id=command_id), bearer=bearer)

    async def bulk_overwrite_global_application_commands(
        self,
        application_id: int,
        commands: Sequence[ApplicationCommand | NewApplicationCommand],
        *,
        bearer: str | None = None,
    ) -> list[ApplicationCommand]:
        """Have exactly these global commands, of all types; others are deleted."""
        route = Route.of("PUT", _ALL, application_id=application_id)
        return await self._ask(list[ApplicationCommand], route, json=_many(commands), bearer=bearer)

    # -- of a guild ------------------------------------------------------------------------------------------

    async def get_guild_application_commands(
        self, application_id: int, guild_id: int, *, with_localizations: bool = False, bearer: str | None = None
    ) -> list[ApplicationCommand]:
        """All commands of a guild, with every translation or only the one for the asker."""
        asked = query(with_localizations=with_localizations)
        route = Route.of("GET", _ALL_OF_GUILD, application_id=application_id, guild_id=guild_id)
        return await self._ask(list[ApplicationCommand], route, query=asked, bearer=bearer)

    async def create_guild_application_command(
        self,
        application_id: int,
        guild_id: int,
        name: str,
        *,
        type_: Maybe[int] = UNSET,
        bearer: str | None = None,
        **fields: Unpack[ApplicationCommandFields],
    ) -> ApplicationCommand:
        """Make a command of one guild."""
        route = Route.of("POST", _ALL_OF_GUILD, application_id=application_id, guild_id=guild_id)
        return await self._ask(ApplicationCommand, route, json=body(name=name, type_=type_, **fields), bearer=bearer)

    async def get_guild_application_command(
        self, application_id: int, guild_id: int, command_id: int, *, bearer: str | None = None
    ) -> ApplicationCommand:
        """A command of a guild."""
        ids = {"application_id": application_id, "guild_id": guild_id, "command_id": command_id}
        return await self._ask(ApplicationCommand, Route.of("GET", _ONE_OF_GUILD, **ids), bearer=bearer)

    async def edit_guild_application_command(
        self,
        application_id: int,
        guild_id: int,
        command_id: int,
        *,
        name: Maybe[str] = UNSET,
        bearer: str | None = None,
        **fields: Unpack[ApplicationCommandFields],
    ) -> ApplicationCommand:
        """Change a command of a guild; another name takes away all its permissions."""
        ids = {"application_id": application_id, "guild_id": guild_id, "command_id": command_id}
        route = Route.of("PATCH", _ONE_OF_GUILD, **ids)
        return await self._ask(ApplicationCommand, route, json=body(name=name, **fields), bearer=bearer)

    async def delete_guild_application_command(
        self, application_id: int, guild_id: int, command_id: int, *, bearer: str | None = None
    ) -> None:
        """Delete a command of a guild."""
        ids = {"application_id": application_id, "guild_id": guild_id, "command_id": command_id}
        await self._do(Route.of("DELETE", _ONE_OF_GUILD, **ids), bearer=bearer)

    async def bulk_overwrite_guild_application_commands(
        self,
        application_id: int,
        guild_id: int,
        commands: Sequence[ApplicationCommand | NewApplicationCommand],
        *,
        bearer: str | None = None,
    ) -> list[ApplicationCommand]:
        """Have exactly these commands in a guild, of all types; others are deleted."""
        route = Route.of("PUT", _ALL_OF_GUILD, application_id=application_id, guild_id=guild_id)
        return await self._ask(list[ApplicationCommand], route, json=_many(commands), bearer=bearer)

    # -- who may use them ------------------------------------------------------------------------------------

    async def get_guild_application_command_permissions(
        self, application_id: int, guild_id: int, *, bearer: str | None = None
    ) -> list[GuildApplicationCommandPermissions]:
        """The permissions of all commands in a guild that have any."""
        route = Route.of("GET", f"{_ALL_OF_GUILD}/permissions", application_id=application_id, guild_id=guild_id)
        return await self._ask(list[GuildApplicationCommandPermissions], route, bearer=bearer)

    async def get_application_command_permissions(
        self, application_id: int, guild_id: int, command_id: int, *, bearer: str | None = None
    ) -> GuildApplicationCommandPermissions:
        """The permissions of a command in a guild; with the application's id, of all that have none of their own."""
        ids = {"application_id": application_id, "guild_id": guild_id, "command_id": command_id}
        route = Route.of("GET", f"{_ONE_OF_GUILD}/permissions", **ids)
        return await self._ask(GuildApplicationCommandPermissions, route, bearer=bearer)

    async def edit_application_command_permissions(
        self,
        application_id: int,
        guild_id: int,
        command_id: int,
        permissions: Sequence[ApplicationCommandPermission],
        *,
        bearer: str,
    ) -> GuildApplicationCommandPermissions:
        """Replace the permissions of a command in a guild: up to 100.

        The token is of somebody who may manage the guild, its roles and the command, with the scope
        `applications.commands.permissions.update`; bots cannot do this.
        """
        ids = {"application_id": application_id, "guild_id": guild_id, "command_id": command_id}
        route = Route.of("PUT", f"{_ONE_OF_GUILD}/permissions", **ids)
        wanted = body(permissions=list(permissions))
        return await self._ask(GuildApplicationCommandPermissions, route, json=wanted, bearer=bearer)


def _many(commands: Sequence[ApplicationCommand | NewApplicationCommand]) -> list[Any]:
    return [to_wire(c) if isinstance(c, ApplicationCommand) else body(**c) for c in commands]
