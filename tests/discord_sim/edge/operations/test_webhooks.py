"""Webhooks: managing them, executing them in every form, their messages, following a channel."""

import base64

import aiohttp
import msgspec
import pytest

from discord_sim.rules.permissions import Permission as P
from discord_sim.world.interactions import begin

HOOKS = "/channels/{c}/webhooks"
PIXEL = "data:image/png;base64," + base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"\0" * 30).decode()


def names(told):
    return [name for name, _ in told]


def entry(told):
    """The audit entry among what was told."""
    (found,) = [body for name, body in told if name == "GUILD_AUDIT_LOG_ENTRY_CREATE"]
    return found


def channel(api, name="x", **fields):
    return api.ok("POST", "/guilds/{g}/channels", {"name": name, **fields})["id"]


def made_in(api, place, name="hook"):
    """A webhook of a channel: (itself, its path with the token)."""
    hook = api.ok("POST", f"/channels/{place}/webhooks", {"name": name})
    return hook, f"/webhooks/{hook['id']}/{hook['token']}"


@pytest.fixture
def hook(api):
    return api.ok("POST", HOOKS, {"name": "hook"})


@pytest.fixture
def url(hook):
    """Where the webhook is executed, without any Authorization."""
    return f"/webhooks/{hook['id']}/{hook['token']}"


def run(api, url, body, query="?wait=true", **options):
    return api("POST", url + query, body, token="", **options)


def posted(api, url, body, query="?wait=true", **options):
    """The message of an execution that must succeed."""
    status, message = run(api, url, body, query, **options)
    assert status == 200, message
    return message


# -- managing ------------------------------------------------------------------------------------------------


def test_a_webhook_from_birth_to_death(api):
    hook, told = api.told("POST", HOOKS, {"name": " hook ", "avatar": PIXEL}, reason="news")
    assert (hook["type"], hook["name"], hook["channel_id"]) == (1, "hook", str(api.names["c"]))
    assert (hook["application_id"], hook["user"]["id"]) == (str(api.names["me"]), str(api.names["me"]))
    assert hook["url"].endswith(f"/webhooks/{hook['id']}/{hook['token']}")
    assert api.fake.rest.media.find(f"/avatars/{hook['id']}/{hook['avatar']}.png") is not None
    place = {"guild_id": str(api.guild.id), "channel_id": str(api.names["c"])}
    assert told[0] == ("WEBHOOKS_UPDATE", place), "where, not what"
    assert (entry(told)["action_type"], entry(told)["target_id"], entry(told)["reason"]) == (50, hook["id"], "news")
    path = f"/webhooks/{hook['id']}"
    assert api.ok("GET", path) == hook
    assert api.ok("GET", HOOKS) == api.ok("GET", "/guilds/{g}/webhooks") == [hook]
    _, told = api.told("DELETE", path)
    assert told[0] == ("WEBHOOKS_UPDATE", place)
    assert (entry(told)["action_type"], {c["key"] for c in entry(told)["changes"]}) == (
        52, {"name", "type", "channel_id"},
    )  # fmt: skip
    assert api.error("GET", path) == api.error("DELETE", path) == (404, 10015)


def test_a_change_and_a_move(api, hook):
    path, other = f"/webhooks/{hook['id']}", channel(api)
    changed, told = api.told("PATCH", path, {"name": "new", "channel_id": other})
    assert (changed["name"], changed["channel_id"]) == ("new", other)
    assert [b["channel_id"] for n, b in told if n == "WEBHOOKS_UPDATE"] == [str(api.names["c"]), other]
    assert entry(told)["action_type"] == 51
    assert {c["key"]: c["new_value"] for c in entry(told)["changes"]} == {"name": "new", "channel_id": other}
    assert api.told("PATCH", path, {"name": "new", "channel_id": None})[1] == [], "no change, no event"
    assert api.error("PATCH", path, {"channel_id": "1"}) == (404, 10003)
    foreign = next(iter(api.fake.world.guild_at(1).channels))
    assert api.error("PATCH", path, {"channel_id": foreign}) == (404, 10003)
    assert api.ok("PATCH", path, {"avatar": PIXEL})["avatar"] is not None
    assert api.ok("PATCH", path, {"avatar": None})["avatar"] is None


