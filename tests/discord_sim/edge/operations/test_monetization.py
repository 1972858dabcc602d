"""SKUs, entitlements and subscriptions."""

import pytest

from discord_sim.world import money
from discord_sim.world.money import CONSUMABLE, INACTIVE

BASE = "/applications/{me}/entitlements"


@pytest.fixture
def sku(api):
    return add(api, "Test Premium")


def add(api, name, **more):
    return money.add_sku(api.fake.world, api.names["me"], name, api.fake.clock.epoch_ms, **more)


def subscribe(api, sku, who="m1", **more):
    made, events = money.subscribe(
        api.fake.world, sku, api.names[who], api.fake.clock.epoch_ms, **more
    )  # fmt: skip
    api.fake.emit(events)
    return made


def grant(api, sku, owner="m1", kind=2):
    return api.ok("POST", BASE, {"sku_id": sku["id"], "owner_id": api.names[owner], "owner_type": kind})


def ids(found):
    return [e["id"] for e in found]


def test_a_subscription_sku_comes_with_its_group(api, sku):
    listed = api.ok("GET", "/applications/{me}/skus")
    assert [(s["type"], s["slug"], s["name"]) for s in listed] == [
        (6, "test-premium", "Test Premium"), (5, "test-premium", "Test Premium"),
    ]  # fmt: skip
    assert listed[1] == sku
    other = list(api.fake.world.bots)[1]
    assert api.error("GET", f"/applications/{other}/skus") == (403, 20012)


# -- test entitlements ---------------------------------------------------------------------------------------


def test_a_test_entitlement_from_birth_to_death(api, sku):
    body = {"sku_id": sku["id"], "owner_id": api.names["m1"], "owner_type": 2}
    made, told = api.told("POST", BASE, body)
    assert (made["user_id"], made["sku_id"], made["type"]) == (str(api.names["m1"]), sku["id"], 8)
    assert (made["starts_at"], made["ends_at"], made["deleted"]) == (None, None, False)
    assert told == [("ENTITLEMENT_CREATE", made)]
    path = f"{BASE}/{made['id']}"
    assert api.ok("GET", path) == made
    _, told = api.told("DELETE", path)
    assert told == [("ENTITLEMENT_DELETE", {**made, "deleted": True})]
    assert api.error("DELETE", path) == (404, 10029)
    assert api.error("POST", f"{path}/consume") == (404, 10029)
    assert api.ok("GET", path)["deleted"] is True


def test_an_entitlement_of_a_guild_is_told_on_shard_zero_whichever_guild_it_is(api, sku):
    made, told = api.told("POST", BASE, {"sku_id": sku["id"], "owner_id": api.names["g1"], "owner_type": 1})
    assert made["guild_id"] == str(api.names["g1"])
    assert told == [("ENTITLEMENT_CREATE", made)]
    (event,) = [e for e in api.fake.record.events if e.type == "ENTITLEMENT_CREATE"]
    assert event.guild_id == api.names["g1"]
    api.ok("DELETE", "/users/@me/guilds/{g1}")
    _, told = api.told("DELETE", f"{BASE}/{made['id']}")
    assert [name for name, _ in told] == ["ENTITLEMENT_DELETE"], "in the guild or not"


def test_only_its_application_hears_of_an_entitlement(api, sku):
    other = next(t for t, bot in api.fake.tokens.items() if bot != api.names["me"])
    heard = api.connect(other)
    del heard[:]
    grant(api, sku)
    assert heard == []


@pytest.mark.parametrize(("change", "error"), [
    ({"sku_id": "1"}, (404, 10027)), ({"owner_id": "123456789012345678"}, (404, 10013)),
    ({"owner_type": 1}, (404, 10004)), ({"owner_type": 3}, (400, 50035)),
])  # fmt: skip
def test_an_entitlement_that_cannot_be(api, sku, change, error):
    body = {"sku_id": sku["id"], "owner_id": api.names["m1"], "owner_type": 2, **change}
    assert api.error("POST", BASE, body) == error
    assert not api.fake.world.bins.get("entitlements")


def test_a_consumable_is_consumed_once(api, sku):
    gem = grant(api, add(api, "Gem", kind=CONSUMABLE))
    path = f"{BASE}/{gem['id']}/consume"
    _, told = api.told("POST", path)
    assert told == [("ENTITLEMENT_UPDATE", {**gem, "consumed": True})]
    assert api.told("POST", path)[1] == []
    assert api.error("POST", f"{BASE}/{grant(api, sku)['id']}/consume") == (400, 50057)


# -- lists ---------------------------------------------------------------------------------------------------


