"""What users buy from an application: SKUs, entitlements, subscriptions ("SKU", "Entitlement", "Subscription").

`add_sku` is the developer portal, `subscribe` and `subscription_changed` the user's side; no REST call does these.
"""

from __future__ import annotations

from discord_sim.spec import skeleton
from discord_sim.world.fanout import Event
from discord_sim.world.payloads import Doc
from discord_sim.world.snowflakes import iso
from discord_sim.world.world import World

__all__ = [
    "ACTIVE",
    "CONSUMABLE",
    "ENDING",
    "INACTIVE",
    "add_sku",
    "entitle",
    "sold",
    "subscribe",
    "subscription_changed",
]

CONSUMABLE, SUBSCRIPTION, SUBSCRIPTION_GROUP = 3, 5, 6
# As the OpenAPI document and today's documentation number them; discord.py 2.7 has the last two the other way round.
ACTIVE, INACTIVE, ENDING = 0, 1, 2
AVAILABLE, GUILD_SUBSCRIPTION, USER_SUBSCRIPTION = 1 << 2, 1 << 7, 1 << 8
PERIOD_MS = 30 * 86_400_000


def add_sku(
    world: World, application_id: int, name: str, epoch_ms: int, kind: int = SUBSCRIPTION, flags: int = AVAILABLE
) -> Doc:
    """A new SKU; a subscription comes with a group that nothing uses."""
    made: Doc = {}
    for each in (SUBSCRIPTION_GROUP, kind) if kind == SUBSCRIPTION else (kind,):
        made = {
            "id": str(world.new_id(epoch_ms)), "type": each, "dependent_sku_id": None,
            "application_id": str(application_id), "manifest_labels": None, "access_type": 1, "name": name,
            "features": [], "release_date": None, "premium": False, "slug": "-".join(name.lower().split()),
            "flags": flags, "show_age_gate": False,
        }  # fmt: skip
        world.bins.setdefault("skus", {})[int(made["id"])] = made
    return made


def subscribe(
    world: World, sku: Doc, user_id: int, epoch_ms: int, guild_id: int | None = None
) -> tuple[Doc, list[Event]]:
    """A user subscribes, for a guild or for themselves; the subscription and what is told."""
    entitlement = entitle(world, sku, user_id, epoch_ms, guild_id, starts_at=iso(epoch_ms))
    made = skeleton(
        "SubscriptionResponse", id=str(world.new_id(epoch_ms)), user_id=str(user_id), sku_ids=[sku["id"]],
        entitlement_ids=[entitlement["id"]], current_period_start=iso(epoch_ms),
        current_period_end=iso(epoch_ms + PERIOD_MS), status=ACTIVE,
    )  # fmt: skip
    world.bins.setdefault("subscriptions", {})[int(made["id"])] = made
    told = {"ENTITLEMENT_CREATE": entitlement, "SUBSCRIPTION_CREATE": made}
    return made, [sold(name, doc, sku["application_id"]) for name, doc in told.items()]


def subscription_changed(world: World, subscription_id: int, status: int | None, epoch_ms: int) -> list[Event]:
    """A subscription gets another status, or (None) is deleted. When it becomes inactive its entitlement ends, the one
    case in which an entitlement of a subscription is updated. Raises LookupError where there is none."""
    known = world.bins.get("subscriptions", {})
    if subscription_id not in known:
        raise LookupError(f"this world has no subscription {subscription_id}")
    doc = known[subscription_id]
    application_id = world.bins["skus"][int(doc["sku_ids"][0])]["application_id"]
    if status is None:
        del known[subscription_id]
        return [sold("SUBSCRIPTION_DELETE", doc, application_id)]
    doc |= {"status": status, "canceled_at": None if status == ACTIVE else iso(epoch_ms)}
    if status == INACTIVE:
        doc["current_period_end"] = iso(epoch_ms)
    events = [sold("SUBSCRIPTION_UPDATE", doc, application_id)]
    if status == INACTIVE:
        for entitlement_id in doc["entitlement_ids"]:
            entitlement = world.bins["entitlements"][int(entitlement_id)]
            entitlement["ends_at"] = iso(epoch_ms)
            events.append(sold("ENTITLEMENT_UPDATE", entitlement, application_id))
    return events


def entitle(
    world: World, sku: Doc, user_id: int, epoch_ms: int, guild_id: int | None, *, starts_at: str | None = None
) -> Doc:
    """Give a user, or a guild, what an SKU stands for; without a beginning it is a test entitlement."""
    made = skeleton(
        "EntitlementResponse", id=str(world.new_id(epoch_ms)), sku_id=sku["id"], user_id=str(user_id),
        application_id=sku["application_id"], starts_at=starts_at, consumed=False,
    )  # fmt: skip
    if guild_id is not None:
        made["guild_id"] = str(guild_id)
    world.bins.setdefault("entitlements", {})[int(made["id"])] = made
    return made


def sold(name: str, doc: Doc, application_id: str) -> Event:
    """An event about something sold: it goes to shard 0, whatever guild it names."""
    guild_id = int(doc["guild_id"]) if "guild_id" in doc else None
    return Event(name, guild_id, int(doc["id"]), dict(doc), bot_id=int(application_id), shard_zero=True)
