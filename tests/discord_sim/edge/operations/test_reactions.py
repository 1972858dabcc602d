"""Reactions."""

from urllib.parse import quote

import pytest

from discord_sim.edge.operations.reactions import react, unreact
from discord_sim.rules.permissions import Permission as P
from discord_sim.world import changes

FIRE = quote("🔥")


def names(told):
    return [name for name, _ in told]


@pytest.fixture
def path(api):
    """The path of a member's message."""
    now_ms = api.fake.clock.epoch_ms
    message, _ = changes.say(api.fake.world, api.names["c"], api.names["m1"], "x", now_ms)
    return f"/channels/{{c}}/messages/{message.id}"


def message_of(api, path):
    return api.fake.world.message(api.names["c"], int(path.rpartition("/")[2]))


def others_react(api, path, *people, key="🔥"):
    message = message_of(api, path)
    for who in people:
        react(api.fake.world, message, api.names[who], key, {"id": None, "name": key})


def custom(api, guild_index=0, **fields):
    """An emoji of a guild, as a path names it."""
    guild = api.fake.world.guild_at(guild_index)
    emoji_id = 1234567890123456780 + guild_index
    guild.emojis[emoji_id] = {"id": str(emoji_id), "name": "blob", **fields}
    api.fake.world.settle(guild, emoji_id)
    return f"blob:{emoji_id}"


def test_a_reaction_is_told_with_its_member_and_seen_by_everybody(api, path):
    _, told = api.told("PUT", f"{path}/reactions/{FIRE}/@me")
    me, message = str(api.names["me"]), message_of(api, path)
    member = told[0][1].pop("member")
    assert member["user"]["id"] == me
    assert told == [("MESSAGE_REACTION_ADD", {
        "user_id": me, "channel_id": str(api.names["c"]), "message_id": str(message.id), "guild_id": str(api.guild.id),
        "emoji": {"id": None, "name": "🔥"}, "type": 0, "burst": False, "message_author_id": str(api.names["m1"]),
    })]  # fmt: skip
    others_react(api, path, "m2")
    assert api.ok("GET", path)["reactions"] == [{
        "emoji": {"id": None, "name": "🔥"}, "count": 2, "count_details": {"burst": 0, "normal": 2}, "me": True,
        "me_burst": False, "burst_colors": [],
    }]  # fmt: skip
    assert api.told("PUT", f"{path}/reactions/{FIRE}/@me")[1] == [], "once is enough"


def test_a_reaction_is_taken_back(api, path):
    api.ok("PUT", f"{path}/reactions/{FIRE}/@me")
    others_react(api, path, "m2")
    _, told = api.told("DELETE", f"{path}/reactions/{FIRE}/@me")
    assert (names(told), told[0][1]["user_id"]) == (["MESSAGE_REACTION_REMOVE"], str(api.names["me"]))
    assert not {"member", "message_author_id"} & told[0][1].keys()
    assert api.told("DELETE", f"{path}/reactions/{FIRE}/@me")[1] == []
    _, told = api.told("DELETE", f"{path}/reactions/{FIRE}/{{m2}}")
    assert told[0][1]["user_id"] == str(api.names["m2"])
    assert "reactions" not in api.ok("GET", path)
    assert api.error("DELETE", f"{path}/reactions/{FIRE}/1") == (404, 10013)


def test_all_reactions_are_cleared_at_once_or_by_emoji(api, path):
    others_react(api, path, "m1", "m2")
    others_react(api, path, "m1", key="👍")
    where = {"channel_id": str(api.names["c"]), "message_id": path.rpartition("/")[2], "guild_id": str(api.guild.id)}
    _, told = api.told("DELETE", f"{path}/reactions/{FIRE}")
    assert told == [("MESSAGE_REACTION_REMOVE_EMOJI", {**where, "emoji": {"id": None, "name": "🔥"}})]
    assert [r["emoji"]["name"] for r in api.ok("GET", path)["reactions"]] == ["👍"]
    assert api.told("DELETE", f"{path}/reactions")[1] == [("MESSAGE_REACTION_REMOVE_ALL", where)]
    assert api.told("DELETE", f"{path}/reactions")[1] == [], "nothing left, nothing told"
    assert api.told("DELETE", f"{path}/reactions/{FIRE}")[1] == []


def test_who_reacted_comes_in_pages_by_id(api, path):
    others_react(api, path, "m3", "m1", "m2")
    ids = [str(api.names[who]) for who in ("m1", "m2", "m3")]
    assert [u["id"] for u in api.ok("GET", f"{path}/reactions/{FIRE}")] == ids
    assert [u["id"] for u in api.ok("GET", f"{path}/reactions/{FIRE}?limit=1&after={ids[0]}")] == ids[1:2]
    assert api.ok("GET", f"{path}/reactions/{FIRE}?type=1") == [], "nobody burst"
    assert api.ok("GET", f"{path}/reactions/{quote('👍')}") == []
    assert api.error("GET", f"{path}/reactions/{FIRE}?limit=101") == (400, 50035)


