"""The widget that shows a guild on web pages ("Guild")."""

from __future__ import annotations

from enum import StrEnum

from framework.models._base import UNSET, Maybe, Model, Snowflake

__all__ = ["Widget", "WidgetActivity", "WidgetChannel", "WidgetMember", "WidgetSettings", "WidgetStyle"]


class WidgetStyle(StrEnum):
    """How the widget's picture looks."""

    SHIELD = "shield"
    BANNER1 = "banner1"
    BANNER2 = "banner2"
    BANNER3 = "banner3"
    BANNER4 = "banner4"


class WidgetSettings(Model, kw_only=True):
    """Whether there is a widget, and to which channel it invites."""

    enabled: bool
    channel_id: Snowflake | None


class WidgetChannel(Model, kw_only=True):
    """A voice channel that everybody can see."""

    id: Snowflake
    name: str
    position: int


class WidgetActivity(Model, kw_only=True):
    """What somebody does."""

    name: str


class WidgetMember(Model, kw_only=True):
    """Somebody who is online, without what would tell who it is; the last fields are for those in voice."""

    id: str  # a number in this widget
    username: str
    discriminator: str
    avatar: None
    status: str
    avatar_url: str
    activity: Maybe[WidgetActivity] = UNSET
    channel_id: Maybe[Snowflake] = UNSET
    deaf: Maybe[bool] = UNSET
    mute: Maybe[bool] = UNSET
    self_deaf: Maybe[bool] = UNSET
    self_mute: Maybe[bool] = UNSET
    suppress: Maybe[bool] = UNSET


class Widget(Model, kw_only=True):
    """What the widget tells."""

    id: Snowflake
    name: str
    instant_invite: str | None  # a link
    channels: list[WidgetChannel]
    members: list[WidgetMember]  # up to 100
    presence_count: int
