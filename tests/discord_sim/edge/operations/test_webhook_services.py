"""Webhooks that take what Slack and GitHub send."""

import pytest


def made_in(api, channel_id):
    """The path with the token of a new webhook."""
    hook = api.ok("POST", f"/channels/{channel_id}/webhooks", {"name": "hook"})
    return f"/webhooks/{hook['id']}/{hook['token']}"


@pytest.fixture
def url(api):
    return made_in(api, api.names["c"])


def test_a_message_of_slack(api, url):
    del api.seen[:]
    item = {
        "title": "Build", "title_link": "https://ci.example", "pretext": "Oh no", "text": "It broke", "color": "#f00",
        "ts": 1_700_000_000, "footer": "CI", "author_name": "Ann", "image_url": "https://ci.example/a.png",
        "fields": [{"name": "branch", "value": "main", "inline": True}, {"name": "nothing"}],
    }  # fmt: skip
    body = {"text": "hello", "username": "x" * 99, "attachments": [item, {}]}
    assert api.ok("POST", f"{url}/slack", body, token="") == b"ok"
    message = api.seen[0][1]
    (embed,) = message["embeds"]
    assert (message["content"], message["author"]["username"]) == ("hello", "x" * 80)
    assert (embed["title"], embed["url"], embed["description"]) == ("Build", "https://ci.example", "Oh no\nIt broke")
    assert (embed["color"], embed["timestamp"][:10], embed["footer"]["text"]) == (0xFF0000, "2023-11-14", "CI")
    assert (embed["author"]["name"], embed["image"]["url"]) == ("Ann", "https://ci.example/a.png")
    assert embed["fields"] == [{"name": "branch", "value": "main", "inline": True}]
    assert api.error("POST", f"{url}/slack", {}, token="") == (400, 50006)
    assert api.error("POST", f"{url}/slack", {"attachments": [{"color": "red"}]}, token="") == (400, 50035)


LINK = "https://github.example/x"
PERSON = {"id": 1, "login": "ann", "html_url": LINK, "avatar_url": LINK}
ISSUE = {"id": 1, "number": 7, "html_url": LINK, "user": PERSON, "title": "It broke", "body": "badly"}
COMMIT = {"id": "abcdef0123", "url": LINK, "message": "fix\n\nat last", "author": {"name": "Ann"}}
REMARK = {"id": 1, "html_url": LINK, "user": PERSON, "body": "why?", "commit_id": "abcdef0123"}
SUITE = {"conclusion": "failure", "head_branch": "main", "head_sha": "abcdef0123", "app": {"name": "CI"}}
REPOSITORY = {"id": 1, "html_url": LINK, "name": "r", "full_name": "o/r"}
EVENTS = [
    ({"action": "opened", "issue": ISSUE}, "Issue opened: #7 It broke", "badly"),
    ({"action": "closed", "pull_request": ISSUE}, "Pull request closed: #7 It broke", None),
    ({"action": "created", "issue": ISSUE, "comment": REMARK}, "New comment on issue #7 It broke", "why?"),
    ({"action": "created", "issue": {**ISSUE, "pull_request": {}}, "comment": REMARK},
     "New comment on pull request #7 It broke", "why?"),
    ({"action": "created", "comment": REMARK}, "New comment on commit `abcdef0`", "why?"),
    ({"ref": "refs/heads/main", "commits": [COMMIT]}, "1 new commit on main", f"[`abcdef0`]({LINK}) fix - Ann"),
    ({"action": "published", "release": {"id": 1, "tag_name": "v1", "html_url": LINK, "author": PERSON}},
     "New release published: v1", None),
    ({"forkee": {**REPOSITORY, "full_name": "p/r"}}, "Fork created: p/r", None),
    ({"action": "added", "member": PERSON}, "New collaborator added: ann", None),
    ({"check_run": {"name": "test", "conclusion": "success", "html_url": LINK, "check_suite": SUITE}},
     "test success", None),
    ({"check_suite": SUITE}, "Checks failure on abcdef0", None),
    ({"ref_type": "tag", "ref": "v1"}, "New tag created: v1", None),
    ({"action": "started"}, "New star added", None),
]  # fmt: skip


def test_events_of_github(api, url):
    for event, title, text in EVENTS:
        del api.seen[:]
        body = {"sender": PERSON, "repository": REPOSITORY, **event}
        assert api("POST", f"{url}/github", body, token="") == (204, None), title
        (embed,) = api.seen[0][1]["embeds"]
        assert (embed["title"], embed.get("description")) == (f"[o/r] {title}", text)
        assert embed["author"]["name"] == "ann"


def test_a_ping_of_github_posts_nothing(api, url):
    del api.seen[:]
    assert api("POST", f"{url}/github", {"sender": PERSON, "repository": REPOSITORY}, token="") == (204, None)
    assert api.seen == []
    assert api.error("POST", f"{url}/github", {"repository": REPOSITORY}, token="") == (400, 50035)


def test_services_need_a_thread_in_a_forum(api):
    url = made_in(api, api.ok("POST", "/guilds/{g}/channels", {"name": "forum", "type": 15})["id"])
    assert api.error("POST", f"{url}/slack", {"text": "x"}, token="") == (400, 220004)
    assert api.error("POST", f"{url}/github", {"sender": PERSON}, token="") == (400, 220004)
    thread = api.ok("POST", f"{url}?wait=true", {"content": "x", "thread_name": "t"}, token="")["id"]
    assert api.ok("POST", f"{url}/slack?thread_id={thread}", {"text": "x"}, token="") == b"ok"
