"""Threads: how they start, who is in them, how they are archived, locked, listed and searched."""

from dataclasses import replace

import pytest

from discord_sim.rules.permissions import Permission as P
from discord_sim.wire import Intent
from discord_sim.world import changes

THREADS = "/channels/{c}/threads"
MAY_LOOK = P.VIEW_CHANNEL | P.READ_MESSAGE_HISTORY


def names(told):
    return [name for name, _ in told]


def audit(told):
    return [body for name, body in told if name == "GUILD_AUDIT_LOG_ENTRY_CREATE"]


def start(api, name="thread", kind=11, **fields):
    """The path of a thread."""
    return f"/channels/{api.ok('POST', THREADS, {'name': name, 'type': kind, **fields})['id']}"


def thread_of(api, path):
    return api.guild.channels[int(path.rpartition("/")[2])]


def other_bot(api):
    """The second bot, and what it is told; it may look, but manages nothing."""
    bot_id = list(api.fake.world.bots)[1]
    api.guild.roles[api.guild.bots[bot_id]]["permissions"] = "0"
    api.guild.roles[api.guild.id]["permissions"] = str(int(MAY_LOOK | P.SEND_MESSAGES_IN_THREADS))
    return bot_id, api.connect(next(t for t, owner in api.fake.tokens.items() if owner == bot_id))


# -- starting ------------------------------------------------------------------------------------------------


def test_a_thread_starts_from_a_message_and_has_its_id(api):
    message = api.ok("POST", "/channels/{c}/messages", {"content": "topic"})
    path = f"/channels/{{c}}/messages/{message['id']}/threads"
    body, told = api.told("POST", path, {"name": "about it", "auto_archive_duration": 60}, reason="split")
    assert (body["id"], body["type"], body["owner_id"]) == (message["id"], 11, str(api.names["me"]))
    assert (body["name"], body["parent_id"]) == ("about it", str(api.names["c"]))
    assert body["thread_metadata"]["auto_archive_duration"] == 60
    assert body["member"]["user_id"] == str(api.names["me"])
    assert (body["message_count"], body["member_count"]) == (0, 1)
    assert names(told) == [
        "THREAD_CREATE", "THREAD_MEMBERS_UPDATE", "MESSAGE_UPDATE", "MESSAGE_CREATE", "GUILD_AUDIT_LOG_ENTRY_CREATE",
    ]  # fmt: skip
    created, joined, update, starter, entry = (b for _, b in told)
    assert (created["id"], created["newly_created"]) == (body["id"], True)
    assert [m["user_id"] for m in joined["added_members"]] == [str(api.names["me"])]
    assert (update["flags"] & 1 << 5, update["thread"]["id"]) == (1 << 5, body["id"])
    assert (starter["type"], starter["channel_id"]) == (21, body["id"])
    assert starter["referenced_message"]["content"] == "topic"
    assert (entry["action_type"], entry["target_id"], entry["reason"]) == (110, body["id"], "split")
    assert api.ok("GET", f"/channels/{{c}}/messages/{message['id']}")["thread"]["member"] == body["member"]
    assert api.ok("GET", f"/channels/{body['id']}")["member"] == body["member"]
    assert api.error("POST", path, {"name": "again"}) == (400, 160004)


@pytest.mark.parametrize(("kind", "given"), [(11, 11), (12, 12), (12, None)])
def test_a_thread_starts_without_a_message(api, kind, given):
    body, told = api.told("POST", THREADS, {"name": "free", **({} if given is None else {"type": given})})
    assert body["type"] == kind
    notice = [b for n, b in told if n == "MESSAGE_CREATE"]
    if kind == 12:
        assert (body["thread_metadata"]["invitable"], notice) == (True, []), "nobody hears of a private thread"
    else:
        assert [(b["type"], b["content"], b["message_reference"]["channel_id"]) for b in notice] == [
            (18, "free", body["id"]),
        ]  # fmt: skip


