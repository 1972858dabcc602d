"""The widget of a guild ("Guild")."""

from __future__ import annotations

from framework.models._base import UNSET, Maybe
from framework.models.widget import Widget, WidgetSettings
from framework.rest.api._base import Api, body, query
from framework.rest.core.route import Route

__all__ = ["WidgetsApi"]


class WidgetsApi(Api):
    """Widgets."""

    async def get_guild_widget_settings(self, guild_id: int) -> WidgetSettings:
        """Whether there is a widget; needs MANAGE_GUILD."""
        return await self._ask(WidgetSettings, Route.of("GET", "/guilds/{guild_id}/widget", guild_id=guild_id))

    async def modify_guild_widget(
        self,
        guild_id: int,
        *,
        enabled: Maybe[bool] = UNSET,
        channel_id: Maybe[int | None] = UNSET,
        reason: str | None = None,
    ) -> WidgetSettings:
        """Show a widget or not, and choose the channel it invites to; needs MANAGE_GUILD."""
        route = Route.of("PATCH", "/guilds/{guild_id}/widget", guild_id=guild_id)
        return await self._ask(WidgetSettings, route, json=body(enabled=enabled, channel_id=channel_id), reason=reason)

    async def get_guild_widget(self, guild_id: int) -> Widget:
        """The widget of any guild that shows one, else Forbidden (50004)."""
        return await self._ask(Widget, Route.of("GET", "/guilds/{guild_id}/widget.json", guild_id=guild_id))

    async def get_guild_widget_image(self, guild_id: int, *, style: str | None = None) -> bytes:
        """The widget as a PNG; `style` is one of WidgetStyle, SHIELD by default."""
        route = Route.of("GET", "/guilds/{guild_id}/widget.png", guild_id=guild_id)
        return await self.request_raw(route, query=query(style=style))
