"""B.4, B.5 and B.8: which requests share a counter, how a counter fills and empties, and the limits of each route."""

import pytest

from discord_sim import Law
from discord_sim.world.snowflakes import moment_id

MESSAGES = "/channels/{c}/messages"


def state(answer):
    """(Bucket, Remaining) of an answer."""
    return answer.headers["X-RateLimit-Bucket"], int(answer.headers["X-RateLimit-Remaining"])


def share_a_counter(wire, first, second, **options):
    """Whether the second request finds what the first took. Both must have the same limit."""
    (_, before), (_, after) = state(wire.call(*first)), state(wire.call(*second, **options))
    assert after in (before, before - 1)
    return after == before - 1


# -- which requests share a counter --------------------------------------------------------------------------


@pytest.fixture
def roomy(start):
    """Limits that are the same everywhere, so that only the identity of a bucket matters."""
    law = Law(100, 60_000)
    names = (
        "create_message", "update_message", "add_my_message_reaction", "delete_my_message_reaction",
        "delete_all_message_reactions", "add_guild_member_role", "delete_guild_member_role", "get_guild",
        "update_guild", "execute_webhook", "get_user", "get_guild_application_command", "invite_resolve",
        "get_stage_instance", "get_channel", "update_channel",
    )  # fmt: skip
    return start(laws=dict.fromkeys(names, law))


REACTION = "/channels/{c}/messages/123456789012345678/reactions/%F0%9F%94%A5/@me"
ROLE = "/guilds/{g}/members/{m1}/roles/{r}"
COMMAND = "/applications/{me}/guilds/{g}/commands/123456789012345678"
OTHER_COMMAND = "/applications/{me}/guilds/1/commands/123456789012345678"


@pytest.mark.parametrize(
    ("first", "second", "shared"),
    [
        (("PUT", REACTION), ("DELETE", REACTION), True),
        (("PUT", REACTION), ("DELETE", REACTION.removesuffix("/%F0%9F%94%A5/@me")), True),
        (("PUT", ROLE), ("DELETE", ROLE), True),
        (("POST", MESSAGES), ("PATCH", MESSAGES + "/123456789012345678"), False),
        (("GET", "/channels/{c}"), ("PATCH", "/channels/{c}"), False),
        (("GET", "/channels/{c}"), ("GET", "/channels/{c2}"), False),
        (("GET", "/guilds/{g}"), ("GET", "/guilds/{g1}"), False),
        (("POST", "/webhooks/1/a"), ("POST", "/webhooks/2/a"), False),
        (("POST", "/webhooks/1/a"), ("POST", "/webhooks/1/b"), False),
        (("GET", "/users/{m1}"), ("GET", "/users/{m2}"), True),
        (("GET", COMMAND), ("GET", OTHER_COMMAND), True),
        (("GET", "/invites/one"), ("GET", "/invites/two"), True),
        (("GET", "/stage-instances/1"), ("GET", "/stage-instances/2"), True),
    ],
    ids=[
        "reaction added and removed", "reaction added and all removed", "role given and taken", "post and edit",
        "two methods", "two channels", "two guilds", "two webhooks", "two tokens of a webhook", "two users",
        "two guilds behind an application", "two invites", "two stages",
    ],
)  # fmt: skip
@pytest.mark.fidelity("B.4", "D/O", "docs: Rate Limits; discord-api-docs issues 981, 1442 and 8073")
def test_a_counter_belongs_to_a_bucket_and_its_top_level_resource(roomy, first, second, shared):
    assert share_a_counter(roomy, first, second) is shared


@pytest.mark.fidelity("B.4", "D", "docs: Rate Limits")
def test_the_hash_does_not_depend_on_the_resource(roomy):
    one, other = (state(roomy.call("GET", f"/channels/{{{c}}}")) for c in ("c", "c2"))
    assert one == other


@pytest.mark.fidelity("B.4", "D", "docs: Rate Limits")
def test_each_token_has_counters_of_its_own(roomy):
    request = ("GET", "/guilds/{g}")
    assert not share_a_counter(roomy, request, request, auth=f"Bot {roomy.tokens[1]}")


@pytest.mark.fidelity("B.4", "D", "docs: Rate Limits")
def test_who_sends_no_token_is_counted_by_address(roomy):
    request = ("GET", "/invites/nothing")
    first, again, elsewhere = (roomy.call(*request, auth="", host=host) for host in ("bot", "bot", "elsewhere"))
    assert [state(a)[1] for a in (first, again, elsewhere)] == [99, 98, 99]


@pytest.mark.fidelity("B.4", "O", "discord.js, its sequential handler")
def test_hashes_may_change_at_any_time_while_the_counters_stay(roomy):
    before = [state(roomy.call("GET", path)) for path in ("/guilds/{g}", "/users/{m1}")]
    roomy.fake.rotate_bucket_hashes()
    after = [state(roomy.call("GET", path)) for path in ("/guilds/{g}", "/users/{m1}")]
    assert [remaining for _, remaining in after] == [remaining - 1 for _, remaining in before]
    hashes = {name for name, _ in before + after}
    assert len(hashes) == 4
    assert {len(name) for name in hashes} == {32}


