"""Emojis of a guild."""

import base64

import pytest

from discord_sim.rules.permissions import Permission as P

PNG = b"\x89PNG\r\n\x1a\n" + bytes(24)
GIF = b"GIF89a" + bytes(24)
ANIMATED_WEBP = b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\x02" + bytes(9)
AVIF = b"\0\0\0\x1cftypavif" + bytes(16)


def uri(data):
    return "data:image/png;base64," + base64.b64encode(data).decode()


def names(told):
    return [name for name, _ in told]


def make(api, name="wave", data=PNG, **more):
    return api.ok("POST", "/guilds/{g}/emojis", {"name": name, "image": uri(data), **more})


def test_an_emoji_from_birth_to_death(api):
    wanted = {"name": "wave", "image": uri(PNG), "roles": [str(api.names["r"])]}
    emoji, told = api.told("POST", "/guilds/{g}/emojis", wanted, reason="pretty")
    assert (emoji["name"], emoji["roles"], emoji["animated"]) == ("wave", [str(api.names["r"])], False)
    assert (emoji["require_colons"], emoji["available"], emoji["user"]["id"]) == (True, True, str(api.names["me"]))
    assert names(told) == ["GUILD_EMOJIS_UPDATE", "GUILD_AUDIT_LOG_ENTRY_CREATE"]
    without_user = {k: v for k, v in emoji.items() if k != "user"}
    assert told[0][1] == {"guild_id": str(api.guild.id), "emojis": [without_user]}
    entry = told[1][1]
    assert (entry["action_type"], entry["target_id"], entry["reason"]) == (60, emoji["id"], "pretty")
    path = f"/guilds/{{g}}/emojis/{emoji['id']}"
    assert api.ok("GET", path) == emoji
    assert api.ok("GET", "/guilds/{g}/emojis") == [emoji]
    assert api.ok("GET", "/guilds/{g}")["emojis"] == [without_user]

    changed, told = api.told("PATCH", path, {"name": "hello", "roles": None})
    assert (changed["name"], changed["roles"]) == ("hello", [])
    assert names(told) == ["GUILD_EMOJIS_UPDATE", "GUILD_AUDIT_LOG_ENTRY_CREATE"]
    assert told[1][1]["action_type"] == 61
    assert {"key": "name", "old_value": "wave", "new_value": "hello"} in told[1][1]["changes"]
    assert api.told("PATCH", path, {"name": "hello"})[1] == [], "no change, no event"

    _, told = api.told("DELETE", path)
    assert told[0] == ("GUILD_EMOJIS_UPDATE", {"guild_id": str(api.guild.id), "emojis": []})
    assert told[1][1]["action_type"] == 62
    assert api.error("DELETE", path) == (404, 10014)


def test_an_emoji_can_be_fetched_and_reacted_with(api):
    emoji = make(api)
    assert api.fake.rest.media.find(f"/emojis/{emoji['id']}.png") == ("image/png", PNG)
    message = api.ok("POST", "/channels/{c}/messages", {"content": "hi"})
    path = f"/channels/{{c}}/messages/{message['id']}/reactions/wave:{emoji['id']}/@me"
    _, told = api.told("PUT", path)
    assert told[0][1]["emoji"] == {"id": emoji["id"], "name": "wave"}


@pytest.mark.parametrize(("data", "animated"), [(PNG, False), (AVIF, False), (GIF, True), (ANIMATED_WEBP, True)])
def test_what_moves_is_animated(api, data, animated):
    assert make(api, data=data)["animated"] is animated


def test_static_and_animated_emojis_have_slots_of_their_own(api):
    first = int(make(api)["id"])
    for n in range(49):
        api.guild.emojis[n] = dict(api.guild.emojis[first], id=str(n))
    full = {"name": "one_more", "image": uri(PNG)}
    assert api.error("POST", "/guilds/{g}/emojis", full) == (400, 30008)
    moving = int(make(api, data=GIF)["id"])
    for n in range(49, 98):
        api.guild.emojis[n] = dict(api.guild.emojis[moving], id=str(n))
    assert api.error("POST", "/guilds/{g}/emojis", {"name": "moving", "image": uri(GIF)}) == (400, 30018)
    api.guild.doc["premium_tier"] = 1
    api.ok("POST", "/guilds/{g}/emojis", full)


@pytest.mark.parametrize(("body", "field", "code"), [
    ({"name": "x", "image": uri(PNG)}, "name", "BASE_TYPE_BAD_LENGTH"),
    ({"name": "no spaces", "image": uri(PNG)}, "name", "STRING_TYPE_REGEX"),
    ({"name": "fine", "image": uri(b"no picture")}, "image", "IMAGE_INVALID"),
    ({"name": "fine", "image": uri(b"OggS a sound")}, "image", "IMAGE_INVALID"),
    ({"name": "fine", "image": "data:image/png;base64,?"}, "image", "IMAGE_INVALID"),
])  # fmt: skip
def test_an_emoji_that_cannot_be(api, body, field, code):
    status, answer = api("POST", "/guilds/{g}/emojis", body)
    assert (status, answer["code"]) == (400, 50035)
    assert answer["errors"][field]["_errors"][0]["code"] == code
    assert api.guild.emojis == {}


def test_a_picture_has_256_kib_at_most(api):
    make(api, data=PNG.ljust(256 << 10, b"\0"))
    too_big = {"name": "big", "image": uri(PNG.ljust((256 << 10) + 1, b"\0"))}
    assert api.error("POST", "/guilds/{g}/emojis", too_big) == (400, 50138)


def test_an_emoji_for_roles_that_do_not_exist_is_refused(api):
    body = {"name": "wave", "image": uri(PNG), "roles": ["123456789012345678"]}
    assert api.error("POST", "/guilds/{g}/emojis", body) == (404, 10011)


def test_who_creates_emojis_changes_only_their_own(api):
    mine, other = make(api, "mine"), make(api, "other")
    api.guild.makers[int(other["id"])] = api.names["m1"]
    api.strip_permissions(P.CREATE_GUILD_EXPRESSIONS)
    api.ok("PATCH", f"/guilds/{{g}}/emojis/{mine['id']}", {"name": "still_mine"})
    assert api.error("PATCH", f"/guilds/{{g}}/emojis/{other['id']}", {"name": "taken"}) == (403, 50013)
    assert api.error("DELETE", f"/guilds/{{g}}/emojis/{other['id']}") == (403, 50013)
    api.strip_permissions(P.MANAGE_GUILD_EXPRESSIONS)
    ours = api.ok("PATCH", f"/guilds/{{g}}/emojis/{other['id']}", {"name": "ours"})
    assert ours["user"]["id"] == str(api.names["m1"])
    assert api.error("POST", "/guilds/{g}/emojis", {"name": "more", "image": uri(PNG)}) == (403, 50013)
    api.strip_permissions(P.VIEW_CHANNEL)
    assert api.error("DELETE", f"/guilds/{{g}}/emojis/{mine['id']}") == (403, 50013)
    assert not any("user" in emoji for emoji in api.ok("GET", "/guilds/{g}/emojis")), "who made them is not for all"


def test_managing_needs_two_factors_where_moderation_does_and_making_does_not(api):
    mine, other = make(api, "mine"), make(api, "other")
    del api.guild.makers[int(other["id"])]
    api.guild.doc["mfa_level"] = 1
    api.fake.world.owner_has_mfa = False
    api.ok("PATCH", f"/guilds/{{g}}/emojis/{mine['id']}", {"name": "still_mine"})
    assert api.error("PATCH", f"/guilds/{{g}}/emojis/{other['id']}", {"name": "taken"}) == (403, 60003)
