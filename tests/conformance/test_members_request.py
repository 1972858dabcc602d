"""C.14: what a session may ask for with ops 3, 4, 8, 31 and 43, and what it gets."""

import pytest

from discord_sim import World
from discord_sim.rules.permissions import ALL
from discord_sim.rules.permissions import Permission as P

GUILDS, MEMBERS, VOICE_STATES, PRESENCES = 1, 1 << 1, 1 << 7, 1 << 8


def ask(wire, socket, **d):
    """Op 8 for guild 0, unless told otherwise; the events that come."""
    socket.send(8, {"guild_id": str(wire.guild.id), **d})
    return socket.events()


def ids(events):
    return [member["user"]["id"] for _, data in events for member in data["members"]]


# -- op 8 ----------------------------------------------------------------------------------------------------


@pytest.mark.fidelity("C.14", "O", "discord-api-docs issue 2184")
def test_of_several_guilds_only_the_first_is_used(wire):
    socket = wire.session(intents=GUILDS)
    events = ask(wire, socket, guild_id=[str(wire.names["g1"]), str(wire.names["g"])], query="", limit=1)
    assert [data["guild_id"] for _, data in events] == [str(wire.names["g1"])]


@pytest.mark.fidelity("C.14", "D", "docs: Gateway Events (Request Guild Members)")
def test_a_query_is_a_prefix_of_user_name_or_nickname_in_any_case(wire):
    wire.ok("PATCH", "/guilds/{g}/members/{m1}", {"nick": "Zebra"})
    name = wire.ok("GET", "/users/{m2}")["username"]
    socket = wire.session(intents=GUILDS)
    assert ids(ask(wire, socket, query="zEB", limit=10)) == [str(wire.names["m1"])]
    assert ids(ask(wire, socket, query="ebra", limit=10)) == []
    assert str(wire.names["m2"]) in ids(ask(wire, socket, query=name.upper(), limit=100))


@pytest.mark.parametrize("form", [lambda i: i, str, lambda i: [str(i)]], ids=["integer", "text", "list"])
@pytest.mark.fidelity("C.14", "D/O", "docs: Gateway Events (Request Guild Members)")
def test_one_id_may_be_sent_bare(wire, form):
    socket = wire.session(intents=GUILDS)
    events = ask(wire, socket, user_ids=form(wire.names["m1"]))
    assert ids(events) == [str(wire.names["m1"])]
    assert events[0][1]["not_found"] == []


@pytest.mark.parametrize(
    ("intents", "wished", "told"),
    [(PRESENCES, True, ["idle"]), (PRESENCES, False, None), (PRESENCES, None, None), (0, True, None)],
)
@pytest.mark.fidelity("C.14", "D", "docs: Gateway Events (Request Guild Members)")
def test_presences_come_if_wished_for_and_the_session_has_their_intent(wire, intents, wished, told):
    wire.do(wire.fake.presence, wire.names["m1"], "idle")
    socket = wire.session(intents=intents)
    people = [str(wire.names[m]) for m in ("m1", "m2")]
    ((_, data),) = ask(wire, socket, user_ids=people, **({} if wished is None else {"presences": wished}))
    assert told == (None if "presences" not in data else [p["status"] for p in data["presences"]])


@pytest.mark.parametrize(("nonce", "echoed"), [("x" * 32, True), ("x" * 33, False), ("ß" * 17, False), (5, False)])
@pytest.mark.fidelity("C.14", "D", "docs: Gateway Events (Request Guild Members)")
def test_a_nonce_of_up_to_32_bytes_comes_back(wire, nonce, echoed):
    socket = wire.session(intents=GUILDS)
    ((_, data),) = ask(wire, socket, query="", limit=1, nonce=nonce)
    assert data.get("nonce") == (nonce if echoed else None)
    assert ("nonce" in data) is echoed


