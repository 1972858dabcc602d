"""What the operator makes go wrong: limits, requests, events, connections; and the clock."""

import asyncio

import aiohttp
import pytest

# -- limits and faults -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "code", "scope", "body"),
    [
        ("user", None, "user", {"message": "You are being rate limited.", "retry_after": 2.5, "global": False}),
        (
            "shared",
            20028,
            "shared",
            {"message": "The resource is being rate limited.", "code": 20028, "retry_after": 2.5, "global": False},
        ),
        ("global", None, "global", {"message": "You are being rate limited.", "retry_after": 2.5, "global": True}),
        ("cloudflare", None, "cloudflare", b"error code: 1015"),
    ],
)
def test_the_next_requests_get_a_429_of_the_wanted_form(desk, form, code, scope, body):
    wanted = {"operation": "get_my_user", "form": form, "retry_after_s": 2.5, "times": 2, "code": code}
    assert desk.ok("POST", "/limits/429", wanted) is None
    assert [desk.rest("GET", "/users/@me")[0] for _ in range(3)] == [429, 429, 200]
    desk.ok("POST", "/limits/429", {**wanted, "times": 1})
    assert desk.rest("GET", "/users/@me") == (429, body)
    assert desk.ok("GET", "/record")["responses_429"][scope] == 3
    assert desk.refused("POST", "/limits/429", {**wanted, "operation": "nope"})[1].startswith("no operation 'nope'")


def test_hashes_rotate_and_counters_stay(desk):
    async def limits():
        url = f"https://discord.com/api/v10/channels/{desk.channel}/messages"
        headers = {"Authorization": f"Bot {desk.fake.settings.token}"}
        async with desk.http.post(url, json={"content": "x"}, headers=headers) as answer:
            return answer.headers["X-RateLimit-Bucket"], answer.headers["X-RateLimit-Remaining"]

    first = desk.do(limits)
    assert desk.ok("POST", "/limits/rotate-hashes") is None
    second = desk.do(limits)
    assert first[0] != second[0]
    assert (first[1], second[1]) == ("4", "3")


def test_an_address_is_banned_for_a_while_or_until_it_is_forgiven(desk):
    ip = desk.fake.gateway.connections[1].ip
    for seconds, pardon in ((10, None), (None, True)):
        assert desk.ok("POST", "/ip-bans", {"ip": ip, "seconds": seconds}) is None
        assert desk.rest("GET", "/users/@me")[0] == 429
        assert desk.ok("GET", "/state")["banned_ips"] == [ip]
        if pardon:
            desk.ok("DELETE", f"/ip-bans/{ip}")
        else:
            desk.ok("POST", "/clock", {"advance_s": 10})
        assert desk.rest("GET", "/users/@me")[0] == 200
        assert desk.ok("GET", "/state")["banned_ips"] == []


@pytest.mark.parametrize(
    ("status", "form", "kind"),
    [
        (500, "json", dict),
        (502, "html", bytes),
        (503, "text", bytes),
        (504, "json", dict),
        (520, "json", bytes),
        (524, "text", bytes),
    ],
)
def test_requests_get_a_server_error_of_the_wanted_form(desk, status, form, kind):
    desk.ok("POST", "/faults/rest", {"do": "answer", "status": status, "form": form, "operation": "create_message"})
    path, body = f"/channels/{desk.channel}/messages", {"content": "x"}
    failed, answer = desk.rest("POST", path, body)
    assert (failed, type(answer)) == (status, kind)
    assert desk.rest("GET", path) == (200, [])
    assert desk.rest("POST", path, body)[0] == 200


@pytest.mark.parametrize(("do", "happened"), [("reset", 0), ("reset_after", 1)])
def test_requests_are_cut_before_or_after_they_are_acted_upon(desk, do, happened):
    desk.ok("POST", "/faults/rest", {"do": do})
    path = f"/channels/{desk.channel}/messages"
    with pytest.raises(aiohttp.ClientError):
        desk.rest("POST", path, {"content": "x"})
    assert len(desk.made("GET", path)) == happened


def test_requests_are_late_or_never_answered(desk):
    def duration():
        began_ms = desk.fake.clock.now_ms
        status = desk.rest("GET", "/users/@me")[0]
        return status, (desk.fake.clock.now_ms - began_ms) // 100

    desk.ok("POST", "/faults/rest", {"do": "delay", "delay_s": 7.5, "times": 1})
    assert duration() == (200, 77)
    assert duration() == (200, 2)
    desk.ok("POST", "/faults/rest", {"do": "silence", "times": None})
    for _ in range(2):
        with pytest.raises(asyncio.TimeoutError):
            desk.do(lambda: asyncio.wait_for(desk.request("GET", "https://discord.com/api/v10/gateway", None, {}), 300))
    assert desk.ok("DELETE", "/faults") is None
    assert duration() == (200, 2)
    assert desk.refused("POST", "/faults/rest", {"do": "delay", "operation": "nope"})[1].startswith(
        "no operation 'nope'"
    )


