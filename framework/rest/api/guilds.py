"""A guild itself, and what belongs to all of it ("Guild")."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from framework.models._base import UNSET, Maybe
from framework.models.guild import Guild, GuildPreview, IncidentsData, VanityUrl
from framework.models.integration import Integration
from framework.models.invite import Invite
from framework.models.webhook import Webhook
from framework.rest.api._base import Api, body, query
from framework.rest.core.route import Route

__all__ = ["GuildsApi"]

_INTEGRATION = "/guilds/{guild_id}/integrations/{integration_id}"


class GuildsApi(Api):
    """Guilds."""

    async def get_guild(self, guild_id: int, *, with_counts: bool = False) -> Guild:
        """A guild; `with_counts` adds about how many members it has and how many are online."""
        route = Route.of("GET", "/guilds/{guild_id}", guild_id=guild_id)
        return await self._ask(Guild, route, query=query(with_counts=with_counts))

    async def get_guild_preview(self, guild_id: int) -> GuildPreview:
        """What anybody may know of a guild; one the bot is not in must be discoverable."""
        route = Route.of("GET", "/guilds/{guild_id}/preview", guild_id=guild_id)
        return await self._ask(GuildPreview, route)

    async def modify_guild(
        self,
        guild_id: int,
        *,
        name: Maybe[str] = UNSET,
        description: Maybe[str | None] = UNSET,
        icon: Maybe[str | None] = UNSET,
        splash: Maybe[str | None] = UNSET,
        discovery_splash: Maybe[str | None] = UNSET,
        banner: Maybe[str | None] = UNSET,
        home_header: Maybe[str | None] = UNSET,
        region: Maybe[str | None] = UNSET,
        verification_level: Maybe[int | None] = UNSET,
        default_message_notifications: Maybe[int | None] = UNSET,
        explicit_content_filter: Maybe[int | None] = UNSET,
        preferred_locale: Maybe[str | None] = UNSET,
        afk_channel_id: Maybe[int | None] = UNSET,
        afk_timeout: Maybe[int] = UNSET,
        system_channel_id: Maybe[int | None] = UNSET,
        system_channel_flags: Maybe[int] = UNSET,
        rules_channel_id: Maybe[int | None] = UNSET,
        public_updates_channel_id: Maybe[int | None] = UNSET,
        safety_alerts_channel_id: Maybe[int | None] = UNSET,
        features: Maybe[Sequence[str]] = UNSET,
        premium_progress_bar_enabled: Maybe[bool] = UNSET,
        reason: str | None = None,
    ) -> Guild:
        """Change a guild; needs MANAGE_GUILD, and ADMINISTRATOR to make it a community or not.

        Pictures are data URIs, and need the feature that allows them. `features` is the complete list; COMMUNITY,
        DISCOVERABLE, INVITES_DISABLED and RAID_ALERTS_DISABLED can come and go.
        """
        route = Route.of("PATCH", "/guilds/{guild_id}", guild_id=guild_id)
        fields = body(
            name=name,
            description=description,
            icon=icon,
            splash=splash,
            discovery_splash=discovery_splash,
            banner=banner,
            home_header=home_header,
            region=region,
            verification_level=verification_level,
            default_message_notifications=default_message_notifications,
            explicit_content_filter=explicit_content_filter,
            preferred_locale=preferred_locale,
            afk_channel_id=afk_channel_id,
            afk_timeout=afk_timeout,
            system_channel_id=system_channel_id,
            system_channel_flags=system_channel_flags,
            rules_channel_id=rules_channel_id,
            public_updates_channel_id=public_updates_channel_id,
            safety_alerts_channel_id=safety_alerts_channel_id,
            features=features,
            premium_progress_bar_enabled=premium_progress_bar_enabled,
        )
        return await self._ask(Guild, route, json=fields, reason=reason)

    async def modify_guild_incident_actions(
        self,
        guild_id: int,
        *,
        invites_disabled_until: Maybe[datetime.datetime | None] = UNSET,
        dms_disabled_until: Maybe[datetime.datetime | None] = UNSET,
    ) -> IncidentsData:
        """Close invites, or direct messages between members, for 24 hours at most; needs MANAGE_GUILD."""
        route = Route.of("PUT", "/guilds/{guild_id}/incident-actions", guild_id=guild_id)
        fields = body(invites_disabled_until=invites_disabled_until, dms_disabled_until=dms_disabled_until)
        return await self._ask(IncidentsData, route, json=fields)

    async def get_guild_vanity_url(self, guild_id: int) -> VanityUrl:
        """The vanity URL and how often it was used; needs MANAGE_GUILD, and the guild the feature VANITY_URL."""
        route = Route.of("GET", "/guilds/{guild_id}/vanity-url", guild_id=guild_id)
        return await self._ask(VanityUrl, route)

    async def get_guild_invites(self, guild_id: int) -> list[Invite]:
        """All invites; needs MANAGE_GUILD, or VIEW_AUDIT_LOG, which does not show how often they were used."""
        route = Route.of("GET", "/guilds/{guild_id}/invites", guild_id=guild_id)
        return await self._ask(list[Invite], route)

    async def get_guild_webhooks(self, guild_id: int) -> list[Webhook]:
        """All webhooks; needs MANAGE_WEBHOOKS."""
        route = Route.of("GET", "/guilds/{guild_id}/webhooks", guild_id=guild_id)
        return await self._ask(list[Webhook], route)

    async def get_guild_integrations(self, guild_id: int) -> list[Integration]:
        """The first 50 integrations; needs MANAGE_GUILD."""
        route = Route.of("GET", "/guilds/{guild_id}/integrations", guild_id=guild_id)
        return await self._ask(list[Integration], route)

    async def delete_guild_integration(self, guild_id: int, integration_id: int, *, reason: str | None = None) -> None:
        """End an integration: its webhooks go, and its bot is kicked. Needs MANAGE_GUILD."""
        route = Route.of("DELETE", _INTEGRATION, guild_id=guild_id, integration_id=integration_id)
        await self._do(route, reason=reason)
