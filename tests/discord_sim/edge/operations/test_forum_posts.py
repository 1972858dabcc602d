"""Posts in forums: threads with a first message, tags and pins."""

from discord_sim.rules.permissions import Permission as P

MAY_LOOK = P.VIEW_CHANNEL | P.READ_MESSAGE_HISTORY


def names(told):
    return [name for name, _ in told]


def start(api, name="thread", kind=11, **fields):
    """The path of a thread."""
    return f"/channels/{api.ok('POST', '/channels/{c}/threads', {'name': name, 'type': kind, **fields})['id']}"


def forum(api, **fields):
    return api.ok("POST", "/guilds/{g}/channels", {"name": "forum", "type": 15, **fields})


def post(api, place, **fields):
    body = {"name": "post", "message": {"content": "first"}, **fields}
    return api.ok("POST", f"/channels/{place['id']}/threads", body)


def test_a_post_in_a_forum_is_a_thread_with_its_first_message(api):
    place = forum(api)
    body, told = api.told("POST", f"/channels/{place['id']}/threads", {
        "name": "help", "message": {"content": "how?", "embeds": [{"title": "t"}]},
    })  # fmt: skip
    assert (body["type"], body["message"]["id"], body["message"]["channel_id"]) == (11, body["id"], body["id"])
    assert (body["message"]["content"], body["message_count"], body["last_message_id"]) == ("how?", 0, body["id"])
    assert names(told) == ["THREAD_CREATE", "THREAD_MEMBERS_UPDATE", "MESSAGE_CREATE", "GUILD_AUDIT_LOG_ENTRY_CREATE"]
    assert told[2][1]["id"] == body["id"]
    assert api.ok("GET", f"/channels/{place['id']}")["last_message_id"] == body["id"]
    assert api.ok("GET", f"/channels/{body['id']}/messages/{body['id']}")["content"] == "how?"


def test_tags_of_a_post_exist_and_some_are_the_moderators(api):
    place = forum(api, available_tags=[{"name": "bug"}, {"name": "done", "moderated": True}])
    bug, done = (t["id"] for t in place["available_tags"])
    thread = post(api, place, applied_tags=[bug])
    assert thread["applied_tags"] == [bug]
    path = f"/channels/{place['id']}/threads"
    body = {"name": "t", "message": {"content": "x"}}
    assert api.error("POST", path, {**body, "applied_tags": ["1"]}) == (404, 10087)
    assert api.error("POST", path, {**body, "applied_tags": [bug] * 6}) == (400, 50035)
    api.ok("PATCH", f"/channels/{thread['id']}", {"applied_tags": [bug, done]})
    api.strip_permissions(MAY_LOOK | P.SEND_MESSAGES)
    assert api.error("POST", path, {**body, "applied_tags": [done]}) == (403, 50013)
    assert api.error("PATCH", f"/channels/{thread['id']}", {"applied_tags": [bug]}) == (403, 50013)
    assert api.ok("PATCH", f"/channels/{thread['id']}", {"applied_tags": [done]})["applied_tags"] == [done]


def test_a_forum_may_require_a_tag_and_always_requires_a_message(api):
    place = forum(api, available_tags=[{"name": "bug"}])
    thread = post(api, place)
    api.ok("PATCH", f"/channels/{place['id']}", {"flags": 1 << 4})
    path = f"/channels/{place['id']}/threads"
    assert api.error("POST", path, {"name": "t", "message": {"content": "x"}}) == (400, 40067)
    assert api.error("PATCH", f"/channels/{thread['id']}", {"applied_tags": []}) == (400, 40067)
    tags = [place["available_tags"][0]["id"]]
    assert api.error("POST", path, {"name": "t", "message": {}, "applied_tags": tags}) == (400, 50006)
    status, answer = api("POST", path, {"name": "t"})
    assert (status, list(answer["errors"])) == (400, ["message"])
    api.strip_permissions(MAY_LOOK | P.CREATE_PUBLIC_THREADS)
    assert api.error("POST", path, {"name": "t", "message": {"content": "x"}, "applied_tags": tags}) == (403, 50013)


def test_one_post_of_a_forum_is_pinned_until_it_is_archived(api):
    place = forum(api)
    first, second = (f"/channels/{post(api, place)['id']}" for _ in range(2))
    assert api.ok("PATCH", first, {"flags": 1 << 1})["flags"] == 1 << 1
    assert api.error("PATCH", second, {"flags": 1 << 1}) == (400, 30047)
    assert api.ok("PATCH", first, {"archived": True})["flags"] == 0
    api.ok("PATCH", second, {"flags": 1 << 1})
    assert api.ok("PATCH", start(api), {"flags": 1 << 1})["flags"] == 0, "only in forums"
