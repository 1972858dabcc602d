"""Stickers of a guild, and the standard ones."""

import aiohttp
import msgspec
import pytest

from discord_sim.rules.permissions import Permission as P

HEADER = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR"


def png(side=320, chunk=b""):
    return HEADER + side.to_bytes(4, "big") * 2 + chunk + b"IDAT" + bytes(16)


def gif(side=320):
    return b"GIF89a" + side.to_bytes(2, "little") * 2 + bytes(16)


def lottie(**changes):
    return msgspec.json.encode({"w": 320, "h": 320, "fr": 60, "ip": 0, "op": 300, "layers": [], **changes})


def form(data, field="file", **fields):
    made = aiohttp.FormData({"name": "wave", "tags": "wave", **fields})
    made.add_field(field, data, filename="sticker.png", content_type="image/png")
    return made


def names(told):
    return [name for name, _ in told]


def test_a_sticker_from_birth_to_death(api):
    wanted = form(png(), description="it waves")
    sticker, told = api.told("POST", "/guilds/{g}/stickers", form=wanted, reason="pretty")
    assert (sticker["name"], sticker["tags"], sticker["description"]) == ("wave", "wave", "it waves")
    assert (sticker["type"], sticker["format_type"], sticker["guild_id"]) == (2, 1, str(api.guild.id))
    assert sticker["user"]["id"] == str(api.names["me"])
    assert names(told) == ["GUILD_STICKERS_UPDATE", "GUILD_AUDIT_LOG_ENTRY_CREATE"]
    without_user = {k: v for k, v in sticker.items() if k != "user"}
    assert told[0][1] == {"guild_id": str(api.guild.id), "stickers": [without_user]}
    entry = told[1][1]
    assert (entry["action_type"], entry["target_id"], entry["reason"]) == (90, sticker["id"], "pretty")
    path = f"/guilds/{{g}}/stickers/{sticker['id']}"
    assert api.ok("GET", path) == sticker
    assert api.ok("GET", "/guilds/{g}/stickers") == [sticker]
    assert api.ok("GET", f"/stickers/{sticker['id']}") == without_user
    assert api.fake.rest.media.find(f"/stickers/{sticker['id']}.png") == ("image/png", png())

    changed, told = api.told("PATCH", path, {"name": "hello", "description": None})
    assert (changed["name"], changed["description"], changed["tags"]) == ("hello", None, "wave")
    assert names(told) == ["GUILD_STICKERS_UPDATE", "GUILD_AUDIT_LOG_ENTRY_CREATE"]
    assert told[1][1]["action_type"] == 91
    assert api.told("PATCH", path, {"name": "hello"})[1] == [], "no change, no event"

    _, told = api.told("DELETE", path)
    assert told[0] == ("GUILD_STICKERS_UPDATE", {"guild_id": str(api.guild.id), "stickers": []})
    assert told[1][1]["action_type"] == 92
    assert api.error("DELETE", path) == (404, 10060)
    assert api.error("GET", f"/stickers/{sticker['id']}") == (404, 10060)


def test_a_sticker_can_be_sent(api):
    sticker = api.ok("POST", "/guilds/{g}/stickers", form=form(png()))
    message = api.ok("POST", "/channels/{c}/messages", {"sticker_ids": [sticker["id"]]})
    assert message["sticker_items"] == [{"id": sticker["id"], "name": "wave", "format_type": 1}]


@pytest.mark.parametrize(
    ("data", "kind"), [(png(), 1), (png(chunk=b"acTL"), 2), (lottie(), 3), (b"\n" + lottie(), 3), (gif(), 4)]
)
def test_the_file_tells_the_format(api, data, kind):
    api.guild.doc["features"] = ["PARTNERED"]
    assert api.ok("POST", "/guilds/{g}/stickers", form=form(data))["format_type"] == kind


