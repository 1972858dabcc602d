"""The proxy as a process of its own, on real sockets."""

from __future__ import annotations

import asyncio
import os
import signal
import sys

import aiohttp
import pytest

from discord_sim import FakeDiscord, Law, Settings, World
from framework.__main__ import run_command

SECRET = "s3cret-of-the-workers"
NO_ENVIRONMENT = {"DISCORD_TOKEN": None, "PROXY_SECRET": None}


@pytest.mark.parametrize(
    ("arguments", "environment", "text"),
    [
        (["rest"], {"PROXY_SECRET": SECRET}, "DISCORD_TOKEN is not set"),
        (["rest"], {"DISCORD_TOKEN": "t0ken"}, "PROXY_SECRET is not set"),
        (["rest"], {"DISCORD_TOKEN": " ", "PROXY_SECRET": SECRET}, "needs a bot's token"),
        (["rest"], {"DISCORD_TOKEN": "t0ken", "PROXY_SECRET": "short"}, "16 or more"),
        (["rest", "--token-file", "missing"], {"PROXY_SECRET": SECRET}, "missing: No such file"),
    ],
)
def test_what_is_missing_is_said(arguments, environment, text, capsys, monkeypatch):
    for name, value in {**NO_ENVIRONMENT, **environment}.items():
        monkeypatch.delenv(name, raising=False) if value is None else monkeypatch.setenv(name, value)
    assert run_command(arguments) == 2
    said = capsys.readouterr()
    assert text in said.err
    assert "t0ken" not in said.err + said.out


@pytest.mark.parametrize("arguments", [[], ["nothing"], ["rest", "--port", "x"], ["rest", "--waiting-max", "0"]])
def test_wrong_usage_ends_with_two(arguments, capsys):
    with pytest.raises(SystemExit) as ended:
        run_command(arguments)
    assert ended.value.code == 2
    assert "usage: python -m framework" in capsys.readouterr().err


def test_a_process_serves_drains_on_sigterm_and_tells_everybody(tmp_path):
    (tmp_path / "secret").write_text(f"{SECRET}\n")
    outcomes = []

    async def main():
        fake = FakeDiscord(World(1, guilds=1), Settings(laws={"create_message": Law(2, 1_000)}))
        port = await fake.start()
        (tmp_path / "tokens").write_text(f"\n{fake.settings.token}\n")
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "framework", "rest", "--port", "0", "--discord", f"http://127.0.0.1:{port}/api",
            "--token-file", tmp_path / "tokens", "--secret-file", tmp_path / "secret", "--drain-s", "1",
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
            env={name: value for name, value in os.environ.items() if name not in NO_ENVIRONMENT},
        )  # fmt: skip
        try:
            greeting = (await process.stdout.readline()).decode()
            root = greeting.partition("/<secret>")[0]
            channel = next(iter(fake.world.guild_at(0).channels))
            async with aiohttp.ClientSession() as session:

                async def post(number):
                    async with session.post(
                        f"{root}/{SECRET}/api/v10/channels/{channel}/messages", json={"content": str(number)}
                    ) as answer:
                        await answer.read()
                        outcomes.append((number, answer.status))

                async with session.get(f"{root}/readyz") as answer:
                    assert answer.status == 200
                calls = [asyncio.create_task(post(number)) for number in range(20)]
                while not outcomes:
                    await asyncio.sleep(0.01)
                process.send_signal(signal.SIGTERM)
                await asyncio.gather(*calls)
            out, err = await process.communicate()
            posted = {m.content for m in fake.world.messages(channel, 100)}
            return greeting + out.decode(), err.decode(), process.returncode, posted, fake.settings.token
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
            await fake.stop()

    out, err, code, posted, token = asyncio.run(main())
    assert (code, err) == (0, "")
    assert SECRET not in out
    assert token not in out
    assert {status for _, status in outcomes} == {200, 503}
    assert len(outcomes) == 20
    for number, status in outcomes:
        assert (str(number) in posted) == (status == 200)