@pytest.mark.fidelity("C.14", "D", "docs: Gateway Events (Guild Members Chunk)")
def test_the_members_of_a_chunk_are_whole_but_without_permissions(wire):
    ((_, data),) = ask(wire, wire.session(intents=GUILDS), query="", limit=1)
    (member,) = data["members"]
    assert {"user", "roles", "joined_at", "deaf", "mute", "nick"} <= member.keys()
    assert "permissions" not in member


@pytest.mark.fidelity("C.14", "D", "docs: Change Log (2025-08)")
def test_only_full_lists_are_limited_per_guild_and_bot(wire):
    full = {"query": "", "limit": 0}
    socket = wire.session(intents=MEMBERS)
    other = wire.session(intents=MEMBERS, token=wire.tokens[1])
    asked = [
        ask(wire, socket, **full), ask(wire, socket, **full), ask(wire, socket, query="a", limit=5),
        ask(wire, socket, user_ids=[str(wire.names["m1"])]), ask(wire, socket, guild_id=str(wire.names["g1"]), **full),
        ask(wire, other, **full),
    ]  # fmt: skip
    wire.sleep(30)
    asked.append(ask(wire, socket, **full))
    chunk, limited = ["GUILD_MEMBERS_CHUNK"], ["RATE_LIMITED"]
    assert [[name for name, _ in events] for events in asked] == [chunk, limited, chunk, chunk, chunk, chunk, chunk]
    assert asked[1][0][1] == {"opcode": 8, "retry_after": 29.0, "meta": {"guild_id": str(wire.guild.id)}}


@pytest.mark.fidelity("C.14", "K", "client experience")
def test_a_guild_of_another_shard_is_silence(start):
    wire = start(max_concurrency=2)
    own = (wire.guild.id >> 22) % 2
    sockets = {shard: wire.session(intents=GUILDS, shard=[shard, 2]) for shard in (0, 1)}
    assert len(ask(wire, sockets[own], query="", limit=1)) == 1
    assert ask(wire, sockets[1 - own], query="", limit=1) == []


@pytest.mark.fidelity("C.14", "K", "client code")
def test_other_events_do_not_wait_for_chunks(start):
    wire = start(World(1, guilds=1, members=(2_500, 2_500)))
    socket = wire.session(intents=MEMBERS | 1 << 9)
    socket.send(8, {"guild_id": str(wire.guild.id), "query": "", "limit": 0})
    wire.say("meanwhile")
    names = [name for name, _ in socket.events()]
    assert sorted(names) == [*["GUILD_MEMBERS_CHUNK"] * 3, "MESSAGE_CREATE"]


# -- op 3 ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "shown"),
    [("online", "online"), ("dnd", "dnd"), ("idle", "idle"), ("invisible", "offline"), ("offline", "offline")],
)
@pytest.mark.fidelity("C.14", "D", "docs: Gateway Events (Update Presence)")
def test_a_presence_is_shown_and_invisible_is_offline(wire, status, shown):
    watcher, socket = wire.session(intents=GUILDS | PRESENCES), wire.session(intents=0)
    socket.send(3, {"since": None, "activities": [], "status": status, "afk": False})
    seen = [(data["user"]["id"], data["status"]) for _, data in watcher.events()]
    assert seen == [(str(wire.names["me"]), shown)] * 2, "once per shared guild"


@pytest.mark.fidelity("C.14", "D", "docs: Gateway Events (Activity)")
def test_of_an_activity_a_bot_may_set_name_type_url_and_state(wire):
    watcher, socket = wire.session(intents=PRESENCES), wire.session(intents=0)
    wanted = {"name": "film", "type": 1, "url": "https://twitch.tv/x", "state": "on"}
    sent = {**wanted, "details": "no", "party": {"id": "p"}, "buttons": ["no"]}
    socket.send(3, {"since": None, "activities": [sent], "status": "online", "afk": False})
    (activity,) = watcher.events()[0][1]["activities"]
    assert isinstance(activity.pop("created_at"), int)
    assert activity == wanted


# -- op 4 ----------------------------------------------------------------------------------------------------


