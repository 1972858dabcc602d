"""Rules that act on messages and members by themselves ("Auto Moderation")."""

from __future__ import annotations

from enum import IntEnum

from framework.models._base import UNSET, Maybe, Model, Snowflake

__all__ = [
    "AutoModerationAction",
    "AutoModerationActionMetadata",
    "AutoModerationActionType",
    "AutoModerationEventType",
    "AutoModerationKeywordPreset",
    "AutoModerationRule",
    "AutoModerationTriggerMetadata",
    "AutoModerationTriggerType",
]


class AutoModerationEventType(IntEnum):
    """When a rule looks."""

    MESSAGE_SEND = 1
    MEMBER_UPDATE = 2  # also when somebody joins


class AutoModerationTriggerType(IntEnum):
    """What a rule looks for. A guild has six rules of KEYWORD at most, and one of each other type."""

    KEYWORD = 1
    SPAM = 3
    KEYWORD_PRESET = 4
    MENTION_SPAM = 5
    MEMBER_PROFILE = 6


class AutoModerationKeywordPreset(IntEnum):
    """A list of words that Discord keeps."""

    PROFANITY = 1
    SEXUAL_CONTENT = 2
    SLURS = 3


class AutoModerationActionType(IntEnum):
    """What a rule does."""

    BLOCK_MESSAGE = 1
    SEND_ALERT_MESSAGE = 2
    TIMEOUT = 3  # for KEYWORD and MENTION_SPAM only
    BLOCK_MEMBER_INTERACTION = 4  # for MEMBER_PROFILE only


class AutoModerationTriggerMetadata(Model, kw_only=True):
    """What exactly a rule looks for; which fields count, depends on its trigger type."""

    keyword_filter: Maybe[list[str]] = UNSET  # KEYWORD, MEMBER_PROFILE: up to 1000 of 60 characters, with `*` at ends
    regex_patterns: Maybe[list[str]] = UNSET  # the same types: up to 10 of 260 characters, in Rust's syntax
    presets: Maybe[list[int]] = UNSET  # KEYWORD_PRESET: AutoModerationKeywordPreset
    allow_list: Maybe[list[str]] = UNSET  # all three: up to 100, for KEYWORD_PRESET 1000
    mention_total_limit: Maybe[int] = UNSET  # MENTION_SPAM: up to 50
    mention_raid_protection_enabled: Maybe[bool] = UNSET  # MENTION_SPAM


class AutoModerationActionMetadata(Model, kw_only=True):
    """How exactly an action acts; which field counts, depends on its type."""

    channel_id: Maybe[Snowflake] = UNSET  # SEND_ALERT_MESSAGE
    duration_seconds: Maybe[int] = UNSET  # TIMEOUT: up to four weeks
    custom_message: Maybe[str] = UNSET  # BLOCK_MESSAGE: up to 150 characters, shown to the author


class AutoModerationAction(Model, kw_only=True):
    """One thing that a rule does when it is broken."""

    type: int  # AutoModerationActionType
    metadata: Maybe[AutoModerationActionMetadata] = UNSET


class AutoModerationRule(Model, kw_only=True):
    """A rule."""

    id: Snowflake
    guild_id: Snowflake
    name: str
    creator_id: Snowflake
    event_type: int  # AutoModerationEventType
    trigger_type: int  # AutoModerationTriggerType
    trigger_metadata: AutoModerationTriggerMetadata
    actions: list[AutoModerationAction]
    enabled: bool
    exempt_roles: list[Snowflake]
    exempt_channels: list[Snowflake]
