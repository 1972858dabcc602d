"""The life of a message: posted, read, answered, forwarded, edited, crossposted, deleted."""

from dataclasses import replace

import pytest

from discord_sim.rules.permissions import Permission as P
from discord_sim.wire import Intent
from discord_sim.world import changes

MESSAGES = "/channels/{c}/messages"


def names(told):
    return [name for name, _ in told]


def post(api, content="hello", path=MESSAGES, **fields):
    return api.ok("POST", path, {"content": content, **fields})


def said(api, content="theirs", *, who="m1", channel_id=None, ago_s=0, **fields):
    """A message of a member."""
    place, now_ms = channel_id or api.names["c"], api.fake.clock.epoch_ms - ago_s * 1000
    return changes.say(api.fake.world, place, api.names[who], content, now_ms, **fields)[0]


def say_as(api, who, content, **data):
    """(status, code) of a member's own attempt to post."""
    params = {"channel_id": api.names["c"]}
    answer = api.fake.act(api.names[who], "create_message", {"content": content, **data}, **params)
    return answer.status, answer.body.get("code")


def errors(api, *call, **options):
    """The tree of a form error."""
    status, body = api(*call, **options)
    assert (status, body["code"]) == (400, 50035), body
    return body["errors"]


def switch_content_off(api):
    """The portal's switch for message content."""
    allowed = api.fake.settings.allowed_intents & ~(1 << Intent.MESSAGE_CONTENT)
    api.fake.settings = replace(api.fake.settings, allowed_intents=allowed)


# -- posting -------------------------------------------------------------------------------------------------


def test_a_message_is_answered_and_told_the_same(api):
    body, told = api.told("POST", MESSAGES, {"content": "  hello <@!1> \n"})
    assert body["content"] == "hello <@!1>", "blanks around it are cut"
    assert (body["author"]["id"], body["type"], body["flags"]) == (str(api.names["me"]), 0, 0)
    assert names(told) == ["MESSAGE_CREATE"]
    event = told[0][1]
    assert body.items() <= event.items()
    assert (event["guild_id"], event["channel_type"]) == (str(api.guild.id), 0)
    assert "user" not in event["member"]
    assert api.ok("GET", f"{MESSAGES}/{body['id']}") == body
    assert api.ok("GET", "/channels/{c}")["last_message_id"] == body["id"]


def test_a_direct_message_belongs_to_no_guild(api):
    channel = api.ok("POST", "/users/@me/channels", {"recipient_id": api.names["m1"]})
    _, told = api.told("POST", f"/channels/{channel['id']}/messages", {"content": "psst"})
    assert names(told) == ["MESSAGE_CREATE"]
    assert not {"guild_id", "member"} & told[0][1].keys()
    assert told[0][1]["channel_type"] == 1
    stranger = api.fake.act(api.names["m2"], "list_messages", channel_id=channel["id"])
    assert (stranger.status, stranger.body["code"]) == (403, 50001)


@pytest.mark.parametrize("body", [{}, {"content": ""}, {"content": " \n"}, {"content": None, "embeds": []}])
def test_an_empty_message_is_refused(api, body):
    assert api.error("POST", MESSAGES, body) == (400, 50006)


def test_a_text_has_at_most_2000_characters(api):
    assert len(post(api, "🔥" * 2000)["content"]) == 2000
    assert errors(api, "POST", MESSAGES, {"content": "x" * 2001})["content"]["_errors"][0] == {
        "code": "BASE_TYPE_MAX_LENGTH", "message": "Must be 2000 or fewer in length.",
    }  # fmt: skip


@pytest.mark.parametrize(("kind", "code"), [(4, 50008), (15, 40058)])
def test_categories_and_forums_hold_no_messages(api, kind, code):
    channel = api.ok("POST", "/guilds/{g}/channels", {"name": "x", "type": kind})
    path = f"/channels/{channel['id']}/messages"
    assert api.error("POST", path, {"content": "x"}) == (400, code)
    assert api.error("GET", path) == (400, 50008)


