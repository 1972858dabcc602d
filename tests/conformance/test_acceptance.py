"""The acceptance list: what makes the fake a Discord, row by row, each shown once from end to end."""

import json
import re
import zlib

import hikari
import pytest
import zstandard

from discord_sim import Link, World
from discord_sim.faults import DispatchFault, RestFault
from discord_sim.rules.intents import ALL_INTENTS
from discord_sim.rules.routes import ROUTES
from discord_sim.spec import OPERATIONS
from framework import Bot, Intents

GUILDS, MEMBERS, MODERATION, MESSAGES, DIRECT_MESSAGES, CONTENT = 1, 1 << 1, 1 << 2, 1 << 9, 1 << 12, 1 << 15
ME = ("GET", "/users/@me")
POST = ("POST", "/channels/{c}/messages", {"content": "x"})
BAN = {"GUILD_BAN_ADD", "GUILD_MEMBER_REMOVE", "GUILD_AUDIT_LOG_ENTRY_CREATE"}


def limits(answer):
    return {name.removeprefix("X-RateLimit-"): value for name, value in answer.headers.items() if "RateLimit" in name}


@pytest.mark.fidelity("I.1", "D", "OpenAPI: the security of each operation")
def test_row_01_each_route_is_401_code_0_without_authorization_unless_it_needs_none(wire):
    assert len(OPERATIONS) == 242
    refused = set()
    for route in ROUTES.values():
        path = re.sub(r"\{\w+\}", "123456789012345678", route.template)
        answer = wire.call(route.method, path, auth="")
        if answer.status == 401 and answer.body == {"message": "401: Unauthorized", "code": 0}:
            refused.add(route.name)
    assert refused == {name for name, route in ROUTES.items() if not route.auth & {"none", "webhook-token"}}
    assert len(refused) > 200


@pytest.mark.fidelity("I.2", "O", "discord-api-docs issue 1463; discord.py, discord/http.py")
def test_row_02_via_is_there_except_on_cloudflares_answers(wire):
    def asked(status=None, **options):
        if status is not None:
            wire.fake.rest_fault(RestFault("get_my_user", status=status))
        answer = wire.call(*ME, **options)
        return answer.status, "Via" in answer.headers

    assert [asked(), asked(auth="Bot wrong"), asked(status=503)] == [(200, True), (401, True), (503, True)]
    for form in ("user", "shared", "hidden", "global"):
        wire.fake.force_429("get_my_user", form)
        assert asked() == (429, True)
    assert [asked(agent=""), asked(status=520)] == [(403, False), (520, False)]
    wire.fake.ban_ip(wire.address)
    assert asked() == (429, False)


@pytest.mark.fidelity("I.3", "D/O", "docs: Rate Limits")
def test_row_03_header_formats_integer_retry_after_three_digit_reset_32_hex_bucket(wire):
    answers = [wire.call(*POST) for _ in range(6)]
    assert [a.status for a in answers] == [200] * 5 + [429]
    for answer in answers:
        told = limits(answer)
        assert re.fullmatch(r"\d{10}\.\d{3}", told["Reset"])
        assert re.fullmatch(r"\d+\.\d{3}", told["Reset-After"])
        assert re.fullmatch(r"[0-9a-f]{32}", told["Bucket"])
    assert re.fullmatch(r"\d+", answers[5].headers["Retry-After"])


@pytest.mark.parametrize(
    ("form", "code", "scope", "remaining", "is_json"),
    [
        ("user", None, "user", "0", True),
        ("shared", None, "shared", "4", True),
        ("hidden", None, "user", "4", True),
        ("shared", 20028, "shared", "4", True),
        ("hidden", 30046, "user", "4", True),
        ("global", None, "global", None, True),
        ("cloudflare", None, None, None, False),
    ],
    ids=["user", "shared", "hidden", "coded and shared", "coded and hidden", "global", "ban"],
)
@pytest.mark.fidelity("I.4", "D/O", "docs: Rate Limits; issue threads")
def test_row_04_each_form_of_a_429_can_be_chosen(wire, form, code, scope, remaining, is_json):
    wire.fake.force_429("create_message", form, retry_after_s=2.5, code=code)
    answer = wire.call(*POST)
    assert (answer.status, answer.headers["Retry-After"]) == (429, "3")
    assert (limits(answer).get("Scope"), limits(answer).get("Remaining")) == (scope, remaining)
    if is_json:
        assert (answer.body["retry_after"], answer.body["global"]) == (2.5, form == "global")
        assert answer.body.get("code") == code
    else:
        assert answer.body == "error code: 1015"
    assert wire.call(*POST).status == 200


