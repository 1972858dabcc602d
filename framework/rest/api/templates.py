"""Templates of guilds ("Guild Template")."""

from __future__ import annotations

from framework.models._base import UNSET, Maybe
from framework.models.template import GuildTemplate
from framework.rest.api._base import Api, body
from framework.rest.core.route import Route

__all__ = ["TemplatesApi"]

_TEMPLATES = "/guilds/{guild_id}/templates"
_TEMPLATE = _TEMPLATES + "/{code}"


class TemplatesApi(Api):
    """Templates. Those of a guild need MANAGE_GUILD; it has one at most."""

    async def get_guild_template(self, code: str) -> GuildTemplate:
        """Any template by its code."""
        return await self._ask(GuildTemplate, Route.of("GET", "/guilds/templates/{code}", code=code))

    async def get_guild_templates(self, guild_id: int) -> list[GuildTemplate]:
        """The templates of a guild."""
        return await self._ask(list[GuildTemplate], Route.of("GET", _TEMPLATES, guild_id=guild_id))

    async def create_guild_template(
        self, guild_id: int, name: str, *, description: Maybe[str | None] = UNSET
    ) -> GuildTemplate:
        """Make a template of a guild as it is now."""
        route = Route.of("POST", _TEMPLATES, guild_id=guild_id)
        return await self._ask(GuildTemplate, route, json=body(name=name, description=description))

    async def sync_guild_template(self, guild_id: int, code: str) -> GuildTemplate:
        """Bring a template up to date with its guild."""
        return await self._ask(GuildTemplate, Route.of("PUT", _TEMPLATE, guild_id=guild_id, code=code))

    async def modify_guild_template(
        self, guild_id: int, code: str, *, name: Maybe[str] = UNSET, description: Maybe[str | None] = UNSET
    ) -> GuildTemplate:
        """Change what is said about a template."""
        route = Route.of("PATCH", _TEMPLATE, guild_id=guild_id, code=code)
        return await self._ask(GuildTemplate, route, json=body(name=name, description=description))

    async def delete_guild_template(self, guild_id: int, code: str) -> GuildTemplate:
        """Delete a template; returns what it was."""
        return await self._ask(GuildTemplate, Route.of("DELETE", _TEMPLATE, guild_id=guild_id, code=code))
