"""SKUs, entitlements, subscriptions."""

from __future__ import annotations

from discord_sim import FakeDiscord
from framework.models.entitlement import EntitlementOwnerType, EntitlementType
from framework.models.sku import SkuFlags, SkuType
from framework.models.subscription import SubscriptionStatus
from framework.rest import RestManager


def user_of(discord: FakeDiscord) -> int:
    """Somebody in the first guild."""
    return list(discord.world.member_ids(discord.world.guild_at(0)))[1]


def test_a_test_entitlement_from_birth_to_death(talk) -> None:
    async def story(rest: RestManager, discord: FakeDiscord) -> None:
        me, guild = discord.world.bot_id, discord.world.guild_at(0).id
        user = user_of(discord)
        sku_id = discord.sku(me, "Premium")
        group, sku = await rest.list_skus(me)
        assert (group.type, sku.type) == (SkuType.SUBSCRIPTION_GROUP, SkuType.SUBSCRIPTION)
        assert (sku.id, sku.flags, sku.slug) == (sku_id, SkuFlags.AVAILABLE, "premium")

        mine = await rest.create_test_entitlement(
            me, sku_id=sku_id, owner_id=user, owner_type=EntitlementOwnerType.USER
        )
        theirs = await rest.create_test_entitlement(
            me, sku_id=sku_id, owner_id=guild, owner_type=EntitlementOwnerType.GUILD
        )
        assert (mine.user_id, mine.type, mine.deleted) == (user, EntitlementType.APPLICATION_SUBSCRIPTION, False)
        assert (mine.starts_at, mine.ends_at, theirs.guild_id) == (None, None, guild)
        assert await rest.get_entitlement(me, mine.id) == mine
        assert await rest.list_entitlements(me) == [mine, theirs]
        assert await rest.list_entitlements(me, guild_id=guild) == [theirs]
        assert await rest.list_entitlements(me, user_id=user, only_active=True, exclude_ended=True) == [mine]
        assert await rest.list_entitlements(me, sku_ids=[1, 2]) == []
        bearer = discord.bearer(user, "applications.entitlements")
        assert await rest.list_entitlements(me, sku_ids=[1, sku_id], bearer=bearer) == [mine]
        assert await rest.get_current_user_application_entitlements(me, bearer=bearer, sku_ids={sku_id}) == [mine]
        assert await rest.get_current_user_application_entitlements(me, bearer=bearer, exclude_consumed=True) == [mine]

        await rest.delete_test_entitlement(me, mine.id)
        assert await rest.list_entitlements(me) == [theirs]
        shown = await rest.list_entitlements(me, exclude_deleted=False)
        assert [e.deleted for e in shown] == [True, False]

    talk(story)


def test_a_consumable_is_consumed(talk) -> None:
    async def story(rest: RestManager, discord: FakeDiscord) -> None:
        me = discord.world.bot_id
        user = user_of(discord)
        gem = discord.sku(me, "Gem", SkuType.CONSUMABLE)
        made = await rest.create_test_entitlement(me, sku_id=gem, owner_id=user, owner_type=EntitlementOwnerType.USER)
        await rest.consume_entitlement(me, made.id)
        assert (made.consumed, (await rest.get_entitlement(me, made.id)).consumed) == (False, True)

    talk(story)


def test_entitlements_and_subscriptions_come_page_by_page(talk) -> None:
    async def story(rest: RestManager, discord: FakeDiscord) -> None:
        me = discord.world.bot_id
        user = user_of(discord)
        sku_id = discord.sku(me, "Premium")
        made = [discord.subscription(user, sku_id) for _ in range(250)]

        sent = rest.snapshot().sent
        ids = [e.id async for e in rest.iterate_entitlements(me)]
        assert (len(ids), ids == sorted(set(ids)), rest.snapshot().sent - sent) == (250, True, 3)
        assert [e.id async for e in rest.iterate_entitlements(me, after=ids[9], limit=120)] == ids[10:130]
        assert [e.id async for e in rest.iterate_entitlements(me, user_id=user, limit=100)] == ids[:100]

        assert [s.id async for s in rest.iterate_sku_subscriptions(sku_id, user_id=user)] == made
        assert [s.id async for s in rest.iterate_sku_subscriptions(sku_id, user_id=user, limit=0)] == []
        assert [s.id for s in await rest.list_sku_subscriptions(sku_id, user_id=user)] == made[:50]
        page = await rest.list_sku_subscriptions(sku_id, user_id=user, before=made[9], limit=3)
        assert [s.id for s in page] == made[6:9]

    talk(story)


def test_a_subscription(talk) -> None:
    async def story(rest: RestManager, discord: FakeDiscord) -> None:
        me = discord.world.bot_id
        user = user_of(discord)
        sku_id = discord.sku(me, "Premium")
        made = discord.subscription(user, sku_id)
        found = await rest.get_sku_subscription(sku_id, made, user_id=user)
        assert (found.user_id, found.sku_ids, found.status) == (user, [sku_id], SubscriptionStatus.ACTIVE)
        assert (found.renewal_sku_ids, found.canceled_at) == (None, None)
        assert found.current_period_start < found.current_period_end
        assert [e.id for e in await rest.list_entitlements(me)] == found.entitlement_ids
        mine = await rest.list_sku_subscriptions(sku_id, bearer=discord.bearer(user, "identify"))
        assert mine == [found]

    talk(story)
