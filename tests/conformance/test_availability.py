"""C.16: how guilds come, go away and come back, and whom GUILD_CREATE lists."""

import pytest

from discord_sim import World
from discord_sim.rules.permissions import Permission

GUILDS, MEMBERS, PRESENCES, MESSAGES = 1, 1 << 1, 1 << 8, 1 << 9


def burst(wire, **identify):
    """READY and what comes within a second of it."""
    socket = wire.connect()
    ready = socket.ready(**{"intents": GUILDS, **identify})
    return socket, ready, socket.events()


def name_and_id(events):
    return [(name, data["id"]) for name, data in events]


# -- coming --------------------------------------------------------------------------------------------------


@pytest.mark.fidelity("C.16", "D", "docs: Gateway Events (Ready, Guild Create)")
def test_all_guilds_are_unavailable_in_ready_and_then_come_one_by_one(start):
    wire = start(World(1, guilds=20, members=(1, 3)))
    _, ready, events = burst(wire)
    assert [guild["unavailable"] for guild in ready["guilds"]] == [True] * 20
    assert {name for name, _ in events} == {"GUILD_CREATE"}
    assert {data["id"] for _, data in events} == {guild["id"] for guild in ready["guilds"]}
    assert [data["unavailable"] for _, data in events] == [False] * 20


@pytest.mark.fidelity("C.16", "O", "discord.py, discord/state.py: there is no end marker")
def test_the_burst_takes_its_time_and_other_events_come_in_between(start):
    wire = start(World(1, guilds=30, members=(2, 3)), guild_creates_per_100ms=10)
    socket = wire.connect()
    socket.ready(intents=GUILDS | MESSAGES)
    first = socket.events(0.05)
    wire.say("in between")
    rest = socket.events(1)
    assert [name for name, _ in first] == ["GUILD_CREATE"] * 10
    assert [name for name, _ in rest] == ["MESSAGE_CREATE", *["GUILD_CREATE"] * 20]


@pytest.mark.fidelity("C.16", "K", "client code")
def test_without_the_guilds_intent_ready_lists_them_and_none_comes(wire):
    _, ready, events = burst(wire, intents=MESSAGES)
    assert (len(ready["guilds"]), events) == (2, [])


# -- outages -------------------------------------------------------------------------------------------------


@pytest.mark.fidelity("C.16", "D", "docs: Gateway Events (Guild Create)")
def test_a_guild_in_outage_at_the_start_comes_when_it_recovers(wire):
    wire.do(wire.fake.guild_outage, 0)
    socket, ready, events = burst(wire)
    wire.do(wire.fake.guild_recovered, 0)
    recovered = socket.events()
    assert len(ready["guilds"]) == 2
    assert name_and_id(events) == [("GUILD_CREATE", str(wire.names["g1"]))]
    assert name_and_id(recovered) == [("GUILD_CREATE", str(wire.guild.id))]
    assert recovered[0][1].keys() == events[0][1].keys(), "the recovered guild is told in full"


@pytest.mark.fidelity("C.16", "D", "docs: Gateway Events (Guild Delete)")
def test_an_outage_later_is_a_deletion_with_unavailable(wire):
    socket, _, _ = burst(wire)
    wire.do(wire.fake.guild_outage, 0)
    assert socket.events() == [("GUILD_DELETE", {"id": str(wire.guild.id), "unavailable": True})]
    wire.do(wire.fake.guild_recovered, 0)
    ((name, data),) = socket.events()
    assert (name, data["id"], data["unavailable"]) == ("GUILD_CREATE", str(wire.guild.id), False)


@pytest.mark.fidelity("C.16", "D", "docs: Gateway Events (Guild Create)")
def test_after_an_outage_each_bot_finds_itself_among_the_members(wire):
    sockets = [burst(wire, token=token)[0] for token in wire.tokens]
    wire.do(wire.fake.guild_outage, 0)
    wire.do(wire.fake.guild_recovered, 0)
    listed = [[m["user"]["id"] for m in socket.events()[-1][1]["members"]] for socket in sockets]
    assert listed == [[str(bot)] for bot in wire.fake.world.bots]


# -- joining and leaving -------------------------------------------------------------------------------------


def kicked(wire):
    wire.act("owner", "delete_guild_member", guild_id="g", user_id="me")


def banned(wire):
    wire.act("owner", "ban_user_from_guild", guild_id="g", user_id="me")


def left(wire):
    wire.ok("DELETE", "/users/@me/guilds/{g}")


