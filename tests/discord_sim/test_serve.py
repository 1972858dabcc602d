"""`discord-sim serve` as a process: what it prints, what answers, how much it needs, how it ends."""

import asyncio
import json
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from discord_sim import World
from discord_sim.cli import run_command

AGENT = {"User-Agent": "DiscordBot (t, 1)"}
ENVIRONMENT = {**os.environ, "PYTHONHASHSEED": "0"}  # spares the program to start itself again


class Served:
    """A running server and what it printed."""

    def __init__(self, *arguments):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "discord_sim", "serve", *arguments],
            env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.text = ""
        while "Ctrl-C" not in self.text:
            line = self.process.stdout.readline()
            assert line, self.process.stderr.read()
            self.text += line
        self.base = re.search(r"REST +(\S+)", self.text)[1]
        self.gateway = re.search(r"Gateway +(\S+)", self.text)[1]
        self.secret = re.search(r"X-Sim-Secret: (\S+)", self.text)[1]
        self.apps = dict(re.findall(r"App +(\d+) +token (\S+)", self.text))

    def get(self, path, token=None, context=None, base=None, **headers):
        told = {**AGENT, **headers, **({} if token is None else {"Authorization": f"Bot {token}"})}
        request = urllib.request.Request((base or self.base) + path, headers=told)
        with urllib.request.urlopen(request, timeout=20, context=context) as response:
            return json.load(response)

    async def identify(self, url=None, token=None, **more):
        """A websocket that has been told READY, and that READY."""
        socket = await connect(f"{url or self.gateway}/?v=10&encoding=json", proxy=None, max_size=None, **more)
        await socket.recv()
        body = {"token": token or next(iter(self.apps.values())), "intents": 1, "properties": {}}
        await socket.send(json.dumps({"op": 2, "d": body}))
        return socket, json.loads(await socket.recv())["d"]

    def end(self, how=signal.SIGTERM):
        """(exit code, the rest of its output, its errors) after a signal."""
        self.process.send_signal(how)
        out, errors = self.process.communicate(timeout=20)
        return self.process.returncode, out, errors


@pytest.fixture
def serve():
    """`serve(*arguments)`: a server, ended after the test."""
    started = []

    def start(*arguments):
        started.append(Served(*arguments))
        return started[-1]

    yield start
    for served in started:
        served.process.kill()
        served.process.communicate()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_says_where_it_is_answers_and_ends_cleanly(serve, how):
    server = serve("--guilds", "3000", "--token", "my.own.token")
    assert "my.own.token" in server.text
    assert "3,000 guilds" in server.text
    body = server.get("/gateway/bot", "my.own.token")
    assert (body["shards"], body["url"]) == (3, server.gateway)
    code, out, errors = server.end(how)
    assert (code, errors) == (0, "")
    assert "ended: 1 requests" in out


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_cleanly_with_clients_connected(serve, how):
    server = serve()
    port = int(server.base.split(":")[2].split("/")[0])

    async def main():
        identified, _ = await server.identify()
        silent = await connect(server.gateway, proxy=None)
        idle, half = [socket.create_connection(("127.0.0.1", port)) for _ in range(2)]
        unread = socket.create_connection(("127.0.0.1", port))
        head = b"GET /api/v10/gateway HTTP/1.1\r\nHost: x\r\nUser-Agent: x\r\n\r\n"
        idle.sendall(head)
        assert idle.recv(1 << 16).startswith(b"HTTP/1.1 200")
        half.sendall(head[:20])
        unread.sendall(head * 1_000)
        code, out, errors = await asyncio.to_thread(server.end, how)
        for client in (idle, half, unread):
            client.close()
        with pytest.raises(ConnectionClosed):
            while True:
                await identified.recv()
        await silent.close()
        return code, out, errors, identified.close_code

    code, out, errors, closed_with = asyncio.run(main())
    assert (code, errors, closed_with) == (0, "", 1001)
    assert "ended: " in out


def test_each_application_has_its_own_bot_and_token(serve):
    server = serve("--apps", "3", "--token", "first.of.all", "--token", "second")
    assert list(server.apps.values())[:2] == ["first.of.all", "second"]
    assert len(server.apps) == len(set(server.apps.values())) == 3

    async def ready(token):
        gateway, told = await server.identify(token=token)
        await gateway.close()
        return told["user"]["id"]

    for bot_id, token in server.apps.items():
        assert server.get("/users/@me", token)["id"] == bot_id
        assert asyncio.run(ready(token)) == bot_id
    with pytest.raises(urllib.error.HTTPError, match="401"):
        server.get("/users/@me", "third")


def test_more_tokens_than_applications_make_more_applications(serve):
    server = serve("--token", "one", "--token", "two")
    assert list(server.apps.values()) == ["one", "two"]


def test_the_secret_that_is_printed_opens_the_control_api(serve):
    for server in (serve(), serve("--secret", "s3cret")):
        root = server.base.removesuffix("/api/v10")
        assert server.get("/_sim/state", base=root, **{"X-Sim-Secret": server.secret})["guilds"] == 10
        with pytest.raises(urllib.error.HTTPError, match="401"):
            server.get("/_sim/state", base=root)
    assert server.secret == "s3cret"


