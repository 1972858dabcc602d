"""B.1 and B.2: which headers an answer carries, and how their numbers are written."""

import re

import pytest

from discord_sim import Law
from discord_sim.faults import RestFault

LIMITS = ("Limit", "Remaining", "Reset", "Reset-After", "Bucket")
BUCKET = [f"X-RateLimit-{name}" for name in LIMITS]


def rate_limit_headers(answer):
    return sorted(name for name in answer.headers if name.lower().startswith("x-ratelimit"))


@pytest.mark.fidelity("B.1", "D", "docs: Rate Limits")
def test_each_number_has_its_documented_form(wire):
    headers = wire.call("GET", "/users/@me").headers
    forms = {"Limit": r"\d+", "Remaining": r"\d+", "Reset": r"\d+\.\d{3}", "Reset-After": r"\d+\.\d{3}",
             "Bucket": r"[0-9a-f]{32}"}  # fmt: skip
    assert {name: re.fullmatch(form, headers[f"X-RateLimit-{name}"]) is not None for name, form in forms.items()} == (
        dict.fromkeys(LIMITS, True)
    )


@pytest.mark.fidelity("B.1", "D", "docs: Rate Limits")
def test_reset_is_the_wall_clock_at_which_reset_after_has_passed(wire):
    headers = wire.call("POST", "/channels/{c}/messages", {"content": "x"}).headers
    wall_s = wire.fake.clock.epoch_ms / 1000
    after_s = float(headers["X-RateLimit-Reset-After"])
    assert float(headers["X-RateLimit-Reset"]) == pytest.approx(wall_s + after_s, abs=0.002)


@pytest.mark.fidelity("B.1", "O", "docs: Rate Limits (the header of before v8)")
def test_a_wish_for_precision_is_ignored(wire):
    headers = wire.call("GET", "/users/@me", headers={"X-RateLimit-Precision": "second"}).headers
    assert re.fullmatch(r"\d+\.\d{3}", headers["X-RateLimit-Reset"])


@pytest.mark.parametrize(
    ("body_s", "header"), [(0.25, "1"), (1.0, "1"), (64.57, "65"), (1336.57, "1337")], ids=lambda v: str(v)
)
@pytest.mark.fidelity("B.1", "O", "docs: Rate Limits; logs of live 429s")
def test_retry_after_is_the_bodys_number_rounded_up_to_whole_seconds(wire, body_s, header):
    wire.fake.force_429("get_my_user", "shared", retry_after_s=body_s)
    answer = wire.call("GET", "/users/@me")
    assert (answer.body["retry_after"], answer.headers["Retry-After"]) == (body_s, header)


ANSWERS = {
    "200": ("GET", "/users/@me", None),
    "204": ("PUT", "/guilds/{g}/bans/{m1}", None),
    "400": ("POST", "/channels/{c}/messages", {}),
    "403": ("PATCH", "/guilds/{g}/members/{owner}", {"nick": "mine"}),
    "404": ("GET", "/channels/{c}/messages/123456789012345678", None),
}


@pytest.mark.parametrize("status", ANSWERS)
@pytest.mark.fidelity("B.1", "D", "OpenAPI: the headers of ClientErrorResponse")
def test_errors_carry_the_headers_of_their_bucket_as_well_as_successes(wire, status):
    answer = wire.call(*ANSWERS[status])
    assert answer.status == int(status)
    assert rate_limit_headers(answer) == sorted(BUCKET)


@pytest.mark.parametrize("status", [s for s in ANSWERS if s != "204"])
@pytest.mark.fidelity("A.1", "O", "discord.py, discord/http.py")
def test_the_content_type_is_json_without_a_parameter(wire, status):
    answer = wire.call(*ANSWERS[status])
    assert answer.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize("status", ANSWERS)
@pytest.mark.fidelity("A.1", "O", "discord-api-docs issue 1463; discord.py, discord/http.py")
def test_what_comes_from_the_origin_says_via(wire, status):
    assert wire.call(*ANSWERS[status]).headers["Via"] == "1.1 google"


def banned(wire):
    wire.fake.ban_ip(wire.address)
    return wire.call("GET", "/users/@me")


def refused_agent(wire):
    return wire.call("GET", "/users/@me", agent="")


def edge_error(wire):
    wire.fake.rest_fault(RestFault("get_my_user", do="answer", status=522))
    return wire.call("GET", "/users/@me")


@pytest.mark.parametrize(("provoke", "status"), [(banned, 429), (refused_agent, 403), (edge_error, 522)])
@pytest.mark.fidelity("A.1", "O", "discord-api-docs issues 1463, 5810 and 6473")
def test_what_cloudflare_answers_has_neither_via_nor_limits(wire, provoke, status):
    answer = provoke(wire)
    assert (answer.status, rate_limit_headers(answer)) == (status, [])
    assert "Via" not in answer.headers


@pytest.mark.parametrize(
    ("path", "auth", "status"),
    [("/no/such/route", None, 404), ("/gateway/bot/x", None, 404), ("/users/@me", "Bot wrong", 401)],
)
@pytest.mark.fidelity("B.2", "O", "live logs: answers that no bucket was asked about")
def test_a_request_that_reaches_no_bucket_is_told_of_none(wire, path, auth, status):
    answer = wire.call("GET", path, auth=auth)
    assert (answer.status, rate_limit_headers(answer)) == (status, [])


@pytest.mark.fidelity("B.2", "D", "docs: Rate Limits")
def test_a_global_429_carries_scope_global_and_retry_after_only(start):
    wire = start(global_limit_per_s=1)
    wire.call("GET", "/users/@me")
    answer = wire.call("GET", "/users/@me")
    assert answer.status == 429
    assert rate_limit_headers(answer) == ["X-RateLimit-Global", "X-RateLimit-Scope"]
    assert [answer.headers[n] for n in ("X-RateLimit-Global", "X-RateLimit-Scope", "Retry-After")] == (
        ["true", "global", "1"]
    )


@pytest.mark.fidelity("B.2", "O", "discord.js, its handler for interaction callbacks")
def test_the_first_response_to_an_interaction_is_told_of_no_bucket(wire):
    wire.ok("POST", "/applications/{me}/commands", {"name": "hello", "description": "says hello"})
    made = wire.fake.command(wire.names["m1"], wire.names["c"], "hello")
    answer = wire.call("POST", f"/interactions/{made.id}/{made.token}/callback", {"type": 5}, auth="")
    assert (answer.status, rate_limit_headers(answer)) == (204, [])


@pytest.mark.parametrize(("scope_on_success", "told"), [(False, [None, "user"]), (True, ["user", "user"])])
@pytest.mark.fidelity("B.1", "X", "docs: Rate Limits (on 429s); twilight reads it on every answer")
def test_the_scope_is_told_on_429s_only_unless_the_operator_wants_it_on_all(start, scope_on_success, told):
    wire = start(laws={"get_my_user": Law(1, 1_000)}, scope_on_success=scope_on_success)
    assert [wire.call("GET", "/users/@me").headers.get("X-RateLimit-Scope") for _ in range(2)] == told
