"""One channel: changing it, its permission overwrites, its end, typing in it, following it."""

import pytest

from discord_sim.rules.permissions import Permission as P
from discord_sim.world.voice import join_voice


def names(told):
    return [name for name, _ in told]


def audit(told):
    return [body for name, body in told if name == "GUILD_AUDIT_LOG_ENTRY_CREATE"]


def make(api, kind=0, **fields):
    return api.ok("POST", "/guilds/{g}/channels", {"name": "made", "type": kind, **fields})


def other_bot(api):
    """The id of the second bot, and what a session of its own is told; it has no permissions but to look."""
    bot_id = list(api.fake.world.bots)[1]
    token = next(t for t, owner in api.fake.tokens.items() if owner == bot_id)
    api.guild.roles[api.guild.bots[bot_id]]["permissions"] = "0"
    api.guild.roles[api.guild.id]["permissions"] = str(int(P.VIEW_CHANNEL))
    return bot_id, api.connect(token)


def test_a_change_is_told_logged_and_read_back(api):
    changes = {"topic": "cats", "nsfw": True, "position": 3, "rate_limit_per_user": 5}
    body, told = api.told("PATCH", "/channels/{c}", changes, reason="tidy")
    assert changes.items() <= body.items()
    assert names(told) == ["CHANNEL_UPDATE", "GUILD_AUDIT_LOG_ENTRY_CREATE"]
    assert told[0][1] == body == api.ok("GET", "/channels/{c}")
    assert (told[1][1]["action_type"], told[1][1]["reason"]) == (11, "tidy")
    assert {c["key"] for c in told[1][1]["changes"]} == changes.keys()
    assert api.ok("PATCH", "/channels/{c}", {"topic": None})["topic"] is None
    assert api.told("PATCH", "/channels/{c}", {"nsfw": True, "position": 3})[1] == [], "no change, no event"


@pytest.mark.parametrize(("body", "field"), [
    ({"name": ""}, "name"), ({"name": " "}, "name"), ({"name": "x" * 101}, "name"), ({"topic": "x" * 1025}, "topic"),
    ({"type": 2}, "type"), ({"type": 5}, "type"), ({"rate_limit_per_user": 21601}, "rate_limit_per_user"),
    ({"position": -1}, "position"), ({"parent_id": "1"}, "parent_id"),
])  # fmt: skip
def test_a_change_that_is_refused_names_its_field(api, body, field):
    before = api.ok("GET", "/channels/{c}")
    status, answer = api("PATCH", "/channels/{c}", body)
    assert (status, answer["code"], list(answer["errors"])) == (400, 50035, [field])
    assert api.ok("GET", "/channels/{c}") == before


def test_text_and_announcements_turn_into_each_other_where_there_is_news(api):
    api.guild.doc["features"] = ["NEWS"]
    assert api.ok("PATCH", "/channels/{c}", {"type": 5})["type"] == 5
    assert api.ok("PATCH", "/channels/{c}", {"type": 0})["type"] == 0


def test_a_forum_has_longer_topics_tags_and_flags(api):
    path = f"/channels/{make(api, 15)['id']}"
    changes = {
        "topic": "x" * 4096, "flags": 1 << 4 | 1 << 1, "default_reaction_emoji": {"emoji_name": "🔥"},
        "available_tags": [{"name": "bug", "moderated": True}, {"name": "idea"}],
    }  # fmt: skip
    body = api.ok("PATCH", path, changes)
    assert body["flags"] == 1 << 4, "a channel cannot be pinned"
    assert [(t["name"], t["moderated"]) for t in body["available_tags"]] == [("bug", True), ("idea", False)]
    assert body["default_reaction_emoji"] == {"emoji_id": None, "emoji_name": "🔥"}
    assert api.ok("PATCH", "/channels/{c}", {"flags": 1 << 4})["flags"] == 0


def test_a_change_needs_permission(api):
    api.strip_permissions(P.VIEW_CHANNEL)
    assert api.error("PATCH", "/channels/{c}", {"nsfw": True}) == (403, 50013)
    api.strip_permissions(P.VIEW_CHANNEL | P.MANAGE_CHANNELS)
    api.ok("PATCH", "/channels/{c}", {"nsfw": True})
    assert api.error("PATCH", "/channels/{c}", {"permission_overwrites": []}) == (403, 50013)
    api.strip_permissions(0)
    assert api.error("PATCH", "/channels/{c}", {"nsfw": False}) == (403, 50001)


def test_a_direct_channel_cannot_be_changed_but_closed(api):
    channel = api.ok("POST", "/users/@me/channels", {"recipient_id": api.names["m1"]})
    path = f"/channels/{channel['id']}"
    assert api.ok("GET", path) == channel
    assert api.error("PATCH", path, {"name": "us"}) == (400, 50003)
    assert api.told("DELETE", path) == (channel, [])


