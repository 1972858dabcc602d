"""Who may use what an application sells ("Entitlement")."""

from __future__ import annotations

from enum import IntEnum

from framework.models._base import UNSET, Maybe, Model, Snowflake, Timestamp

__all__ = ["Entitlement", "EntitlementFulfillmentStatus", "EntitlementOwnerType", "EntitlementType"]


class EntitlementType(IntEnum):
    """How somebody came to have something."""

    PURCHASE = 1
    PREMIUM_SUBSCRIPTION = 2  # Nitro
    DEVELOPER_GIFT = 3
    TEST_MODE_PURCHASE = 4
    FREE_PURCHASE = 5
    USER_GIFT = 6
    PREMIUM_PURCHASE = 7  # free for who has Nitro
    APPLICATION_SUBSCRIPTION = 8
    QUEST_REWARD = 10


class EntitlementOwnerType(IntEnum):
    """Whom a test entitlement is for."""

    GUILD = 1
    USER = 2


class EntitlementFulfillmentStatus(IntEnum):
    """Whether what was bought has been handed over."""

    UNKNOWN = 0
    FULFILLMENT_NOT_NEEDED = 1
    FULFILLMENT_NEEDED = 2
    FULFILLED = 3
    FULFILLMENT_FAILED = 4
    UNFULFILLMENT_NEEDED = 5
    UNFULFILLED = 6
    UNFULFILLMENT_FAILED = 7


class Entitlement(Model, kw_only=True):
    """A user's or a guild's right to an SKU. It has ended when `ends_at` is past; a test entitlement never ends."""

    id: Snowflake
    sku_id: Snowflake
    application_id: Snowflake
    user_id: Maybe[Snowflake] = UNSET
    guild_id: Maybe[Snowflake | None] = UNSET
    type: int  # EntitlementType
    deleted: bool
    starts_at: Maybe[Timestamp | None] = UNSET
    ends_at: Maybe[Timestamp | None] = UNSET
    consumed: Maybe[bool] = UNSET
    fulfilled_at: Maybe[Timestamp | None] = UNSET
    fulfillment_status: Maybe[int | None] = UNSET  # EntitlementFulfillmentStatus
    gifter_user_id: Maybe[Snowflake | None] = UNSET
    parent_id: Maybe[Snowflake | None] = UNSET
