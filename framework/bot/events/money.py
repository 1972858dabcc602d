"""Entitlements and subscriptions. Sent to shard 0, whatever the intents are."""

from __future__ import annotations

from framework.bot.events._base import Event
from framework.models import Entitlement, Subscription

__all__ = [
    "EntitlementCreate",
    "EntitlementDelete",
    "EntitlementUpdate",
    "SubscriptionCreate",
    "SubscriptionDelete",
    "SubscriptionUpdate",
]


class EntitlementCreate(Entitlement, Event, kw_only=True):
    """ENTITLEMENT_CREATE."""

    NAME = "ENTITLEMENT_CREATE"


class EntitlementUpdate(Entitlement, Event, kw_only=True):
    """ENTITLEMENT_UPDATE: that of a subscription has ended; a renewal is no event."""

    NAME = "ENTITLEMENT_UPDATE"


class EntitlementDelete(Entitlement, Event, kw_only=True):
    """ENTITLEMENT_DELETE: paid back or taken away. One that ends is not deleted."""

    NAME = "ENTITLEMENT_DELETE"


class SubscriptionCreate(Subscription, Event, kw_only=True):
    """SUBSCRIPTION_CREATE. Perks hang on the entitlement."""

    NAME = "SUBSCRIPTION_CREATE"


class SubscriptionUpdate(Subscription, Event, kw_only=True):
    """SUBSCRIPTION_UPDATE."""

    NAME = "SUBSCRIPTION_UPDATE"


class SubscriptionDelete(Subscription, Event, kw_only=True):
    """SUBSCRIPTION_DELETE."""

    NAME = "SUBSCRIPTION_DELETE"