@pytest.mark.parametrize(("name", "code"), [
    ("Clyde2", "USERNAME_INVALID_CONTAINS"), ("my DISCORD", "USERNAME_INVALID_CONTAINS"), ("", "BASE_TYPE_BAD_LENGTH"),
    ("   ", "BASE_TYPE_BAD_LENGTH"), ("x" * 81, "BASE_TYPE_BAD_LENGTH"),
])  # fmt: skip
def test_names_no_webhook_has(api, hook, url, name, code):
    for method, path, field in (
        ("POST", HOOKS, "name"), ("PATCH", f"/webhooks/{hook['id']}", "name"), ("PATCH", url, "name"),
        ("POST", url, "username"),
    ):  # fmt: skip
        status, body = api(method, path, {field: name, "content": "x"})
        assert (status, body["errors"][field]["_errors"][0]["code"]) == (400, code), (method, field)


def test_a_channel_has_15_webhooks_and_a_guild_1000(api, hook):
    api.guild.webhooks.update({n: {**hook, "id": str(n)} for n in range(14)})
    assert api.error("POST", HOOKS, {"name": "x"}) == (400, 30007)
    other, _ = made_in(api, channel(api))
    assert api.error("PATCH", f"/webhooks/{other['id']}", {"channel_id": api.names["c"]}) == (400, 30007)
    api.guild.webhooks.update({n: {**hook, "id": str(n), "channel_id": "1"} for n in range(100, 1084)})
    assert api.error("POST", f"/channels/{channel(api)}/webhooks", {"name": "x"}) == (400, 30058)


def test_categories_and_threads_have_none(api):
    category = channel(api, type=4)
    assert api.error("POST", f"/channels/{category}/webhooks", {"name": "x"}) == (400, 50024)
    thread = api.ok("POST", "/channels/{c}/threads", {"name": "t", "type": 11})["id"]
    assert api.error("POST", f"/channels/{thread}/webhooks", {"name": "x"}) == (400, 50024)


def test_who_manages_webhooks(api, hook):
    path = f"/webhooks/{hook['id']}"
    api.strip_permissions(P.VIEW_CHANNEL)
    for method, where, body in (
        ("POST", HOOKS, {"name": "x"}), ("GET", HOOKS, None), ("GET", "/guilds/{g}/webhooks", None),
        ("PATCH", path, {"name": "x"}), ("DELETE", path, None),
    ):  # fmt: skip
        assert api.error(method, where, body) == (403, 50013), (method, where)
    assert api.ok("GET", path) == hook, "an application may always look at its own"
    other = "Bot " + next(t for t, bot in api.fake.tokens.items() if bot != api.names["me"])
    seen = api.ok("GET", path, token=other)
    assert seen == {k: v for k, v in hook.items() if k not in ("token", "url")}, "others do not learn the token"


# -- by token ------------------------------------------------------------------------------------------------


def test_the_token_is_all_one_needs(api, hook, url):
    shown = {k: v for k, v in hook.items() if k != "user"}
    assert api.ok("GET", url, token="") == shown
    changed, told = api.told("PATCH", url, {"name": "new", "channel_id": channel(api)}, token="")
    assert changed == {**shown, "name": "new"}, "with a token it cannot be moved"
    assert names(told)[-2:] == ["WEBHOOKS_UPDATE", "GUILD_AUDIT_LOG_ENTRY_CREATE"]
    assert entry(told[-1:])["user_id"] == str(api.names["me"])
    _, told = api.told("DELETE", url, token="")
    assert names(told) == ["WEBHOOKS_UPDATE", "GUILD_AUDIT_LOG_ENTRY_CREATE"]
    assert api.error("GET", url, token="") == (404, 10015)