@pytest.mark.fidelity("I.5", "D/O", "docs: Rate Limits; discord-api-docs issue 981")
def test_row_05_two_channels_share_a_hash_but_no_counter_and_reactions_share_both(wire):
    one, other = (limits(wire.call("POST", f"/channels/{{{c}}}/messages", {"content": "x"})) for c in ("c", "c2"))
    assert (one["Bucket"], one["Remaining"]) == (other["Bucket"], other["Remaining"])
    path = f"/channels/{{c}}/messages/{wire.say()['id']}/reactions/%F0%9F%94%A5/@me"
    assert [wire.call(method, path).status for method in ("PUT", "DELETE")] == [204, 429]


@pytest.mark.fidelity("I.6", "O", "discord.js, its sequential handler")
def test_row_06_a_rotation_of_hashes_loses_no_counter(wire):
    before = limits(wire.call(*POST))
    wire.fake.rotate_bucket_hashes()
    after = limits(wire.call(*POST))
    assert before["Bucket"] != after["Bucket"]
    assert (before["Remaining"], after["Remaining"]) == ("4", "3")


@pytest.mark.fidelity("I.7", "O", "discord-api-docs issue 7680; hikari, hikari/impl/buckets.py")
def test_row_07_there_are_leaky_and_fixed_buckets(wire):
    def resets(*request):
        return [float(limits(wire.call(*request))["Reset"]) for _ in range(3)]

    leaky, fixed = resets(*POST), resets("PUT", "/guilds/{g}/members/{m1}/roles/{r}")
    assert leaky[0] < leaky[1] < leaky[2]
    assert fixed[0] == fixed[1] == fixed[2]


@pytest.mark.fidelity("I.8", "D", "docs: Rate Limits")
def test_row_08_ten_thousand_invalid_requests_in_ten_minutes_bring_the_ban_and_shared_429s_do_not_count(wire):
    wire.fake.force_429("get_my_user", "shared", times=100)
    assert {wire.call(*ME).status for _ in range(100)} == {429}
    assert {wire.call(*ME, auth="Bot wrong").status for _ in range(9_999)} == {401}
    assert wire.call(*ME).status == 200
    assert wire.call(*ME, auth="Bot wrong").status == 401
    assert wire.call(*ME).body == "error code: 1015"


@pytest.mark.fidelity("I.9", "O", "discord-api-docs issues 1900 and 2208 (confirmed by staff)")
def test_row_09_the_third_rename_of_a_channel_in_ten_minutes_is_a_429_while_tokens_remain(wire):
    answers = [wire.call("PATCH", "/channels/{c}", {"name": f"name-{n}"}) for n in range(3)]
    assert [a.status for a in answers] == [200, 200, 429]
    assert int(limits(answers[2])["Remaining"]) > 0
    assert answers[2].body["retry_after"] == 600.0


@pytest.mark.fidelity("I.10", "D/O", "docs: Gateway; discord-api-docs issue 1328")
def test_row_10_a_second_identify_of_a_key_within_five_seconds_gets_op_9_false_late(wire):
    first, second = wire.connect(), wire.connect()
    first.ready(intents=0)
    second.receive()
    began_ms = wire.fake.clock.now_ms
    second.identify(intents=0)
    assert second.receive() == {"t": None, "s": None, "op": 9, "d": False}
    assert wire.fake.clock.now_ms - began_ms == 2_000
    wire.sleep(3)
    second.identify(intents=0)
    assert second.receive()["t"] == "READY"


@pytest.mark.fidelity("I.11", "D", "docs: Gateway")
def test_row_11_the_identify_after_the_thousandth_resets_the_token_and_closes_every_session(start):
    wire = start(max_concurrency=1_001)
    sockets = [wire.connect() for _ in range(1_001)]
    for n, socket in enumerate(sockets[:1_000]):
        socket.identify(intents=0, shard=[n, 1_001])
    assert {payload["op"] for socket in sockets[:1_000] for payload in socket.payloads(0)} == {10, 0}
    sockets[1_000].identify(intents=0, shard=[1_000, 1_001])
    assert {socket.close_code() for socket in sockets} == {4004}
    assert wire.call(*ME).status == 401


