"""User events: one struct for each dispatch of Discord, decoded from JSON in one pass in C.

An event whose body is an object of Discord is that model of `framework.models` too, with all its fields. As in the
models, ids are `int`, times `datetime`; a field that Discord left out is `UNSET`, one that is null is `None`, and
`framework.models.to_wire` gives the body back. What Discord adds later breaks nothing: unknown fields are skipped,
new values of enumerations are numbers, and a dispatch unknown here is had by its name, as `Raw`.

Who needs less declares less, and nothing else is decoded (desired properties):

    class Small(Event, kw_only=True):
        NAME = "MESSAGE_CREATE"
        id: Snowflake
        content: str

    @bot.on(Small)
    async def seen(event: Small) -> None: ...
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from framework.bot.events._base import Event, Raw
from framework.bot.events.channels import (
    ChannelCreate,
    ChannelDelete,
    ChannelInfo,
    ChannelInfoChannel,
    ChannelPinsUpdate,
    ChannelUpdate,
    InviteCreate,
    InviteDelete,
)
from framework.bot.events.expressions import (
    GuildEmojisUpdate,
    GuildSoundboardSoundCreate,
    GuildSoundboardSoundDelete,
    GuildSoundboardSoundsUpdate,
    GuildSoundboardSoundUpdate,
    GuildStickersUpdate,
    SoundboardSounds,
)
from framework.bot.events.guilds import (
    GuildCreate,
    GuildDelete,
    GuildIntegrationsUpdate,
    GuildRoleCreate,
    GuildRoleDelete,
    GuildRoleUpdate,
    GuildUpdate,
    IntegrationCreate,
    IntegrationDelete,
    IntegrationUpdate,
    WebhooksUpdate,
)
from framework.bot.events.interactions import ApplicationCommandPermissionsUpdate, InteractionCreate
from framework.bot.events.members import (
    GuildMemberAdd,
    GuildMemberRemove,
    GuildMembersChunk,
    GuildMemberUpdate,
    PresenceUpdate,
)
from framework.bot.events.messages import (
    MessageCreate,
    MessageDelete,
    MessageDeleteBulk,
    MessagePollVoteAdd,
    MessagePollVoteRemove,
    MessageReactionAdd,
    MessageReactionRemove,
    MessageReactionRemoveAll,
    MessageReactionRemoveEmoji,
    MessageUpdate,
    TypingStart,
)
from framework.bot.events.moderation import (
    AutoModerationActionExecution,
    AutoModerationRuleCreate,
    AutoModerationRuleDelete,
    AutoModerationRuleUpdate,
    GuildAuditLogEntryCreate,
    GuildBanAdd,
    GuildBanRemove,
)
from framework.bot.events.money import (
    EntitlementCreate,
    EntitlementDelete,
    EntitlementUpdate,
    SubscriptionCreate,
    SubscriptionDelete,
    SubscriptionUpdate,
)
from framework.bot.events.scheduled_events import (
    GuildScheduledEventCreate,
    GuildScheduledEventDelete,
    GuildScheduledEventUpdate,
    GuildScheduledEventUserAdd,
    GuildScheduledEventUserRemove,
)
from framework.bot.events.session import RateLimited, RateLimitedMeta, Ready, Resumed, UserUpdate
from framework.bot.events.threads import (
    ThreadCreate,
    ThreadDelete,
    ThreadListSync,
    ThreadMembersUpdate,
    ThreadMemberUpdate,
    ThreadUpdate,
)
from framework.bot.events.undocumented import (
    GuildJoinRequestCreate,
    GuildJoinRequestUpdate,
    GuildScheduledEventExceptionCreate,
    GuildScheduledEventExceptionDelete,
    GuildScheduledEventExceptionsDelete,
)
from framework.bot.events.voice import (
    StageInstanceCreate,
    StageInstanceDelete,
    StageInstanceUpdate,
    VoiceChannelEffectAnimationType,
    VoiceChannelEffectSend,
    VoiceChannelStartTimeUpdate,
    VoiceChannelStatusUpdate,
    VoiceServerUpdate,
    VoiceStateUpdate,
)

__all__ = [
    "EVENTS", "ApplicationCommandPermissionsUpdate", "AutoModerationActionExecution", "AutoModerationRuleCreate",
    "AutoModerationRuleDelete", "AutoModerationRuleUpdate", "ChannelCreate", "ChannelDelete", "ChannelInfo",
    "ChannelInfoChannel", "ChannelPinsUpdate", "ChannelUpdate", "EntitlementCreate", "EntitlementDelete",
    "EntitlementUpdate", "Event", "GuildAuditLogEntryCreate", "GuildBanAdd", "GuildBanRemove", "GuildCreate",
    "GuildDelete", "GuildEmojisUpdate", "GuildIntegrationsUpdate", "GuildJoinRequestCreate", "GuildJoinRequestUpdate",
    "GuildMemberAdd", "GuildMemberRemove", "GuildMemberUpdate", "GuildMembersChunk", "GuildRoleCreate",
    "GuildRoleDelete", "GuildRoleUpdate", "GuildScheduledEventCreate", "GuildScheduledEventDelete",
    "GuildScheduledEventExceptionCreate", "GuildScheduledEventExceptionDelete", "GuildScheduledEventExceptionsDelete",
    "GuildScheduledEventUpdate", "GuildScheduledEventUserAdd", "GuildScheduledEventUserRemove",
    "GuildSoundboardSoundCreate", "GuildSoundboardSoundDelete", "GuildSoundboardSoundUpdate",
    "GuildSoundboardSoundsUpdate", "GuildStickersUpdate", "GuildUpdate", "IntegrationCreate", "IntegrationDelete",
    "IntegrationUpdate", "InteractionCreate", "InviteCreate", "InviteDelete", "MessageCreate", "MessageDelete",
    "MessageDeleteBulk", "MessagePollVoteAdd", "MessagePollVoteRemove", "MessageReactionAdd", "MessageReactionRemove",
    "MessageReactionRemoveAll", "MessageReactionRemoveEmoji", "MessageUpdate", "PresenceUpdate", "RateLimited",
    "RateLimitedMeta", "Raw", "Ready", "Resumed", "SoundboardSounds", "StageInstanceCreate", "StageInstanceDelete",
    "StageInstanceUpdate", "SubscriptionCreate", "SubscriptionDelete", "SubscriptionUpdate", "ThreadCreate",
    "ThreadDelete", "ThreadListSync", "ThreadMemberUpdate", "ThreadMembersUpdate", "ThreadUpdate", "TypingStart",
    "UserUpdate", "VoiceChannelEffectAnimationType", "VoiceChannelEffectSend", "VoiceChannelStartTimeUpdate",
    "VoiceChannelStatusUpdate", "VoiceServerUpdate", "VoiceStateUpdate", "WebhooksUpdate",
]  # fmt: skip

EVENTS: Mapping[str, type[Event]] = MappingProxyType(
    {
        kind.NAME: kind
        for kind in (
            ApplicationCommandPermissionsUpdate, AutoModerationActionExecution, AutoModerationRuleCreate,
            AutoModerationRuleDelete, AutoModerationRuleUpdate, ChannelCreate, ChannelDelete, ChannelInfo,
            ChannelPinsUpdate, ChannelUpdate, EntitlementCreate, EntitlementDelete, EntitlementUpdate,
            GuildAuditLogEntryCreate, GuildBanAdd, GuildBanRemove, GuildCreate, GuildDelete, GuildEmojisUpdate,
            GuildIntegrationsUpdate, GuildJoinRequestCreate, GuildJoinRequestUpdate, GuildMemberAdd,
            GuildMemberRemove, GuildMemberUpdate, GuildMembersChunk, GuildRoleCreate, GuildRoleDelete,
            GuildRoleUpdate, GuildScheduledEventCreate, GuildScheduledEventDelete, GuildScheduledEventExceptionCreate,
            GuildScheduledEventExceptionDelete, GuildScheduledEventExceptionsDelete, GuildScheduledEventUpdate,
            GuildScheduledEventUserAdd, GuildScheduledEventUserRemove, GuildSoundboardSoundCreate,
            GuildSoundboardSoundDelete, GuildSoundboardSoundUpdate, GuildSoundboardSoundsUpdate, GuildStickersUpdate,
            GuildUpdate, IntegrationCreate, IntegrationDelete, IntegrationUpdate, InteractionCreate, InviteCreate,
            InviteDelete, MessageCreate, MessageDelete, MessageDeleteBulk, MessagePollVoteAdd, MessagePollVoteRemove,
            MessageReactionAdd, MessageReactionRemove, MessageReactionRemoveAll, MessageReactionRemoveEmoji,
            MessageUpdate, PresenceUpdate, RateLimited, Ready, Resumed, SoundboardSounds, StageInstanceCreate,
            StageInstanceDelete, StageInstanceUpdate, SubscriptionCreate, SubscriptionDelete, SubscriptionUpdate,
            ThreadCreate, ThreadDelete, ThreadListSync, ThreadMemberUpdate, ThreadMembersUpdate, ThreadUpdate,
            TypingStart, UserUpdate, VoiceChannelEffectSend, VoiceChannelStartTimeUpdate, VoiceChannelStatusUpdate,
            VoiceServerUpdate, VoiceStateUpdate, WebhooksUpdate,
        )
    }
)  # fmt: skip
"""The type of each dispatch by Discord's name: all that are documented, and a few that are not."""
