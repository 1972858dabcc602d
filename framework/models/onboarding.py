"""What a guild asks newcomers, and the roles and channels that follow from the answers ("Guild")."""

from __future__ import annotations

from enum import IntEnum

from msgspec import field

from framework.models._base import UNSET, Maybe, Model, Snowflake
from framework.models.emoji import PartialEmoji

__all__ = ["Onboarding", "OnboardingMode", "OnboardingPrompt", "OnboardingPromptOption", "OnboardingPromptType"]


class OnboardingMode(IntEnum):
    """What counts towards the channels that onboarding must offer: seven, five of them to write in."""

    DEFAULT = 0  # the default channels
    ADVANCED = 1  # also those of prompts


class OnboardingPromptType(IntEnum):
    """How options are shown."""

    MULTIPLE_CHOICE = 0
    DROPDOWN = 1


class OnboardingPromptOption(Model, kw_only=True):
    """One possible answer. Discord tells its emoji as `emoji`, and is told it by the other three fields."""

    id: Maybe[Snowflake] = UNSET  # left out for a new one
    channel_ids: list[Snowflake] = field(default_factory=list)
    role_ids: list[Snowflake] = field(default_factory=list)
    emoji: Maybe[PartialEmoji] = UNSET
    emoji_id: Maybe[Snowflake | None] = UNSET
    emoji_name: Maybe[str | None] = UNSET
    emoji_animated: Maybe[bool | None] = UNSET
    title: str
    description: str | None = None


class OnboardingPrompt(Model, kw_only=True):
    """One question."""

    id: Snowflake = 0  # any that is not known yet makes a new one
    type: int = OnboardingPromptType.MULTIPLE_CHOICE
    options: list[OnboardingPromptOption]
    title: str
    single_select: bool = False
    required: bool = False
    in_onboarding: bool = True  # else only in "Channels & Roles"


class Onboarding(Model, kw_only=True):
    """All questions, and the channels that everybody gets."""

    guild_id: Snowflake
    prompts: list[OnboardingPrompt]
    default_channel_ids: list[Snowflake]
    enabled: bool
    mode: int  # OnboardingMode