@pytest.mark.parametrize(("data", "error"), [
    (b"no picture", (400, 50046)), (b"\xff\xd8\xff a JPEG", (400, 50046)), (HEADER, (400, 50046)),
    (png(side=321), (400, 50046)), (gif(side=321), (400, 50046)),
    (png().ljust((512 << 10) + 1, b"\0"), (413, 50045)),
    (b"{", (400, 170001)), (b"{\xff", (400, 170001)), (b"{}", (400, 170001)), (b'{"w":' * 9_999, (400, 170001)),
    (lottie(assets=[{"id": "1", "p": "image.png"}]), (400, 170002)), (lottie(w=321), (400, 170005)),
    (lottie(fr=0), (400, 170006)), (lottie(op=1_001, fr=1_000), (400, 170004)), (lottie(op=301), (400, 170007)),
])  # fmt: skip
def test_a_file_that_cannot_be_a_sticker(api, data, error):
    api.guild.doc["features"] = ["VERIFIED"]
    assert api.error("POST", "/guilds/{g}/stickers", form=form(data)) == error
    assert api.guild.stickers == {}


def test_only_verified_and_partnered_guilds_take_lottie(api):
    assert api.error("POST", "/guilds/{g}/stickers", form=form(lottie())) == (400, 50046)


def test_a_sticker_needs_its_file_and_a_description_of_two_letters_or_none(api):
    for wrong in (form(png(), field="files[0]"), aiohttp.FormData({"name": "wave", "tags": "wave", "file": "text"})):
        status, answer = api("POST", "/guilds/{g}/stickers", form=wrong)
        assert (status, list(answer["errors"])) == (400, ["file"])
    status, answer = api("POST", "/guilds/{g}/stickers", form=form(png(), description="x"))
    assert (status, list(answer["errors"])) == (400, ["description"])
    assert api.ok("POST", "/guilds/{g}/stickers", form=form(png(), description=""))["description"] == ""


def test_slots_grow_with_boosts(api):
    first = int(api.ok("POST", "/guilds/{g}/stickers", form=form(png()))["id"])
    for n in range(4):
        api.guild.stickers[n] = dict(api.guild.stickers[first], id=str(n))
    assert api.error("POST", "/guilds/{g}/stickers", form=form(png())) == (400, 30039)
    api.guild.doc["premium_tier"] = 1
    api.ok("POST", "/guilds/{g}/stickers", form=form(png()))


def test_who_creates_stickers_changes_only_their_own(api):
    mine, other = (api.ok("POST", "/guilds/{g}/stickers", form=form(png()))["id"] for _ in range(2))
    api.guild.makers[int(other)] = api.names["m1"]
    api.strip_permissions(P.CREATE_GUILD_EXPRESSIONS)
    api.ok("PATCH", f"/guilds/{{g}}/stickers/{mine}", {"name": "still mine"})
    assert api.error("PATCH", f"/guilds/{{g}}/stickers/{other}", {"name": "taken"}) == (403, 50013)
    assert api.error("DELETE", f"/guilds/{{g}}/stickers/{other}") == (403, 50013)
    api.strip_permissions(P.MANAGE_GUILD_EXPRESSIONS)
    api.ok("DELETE", f"/guilds/{{g}}/stickers/{other}")
    assert api.error("POST", "/guilds/{g}/stickers", form=form(png())) == (403, 50013)
    api.strip_permissions(P.VIEW_CHANNEL)
    assert "user" not in api.ok("GET", f"/guilds/{{g}}/stickers/{mine}")


def test_standard_stickers_come_in_packs(api):
    packs = api.ok("GET", "/sticker-packs", token="")["sticker_packs"]
    pack = packs[0]
    assert api.ok("GET", f"/sticker-packs/{pack['id']}") == pack
    assert pack["cover_sticker_id"] in [s["id"] for s in pack["stickers"]]
    sticker = pack["stickers"][-1]
    assert (sticker["type"], sticker["pack_id"]) == (1, pack["id"])
    assert api.ok("GET", f"/stickers/{sticker['id']}") == sticker
    assert api.error("GET", "/sticker-packs/123456789012345678") == (404, 10061)
    assert api.error("GET", "/stickers/123456789012345678") == (404, 10060)