# -- overwrites ----------------------------------------------------------------------------------------------


def test_an_overwrite_is_made_changed_and_taken_away(api):
    path = "/channels/{c}/permissions/{r}"
    _, told = api.told("PUT", path, {"type": 0, "allow": "1024"}, reason="let them in")
    assert names(told) == ["CHANNEL_UPDATE", "GUILD_AUDIT_LOG_ENTRY_CREATE"]
    made = {"id": str(api.names["r"]), "type": 0, "allow": "1024", "deny": "0"}
    assert told[0][1]["permission_overwrites"] == [made]
    entry, role = told[1][1], api.guild.roles[api.names["r"]]
    assert (entry["action_type"], entry["target_id"], entry["reason"]) == (13, str(api.names["c"]), "let them in")
    assert entry["options"] == {"id": made["id"], "type": "0", "role_name": role["name"]}
    assert api.told("PUT", path, {"type": 0, "allow": "1024"})[1] == [], "no change, no event"
    entry = audit(api.told("PUT", path, {"type": 0, "deny": "1024"})[1])[0]
    assert entry["action_type"] == 14
    assert {c["key"]: (c["old_value"], c["new_value"]) for c in entry["changes"]} == {
        "allow": ("1024", "0"), "deny": ("0", "1024"),
    }  # fmt: skip
    _, told = api.told("DELETE", path)
    assert (told[0][1]["permission_overwrites"], audit(told)[0]["action_type"]) == ([], 15)
    assert api.error("DELETE", path) == (404, 10009)


def test_a_list_of_overwrites_is_logged_one_by_one(api):
    api.ok("PUT", "/channels/{c}/permissions/{r}", {"type": 0, "allow": "1024"})
    api.ok("PUT", "/channels/{c}/permissions/{m1}", {"type": 1, "allow": "1024"})
    wanted = [{"id": api.names["r"], "type": 0, "deny": 1024}, {"id": api.names["m2"], "type": 1, "allow": 1024}]
    body, told = api.told("PATCH", "/channels/{c}", {"permission_overwrites": wanted})
    assert [o["id"] for o in body["permission_overwrites"]] == [str(o["id"]) for o in wanted]
    assert [(e["action_type"], e["options"]["id"]) for e in audit(told)] == [
        (14, str(api.names["r"])), (15, str(api.names["m1"])), (13, str(api.names["m2"])),
    ]  # fmt: skip


def test_an_overwrite_is_for_a_role_or_a_user_and_never_in_a_thread(api):
    assert api.error("PUT", "/channels/{c}/permissions/1", {"type": 0}) == (404, 10011)
    assert api.error("PUT", "/channels/{c}/permissions/1", {"type": 1}) == (404, 10013)
    thread = api.ok("POST", "/channels/{c}/threads", {"name": "t", "type": 11})
    assert api.error("PUT", f"/channels/{thread['id']}/permissions/{{r}}", {"type": 0}) == (400, 50024)
    assert api.error("DELETE", f"/channels/{thread['id']}/permissions/{{r}}") == (400, 50024)


def test_a_channel_has_room_for_1000_overwrites(api):
    listed = [{"id": str(n), "type": 1, "allow": "0", "deny": "0"} for n in range(1000)]
    api.guild.channels[api.names["c"]]["permission_overwrites"] = listed
    assert api.error("PUT", "/channels/{c}/permissions/{r}", {"type": 0, "allow": "1"}) == (400, 30060)


def test_who_loses_sight_of_a_channel_hears_of_it_once_and_who_gains_it_gets_the_threads(api):
    thread = api.ok("POST", "/channels/{c}/threads", {"name": "open", "type": 11})
    api.ok("POST", "/channels/{c}/threads", {"name": "secret", "type": 12})
    _, seen = other_bot(api)
    del seen[:]
    hide = {"type": 0, "deny": str(int(P.VIEW_CHANNEL))}
    api.ok("PUT", "/channels/{c}/permissions/{g}", hide)
    assert names(seen) == ["CHANNEL_UPDATE"]
    api.ok("PATCH", "/channels/{c}", {"nsfw": True})
    assert names(seen) == ["CHANNEL_UPDATE"]
    api.ok("DELETE", "/channels/{c}/permissions/{g}")
    assert names(seen) == ["CHANNEL_UPDATE", "CHANNEL_UPDATE", "THREAD_LIST_SYNC"]
    sync = seen[-1][1]
    assert sync["channel_ids"] == [str(api.names["c"])]
    assert [t["id"] for t in sync["threads"]] == [thread["id"]], "without the private thread it is not in"
    assert sync["members"] == []


# -- deleting ------------------------------------------------------------------------------------------------


