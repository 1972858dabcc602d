"""B.3 and B.7: the forms of a 429, which of them count as invalid requests, and what too many of those bring."""

import pytest

from discord_sim import Law

MESSAGES = ("POST", "/channels/{c}/messages", {"content": "x"})
ME = ("GET", "/users/@me")
LIMITED = "You are being rate limited."
HOUR_S = 3_600


def limits(answer):
    """(Scope, Remaining, Reset-After, Retry-After) as numbers."""
    told = {name: answer.headers[f"X-RateLimit-{name}"] for name in ("Scope", "Remaining", "Reset-After")}
    return told["Scope"], int(told["Remaining"]), float(told["Reset-After"]), int(answer.headers["Retry-After"])


# -- the forms -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["spent", "forced"])
@pytest.mark.fidelity("B.3", "D", "docs: Rate Limits")
def test_a_users_429_says_that_nothing_remains(start, how):
    wire = start(laws={"create_message": Law(1, 1_500)})
    if how == "forced":
        wire.fake.force_429("create_message", "user", retry_after_s=1.5)
    else:
        wire.ok(*MESSAGES)
    answer = wire.call(*MESSAGES)
    assert answer.body == {"message": LIMITED, "retry_after": 1.5, "global": False}
    assert limits(answer) == ("user", 0, 1.5, 2)


@pytest.mark.fidelity("B.3", "D", "docs: Rate Limits")
def test_a_shared_429_has_its_own_message_and_leaves_tokens_in_the_bucket(wire):
    wire.fake.force_429("create_message", "shared", retry_after_s=41.038)
    answer = wire.call(*MESSAGES)
    assert answer.body == {
        "message": "The resource is being rate limited.", "retry_after": 41.038, "global": False,
    }  # fmt: skip
    assert limits(answer) == ("shared", 4, 1.0, 42)


@pytest.mark.parametrize("field", ["name", "topic"])
@pytest.mark.fidelity("B.3", "O", "discord-api-docs issues 1900, 2208 and 2761 (confirmed by staff)")
def test_a_hidden_limit_shows_as_a_429_while_tokens_remain(wire, field):
    for n in range(2):
        wire.ok("PATCH", "/channels/{c}", {field: f"text-{n}"})
        wire.sleep(15)
    answer = wire.call("PATCH", "/channels/{c}", {field: "text-3"})
    assert answer.body == {"message": LIMITED, "retry_after": 570.0, "global": False}
    assert limits(answer) == ("user", 4, 3.0, 570)


@pytest.mark.fidelity("B.3", "O", "discord-api-docs issues 2208 and 2761")
def test_a_hidden_429_can_be_forced(wire):
    wire.fake.force_429("get_my_user", "hidden", retry_after_s=582)
    scope, remaining, reset_after_s, retry_after_s = limits(wire.call(*ME))
    assert (scope, retry_after_s) == ("user", 582)
    assert remaining > 0
    assert reset_after_s < 1


@pytest.mark.parametrize("code", [20016, 20028, 20029], ids=["slowmode", "channel", "guild"])
@pytest.mark.fidelity("B.3", "O", "discord-api-docs issue 5312")
def test_slowmode_and_the_write_limits_of_channel_and_guild_are_shared_and_coded(wire, code):
    wire.fake.force_429("create_message", "shared", retry_after_s=3, code=code)
    answer = wire.call(*MESSAGES)
    assert (answer.body["code"], answer.body["global"], answer.headers["X-RateLimit-Scope"]) == (code, False, "shared")


@pytest.mark.fidelity("B.3", "U", "userdoccers: Message")
def test_the_fourth_edit_of_an_old_message_within_six_seconds_is_code_30046(wire):
    message = wire.ok(*MESSAGES)
    wire.fake.advance(HOUR_S + 1)
    path = f"/channels/{{c}}/messages/{message['id']}"
    answers = [wire.call("PATCH", path, {"content": f"edit {n}"}) for n in range(4)]
    assert [a.status for a in answers] == [200, 200, 200, 429]
    assert (answers[3].body["code"], answers[3].headers["X-RateLimit-Scope"]) == (30046, "user")
    assert int(answers[3].headers["X-RateLimit-Remaining"]) > 0


@pytest.mark.fidelity("B.3", "D", "docs: Rate Limits")
def test_a_global_429_says_so_in_its_body(start):
    wire = start(global_limit_per_s=1)
    wire.call(*ME)
    wire.sleep(0.25)
    assert wire.call(*ME).body == {"message": LIMITED, "retry_after": 0.75, "global": True}


