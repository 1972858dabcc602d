"""Op 8: Request Guild Members."""

import asyncio
import json

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from discord_sim import Simulation, World, start_discord
from discord_sim.rules.members_request import FullListLimit, parse_members_request
from discord_sim.world.snowflakes import member_id

GUILDS, MEMBERS = 1, 2


def ask(d, *, intents=GUILDS | MEMBERS, members=(1_500, 1_500), again=()):
    """Identify, send op 8 with `d(guild)`, and return what comes within five seconds (or the close code)."""
    with Simulation(1) as sim:

        async def main():
            fake = await start_discord(sim, World(1, guilds=1, members=members))
            guild = fake.world.guild_at(0)

            async def client():
                async with connect("wss://gateway.discord.gg/?v=10", proxy=None, max_size=None) as socket:
                    identify = {"token": fake.settings.token, "intents": intents, "properties": {}}
                    await socket.send(json.dumps({"op": 2, "d": identify}))
                    await asyncio.sleep(1)
                    for seconds in (0, *again):
                        await asyncio.sleep(seconds)
                        await socket.send(json.dumps({"op": 8, "d": d(guild)}))
                    seen = []
                    try:
                        async with asyncio.timeout(5):
                            while True:
                                seen.append(json.loads(await socket.recv()))
                    except TimeoutError:
                        return [p for p in seen if p["t"] in ("GUILD_MEMBERS_CHUNK", "RATE_LIMITED")]
                    except ConnectionClosed:
                        return socket.close_code

            return await sim.spawn("bot", client)

        return sim.run(main())


def everyone(guild):
    return {"guild_id": str(guild.id), "query": "", "limit": 0, "nonce": "n1"}


def test_everybody_comes_in_chunks_of_a_thousand():
    first, second = [p["d"] for p in ask(everyone)]
    assert [len(c["members"]) for c in (first, second)] == [1_000, 501]
    assert [(c["chunk_index"], c["chunk_count"], c["nonce"]) for c in (first, second)] == [(0, 2, "n1"), (1, 2, "n1")]
    ids = [m["user"]["id"] for c in (first, second) for m in c["members"]]
    assert len(set(ids)) == 1_501


def test_everybody_needs_the_members_intent():
    assert ask(everyone, intents=GUILDS) == []


def test_everybody_once_in_thirty_seconds():
    answers = ask(everyone, members=(5, 5), again=(10,))
    assert [p["t"] for p in answers] == ["GUILD_MEMBERS_CHUNK", "RATE_LIMITED"]
    assert answers[1]["d"] == {
        "opcode": 8, "retry_after": pytest.approx(20, abs=0.1),
        "meta": {"guild_id": answers[0]["d"]["guild_id"], "nonce": "n1"},
    }  # fmt: skip


def test_the_full_list_limit_at_its_millisecond():
    def wait(now):
        limit = FullListLimit()
        limit.take(1, 0)
        return limit.take(1, now)

    assert [wait(now) for now in (29_999, 30_000, 30_001)] == [1, 0, 0]


def test_by_prefix_with_a_limit():
    (chunk,) = ask(lambda g: {"guild_id": str(g.id), "query": "S", "limit": 7}, intents=GUILDS)
    names = [m["user"]["username"] for m in chunk["d"]["members"]]
    assert len(names) == 7
    assert all(name.startswith("s") for name in names)


def test_by_ids_with_those_that_are_not_there():
    here = str(member_id(0, 3))
    (chunk,) = ask(lambda g: {"guild_id": str(g.id), "user_ids": [here, "123123", "999999999999999999"]})
    assert [m["user"]["id"] for m in chunk["d"]["members"]] == [here]
    assert chunk["d"]["not_found"] == [123123, "999999999999999999"]


def test_nobody_found_is_one_empty_chunk():
    (chunk,) = ask(lambda g: {"guild_id": str(g.id), "query": "zzzz", "limit": 5})
    assert (chunk["d"]["members"], chunk["d"]["chunk_count"]) == ([], 1)


def test_a_foreign_guild_is_silence():
    assert ask(lambda g: {"guild_id": "1", "query": "", "limit": 0}) == []


@pytest.mark.parametrize(
    "d",
    [
        None,
        {},
        {"guild_id": "1"},
        {"guild_id": "x", "query": ""},
        {"guild_id": "1", "query": "", "limit": 101},
        {"guild_id": "1", "user_ids": ["1"] * 101},
    ],
)
def test_a_malformed_request_is_no_request(d):
    assert parse_members_request(d) is None


def test_a_malformed_request_closes_with_4001():
    assert ask(lambda g: {"guild_id": str(g.id)}) == 4001


def test_a_nonce_that_is_too_long_is_forgotten():
    parsed = parse_members_request({"guild_id": ["5", "6"], "user_ids": "7", "nonce": "x" * 33})
    assert (parsed.guild_id, parsed.user_ids, parsed.nonce) == (5, ("7",), None)


@pytest.mark.parametrize(
    "intents",
    [lambda discord: discord.Intents.all(), lambda discord: discord.Intents(guilds=True, members=True)],
    ids=["all", "without presences"],
)
def test_discord_py_fills_its_member_cache(intents):
    discord = pytest.importorskip("discord")
    with Simulation(1) as sim:

        async def main():
            fake = await start_discord(sim, World(1, guilds=2, members=(30, 60)))
            client = discord.Client(intents=intents(discord))
            task = sim.spawn("bot", lambda: client.start(fake.settings.token))
            await asyncio.sleep(30)
            sizes = [len(g.members) for g in client.guilds]
            wanted = [fake.world.guild_at(n).member_count for n in range(2)]
            await client.close()
            await asyncio.wait([task])
            return sizes, wanted, fake.record.counts()["connections"]

        sizes, wanted, connections = sim.run(main())
    assert sorted(sizes) == sorted(wanted)
    assert connections == 1
