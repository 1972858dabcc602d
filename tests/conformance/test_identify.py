"""C.6, C.7, C.10 and C.11: identify, what READY says, how many sessions may start, and which shard hears what."""

import re

import pytest

from discord_sim import World
from discord_sim.rules.intents import ALL_INTENTS

GUILDS, MEMBERS, PRESENCES, MESSAGES, DIRECT_MESSAGES, CONTENT = 1, 1 << 1, 1 << 8, 1 << 9, 1 << 12, 1 << 15
DAY_S = 86_400


def attempt(wire, **identify):
    """Identify on a new connection: READY, or the close code; op 9 as 9."""
    socket = wire.greeted()
    socket.identify(**{"intents": 0, **identify})
    told = socket.payloads(3)
    return socket.code or told[0]["t"] or told[0]["op"]


def ready(wire, **identify):
    """The data of READY on a new connection."""
    socket = wire.greeted()
    socket.identify(**identify)
    return socket.until("READY")[-1]["d"]


# -- what an identify may hold -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        {"token": "Bot {token}"},
        {"properties": {}},
        {"properties": {"$os": "linux", "$browser": "old", "$device": "old"}},
        {"intents": ALL_INTENTS},
        {"compress": True},
        {"presence": {"since": None, "activities": [], "status": "idle", "afk": False}},
        {"capabilities": 4093, "client_state": {}},
        {"large_threshold": 9_999},
    ],
    ids=lambda changes: next(iter(changes)),
)
@pytest.mark.fidelity("C.6", "D/O", "docs: Gateway Events (Identify); what libraries send")
def test_what_an_identify_may_hold(wire, changes):
    token = changes.get("token", "{token}").format(token=wire.tokens[0])
    assert attempt(wire, **{**changes, "token": token}) == "READY"


@pytest.mark.parametrize("bit", [MEMBERS, PRESENCES, CONTENT], ids=["members", "presences", "content"])
@pytest.mark.fidelity("C.4", "D", "docs: Gateway (privileged intents)")
def test_4014_for_a_privileged_intent_that_is_not_enabled(start, bit):
    wire = start(allowed_intents=ALL_INTENTS & ~bit)
    assert [attempt(wire, intents=bit), attempt(wire, intents=ALL_INTENTS & ~bit)] == [4014, "READY"]


@pytest.mark.parametrize(
    ("members", "threshold", "large"),
    [(50, ..., False), (51, ..., True), (60, 59, True), (60, 60, False), (50, 49, False), (60, 251, True)],
)
@pytest.mark.fidelity(
    "C.6", "X", "docs: Gateway Events (Identify); userdoccers say 25; what is out of bounds is a guess"
)
def test_a_guild_is_large_above_the_threshold_which_is_fifty_unless_it_is_within_50_and_250(
    start, members, threshold, large
):
    wire = start(World(1, guilds=1, members=(members - 1, members - 1)))  # and the bot
    socket = wire.greeted()
    socket.identify(intents=GUILDS, large_threshold=threshold)
    guild = socket.until("GUILD_CREATE")[-1]["d"]
    assert (guild["member_count"], guild["large"]) == (members, large)


@pytest.mark.fidelity("C.6", "D", "docs: Gateway Events (Identify)")
def test_the_presence_of_an_identify_is_what_others_see(wire):
    watcher = wire.session(intents=PRESENCES)
    activity = {"name": "chess", "type": 0}
    wire.session(intents=0, presence={"since": None, "activities": [activity], "status": "dnd", "afk": False})
    presence = dict(watcher.events())["PRESENCE_UPDATE"]
    assert (presence["user"]["id"], presence["status"]) == (str(wire.names["me"]), "dnd")
    assert presence["activities"][0]["name"] == "chess"


# -- READY ---------------------------------------------------------------------------------------------------


@pytest.mark.fidelity("C.7", "D", "docs: Gateway Events (Ready)")
def test_ready_says_who_the_bot_is_and_how_to_come_back(wire):
    socket = wire.greeted()
    socket.identify()
    payload = socket.receive()
    ready = payload["d"]
    assert (payload["t"], payload["s"]) == ("READY", 1)
    assert re.fullmatch("[0-9a-f]{32}", ready["session_id"])
    assert ready["resume_gateway_url"].startswith("wss://")
    assert (ready["v"], ready["user"]["id"], ready["user"]["bot"]) == (10, str(wire.names["me"]), True)
    assert (ready["user"]["email"], ready["application"]["id"]) == (None, str(wire.names["me"]))
    assert ready["guilds"] == [{"id": str(wire.names[g]), "unavailable": True} for g in ("g", "g1")]