@pytest.mark.parametrize(
    ("form", "content_type", "begins"),
    [
        ("text", "text/plain", "error code: 1015"),
        ("html", "text/html", "<!DOCTYPE html>"),
        ("json", "application/json", "You are being blocked from accessing our API temporarily"),
    ],
)
@pytest.mark.fidelity("B.3", "O", "discord-api-docs issues 1463 and 5810")
def test_the_ban_comes_as_text_as_a_page_or_as_json_without_retry_after(start, form, content_type, begins):
    wire = start(ban_form=form)
    wire.fake.ban_ip(wire.address)
    answer = wire.call(*ME)
    assert (answer.status, answer.headers["Content-Type"].partition(";")[0]) == (429, content_type)
    if form == "json":
        assert (answer.body["code"], answer.body.keys()) == (0, {"code", "message"})
    assert (answer.body["message"] if form == "json" else answer.body).startswith(begins)


# -- which of them count -------------------------------------------------------------------------------------


def force(form):
    return lambda wire: wire.fake.force_429("get_my_user", form)


@pytest.mark.parametrize(
    ("prepare", "request_", "status", "counts"),
    [
        (None, ME, 200, 0),
        (None, ("POST", "/channels/{c}/messages", {}), 400, 0),
        (None, ("GET", "/users/@me", None, "Bot wrong"), 401, 1),
        (None, ("PATCH", "/guilds/{g}/members/{owner}", {"nick": "x"}), 403, 1),
        (None, ("GET", "/guilds/1"), 404, 0),
        (None, ("PUT", "/gateway"), 405, 0),
        (force("user"), ME, 429, 1),
        (force("hidden"), ME, 429, 1),
        (force("global"), ME, 429, 1),
        (force("shared"), ME, 429, 0),
    ],
    ids=["200", "400", "401", "403", "404", "405", "429 user", "429 hidden", "429 global", "429 shared"],
)
@pytest.mark.fidelity("B.7", "D", "docs: Rate Limits")
def test_401_403_and_429_count_as_invalid_except_when_shared(wire, prepare, request_, status, counts):
    if prepare is not None:
        prepare(wire)
    method, path, *rest = request_
    body, auth = (*rest, None, None)[:2]
    assert wire.call(method, path, body, auth=auth).status == status
    assert wire.fake.record.counts()["invalid_requests"] == counts


@pytest.mark.fidelity("B.7", "O", "discord-api-docs issues 1463 and 5385")
def test_a_banned_address_gets_nothing_but_its_websockets_live(start):
    wire = start(invalid_requests_limit=3)
    socket = wire.session(intents=512)
    for _ in range(3):
        assert wire.call("GET", "/users/@me", auth="Bot wrong").status == 401
    refused = [wire.call("GET", path).status for path in ("/users/@me", "/gateway", "/gateway/bot", "/no/such/route")]
    assert refused == [429] * 4
    assert wire.call(*ME, host="elsewhere").status == 200
    wire.say("still heard")
    assert [name for name, _ in socket.events()] == ["MESSAGE_CREATE"]


@pytest.mark.fidelity("B.7", "X", "discord-api-docs issue 5385 (an hour); reports from 15 minutes to 24 hours")
def test_a_ban_lasts_for_an_hour_and_says_how_much_of_it_is_left(wire):
    wire.fake.ban_ip(wire.address)
    seen = [(wire.call(*ME).status, wire.call(*ME).headers["Retry-After"])]
    wire.fake.advance(HOUR_S - 1)
    seen.append((wire.call(*ME).status, wire.call(*ME).headers["Retry-After"]))
    wire.fake.advance(1)
    assert (seen, wire.call(*ME).status) == ([(429, "3600"), (429, "1")], 200)


@pytest.mark.fidelity("B.7", "D", "docs: Rate Limits")
def test_invalid_requests_are_forgotten_after_ten_minutes(start):
    wire = start(invalid_requests_limit=3)
    for wait_s in (0, 0, 601, 0):
        wire.fake.advance(wait_s)
        assert wire.call("GET", "/users/@me", auth="Bot wrong").status == 401
    assert wire.call(*ME).status == 200


@pytest.mark.fidelity("B.7", "O", "discord-api-docs issue 7145")
def test_the_251st_invite_read_without_a_token_in_ten_minutes_closes_that_route_for_a_day(start):
    wire = start(global_limit_per_s=1_000)

    def read(auth=""):
        return wire.call("GET", "/invites/nothing", auth=auth)

    assert {read().status for _ in range(250)} == {404}
    blocked = read()
    assert (blocked.status, blocked.headers["Retry-After"], "Via" in blocked.headers) == (429, "86400", False)
    assert (read(auth=None).status, wire.call("GET", "/gateway", auth="").status) == (404, 200)
    wire.fake.advance(86_399)
    assert read().status == 429
    wire.fake.advance(1)
    assert read().status == 404