def test_a_wrong_token_and_an_unknown_webhook_differ(api, hook, url):
    for suffix, body in (("", {"content": "x"}), ("/slack", {"text": "x"}), ("/messages/1", None)):
        method = "GET" if body is None else "POST"
        assert api.error(method, f"/webhooks/{hook['id']}/wrong{suffix}", body, token="") == (401, 50027)
        assert api.error(method, f"/webhooks/1/{hook['token']}{suffix}", body, token="") == (404, 10015)


# -- executing -----------------------------------------------------------------------------------------------


def test_without_wait_nothing_is_answered(api, url):
    del api.seen[:]
    assert run(api, url, {"content": "hello"}, "") == (204, None)
    assert names(api.seen) == ["MESSAGE_CREATE"]


def test_the_author_is_the_webhook(api, hook, url):
    del api.seen[:]
    message = posted(api, url, {"content": "hello"})
    author = message["author"]
    assert (author["id"], author["username"], author["discriminator"], author["bot"]) == (
        hook["id"], "hook", "0000", True,
    )  # fmt: skip
    assert (message["webhook_id"], message["application_id"]) == (hook["id"], str(api.names["me"]))
    assert api.seen == [("MESSAGE_CREATE", {**message, "guild_id": str(api.guild.id), "channel_type": 0})]
    other = posted(api, url, {"content": "x", "username": "Ann", "avatar_url": "https://x.example/a.png"})
    assert other["author"]["username"] == "Ann"
    assert other["author"]["avatar"] not in (None, author["avatar"])
    assert api.ok("GET", f"/channels/{{c}}/messages/{other['id']}")["author"] == other["author"]


def test_only_users_are_mentioned_unless_more_is_allowed(api, url):
    text = "@everyone <@{m1}> <@&{r}>".format(**api.names)
    message = posted(api, url, {"content": text})
    assert [u["id"] for u in message["mentions"]] == [str(api.names["m1"])]
    assert (message["mention_roles"], message["mention_everyone"]) == ([], False)
    allowed = {"parse": ["everyone", "roles"]}
    message = posted(api, url, {"content": text, "allowed_mentions": allowed})
    assert (message["mentions"], message["mention_everyone"]) == ([], True)


@pytest.mark.parametrize(("body", "code"), [
    ({}, 50006), ({"content": " "}, 50006), ({"content": "x" * 2001}, 50035), ({"embeds": [{}] * 11}, 50035),
    ({"content": "x", "avatar_url": "nowhere"}, 50035), ({"content": "x", "thread_name": "t"}, 220003),
])  # fmt: skip
def test_a_message_that_cannot_be(api, url, body, code):
    del api.seen[:]
    status, answer = run(api, url, body)
    assert (status, answer["code"], api.seen) == (400, code, [])


def test_which_flags_a_webhook_sets(api, url):
    assert posted(api, url, {"content": "x", "flags": 1 << 2 | 1 << 12 | 1 << 6})["flags"] == 1 << 2 | 1 << 12
    text = {"type": 10, "content": "hello"}
    assert posted(api, url, {"components": [text], "flags": 1 << 15})["components"][0]["content"] == "hello"


def test_files(api, url):
    form = aiohttp.FormData()
    payload = {"content": "look", "attachments": [{"id": 0, "description": "a cat"}]}
    form.add_field("payload_json", msgspec.json.encode(payload).decode(), content_type="application/json")
    form.add_field("files[0]", b"cat", filename="cat.txt", content_type="text/plain")
    message = posted(api, url, None, form=form)
    (file,) = message["attachments"]
    assert (message["content"], file["filename"], file["description"]) == ("look", "cat.txt", "a cat")
    assert api.fake.rest.media.find(f"/attachments/{api.names['c']}/{file['id']}/cat.txt") == ("text/plain", b"cat")


# -- threads and forums --------------------------------------------------------------------------------------