@pytest.mark.fidelity("I.12", "D", "docs: Gateway (resuming)")
def test_row_12_a_resume_replays_in_order_with_resumed_last_and_refuses_what_it_cannot(start):
    wire = start(replay_max=3)
    lost = wire.session(intents=MESSAGES | CONTENT)
    lost.close()
    for text in "abc":
        wire.say(text)

    assert wire.resume(lost, 99).close_code() == 4007
    replayed = wire.resume(lost, 1).payloads()
    assert [(p["s"], p["t"]) for p in replayed] == [
        (2, "MESSAGE_CREATE"), (3, "MESSAGE_CREATE"), (4, "MESSAGE_CREATE"), (5, "RESUMED"),
    ]  # fmt: skip
    assert [p["d"]["content"] for p in replayed[:3]] == ["a", "b", "c"]
    assert wire.resume(lost, 1).receive() == {"t": None, "s": None, "op": 9, "d": False}, (
        "RESUMED has pushed the oldest out"
    )


class Hikari:
    """hikari's bot with the face of the framework's."""

    def __init__(self, token, intents):
        self._bot = None
        self._token, self._intents = token, hikari.Intents(int(intents))

    async def start(self):
        self._bot = hikari.GatewayBot(self._token, intents=self._intents, banner=None, logs=None)
        await self._bot.start(check_for_updates=False)

    async def close(self):
        await self._bot.close()


@pytest.mark.parametrize("library", [Bot, Hikari])
@pytest.mark.fidelity("I.13", "O", "hikari, hikari/impl/shard.py: HELLO or RECONNECT first")
def test_row_13_op_7_in_place_of_hello_is_survived_by_clients(wire, library):
    wire.sim.network.default_link = Link(latency_ms=1)  # hikari takes an ACK in no time for none
    wire.fake.gateway.reconnect_greetings = 2
    bot = library(wire.tokens[0], intents=Intents.GUILD_MESSAGES)
    wire.do(wire.sim.spawn, "bot", bot.start)
    wire.sleep(120)
    counts = wire.fake.record.counts()
    wire.run(bot.close)
    assert (counts["connections"], counts["identifies"]) == (3, 1)


@pytest.mark.fidelity("I.14", "D", "docs: Gateway (transport compression)")
def test_row_14_a_zlib_message_comes_in_several_frames_and_a_zstd_frame_stays_open(start):
    wire = start(stream_frame_bytes=50)
    socket, parts, inflate = wire.connect("?v=10&compress=zlib-stream"), [], zlib.decompressobj()
    while not parts or not parts[-1].endswith(b"\x00\x00\xff\xff"):
        parts.append(socket.frame())
    assert len(parts) > 1
    assert json.loads(inflate.decompress(b"".join(parts)))["op"] == 10
    stream = zstandard.ZstdDecompressor().decompressobj()
    assert json.loads(stream.decompress(wire.connect("?v=10&compress=zstd-stream").frame()))["op"] == 10
    assert not stream.eof


@pytest.mark.fidelity("I.15", "D", "docs: Gateway Events (Ready, Guild Create)")
def test_row_15_ready_then_the_burst_of_guilds_of_which_one_recovers_later(start):
    wire = start(World(1, guilds=3, members=(5, 9)))
    wire.do(wire.fake.guild_outage, 1)
    socket = wire.connect()
    unavailable = [guild["id"] for guild in socket.ready(intents=GUILDS)["guilds"]]
    came = [data["id"] for name, data in socket.events(10) if name == "GUILD_CREATE"]
    wire.do(wire.fake.guild_recovered, 1)
    ((name, late),) = socket.events()
    assert len(unavailable) == 3
    assert came == [unavailable[0], unavailable[2]]
    assert (name, late["id"]) == ("GUILD_CREATE", unavailable[1])


GATED = {
    0: "GUILD_UPDATE", 1: "GUILD_MEMBER_ADD", 2: "GUILD_BAN_ADD", 3: "GUILD_EMOJIS_UPDATE", 4: "INTEGRATION_CREATE",
    5: "WEBHOOKS_UPDATE", 6: "INVITE_CREATE", 7: "VOICE_STATE_UPDATE", 8: "PRESENCE_UPDATE", 9: "MESSAGE_CREATE",
    10: "MESSAGE_REACTION_ADD", 11: "TYPING_START", 16: "GUILD_SCHEDULED_EVENT_CREATE",
    20: "AUTO_MODERATION_RULE_CREATE", 21: "AUTO_MODERATION_ACTION_EXECUTION", 24: "MESSAGE_POLL_VOTE_ADD",
}  # fmt: skip
GATED_DIRECT = {
    12: "MESSAGE_CREATE", 13: "MESSAGE_REACTION_ADD", 14: "TYPING_START", 25: "MESSAGE_POLL_VOTE_ADD",
}  # fmt: skip


