"""Lobbies: a bot's rule over them, users who come with a secret, the linked channel, messages."""

import asyncio

import pytest

from discord_sim.rules.permissions import Permission as P

SOCIAL = "sdk.social_layer"


def names(told):
    return [name for name, _ in told]


def player(api, who="m1"):
    return api.bearer(api.names[who], SOCIAL)


def ids(lobby):
    return [m["id"] for m in lobby["members"]]


def pass_by(api, seconds):
    api.run(lambda: asyncio.sleep(seconds))


@pytest.fixture
def lobby(api):
    """A lobby of the bot with m1, who may link it, and m2 in it."""
    members = [{"id": api.names["m1"], "flags": 1}, {"id": api.names["m2"]}]
    return api.ok("POST", "/lobbies", {"members": members, "metadata": {"map": "dust"}})


def test_a_lobby_from_birth_to_death(api, lobby):
    assert lobby["application_id"] == str(api.names["me"])
    assert lobby["metadata"] == {"map": "dust"}
    assert [(m["id"], m["flags"], m["metadata"]) for m in lobby["members"]] == [
        (str(api.names["m1"]), 1, None), (str(api.names["m2"]), 0, None),
    ]  # fmt: skip
    path = f"/lobbies/{lobby['id']}"
    assert api.ok("GET", path) == lobby
    assert api("DELETE", path) == (204, None)
    assert api.error("GET", path) == (404, 10031)
    assert api("DELETE", path) == (204, None), "deleting is safe to repeat"


def test_editing_replaces_metadata_and_members(api, lobby):
    path = f"/lobbies/{lobby['id']}"
    member = {"id": api.names["m2"], "metadata": {"team": "red"}}
    edited = api.ok("PATCH", path, {"metadata": None, "flags": 1, "members": [member]})
    assert (edited["metadata"], edited["flags"], ids(edited)) == (None, 1, [str(api.names["m2"])])
    assert edited["members"][0]["metadata"] == {"team": "red"}
    hooked = api.ok("PATCH", path, {"override_event_webhooks_url": "https://game.example/hook"})
    assert hooked == {**edited, "override_event_webhooks_url": "https://game.example/hook"}, "the rest stays"


def test_lobbies_belong_to_their_application(api, lobby):
    path = f"/lobbies/{lobby['id']}"
    other = "Bot " + next(t for t, bot in api.fake.tokens.items() if bot != api.names["me"])
    assert api.error("GET", path, token=other) == (404, 10031)
    assert api("DELETE", path, token=other) == (204, None)
    assert api.ok("GET", path) == lobby
    stranger = "Bearer " + api.fake.bearer(api.names["m1"], SOCIAL, application_id=list(api.fake.world.bots)[1])
    assert api.error("GET", f"{path}/messages", token=stranger) == (404, 10031)


@pytest.mark.parametrize("body", [
    {"metadata": {"a": "x" * 600, "b": "x" * 600}}, {"idle_timeout_seconds": 4}, {"flags": 2},
    {"metadata": {str(n): "x" for n in range(26)}},
])  # fmt: skip
def test_a_lobby_that_cannot_be_made(api, body):
    assert api.error("POST", "/lobbies", body) == (400, 50035)
    assert not api.fake.world.bins.get("lobbies")


def test_too_much_metadata_of_a_member_is_named(api, lobby):
    members = [{"id": api.names["m1"]}, {"id": api.names["m2"], "metadata": {"a": "x" * 1000}}]
    place = {"1": {"metadata": {"_errors": [
        {"code": "BASE_TYPE_MAX_LENGTH", "message": "Must be 1000 or fewer in length."},
    ]}}}  # fmt: skip
    assert api("POST", "/lobbies", {"members": members})[1]["errors"] == {"members": place}
    assert api("PATCH", f"/lobbies/{lobby['id']}", {"members": members})[1]["errors"] == {"members": place}
    assert api("POST", f"/lobbies/{lobby['id']}/members/bulk", members)[1]["errors"] == place
    assert api.ok("GET", f"/lobbies/{lobby['id']}") == lobby


def test_an_empty_lobby_goes_when_it_was_idle_for_too_long(api):
    lobby = api.ok("POST", "/lobbies", {"idle_timeout_seconds": 5})
    kept = api.ok("POST", "/lobbies", {"idle_timeout_seconds": 5, "members": [{"id": api.names["m1"]}]})
    pass_by(api, 5)
    assert api.error("GET", f"/lobbies/{lobby['id']}") == (404, 10031)
    api.ok("DELETE", f"/lobbies/{kept['id']}/members/{{m1}}")
    api.ok("GET", f"/lobbies/{kept['id']}")
    pass_by(api, 5)
    assert api.error("GET", f"/lobbies/{kept['id']}") == (404, 10031)


