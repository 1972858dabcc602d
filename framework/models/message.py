"""Messages, and what is in them ("Message")."""

from __future__ import annotations

from enum import IntEnum, IntFlag

import msgspec

from framework.models._base import UNSET, Maybe, Model, Snowflake, Timestamp
from framework.models.application import Application
from framework.models.channel import Channel, ThreadMember
from framework.models.component import Component
from framework.models.embed import Embed
from framework.models.emoji import PartialEmoji
from framework.models.member import Member
from framework.models.poll import Poll
from framework.models.role import Role
from framework.models.sticker import Sticker, StickerItem
from framework.models.user import User

__all__ = [
    "AllowedMentions",
    "Attachment",
    "AttachmentFlags",
    "AttachmentRequest",
    "ChannelPins",
    "GuildProductPurchase",
    "LobbyMessageMember",
    "MentionedUser",
    "Message",
    "MessageActivity",
    "MessageActivityType",
    "MessageCall",
    "MessageContent",
    "MessageFlags",
    "MessageInteraction",
    "MessageInteractionMetadata",
    "MessagePin",
    "MessageReference",
    "MessageReferenceType",
    "MessageSearchResult",
    "MessageSnapshot",
    "MessageType",
    "PurchaseNotification",
    "Reaction",
    "ReactionCountDetails",
    "ReactionType",
    "ResolvedData",
    "RoleSubscriptionData",
    "SharedClientTheme",
    "SharedClientThemeBase",
]


class MessageType(IntEnum):
    """What a message is. 1 to 5 and 21 cannot be deleted."""

    DEFAULT = 0
    RECIPIENT_ADD = 1
    RECIPIENT_REMOVE = 2
    CALL = 3
    CHANNEL_NAME_CHANGE = 4
    CHANNEL_ICON_CHANGE = 5
    CHANNEL_PINNED_MESSAGE = 6
    USER_JOIN = 7
    GUILD_BOOST = 8
    GUILD_BOOST_TIER_1 = 9
    GUILD_BOOST_TIER_2 = 10
    GUILD_BOOST_TIER_3 = 11
    CHANNEL_FOLLOW_ADD = 12
    GUILD_DISCOVERY_DISQUALIFIED = 14
    GUILD_DISCOVERY_REQUALIFIED = 15
    GUILD_DISCOVERY_GRACE_PERIOD_INITIAL_WARNING = 16
    GUILD_DISCOVERY_GRACE_PERIOD_FINAL_WARNING = 17
    THREAD_CREATED = 18
    REPLY = 19
    CHAT_INPUT_COMMAND = 20
    THREAD_STARTER_MESSAGE = 21
    GUILD_INVITE_REMINDER = 22
    CONTEXT_MENU_COMMAND = 23
    AUTO_MODERATION_ACTION = 24
    ROLE_SUBSCRIPTION_PURCHASE = 25
    INTERACTION_PREMIUM_UPSELL = 26
    STAGE_START = 27
    STAGE_END = 28
    STAGE_SPEAKER = 29
    STAGE_TOPIC = 31
    GUILD_APPLICATION_PREMIUM_SUBSCRIPTION = 32
    GUILD_INCIDENT_ALERT_MODE_ENABLED = 36
    GUILD_INCIDENT_ALERT_MODE_DISABLED = 37
    GUILD_INCIDENT_REPORT_RAID = 38
    GUILD_INCIDENT_REPORT_FALSE_ALARM = 39
    PURCHASE_NOTIFICATION = 44
    POLL_RESULT = 46
    HD_STREAMING_UPGRADED = 55


class MessageFlags(IntFlag):
    """Properties of a message."""

    CROSSPOSTED = 1 << 0
    IS_CROSSPOST = 1 << 1
    SUPPRESS_EMBEDS = 1 << 2  # can be set
    SOURCE_MESSAGE_DELETED = 1 << 3
    URGENT = 1 << 4
    HAS_THREAD = 1 << 5
    EPHEMERAL = 1 << 6  # can be set in answers to interactions
    LOADING = 1 << 7
    FAILED_TO_MENTION_SOME_ROLES_IN_THREAD = 1 << 8
    SUPPRESS_NOTIFICATIONS = 1 << 12  # can be set
    IS_VOICE_MESSAGE = 1 << 13  # can be set
    HAS_SNAPSHOT = 1 << 14
    IS_COMPONENTS_V2 = 1 << 15  # can be set, and not be unset: no content, embeds, poll, stickers; 40 components


class AttachmentFlags(IntFlag):
    """Properties of a file."""

    IS_CLIP = 1 << 0
    IS_THUMBNAIL = 1 << 1
    IS_REMIX = 1 << 2
    IS_SPOILER = 1 << 3
    IS_ANIMATED = 1 << 5


class MessageReferenceType(IntEnum):
    """Why a message names another."""

    DEFAULT = 0
    FORWARD = 1


class MessageActivityType(IntEnum):
    """What a message invites to."""

    JOIN = 1
    SPECTATE = 2
    LISTEN = 3
    JOIN_REQUEST = 5