@pytest.mark.parametrize(("do", "seen"), [("lose", [2, 3]), ("duplicate", [1, 1, 2, 3]), ("swap", [2, 1, 3])])
def test_events_are_lost_doubled_or_swapped(desk, do, seen):
    assert desk.ok("POST", "/faults/dispatch", {"do": do, "event": "NUMBERED"}) is None
    del desk.seen[:]
    for number in (1, 2, 3):
        desk.ok("POST", "/dispatches", {"event": "NUMBERED", "data": {"n": number}})
    assert [data["n"] for _, data in desk.seen] == seen
    assert desk.refused("POST", "/faults/dispatch", {"do": do, "event": "numbered"})[0] == 400


def test_faults_without_an_end_last_until_they_are_cleared(desk):
    desk.ok("POST", "/faults/dispatch", {"do": "lose", "times": None})
    desk.ok("POST", "/faults/rest", {"do": "answer", "times": None})
    event = {"event": "X", "data": {}}
    assert [desk.told("POST", "/dispatches", event) for _ in range(3)] == [[], [], []]
    assert desk.rest("GET", "/users/@me")[0] == 503
    desk.ok("DELETE", "/faults")
    assert desk.told("POST", "/dispatches", event) == ["X"]
    assert desk.rest("GET", "/users/@me")[0] == 200


# -- the gateway and the clock ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "seen", "closes"),
    [
        ({"do": "reconnect"}, [(7, None)], [4000]),
        ({"do": "invalidate", "shards": [0]}, [(9, False)], []),
        ({"do": "invalidate_resumable"}, [(9, True)], []),
        ({"do": "disconnect", "code": 4009}, [], [4009]),
        ({"do": "disconnect"}, [], [1006]),
        ({"do": "heartbeat"}, [(1, None)], []),
    ],
)
def test_what_can_be_done_to_connections(desk, body, seen, closes):
    del desk.seen[:]
    assert desk.ok("POST", "/gateway", body) == {"connections": 1}
    desk.do(lambda: asyncio.sleep(6))
    assert (desk.seen, desk.closes) == (seen, closes)
    assert desk.ok("POST", "/gateway", {**body, "shards": [5]}) == {"connections": 0}


def test_a_deafened_connection_gets_no_more_acknowledgements(desk):
    desk.do(lambda: desk.send(1, None))
    desk.do(lambda: asyncio.sleep(1))
    assert desk.seen[-1] == (11, None)
    assert desk.ok("POST", "/gateway", {"do": "deafen"}) == {"connections": 1}
    del desk.seen[:]
    desk.do(lambda: desk.send(1, None))
    assert desk.told("POST", "/dispatches", {"event": "X", "data": {}}) == ["X"]


def test_a_frozen_connection_is_up_and_silent(desk):
    assert desk.ok("POST", "/gateway", {"do": "freeze"}) == {"connections": 1}
    assert desk.told("POST", "/dispatches", {"event": "X", "data": {}}) == []
    assert desk.closes == []


def test_the_next_connections_are_greeted_with_op_7(desk):
    assert desk.ok("POST", "/gateway", {"do": "greet_reconnect", "times": 1}) == {"connections": 0}
    desk.do(desk.leave)
    del desk.seen[:]
    desk.do(desk.arrive)
    assert desk.seen[0] == (7, None)
    desk.do(desk.leave)
    del desk.seen[:]
    desk.do(desk.arrive)
    assert desk.seen[0][0] == 10


def test_the_clock_is_put_forward(desk):
    before = desk.ok("GET", "/state")["clock"]
    after = desk.ok("POST", "/clock", {"advance_s": 86_400})
    assert after["now_ms"] - before["now_ms"] == pytest.approx(86_400_200, abs=20)
    assert after["epoch_ms"] - before["epoch_ms"] == after["now_ms"] - before["now_ms"]
    desk.do(lambda: desk.send(1, None))  # the connection has not become too old by that
    assert desk.told("POST", "/dispatches", {"event": "X", "data": {}})[-1] == "X"
    assert desk.refused("POST", "/clock", {"advance_s": -1}) == (400, "Expected `float` >= 0.0 - at `$.advance_s`")


def test_another_number_of_shards_is_recommended(desk):
    assert desk.rest("GET", "/gateway/bot")[1]["shards"] == 1
    assert desk.ok("PUT", "/gateway/recommendation", {"shards": 16}) is None
    assert desk.rest("GET", "/gateway/bot")[1]["shards"] == 16
    assert "shards" in desk.refused("PUT", "/gateway/recommendation", {"shards": 0})[1]
    with pytest.raises(ValueError, match="at least 1, not 0"):
        desk.fake.recommend_shards(0)
