"""What newcomers of a guild see first: the welcome screen, and the server guide ("Guild")."""

from __future__ import annotations

from enum import IntEnum

from framework.models._base import UNSET, Maybe, Model, Snowflake
from framework.models.emoji import PartialEmoji

__all__ = [
    "NewMemberAction",
    "NewMemberActionType",
    "NewMemberWelcome",
    "ResourceChannel",
    "WelcomeMessage",
    "WelcomeScreen",
    "WelcomeScreenChannel",
]


class WelcomeScreenChannel(Model, kw_only=True):
    """A channel that the welcome screen recommends."""

    channel_id: Snowflake
    description: str
    emoji_id: Snowflake | None = None
    emoji_name: str | None = None  # of a custom emoji its name, else the unicode emoji


class WelcomeScreen(Model, kw_only=True):
    """The welcome screen of a community."""

    description: str | None
    welcome_channels: list[WelcomeScreenChannel]  # up to 5


class NewMemberActionType(IntEnum):
    """What a newcomer is asked to do in a channel."""

    VIEW = 0
    TALK = 1


class NewMemberAction(Model, kw_only=True):
    """A thing to do for a newcomer."""

    channel_id: Snowflake
    action_type: int  # NewMemberActionType
    title: str
    description: str
    emoji: Maybe[PartialEmoji] = UNSET
    icon: Maybe[str] = UNSET


class ResourceChannel(Model, kw_only=True):
    """A channel with something to read."""

    channel_id: Snowflake
    title: str
    emoji: Maybe[PartialEmoji] = UNSET
    icon: Maybe[str] = UNSET
    description: str


class WelcomeMessage(Model, kw_only=True):
    """A greeting, and who gives it."""

    author_ids: list[Snowflake]
    message: str


class NewMemberWelcome(Model, kw_only=True):
    """The server guide."""

    guild_id: Snowflake
    enabled: bool
    welcome_message: Maybe[WelcomeMessage] = UNSET
    new_member_actions: list[NewMemberAction]
    resource_channels: list[ResourceChannel]
