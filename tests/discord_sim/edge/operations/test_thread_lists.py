"""Lists of threads: active, archived, searched for."""

from discord_sim.rules.permissions import Permission as P

MAY_LOOK = P.VIEW_CHANNEL | P.READ_MESSAGE_HISTORY


def start(api, name="thread", kind=11, **fields):
    """The path of a thread."""
    return f"/channels/{api.ok('POST', '/channels/{c}/threads', {'name': name, 'type': kind, **fields})['id']}"


def forum(api, **fields):
    return api.ok("POST", "/guilds/{g}/channels", {"name": "forum", "type": 15, **fields})


def post(api, place, **fields):
    body = {"name": "post", "message": {"content": "first"}, **fields}
    return api.ok("POST", f"/channels/{place['id']}/threads", body)


def ids_of(body):
    return [t["id"] for t in body["threads"]]


def archive(api, *paths):
    for path in paths:
        api.ok("PATCH", path, {"archived": True})
    return [path.rpartition("/")[2] for path in paths]


def test_active_threads_are_those_of_all_channels_that_can_be_seen(api):
    first, second, private = start(api), start(api), start(api, kind=12)
    api.ok("DELETE", f"{second}/thread-members/@me")
    api.ok("DELETE", f"{private}/thread-members/@me")
    archive(api, start(api))
    body = api.ok("GET", "/guilds/{g}/threads/active")
    assert ids_of(body) == [p.rpartition("/")[2] for p in (private, second, first)]
    assert [m["id"] for m in body["members"]] == [first.rpartition("/")[2]]
    api.strip_permissions(MAY_LOOK)
    assert ids_of(api.ok("GET", "/guilds/{g}/threads/active")) == [p.rpartition("/")[2] for p in (second, first)]


def test_archived_threads_page_by_the_time_of_their_archive(api):
    paths = [start(api, str(n)) for n in range(3)]
    ids = archive(api, paths[1], paths[0], paths[2])
    url = "/channels/{c}/threads/archived/public"
    assert ids_of(api.ok("GET", url)) == ids[::-1]
    body = api.ok("GET", f"{url}?limit=2")
    assert (ids_of(body), body["has_more"], len(body["members"])) == (ids[:0:-1], True, 2)
    before = body["threads"][-1]["thread_metadata"]["archive_timestamp"].replace("+", "%2B")
    body = api.ok("GET", f"{url}?limit=2&before={before}")
    assert (ids_of(body), body["has_more"]) == (ids[:1], False)
    assert api.error("GET", f"{url}?limit=1") == (400, 50035)
    api.strip_permissions(P.VIEW_CHANNEL)
    assert api.error("GET", url) == (403, 50013)


def test_private_archives_are_for_moderators_and_for_members(api):
    ids = archive(api, start(api, kind=12), start(api, kind=12), start(api, kind=12))
    archive(api, start(api))
    assert ids_of(api.ok("GET", "/channels/{c}/threads/archived/private")) == ids[::-1]
    mine = "/channels/{c}/users/@me/threads/archived/private"
    api.strip_permissions(MAY_LOOK)
    assert api.error("GET", "/channels/{c}/threads/archived/private") == (403, 50013)
    assert ids_of(api.ok("GET", mine)) == ids[::-1]
    body = api.ok("GET", f"{mine}?limit=2&before={ids[2]}")
    assert (ids_of(body), body["has_more"]) == (ids[1::-1], False)
    del api.guild.thread_members[int(ids[0])][api.names["me"]]
    assert ids_of(api.ok("GET", mine)) == ids[:0:-1]


def test_threads_are_searched_by_name_tags_and_state(api):
    place = forum(api, available_tags=[{"name": "a"}, {"name": "b"}])
    a, b = (t["id"] for t in place["available_tags"])
    first = post(api, place, name="Cats", applied_tags=[a])
    second = post(api, place, name="cats and dogs", applied_tags=[a, b])
    third = post(api, place, name="birds")
    api.ok("PATCH", f"/channels/{third['id']}", {"archived": True})
    api.ok("POST", f"/channels/{first['id']}/messages", {"content": "bump"})

    def found(query):
        body = api.ok("GET", f"/channels/{place['id']}/threads/search?{query}")
        return [t["name"].split()[0] for t in body["threads"]], body["total_results"], body["has_more"]

    assert found("") == (["birds", "cats", "Cats"], 3, False)
    assert found("sort_order=asc&limit=1") == (["Cats"], 3, True)
    assert found("sort_by=last_message_time")[0] == ["Cats", "birds", "cats"]
    assert found("name=CATS")[0] == ["cats", "Cats"]
    assert found(f"tag={a}&tag={b}")[0] == ["cats", "Cats"]
    assert found(f"tag={a}&tag={b}&tag_setting=match_all")[0] == ["cats"]
    assert found("archived=true")[0] == ["birds"]
    assert found("archived=false&offset=1")[0] == ["Cats"]
    assert found(f"min_id={first['id']}&max_id={third['id']}")[0] == [second["name"].split()[0]]