@pytest.mark.fidelity("I.16", "D", "docs: Gateway (list of intents)")
def test_row_16_a_session_that_lacks_one_intent_misses_the_events_of_that_one_only(start):
    wire = start(heartbeat_interval_ms=3_600_000)
    sockets = {bit: wire.session(intents=ALL_INTENTS & ~(1 << bit)) for bit in (*GATED, *GATED_DIRECT, 15)}
    for bit, event in GATED.items():
        wire.fake.dispatch(event, {"bit": bit}, wire.guild.id)
    for bit, event in GATED_DIRECT.items():
        wire.fake.dispatch(event, {"bit": bit})
    everything = {*GATED, *GATED_DIRECT}
    missed = {bit: everything - {d["bit"] for _, d in socket.events()} for bit, socket in sockets.items()}
    assert missed == {bit: {bit} for bit in everything} | {15: set()}


@pytest.mark.fidelity("I.17", "D", "docs: Gateway (message content intent)")
def test_row_17_content_is_stripped_but_for_own_direct_mentioning_and_commanded_messages(wire):
    wire.ok("POST", "/applications/{me}/commands", {"name": "report", "type": 3})
    direct = wire.ok("POST", "/users/@me/channels", {"recipient_id": wire.names["m1"]})["id"]
    blind = wire.session(intents=MESSAGES | DIRECT_MESSAGES)
    target = wire.say("of no concern")
    wire.ok(*POST)
    wire.act("m1", "create_message", {"content": "psst"}, channel_id=direct)
    wire.say(f"hey <@{wire.names['me']}>")
    wire.do(wire.fake.command, wire.names["m2"], wire.names["c"], "report", kind=3, target_id=int(target["id"]))
    *messages, (_, interaction) = blind.events()
    assert [data["content"] for _, data in messages] == ["", "x", "psst", f"hey <@{wire.names['me']}>"]
    assert interaction["data"]["resolved"]["messages"][target["id"]]["content"] == "of no concern"


@pytest.mark.fidelity("I.18", "D", "docs: Gateway Events (Request Guild Members), Change Log")
def test_row_18_members_are_asked_for_by_the_rules_and_rate_limited(wire):
    socket, without = wire.session(intents=MEMBERS), wire.session(intents=GUILDS)
    full = {"guild_id": str(wire.guild.id), "query": "", "limit": 0}
    for asking in (without, socket, socket):
        asking.send(8, full)
    names = [[name for name, _ in asking.events()] for asking in (without, socket)]
    assert names == [[], ["GUILD_MEMBERS_CHUNK", "RATE_LIMITED"]]
    socket.send(8, {"guild_id": str(wire.guild.id)})
    assert socket.close_code() == 4001


@pytest.mark.fidelity("I.19", "D", "docs: Gateway")
def test_row_19_more_than_4096_bytes_is_4002_and_the_121st_send_is_4008(wire):
    loud, chatty = wire.connect(), wire.connect()
    loud.send(1, "x" * 4_096)
    for _ in range(121):
        chatty.send(1, None)
    assert (loud.close_code(), chatty.close_code()) == (4002, 4008)


@pytest.mark.parametrize("order", ["usual", "shuffled"])
@pytest.mark.fidelity("I.20", "D/K", "docs: Guild, Gateway Events, Audit Log")
def test_row_20_a_ban_is_told_as_ban_removal_and_audit_entry_22_in_any_order(start, order):
    wire = start(event_order=order)
    socket = wire.session(intents=MEMBERS | MODERATION)
    wire.ok("PUT", "/guilds/{g}/bans/{m1}", headers={"X-Audit-Log-Reason": "raid"})
    stranger = next(wire.fake.world.member_ids(wire.fake.world.guild_at(1)))
    member = socket.events()
    wire.ok("PUT", f"/guilds/{{g}}/bans/{stranger}")
    outsider = socket.events()
    assert {name for name, _ in member} == BAN
    assert {name for name, _ in outsider} == BAN - {"GUILD_MEMBER_REMOVE"}
    entry = dict(member)["GUILD_AUDIT_LOG_ENTRY_CREATE"]
    assert (entry["action_type"], entry["reason"]) == (22, "raid")
    assert (entry["user_id"], entry["target_id"]) == (
        str(wire.names["me"]),
        dict(member)["GUILD_BAN_ADD"]["user"]["id"],
    )
    assert "reason" not in dict(outsider)["GUILD_AUDIT_LOG_ENTRY_CREATE"]