# -- how a counter fills and empties -------------------------------------------------------------------------


def told(answer):
    """(Remaining, Reset-After, Reset) of an answer, in seconds."""
    return tuple(float(answer.headers[f"X-RateLimit-{n}"]) for n in ("Remaining", "Reset-After", "Reset"))


@pytest.mark.fidelity("B.5", "O", "hikari, hikari/impl/buckets.py; discord-api-docs issue 7680")
def test_a_leaky_bucket_pushes_its_reset_out_with_each_request(wire):
    answers = [wire.call("POST", MESSAGES, {"content": "x"}) for _ in range(6)]
    assert [told(a)[:2] for a in answers] == [(4, 1), (3, 2), (2, 3), (1, 4), (0, 5), (0, 5)]
    resets = [told(a)[2] for a in answers[:5]]
    assert resets == sorted(set(resets))
    assert (answers[5].status, answers[5].body["retry_after"]) == (429, 1.0)


@pytest.mark.fidelity("B.5", "O", "hikari, hikari/impl/buckets.py; discord-api-docs issue 7680")
def test_a_leaky_bucket_frees_one_slot_after_another(wire):
    for _ in range(5):
        wire.ok("POST", MESSAGES, {"content": "x"})
    wire.sleep(1)
    assert [wire.call("POST", MESSAGES, {"content": "x"}).status for _ in range(2)] == [200, 429]
    wire.sleep(5)
    assert told(wire.call("POST", MESSAGES, {"content": "x"}))[:2] == (4, 1)


@pytest.mark.fidelity("B.5", "O", "discord-api-docs issue 7680; hikari, hikari/impl/buckets.py")
def test_a_fixed_window_keeps_its_reset_until_it_has_passed(wire):
    seen = []
    for _ in range(11):
        seen.append(wire.call("PUT", ROLE))
        wire.sleep(0.5)
    assert [told(a)[0] for a in seen] == [9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 0]
    assert len({told(a)[2] for a in seen}) == 1
    assert (seen[10].status, seen[10].body["retry_after"]) == (429, 5.0)
    wire.sleep(4.5)
    assert [told(wire.call("PUT", ROLE))[0] for _ in range(3)] == [9, 8, 7], "all are free at once"


@pytest.mark.fidelity("B.5", "O", "discord-api-docs issue 7680")
def test_a_refused_request_takes_no_slot(wire):
    for _ in range(5):
        wire.ok("POST", MESSAGES, {"content": "x"})
    assert [wire.call("POST", MESSAGES, {"content": "x"}).body["retry_after"] for _ in range(3)] == [1.0] * 3


# -- the limits of each route --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("age_s", "limit", "period_s", "bucket"),
    [
        (0, 5, 0.2, "9a4e05a217afd885787cb9f6f7d71853"),
        (9.9, 5, 0.2, "9a4e05a217afd885787cb9f6f7d71853"),
        (10, 3, 0.111, "c51d12acd501bc2e6c76ab191408bd45"),
        (14 * 86_400 - 1, 3, 0.111, "c51d12acd501bc2e6c76ab191408bd45"),
        (14 * 86_400, 30, 0.134, "b5e35274c6fd5cfec77fe9bfaf059ad6"),
    ],
)
@pytest.mark.fidelity("B.8", "O", "discord-api-docs issue 8330; discord.js, REST.ts")
def test_deleting_a_message_has_three_buckets_by_its_age(wire, age_s, limit, period_s, bucket):
    message_id = moment_id(wire.fake.clock.epoch_ms - int(age_s * 1000), 1)
    answer = wire.call("DELETE", f"{MESSAGES}/{message_id}")
    assert state(answer) == (bucket, limit - 1)
    assert told(answer)[1] == period_s


@pytest.mark.parametrize(
    ("method", "path", "limit", "window_s"),
    [
        ("POST", MESSAGES, 5, 5),
        ("PATCH", MESSAGES + "/123456789012345678", 5, 5),
        ("POST", MESSAGES + "/bulk-delete", 1, 3),
        ("PUT", REACTION, 1, 0.25),
        ("PATCH", "/channels/{c}", 5, 15),
        ("POST", "/webhooks/1/a", 5, 2),
        ("GET", "/guilds/{g}/bans", 5, 60),
        ("POST", "/guilds/{g}/bulk-ban", 5, 30),
        ("POST", "/guilds/{g}/prune", 2, 60),
        ("PATCH", "/guilds/{g}/members/{m1}", 10, 10),
        ("PATCH", "/guilds/{g}/members/@me", 1, 1),
        ("PUT", "/applications/{me}/commands", 30, 60),
        ("GET", "/gateway/bot", 2, 5),
        ("POST", "/channels/{c}/typing", 5, 5),
        ("GET", "/users/@me", 50_000, 60),
        ("PUT", "/guilds/{g}/bans/{m1}", 50_000, 60),
    ],
    ids=lambda v: v if isinstance(v, str) else None,
)
@pytest.mark.fidelity("B.8", "O/L", "observations collected from issue threads and client logs")
def test_a_route_has_the_limit_that_was_observed(wire, method, path, limit, window_s):
    answer = wire.call(method, path)
    assert (int(answer.headers["X-RateLimit-Limit"]), state(answer)[1]) == (limit, limit - 1)
    assert told(answer)[1] == pytest.approx(window_s / limit, abs=0.001), "a leaky bucket tells of the slot it filled"


