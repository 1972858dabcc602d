"""Live stages ("Stage Instance")."""

from __future__ import annotations

from enum import IntEnum

from framework.models._base import Model, Snowflake

__all__ = ["StageInstance", "StagePrivacyLevel"]


class StagePrivacyLevel(IntEnum):
    """Who can find a stage."""

    PUBLIC = 1  # deprecated
    GUILD_ONLY = 2


class StageInstance(Model, kw_only=True):
    """A stage channel is live while there is one of these for it."""

    id: Snowflake
    guild_id: Snowflake
    channel_id: Snowflake
    topic: str
    privacy_level: int  # StagePrivacyLevel
    discoverable_disabled: bool
    guild_scheduled_event_id: Snowflake | None
