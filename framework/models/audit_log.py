"""Who did what in a guild ("Audit Log")."""

from __future__ import annotations

from enum import IntEnum
from typing import Annotated, Any

from msgspec import Meta

from framework.models._base import UNSET, Maybe, Model, Snowflake
from framework.models.auto_moderation import AutoModerationRule
from framework.models.channel import Channel
from framework.models.command import ApplicationCommand
from framework.models.integration import Integration
from framework.models.scheduled_event import ScheduledEvent
from framework.models.user import User
from framework.models.webhook import Webhook

__all__ = ["AuditLog", "AuditLogChange", "AuditLogEntry", "AuditLogEvent", "AuditLogOptions"]

_Number = Annotated[int, Meta(extra={"wire": "text"})]  # all options are strings on the wire


class AuditLogEvent(IntEnum):
    """What was done."""

    GUILD_UPDATE = 1
    CHANNEL_CREATE = 10
    CHANNEL_UPDATE = 11
    CHANNEL_DELETE = 12
    CHANNEL_OVERWRITE_CREATE = 13
    CHANNEL_OVERWRITE_UPDATE = 14
    CHANNEL_OVERWRITE_DELETE = 15
    MEMBER_KICK = 20
    MEMBER_PRUNE = 21
    MEMBER_BAN_ADD = 22
    MEMBER_BAN_REMOVE = 23
    MEMBER_UPDATE = 24
    MEMBER_ROLE_UPDATE = 25
    MEMBER_MOVE = 26
    MEMBER_DISCONNECT = 27
    BOT_ADD = 28
    ROLE_CREATE = 30
    ROLE_UPDATE = 31
    ROLE_DELETE = 32
    INVITE_CREATE = 40
    INVITE_UPDATE = 41
    INVITE_DELETE = 42
    WEBHOOK_CREATE = 50
    WEBHOOK_UPDATE = 51
    WEBHOOK_DELETE = 52
    EMOJI_CREATE = 60
    EMOJI_UPDATE = 61
    EMOJI_DELETE = 62
    MESSAGE_DELETE = 72
    MESSAGE_BULK_DELETE = 73
    MESSAGE_PIN = 74
    MESSAGE_UNPIN = 75
    INTEGRATION_CREATE = 80
    INTEGRATION_UPDATE = 81
    INTEGRATION_DELETE = 82
    STAGE_INSTANCE_CREATE = 83
    STAGE_INSTANCE_UPDATE = 84
    STAGE_INSTANCE_DELETE = 85
    STICKER_CREATE = 90
    STICKER_UPDATE = 91
    STICKER_DELETE = 92
    GUILD_SCHEDULED_EVENT_CREATE = 100
    GUILD_SCHEDULED_EVENT_UPDATE = 101
    GUILD_SCHEDULED_EVENT_DELETE = 102
    THREAD_CREATE = 110
    THREAD_UPDATE = 111
    THREAD_DELETE = 112
    APPLICATION_COMMAND_PERMISSION_UPDATE = 121
    SOUNDBOARD_SOUND_CREATE = 130
    SOUNDBOARD_SOUND_UPDATE = 131
    SOUNDBOARD_SOUND_DELETE = 132
    AUTO_MODERATION_RULE_CREATE = 140
    AUTO_MODERATION_RULE_UPDATE = 141
    AUTO_MODERATION_RULE_DELETE = 142
    AUTO_MODERATION_BLOCK_MESSAGE = 143
    AUTO_MODERATION_FLAG_TO_CHANNEL = 144
    AUTO_MODERATION_USER_COMMUNICATION_DISABLED = 145
    AUTO_MODERATION_QUARANTINE_USER = 146
    CREATOR_MONETIZATION_REQUEST_CREATED = 150
    CREATOR_MONETIZATION_TERMS_ACCEPTED = 151
    ONBOARDING_PROMPT_CREATE = 163
    ONBOARDING_PROMPT_UPDATE = 164
    ONBOARDING_PROMPT_DELETE = 165
    ONBOARDING_CREATE = 166
    ONBOARDING_UPDATE = 167
    GUILD_HOME_FEATURE_ITEM = 171
    GUILD_HOME_REMOVE_ITEM = 172
    HARMFUL_LINKS_BLOCKED_MESSAGE = 180
    HOME_SETTINGS_CREATE = 190
    HOME_SETTINGS_UPDATE = 191
    VOICE_CHANNEL_STATUS_CREATE = 192
    VOICE_CHANNEL_STATUS_DELETE = 193
    GUILD_SCHEDULED_EVENT_EXCEPTION_CREATE = 200
    GUILD_SCHEDULED_EVENT_EXCEPTION_UPDATE = 201
    GUILD_SCHEDULED_EVENT_EXCEPTION_DELETE = 202
    GUILD_PROFILE_UPDATE = 211


class AuditLogChange(Model, kw_only=True):
    """What one key was and is. Roles of a member come and go under the keys `$add` and `$remove`."""

    key: str | None
    new_value: Maybe[Any] = UNSET  # as in the changed object's JSON
    old_value: Maybe[Any] = UNSET


class AuditLogOptions(Model, kw_only=True):
    """What else there is to say; which fields are there, depends on the action."""

    application_id: Maybe[Snowflake] = UNSET  # whose commands' permissions; who blocked
    auto_moderation_rule_name: Maybe[str] = UNSET
    auto_moderation_rule_trigger_type: Maybe[_Number] = UNSET  # AutoModerationTriggerType
    channel_id: Maybe[Snowflake] = UNSET
    count: Maybe[_Number] = UNSET  # how many members or messages
    delete_member_days: Maybe[_Number] = UNSET
    event_exception_id: Maybe[Snowflake] = UNSET
    id: Maybe[Snowflake] = UNSET  # of the role or member of an overwrite
    integration_type: Maybe[str] = UNSET  # of the integration that kicked or gave a role
    members_removed: Maybe[_Number] = UNSET
    message_id: Maybe[Snowflake] = UNSET
    role_name: Maybe[str] = UNSET  # where the overwrite is a role's
    status: Maybe[str] = UNSET  # of a voice channel
    type: Maybe[_Number] = UNSET  # of the overwrite


class AuditLogEntry(Model, kw_only=True):
    """One action of a moderator or a bot."""

    id: Snowflake
    guild_id: Maybe[Snowflake] = UNSET  # in events
    target_id: Snowflake | None
    changes: Maybe[list[AuditLogChange]] = UNSET
    user_id: Snowflake | None  # who did it
    action_type: int  # AuditLogEvent
    options: Maybe[AuditLogOptions] = UNSET
    reason: Maybe[str] = UNSET


class AuditLog(Model, kw_only=True):
    """One page of entries, and what they speak of as far as it still exists."""

    application_commands: list[ApplicationCommand]
    audit_log_entries: list[AuditLogEntry]
    auto_moderation_rules: list[AutoModerationRule | None]
    guild_scheduled_events: list[ScheduledEvent]
    integrations: list[Integration]
    threads: list[Channel]
    users: list[User]
    webhooks: list[Webhook]