@pytest.fixture
def voice(wire):
    """A voice channel and a session that hears of voice."""
    channel = wire.ok("POST", "/guilds/{g}/channels", {"name": "voice", "type": 2})["id"]
    return wire, wire.session(intents=VOICE_STATES), channel


def connect_to(wire, socket, channel_id):
    d = {"guild_id": str(wire.guild.id), "channel_id": channel_id, "self_mute": True, "self_deaf": False}
    socket.send(4, d)
    return socket.events()


@pytest.mark.fidelity("C.14", "D", "docs: Voice Connections")
def test_connecting_to_voice_gives_the_own_state_and_the_servers_address(voice):
    wire, socket, channel = voice
    told = dict(connect_to(wire, socket, channel))
    assert told.keys() == {"VOICE_STATE_UPDATE", "VOICE_SERVER_UPDATE"}
    state, server = told["VOICE_STATE_UPDATE"], told["VOICE_SERVER_UPDATE"]
    assert (state["user_id"], state["channel_id"], state["self_mute"]) == (str(wire.names["me"]), channel, True)
    assert state["session_id"]
    assert (server["guild_id"], "://" in server["endpoint"]) == (str(wire.guild.id), False)
    assert server["token"]


@pytest.mark.fidelity("C.14", "D", "docs: Voice Connections")
def test_a_null_channel_leaves_voice(voice):
    wire, socket, channel = voice
    connect_to(wire, socket, channel)
    ((name, state),) = connect_to(wire, socket, None)
    assert (name, state["channel_id"]) == ("VOICE_STATE_UPDATE", None)
    assert connect_to(wire, socket, None) == [], "it was there no more"


@pytest.mark.fidelity("C.14", "D", "docs: Voice Connections")
def test_who_may_not_connect_gets_no_answer_at_all(voice):
    wire, socket, channel = voice
    wire.permit(ALL & ~P.ADMINISTRATOR & ~P.CONNECT)
    assert connect_to(wire, socket, channel) == []
    assert connect_to(wire, socket, str(wire.names["c"])) == [], "nor does who wants to talk in a text channel"
    assert socket.code is None


# -- ops 31 and 43 -------------------------------------------------------------------------------------------


@pytest.mark.fidelity("C.14", "D", "docs: Gateway Events (Request Soundboard Sounds)")
def test_each_guild_asked_for_its_sounds_answers_by_itself_and_foreign_ones_do_not(wire):
    sound = {"sound_id": "125829120004194399", "name": "bell"}
    wire.guild.sounds[int(sound["sound_id"])] = sound
    socket = wire.session(intents=0)
    guilds = [str(wire.names[g]) for g in ("g1", "g")]
    socket.send(31, {"guild_ids": [guilds[0], "123456789012345678", guilds[1]]})
    assert socket.events() == [
        ("SOUNDBOARD_SOUNDS", {"guild_id": guilds[0], "soundboard_sounds": []}),
        ("SOUNDBOARD_SOUNDS", {"guild_id": guilds[1], "soundboard_sounds": [sound]}),
    ]


@pytest.mark.parametrize(
    ("fields", "told"),
    [(["status"], {"status"}), (["voice_start_time"], {"voice_start_time"}),
     (["status", "voice_start_time", "nonsense"], {"status", "voice_start_time"}), ([], set())],
)  # fmt: skip
@pytest.mark.fidelity("C.14", "D", "docs: Gateway Events (Request Channel Info)")
def test_channel_info_tells_the_wished_fields_of_channels_that_have_a_value(voice, fields, told):
    wire, socket, channel = voice
    wire.do(wire.fake.voice, wire.names["owner"], wire.guild.id, int(channel))
    wire.act("owner", "update_voice_channel_status", {"status": "talking"}, channel_id=channel)
    socket.events()
    socket.send(43, {"guild_id": str(wire.guild.id), "fields": fields})
    ((name, data),) = socket.events()
    assert (name, data["guild_id"]) == ("CHANNEL_INFO", str(wire.guild.id))
    assert [(c["id"], c.keys() - {"id"}) for c in data["channels"]] == ([(channel, told)] if told else [])