@pytest.mark.fidelity("F.3", "D", "docs: Guild (Bulk Guild Ban)")
@pytest.mark.fidelity("I.21", "D", "docs: Guild (Bulk Guild Ban)")
def test_row_21_a_bulk_ban_tells_who_failed_and_is_500000_when_all_did(wire):
    users = [str(wire.names[name]) for name in ("m1", "m2", "owner")] + ["123456789012345678"]
    first = wire.ok("POST", "/guilds/{g}/bulk-ban", {"user_ids": users})
    assert (first["banned_users"], sorted(first["failed_users"])) == (users[:2], sorted(users[2:]))
    again = wire.call("POST", "/guilds/{g}/bulk-ban", {"user_ids": users})
    assert (again.status, again.body["code"]) == (400, 500000)
    own = wire.ok("POST", "/guilds/{g}/bulk-ban", {"user_ids": [str(wire.names["me"])]})
    assert own == {"banned_users": [], "failed_users": []}


@pytest.mark.fidelity("F.4", "D", "docs: Guild (Begin Guild Prune), Audit Log")
@pytest.mark.fidelity("I.22", "D", "docs: Guild (Begin Guild Prune), Audit Log")
def test_row_22_a_prune_removes_members_without_bans_and_leaves_one_audit_entry(wire):
    socket = wire.session(intents=MEMBERS | MODERATION)
    pruned = wire.ok("POST", "/guilds/{g}/prune", {"days": 7})["pruned"]
    events = socket.events()
    assert pruned > 1
    assert [name for name, _ in events].count("GUILD_MEMBER_REMOVE") == pruned == len(events) - 1
    entry = dict(events)["GUILD_AUDIT_LOG_ENTRY_CREATE"]
    assert (entry["action_type"], entry["target_id"]) == (21, None)
    assert entry["options"] == {"delete_member_days": "7", "members_removed": str(pruned)}


@pytest.mark.fidelity("E.3", "D/O", "docs: Receiving and Responding to Interactions")
@pytest.mark.fidelity("I.23", "D/O", "docs: Receiving and Responding to Interactions")
def test_row_23_an_interaction_lives_three_seconds_or_once_answered_fifteen_minutes(wire):
    wire.ok("POST", "/applications/{me}/commands", {"name": "hello", "description": "says hello"})

    def used():
        made = wire.do(wire.fake.command, wire.names["m1"], wire.names["c"], "hello")
        callback = f"/interactions/{made.id}/{made.token}/callback"
        return callback, f"/webhooks/{{me}}/{made.token}"

    def code(method, path, body=None):
        answer = wire.call(method, path, body, auth="")
        return answer.status if answer.status < 300 else (answer.status, answer.body["code"])

    (late, _), (prompt, followups) = used(), used()
    assert code("POST", prompt, {"type": 5}) == 204
    assert code("POST", prompt, {"type": 5}) == (400, 40060)
    wire.fake.advance(3.1)
    assert code("POST", late, {"type": 5}) == (404, 10062)
    loading = wire.ok("GET", f"{followups}/messages/@original", auth="")
    first = wire.ok("POST", followups, {"content": "done"}, auth="")
    second = wire.ok("POST", followups, {"content": "and more"}, auth="")
    assert first["id"] == loading["id"] != second["id"], "the first follow-up fills in what was deferred"
    wire.fake.advance(15 * 60)
    assert code("POST", followups, {"content": "too late"}) == (401, 50027)


@pytest.mark.fidelity("A.9", "D", "docs: Message (Create Message)")
@pytest.mark.fidelity("I.24", "D", "docs: Message (Create Message)")
def test_row_24_an_enforced_nonce_returns_the_first_message_and_tells_nobody(wire):
    socket = wire.session(intents=MESSAGES)
    body = {"content": "once", "nonce": "n", "enforce_nonce": True}
    first, second = (wire.ok("POST", "/channels/{c}/messages", body) for _ in range(2))
    assert (first["id"], first["nonce"]) == (second["id"], "n")
    assert [data["nonce"] for _, data in socket.events()] == ["n"]


@pytest.mark.fidelity("I.25", "D", "docs: Reference (consistency)")
def test_row_25_dispatches_can_be_doubled_lost_and_reordered(wire):
    socket = wire.session(intents=MESSAGES | CONTENT)
    for do in ("duplicate", "lose", "swap"):
        wire.fake.dispatch_fault(DispatchFault("MESSAGE_CREATE", 1, do))
    for text in "abcd":
        wire.say(text)
    assert [data["content"] for _, data in socket.events()] == ["a", "a", "d", "c"]