class ReactionType(IntEnum):
    """A usual reaction, or a super reaction."""

    NORMAL = 0
    BURST = 1


class SharedClientThemeBase(IntEnum):
    """What the colors of a theme are mixed with."""

    UNSET = 0
    DARK = 1
    LIGHT = 2
    DARKER = 3
    MIDNIGHT = 4


# -- what is sent --------------------------------------------------------------------------------------------


class AllowedMentions(Model, kw_only=True):
    """Who is notified by what a message says; `AllowedMentions()` is nobody.

    `parse` holds "users", "roles", "everyone". Lists of ids exclude their word in `parse`; each has at most 100.
    """

    parse: list[str] = msgspec.field(default_factory=list)
    users: Maybe[list[Snowflake]] = UNSET
    roles: Maybe[list[Snowflake]] = UNSET
    replied_user: Maybe[bool] = UNSET


class AttachmentRequest(Model, kw_only=True):
    """What is to be known about a file: a new one, `id` being its place among the files sent, or one of a message."""

    id: Snowflake
    filename: Maybe[str] = UNSET
    description: Maybe[str | None] = UNSET
    title: Maybe[str | None] = UNSET
    duration_secs: Maybe[float] = UNSET  # of a voice message
    waveform: Maybe[str] = UNSET  # of a voice message: up to 256 bytes in base64
    is_spoiler: Maybe[bool] = UNSET
    is_remix: Maybe[bool] = UNSET


class SharedClientTheme(Model, kw_only=True):
    """Colors for the client, given to others."""

    colors: list[str]  # one to five, as six hexadecimal digits
    gradient_angle: int  # 0 to 360
    base_mix: int  # 0 to 100
    base_theme: Maybe[int | None] = UNSET  # SharedClientThemeBase


class MessageReference(Model, kw_only=True):
    """Another message: what is answered or forwarded, or what the message tells of.

    To answer: `MessageReference(message_id=…)`; to forward: with `channel_id` and `type=MessageReferenceType.FORWARD`.
    """

    type: Maybe[int] = UNSET  # MessageReferenceType
    message_id: Maybe[Snowflake] = UNSET
    channel_id: Maybe[Snowflake] = UNSET
    guild_id: Maybe[Snowflake] = UNSET
    fail_if_not_exists: Maybe[bool] = UNSET  # False: post an ordinary message when the other is gone


# -- what is in a message ------------------------------------------------------------------------------------


class Attachment(Model, kw_only=True):
    """A file of a message. Its addresses expire."""

    id: Snowflake
    filename: str
    title: Maybe[str | None] = UNSET
    description: Maybe[str | None] = UNSET
    content_type: Maybe[str | None] = UNSET
    size: int  # bytes
    url: str
    proxy_url: str
    height: Maybe[int | None] = UNSET
    width: Maybe[int | None] = UNSET
    placeholder: Maybe[str] = UNSET
    placeholder_version: Maybe[int] = UNSET
    ephemeral: Maybe[bool] = UNSET
    duration_secs: Maybe[float] = UNSET
    waveform: Maybe[str] = UNSET
    flags: Maybe[int] = UNSET  # AttachmentFlags
    clip_participants: Maybe[list[User]] = UNSET
    clip_created_at: Maybe[Timestamp] = UNSET
    application: Maybe[Application | None] = UNSET  # what was recorded in the clip


class ReactionCountDetails(Model, kw_only=True):
    """How many of each kind."""

    burst: int
    normal: int


class Reaction(Model, kw_only=True):
    """All reactions to a message with one emoji."""

    count: int
    count_details: ReactionCountDetails
    me: bool
    me_burst: bool
    emoji: PartialEmoji
    burst_colors: list[str]


class MentionedUser(User, kw_only=True):
    """A user whom a message mentions, in events of guilds with their membership."""

    member: Maybe[Member] = UNSET


class MessageActivity(Model, kw_only=True):
    """An invitation to a game or a song."""

    type: int  # MessageActivityType
    party_id: Maybe[str] = UNSET


class MessageCall(Model, kw_only=True):
    """A call in a direct channel."""

    participants: list[Snowflake]
    ended_timestamp: Maybe[Timestamp | None] = UNSET


class RoleSubscriptionData(Model, kw_only=True):
    """A purchase or renewal that a message tells of."""

    role_subscription_listing_id: Snowflake
    tier_name: str
    total_months_subscribed: int
    is_renewal: bool


class GuildProductPurchase(Model, kw_only=True):
    """Something bought in a guild's shop."""

    listing_id: Snowflake
    product_name: str


class PurchaseNotification(Model, kw_only=True):
    """A purchase that a message tells of."""

    type: int  # 0: something of a guild's shop
    guild_product_purchase: Maybe[GuildProductPurchase] = UNSET


class LobbyMessageMember(Model, kw_only=True):
    """The author of a message as a member of a lobby."""

    additional_name: str


class MessageInteraction(Model, kw_only=True):
    """The interaction that a message answers. Deprecated: see `MessageInteractionMetadata`."""

    id: Snowflake
    type: int  # InteractionType
    name: str
    user: Maybe[User] = UNSET
    member: Maybe[Member] = UNSET
    name_localized: Maybe[str] = UNSET


