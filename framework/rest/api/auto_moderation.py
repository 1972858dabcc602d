"""Auto-moderation of a guild ("Auto Moderation")."""

from __future__ import annotations

from collections.abc import Sequence

from framework.models._base import UNSET, Maybe
from framework.models.auto_moderation import (
    AutoModerationAction,
    AutoModerationRule,
    AutoModerationTriggerMetadata,
)
from framework.rest.api._base import Api, body
from framework.rest.core.route import Route

__all__ = ["AutoModerationApi"]

_RULES = "/guilds/{guild_id}/auto-moderation/rules"
_RULE = _RULES + "/{rule_id}"


class AutoModerationApi(Api):
    """Rules of auto-moderation. All need MANAGE_GUILD; actions of type TIMEOUT need MODERATE_MEMBERS too."""

    async def list_auto_moderation_rules(self, guild_id: int) -> list[AutoModerationRule]:
        """All rules."""
        return await self._ask(list[AutoModerationRule], Route.of("GET", _RULES, guild_id=guild_id))

    async def get_auto_moderation_rule(self, guild_id: int, rule_id: int) -> AutoModerationRule:
        """One rule."""
        return await self._ask(AutoModerationRule, Route.of("GET", _RULE, guild_id=guild_id, rule_id=rule_id))

    async def create_auto_moderation_rule(
        self,
        guild_id: int,
        name: str,
        *,
        event_type: int,
        trigger_type: int,
        trigger_metadata: Maybe[AutoModerationTriggerMetadata] = UNSET,
        actions: Sequence[AutoModerationAction],
        enabled: Maybe[bool] = UNSET,
        exempt_roles: Maybe[Sequence[int]] = UNSET,
        exempt_channels: Maybe[Sequence[int]] = UNSET,
        reason: str | None = None,
    ) -> AutoModerationRule:
        """Make a rule, which does nothing until it is enabled; up to 20 roles and 50 channels can be exempt."""
        fields = body(
            name=name,
            event_type=event_type,
            trigger_type=trigger_type,
            trigger_metadata=trigger_metadata,
            actions=actions,
            enabled=enabled,
            exempt_roles=exempt_roles,
            exempt_channels=exempt_channels,
        )
        return await self._ask(
            AutoModerationRule, Route.of("POST", _RULES, guild_id=guild_id), json=fields, reason=reason
        )

    async def modify_auto_moderation_rule(
        self,
        guild_id: int,
        rule_id: int,
        *,
        name: Maybe[str] = UNSET,
        event_type: Maybe[int] = UNSET,
        trigger_metadata: Maybe[AutoModerationTriggerMetadata] = UNSET,
        actions: Maybe[Sequence[AutoModerationAction]] = UNSET,
        enabled: Maybe[bool] = UNSET,
        exempt_roles: Maybe[Sequence[int]] = UNSET,
        exempt_channels: Maybe[Sequence[int]] = UNSET,
        reason: str | None = None,
    ) -> AutoModerationRule:
        """Change a rule; its trigger type stays."""
        fields = body(
            name=name,
            event_type=event_type,
            trigger_metadata=trigger_metadata,
            actions=actions,
            enabled=enabled,
            exempt_roles=exempt_roles,
            exempt_channels=exempt_channels,
        )
        route = Route.of("PATCH", _RULE, guild_id=guild_id, rule_id=rule_id)
        return await self._ask(AutoModerationRule, route, json=fields, reason=reason)

    async def delete_auto_moderation_rule(self, guild_id: int, rule_id: int, *, reason: str | None = None) -> None:
        """Delete a rule."""
        await self._do(Route.of("DELETE", _RULE, guild_id=guild_id, rule_id=rule_id), reason=reason)
