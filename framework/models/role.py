"""Roles of a guild ("Permissions")."""

from __future__ import annotations

from enum import IntFlag

from framework.models._base import UNSET, Bits, Maybe, Model, Snowflake

__all__ = ["Role", "RoleColors", "RoleFlags", "RoleTags"]


class RoleFlags(IntFlag):
    """Properties of a role."""

    IN_PROMPT = 1 << 0  # members can choose it in onboarding


class RoleColors(Model, kw_only=True):
    """One color, a gradient of two, or the holographic style, which has three fixed ones."""

    primary_color: int
    secondary_color: int | None = None
    tertiary_color: int | None = None


class RoleTags(Model, kw_only=True):
    """What a role belongs to. The three fields that can only be null are there when they are true."""

    bot_id: Maybe[Snowflake] = UNSET
    integration_id: Maybe[Snowflake] = UNSET
    premium_subscriber: Maybe[None] = UNSET
    subscription_listing_id: Maybe[Snowflake] = UNSET
    available_for_purchase: Maybe[None] = UNSET
    guild_connections: Maybe[None] = UNSET


class Role(Model, kw_only=True):
    """A role. The one with the guild's id is @everyone. Invites tell less of a role."""

    id: Snowflake
    name: str
    color: int  # the primary color once more; 0 is none
    colors: RoleColors
    hoist: Maybe[bool] = UNSET
    icon: Maybe[str | None] = UNSET
    unicode_emoji: Maybe[str | None] = UNSET
    position: int  # where two have the same, the one with the lower id is higher
    permissions: Maybe[Bits] = UNSET  # Permissions
    managed: Maybe[bool] = UNSET
    mentionable: Maybe[bool] = UNSET
    tags: Maybe[RoleTags] = UNSET
    flags: Maybe[int] = UNSET  # RoleFlags
