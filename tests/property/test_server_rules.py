"""The server's rules, at their edges and under any order of requests."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discord_sim.rules import connection as gateway
from discord_sim.rules.answers import Answer
from discord_sim.rules.buckets import Bucket, Law, take
from discord_sim.rules.front_door import Admitted, FrontDoor
from discord_sim.rules.global_limit import GlobalWindow, take_global
from discord_sim.rules.identify import Concurrency, SessionStarts
from discord_sim.rules.intents import ALL_INTENTS, PRIVILEGED, intent_for, is_known
from discord_sim.rules.invalid_requests import InvalidRequests
from discord_sim.rules.routes import ROUTES, MethodNotAllowed, RouteMatch, RouteUnknown, match
from discord_sim.rules.sessions import REPLAY_MAX, Session
from discord_sim.wire import CloseCode, Intent, Op
from discord_sim.world import snowflakes
from discord_sim.world.fanout import shard_of
from discord_sim.world.world import World

LAWS = st.builds(Law, st.integers(1, 40), st.sampled_from([250, 333, 1_000, 5_000, 10_000]), st.booleans())
GAPS = st.lists(st.integers(0, 2_000), min_size=1, max_size=120)


def play(law, gaps):
    bucket, now, accepted = Bucket(), 1_000, []
    for gap in gaps:
        now += gap
        bucket, taken = take(bucket, law, now)
        if taken.allowed:
            accepted.append(now)
        yield now, bucket, taken, accepted


@given(LAWS, GAPS)
def test_a_bucket_never_admits_more_than_its_law(law, gaps):
    accepted = [*play(law, gaps)][-1][3]
    for first, start in enumerate(accepted):
        for count, end in enumerate(accepted[first:], 1):
            if law.fixed:
                windows = (end - start) // law.window_ms + 2
                assert count <= windows * law.limit
            else:
                assert count <= law.limit + (end - start) * law.limit // law.window_ms + 1


@given(LAWS, GAPS)
def test_a_refused_request_costs_nothing_and_its_retry_after_is_exact(law, gaps):
    for now, bucket, taken, _ in play(law, gaps):
        if taken.allowed:
            assert 0 <= taken.remaining < law.limit
            continue
        assert taken.retry_after_ms > 0
        assert take(bucket, law, now)[0] == bucket
        assert take(bucket, law, now + taken.retry_after_ms)[1].allowed
        assert not take(bucket, law, now + taken.retry_after_ms - 1)[1].allowed


@given(LAWS, GAPS)
def test_reset_after_is_when_the_bucket_is_whole_again(law, gaps):
    for now, bucket, taken, _ in play(law, gaps):
        _, later = take(bucket, law, now + taken.reset_after_ms)
        assert later.remaining == law.limit - 1


def test_a_fixed_window_ends_at_its_millisecond():
    law, bucket = Law(1, 1_000, fixed=True), Bucket()
    bucket, _ = take(bucket, law, 500)
    assert [take(bucket, law, now)[1].allowed for now in (1_499, 1_500, 1_501)] == [False, True, True]


def test_the_global_window_lets_fifty_through_each_second():
    window, waits = GlobalWindow(), []
    for _ in range(51):
        window, wait = take_global(window, 100)
        waits.append(wait)
    assert waits == [0] * 50 + [1_000]
    assert [take_global(window, now)[1] for now in (1_099, 1_100, 1_101)] == [1, 0, 0]


@given(st.lists(st.integers(0, 400_000), min_size=1, max_size=60), st.integers(2, 12))
def test_the_ban_comes_with_the_invalid_request_that_fills_the_window(gaps, limit):
    account, now, recent = InvalidRequests(limit), 0, []
    for gap in gaps:
        now += gap
        banned = account.note(now)
        recent.append(now // 1_000)
        inside = [s for s in recent if s > (now - 600_000) // 1_000]
        assert banned == (len(inside) >= limit)
        if banned:
            recent.clear()


def test_a_ban_ends_at_its_millisecond():
    account = InvalidRequests(limit=1)
    assert account.note(10)
    assert [account.is_banned(now) for now in (10, 3_600_009, 3_600_010)] == [True, True, False]


def door(**options):
    return FrontDoor({"good": 1}, **options)


def ask(front, *, method="GET", path="/users/@me", token="Bot good", agent="DiscordBot", now=0):
    answer = front.judge("1.2.3.4", method, path, token, agent, now, 1_700_000_000_000 + now)
    if isinstance(answer, Answer) and answer.invalid:
        front.settle("1.2.3.4", now)
    return answer


def test_the_order_of_checks():
    front = door(global_limit=1)
    assert isinstance(ask(front), Admitted)
    assert ask(front).scope == "global"
    assert ask(front, token="Bot bad").status == 401, "a wrong token is told before the global limit"
    assert ask(front, path="/nope", token="Bot bad").status == 404, "an unknown route before the token"
    assert ask(front, method="PUT", token="Bot bad").status == 405
    assert ask(front, path="/nope", agent="").body["code"] == 40333, "a blocked agent before the route"
    front.account("1.2.3.4").banned_until_ms = 10
    assert ask(front, agent="").scope == "cloudflare", "a ban before everything"
    assert isinstance(ask(front, now=1_000), Admitted)


def test_a_wrong_token_spends_nothing():
    front = door(global_limit=1)
    for _ in range(5):
        ask(front, token="Bot bad")
    assert isinstance(ask(front), Admitted)
    assert front.account("1.2.3.4").total == 5


@pytest.mark.parametrize("route", ROUTES.values(), ids=lambda r: f"{r.method} {r.template}")
def test_every_route_finds_itself(route):
    path = "/".join("123456789012345678" if part.startswith("{") else part for part in route.template.split("/"))
    found = match(route.method, path)
    assert isinstance(found, RouteMatch)
    assert found.route == route
    is_major = route.template.startswith(("/guilds/{", "/channels/{", "/webhooks/{"))
    with_token = "/123456789012345678" if "{webhook_token}" in route.template else ""
    assert found.major == ("123456789012345678" + with_token if is_major else "")
    assert len(found.route.bucket_hash) == 32
    assert set(found.route.bucket_hash) <= set("0123456789abcdef")
    assert isinstance(match("TRACE", path), MethodNotAllowed)
    assert isinstance(match(route.method, path + "/x/y/z"), RouteUnknown)


@pytest.mark.parametrize(
    ("names", "same"),
    [
        (("add_my_message_reaction", "delete_my_message_reaction"), True),
        (("add_guild_member_role", "delete_guild_member_role"), True),
        (("create_message", "update_message"), False),
    ],
)
def test_routes_that_share_a_counter(names, same):
    hashes = {r.bucket_hash for r in ROUTES.values() if r.name in names}
    assert (len(hashes) == 1) is same


def test_intents_as_documented():
    assert ALL_INTENTS == 53_608_447
    assert ALL_INTENTS - PRIVILEGED == 53_575_421
    assert intent_for("GUILD_BAN_ADD") == 1 << Intent.GUILD_MODERATION
    assert intent_for("MESSAGE_CREATE") == 1 << Intent.GUILD_MESSAGES
    assert intent_for("MESSAGE_CREATE", in_guild=False) == 1 << Intent.DIRECT_MESSAGES
    assert intent_for("INTERACTION_CREATE") == 0
    assert [is_known(n) for n in (0, ALL_INTENTS, 1 << 17, -1)] == [True, True, False, False]


def test_session_starts_are_a_thousand_a_day_from_the_first():
    starts = SessionStarts()
    for _ in range(1_000):
        starts, granted = starts.spend(5)
        assert granted
    day = 24 * 3_600_000
    assert [starts.spend(now)[1] for now in (5 + day - 1, 5 + day, 5 + day + 1)] == [False, True, True]
    assert starts.limit_body(5, 1)["remaining"] == 0


@given(st.integers(1, 16), st.lists(st.tuples(st.integers(0, 40), st.integers(0, 6_000)), max_size=60))
def test_identifies_of_one_key_are_five_seconds_apart(concurrency, attempts):
    rule, now, granted = Concurrency(concurrency), 0, []
    for shard, gap in attempts:
        now += gap
        if rule.allows(shard, now):
            granted.append((shard % concurrency, now))
    for key in range(concurrency):
        times = [t for k, t in granted if k == key]
        assert all(b - a >= 5_000 for a, b in zip(times, times[1:], strict=False))


def test_identify_spacing_at_its_millisecond():
    def second_at(now):
        rule = Concurrency(1)
        return rule.allows(0, 0) and rule.allows(1, now)

    assert [second_at(now) for now in (4_999, 5_000, 5_001)] == [False, True, True]


@given(st.integers(0, REPLAY_MAX + 50), st.integers(0, REPLAY_MAX + 50))
def test_a_resume_gets_exactly_what_it_missed_or_nothing(pushed, seen):
    session = Session("s", 1, "t")
    frames = [session.push("E", b"%d" % n) for n in range(pushed)]
    missed = session.missed_since(min(seen, pushed))
    gone = pushed - min(seen, pushed) > REPLAY_MAX
    assert (missed is None) is gone
    if missed is not None:
        assert missed == frames[min(seen, pushed) :]


def test_a_session_is_kept_for_three_minutes():
    session = Session("s", 1, "t", lost_at_ms=100)
    assert [session.is_gone(now) for now in (180_099, 180_100, 180_101)] == [False, True, True]


P, D = gateway.Phase, gateway.Do


@pytest.mark.parametrize(
    ("phase", "op", "expected"),
    [
        *((phase, Op.HEARTBEAT, D.ACK) for phase in P),
        (P.HELLO, Op.IDENTIFY, D.IDENTIFY),
        (P.HELLO, Op.RESUME, D.RESUME),
        (P.ACTIVE, Op.IDENTIFY, CloseCode.ALREADY_AUTHENTICATED),
        (P.ACTIVE, Op.RESUME, CloseCode.ALREADY_AUTHENTICATED),
        (P.INVALIDATED, Op.IDENTIFY, D.IDENTIFY),
        (P.INVALIDATED, Op.RESUME, CloseCode.NOT_AUTHENTICATED),
        (P.ACTIVE, Op.PRESENCE_UPDATE, D.COMMAND),
        (P.HELLO, Op.PRESENCE_UPDATE, CloseCode.NOT_AUTHENTICATED),
        (P.INVALIDATED, Op.REQUEST_GUILD_MEMBERS, CloseCode.NOT_AUTHENTICATED),
        *((phase, op, CloseCode.UNKNOWN_OPCODE) for phase in P for op in (0, 5, 7, 9, 10, 11, 99)),
    ],
)
def test_what_each_phase_answers_to_each_opcode(phase, op, expected):
    _, effect = gateway.on_message(gateway.Connection(phase), {"op": int(op)}, 10, 0)
    assert (effect.code if isinstance(effect, gateway.Close) else effect.do) == expected


def test_the_send_window_opens_again_at_its_millisecond():
    connection = gateway.Connection(P.ACTIVE)
    for _ in range(120):
        connection, effect = gateway.on_message(connection, {"op": 1}, 10, 1_000)
        assert effect == gateway.Command(D.ACK)
    outcomes = [gateway.on_message(connection, {"op": 1}, 10, now)[1] for now in (59_999, 60_000, 61_000)]
    assert outcomes[0] == gateway.Close(CloseCode.RATE_LIMITED)
    assert outcomes[1:] == [gateway.Command(D.ACK)] * 2


@given(st.integers(0, 150_000), st.integers(0, 900), st.integers(0, (1 << 20) - 1))
def test_every_id_carries_its_address(guild, part, member):
    ids = (snowflakes.guild_id(guild), snowflakes.channel_id(guild, part), snowflakes.role_id(guild, part))
    assert [snowflakes.guild_index(i) for i in ids] == [guild] * 3
    user = snowflakes.member_id(guild, member)
    assert snowflakes.member_address(user) == (guild, member)
    assert all(17 <= len(str(i)) <= 19 and i < 1 << 63 for i in (*ids, user))


@given(st.integers(0, 4_000_000_000_000))
def test_timestamps_agree_with_pythons_calendar(epoch_ms):
    moment = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC) + datetime.timedelta(milliseconds=epoch_ms)
    assert snowflakes.iso(epoch_ms) == moment.isoformat(timespec="microseconds")


@given(st.integers(0, 2**32), st.permutations(range(6)))
def test_a_world_is_the_same_whichever_guild_is_looked_at_first(seed, order):
    one, other = World(seed, guilds=6), World(seed, guilds=6)
    for index in order:
        other.guild_at(index)
    assert [one.guild_create(one.guild_at(n)) for n in range(6)] == [
        other.guild_create(other.guild_at(n)) for n in range(6)
    ]


def test_consecutive_guilds_spread_over_any_number_of_shards():
    world = World(1, guilds=2_000)
    for count in (2, 3, 5, 8, 16, 61):
        sizes = [sum(shard_of(g, count) == shard for g in world.guild_ids()) for shard in range(count)]
        assert max(sizes) - min(sizes) <= 2_000 // count * 0.2 + 2, count


def test_a_world_that_cannot_be_is_explained():
    with pytest.raises(ValueError, match="channels=0"):
        World(1, channels=0)
