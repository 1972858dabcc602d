"""B.10 and A.2: in which order a request is judged, who may ask, and what a refusal has cost by then."""

import pytest

from discord_sim.rules.permissions import Permission

UNKNOWN = "123456789012345678"


def seen(answer):
    """What tells the refusals of the table apart."""
    if answer.status != 429:
        return answer.status, answer.body["code"]
    if "Via" not in answer.headers:
        return 429, "ban"
    remaining = answer.headers.get("X-RateLimit-Remaining")
    return 429, {None: "global", "0": "bucket"}.get(remaining, "hidden")


ORDER = {
    "ban": (429, "ban"),
    "agent": (403, 40333),
    "route": (404, 0),
    "token": (401, 0),
    "global": (429, "global"),
    "bucket": (429, "bucket"),
    "hidden": (429, "hidden"),
    "body": (400, 50035),
    "resource": (404, 10003),
    "permission": (403, 50001),
}


@pytest.mark.parametrize("first", ORDER)
@pytest.mark.fidelity("B.10", "K", "common reading of live answers; the end of the order varies by route")
def test_a_request_that_is_wrong_in_many_ways_is_refused_for_the_first_in_order(start, first):
    wrong = list(ORDER)[list(ORDER).index(first) :]
    wire = start(global_limit_per_s=5)
    wire.permit(0)
    channel = UNKNOWN if "resource" in wrong else "{c}"
    for _ in range(5 if "bucket" in wrong else 2 if "hidden" in wrong else 0):
        wire.call("PATCH", f"/channels/{channel}", {"name": "new"})
    if "global" not in wrong:
        wire.sleep(1)
    if "ban" in wrong:
        wire.fake.ban_ip(wire.address)
    answer = wire.call(
        "PATCH",
        f"/chanels/{channel}" if "route" in wrong else f"/channels/{channel}",
        {"name": "x" * 101} if "body" in wrong else {"name": "new"},
        auth="Bot wrong" if "token" in wrong else None,
        agent="" if "agent" in wrong else "DiscordBot (test, 1)",
    )
    assert seen(answer) == ORDER[first]


@pytest.mark.fidelity("B.10", "O", "live answers: the generic body of a status")
def test_a_method_that_a_path_does_not_have_is_405_before_the_token_is_looked_at(wire):
    answer = wire.call("PUT", "/users/@me", auth="Bot wrong")
    assert (answer.status, answer.body) == (405, {"message": "405: Method Not Allowed", "code": 0})


@pytest.mark.fidelity("B.10", "K", "client logs of bans")
def test_for_a_ban_the_missing_permission_wins_over_the_unknown_user(wire):
    wire.permit(Permission.VIEW_CHANNEL)
    assert seen(wire.call("PUT", f"/guilds/{{g}}/bans/{UNKNOWN}")) == (403, 50013)
    wire.permit(Permission.BAN_MEMBERS)
    assert seen(wire.call("PUT", f"/guilds/{{g}}/bans/{UNKNOWN}")) == (404, 10013)


@pytest.mark.parametrize(
    ("method", "path", "body", "auth", "status", "takes"),
    [
        ("POST", "/channels/{c}/messages", {"content": "x"}, None, 200, 1),
        ("POST", "/channels/{c}/messages", {"content": "x" * 2_001}, None, 400, 1),
        ("POST", "/channels/{c}/messages", {"content": "x"}, "Bot wrong", 401, 0),
        ("PUT", "/channels/{c}/messages", {"content": "x"}, None, 405, 0),
    ],
    ids=["200", "400", "401", "405"],
)
@pytest.mark.fidelity("B.10", "D", "docs: Rate Limits")
def test_whoever_gets_as_far_as_the_bucket_pays_for_it(wire, method, path, body, auth, status, takes):
    assert wire.call(method, path, body, auth=auth).status == status
    headers = wire.call("POST", "/channels/{c}/messages", {"content": "x"}).headers
    assert int(headers["X-RateLimit-Remaining"]) == 4 - takes


# -- user agents ---------------------------------------------------------------------------------------------

BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36"


@pytest.mark.parametrize(
    ("agent", "passes", "passes_strictly"),
    [
        ("DiscordBot (https://example.org, 1.0)", True, True),
        ("DiscordBot (https://example.org, 1.0) free text", True, True),
        ("curl/8.5.0", True, False),
        ("python-requests/2.31", True, False),
        ("anything", True, False),
        ("", False, False),
        ("Java/1.8.0_392", False, False),
        ("Python-urllib/3.11", False, False),
        (BROWSER, False, False),
    ],
)
@pytest.mark.parametrize("strict", [False, True], ids=["as observed", "as documented"])
@pytest.mark.fidelity("A.3", "O", "docs: Reference; discord-api-docs issues 1504, 4908 and 6473")
def test_user_agents_that_pass_and_that_do_not(start, agent, passes, passes_strictly, strict):
    wire = start(strict_user_agent=strict)
    answer = wire.call("GET", "/users/@me", agent=agent)
    if passes_strictly if strict else passes:
        assert answer.status == 200
    else:
        assert (answer.status, answer.body) == (403, {"message": "internal network error", "code": 40333})


@pytest.mark.fidelity("A.3", "O", "discord-api-docs issue 4908")
def test_a_browser_without_a_bots_token_is_let_through(wire):
    assert wire.call("GET", "/gateway", agent=BROWSER, auth="").status == 200


# -- tokens --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "auth", "expected"),
    [
        ("GET", "/users/@me", "", (401, 0)),
        ("GET", "/users/@me", "Bot wrong", (401, 0)),
        ("GET", "/users/@me", "{token}", (401, 0)),
        ("GET", "/users/@me", "Bot {token}", 200),
        ("GET", "/users/@me", "Bearer {bearer}", 200),
        ("GET", "/users/@me", "Bearer wrong", (401, 50025)),
        ("GET", "/users/@me/guilds/{g}/member", "Bearer {bearer}", (403, 50026)),
        ("GET", "/guilds/{g}/bans", "Bearer {bearer}", (403, 20002)),
        ("GET", "/gateway", "", 200),
        ("GET", "/gateway", "Bot {token}", 200),
        ("POST", "/webhooks/{hook}/{secret}", "", 204),
        ("POST", "/webhooks/{hook}/{secret}", "Bot wrong", 204),
        ("POST", "/webhooks/{hook}/wrong", "", (401, 50027)),
        ("POST", "/webhooks/123456789012345678/wrong", "", (404, 10015)),
    ],
)
@pytest.mark.fidelity("A.2", "D/O", "docs: Reference, OAuth2, Webhook; live answers")
def test_who_may_ask(wire, method, path, auth, expected):
    hook = wire.ok("POST", "/channels/{c}/webhooks", {"name": "hook"})
    bearer = wire.fake.bearer(wire.names["m1"], "identify")
    path = path.replace("{hook}", hook["id"]).replace("{secret}", hook["token"])
    answer = wire.call(
        method, path, {"content": "x"} if method == "POST" else None,
        auth=auth.format(token=wire.tokens[0], bearer=bearer),
    )  # fmt: skip
    assert answer.status == expected if isinstance(expected, int) else seen(answer) == expected


@pytest.mark.fidelity("A.2", "O", "live answers: the generic body of a status")
def test_a_missing_token_and_an_unknown_route_have_the_generic_bodies(wire):
    assert wire.call("GET", "/users/@me", auth="").body == {"message": "401: Unauthorized", "code": 0}
    assert wire.call("GET", "/no/such/route").body == {"message": "404: Not Found", "code": 0}