@pytest.mark.parametrize(("body", "bit"), [
    ({"content": "x"}, P.SEND_MESSAGES), ({"content": "x", "tts": True}, P.SEND_TTS_MESSAGES),
    ({"embeds": [{"title": "x"}]}, P.EMBED_LINKS),
    ({"poll": {"question": {"text": "?"}, "answers": [{"poll_media": {"text": "a"}}]}}, P.SEND_POLLS),
])  # fmt: skip
def test_each_part_needs_its_permission(api, body, bit):
    rest = P.VIEW_CHANNEL | P.SEND_MESSAGES | P.SEND_TTS_MESSAGES | P.EMBED_LINKS | P.SEND_POLLS
    api.strip_permissions(rest & ~bit)
    assert api.error("POST", MESSAGES, body) == (403, 50013)
    api.strip_permissions(rest)
    api.ok("POST", MESSAGES, body)


def test_flags_that_a_client_cannot_set_are_ignored(api):
    assert post(api, flags=0xFFFF & ~(1 << 15 | 1 << 13))["flags"] == 1 << 2 | 1 << 12


# -- nonce: acceptance row 24 --------------------------------------------------------------------------------


@pytest.mark.parametrize("nonce", [12, "12", "x" * 25])
def test_row_24_a_nonce_comes_back_as_it_was_and_enforced_makes_no_second_message(api, nonce):
    first, told = api.told("POST", MESSAGES, {"content": "one", "nonce": nonce, "enforce_nonce": True})
    assert first["nonce"] == told[0][1]["nonce"] == nonce
    again, told = api.told("POST", MESSAGES, {"content": "two", "nonce": nonce, "enforce_nonce": True})
    assert (again, told) == (first, [])
    assert post(api, nonce=nonce)["id"] != first["id"], "unless it is not enforced"
    api.fake.advance(181)
    assert post(api, nonce=nonce, enforce_nonce=True)["id"] != first["id"]


def test_a_nonce_is_short_and_its_author_s(api):
    assert list(errors(api, "POST", MESSAGES, {"content": "x", "nonce": "x" * 26})) == ["nonce"]
    said(api, nonce="mine")
    assert post(api, "other", nonce="mine", enforce_nonce=True)["content"] == "other"


# -- slowmode ------------------------------------------------------------------------------------------------


def test_slowmode_slows_people_down_but_no_bots(api):
    api.ok("PATCH", "/channels/{c}", {"rate_limit_per_user": 10})
    post(api)
    post(api)
    api.guild.roles[api.guild.id]["permissions"] = str(int(P.VIEW_CHANNEL | P.SEND_MESSAGES))
    assert say_as(api, "m1", "one") == (200, None)
    answer = api.fake.act(api.names["m1"], "create_message", {"content": "two"}, channel_id=api.names["c"])
    assert (answer.status, answer.body["code"], answer.scope) == (429, 20016, "shared")
    assert 0 < answer.body["retry_after"] <= 10
    assert say_as(api, "m2", "somebody else") == (200, None)
    api.fake.advance(10)
    assert say_as(api, "m1", "three") == (200, None)
    api.guild.roles[api.guild.id]["permissions"] = str(int(P.VIEW_CHANNEL | P.SEND_MESSAGES | P.BYPASS_SLOWMODE))
    assert say_as(api, "m1", "four") == (200, None)


def test_a_message_that_was_refused_does_not_count(api):
    api.ok("PATCH", "/channels/{c}", {"rate_limit_per_user": 10})
    api.guild.roles[api.guild.id]["permissions"] = str(int(P.VIEW_CHANNEL | P.SEND_MESSAGES))
    assert say_as(api, "m1", "") == (400, 50006)
    assert say_as(api, "m1", "one") == (200, None)


# -- reading -------------------------------------------------------------------------------------------------


