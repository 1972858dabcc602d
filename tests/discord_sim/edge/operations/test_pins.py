"""Pinned messages."""

import pytest

from discord_sim.rules.permissions import Permission as P
from discord_sim.world import changes

PINS = "/channels/{c}/messages/pins"


def names(told):
    return [name for name, _ in told]


def said(api, content="x", **fields):
    where, who = api.names["c"], api.names["m1"]
    return str(changes.say(api.fake.world, where, who, content, api.fake.clock.epoch_ms, **fields)[0].id)


@pytest.mark.parametrize("path", [PINS, "/channels/{c}/pins"])
def test_a_pin_is_told_announced_and_logged(api, path):
    message = said(api)
    _, told = api.told("PUT", f"{path}/{message}", reason="good")
    assert names(told) == ["CHANNEL_PINS_UPDATE", "MESSAGE_UPDATE", "MESSAGE_CREATE", "GUILD_AUDIT_LOG_ENTRY_CREATE"]
    pins, update, notice, entry = (body for _, body in told)
    where = {"channel_id": str(api.names["c"]), "guild_id": str(api.guild.id)}
    assert pins == {**where, "last_pin_timestamp": api.ok("GET", "/channels/{c}")["last_pin_timestamp"]}
    assert (update["id"], update["pinned"]) == (message, True)
    assert (notice["type"], notice["content"], notice["author"]["id"]) == (6, "", str(api.names["me"]))
    assert notice["message_reference"] == {"type": 0, "message_id": message, **where}
    assert (entry["action_type"], entry["target_id"], entry["reason"]) == (74, str(api.names["m1"]), "good")
    assert entry["options"] == {"channel_id": where["channel_id"], "message_id": message}
    assert api.told("PUT", f"{path}/{message}")[1] == [], "what is pinned stays pinned"
    _, told = api.told("DELETE", f"{path}/{message}")
    assert names(told) == ["CHANNEL_PINS_UPDATE", "MESSAGE_UPDATE", "GUILD_AUDIT_LOG_ENTRY_CREATE"]
    assert (told[0][1]["last_pin_timestamp"], told[1][1]["pinned"], told[2][1]["action_type"]) == (None, False, 75)
    assert api.told("DELETE", f"{path}/{message}")[1] == []


def test_pins_are_listed_in_pages_the_last_first(api):
    ids = [said(api, str(n)) for n in range(3)]
    for message in (ids[0], ids[2], ids[1]):
        api.ok("PUT", f"{PINS}/{message}")
    assert [m["id"] for m in api.ok("GET", "/channels/{c}/pins")] == [ids[1], ids[2], ids[0]]
    first = api.ok("GET", f"{PINS}?limit=2")
    assert ([p["message"]["id"] for p in first["items"]], first["has_more"]) == ([ids[1], ids[2]], True)
    before = first["items"][-1]["pinned_at"].replace("+", "%2B")
    rest = api.ok("GET", f"{PINS}?limit=2&before={before}")
    assert ([p["message"]["id"] for p in rest["items"]], rest["has_more"]) == ([ids[0]], False)
    api.strip_permissions(P.VIEW_CHANNEL)
    assert api.ok("GET", PINS) == {"items": [], "has_more": False}
    assert api.ok("GET", "/channels/{c}/pins") == []


def test_what_cannot_be_pinned(api):
    message = said(api)
    assert api.error("PUT", f"{PINS}/1") == (404, 10008)
    assert api.error("PUT", f"{PINS}/{said(api, type=6)}") == (400, 50068)
    for n in range(250):
        changes.say(api.fake.world, api.names["c"], api.names["m1"], str(n), api.fake.clock.epoch_ms, pinned=True)
    assert api.error("PUT", f"{PINS}/{message}") == (400, 30003)
    api.strip_permissions(P.VIEW_CHANNEL | P.READ_MESSAGE_HISTORY | P.MANAGE_MESSAGES)
    assert api.error("PUT", f"{PINS}/{message}") == (403, 50013)
    api.strip_permissions(P.VIEW_CHANNEL | P.PIN_MESSAGES)
    assert api.error("DELETE", f"{PINS}/1") == (404, 10008)


def test_a_pin_in_a_direct_channel_has_no_guild(api):
    channel = api.ok("POST", "/users/@me/channels", {"recipient_id": api.names["m1"]})
    message = api.ok("POST", f"/channels/{channel['id']}/messages", {"content": "x"})
    _, told = api.told("PUT", f"/channels/{channel['id']}/messages/pins/{message['id']}")
    assert names(told) == ["CHANNEL_PINS_UPDATE", "MESSAGE_UPDATE", "MESSAGE_CREATE"]
    assert all("guild_id" not in body for _, body in told)


def test_a_deleted_message_is_no_longer_among_the_pins_and_nobody_is_told_of_pins(api):
    message = said(api)
    api.ok("PUT", f"{PINS}/{message}")
    _, told = api.told("DELETE", f"/channels/{{c}}/messages/{message}")
    assert "CHANNEL_PINS_UPDATE" not in names(told)
    assert api.ok("GET", PINS)["items"] == []
