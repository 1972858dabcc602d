"""Users who pay regularly ("Subscription")."""

from __future__ import annotations

from enum import IntEnum

from framework.models._base import UNSET, Maybe, Model, Snowflake, Timestamp

__all__ = ["Subscription", "SubscriptionStatus"]


class SubscriptionStatus(IntEnum):
    """Whether a subscription goes on. Perks hang on the entitlement, never on this."""

    ACTIVE = 0
    INACTIVE = 1
    ENDING = 2  # still active, will not be renewed


class Subscription(Model, kw_only=True):
    """A user's subscription to SKUs. It began when its id was made; the period is the current one."""

    id: Snowflake
    user_id: Snowflake
    sku_ids: list[Snowflake]
    entitlement_ids: list[Snowflake]
    renewal_sku_ids: list[Snowflake] | None  # from the next period on
    current_period_start: Timestamp
    current_period_end: Timestamp
    status: int  # SubscriptionStatus
    canceled_at: Timestamp | None
    country: Maybe[str | None] = UNSET  # of the payment, with a private scope only