def test_messages_page_in_all_directions_newest_first(api):
    ids = [str(said(api, str(n)).id) for n in range(7)]

    def page(query):
        return [ids.index(m["id"]) for m in api.ok("GET", f"{MESSAGES}?{query}")]

    assert page("") == [6, 5, 4, 3, 2, 1, 0]
    assert page("limit=2") == [6, 5]
    assert page(f"before={ids[3]}&limit=2") == [2, 1]
    assert page(f"after={ids[3]}&limit=2") == [5, 4]
    assert page(f"around={ids[3]}&limit=3") == [4, 3, 2]
    assert page(f"around={ids[3]}&limit=1") == [3]
    assert page(f"around={ids[6]}&limit=3") == [6, 5, 4]
    assert page(f"around={ids[0]}&limit=3") == [1, 0]
    assert api.error("GET", f"{MESSAGES}?limit=101") == (400, 50035)


def test_without_the_history_there_are_no_messages(api):
    message = said(api)
    api.strip_permissions(P.VIEW_CHANNEL)
    assert api.ok("GET", MESSAGES) == []
    assert api.error("GET", f"{MESSAGES}/{message.id}") == (403, 50013)
    voice = api.fake.act(api.guild.owner_id, "create_guild_channel", {"name": "v", "type": 2}, guild_id=api.guild.id)
    path = f"/channels/{voice.body['id']}/messages"
    assert api.error("GET", path) == (403, 50001), "a voice channel is for who may connect"
    api.strip_permissions(P.VIEW_CHANNEL | P.CONNECT)
    assert api.ok("GET", path) == []


def test_the_portal_s_switch_hides_what_others_write_in_guilds(api):
    me = api.names["me"]
    theirs = said(api, "secret", embeds=[{"type": "rich", "title": "t"}])
    to_me, mine = said(api, f"<@{me}> hi"), post(api, "mine")
    answer = post(api, "reply", message_reference={"message_id": theirs.id})
    switch_content_off(api)
    stripped = api.ok("GET", f"{MESSAGES}/{theirs.id}")
    assert (stripped["content"], stripped["embeds"], stripped["author"]["id"]) == ("", [], str(api.names["m1"]))
    assert api.ok("GET", f"{MESSAGES}/{to_me.id}")["content"] == f"<@{me}> hi"
    assert api.ok("GET", f"{MESSAGES}/{mine['id']}")["content"] == "mine"
    reply = api.ok("GET", f"{MESSAGES}/{answer['id']}")
    assert (reply["content"], reply["referenced_message"]["content"]) == ("reply", ""), "each is judged by itself"
    direct = int(api.ok("POST", "/users/@me/channels", {"recipient_id": api.names["m1"]})["id"])
    said(api, "private", channel_id=direct)
    assert api.ok("GET", f"/channels/{direct}/messages")[0]["content"] == "private"


# -- editing -------------------------------------------------------------------------------------------------


def test_an_edit_replaces_what_it_names_and_rebuilds_the_mentions(api):
    first = post(api, f"<@{api.names['m1']}>", embeds=[{"title": "kept"}])
    path = f"{MESSAGES}/{first['id']}"
    body, told = api.told("PATCH", path, {"content": f"<@{api.names['m2']}>"})
    assert [u["id"] for u in body["mentions"]] == [str(api.names["m2"])]
    assert (body["embeds"], first["edited_timestamp"]) == (first["embeds"], None)
    assert body["edited_timestamp"] is not None
    assert names(told) == ["MESSAGE_UPDATE"]
    assert told[0][1]["content"] == body["content"]
    assert api.error("PATCH", path, {"content": "", "embeds": []}) == (400, 50006)
    assert api.ok("GET", path) == body


def test_others_messages_can_only_have_their_embeds_hidden(api):
    theirs = said(api, embeds=[{"type": "rich", "title": "t"}])
    path = f"{MESSAGES}/{theirs.id}"
    assert api.error("PATCH", path, {"content": "mine now"}) == (403, 50005)
    body, told = api.told("PATCH", path, {"flags": 1 << 2})
    assert (body["flags"], body["embeds"], body["edited_timestamp"]) == (1 << 2, [], None)
    assert names(told) == ["MESSAGE_UPDATE"]
    assert api.told("PATCH", path, {"flags": 1 << 2})[1] == [], "no change, no event"
    assert [e["title"] for e in api.ok("PATCH", path, {"flags": 0})["embeds"]] == ["t"], "and shown again"
    api.strip_permissions(P.VIEW_CHANNEL | P.SEND_MESSAGES)
    assert api.error("PATCH", path, {"flags": 1 << 2}) == (403, 50013)


