"""What an application sells, and who has it ("SKU", "Entitlement", "Subscription")."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection

from framework.models.entitlement import Entitlement
from framework.models.sku import Sku
from framework.models.subscription import Subscription
from framework.rest.api._base import Api, body, query
from framework.rest.api._paging import pages
from framework.rest.core.route import Route

__all__ = ["MonetizationApi"]

_PAGE = 100


class MonetizationApi(Api):
    """Monetization ("SKU", "Entitlement" and "Subscription" in Discord's documentation)."""

    async def list_skus(self, application_id: int) -> list[Sku]:
        """What the application sells. A subscription comes with a group, which is of no use."""
        return await self._ask(
            list[Sku], Route.of("GET", "/applications/{application_id}/skus", application_id=application_id)
        )

    # -- entitlements ----------------------------------------------------------------------------------------

    async def list_entitlements(
        self,
        application_id: int,
        *,
        user_id: int | None = None,
        guild_id: int | None = None,
        sku_ids: Collection[int] | None = None,
        before: int | None = None,
        after: int | None = None,
        limit: int | None = None,
        exclude_ended: bool | None = None,
        exclude_deleted: bool | None = None,
        only_active: bool | None = None,
        bearer: str | None = None,
    ) -> list[Entitlement]:
        """Up to 100 entitlements by id, those that ended among them, deleted ones only with `exclude_deleted=False`.

        With a `bearer` token of the scope `applications.entitlements` they are that user's.
        """
        route = Route.of("GET", "/applications/{application_id}/entitlements", application_id=application_id)
        asked = query(
            user_id=user_id, guild_id=guild_id, sku_ids=_joined(sku_ids), before=before, after=after, limit=limit,
            exclude_ended=exclude_ended, exclude_deleted=exclude_deleted, only_active=only_active,
        )  # fmt: skip
        return await self._ask(list[Entitlement], route, query=asked, bearer=bearer)

    def iterate_entitlements(
        self,
        application_id: int,
        *,
        user_id: int | None = None,
        guild_id: int | None = None,
        sku_ids: Collection[int] | None = None,
        after: int = 0,
        limit: int | None = None,
        exclude_ended: bool | None = None,
        exclude_deleted: bool | None = None,
        only_active: bool | None = None,
        bearer: str | None = None,
    ) -> AsyncIterator[Entitlement]:
        """All entitlements by ascending id, or those `after` an id, page by page; see `list_entitlements`."""

        async def page(cursor: int, count: int) -> list[Entitlement]:
            return await self.list_entitlements(
                application_id, user_id=user_id, guild_id=guild_id, sku_ids=sku_ids, after=cursor, limit=count,
                exclude_ended=exclude_ended, exclude_deleted=exclude_deleted, only_active=only_active, bearer=bearer,
            )  # fmt: skip

        return pages(page, after, lambda entitlement: entitlement.id, _PAGE, limit)

    async def get_entitlement(
        self, application_id: int, entitlement_id: int, *, bearer: str | None = None
    ) -> Entitlement:
        """An entitlement, a deleted one too."""
        template = "/applications/{application_id}/entitlements/{entitlement_id}"
        route = Route.of("GET", template, application_id=application_id, entitlement_id=entitlement_id)
        return await self._ask(Entitlement, route, bearer=bearer)

    async def consume_entitlement(self, application_id: int, entitlement_id: int, *, bearer: str | None = None) -> None:
        """Note that a consumable has been used; the user can buy it again then."""
        template = "/applications/{application_id}/entitlements/{entitlement_id}/consume"
        route = Route.of("POST", template, application_id=application_id, entitlement_id=entitlement_id)
        await self._do(route, bearer=bearer)

    async def create_test_entitlement(
        self, application_id: int, *, sku_id: int, owner_id: int, owner_type: int
    ) -> Entitlement:
        """Act as if a guild (`owner_type` 1) or a user (2) had bought something. It has neither beginning nor end."""
        route = Route.of("POST", "/applications/{application_id}/entitlements", application_id=application_id)
        wanted = body(sku_id=sku_id, owner_id=owner_id, owner_type=owner_type)
        return await self._ask(Entitlement, route, json=wanted)

    async def delete_test_entitlement(
        self, application_id: int, entitlement_id: int, *, bearer: str | None = None
    ) -> None:
        """End a test entitlement."""
        template = "/applications/{application_id}/entitlements/{entitlement_id}"
        route = Route.of("DELETE", template, application_id=application_id, entitlement_id=entitlement_id)
        await self._do(route, bearer=bearer)

    async def get_current_user_application_entitlements(
        self,
        application_id: int,
        *,
        bearer: str,
        sku_ids: Collection[int] | None = None,
        exclude_consumed: bool | None = None,
    ) -> list[Entitlement]:
        """What a user has of an application's SKUs."""
        template = "/users/@me/applications/{application_id}/entitlements"
        route = Route.of("GET", template, application_id=application_id)
        asked = query(sku_ids=_joined(sku_ids), exclude_consumed=exclude_consumed)
        return await self._ask(list[Entitlement], route, query=asked, bearer=bearer)

    # -- subscriptions ---------------------------------------------------------------------------------------

    async def list_sku_subscriptions(
        self,
        sku_id: int,
        *,
        user_id: int | None = None,
        before: int | None = None,
        after: int | None = None,
        limit: int | None = None,
        bearer: str | None = None,
    ) -> list[Subscription]:
        """A user's subscriptions with an SKU by id, 1 to 100 of them (50 by default). A bot must say `user_id`."""
        route = Route.of("GET", "/skus/{sku_id}/subscriptions", sku_id=sku_id)
        asked = query(user_id=user_id, before=before, after=after, limit=limit)
        return await self._ask(list[Subscription], route, query=asked, bearer=bearer)

    def iterate_sku_subscriptions(
        self,
        sku_id: int,
        *,
        user_id: int | None = None,
        after: int = 0,
        limit: int | None = None,
        bearer: str | None = None,
    ) -> AsyncIterator[Subscription]:
        """All of a user's subscriptions with an SKU by ascending id, or those `after` an id, page by page."""

        async def page(cursor: int, count: int) -> list[Subscription]:
            return await self.list_sku_subscriptions(sku_id, user_id=user_id, after=cursor, limit=count, bearer=bearer)

        return pages(page, after, lambda subscription: subscription.id, _PAGE, limit)

    async def get_sku_subscription(
        self, sku_id: int, subscription_id: int, *, user_id: int | None = None, bearer: str | None = None
    ) -> Subscription:
        """One subscription with an SKU."""
        template = "/skus/{sku_id}/subscriptions/{subscription_id}"
        route = Route.of("GET", template, sku_id=sku_id, subscription_id=subscription_id)
        return await self._ask(Subscription, route, query=query(user_id=user_id), bearer=bearer)


def _joined(ids: Collection[int] | None) -> str | None:
    return None if ids is None else ",".join(map(str, ids))
