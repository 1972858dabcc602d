"""Bans and the audit log (intent GUILD_MODERATION), auto-moderation (intents AUTO_MODERATION_CONFIGURATION for rules,
AUTO_MODERATION_EXECUTION for what they do). They come only where the bot has the permission to know."""

from __future__ import annotations

from framework.bot.events._base import Event
from framework.models import UNSET, AuditLogEntry, AutoModerationAction, AutoModerationRule, Maybe, Snowflake, User

__all__ = [
    "AutoModerationActionExecution",
    "AutoModerationRuleCreate",
    "AutoModerationRuleDelete",
    "AutoModerationRuleUpdate",
    "GuildAuditLogEntryCreate",
    "GuildBanAdd",
    "GuildBanRemove",
]


class GuildBanAdd(Event, kw_only=True):
    """GUILD_BAN_ADD. Never causes a guild fetch: a flood of these must not become a flood of requests."""

    NAME = "GUILD_BAN_ADD"

    guild_id: Snowflake
    user: User
    delete_message_secs: Maybe[int] = UNSET  # messages of so many seconds go with the user; undocumented


class GuildBanRemove(Event, kw_only=True):
    """GUILD_BAN_REMOVE. Never causes a guild fetch."""

    NAME = "GUILD_BAN_REMOVE"

    guild_id: Snowflake
    user: User


class GuildAuditLogEntryCreate(AuditLogEntry, Event, kw_only=True):
    """GUILD_AUDIT_LOG_ENTRY_CREATE. Never causes a guild fetch."""

    NAME = "GUILD_AUDIT_LOG_ENTRY_CREATE"

    guild_id: Snowflake


class AutoModerationRuleCreate(AutoModerationRule, Event, kw_only=True):
    """AUTO_MODERATION_RULE_CREATE."""

    NAME = "AUTO_MODERATION_RULE_CREATE"


class AutoModerationRuleUpdate(AutoModerationRule, Event, kw_only=True):
    """AUTO_MODERATION_RULE_UPDATE."""

    NAME = "AUTO_MODERATION_RULE_UPDATE"


class AutoModerationRuleDelete(AutoModerationRule, Event, kw_only=True):
    """AUTO_MODERATION_RULE_DELETE."""

    NAME = "AUTO_MODERATION_RULE_DELETE"


class AutoModerationActionExecution(Event, kw_only=True):
    """AUTO_MODERATION_ACTION_EXECUTION: one for each action of the rule that was broken."""

    NAME = "AUTO_MODERATION_ACTION_EXECUTION"

    guild_id: Snowflake
    action: AutoModerationAction
    rule_id: Snowflake
    rule_trigger_type: int  # AutoModerationTriggerType
    user_id: Snowflake  # who broke it
    channel_id: Maybe[Snowflake] = UNSET
    message_id: Maybe[Snowflake] = UNSET  # UNSET: it was blocked, or there was none
    alert_system_message_id: Maybe[Snowflake] = UNSET  # what was posted as an alert
    content: str  # empty without intent MESSAGE_CONTENT, as is matched_content
    matched_keyword: str | None
    matched_content: str | None