def test_a_thread_of_the_channel_is_written_to_and_taken_out_of_its_archive(api, url):
    thread = api.ok("POST", "/channels/{c}/threads", {"name": "t", "type": 11})["id"]
    api.ok("PATCH", f"/channels/{thread}", {"archived": True})
    del api.seen[:]
    message = posted(api, url, {"content": "hello"}, f"?wait=true&thread_id={thread}")
    assert message["channel_id"] == thread
    assert names(api.seen) == ["THREAD_UPDATE", "THREAD_MEMBER_UPDATE", "MESSAGE_CREATE"]
    path = f"{url}/messages/{message['id']}"
    assert api.error("GET", path, token="") == (404, 10008), "it must be said in which thread"
    assert api.ok("GET", f"{path}?thread_id={thread}", token="")["id"] == message["id"]
    api.ok("PATCH", f"/channels/{thread}", {"archived": True})
    assert api.error("PATCH", f"{path}?thread_id={thread}", {"content": "new"}, token="") == (400, 50083)


def test_threads_elsewhere_are_unknown(api, url):
    other = api.ok("POST", f"/channels/{channel(api)}/threads", {"name": "t", "type": 11})["id"]
    for thread in (other, api.names["c"], 1):
        assert run(api, url, {"content": "x"}, f"?thread_id={thread}")[1]["code"] == 10003


def test_a_forum_gets_a_new_post_or_an_answer_to_one(api):
    forum = channel(api, type=15, available_tags=[{"name": "bug"}])
    tag = api.ok("GET", f"/channels/{forum}")["available_tags"][0]["id"]
    hook, url = made_in(api, forum)
    del api.seen[:]
    first = posted(api, url, {"content": "hello", "thread_name": "post", "applied_tags": [tag]})
    assert first["id"] == first["channel_id"], "the first message has the id of its thread"
    assert names(api.seen) == ["THREAD_CREATE", "MESSAGE_CREATE"]
    thread = api.seen[0][1]
    assert (thread["id"], thread["parent_id"], thread["name"]) == (first["id"], forum, "post")
    assert (thread["newly_created"], thread["owner_id"], thread["applied_tags"]) == (True, hook["id"], [tag])
    second = posted(api, url, {"content": "more"}, f"?wait=true&thread_id={first['id']}")
    assert second["channel_id"] == first["id"]
    assert api.ok("GET", f"/channels/{forum}")["last_message_id"] == first["id"]


def test_a_forum_says_what_is_missing(api):
    forum = channel(api, type=15)
    _, url = made_in(api, forum)
    post = posted(api, url, {"content": "x", "thread_name": "t"})["id"]
    for body, query, code in (
        ({"content": "x"}, "", 220001), ({"content": "x", "thread_name": "t"}, f"?thread_id={post}", 220002),
        ({"content": "x", "thread_name": "t", "applied_tags": ["1"]}, "", 10087), ({"thread_name": "t"}, "", 50006),
    ):  # fmt: skip
        assert run(api, url, body, query)[1]["code"] == code
    api.ok("PATCH", f"/channels/{forum}", {"flags": 1 << 4})
    assert run(api, url, {"content": "x", "thread_name": "t"})[1]["code"] == 40067
    assert [c["id"] for c in api.guild.channels.values() if c["type"] == 11] == [post]


# -- its messages --------------------------------------------------------------------------------------------


def test_a_message_is_read_edited_and_deleted(api, url):
    message = posted(api, url, {"content": "hello"})
    path = f"{url}/messages/{message['id']}"
    assert api.ok("GET", path, token="") == message
    edited, told = api.told("PATCH", path, {"content": "bye <@{m1}>".format(**api.names)}, token="")
    assert (edited["content"], len(edited["mentions"])) == (f"bye <@{api.names['m1']}>", 1)
    assert edited["edited_timestamp"] is not None
    assert names(told) == ["MESSAGE_UPDATE"]
    assert told[0][1]["content"] == edited["content"]
    assert api.told("PATCH", path, {}, token="")[1] == [], "no change, no event"
    assert api.error("PATCH", path, {"content": ""}, token="") == (400, 50006)
    _, told = api.told("DELETE", path, token="")
    assert names(told) == ["MESSAGE_DELETE"]
    assert api.error("GET", path, token="") == api.error("DELETE", path, token="") == (404, 10008)