def test_an_announcement_channel_has_threads_of_its_own_kind(api):
    api.guild.doc["features"] = ["NEWS"]
    news = api.ok("POST", "/guilds/{g}/channels", {"name": "news", "type": 5})
    path = f"/channels/{news['id']}"
    message = api.ok("POST", f"{path}/messages", {"content": "x"})
    assert api.ok("POST", f"{path}/messages/{message['id']}/threads", {"name": "t"})["type"] == 10
    assert api.ok("POST", f"{path}/threads", {"name": "t"})["type"] == 10
    assert api.error("POST", f"{path}/threads", {"name": "t", "type": 12}) == (400, 50024)


@pytest.mark.parametrize("kind", [2, 4, 13])
def test_other_channels_have_none(api, kind):
    channel = api.ok("POST", "/guilds/{g}/channels", {"name": "x", "type": kind})
    assert api.error("POST", f"/channels/{channel['id']}/threads", {"name": "t"}) == (400, 50024)
    inner = start(api)
    assert api.error("POST", f"{inner}/threads", {"name": "t"}) == (400, 50024)
    assert api.error("POST", THREADS, {"name": "t", "type": 10}) == (400, 50024)


@pytest.mark.parametrize("body", [{}, {"name": ""}, {"name": "x" * 101}, {"name": "x", "auto_archive_duration": 61}])
def test_a_thread_that_cannot_be_read(api, body):
    assert api.error("POST", THREADS, body) == (400, 50035)


def test_starting_needs_permission_by_kind(api):
    message = api.ok("POST", "/channels/{c}/messages", {"content": "x"})
    for bit, kind in ((P.CREATE_PUBLIC_THREADS, 11), (P.CREATE_PRIVATE_THREADS, 12)):
        api.strip_permissions(MAY_LOOK)
        assert api.error("POST", THREADS, {"name": "t", "type": kind}) == (403, 50013)
        api.strip_permissions(MAY_LOOK | bit)
        api.ok("POST", THREADS, {"name": "t", "type": kind})
    assert api.error("POST", f"/channels/{{c}}/messages/{message['id']}/threads", {"name": "t"}) == (403, 50013)


def test_a_guild_has_1000_active_threads(api):
    path = start(api)
    for n in range(999):
        api.guild.channels[n] = {**thread_of(api, path), "id": str(n)}
    assert api.error("POST", THREADS, {"name": "one more"}) == (400, 160006)
    api.ok("PATCH", path, {"archived": True})
    api.ok("POST", THREADS, {"name": "in its place"})


def test_slowmode_holds_for_starting_threads_too(api):
    api.ok("PATCH", "/channels/{c}", {"rate_limit_per_user": 10})
    api.guild.roles[api.guild.id]["permissions"] = str(int(MAY_LOOK | P.CREATE_PUBLIC_THREADS))
    where = {"channel_id": api.names["c"]}
    answers = [api.fake.act(api.names["m1"], "create_thread", {"name": "t", "type": 11}, **where) for _ in range(2)]
    assert [a.status for a in answers] == [201, 429]
    assert answers[1].body["code"] == 20016


def test_a_thread_takes_its_slowmode_from_its_channel_unless_told_otherwise(api):
    api.ok("PATCH", "/channels/{c}", {"default_thread_rate_limit_per_user": 7})
    assert api.ok("GET", start(api))["rate_limit_per_user"] == 7
    assert api.ok("GET", start(api, rate_limit_per_user=3))["rate_limit_per_user"] == 3


# -- changing ------------------------------------------------------------------------------------------------


def test_a_renamed_thread_says_so(api):
    path = start(api)
    body, told = api.told("PATCH", path, {"name": "better"}, reason="clear")
    assert body["name"] == "better"
    assert names(told) == ["THREAD_UPDATE", "MESSAGE_CREATE", "GUILD_AUDIT_LOG_ENTRY_CREATE"]
    assert (told[1][1]["type"], told[1][1]["content"]) == (4, "better")
    assert (told[2][1]["action_type"], told[2][1]["reason"]) == (111, "clear")
    assert api.told("PATCH", path, {"auto_archive_duration": 4320})[1] == [], "no change, no event"
    assert api.error("PATCH", path, {"name": ""}) == (400, 50035)


