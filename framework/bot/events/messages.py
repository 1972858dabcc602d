"""Messages, reactions, votes and typing. Each has two intents, for guilds and for direct channels: (GUILD_ or DIRECT_)
MESSAGES, MESSAGE_REACTIONS, MESSAGE_POLLS, MESSAGE_TYPING. In direct channels `guild_id` and `member` are UNSET."""

from __future__ import annotations

from framework.bot.events._base import Event
from framework.models import UNSET, Maybe, Member, Message, PartialEmoji, Snowflake

__all__ = [
    "MessageCreate",
    "MessageDelete",
    "MessageDeleteBulk",
    "MessagePollVoteAdd",
    "MessagePollVoteRemove",
    "MessageReactionAdd",
    "MessageReactionRemove",
    "MessageReactionRemoveAll",
    "MessageReactionRemoveEmoji",
    "MessageUpdate",
    "TypingStart",
]


class MessageCreate(Message, Event, kw_only=True):
    """MESSAGE_CREATE. `guild_id` is UNSET in ephemeral messages too."""

    NAME = "MESSAGE_CREATE"


class MessageUpdate(Message, Event, kw_only=True):
    """MESSAGE_UPDATE: the whole message. Edited, pinned, or a link's embed was found (`edited_timestamp` stays)."""

    NAME = "MESSAGE_UPDATE"


class MessageDelete(Event, kw_only=True):
    """MESSAGE_DELETE. Never causes a guild fetch."""

    NAME = "MESSAGE_DELETE"

    id: Snowflake
    channel_id: Snowflake
    guild_id: Maybe[Snowflake] = UNSET


class MessageDeleteBulk(Event, kw_only=True):
    """MESSAGE_DELETE_BULK: many at once, without a MESSAGE_DELETE for each. Never causes a guild fetch."""

    NAME = "MESSAGE_DELETE_BULK"

    ids: list[Snowflake]
    channel_id: Snowflake
    guild_id: Maybe[Snowflake] = UNSET


class _OnMessage(Event, kw_only=True):
    channel_id: Snowflake
    message_id: Snowflake
    guild_id: Maybe[Snowflake] = UNSET


class _ReactionEvent(_OnMessage, kw_only=True):
    user_id: Snowflake
    emoji: PartialEmoji
    burst: bool  # a super reaction
    type: int  # ReactionType


class MessageReactionAdd(_ReactionEvent, kw_only=True):
    """MESSAGE_REACTION_ADD."""

    NAME = "MESSAGE_REACTION_ADD"

    member: Maybe[Member] = UNSET  # who reacted
    message_author_id: Maybe[Snowflake] = UNSET
    burst_colors: Maybe[list[str]] = UNSET  # as "#rrggbb"


class MessageReactionRemove(_ReactionEvent, kw_only=True):
    """MESSAGE_REACTION_REMOVE: one reaction of one user."""

    NAME = "MESSAGE_REACTION_REMOVE"


class MessageReactionRemoveAll(_OnMessage, kw_only=True):
    """MESSAGE_REACTION_REMOVE_ALL."""

    NAME = "MESSAGE_REACTION_REMOVE_ALL"


class MessageReactionRemoveEmoji(_OnMessage, kw_only=True):
    """MESSAGE_REACTION_REMOVE_EMOJI: all reactions with one emoji."""

    NAME = "MESSAGE_REACTION_REMOVE_EMOJI"

    emoji: PartialEmoji


class _VoteEvent(_OnMessage, kw_only=True):
    user_id: Snowflake
    answer_id: int  # from 1


class MessagePollVoteAdd(_VoteEvent, kw_only=True):
    """MESSAGE_POLL_VOTE_ADD: one for each answer chosen."""

    NAME = "MESSAGE_POLL_VOTE_ADD"


class MessagePollVoteRemove(_VoteEvent, kw_only=True):
    """MESSAGE_POLL_VOTE_REMOVE."""

    NAME = "MESSAGE_POLL_VOTE_REMOVE"


class TypingStart(Event, kw_only=True):
    """TYPING_START: for ten seconds, or until the message comes. Never causes a guild fetch."""

    NAME = "TYPING_START"

    channel_id: Snowflake
    guild_id: Maybe[Snowflake] = UNSET
    user_id: Snowflake
    timestamp: int  # seconds of Unix time
    member: Maybe[Member] = UNSET