def test_a_notice_cannot_be_edited(api):
    message = post(api)
    api.ok("PUT", f"/channels/{{c}}/messages/pins/{message['id']}")
    notice = api.ok("GET", MESSAGES)[0]
    assert notice["type"] == 6
    assert api.error("PATCH", f"{MESSAGES}/{notice['id']}", {"content": "x"}) == (403, 50021)


def test_old_messages_are_edited_three_times_in_six_seconds(api):
    old = said(api, who="me", ago_s=3_700)
    path = f"{MESSAGES}/{old.id}"
    for n in range(3):
        api.ok("PATCH", path, {"content": str(n)})
    status, body = api("PATCH", path, {"content": "once more"})
    assert (status, body["code"]) == (429, 30046)
    api.ok("PATCH", f"{MESSAGES}/{post(api)['id']}", {"content": "a young one"})
    api.fake.advance(6)
    api.ok("PATCH", path, {"content": "later"})


# -- deleting ------------------------------------------------------------------------------------------------


def test_own_messages_go_without_a_trace_in_the_audit_log(api):
    message = post(api)
    api.strip_permissions(P.VIEW_CHANNEL)
    _, told = api.told("DELETE", f"{MESSAGES}/{message['id']}")
    where = {"channel_id": str(api.names["c"]), "guild_id": str(api.guild.id)}
    assert told == [("MESSAGE_DELETE", {"id": message["id"], **where})]
    assert api.error("DELETE", f"{MESSAGES}/{message['id']}") == (404, 10008)
    assert api.error("DELETE", f"{MESSAGES}/{said(api).id}") == (403, 50013)


def test_deletions_of_one_author_s_messages_count_together(api):
    _, told = api.told("DELETE", f"{MESSAGES}/{said(api).id}", reason="rude")
    assert names(told) == ["MESSAGE_DELETE", "GUILD_AUDIT_LOG_ENTRY_CREATE"]
    entry = told[1][1]
    assert (entry["action_type"], entry["target_id"], entry["reason"]) == (72, str(api.names["m1"]), "rude")
    assert entry["options"] == {"channel_id": str(api.names["c"]), "count": "1"}
    _, told = api.told("DELETE", f"{MESSAGES}/{said(api).id}", reason="rude")
    assert names(told) == ["MESSAGE_DELETE"]
    assert [(e["id"], e["options"]["count"]) for e in api.guild.audit] == [(entry["id"], "2")]
    for other in ({"reason": "other"}, {}):
        _, told = api.told("DELETE", f"{MESSAGES}/{said(api).id}", **other)
        assert names(told) == ["MESSAGE_DELETE", "GUILD_AUDIT_LOG_ENTRY_CREATE"]
    api.fake.advance(301)
    _, told = api.told("DELETE", f"{MESSAGES}/{said(api).id}", reason="rude")
    assert told[1][1]["options"]["count"] == "1"


def test_some_notices_cannot_be_deleted_and_others_not_in_direct_channels(api):
    assert api.error("DELETE", f"{MESSAGES}/{said(api, type=3).id}") == (403, 50021)
    direct = int(api.ok("POST", "/users/@me/channels", {"recipient_id": api.names["m1"]})["id"])
    assert api.error("DELETE", f"/channels/{direct}/messages/{said(api, channel_id=direct).id}") == (403, 50003)


