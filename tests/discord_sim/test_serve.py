"""`discord-sim serve` as a process: what it prints, what answers, how it ends."""

import json
import re
import signal
import subprocess
import sys
import urllib.request

import pytest


@pytest.fixture
def server():
    process = subprocess.Popen(
        [sys.executable, "-m", "discord_sim", "serve", "--guilds", "3000", "--token", "my.own.token"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    yield process
    process.kill()
    process.communicate()


def greeting(process):
    text = ""
    while "Ctrl-C" not in text:
        line = process.stdout.readline()
        assert line, process.stderr.read()
        text += line
    return text


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_says_where_it_is_answers_and_ends_cleanly(server, how):
    text = greeting(server)
    base = re.search(r"REST +(\S+)", text)[1]
    assert "my.own.token" in text
    assert "3,000 guilds" in text
    request = urllib.request.Request(
        f"{base}/gateway/bot", headers={"Authorization": "Bot my.own.token", "User-Agent": "DiscordBot (t, 1)"}
    )
    with urllib.request.urlopen(request, timeout=20) as response:
        body = json.load(response)
    assert body["shards"] == 3
    assert body["url"] == re.search(r"Gateway +(\S+)", text)[1]
    server.send_signal(how)
    assert server.wait(20) == 0
    assert "ended: 1 requests" in server.stdout.read()
    assert server.stderr.read() == ""
