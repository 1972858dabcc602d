"""Guilds and their roles (intent GUILDS), and what is connected with them (intents GUILD_INTEGRATIONS and
GUILD_WEBHOOKS)."""

from __future__ import annotations

from typing import Any

from framework.bot.events._base import Event
from framework.models import UNSET, Guild, Integration, Maybe, Role, Snowflake

__all__ = [
    "GuildCreate",
    "GuildDelete",
    "GuildIntegrationsUpdate",
    "GuildRoleCreate",
    "GuildRoleDelete",
    "GuildRoleUpdate",
    "GuildUpdate",
    "IntegrationCreate",
    "IntegrationDelete",
    "IntegrationUpdate",
    "WebhooksUpdate",
]


class GuildCreate(Guild, Event, kw_only=True):
    """GUILD_CREATE: at the start, after an outage, or on joining. Nothing but `id` and `unavailable` in an outage."""

    NAME = "GUILD_CREATE"

    activity_instances: Maybe[list[Any]] = UNSET  # running activities; undocumented


class GuildUpdate(Guild, Event, kw_only=True):
    """GUILD_UPDATE: `roles`, `emojis` and `stickers` are complete; members, channels and presences are not there."""

    NAME = "GUILD_UPDATE"


class GuildDelete(Event, kw_only=True):
    """GUILD_DELETE: an outage (`unavailable`), or the bot is no longer in it (UNSET)."""

    NAME = "GUILD_DELETE"

    id: Snowflake
    unavailable: Maybe[bool] = UNSET


class _RoleEvent(Event, kw_only=True):
    guild_id: Snowflake
    role: Role


class GuildRoleCreate(_RoleEvent, kw_only=True):
    """GUILD_ROLE_CREATE."""

    NAME = "GUILD_ROLE_CREATE"


class GuildRoleUpdate(_RoleEvent, kw_only=True):
    """GUILD_ROLE_UPDATE: also one for each role that has moved."""

    NAME = "GUILD_ROLE_UPDATE"


class GuildRoleDelete(Event, kw_only=True):
    """GUILD_ROLE_DELETE: do not expect a GUILD_MEMBER_UPDATE for everybody who had it."""

    NAME = "GUILD_ROLE_DELETE"

    guild_id: Snowflake
    role_id: Snowflake


class GuildIntegrationsUpdate(Event, kw_only=True):
    """GUILD_INTEGRATIONS_UPDATE: something about the guild's integrations has changed."""

    NAME = "GUILD_INTEGRATIONS_UPDATE"

    guild_id: Snowflake


class _IntegrationEvent(Integration, Event, kw_only=True):
    guild_id: Snowflake


class IntegrationCreate(_IntegrationEvent, kw_only=True):
    """INTEGRATION_CREATE."""

    NAME = "INTEGRATION_CREATE"


class IntegrationUpdate(_IntegrationEvent, kw_only=True):
    """INTEGRATION_UPDATE."""

    NAME = "INTEGRATION_UPDATE"


class IntegrationDelete(Event, kw_only=True):
    """INTEGRATION_DELETE: also when a bot leaves."""

    NAME = "INTEGRATION_DELETE"

    id: Snowflake
    guild_id: Snowflake
    application_id: Maybe[Snowflake] = UNSET  # of a bot's


class WebhooksUpdate(Event, kw_only=True):
    """WEBHOOKS_UPDATE: a channel's webhooks have changed; which and how, only REST tells."""

    NAME = "WEBHOOKS_UPDATE"

    guild_id: Snowflake
    channel_id: Snowflake