@pytest.mark.parametrize("shard", [[0, 1], [1, 2], ...], ids=str)
@pytest.mark.fidelity("C.7", "D", "docs: Gateway Events (Ready)")
def test_ready_repeats_the_shard_if_the_identify_had_one(wire, shard):
    assert ready(wire, shard=shard).get("shard", ...) == shard


@pytest.mark.fidelity("C.7", "D", "docs: Gateway, Sharding")
def test_ready_lists_the_guilds_of_its_shard_only(start):
    wire = start(World(1, guilds=40, members=(1, 2)), max_concurrency=4)
    listed = [{int(g["id"]) for g in ready(wire, shard=[n, 4])["guilds"]} for n in range(4)]
    assert listed == [{g for g in wire.fake.world.guild_ids() if (g >> 22) % 4 == n} for n in range(4)]
    assert all(listed)


# -- concurrency ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("wait_s", "outcome"), [(0, 9), (4.9, 9), (5, "READY")])
@pytest.mark.fidelity("C.6", "D/O", "docs: Gateway; discord-api-docs issue 1328 (the answer comes late)")
def test_one_identify_in_five_seconds(wire, wait_s, outcome):
    ready(wire)
    wire.sleep(wait_s)
    socket = wire.greeted()
    socket.identify(intents=0)
    early = socket.payloads(1)
    later = socket.payloads(2)
    if outcome == 9:
        assert (early, later) == ([], [{"t": None, "s": None, "op": 9, "d": False}])
    else:
        assert early[0]["t"] == "READY"
    assert socket.code is None


@pytest.mark.parametrize(
    ("max_concurrency", "first", "second", "outcome"),
    [
        (1, [0, 2], [1, 2], 9),
        (2, [0, 4], [1, 4], "READY"),
        (2, [0, 4], [2, 4], 9),
        (16, [0, 32], [15, 32], "READY"),
        (16, [0, 32], [16, 32], 9),
        (2, [0, 4], ..., 9),
    ],
    ids=str,
)
@pytest.mark.fidelity("C.10", "D/L", "docs: Gateway (rate limiting of sharding); without a shard it is key 0")
def test_identifies_share_a_key_by_shard_modulo_max_concurrency(start, max_concurrency, first, second, outcome):
    wire = start(max_concurrency=max_concurrency)
    assert attempt(wire, shard=first) == "READY"
    assert attempt(wire, shard=second) == outcome


@pytest.mark.fidelity("C.6", "L", "nothing is known to be consumed by a refused identify")
def test_an_identify_that_came_too_early_costs_no_session_start(wire):
    outcomes = [attempt(wire), attempt(wire)]
    assert outcomes == ["READY", 9]
    assert wire.ok("GET", "/gateway/bot")["session_start_limit"]["remaining"] == 999


@pytest.mark.fidelity("C.6", "D", "docs: Gateway")
def test_bots_do_not_share_concurrency_nor_starts(wire):
    assert [attempt(wire), attempt(wire, token=wire.tokens[1])] == ["READY", "READY"]
    remaining = [
        wire.ok("GET", "/gateway/bot", auth=f"Bot {token}")["session_start_limit"]["remaining"] for token in wire.tokens
    ]  # fmt: skip
    assert remaining == [999, 999]


# -- session starts ------------------------------------------------------------------------------------------


@pytest.mark.fidelity("C.10", "D", "docs: Gateway")
def test_each_identify_takes_one_of_a_thousand_starts_a_day_and_a_resume_none(start):
    wire = start(max_concurrency=3)

    def limit():
        wire.sleep(5)
        return wire.ok("GET", "/gateway/bot")["session_start_limit"]

    assert limit() == {"total": 1000, "remaining": 1000, "reset_after": DAY_S * 1000, "max_concurrency": 3}
    socket = wire.session(intents=0)
    socket.close()
    assert wire.resume(socket).receive()["t"] == "RESUMED"
    assert limit()["remaining"] == 999
    wire.fake.advance(DAY_S)
    assert limit()["remaining"] == 1000


@pytest.mark.fidelity("C.10", "D", "docs: Gateway")
def test_spending_all_starts_ends_every_session_and_the_token(start):
    wire = start(session_starts_total=2)
    living = [wire.session(intents=0) for _ in range(2)]
    other = wire.session(intents=0, token=wire.tokens[1])
    wire.sleep(5)
    assert attempt(wire) == 4004
    assert [socket.close_code() for socket in living] == [4004, 4004]
    assert other.code is None
    wire.fake.advance(DAY_S)
    assert attempt(wire) == 4004