@pytest.mark.parametrize("text", ["1️⃣", "ℹ️", "👨‍👩‍👧‍👦", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "©️", "🇩🇪"])
def test_emoji_of_unicode(api, path, text):
    api.ok("PUT", f"{path}/reactions/{quote(text)}/@me")
    assert api.ok("GET", path)["reactions"][0]["emoji"] == {"id": None, "name": text}


@pytest.mark.parametrize("text", ["fire", "é", "привет", "1", "blob:123456789012345678", ":)", "🔥 🔥", "🔥" * 17])
def test_what_is_no_emoji(api, path, text):
    assert api.error("PUT", f"{path}/reactions/{quote(text)}/@me") == (400, 10014)
    assert api.error("GET", f"{path}/reactions/{quote(text)}") == (400, 10014)


def test_custom_emoji_react_by_id_and_outlive_themselves(api, path):
    emoji = custom(api, animated=True)
    _, told = api.told("PUT", f"{path}/reactions/{emoji}/@me")
    assert told[0][1]["emoji"] == {"id": emoji[5:], "name": "blob", "animated": True}
    del api.guild.emojis[int(emoji[5:])]
    _, told = api.told("DELETE", f"{path}/reactions/{emoji}/@me")
    assert told[0][1]["emoji"]["name"] == "blob"
    assert api.error("PUT", f"{path}/reactions/{emoji}/@me") == (400, 10014)


def test_emoji_of_another_guild_need_permission(api, path):
    emoji = custom(api, 1)
    known = P.VIEW_CHANNEL | P.READ_MESSAGE_HISTORY | P.ADD_REACTIONS
    api.strip_permissions(known)
    assert api.error("PUT", f"{path}/reactions/{emoji}/@me") == (403, 50013)
    api.strip_permissions(known | P.USE_EXTERNAL_EMOJIS)
    api.ok("PUT", f"{path}/reactions/{emoji}/@me")


def test_the_first_of_a_kind_needs_permission_to_add_the_others_the_history(api, path):
    others_react(api, path, "m1")
    api.strip_permissions(P.VIEW_CHANNEL | P.READ_MESSAGE_HISTORY)
    api.ok("PUT", f"{path}/reactions/{FIRE}/@me")
    assert api.error("PUT", f"{path}/reactions/{quote('👍')}/@me") == (403, 50013)
    api.strip_permissions(P.VIEW_CHANNEL | P.ADD_REACTIONS)
    assert api.error("PUT", f"{path}/reactions/{FIRE}/@me") == (403, 50013)
    for call in (f"{path}/reactions", f"{path}/reactions/{FIRE}", f"{path}/reactions/{FIRE}/{{m1}}"):
        assert api.error("DELETE", call) == (403, 50013)
    api.ok("DELETE", f"{path}/reactions/{FIRE}/@me")


def test_a_message_has_room_for_20_kinds(api, path):
    for n in range(20):
        others_react(api, path, "m1", key=chr(0x1F600 + n))
    assert api.error("PUT", f"{path}/reactions/{FIRE}/@me") == (400, 30010)
    api.ok("PUT", f"{path}/reactions/{quote(chr(0x1F600))}/@me")
    unreact(api.fake.world, message_of(api, path), api.names["m1"], chr(0x1F601))
    api.ok("PUT", f"{path}/reactions/{FIRE}/@me")


def test_nobody_reacts_in_the_archive(api):
    thread = api.ok("POST", "/channels/{c}/threads", {"name": "t", "type": 11})
    where = f"/channels/{thread['id']}"
    message = api.ok("POST", f"{where}/messages", {"content": "x"})
    api.ok("PATCH", where, {"archived": True})
    assert api.error("PUT", f"{where}/messages/{message['id']}/reactions/{FIRE}/@me") == (400, 50083)
    assert api.error("DELETE", f"{where}/messages/{message['id']}/reactions") == (400, 50083)
    assert api.ok("GET", f"{where}/messages/{message['id']}/reactions/{FIRE}") == []


def test_a_webhook_s_message_has_no_author_to_tell(api):
    hook = api.ok("POST", "/channels/{c}/webhooks", {"name": "hook"})
    sent = api.ok("POST", f"/webhooks/{hook['id']}/{hook['token']}?wait=true", {"content": "x"})
    _, told = api.told("PUT", f"/channels/{{c}}/messages/{sent['id']}/reactions/{FIRE}/@me")
    assert "message_author_id" not in told[0][1]
