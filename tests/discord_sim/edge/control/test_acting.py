"""Discord's own API as any user."""

import pytest

from discord_sim.rules.permissions import Permission


def test_any_user_calls_discords_api(desk):
    assert desk.ok("GET", f"/as/{desk.member}/users/@me")["id"] == desk.member
    path = f"/channels/{desk.channel}/messages"
    assert desk.told("POST", f"/as/{desk.member}{path}", {"content": "hello"}) == ["MESSAGE_CREATE"]
    assert desk.last("MESSAGE_CREATE")["author"]["id"] == desk.member
    (message,) = desk.made("GET", path)
    assert (message["content"], message["author"]["id"]) == ("hello", desk.member)
    assert desk.told("DELETE", f"/as/{desk.owner}{path}/{message['id']}")[0] == "MESSAGE_DELETE"


def test_users_have_their_own_rights(desk):
    path = f"/channels/{desk.channel}/messages"
    assert desk.call("POST", f"/as/{desk.stranger}{path}", {"content": "x"}) == (
        403,
        {"message": "Missing Access", "code": 50001},
    )
    ban = f"/guilds/{desk.guild_id}/bans/{desk.other}"
    assert desk.call("PUT", f"/as/{desk.member}{ban}", {})[1]["code"] == 50013
    role = desk.made("POST", f"/guilds/{desk.guild_id}/roles", {"permissions": str(int(Permission.BAN_MEMBERS))})["id"]
    desk.made("PUT", f"/guilds/{desk.guild_id}/members/{desk.member}/roles/{role}")
    desk.made("PATCH", f"/guilds/{desk.guild_id}/roles", [{"id": role, "position": 3}])
    assert "GUILD_BAN_ADD" in desk.told("PUT", f"/as/{desk.member}{ban}", {})


def test_users_meet_no_limit(desk):
    path = f"/as/{desk.member}/channels/{desk.channel}/messages"
    assert {desk.call("POST", path, {"content": "x"})[0] for _ in range(20)} == {200}
    assert desk.ok("GET", "/record")["requests"] == 0


@pytest.mark.parametrize(
    ("user", "path", "answer"),
    [
        ("1", "/users/@me", (404, {"message": "this world has no user 1"})),
        ("99999999999999999999", "/users/@me", (404, {"message": "this world has no user 99999999999999999999"})),
        (None, "/nope", (404, {"message": "404: Not Found", "code": 0})),
        (None, "/", (404, {"message": "404: Not Found", "code": 0})),
    ],
)
def test_nobody_and_nothing_is_not_found(desk, user, path, answer):
    assert desk.call("GET", f"/as/{user or desk.member}{path}") == answer