def test_a_thread_is_archived_and_woken(api):
    path = start(api)
    before = api.ok("GET", path)["thread_metadata"]["archive_timestamp"]
    body, told = api.told("PATCH", path, {"archived": True})
    assert names(told) == ["THREAD_UPDATE", "GUILD_AUDIT_LOG_ENTRY_CREATE"]
    assert body["thread_metadata"]["archive_timestamp"] > before
    for change in ({"name": "late"}, {"archived": True, "name": "late"}):
        assert api.error("PATCH", path, change) == (400, 50083)
    _, told = api.told("PATCH", path, {"archived": False, "auto_archive_duration": 60})
    assert names(told) == ["THREAD_UPDATE", "THREAD_MEMBER_UPDATE", "GUILD_AUDIT_LOG_ENTRY_CREATE"]
    assert told[1][1]["user_id"] == str(api.names["me"])
    assert told[1][1]["guild_id"] == str(api.guild.id)


def test_only_posting_and_deleting_is_possible_in_the_archive(api):
    path = start(api)
    message = api.ok("POST", f"{path}/messages", {"content": "x"})
    api.ok("PATCH", path, {"archived": True})
    where = f"{path}/messages/{message['id']}"
    assert api.error("PATCH", where, {"content": "y"}) == (400, 50083)
    assert api.error("PUT", f"{path}/messages/pins/{message['id']}") == (400, 50083)
    assert api.error("PUT", f"{path}/thread-members/{{m1}}") == (400, 50083)
    assert api.error("DELETE", f"{path}/thread-members/@me") == (400, 50083)
    assert names(api.told("DELETE", where)[1]) == ["MESSAGE_DELETE"]
    _, told = api.told("POST", f"{path}/messages", {"content": "awake"})
    assert names(told) == ["THREAD_UPDATE", "THREAD_MEMBER_UPDATE", "MESSAGE_CREATE"]
    assert api.ok("GET", path)["thread_metadata"]["archived"] is False


def test_a_locked_thread_is_the_moderators(api):
    path = start(api)
    api.ok("PATCH", path, {"locked": True, "archived": True})
    api.strip_permissions(MAY_LOOK | P.SEND_MESSAGES_IN_THREADS)
    assert api.error("PATCH", path, {"archived": False}) == (403, 50013), "not even its creator"
    assert api.error("POST", f"{path}/messages", {"content": "x"}) == (400, 160005)
    api.strip_permissions(MAY_LOOK | P.SEND_MESSAGES_IN_THREADS | P.MANAGE_THREADS)
    api.ok("POST", f"{path}/messages", {"content": "x"})
    assert api.ok("GET", path)["thread_metadata"].items() >= {"archived": False, "locked": True}.items()


def test_who_may_change_what(api):
    mine, theirs = start(api), start(api)
    thread_of(api, theirs)["owner_id"] = str(api.names["m1"])
    api.strip_permissions(MAY_LOOK | P.SEND_MESSAGES_IN_THREADS)
    for change in ({"name": "n"}, {"auto_archive_duration": 60}, {"archived": True}):
        assert api.error("PATCH", theirs, change) == (403, 50013)
        api.ok("PATCH", mine, change)
    api.ok("PATCH", mine, {"archived": False})
    for change in ({"locked": True}, {"rate_limit_per_user": 5}, {"flags": 0}):
        assert api.error("PATCH", mine, change) == (403, 50013)
    thread_of(api, theirs)["thread_metadata"]["archived"] = True
    api.ok("PATCH", theirs, {"archived": False})
    assert api.error("DELETE", mine) == (403, 50013)


def test_a_thread_is_deleted_with_its_messages_and_its_mark(api):
    message = api.ok("POST", "/channels/{c}/messages", {"content": "x"})
    thread = api.ok("POST", f"/channels/{{c}}/messages/{message['id']}/threads", {"name": "t"})
    gone, told = api.told("DELETE", f"/channels/{thread['id']}", reason="done")
    assert gone["id"] == thread["id"]
    assert told[0] == ("THREAD_DELETE", {k: thread[k] for k in ("id", "guild_id", "parent_id", "type")})
    assert (audit(told)[0]["action_type"], audit(told)[0]["reason"]) == (112, "done")
    assert api.error("GET", f"/channels/{thread['id']}") == (404, 10003)
    again = api.ok("GET", f"/channels/{{c}}/messages/{message['id']}")
    assert (again["flags"], "thread" in again) == (0, False)


