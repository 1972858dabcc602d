"""What is connected with a guild: bots, and accounts on other platforms ("Guild")."""

from __future__ import annotations

from enum import IntEnum

from framework.models._base import UNSET, Maybe, Model, Snowflake, Timestamp
from framework.models.user import User

__all__ = ["Integration", "IntegrationAccount", "IntegrationApplication", "IntegrationExpireBehavior"]


class IntegrationExpireBehavior(IntEnum):
    """What becomes of a subscriber whose time is over."""

    REMOVE_ROLE = 0
    KICK = 1


class IntegrationAccount(Model, kw_only=True):
    """The account on the other side."""

    id: str
    name: str | None


class IntegrationApplication(Model, kw_only=True):
    """The application of an integration of type `discord`."""

    id: Snowflake
    name: str
    icon: str | None
    description: str
    type: Maybe[int | None] = UNSET
    cover_image: Maybe[str] = UNSET
    primary_sku_id: Maybe[Snowflake] = UNSET
    bot: Maybe[User] = UNSET


class Integration(Model, kw_only=True):
    """A connection; the audit log tells its id, name, type, account and application only."""

    id: Snowflake
    guild_id: Maybe[Snowflake] = UNSET  # in events
    name: str | None
    type: str  # twitch, youtube, discord or guild_subscription
    enabled: Maybe[bool] = UNSET
    syncing: Maybe[bool] = UNSET
    role_id: Maybe[Snowflake | None] = UNSET  # the role of subscribers
    enable_emoticons: Maybe[bool] = UNSET
    expire_behavior: Maybe[int] = UNSET  # IntegrationExpireBehavior
    expire_grace_period: Maybe[int] = UNSET  # in days
    user: Maybe[User] = UNSET
    account: IntegrationAccount
    synced_at: Maybe[Timestamp] = UNSET
    subscriber_count: Maybe[int] = UNSET
    revoked: Maybe[bool] = UNSET
    application: Maybe[IntegrationApplication] = UNSET
    application_id: Maybe[Snowflake] = UNSET  # in the audit log
    scopes: Maybe[list[str]] = UNSET