@pytest.mark.parametrize("leave", [kicked, banned, left])
@pytest.mark.fidelity("C.16", "D", "docs: Gateway Events (Guild Delete)")
def test_a_bot_that_is_no_longer_in_a_guild_gets_a_deletion_without_unavailable(wire, leave):
    socket, _, _ = burst(wire)
    other, _, _ = burst(wire, intents=GUILDS | MEMBERS, token=wire.tokens[1])
    leave(wire)
    assert socket.events() == [("GUILD_DELETE", {"id": str(wire.guild.id)})]
    heard = [name for name, _ in other.events()]
    assert "GUILD_MEMBER_REMOVE" in heard
    assert "GUILD_DELETE" not in heard
    _, ready, _ = burst_again(wire)
    assert [guild["id"] for guild in ready["guilds"]] == [str(wire.names["g1"])]


def burst_again(wire):
    wire.sleep(5)
    return burst(wire)


@pytest.mark.fidelity("C.16", "D", "docs: Gateway Events (Guild Create)")
def test_a_bot_that_joins_gets_the_guild_with_unavailable_false(wire):
    left(wire)
    socket, _, _ = burst(wire)
    wire.do(wire.fake.member_joined, wire.guild.id, wire.fake.world.bot_id)
    name, data = socket.events()[0]
    assert (name, data["id"], data["unavailable"]) == ("GUILD_CREATE", str(wire.guild.id), False)


# -- what GUILD_CREATE lists ---------------------------------------------------------------------------------


@pytest.fixture
def crowd(start):
    """A guild of sixty and the bot: one is online, one has a role, one a nickname, one is in voice."""
    wire = start(World(1, guilds=1, members=(60, 60)))
    people = list(wire.fake.world.member_ids(wire.guild))
    online, with_role, with_nick, in_voice = people[1:5]
    voice = wire.ok("POST", "/guilds/{g}/channels", {"name": "voice", "type": 2})["id"]
    wire.do(wire.fake.presence, online, "online")
    wire.ok("PUT", f"/guilds/{{g}}/members/{with_role}/roles/{{r}}")
    wire.ok("PATCH", f"/guilds/{{g}}/members/{with_nick}", {"nick": "nick"})
    wire.do(wire.fake.voice, in_voice, wire.guild.id, int(voice))
    return wire, people, online, {with_role, with_nick, in_voice}


@pytest.mark.parametrize(
    ("intents", "threshold", "who"),
    [
        (GUILDS, 250, "itself and voice"),
        (GUILDS | MEMBERS, 250, "itself and voice"),
        (GUILDS | PRESENCES, 250, "everybody"),
        (GUILDS | PRESENCES, 61, "everybody"),
        (GUILDS | PRESENCES, 60, "who stands out"),
    ],
)
@pytest.mark.fidelity("C.16", "D", "docs: Gateway Events (Guild Create)")
def test_which_members_are_listed_depends_on_the_presences_intent_and_the_size(crowd, intents, threshold, who):
    wire, people, online, standing_out = crowd
    _, _, ((_, guild),) = burst(wire, intents=intents, large_threshold=threshold)
    bot, in_voice = wire.names["me"], people[4]
    expected = {
        "itself and voice": {bot, in_voice},
        "everybody": set(people),
        "who stands out": {bot, online, *standing_out},
    }[who]
    assert {int(m["user"]["id"]) for m in guild["members"]} == expected
    assert len(guild["members"]) == len(expected)
    assert guild["member_count"] == 61
    shown = [(int(p["user"]["id"]), p["status"]) for p in guild["presences"]]
    assert shown == ([(online, "online")] if intents & PRESENCES else [])


@pytest.mark.fidelity("C.16", "O", "client experience; docs: Gateway Events (Guild Create)")
def test_guild_create_lists_unviewable_channels_active_threads_and_voice_states_without_guild_id(crowd):
    wire, _, _, _ = crowd
    wire.act(
        "owner", "set_channel_permission_overwrite", {"type": 0, "deny": str(int(Permission.VIEW_CHANNEL))},
        channel_id="c2", overwrite_id="g",
    )  # fmt: skip
    wire.permit(Permission.VIEW_CHANNEL)
    active, archived = (
        wire.act("owner", "create_thread", {"name": "talk", "type": 11}, channel_id="c")["id"] for _ in range(2)
    )
    wire.act("owner", "update_channel", {"archived": True}, channel_id=archived)
    _, _, ((_, guild),) = burst(wire)
    assert str(wire.names["c2"]) in {channel["id"] for channel in guild["channels"]}
    assert [thread["id"] for thread in guild["threads"]] == [active]
    assert len(guild["voice_states"]) == 1
    assert not any("guild_id" in item for item in guild["voice_states"] + guild["channels"])
