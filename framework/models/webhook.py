"""Webhooks ("Webhook")."""

from __future__ import annotations

from enum import IntEnum
from typing import ClassVar

from framework.models._base import UNSET, Maybe, Model, Snowflake
from framework.models.user import User

__all__ = ["Webhook", "WebhookSourceChannel", "WebhookSourceGuild", "WebhookType"]


class WebhookType(IntEnum):
    """What a webhook is for."""

    INCOMING = 1
    CHANNEL_FOLLOWER = 2  # posts what an announcement channel elsewhere crossposts
    APPLICATION = 3  # answers interactions


class WebhookSourceGuild(Model, kw_only=True):
    """The guild of a followed channel."""

    id: Snowflake
    name: str
    icon: str | None


class WebhookSourceChannel(Model, kw_only=True):
    """A followed channel."""

    id: Snowflake
    name: str


class Webhook(Model, kw_only=True):
    """A way to post without being a member, for who has its `token` or `url`."""

    SECRETS: ClassVar[frozenset[str]] = frozenset({"token", "url"})

    id: Snowflake
    type: int  # WebhookType
    guild_id: Maybe[Snowflake | None] = UNSET
    channel_id: Snowflake | None
    user: Maybe[User] = UNSET  # who made it; not when asked for by token
    name: str | None
    avatar: str | None
    token: Maybe[str] = UNSET
    application_id: Snowflake | None
    source_guild: Maybe[WebhookSourceGuild] = UNSET
    source_channel: Maybe[WebhookSourceChannel] = UNSET
    url: Maybe[str] = UNSET
