"""Guild templates."""

from discord_sim.rules.permissions import Permission as P

TEMPLATES = "/guilds/{g}/templates"


def test_a_template_from_birth_to_death(api):
    made = api.ok("POST", TEMPLATES, {"name": "friends", "description": "and family"})
    assert (made["name"], made["description"], made["usage_count"]) == ("friends", "and family", 0)
    assert (made["creator_id"], made["source_guild_id"]) == (str(api.names["me"]), str(api.names["g"]))
    assert api.ok("GET", f"/guilds/templates/{made['code']}", token="") == made, "anybody may look"
    assert api.ok("GET", TEMPLATES) == [made]
    changed = api.ok("PATCH", f"{TEMPLATES}/{made['code']}", {"name": "family", "description": None})
    assert (changed["name"], changed["description"]) == ("family", None)
    assert api.ok("DELETE", f"{TEMPLATES}/{made['code']}") == changed
    assert api.error("GET", f"/guilds/templates/{made['code']}") == (404, 10057)


def test_a_guild_has_one_template(api):
    made = api.ok("POST", TEMPLATES, {"name": "one"})
    assert api.error("POST", TEMPLATES, {"name": "two"}) == (400, 30031)
    api.ok("DELETE", f"{TEMPLATES}/{made['code']}")
    assert api.ok("POST", TEMPLATES, {"name": "two"})["code"] != made["code"]


def test_a_template_is_dirty_until_it_is_synced(api):
    made = api.ok("POST", TEMPLATES, {"name": "t"})
    assert made["is_dirty"] is None
    api.ok("POST", "/guilds/{g}/channels", {"name": "new"})
    dirty = api.ok("GET", TEMPLATES)[0]
    assert dirty["is_dirty"] is True
    assert dirty["serialized_source_guild"] == made["serialized_source_guild"]
    synced = api.ok("PUT", f"{TEMPLATES}/{made['code']}")
    assert synced["is_dirty"] is None
    assert synced["updated_at"] > made["updated_at"]
    assert [c["name"] for c in synced["serialized_source_guild"]["channels"]][-1] == "new"


def test_a_snapshot_holds_numbers_for_ids_and_what_a_new_guild_can_have(api):
    category = api.ok("POST", "/guilds/{g}/channels", {"name": "cat", "type": 4})
    overwrites = [
        {"id": api.names["g"], "type": 0, "deny": "2048"}, {"id": api.names["r"], "type": 0, "allow": "1024"},
        {"id": api.names["m1"], "type": 1, "allow": "1024"},
    ]  # fmt: skip
    stage = {"name": "stage", "type": 13, "parent_id": category["id"], "permission_overwrites": overwrites}
    api.ok("POST", "/guilds/{g}/channels", stage)
    forum = {"name": "forum", "type": 15, "available_tags": [{"name": "tag"}]}
    api.ok("POST", "/guilds/{g}/channels", forum)
    api.ok("POST", "/channels/{c}/threads", {"name": "t", "type": 11})
    shot = api.ok("POST", TEMPLATES, {"name": "t"})["serialized_source_guild"]
    assert (shot["name"], shot["system_channel_id"]) == (api.guild.name, "1")
    assert [role["id"] for role in shot["roles"]] == list(range(4)), "the roles of the two bots are left out"
    assert shot["roles"][0]["name"] == "@everyone"
    first, *_, cat, stage, forum = shot["channels"]
    assert (first["id"], first["type"], first["parent_id"]) == (1, 0, None)
    assert (stage["type"], stage["parent_id"]) == (2, str(cat["id"]))
    assert [(o["id"], o["allow"], o["deny"]) for o in stage["permission_overwrites"]] == [
        ("0", "0", "2048"), ("1", "1024", "0"),
    ]  # fmt: skip
    assert [(tag["id"], tag["name"]) for tag in forum["available_tags"]] == [(0, "tag")]


def test_permissions_and_unknown_codes(api):
    made = api.ok("POST", TEMPLATES, {"name": "t"})
    for method in ("PUT", "PATCH", "DELETE"):
        assert api.error(method, f"{TEMPLATES}/nonsense", {}) == (404, 10057)
    api.strip_permissions(P.VIEW_CHANNEL)
    assert api.error("GET", TEMPLATES) == (403, 50013)
    assert api.error("POST", TEMPLATES, {"name": "t"}) == (403, 50013)
    for method in ("PUT", "PATCH", "DELETE"):
        assert api.error(method, f"{TEMPLATES}/{made['code']}", {}) == (403, 50013)
