"""Reading and granting what users buy from an application ("SKU", "Entitlement", "Subscription")."""

from __future__ import annotations

from discord_sim.edge.call import NO_CONTENT, Call, form_error, ok, operation, refuse, unknown
from discord_sim.rules.answers import Answer
from discord_sim.rules.forms import leaf
from discord_sim.world.money import CONSUMABLE, entitle, sold
from discord_sim.world.payloads import Doc
from discord_sim.world.snowflakes import epoch_ms_of

ENTITLEMENTS_SHOWN, SUBSCRIPTIONS_SHOWN = 100, 50
_OF_GUILD = 1

# -- SKUs and subscriptions ----------------------------------------------------------------------------------


@operation("list_skus")
def skus(call: Call) -> Answer:
    application_id = str(call.application())
    return ok([s for s in call.bin("skus").values() if s["application_id"] == application_id])


def _subscriptions(call: Call) -> list[Doc]:
    """The subscriptions to the SKU of the path, which must be of the caller's application; a user's own only."""
    sku = call.thing(call.bin("skus"), "sku_id", "sku")
    if sku["application_id"] != str(call.application_id):
        unknown("sku")
    whose = call.query.get("user_id") if call.bearer is None else str(call.me)
    return [
        s for s in call.bin("subscriptions").values() if sku["id"] in s["sku_ids"] and whose in (None, s["user_id"])
    ]


@operation("get_sku_subscriptions")
def subscriptions(call: Call) -> Answer:
    found = _subscriptions(call)
    if call.bearer is None and "user_id" not in call.query:
        form_error({"user_id": leaf("BASE_TYPE_REQUIRED", "This field is required")})
    return ok(_page(call, found, SUBSCRIPTIONS_SHOWN))


@operation("get_sku_subscription")
def subscription(call: Call) -> Answer:
    return ok(call.thing({int(s["id"]): s for s in _subscriptions(call)}, "subscription_id", "subscription"))


def _page(call: Call, found: list[Doc], default: int) -> list[Doc]:
    """By id, between the cursors; with `before` alone the ones nearest to it."""
    query, limit = call.query, call.query.get("limit", default)
    after, before = int(query.get("after", 0)), int(query.get("before", 1 << 64))
    inside = sorted((d for d in found if after < int(d["id"]) < before), key=lambda d: int(d["id"]))
    return inside[-limit:] if "before" in query and "after" not in query else inside[:limit]


# -- entitlements --------------------------------------------------------------------------------------------


def _entitlements(call: Call) -> dict[int, Doc]:
    """What the application of the path has granted; a user sees their own only."""
    application_id = str(call.application())
    call.scope("applications.entitlements")
    return {
        i: e for i, e in call.bin("entitlements").items()
        if e["application_id"] == application_id and (call.bearer is None or e["user_id"] == str(call.me))
    }  # fmt: skip


@operation("get_entitlements")
def entitlements(call: Call) -> Answer:
    query, found = call.query, list(_entitlements(call).values())
    if "sku_ids" in query:
        found = [e for e in found if e["sku_id"] in query["sku_ids"]]
    for field in ("user_id", "guild_id"):
        if field in query:
            found = [e for e in found if e.get(field) == query[field]]
    active = query.get("only_active", False)
    if active or query.get("exclude_ended", False):
        found = [e for e in found if e["ends_at"] is None or epoch_ms_of(e["ends_at"]) > call.epoch_ms]
    if active or query.get("exclude_deleted", True):
        found = [e for e in found if not e["deleted"]]
    return ok(_page(call, found, ENTITLEMENTS_SHOWN))


@operation("get_current_user_application_entitlements")
def my_entitlements(call: Call) -> Answer:
    application_id, query = str(call.application()), call.query
    return ok([
        e for e in call.bin("entitlements").values()
        if (e["application_id"], e["user_id"], e["deleted"]) == (application_id, str(call.me), False)
        and ("sku_ids" not in query or e["sku_id"] in query["sku_ids"])
        and not (query.get("exclude_consumed") and e["consumed"])
    ])  # fmt: skip


@operation("create_entitlement")
def create(call: Call) -> Answer:
    application_id, data, owner_id = call.application(), call.data, int(call.data["owner_id"])
    sku = call.bin("skus").get(int(data["sku_id"]))
    if sku is None or sku["application_id"] != str(application_id):
        unknown("sku")
    of_guild = data["owner_type"] == _OF_GUILD
    guild = call.world.guild(owner_id) if of_guild else None
    if of_guild and (guild is None or guild.id != owner_id):
        unknown("guild")
    if not of_guild and not call.world.user_exists(owner_id):
        unknown("user")
    user_id, guild_id = (call.me, owner_id) if of_guild else (owner_id, None)
    made = entitle(call.world, sku, user_id, call.epoch_ms, guild_id)
    call.events.append(sold("ENTITLEMENT_CREATE", made, made["application_id"]))
    return ok(made)


@operation("get_entitlement")
def entitlement(call: Call) -> Answer:
    return ok(call.thing(_entitlements(call), "entitlement_id", "entitlement"))


@operation("delete_entitlement")
def delete(call: Call) -> Answer:
    """Only a test entitlement, which has no beginning, can be deleted."""
    found = call.thing(_entitlements(call), "entitlement_id", "entitlement")
    if found["deleted"] or found["starts_at"] is not None:
        unknown("entitlement")
    found["deleted"] = True
    call.events.append(sold("ENTITLEMENT_DELETE", found, found["application_id"]))
    return NO_CONTENT


@operation("consume_entitlement")
def consume(call: Call) -> Answer:
    found = call.thing(_entitlements(call), "entitlement_id", "entitlement")
    if found["deleted"]:
        unknown("entitlement")
    if call.bin("skus")[int(found["sku_id"])]["type"] != CONSUMABLE:
        refuse(400, 50057, "Invalid SKU")
    if not found["consumed"]:
        found["consumed"] = True
        call.events.append(sold("ENTITLEMENT_UPDATE", found, found["application_id"]))
    return NO_CONTENT
