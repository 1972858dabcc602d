"""What an application sells ("SKU")."""

from __future__ import annotations

from enum import IntEnum, IntFlag

from framework.models._base import UNSET, Maybe, Model, Snowflake

__all__ = ["Sku", "SkuFlags", "SkuType"]


class SkuType(IntEnum):
    """How something is sold."""

    DURABLE = 2
    CONSUMABLE = 3
    SUBSCRIPTION = 5
    SUBSCRIPTION_GROUP = 6  # comes with each subscription and is of no use


class SkuFlags(IntFlag):
    """Whether something can be bought, and who a subscription is for."""

    AVAILABLE = 1 << 2
    GUILD_SUBSCRIPTION = 1 << 7
    USER_SUBSCRIPTION = 1 << 8


class Sku(Model, kw_only=True):
    """Something an application sells."""

    id: Snowflake
    type: int  # SkuType
    application_id: Snowflake
    name: str
    slug: str
    flags: int  # SkuFlags
    # what the documentation shows and does not explain
    dependent_sku_id: Maybe[Snowflake | None] = UNSET
    manifest_labels: Maybe[list[Snowflake] | None] = UNSET
    access_type: Maybe[int] = UNSET
    features: Maybe[list[int]] = UNSET
    release_date: Maybe[str | None] = UNSET
    premium: Maybe[bool] = UNSET
    show_age_gate: Maybe[bool] = UNSET
