"""Reading routes from paths: every documented route, and what nobody has documented."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discord_sim.rules.routes import ROUTES, match
from framework.errors import InvalidUse
from framework.rest.core.paths import read_path

NOW_MS = 1_800_000_000_000
INTERACTION_TOKEN = "aW50ZXJhY3Rpb246MTIzOmFiYw"
SAMPLES = {
    "emoji_name": "%F0%9F%94%A5", "code": "dQw4w9WgXcQ", "instance_id": "i-123-gc-456-789", "webhook_token": "a-B_c9",
    "interaction_token": INTERACTION_TOKEN,
}  # fmt: skip


def filled(template: str) -> str:
    ids = iter(range(10**17, 10**18))
    return re.sub(r"\{(\w+)\}", lambda found: SAMPLES.get(found[1]) or str(next(ids)), template)


def shape(template: str) -> str:
    return re.sub(r"\{\w+\}| \(\w+\)", lambda found: "{}" if found[0].startswith("{") else "", template)


@pytest.mark.parametrize("name", ROUTES)
def test_every_documented_route_is_recognised(name):
    known = ROUTES[name]
    path = filled(known.template)
    route = read_path(known.method, f"/v10{path}?limit=5", NOW_MS)
    assert (route.method, shape(route.template)) == (known.method, shape(known.template))
    assert route.path == f"/v10{path}?limit=5"
    assert route.major == match(known.method, path).major or route.exempt_from_global
    has_token = "webhook-token" in known.auth
    assert not (has_token and route.sends_token)
    assert route.exempt_from_global == ("interaction_token" in known.template)


@pytest.mark.parametrize(
    ("head", "exempt", "major"),
    [
        (f"/webhooks/1/{INTERACTION_TOKEN}", True, f"/webhooks/1/{INTERACTION_TOKEN}/messages/@original"),
        ("/webhooks/1/a-B_c9", False, "1/a-B_c9"),
    ],
)
def test_an_interactions_token_is_told_from_a_webhooks(head, exempt, major):
    route = read_path("PATCH", f"{head}/messages/@original", NOW_MS)
    assert (route.exempt_from_global, route.sends_token, route.major) == (exempt, False, major)
    assert route.template.endswith("/messages/@original")


@pytest.mark.parametrize(
    ("path", "template", "major"),
    [
        ("/channels/1/sparkles/2", "/channels/{channel_id}/sparkles/{sparkle_id}", "1"),
        ("/channels/1/sparkles/Xy9_z", "/channels/{channel_id}/sparkles/{unknown}", "1"),
        ("/things/1", "/things/{thing_id}", ""),
        ("/webhook/1/a-B_c9", "/webhook/{webhook_id}/{unknown}", ""),
        ("/invites/123456", "/invites/{code}", ""),
        ("/guilds/templates/123456", "/guilds/templates/{code}", ""),
        ("/stage-instances/7", "/stage-instances/{channel_id}", ""),
        (f"/channels/{'9' * 5_000}", "/channels/{unknown}", "9" * 5_000),
        (
            "/channels/1/messages/2/reactions/7",
            "/channels/{channel_id}/messages/{message_id}/reactions/{emoji_name}",
            "1",
        ),
    ],
)
def test_what_is_not_documented_has_a_sensible_route(path, template, major):
    route = read_path("GET", path, NOW_MS)
    assert route.template == template
    assert route.major == major
    assert route.sends_token


@pytest.mark.parametrize("version", ["", "/v9", "/v10"])
def test_the_version_belongs_to_the_path_and_not_to_the_key(version):
    route = read_path("GET", f"{version}/guilds/1/roles", NOW_MS)
    assert route.path == f"{version}/guilds/1/roles"
    assert route.key == ("GET", "/guilds/{guild_id}/roles", "1")


@pytest.mark.parametrize("path", ["", "/", "//channels", "/channels/", "/../x", "/v10/..", "/a/%2e%2E/b", "/a/./b"])
def test_a_path_that_could_lead_elsewhere_is_refused(path):
    with pytest.raises(InvalidUse):
        read_path("GET", path, NOW_MS)


@pytest.mark.parametrize(
    ("age_ms", "kind"),
    [
        (-1, " (new)"), (9_999, " (new)"), (10_000, ""), (10_001, ""),
        (14 * 86_400_000 - 1, ""), (14 * 86_400_000, " (old)"), (14 * 86_400_000 + 1, " (old)"),
    ],
)  # fmt: skip
def test_deleting_a_message_has_three_routes_by_its_age(age_ms, kind):
    message_id = (NOW_MS - age_ms - 1_420_070_400_000) << 22
    path = f"/channels/1/messages/{message_id}"
    assert read_path("DELETE", path, NOW_MS).template == "/channels/{channel_id}/messages/{message_id}" + kind
    assert read_path("PATCH", path, NOW_MS).template == "/channels/{channel_id}/messages/{message_id}"


@given(st.sampled_from(["GET", "DELETE"]), st.text(st.sampled_from("/.%2eE@:chanelsgudwbok01789?-_é")))
def test_whatever_the_path_it_has_a_route_or_is_refused(method, path):
    try:
        route = read_path(method, path, NOW_MS)
    except InvalidUse:
        return
    assert route.path == path
    assert not re.search(r"\d", re.sub(r"\{\w+\}", "", route.template))


def test_no_token_is_shown():
    for path in ("/webhooks/1/s3cret-Token", f"/interactions/1/{INTERACTION_TOKEN}/callback"):
        route = read_path("POST", path, NOW_MS)
        assert path.split("/")[3] not in repr(route) + route.template