def test_others_messages_are_unknown_to_a_webhook(api, url):
    mine = api.ok("POST", "/channels/{c}/messages", {"content": "by the bot"})["id"]
    _, other = made_in(api, api.names["c"])
    theirs = posted(api, other, {"content": "by another webhook"})["id"]
    for message in (mine, theirs, 1, "@original"):
        assert api.error("GET", f"{url}/messages/{message}", token="") == (404, 10008)
    assert api.error("PATCH", f"/channels/{{c}}/messages/{theirs}", {"content": "x"}) == (403, 50005)


def test_the_token_of_an_interaction_leads_to_its_first_answer(api):
    place, now_ms = api.guild.channels[api.names["c"]], api.fake.clock.epoch_ms
    found, _ = begin(api.fake.world, api.names["me"], api.names["m1"], api.guild, place, 2, {"name": "x"}, now_ms)
    api.ok("POST", f"/interactions/{found.id}/{found.token}/callback", {"type": 4, "data": {"content": "hi"}}, token="")
    path = f"/webhooks/{{me}}/{found.token}/messages/@original"
    assert api.ok("GET", path, token="")["content"] == "hi"
    assert api.ok("PATCH", path, {"content": "bye"}, token="")["content"] == "bye"
    assert api("DELETE", path, token="") == (204, None)
    assert api.error("GET", path, token="") == (404, 10008)


# -- following -----------------------------------------------------------------------------------------------


def test_what_is_published_reaches_the_channels_that_follow(api):
    api.guild.doc["features"] = ["NEWS"]
    news = channel(api, "news", type=5)
    followed, told = api.told("POST", f"/channels/{news}/followers", {"webhook_channel_id": api.names["c"]})
    assert followed["channel_id"] == news
    assert ("WEBHOOKS_UPDATE", {"guild_id": str(api.guild.id), "channel_id": str(api.names["c"])}) in told
    assert entry(told)["action_type"] == 50
    (hook,) = api.ok("GET", HOOKS)
    assert (hook["type"], hook["id"], hook["source_channel"]["id"]) == (2, followed["webhook_id"], news)
    assert "token" not in hook
    message = api.ok("POST", f"/channels/{news}/messages", {"content": "extra"})
    _, told = api.told("POST", f"/channels/{news}/messages/{message['id']}/crosspost")
    assert names(told) == ["MESSAGE_UPDATE", "MESSAGE_CREATE"]
    copy = told[1][1]
    assert (copy["channel_id"], copy["content"], copy["webhook_id"]) == (str(api.names["c"]), "extra", hook["id"])
    assert copy["flags"] & 1 << 1
    assert copy["message_reference"]["message_id"] == message["id"]


def test_a_follower_may_be_named_after_any_guild(api):
    api.guild.doc |= {"features": ["NEWS"], "name": "Discord Friends"}
    news = channel(api, "news", type=5)
    api.ok("POST", f"/channels/{news}/followers", {"webhook_channel_id": api.names["c"]})
    assert api.ok("GET", HOOKS)[0]["name"].startswith("Discord Friends")


def test_thirty_messages_a_minute_are_the_hidden_limit_of_a_channel_over_all_its_webhooks(api):
    hooks = [api.ok("POST", "/channels/{c}/webhooks", {"name": name}) for name in ("one", "two")]
    paths = [f"/webhooks/{hook['id']}/{hook['token']}" for hook in hooks]
    for number in range(30):
        assert api("POST", paths[number % 2], {"content": str(number)}, token="")[0] == 204
    status, body = api("POST", paths[0], {"content": "one too many"}, token="")
    assert (status, body["global"]) == (429, False)
    assert body["retry_after"] > 40, "far more than the visible bucket would say"