def test_a_world_without_guilds_is_served(serve):
    server = serve("--guilds", "0")
    token = next(iter(server.apps.values()))
    assert server.get("/gateway/bot", token)["shards"] == 1
    assert server.get("/users/@me/guilds", token) == []


def test_the_seed_decides_the_world(serve):
    server = serve("--seed", "5", "--guilds", "2")
    names = [guild["name"] for guild in server.get("/users/@me/guilds", next(iter(server.apps.values())))]
    assert names == [World(5, guilds=2).guild_at(n).name for n in range(2)]
    assert names != [World(1, guilds=2).guild_at(n).name for n in range(2)]


def test_its_certificates_hold_for_who_trusts_its_authority(serve):
    server = serve("--tls")
    authority = Path(re.search(r"CA file +(\S+)", server.text)[1])
    trusting = ssl.create_default_context(cafile=authority)
    port = server.base.split(":")[2].split("/")[0]
    for host in ("127.0.0.1", "localhost"):
        body = server.get("/gateway", base=f"https://{host}:{port}/api/v10", context=trusting)
        assert body["url"] == server.gateway == f"wss://127.0.0.1:{port}"

    async def ready():
        gateway, told = await server.identify(ssl=trusting)
        await gateway.close()
        return told["resume_gateway_url"]

    assert asyncio.run(ready()) == server.gateway
    with pytest.raises(urllib.error.URLError, match="CERTIFICATE_VERIFY_FAILED"):
        server.get("/gateway", context=ssl.create_default_context())
    with pytest.raises((urllib.error.URLError, ConnectionError)):  # no plain text, either
        server.get("/gateway", base=server.base.replace("https", "http"))
    for host in ("discord.com", "gateway.discord.gg", "cdn.discordapp.com"):  # where a client's own names lead here
        plain = socket.create_connection(("127.0.0.1", int(port)))
        with trusting.wrap_socket(plain, server_hostname=host) as secured:
            assert secured.version() in ("TLSv1.2", "TLSv1.3")
    code, _, errors = server.end()
    assert (code, errors, authority.exists()) == (0, "", False)


@pytest.mark.skipif(sys.platform != "linux", reason="the peak of a process's memory is read from /proc")
def test_sixteen_shards_of_a_hundred_thousand_guilds_fit_into_a_gibibyte(serve):
    server = serve("--guilds", "100000")
    token = next(iter(server.apps.values()))
    shards = server.get("/gateway/bot", token)["shards"]

    async def shard(number, all_ready):
        async with connect(f"{server.gateway}/?v=10&encoding=json", proxy=None, max_size=None) as gateway:
            await gateway.recv()
            body = {"token": token, "intents": 53_608_447, "properties": {}, "shard": [number, shards]}
            await gateway.send(json.dumps({"op": 2, "d": body}))
            waiting = {guild["id"] for guild in json.loads(await gateway.recv())["d"]["guilds"]}
            count = len(waiting)
            while waiting:
                waiting.discard(json.loads(await gateway.recv())["d"]["id"])
            await all_ready.wait()
            return count

    async def main():
        all_ready = asyncio.Barrier(16)
        return await asyncio.gather(*(shard(number, all_ready) for number in range(16)))

    guilds = asyncio.run(main())
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    assert (shards, sum(guilds)) == (100, 16_000)
    assert int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) < 1 << 20
    assert server.end()[0] == 0


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--apps", "0"], "at least 1 is needed"),
        (["--apps", "x"], "'x' is no seed or count"),
        (["--guilds", "-1"], "--guilds"),
        (["--seed", "1.5"], "'1.5' is no seed or count"),
        (["--port", "-1"], "--port"),
        (["--port", "²"], "'²' is no port"),
        (["--host", "no such host"], "cannot listen on no such host"),
        (["--token", ""], "--token must not be empty"),
        (["--token", "é"], "--token must not be empty, and hold ASCII"),
        (["--token", "a", "--token", "a"], "--token was given twice with the same value"),
        (["--secret", ""], "--secret must not be empty"),
        (["--secret", "a b"], "--secret must not be empty, and hold ASCII without white space"),
        (["--nonsense"], "--nonsense"),
        (["more"], "more"),
    ],
)
def test_wrong_usage_is_one_clear_line_and_exit_2(arguments, text, capsys):
    assert run_command(["serve", *arguments]) == 2
    captured = capsys.readouterr()
    assert text in captured.err
    assert (captured.err.count("\n"), captured.out) == (1, "")


def test_a_port_that_is_taken_is_exit_2(serve):
    port = serve().base.split(":")[2].split("/")[0]
    command = [sys.executable, "-m", "discord_sim", "serve", "--port", port]
    done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, timeout=20)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"discord-sim: cannot listen on 127.0.0.1:{port}: ")