# -- shards --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("shard", "outcome"), [([0, 1], 4011), ([0, 2], "READY"), ([1, 2], "READY")], ids=str)
@pytest.mark.fidelity("C.11", "D", "docs: Gateway, Sharding")
def test_4011_for_more_than_2500_guilds_on_a_shard(start, shard, outcome):
    wire = start(World(1, guilds=2_501, members=(1, 1)))
    assert attempt(wire, shard=shard) == outcome


@pytest.mark.parametrize(("count", "outcome"), [(16, "READY"), (32, "READY"), (17, 4010), (1, 4010)])
@pytest.mark.fidelity("C.11", "D", "docs: Gateway, Sharding for Large Bots")
def test_a_large_bots_shard_count_must_be_a_multiple_of_its_number(start, count, outcome):
    wire = start(shards=16, shards_multiple=16)
    assert wire.ok("GET", "/gateway/bot")["shards"] == 16
    assert attempt(wire, shard=[0, count]) == outcome


@pytest.fixture
def shards(start):
    """Two guilds on two shards, as consecutive guilds are; a session of each, with all intents."""
    wire = start(max_concurrency=2)
    return wire, [wire.session(shard=[n, 2]) for n in range(2)]


@pytest.mark.fidelity("C.11", "D", "docs: Gateway, Sharding")
def test_a_guilds_events_go_to_its_shard(shards):
    wire, sockets = shards
    wire.fake.message_posted(0, "first guild")
    wire.fake.message_posted(1, "second guild")
    owners = [(wire.names[g] >> 22) % 2 for g in ("g", "g1")]
    heard = [[data["content"] for _, data in socket.events()] for socket in sockets]
    assert (heard[owners[0]], heard[owners[1]]) == (["first guild"], ["second guild"])


@pytest.mark.fidelity("C.11", "D/O", "docs: Gateway, Sharding")
def test_what_belongs_to_no_guild_goes_to_shard_zero(shards):
    wire, sockets = shards
    channel = wire.ok("POST", "/users/@me/channels", {"recipient_id": wire.names["m1"]})["id"]
    wire.act("m1", "create_message", {"content": "psst"}, channel_id=channel)
    sku = wire.fake.sku(wire.names["me"], "premium")
    wire.do(wire.fake.subscription, wire.names["m1"], sku)
    heard = [{name for name, _ in socket.events()} for socket in sockets]
    assert heard == [{"MESSAGE_CREATE", "SUBSCRIPTION_CREATE", "ENTITLEMENT_CREATE"}, set()]


@pytest.mark.fidelity("D.5", "D", "docs: Gateway Events (Entitlement Create)")
@pytest.mark.fidelity("C.11", "D", "docs: Gateway Events (Entitlement Create)")
def test_an_entitlement_of_a_guild_goes_to_shard_zero_all_the_same(shards):
    wire, sockets = shards
    sku = wire.fake.sku(wire.names["me"], "premium")
    guilds = [wire.names["g"], wire.names["g1"]]
    for guild in guilds:
        wire.do(wire.fake.subscription, wire.names["m1"], sku, guild)
    heard = [[int(d["guild_id"]) for name, d in s.events() if name == "ENTITLEMENT_CREATE"] for s in sockets]
    assert heard == [guilds, []]


@pytest.mark.fidelity("C.6", "D", "docs: Gateway, Sharding")
def test_a_shard_that_identified_twice_and_one_of_another_count_all_hear(start):
    wire = start(max_concurrency=3)
    shard = (wire.names["g"] >> 22) % 2
    sockets = [wire.session(intents=MESSAGES, **given) for given in ({}, {"shard": [0, 1]}, {"shard": [shard, 2]})]
    sockets.append(wire.session(intents=MESSAGES, shard=[shard, 2]))
    wire.say("to all of them")
    assert [[name for name, _ in socket.events()] for socket in sockets] == [["MESSAGE_CREATE"]] * 4


@pytest.mark.fidelity("C.11", "D", "docs: Gateway")
def test_a_guild_that_is_joined_arrives_on_its_shard(shards):
    wire, sockets = shards
    wire.ok("DELETE", "/users/@me/guilds/{g}")
    shard = (wire.names["g"] >> 22) % 2
    left = [name for name, _ in sockets[shard].events()]
    wire.do(wire.fake.member_joined, wire.guild.id, wire.names["me"])
    heard = [[name for name, _ in socket.events()] for socket in sockets]
    assert left == ["GUILD_DELETE"]
    assert (heard[shard][0], heard[1 - shard]) == ("GUILD_CREATE", [])