def test_entitlements_are_filtered(api, sku):
    gem = add(api, "Gem", kind=CONSUMABLE)
    first, second, third = grant(api, sku), grant(api, gem, "m2"), grant(api, gem, "g", 1)
    ended = subscribe(api, sku)
    api.fake.emit(money.subscription_changed(api.fake.world, int(ended["id"]), INACTIVE, api.fake.clock.epoch_ms))
    api.ok("DELETE", f"{BASE}/{first['id']}")
    second_id, third_id, ended_id = second["id"], third["id"], ended["entitlement_ids"][0]
    for query, expected in {
        "": [second_id, third_id, ended_id],
        "?exclude_deleted=false": [first["id"], second_id, third_id, ended_id],
        "?exclude_ended=true": [second_id, third_id], "?only_active=true&exclude_deleted=false": [second_id, third_id],
        f"?sku_ids={gem['id']}": [second_id, third_id], f"?sku_ids={gem['id']},{sku['id']}&user_id={{m1}}": [ended_id],
        "?user_id={m2}": [second_id], "?guild_id={g}": [third_id], f"?after={second_id}": [third_id, ended_id],
        f"?before={ended_id}&limit=1": [third_id], f"?after={second_id}&limit=1": [third_id],
    }.items():  # fmt: skip
        assert ids(api.ok("GET", BASE + query)) == expected, query
    assert api.error("GET", f"{BASE}?limit=101") == (400, 50035)


def test_a_user_sees_their_own_with_the_scope(api, sku):
    mine, other = grant(api, sku), grant(api, sku, "m2")
    token = api.bearer(api.names["m1"], "applications.entitlements")
    assert ids(api.ok("GET", BASE, token=token)) == [mine["id"]]
    assert api.error("GET", f"{BASE}/{other['id']}", token=token) == (404, 10029)
    assert api.error("GET", BASE, token=api.bearer(api.names["m1"], "identify")) == (403, 50026)
    stranger = list(api.fake.world.bots)[1]
    assert api.error("GET", f"/applications/{stranger}/entitlements", token=token) == (403, 20012)


def test_my_entitlements_of_an_application(api, sku):
    gem = grant(api, add(api, "Gem", kind=CONSUMABLE))
    mine = grant(api, sku)
    grant(api, sku, "m2")
    api.ok("POST", f"{BASE}/{gem['id']}/consume")
    token, path = api.bearer(api.names["m1"], "identify"), "/users/@me/applications/{me}/entitlements"
    assert ids(api.ok("GET", path, token=token)) == [gem["id"], mine["id"]]
    assert ids(api.ok("GET", f"{path}?exclude_consumed=true", token=token)) == [mine["id"]]
    assert ids(api.ok("GET", f"{path}?sku_ids={gem['sku_id']}", token=token)) == [gem["id"]]


# -- subscriptions -------------------------------------------------------------------------------------------


def test_a_subscription_grants_an_entitlement_until_it_ends(api, sku):
    del api.seen[:]
    made = subscribe(api, sku, guild_id=api.names["g"])
    path = f"/skus/{sku['id']}/subscriptions"
    assert api.ok("GET", f"{path}/{made['id']}") == made
    created = dict(api.seen)
    assert list(created) == ["ENTITLEMENT_CREATE", "SUBSCRIPTION_CREATE"]
    assert (created["ENTITLEMENT_CREATE"]["guild_id"], made["status"]) == (str(api.names["g"]), 0)
    entitlement = f"{BASE}/{made['entitlement_ids'][0]}"
    assert api.ok("GET", entitlement) == created["ENTITLEMENT_CREATE"]
    assert api.error("DELETE", entitlement) == (404, 10029), "only test entitlements can be deleted"
    del api.seen[:]
    api.fake.emit(money.subscription_changed(api.fake.world, int(made["id"]), INACTIVE, api.fake.clock.epoch_ms))
    assert api.ok("GET", f"{path}/{made['id']}")["status"] == INACTIVE
    assert [name for name, _ in api.seen] == ["SUBSCRIPTION_UPDATE", "ENTITLEMENT_UPDATE"]
    assert api.ok("GET", entitlement)["ends_at"] is not None


def test_subscriptions_are_listed_by_user(api, sku):
    first, second, other = subscribe(api, sku), subscribe(api, sku), subscribe(api, sku, "m2")
    path = f"/skus/{sku['id']}/subscriptions"
    assert ids(api.ok("GET", f"{path}?user_id={{m1}}")) == [first["id"], second["id"]]
    assert ids(api.ok("GET", f"{path}?user_id={{m1}}&before={other['id']}&limit=1")) == [second["id"]]
    assert ids(api.ok("GET", f"{path}?user_id={{m1}}&after={first['id']}")) == [second["id"]]
    assert api.error("GET", path) == (400, 50035), "a bot must say whose"
    mine = api.bearer(api.names["m2"], "identify")
    assert ids(api.ok("GET", path, token=mine)) == [other["id"]]
    assert api.error("GET", f"{path}/{first['id']}", token=mine) == (404, 10099)
    assert api.error("GET", f"{path}/{first['id']}?user_id={{m2}}") == (404, 10099)
    assert api.error("GET", "/skus/1/subscriptions?user_id={m1}") == (404, 10027)
    stranger = "Bot " + next(t for t, bot in api.fake.tokens.items() if bot != api.names["me"])
    assert api.error("GET", f"{path}?user_id={{m1}}", token=stranger) == (404, 10027)