def test_a_channel_goes_with_all_that_lives_in_it(api):
    channel = make(api, 2)
    path, channel_id = f"/channels/{channel['id']}", int(channel["id"])
    message = api.ok("POST", f"{path}/messages", {"content": "x"})
    hook = api.ok("POST", f"{path}/webhooks", {"name": "hook"})
    invite = api.ok("POST", f"{path}/invites", {})
    api.guild.doc["afk_channel_id"] = channel["id"]
    api.fake.emit(join_voice(api.fake.world, api.guild, api.names["m1"], channel, api.fake.clock.epoch_ms))
    api.ok("GET", path)  # until then that is told
    _, told = api.told("DELETE", path, reason="gone")
    assert set(names(told)) >= {"CHANNEL_DELETE", "VOICE_STATE_UPDATE", "GUILD_UPDATE"}
    assert next(b for n, b in told if n == "VOICE_STATE_UPDATE")["channel_id"] is None
    assert next(b for n, b in told if n == "GUILD_UPDATE")["afk_channel_id"] is None
    assert [(e["action_type"], e["reason"]) for e in audit(told)] == [(12, "gone")]
    assert api.error("GET", f"{path}/messages/{message['id']}") == (404, 10003)
    assert api.error("GET", f"/webhooks/{hook['id']}") == (404, 10015)
    assert api.error("GET", f"/invites/{invite['code']}") == (404, 10006)
    assert api.fake.world.message(channel_id, int(message["id"])) is None


def test_a_stage_ends_with_its_channel(api):
    channel = make(api, 13)
    api.ok("POST", "/stage-instances", {"channel_id": channel["id"], "topic": "talk"})
    _, told = api.told("DELETE", f"/channels/{channel['id']}")
    assert "STAGE_INSTANCE_DELETE" in names(told)
    assert api.error("GET", f"/stage-instances/{channel['id']}") in ((404, 10067), (404, 10003))


def test_a_community_keeps_its_channels_of_rules_and_updates(api):
    for field in ("rules_channel_id", "public_updates_channel_id"):
        api.guild.doc[field] = str(api.names["c"])
        assert api.error("DELETE", "/channels/{c}") == (400, 50074)
        api.guild.doc[field] = None
    api.strip_permissions(P.VIEW_CHANNEL)
    assert api.error("DELETE", "/channels/{c}") == (403, 50013)


# -- typing, following ---------------------------------------------------------------------------------------


def test_typing_is_told_in_seconds(api):
    _, told = api.told("POST", "/channels/{c}/typing")
    assert names(told) == ["TYPING_START"]
    body = told[0][1]
    assert (body["channel_id"], body["user_id"]) == (str(api.names["c"]), str(api.names["me"]))
    assert abs(body["timestamp"] - api.fake.clock.epoch_ms // 1000) <= 1
    assert body["member"]["user"]["id"] == body["user_id"]
    api.strip_permissions(P.VIEW_CHANNEL)
    assert api.error("POST", "/channels/{c}/typing") == (403, 50013)


def test_an_announcement_channel_is_followed_into_another_guild(api):
    api.guild.doc["features"] = ["NEWS"]
    source = make(api, 5)
    target = next(iter(api.fake.world.guild_at(1).channels))
    body, told = api.told("POST", f"/channels/{source['id']}/followers", {"webhook_channel_id": target})
    assert body["channel_id"] == source["id"]
    assert names(told) == ["WEBHOOKS_UPDATE", "MESSAGE_CREATE", "GUILD_AUDIT_LOG_ENTRY_CREATE"]
    notice = told[1][1]
    assert (notice["type"], notice["channel_id"]) == (12, str(target))
    assert notice["message_reference"] == {"type": 0, "channel_id": source["id"], "guild_id": str(api.guild.id)}
    hook = api.ok("GET", f"/webhooks/{body['webhook_id']}")
    assert (hook["type"], hook["source_channel"]["id"], hook["channel_id"]) == (2, source["id"], str(target))


def test_only_announcement_channels_are_followed_and_only_into_channels_of_text(api):
    api.guild.doc["features"] = ["NEWS"]
    source, voice = make(api, 5), make(api, 2)
    direct = api.ok("POST", "/users/@me/channels", {"recipient_id": api.names["m1"]})
    path = f"/channels/{source['id']}/followers"
    assert api.error("POST", "/channels/{c}/followers", {"webhook_channel_id": api.names["c"]}) == (400, 50024)
    assert api.error("POST", path, {"webhook_channel_id": voice["id"]}) == (400, 50024)
    assert api.error("POST", path, {"webhook_channel_id": direct["id"]}) == (400, 50003)
    assert api.error("POST", path, {"webhook_channel_id": 1}) == (404, 10003)
    api.strip_permissions(P.VIEW_CHANNEL)
    assert api.error("POST", path, {"webhook_channel_id": api.names["c"]}) == (403, 50013)