def crosspost(wire):
    wire.guild.channels[wire.names["c"]]["type"] = 5
    return lambda: wire.call("POST", f"/channels/{{c}}/messages/{wire.say()['id']}/crosspost")


def rename(kind):
    def prepare(wire):
        made = wire.ok("POST", "/channels/{c}/threads", {"name": "t", "type": 11})["id"] if kind == "thread" else "{c}"
        return lambda: wire.call("PATCH", f"/channels/{made}", {"name": "new"})

    return prepare


def create(path, **body):
    return lambda wire: lambda: wire.call("POST", path, body)


PICTURE = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"


@pytest.mark.parametrize(
    ("prepare", "limit", "scope", "code", "retry_after_s"),
    [
        (rename("channel"), 2, "user", None, 600),
        (rename("thread"), 2, "user", None, 600),
        (crosspost, 10, "user", 20022, 3_600),
        (create("/guilds/{g}/emojis", name="smile", image=PICTURE), 50, "shared", None, 3_600),
        (create("/guilds/{g}/roles", name="r"), 250, "user", None, 48 * 3_600),
        (create("/guilds/{g}/channels", name="c"), 500, "user", None, 24 * 3_600),
    ],
    ids=["name of a channel", "name of a thread", "crosspost", "emoji", "role", "channel"],
)
@pytest.mark.fidelity("B.8", "O/K", "docs: Rate Limits; discord-api-docs issues 1480, 2208 and 2250")
def test_a_route_has_a_hidden_limit(start, prepare, limit, scope, code, retry_after_s):
    wire = start(global_limit_per_s=10_000)
    attempt = prepare(wire)
    assert 429 not in {attempt().status for _ in range(limit)}
    refused = attempt()
    assert (refused.status, refused.headers["X-RateLimit-Scope"], refused.body.get("code")) == (429, scope, code)
    assert refused.body["retry_after"] == retry_after_s
    assert int(refused.headers["X-RateLimit-Remaining"]) > 0


@pytest.mark.fidelity("B.8", "D", "docs: Application Commands")
def test_two_hundred_commands_can_be_created_in_a_day_and_guild(start):
    wire = start(global_limit_per_s=10_000)
    path = "/applications/{me}/guilds/{g}/commands"
    for n in range(200):
        made = wire.ok("POST", path, {"name": f"c{n}", "description": "d"})
        wire.ok("DELETE", f"{path}/{made['id']}")
    refused = wire.call("POST", path, {"name": "one-more", "description": "d"})
    assert (refused.status, refused.body["code"]) == (429, 30034)


@pytest.mark.fidelity("B.8", "K", "public logs of bots")
def test_a_third_new_username_within_an_hour_is_a_form_error_not_a_429(wire):
    answers = [wire.call("PATCH", "/users/@me", {"username": f"name-{n}"}) for n in range(3)]
    assert [a.status for a in answers] == [200, 200, 400]
    assert answers[2].body["errors"]["username"]["_errors"][0]["code"] == "USERNAME_RATE_LIMIT"


@pytest.mark.fidelity("B.6", "D", "docs: Rate Limits")
def test_a_bot_has_fifty_requests_a_second_over_all_routes(wire):
    paths = ("/users/@me", "/guilds/{g}", "/channels/{c}", "/channels/{c2}")
    assert [wire.call("GET", paths[n % 4]).status for n in range(51)] == [200] * 50 + [429]
    assert wire.call("GET", "/users/@me", auth=f"Bot {wire.tokens[1]}").status == 200
    wire.sleep(1)
    assert wire.call("GET", "/users/@me").status == 200


@pytest.mark.fidelity("B.6", "D", "docs: Rate Limits, Receiving and Responding to Interactions")
def test_interactions_and_webhooks_with_a_token_are_exempt_from_the_global_limit(start):
    wire = start(global_limit_per_s=1)
    assert [wire.call("GET", "/users/@me").status for _ in range(2)] == [200, 429]
    paths = ("/interactions/1/x/callback", "/webhooks/1/x")
    assert [wire.call("POST", path, {"type": 5}).status for path in paths] == [404, 404]