def test_counters_move_without_events(api):
    path = start(api)
    ids = [api.ok("POST", f"{path}/messages", {"content": str(n)})["id"] for n in range(3)]
    _, told = api.told("DELETE", f"{path}/messages/{ids[0]}")
    assert names(told) == ["MESSAGE_DELETE"]
    api.ok("POST", f"{path}/messages/bulk-delete", {"messages": ids[:2]})
    body = api.ok("GET", path)
    assert (body["message_count"], body["total_message_sent"], body["last_message_id"]) == (1, 3, ids[2])


# -- members -------------------------------------------------------------------------------------------------


def test_somebody_is_added_and_removed(api):
    path = start(api)
    _, told = api.told("PUT", f"{path}/thread-members/{{m1}}")
    assert names(told) == ["THREAD_MEMBERS_UPDATE", "MESSAGE_CREATE"]
    update, notice = told[0][1], told[1][1]
    added = update["added_members"][0]
    assert (update["member_count"], added["user_id"], added["presence"]) == (2, str(api.names["m1"]), None)
    assert added["member"]["user"]["id"] == str(api.names["m1"])
    assert (notice["type"], [u["id"] for u in notice["mentions"]]) == (1, [str(api.names["m1"])])
    assert api.told("PUT", f"{path}/thread-members/{{m1}}")[1] == [], "who is in it stays in it"
    _, told = api.told("DELETE", f"{path}/thread-members/{{m1}}")
    assert names(told) == ["THREAD_MEMBERS_UPDATE", "MESSAGE_CREATE"]
    assert told[0][1]["removed_member_ids"] == [str(api.names["m1"])]
    assert (told[0][1]["member_count"], told[1][1]["type"]) == (1, 2)
    assert api.error("DELETE", f"{path}/thread-members/{{m1}}") == (404, 10007)


def test_the_bot_leaves_and_joins(api):
    path = start(api)
    _, told = api.told("DELETE", f"{path}/thread-members/@me")
    assert names(told) == ["THREAD_MEMBERS_UPDATE"]
    assert "member" not in api.ok("GET", path)
    _, told = api.told("PUT", f"{path}/thread-members/@me")
    assert names(told) == ["THREAD_CREATE", "THREAD_MEMBERS_UPDATE"]
    assert told[0][1]["member"]["user_id"] == str(api.names["me"])
    assert "newly_created" not in told[0][1]


def test_members_are_listed_all_or_in_pages(api):
    path = start(api)
    for who in ("m2", "m1"):
        api.ok("PUT", f"{path}/thread-members/{{{who}}}")
    listed = api.ok("GET", f"{path}/thread-members")
    assert len(listed) == 3
    assert all("member" not in m for m in listed)
    ids = sorted((m["user_id"] for m in listed), key=int)
    page = api.ok("GET", f"{path}/thread-members?with_member=true&limit=2")
    assert [m["user_id"] for m in page] == ids[:2]
    assert page[0]["member"]["user"]["id"] == ids[0]
    rest = api.ok("GET", f"{path}/thread-members?with_member=true&after={ids[1]}")
    assert [m["user_id"] for m in rest] == ids[2:]
    one = api.ok("GET", f"{path}/thread-members/{{m1}}?with_member=true")
    assert one["member"]["user"]["id"] == one["user_id"] == str(api.names["m1"])
    assert "member" not in api.ok("GET", f"{path}/thread-members/@me")
    assert api.error("GET", f"{path}/thread-members/{{m3}}") == (404, 10007)
    allowed = api.fake.settings.allowed_intents & ~(1 << Intent.GUILD_MEMBERS)
    api.fake.settings = replace(api.fake.settings, allowed_intents=allowed)
    assert api.error("GET", f"{path}/thread-members") == (403, 50001)


def test_only_threads_have_members(api):
    for method, path in (("GET", ""), ("GET", "/{m1}"), ("PUT", "/@me"), ("PUT", "/{m1}"), ("DELETE", "/@me")):
        assert api.error(method, f"/channels/{{c}}/thread-members{path}") == (400, 50024)