# -- members -------------------------------------------------------------------------------------------------


def test_a_member_is_put_in_changed_and_taken_out(api, lobby):
    path = f"/lobbies/{lobby['id']}/members/{{m3}}"
    made = api.ok("PUT", path, {"metadata": {"team": "red"}, "additional_name": "Sir"})
    assert made == {"id": str(api.names["m3"]), "metadata": {"team": "red"}, "flags": 0, "additional_name": "Sir"}
    assert api.ok("PUT", path, {"flags": 1, "additional_name": None}) == {
        "id": str(api.names["m3"]), "metadata": {"team": "red"}, "flags": 1,
    }  # fmt: skip
    assert api("DELETE", path) == (204, None)
    assert api("DELETE", path) == (204, None), "removing is safe to repeat"
    assert ids(api.ok("GET", f"/lobbies/{lobby['id']}")) == ids(lobby)
    assert api.error("PUT", f"/lobbies/{lobby['id']}/members/123456789012345678", {}) == (404, 10013)
    assert api.error("DELETE", "/lobbies/1/members/{m3}") == (404, 10031)


def test_members_change_in_bulk(api, lobby):
    path = f"/lobbies/{lobby['id']}/members/bulk"
    items = [
        {"id": api.names["m1"], "remove_member": True}, {"id": api.names["m3"]},
        {"id": api.names["m2"], "metadata": {"team": "red"}},
    ]  # fmt: skip
    assert [m["id"] for m in api.ok("POST", path, items)] == [str(api.names["m3"]), str(api.names["m2"])]
    assert ids(api.ok("GET", f"/lobbies/{lobby['id']}")) == [str(api.names["m2"]), str(api.names["m3"])]
    unknown = [{"id": api.names["m3"], "remove_member": True}, {"id": "123456789012345678"}]
    assert api.error("POST", path, unknown) == (404, 10013)
    assert len(api.ok("GET", f"/lobbies/{lobby['id']}")["members"]) == 2, "nothing was changed"
    assert api.error("POST", path, []) == (400, 50035)


def test_a_user_is_in_100_lobbies_of_an_application_at_most(api, lobby):
    kept = api.fake.world.bins["lobbies"]
    member = {"id": str(api.names["m3"]), "metadata": None, "flags": 0}
    for n in range(100):
        kept[n] = {**kept[int(lobby["id"])], "id": str(n), "members": {api.names["m3"]: member}}
    item = {"id": api.names["m3"]}
    assert api.error("PUT", f"/lobbies/{lobby['id']}/members/{{m3}}", {}) == (400, 50035)
    assert api.error("POST", "/lobbies", {"members": [item]}) == (400, 50035)
    assert api.ok("POST", f"/lobbies/{lobby['id']}/members/bulk", [item]) == [], "dropped without a word"
    assert api.ok("PUT", "/lobbies/5/members/{m3}", {"flags": 1})["flags"] == 1, "who is in already may change"


def test_a_lobby_holds_1000_members(api, lobby):
    members = api.fake.world.bins["lobbies"][int(lobby["id"])]["members"]
    members.update({n: {"id": str(n), "metadata": None, "flags": 0} for n in range(998)})
    assert api.error("PUT", f"/lobbies/{lobby['id']}/members/{{m3}}", {}) == (400, 50035)


# -- secrets -------------------------------------------------------------------------------------------------


def test_a_secret_makes_a_lobby_or_finds_it(api):
    first = api.ok("PUT", "/lobbies", {"secret": "s", "lobby_metadata": {"map": "dust"}}, token=player(api))
    body = {"secret": "s", "member_metadata": {"team": "red"}}
    second = api.ok("PUT", "/lobbies", body, token=player(api, "m2"))
    assert (first["id"], ids(first)) == (second["id"], [str(api.names["m1"])])
    assert ids(second) == [str(api.names["m1"]), str(api.names["m2"])]
    assert second["metadata"] == {"map": "dust"}, "what is not given stays"
    assert second["members"][1]["metadata"] == {"team": "red"}
    assert "secret" not in second
    third = api.ok("PUT", "/lobbies", {"secret": "s", "lobby_metadata": None}, token=player(api))
    assert (third["metadata"], len(third["members"])) == (None, 2)
    assert api.ok("PUT", "/lobbies", {"secret": "other"}, token=player(api))["id"] != first["id"]


def test_after_30_days_a_secret_finds_its_lobby_no_more(api):
    lobby = api.ok("PUT", "/lobbies", {"secret": "s"}, token=player(api))
    kept = api.fake.world.bins["lobbies"]
    old = str(int(lobby["id"]) - (30 * 86_400_000 << 22))
    kept[int(old)] = {**kept.pop(int(lobby["id"])), "id": old}
    assert api.ok("PUT", "/lobbies", {"secret": "s"}, token=player(api))["id"] == old, "who is in stays"
    newer = api.ok("PUT", "/lobbies", {"secret": "s"}, token=player(api, "m2"))["id"]
    assert newer != old
    assert api.ok("PUT", "/lobbies", {"secret": "s"}, token=player(api, "m3"))["id"] == newer