class MessageInteractionMetadata(Model, kw_only=True):
    """The interaction that a message answers."""

    id: Snowflake
    type: int  # InteractionType
    user: Maybe[User] = UNSET
    authorizing_integration_owners: dict[int, Snowflake]  # a guild or a user by ApplicationIntegrationType
    original_response_message_id: Maybe[Snowflake] = UNSET  # of a follow-up
    target_user: Maybe[User] = UNSET  # of a user command
    target_message_id: Maybe[Snowflake] = UNSET  # of a message command
    interacted_message_id: Maybe[Snowflake] = UNSET  # of a component
    triggering_interaction_metadata: Maybe[MessageInteractionMetadata] = UNSET  # what opened a modal


class ResolvedData(Model, kw_only=True):
    """Objects named by id elsewhere."""

    users: Maybe[dict[Snowflake, User] | None] = UNSET
    members: Maybe[dict[Snowflake, Member] | None] = UNSET  # without user, deaf and mute
    roles: Maybe[dict[Snowflake, Role] | None] = UNSET
    channels: Maybe[dict[Snowflake, Channel] | None] = UNSET
    messages: Maybe[dict[Snowflake, Message]] = UNSET
    attachments: Maybe[dict[Snowflake, Attachment]] = UNSET


# -- messages ------------------------------------------------------------------------------------------------


class MessageContent(Model, kw_only=True):
    """As much of a message as a forwarded one keeps. Without the MESSAGE_CONTENT intent, `content`, `embeds`,
    `attachments`, `components` and `poll` of what others write in guilds, without mentioning the bot, are empty."""

    type: int  # MessageType
    content: str
    mentions: list[MentionedUser]
    mention_roles: list[Snowflake]
    attachments: list[Attachment]
    embeds: list[Embed]
    timestamp: Timestamp
    edited_timestamp: Timestamp | None
    flags: Maybe[int] = UNSET  # MessageFlags
    components: Maybe[list[Component]] = UNSET
    sticker_items: Maybe[list[StickerItem]] = UNSET
    stickers: Maybe[list[Sticker]] = UNSET  # deprecated


class MessageSnapshot(Model, kw_only=True):
    """A message as it was when it was forwarded."""

    message: MessageContent


class Message(MessageContent, kw_only=True):
    """A message. Its author may be a webhook (`webhook_id`): then the user's id is the webhook's."""

    id: Snowflake
    channel_id: Snowflake
    author: User
    tts: bool
    mention_everyone: bool
    pinned: bool
    mention_channels: Maybe[list[Channel]] = UNSET  # in crossposted ones; only id, guild_id, type and name
    reactions: Maybe[list[Reaction]] = UNSET
    nonce: Maybe[int | str] = UNSET
    webhook_id: Maybe[Snowflake] = UNSET
    activity: Maybe[MessageActivity] = UNSET
    application: Maybe[Application] = UNSET
    application_id: Maybe[Snowflake] = UNSET
    message_reference: Maybe[MessageReference] = UNSET
    message_snapshots: Maybe[list[MessageSnapshot]] = UNSET
    referenced_message: Maybe[Message | None] = UNSET  # None: deleted; UNSET: not looked for
    interaction_metadata: Maybe[MessageInteractionMetadata] = UNSET
    interaction: Maybe[MessageInteraction] = UNSET
    thread: Maybe[Channel] = UNSET  # begun from this message
    position: Maybe[int] = UNSET  # about which in its thread
    role_subscription_data: Maybe[RoleSubscriptionData] = UNSET
    purchase_notification: Maybe[PurchaseNotification] = UNSET
    resolved: Maybe[ResolvedData] = UNSET
    poll: Maybe[Poll] = UNSET
    call: Maybe[MessageCall] = UNSET
    shared_client_theme: Maybe[SharedClientTheme] = UNSET
    lobby_member: Maybe[LobbyMessageMember] = UNSET
    # in events
    guild_id: Maybe[Snowflake] = UNSET
    member: Maybe[Member] = UNSET  # the author's, without the user
    channel_type: Maybe[int] = UNSET  # ChannelType
    # in results of a search
    hit: Maybe[bool] = UNSET
    restriction_count: Maybe[int] = UNSET


class MessagePin(Model, kw_only=True):
    """A pinned message."""

    pinned_at: Timestamp
    message: Message


class ChannelPins(Model, kw_only=True):
    """Pinned messages, the last pinned first."""

    items: list[MessagePin]
    has_more: bool


class MessageSearchResult(Model, kw_only=True):
    """What a search has found. Each list in `messages` holds one message, and those around it where `hit` is unset."""

    messages: list[list[Message]]
    total_results: int
    doing_deep_historical_index: bool  # not everything of the guild can be found yet
    documents_indexed: Maybe[int | None] = UNSET
    threads: Maybe[list[Channel] | None] = UNSET  # in which something was found
    members: Maybe[list[ThreadMember] | None] = UNSET  # the bot's places in them
