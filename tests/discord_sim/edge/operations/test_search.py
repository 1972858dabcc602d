"""Searching the messages of a guild."""

from dataclasses import replace

import pytest

from discord_sim.rules.permissions import Permission as P
from discord_sim.wire import Intent
from discord_sim.world import changes

SEARCH = "/guilds/{g}/messages/search"


def said(api, content, *, who="m1", channel=0, **fields):
    where = list(api.guild.channels)[channel]
    return changes.say(api.fake.world, where, api.names[who], content, api.fake.clock.epoch_ms, **fields)[0]


def found(api, query=""):
    return [m["content"] for group in api.ok("GET", f"{SEARCH}?{query}")["messages"] for m in group]


@pytest.fixture
def story(api):
    """Messages to search for."""
    first = said(api, "one cat")
    said(api, f"two Cats for <@{api.names['m2']}>", who="m2", channel=1)
    said(api, "three https://a.example:80/x", who="me", replied=first)
    said(api, "four @everyone", embeds=[{"type": "rich", "title": "t", "image": {"url": "https://a.example"}}])
    said(api, "five", pinned=True, webhook_id="1", attachments=[
        {"id": "1", "filename": "cat.PNG", "content_type": "image/png", "url": "https://b.example", "size": 1,
         "proxy_url": "https://b.example"},
    ])  # fmt: skip
    said(api, f"six <@&{api.names['r']}>")
    return [first]


@pytest.mark.parametrize(("query", "words"), [
    ("", "six five four three two one"), ("sort_order=asc", "one two three four five six"), ("limit=2", "six five"),
    ("limit=2&offset=2", "four three"), ("content=CAT", "two one"), ("author_id={m2}", "two"),
    ("author_id={m2}&author_id={me}", "three two"), ("mentions={m2}", "two"), ("mentions_role_id={r}", "six"),
    ("mention_everyone=true", "four"), ("pinned=true", "five"), ("pinned=false&limit=1", "six"),
    ("author_type=bot", "three"), ("author_type=webhook", "five"), ("author_type=-user", "five three"),
    ("has=link", "three"), ("has=embed", "four"), ("has=image", "five four"), ("has=file&has=link", "five three"),
    ("has=-file&has=image", "four"), ("link_hostname=a.example", "three"), ("embed_type=image", "four"),
    ("attachment_extension=png", "five"), ("attachment_filename=cat.PNG", "five"),
    ("replied_to_user_id={m1}", "three"), ("channel_id={c}&content=cat", "one"), ("content=nothing", ""),
    ("sort_by=relevance&content=cat", "two one"),
])  # fmt: skip
def test_messages_are_found_by(api, story, query, words):
    assert [text.split()[0] for text in found(api, query)] == words.split()


def test_results_come_one_by_one_with_their_threads_but_without_reactions(api, story):
    thread = api.ok("POST", "/channels/{c}/threads", {"name": "t", "type": 11})
    message = api.ok("POST", f"/channels/{thread['id']}/messages", {"content": "needle"})
    api.ok("PUT", f"/channels/{thread['id']}/messages/{message['id']}/reactions/🔥/@me")
    body = api.ok("GET", f"{SEARCH}?content=needle")
    assert (body["total_results"], [len(group) for group in body["messages"]]) == (1, [1])
    assert "reactions" not in body["messages"][0][0]
    assert ([t["id"] for t in body["threads"]], [m["id"] for m in body["members"]]) == ([thread["id"]], [thread["id"]])


def test_a_search_can_be_bounded_by_ids(api, story):
    bound = story[0].id
    assert len(found(api, f"min_id={bound}")) == 5
    assert found(api, f"max_id={bound}") == []
    assert [text.split()[0] for text in found(api, f"replied_to_message_id={bound}")] == ["three"]


def test_age_restricted_channels_are_left_out_unless_wanted(api, story):
    api.ok("PATCH", "/channels/{c}", {"nsfw": True})
    assert len(found(api)) == 1
    assert len(found(api, "include_nsfw=true")) == 6


def test_nobody_finds_what_they_cannot_see(api, story):
    api.ok("PUT", "/channels/{c}/permissions/{me}", {"type": 1, "deny": str(int(P.VIEW_CHANNEL))})
    api.strip_permissions(P.VIEW_CHANNEL | P.READ_MESSAGE_HISTORY)
    assert len(found(api)) == 1
    api.strip_permissions(P.VIEW_CHANNEL)
    assert api.error("GET", SEARCH) == (403, 50013)


def test_a_search_needs_the_portal_s_switch(api):
    allowed = api.fake.settings.allowed_intents & ~(1 << Intent.MESSAGE_CONTENT)
    api.fake.settings = replace(api.fake.settings, allowed_intents=allowed)
    assert api.error("GET", SEARCH) == (403, 50001)


@pytest.mark.parametrize("query", ["limit=26", "limit=0", "offset=9976", "has=cats", "author_id=me", "sort_by=luck"])
def test_a_search_that_cannot_be_read(api, query):
    assert api.error("GET", f"{SEARCH}?{query}") == (400, 50035)