def test_a_bulk_delete_is_one_event(api):
    ids = [str(said(api, str(n)).id) for n in range(3)]
    unknown = str(int(ids[0]) + 1000)
    path = f"{MESSAGES}/bulk-delete"
    _, told = api.told("POST", path, {"messages": [*ids[:2], unknown]}, reason="spam")
    assert names(told) == ["MESSAGE_DELETE_BULK", "GUILD_AUDIT_LOG_ENTRY_CREATE"]
    assert told[0][1] == {"ids": ids[:2], "channel_id": str(api.names["c"]), "guild_id": str(api.guild.id)}
    entry = told[1][1]
    assert (entry["action_type"], entry["target_id"], entry["reason"]) == (73, str(api.names["c"]), "spam")
    assert entry["options"]["count"] == "2"
    assert [m["id"] for m in api.ok("GET", MESSAGES)] == ids[2:]
    assert api.told("POST", path, {"messages": ids[:2]})[1] == [], "nothing found, nothing told"


def test_what_a_bulk_delete_refuses(api):
    path = f"{MESSAGES}/bulk-delete"
    young, old = said(api), said(api, ago_s=15 * 86_400)
    assert api.error("POST", path, {"messages": [young.id]}) == (400, 50016)
    assert api.error("POST", path, {"messages": list(range(young.id, young.id + 101))}) == (400, 50016)
    assert api.error("POST", path, {"messages": [young.id, old.id]}) == (400, 50034)
    tree = errors(api, "POST", path, {"messages": [young.id, str(young.id)]})
    assert tree["messages"]["_errors"][0]["code"] == "SET_TYPE_ALREADY_CONTAINS_VALUE"
    assert len(api.ok("GET", MESSAGES)) == 2, "all or nothing"
    direct = api.ok("POST", "/users/@me/channels", {"recipient_id": api.names["m1"]})
    assert api.error("POST", f"/channels/{direct['id']}/messages/bulk-delete", {"messages": ["1", "2"]}) == (400, 50003)
    api.strip_permissions(P.VIEW_CHANNEL)
    assert api.error("POST", path, {"messages": [young.id, old.id]}) == (403, 50013)


# -- crossposting --------------------------------------------------------------------------------------------


def test_a_crosspost_reaches_every_follower_once(api):
    api.guild.doc["features"] = ["NEWS"]
    source = api.ok("POST", "/guilds/{g}/channels", {"name": "news", "type": 5})
    api.ok("POST", f"/channels/{source['id']}/followers", {"webhook_channel_id": api.names["c"]})
    path = f"/channels/{source['id']}/messages"
    message = post(api, "extra, extra", path)
    body, told = api.told("POST", f"{path}/{message['id']}/crosspost")
    assert body["flags"] == 1
    assert names(told) == ["MESSAGE_UPDATE", "MESSAGE_CREATE"]
    copy = told[1][1]
    assert (copy["content"], copy["flags"], copy["channel_id"]) == ("extra, extra", 2, str(api.names["c"]))
    assert copy["author"]["id"] == copy["webhook_id"]
    assert copy["message_reference"] == {
        "type": 0, "channel_id": source["id"], "message_id": message["id"], "guild_id": str(api.guild.id),
    }  # fmt: skip
    assert api.error("POST", f"{path}/{message['id']}/crosspost") == (400, 40033)


def test_what_cannot_be_crossposted(api):
    assert api.error("POST", f"{MESSAGES}/{post(api)['id']}/crosspost") == (400, 50024)
    api.guild.doc["features"] = ["NEWS"]
    source = api.ok("POST", "/guilds/{g}/channels", {"name": "news", "type": 5})
    place = int(source["id"])
    theirs = said(api, channel_id=place)
    api.strip_permissions(P.VIEW_CHANNEL | P.SEND_MESSAGES)
    assert api.error("POST", f"/channels/{place}/messages/{theirs.id}/crosspost") == (403, 50013)


def test_ten_messages_are_crossposted_in_an_hour(api):
    api.guild.doc["features"] = ["NEWS"]
    source = api.ok("POST", "/guilds/{g}/channels", {"name": "news", "type": 5})
    path = f"/channels/{source['id']}/messages"
    answers = [api("POST", f"{path}/{post(api, str(n), path)['id']}/crosspost") for n in range(11)]
    assert [status for status, _ in answers] == [200] * 10 + [429]
    assert answers[-1][1]["code"] == 20022