def test_a_user_needs_the_scope_and_leaves_only_where_they_came_in_themselves(api, lobby):
    assert api.error("PUT", "/lobbies", {"secret": "s"}, token=api.bearer(api.names["m1"])) == (403, 50026)
    assert api.error("DELETE", f"/lobbies/{lobby['id']}/members/@me", token=player(api)) == (403, 50001)
    own = api.ok("PUT", "/lobbies", {"secret": "s"}, token=player(api))
    assert api("DELETE", f"/lobbies/{own['id']}/members/@me", token=player(api)) == (204, None)
    assert api("DELETE", f"/lobbies/{own['id']}/members/@me", token=player(api)) == (204, None)
    assert ids(api.ok("GET", f"/lobbies/{own['id']}")) == []
    assert api.error("DELETE", "/lobbies/1/members/@me", token=player(api)) == (404, 10031)


# -- the linked channel --------------------------------------------------------------------------------------


def test_the_owner_of_a_guild_links_a_channel_and_unlinks_it(api, lobby):
    path = f"/lobbies/{lobby['id']}/channel-linking"
    api.ok("PUT", f"/lobbies/{lobby['id']}/members/{{owner}}", {"flags": 1})
    linked = api.ok("PATCH", path, {"channel_id": api.names["c"]}, token=player(api, "owner"))
    assert linked["linked_channel"] == api.ok("GET", "/channels/{c}")
    other = api.ok("POST", "/lobbies", {})
    assert api.error("PATCH", f"/lobbies/{other['id']}/channel-linking", {"channel_id": api.names["c"]}) == (400, 50035)
    assert "linked_channel" not in api.ok("PATCH", path, {}, token=player(api))
    assert "linked_channel" not in api.ok("GET", f"/lobbies/{lobby['id']}")


def test_who_may_link_what(api, lobby):
    path = f"/lobbies/{lobby['id']}/channel-linking"
    body = {"channel_id": api.names["c"]}
    assert api.error("PATCH", path, body, token=player(api, "m2")) == (403, 50013), "without the flag"
    assert api.error("PATCH", path, body, token=player(api, "m3")) == (403, 50001), "not in the lobby"
    assert api.error("PATCH", path, body, token=player(api)) == (403, 50013), "who does not manage the channel"
    assert api.error("PATCH", path, {"channel_id": "123456789012345678"}) == (404, 10003)
    voice = api.ok("POST", "/guilds/{g}/channels", {"name": "v", "type": 2})["id"]
    assert api.error("PATCH", path, {"channel_id": voice}) == (400, 50024)
    direct = api.ok("POST", "/users/@me/channels", {"recipient_id": api.names["m1"]})["id"]
    assert api.error("PATCH", path, {"channel_id": direct}) == (400, 50003)
    secret = api.ok("PUT", "/lobbies", {"secret": "s"})
    assert api.error("PATCH", f"/lobbies/{secret['id']}/channel-linking", body) == (400, 50035)
    api.ok("PATCH", "/channels/{c}", {"nsfw": True})
    assert api.error("PATCH", path, body) == (400, 50035)


def test_members_are_invited_to_the_guild_of_the_linked_channel(api, lobby):
    path = f"/lobbies/{lobby['id']}/members"
    assert api.error("POST", f"{path}/@me/invites", token=player(api)) == (404, 10003), "no channel is linked"
    api.ok("PATCH", f"/lobbies/{lobby['id']}/channel-linking", {"channel_id": api.names["c"]})
    body, told = api.told("POST", f"{path}/@me/invites", token=player(api))
    assert names(told) == ["INVITE_CREATE", "GUILD_AUDIT_LOG_ENTRY_CREATE"]
    assert (told[0][1]["max_age"], told[0][1]["max_uses"], told[0][1]["code"]) == (3600, 1, body["code"])
    assert told[0][1]["inviter"]["id"] == str(api.names["m1"])
    code = api.ok("POST", f"{path}/{{m2}}/invites")["code"]
    assert api.ok("GET", f"/invites/{code}")["channel"]["id"] == str(api.names["c"])
    assert api.ok("GET", f"/invites/{code}/target-users").split() == [b"user_id", str(api.names["m2"]).encode()]
    assert api.error("POST", f"{path}/123456789012345678/invites") == (404, 10013)


# -- messages ------------------------------------------------------------------------------------------------


