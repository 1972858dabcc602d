"""discord.py, disnake and hikari as they are installed, against the fake Discord, in virtual time: each process runs
them alike."""

import json
import os
import subprocess
import sys

import pytest

pytest.importorskip("discord")
pytest.importorskip("disnake")
pytest.importorskip("hikari")

IDLE_DISCORD_PY = """
import asyncio, json, discord
from discord_sim import Simulation, World, start_discord

with Simulation(1) as sim:
    async def main():
        fake = await start_discord(sim, World(1, guilds=3))
        client = discord.Client(intents=discord.Intents.default())

        async def bot():
            await client.start(fake.settings.token)

        running = sim.spawn("bot", bot)
        await asyncio.sleep(24 * 3600)
        counts = fake.record.counts()
        guilds = len(client.guilds)
        await client.close()
        await asyncio.wait([running])
        return {**counts, "guilds": guilds, "digest": fake.record.trace.digest}

    print(json.dumps(sim.run(main())))
"""

IDLE_DISNAKE = IDLE_DISCORD_PY.replace("json, discord\n", "json, disnake as discord\n")

HIKARI_SENDS = """
import asyncio, json, hikari
from discord_sim import Simulation, World, start_discord

with Simulation(1) as sim:
    async def main():
        fake = await start_discord(sim, World(1, guilds=1))
        channel = next(iter(fake.world.guild_at(0).channels))

        async def bot():
            app = hikari.GatewayBot(fake.settings.token, banner=None, logs=None)
            await app.start(check_for_updates=False)
            began = asyncio.get_running_loop().time()
            await asyncio.gather(*(app.rest.create_message(channel, f"message {n}") for n in range(12)))
            took = asyncio.get_running_loop().time() - began
            await app.close()
            return took

        took = await sim.spawn("bot", bot)
        posts = sum(r.route == "create_message" for r in fake.record.requests)
        return {**fake.record.counts(), "posts": posts, "took": took, "digest": fake.record.trace.digest}

    print(json.dumps(sim.run(main())))
"""


def in_a_process(program: str, hash_seed: str) -> dict:
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True, text=True, check=True, env={**os.environ, "PYTHONHASHSEED": hash_seed}, timeout=120,
    )  # fmt: skip
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def discord_py_runs():
    return [in_a_process(IDLE_DISCORD_PY, seed) for seed in ("0", "1")]


@pytest.fixture(scope="module")
def disnake_runs():
    return [in_a_process(IDLE_DISNAKE, seed) for seed in ("0", "1")]


@pytest.fixture(scope="module")
def hikari_runs():
    return [in_a_process(HIKARI_SENDS, seed) for seed in ("0", "1")]


@pytest.mark.parametrize("runs", ["discord_py_runs", "disnake_runs"])
def test_discord_py_and_disnake_idle_for_a_day_in_one_session(runs, request):
    run = request.getfixturevalue(runs)[0]
    assert abs(run["heartbeats"] - 2_095) <= 1
    assert (run["connections"], run["identifies"], run["resumes"], run["invalid_sessions"]) == (1, 1, 0, 0)
    assert run["guilds"] == 3


def test_hikari_sends_twelve_messages_through_a_bucket_of_five(hikari_runs):
    run = hikari_runs[0]
    assert run["posts"] == 12
    assert sum(run["responses_429"].values()) == 0
    assert run["took"] == pytest.approx(7.0, abs=0.5)  # five at once, then one a second


@pytest.mark.parametrize("runs", ["discord_py_runs", "disnake_runs", "hikari_runs"])
def test_two_processes_with_different_hash_seeds_give_one_digest(runs, request):
    first, second = request.getfixturevalue(runs)
    assert first["digest"] == second["digest"]
