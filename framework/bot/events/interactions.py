"""Interactions, and who may use which command. Sent whatever the intents are."""

from __future__ import annotations

from framework.bot.cache import Guild
from framework.bot.events._base import Event
from framework.models import GuildApplicationCommandPermissions, Interaction

__all__ = ["ApplicationCommandPermissionsUpdate", "InteractionCreate"]


class InteractionCreate(Interaction, Event, kw_only=True):  # type: ignore[misc]  # `guild` is Discord's here
    """INTERACTION_CREATE: somebody used a command, a component or a modal. Not sent where the application has an
    endpoint for them. `guild` is the part of the guild that Discord tells; the cache's is `cached_guild`."""

    NAME = "INTERACTION_CREATE"

    @property
    def cached_guild(self) -> Guild | None:
        """What `guild` is in other events."""
        return self.__dict__.get("guild")


class ApplicationCommandPermissionsUpdate(GuildApplicationCommandPermissions, Event, kw_only=True):
    """APPLICATION_COMMAND_PERMISSIONS_UPDATE: who may use a command in a guild has changed."""

    NAME = "APPLICATION_COMMAND_PERMISSIONS_UPDATE"