def test_members_talk_and_read_back(api, lobby):
    path = f"/lobbies/{lobby['id']}/messages"
    api.ok("PUT", f"/lobbies/{lobby['id']}/members/{{m1}}", {"additional_name": "Sir"})
    first, told = api.told("POST", path, {"content": " hello ", "flags": 1 << 12 | 1}, token=player(api))
    assert told == [], "a bot hears nothing of lobbies"
    assert (first["content"], first["flags"], first["lobby_member"]) == ("hello", 1 << 12, {"additional_name": "Sir"})
    assert first["lobby_id"] == first["channel_id"] == lobby["id"]
    second = api.ok("POST", path, {"content": "hi"}, token=player(api, "m2"))
    assert "lobby_member" not in second
    assert api.ok("GET", path, token=player(api)) == [second, first]
    assert api.ok("GET", f"{path}?limit=1") == [second]
    assert api.error("GET", f"{path}?limit=201") == (400, 50035)
    assert api.error("POST", path, {"content": " "}, token=player(api)) == (400, 50006)
    assert api.error("POST", path, {"content": "psst"}, token=player(api, "m3")) == (403, 50001)


def test_history_ends_after_72_hours_and_200_messages(api, lobby):
    path = f"/lobbies/{lobby['id']}/messages"
    old = api.ok("POST", path, {"content": "old"})
    kept = api.fake.world.bins["lobbies"][int(lobby["id"])]["messages"]
    kept[0] = {**old, "id": str(int(old["id"]) - (73 * 3_600_000 << 22))}
    assert api.ok("GET", path) == []
    kept += [{**old, "content": str(n)} for n in range(200)]
    api.ok("POST", path, {"content": "last"})
    assert [len(api.ok("GET", f"{path}?limit=200")), kept[0]["content"]] == [200, "1"]


def test_what_is_said_in_a_lobby_is_posted_to_the_linked_channel(api, lobby):
    api.ok("PATCH", f"/lobbies/{lobby['id']}/channel-linking", {"channel_id": api.names["c"]})
    path = f"/lobbies/{lobby['id']}/messages"
    message, told = api.told("POST", path, {"content": "hello @everyone"}, token=player(api))
    assert names(told) == ["MESSAGE_CREATE"]
    posted = told[0][1]
    assert (posted["content"], posted["author"]["id"]) == ("hello @everyone", str(api.names["m1"]))
    assert (posted["application_id"], posted["mention_everyone"]) == (str(api.names["me"]), False)
    assert posted["id"] != message["id"]
    long, told = api.told("POST", path, {"content": "x" * 2001}, token=player(api))
    assert (len(long["content"]), told) == (2001, []), "too long for the channel, not for the lobby"


def test_a_message_that_auto_moderation_blocks_stays_in_the_lobby(api, lobby):
    rule = {
        "name": "no", "event_type": 1, "trigger_type": 1, "enabled": True, "actions": [{"type": 1}],
        "trigger_metadata": {"keyword_filter": ["bad"]},
    }  # fmt: skip
    api.ok("POST", "/guilds/{g}/auto-moderation/rules", rule)
    api.ok("PATCH", f"/lobbies/{lobby['id']}/channel-linking", {"channel_id": api.names["c"]})
    path = f"/lobbies/{lobby['id']}/messages"
    _, told = api.told("POST", path, {"content": "bad"}, token=player(api))
    assert "MESSAGE_CREATE" not in names(told)
    assert "AUTO_MODERATION_ACTION_EXECUTION" in names(told)
    assert [m["content"] for m in api.ok("GET", path)] == ["bad"]


def test_a_bot_notes_what_is_to_become_of_a_message(api, lobby):
    path = f"/lobbies/{lobby['id']}/messages"
    message = api.ok("POST", path, {"content": "rude"}, token=player(api))
    note = f"{path}/{message['id']}/moderation-metadata"
    assert api("PUT", note, {"action": "hide"}) == (204, None)
    assert api.ok("GET", path) == [{**message, "moderation_metadata": {"action": "hide"}}]
    assert api.error("PUT", note, {"k" * 1025: "x"}) == (400, 50035)
    assert api.error("PUT", note, {"action": "x" * 2001}) == (400, 50035)
    assert api.error("PUT", f"{path}/1/moderation-metadata", {}) == (404, 10008)
    assert api.error("PUT", note, {}, token=player(api)) == (403, 20002)


def test_without_view_channel_a_bot_cannot_link(api, lobby):
    api.strip_permissions(P.MANAGE_CHANNELS | P.SEND_MESSAGES)
    path = f"/lobbies/{lobby['id']}/channel-linking"
    assert api.error("PATCH", path, {"channel_id": api.names["c"]}) == (403, 50001)
    api.strip_permissions(P.MANAGE_CHANNELS | P.VIEW_CHANNEL)
    assert api.error("PATCH", path, {"channel_id": api.names["c"]}) == (403, 50013)
