"""Group DMs of an application's users."""

import pytest


@pytest.fixture
def token_of(api):
    def make(who, *scopes):
        return api.fake.bearer(api.names[who], *(scopes or ("gdm.join",)))

    return make


def test_a_group_dm_is_opened_with_consent_written_to_and_read(api, token_of):
    group = api.ok("POST", "/users/@me/channels", {"access_tokens": [token_of("m1"), token_of("m2")]})
    assert (group["type"], group["managed"], group["owner_id"]) == (3, True, str(api.names["me"]))
    assert [u["id"] for u in group["recipients"]] == [str(api.names["m1"]), str(api.names["m2"])]
    message, told = api.told("POST", f"/channels/{group['id']}/messages", {"content": "hello"})
    assert [name for name, _ in told] == ["MESSAGE_CREATE"]
    assert api.ok("GET", f"/channels/{group['id']}/messages")[0]["id"] == message["id"]


def test_people_are_added_once_and_removed(api, token_of):
    group = api.ok("POST", "/users/@me/channels", {"access_tokens": [token_of("m1")]})
    path = f"/channels/{group['id']}/recipients/{{m2}}"
    assert len(api.ok("PUT", path, {"access_token": token_of("m2")})["recipients"]) == 2
    assert api("PUT", path, {"access_token": token_of("m2")})[0] == 204
    assert api("DELETE", path)[0] == 204
    assert api.error("DELETE", path) == (404, 10013)
    assert len(api.ok("GET", f"/channels/{group['id']}")["recipients"]) == 1


def test_without_consent_nobody_is_added(api, token_of):
    group = api.ok("POST", "/users/@me/channels", {"access_tokens": [token_of("m1")]})
    path = f"/channels/{group['id']}/recipients/{{m2}}"
    assert api.error("PUT", path, {}) == (400, 50035)
    assert api.error("PUT", path, {"access_token": "nonsense"}) == (401, 50025)
    assert api.error("PUT", path, {"access_token": token_of("m2", "identify")}) == (403, 50026)
    assert api.error("PUT", path, {"access_token": token_of("m3")}) == (400, 50033), "somebody else's consent"
    assert api.error("POST", "/users/@me/channels", {"access_tokens": []}) == (400, 50035)


def test_only_a_group_has_recipients_to_change(api, token_of):
    assert api.error("PUT", "/channels/{c}/recipients/{m1}", {"access_token": token_of("m1")}) == (400, 50024)