def test_a_thread_has_1000_members_of_whom_50_are_counted(api):
    path = start(api)
    inside = api.guild.thread_members[int(path.rpartition("/")[2])]
    inside.update({n: {"id": "1", "user_id": str(n)} for n in range(998)})
    api.ok("PUT", f"{path}/thread-members/{{m1}}")
    assert api.ok("GET", path)["member_count"] == 50
    assert api.error("PUT", f"{path}/thread-members/{{m2}}") == (400, 30033)


def test_adding_and_removing_need_permission(api):
    path, private = start(api), start(api, kind=12, invitable=False)
    for place in (path, private):
        thread_of(api, place)["owner_id"] = str(api.names["m1"])
    api.strip_permissions(MAY_LOOK | P.SEND_MESSAGES)
    assert api.error("PUT", f"{path}/thread-members/{{m2}}") == (403, 50013)
    api.strip_permissions(MAY_LOOK | P.SEND_MESSAGES_IN_THREADS)
    api.ok("PUT", f"{path}/thread-members/{{m2}}")
    assert api.error("DELETE", f"{path}/thread-members/{{m2}}") == (403, 50013)
    assert api.error("PUT", f"{private}/thread-members/{{m2}}") == (403, 50013), "not invitable"
    thread_of(api, private)["owner_id"] = str(api.names["me"])
    api.ok("PUT", f"{private}/thread-members/{{m2}}")
    api.ok("DELETE", f"{private}/thread-members/{{m2}}")


def test_a_member_who_leaves_the_guild_leaves_its_threads(api):
    path = start(api)
    api.ok("PUT", f"{path}/thread-members/{{m1}}")
    api.fake.emit(changes.remove_member(api.fake.world, api.guild, api.names["m1"]))
    assert len(api.ok("GET", f"{path}/thread-members")) == 1


def test_without_the_members_intent_a_bot_hears_of_itself_only(api):
    seen = api.connect(api.fake.settings.token, intents=1 << Intent.GUILDS)
    path = start(api)
    api.ok("PUT", f"{path}/thread-members/{{m1}}")
    api.ok("DELETE", f"{path}/thread-members/@me")
    told = [b for n, b in seen if n == "THREAD_MEMBERS_UPDATE"]
    assert ["added_members" in b for b in told] == [True, False]
    assert told[1]["removed_member_ids"] == [str(api.names["me"])]


# -- private threads -----------------------------------------------------------------------------------------


def test_a_private_thread_is_seen_by_its_members_only(api):
    bot_id, seen = other_bot(api)
    del seen[:]
    path = start(api, "secret", 12)
    message = api.ok("POST", f"{path}/messages", {"content": "psst"})
    api.ok("PATCH", path, {"name": "very secret"})
    assert seen == []
    answer = api.fake.act(bot_id, "get_message", channel_id=path.rpartition("/")[2], message_id=message["id"])
    assert (answer.status, answer.body["code"]) == (403, 50001)
    api.ok("PUT", f"{path}/thread-members/{bot_id}")
    assert names(seen) == ["THREAD_CREATE", "THREAD_MEMBERS_UPDATE", "MESSAGE_CREATE"]
    assert (seen[0][1]["name"], seen[0][1]["member"]["user_id"]) == ("very secret", str(bot_id))
    del seen[:]
    api.ok("DELETE", f"{path}/thread-members/{bot_id}")
    assert names(seen) == ["THREAD_MEMBERS_UPDATE"]
    api.ok("PUT", f"{path}/thread-members/{bot_id}")
    del seen[:]
    api.ok("DELETE", path)
    assert names(seen) == ["THREAD_DELETE"]


def test_who_moderates_sees_every_thread(api):
    path = start(api, kind=12)
    api.ok("DELETE", f"{path}/thread-members/@me")
    api.strip_permissions(MAY_LOOK | P.MANAGE_THREADS)
    api.ok("GET", path)
    api.strip_permissions(MAY_LOOK)
    assert api.error("GET", path) == (403, 50001)
