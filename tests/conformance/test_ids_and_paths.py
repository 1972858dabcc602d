"""A.1, A.7, C.1, G and H: how ids, times and permissions are written, and under which paths the fake answers."""

import re

import pytest

from discord_sim.rules.routes import ROUTES
from discord_sim.spec import OPERATIONS

ID = re.compile(r"[1-9]\d{16,18}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00")
BITS = re.compile(r"0|[1-9]\d*")
_ID_LISTS = ("roles", "mention_roles")
_NO_IDS = ("session_id", "custom_id")
_BITS = ("permissions", "allow", "deny", "app_permissions")


def leaves(value, key=""):
    """Each (key, value) of a JSON document that is neither object nor array."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield from leaves(item, name)
    elif isinstance(value, list):
        for item in value:
            yield from leaves(item, key)
    else:
        yield key, value


def wrongly_written(document, is_meant, form):
    return [
        (key, value) for key, value in leaves(document)
        if is_meant(key) and value is not None and not (isinstance(value, str) and form.fullmatch(value))
    ]  # fmt: skip


def is_id(key):
    return (key == "id" or key.endswith(("_id", "_ids")) or key in _ID_LISTS) and key not in _NO_IDS


def is_time(key):
    return key.endswith(("_at", "timestamp", "_until", "expiry", "premium_since"))


@pytest.fixture(scope="module")
def documents(started):
    """What a bot gets to read: its guild on the gateway, and answers of many kinds."""
    paths = (
        "/users/@me", "/guilds/{g}", "/guilds/{g}/channels", "/guilds/{g}/roles", "/guilds/{g}/members?limit=100",
        "/guilds/{g}/bans", "/guilds/{g}/audit-logs", "/guilds/{g}/threads/active", "/channels/{c}",
        "/channels/{c}/messages", "/users/@me/guilds", "/applications/@me", "/guilds/{g}/integrations",
    )  # fmt: skip
    with started() as wire:
        wire.say(f"hello <@{wire.names['m2']}>")
        wire.act("m1", "create_thread", {"name": "talk", "type": 11}, channel_id="c")
        wire.ok("PUT", "/guilds/{g}/bans/{m3}")
        wire.ok("PATCH", "/guilds/{g}/members/{m1}", {"communication_disabled_until": "2026-01-02T00:00:00Z"})
        wire.ok("PUT", "/channels/{c}/permissions/{r}", {"allow": "1024", "type": 0})
        socket = wire.connect()
        ready, guild = socket.ready(), socket.until("GUILD_CREATE")[-1]["d"]
        return {"READY": ready, "GUILD_CREATE": guild, **{path: wire.ok("GET", path) for path in paths}}


@pytest.mark.fidelity("A.7", "O", "discord.js, REST.ts and nirn, lib/bucketpath.go: what clients take for an id")
def test_every_id_is_a_string_of_17_to_19_digits(documents):
    found = [key for key, _ in leaves(documents) if is_id(key)]
    assert len(found) > 150
    assert wrongly_written(documents, is_id, ID) == []


@pytest.mark.fidelity("A.3", "D", "docs: Reference")
def test_every_time_has_microseconds_and_the_zone_plus_zero(documents):
    found = [value for key, value in leaves(documents) if is_time(key) and value is not None]
    assert len(found) > 50
    assert wrongly_written(documents, is_time, TIME) == []


@pytest.mark.fidelity("G.4", "D", "docs: Permissions")
def test_every_set_of_permissions_is_a_decimal_string(documents):
    found = [value for key, value in leaves(documents) if key in _BITS]
    assert len(found) > 10
    assert wrongly_written(documents, lambda key: key in _BITS, BITS) == []


@pytest.mark.fidelity("A.7", "D", "docs: Reference")
def test_an_id_tells_when_it_was_made(wire):
    made = wire.ok("POST", "/channels/{c}/messages", {"content": "x"})
    assert (int(made["id"]) >> 22) + 1_420_070_400_000 == wire.fake.clock.epoch_ms


@pytest.mark.fidelity("A.7", "D/O", "docs: Permissions, Threads")
def test_everyones_role_has_the_guilds_id_and_a_messages_thread_the_messages(wire):
    assert wire.guild.roles[wire.guild.id]["name"] == "@everyone"
    message = wire.say()
    thread = wire.ok("POST", f"/channels/{{c}}/messages/{message['id']}/threads", {"name": "t"})
    assert thread["id"] == message["id"]


@pytest.mark.fidelity("A.7", "D", "docs: Reference")
def test_ids_are_accepted_as_strings_and_as_integers(wire):
    user = wire.names["m1"]
    channels = [wire.ok("POST", "/users/@me/channels", {"recipient_id": kind(user)})["id"] for kind in (str, int)]
    assert channels[0] == channels[1]


# -- paths of the API ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("base", ["/api/v10", "/api/v9", "/api/v8", "/api/v7", "/api/v6", "/api", "/v10", "/v9", ""])
@pytest.mark.fidelity("A.1", "D", "docs: Reference; /v10 without /api is what some clients behind a proxy send")
def test_served_versions_answer(wire, base):
    assert wire.ok("GET", "/users/@me", base=base)["id"] == str(wire.names["me"])


@pytest.mark.parametrize("version", [3, 4, 5, 11, 999])
@pytest.mark.fidelity("A.1", "D/L", "docs: Reference, JSON Error Codes")
def test_versions_that_are_not_served_are_400_50041(wire, version):
    answer = wire.call("GET", "/users/@me", base=f"/api/v{version}")
    assert (answer.status, answer.body["code"]) == (400, 50041)


@pytest.mark.fidelity("H.1", "D", "docs: Guild, SKU")
def test_two_documented_routes_that_the_openapi_document_lacks_are_served(wire):
    extra = {route.template for name, route in ROUTES.items() if name not in OPERATIONS}
    assert extra == {"/guilds/{guild_id}/members/@me/nick", "/applications/{application_id}/skus"}
    assert wire.ok("PATCH", "/guilds/{g}/members/@me/nick", {"nick": "new"}) == {"nick": "new"}
    assert wire.ok("GET", "/applications/{me}/skus") == []


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/channels/{c}/messages", {"content": "x"}, 200),
        ("POST", "/guilds/{g}/roles", {"name": "r"}, 200),
        ("POST", "/channels/{c}/invites", {}, 200),
        ("POST", "/guilds/{g}/channels", {"name": "c"}, 201),
        ("POST", "/channels/{c}/threads", {"name": "t", "type": 11}, 201),
        ("POST", "/applications/{me}/commands", {"name": "c", "description": "d"}, 201),
        ("PUT", "/guilds/{g}/bans/{m1}", None, 204),
        ("DELETE", "/guilds/{g}/members/{m1}", None, 204),
        ("POST", "/channels/{c}/typing", None, 204),
        ("DELETE", "/channels/{c2}", None, 200),
    ],
    ids=lambda v: v if isinstance(v, str) else None,
)
@pytest.mark.fidelity("H.1", "D", "OpenAPI: the success status of each operation")
def test_success_has_the_status_of_its_route(wire, method, path, body, status):
    assert wire.call(method, path, body).status == status


# -- paths of the gateway ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url", ["wss://gateway.discord.gg/?v=10", "wss://gateway.discord.gg?v=10", "wss://gateway.discord.gg//?v=10",
            "wss://gateway.discord.gg/any/path?v=9", "wss://gateway.discord.gg"],
)  # fmt: skip
@pytest.mark.fidelity("C.1", "O", "twilight, shard.rs; discord.js, WebSocketShard.ts")
def test_the_gateway_answers_under_any_path(wire, url):
    assert wire.connect("", url=url).receive()["op"] == 10


@pytest.mark.parametrize("query", ["?v=3", "?v=99"])
@pytest.mark.fidelity("C.1", "D", "docs: Opcodes and Status Codes")
def test_a_version_that_the_gateway_does_not_serve_closes_with_4012(wire, query):
    assert wire.connect(query).close_code() == 4012


@pytest.mark.fidelity("C.1", "D", "docs: Gateway")
def test_the_gateways_address_is_told_and_leads_to_it(wire):
    assert wire.ok("GET", "/gateway", auth="") == {"url": "wss://gateway.discord.gg"}
    told = wire.ok("GET", "/gateway/bot")
    assert told.keys() == {"url", "shards", "session_start_limit"}
    assert told["session_start_limit"].keys() == {"total", "remaining", "reset_after", "max_concurrency"}
    socket = wire.connect("?v=10", url=told["url"])
    resume_url = socket.ready()["resume_gateway_url"]
    assert wire.connect("?v=10&encoding=json", url=resume_url).receive()["op"] == 10
