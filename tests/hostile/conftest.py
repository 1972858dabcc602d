"""A fake in a process of its own, plain sockets to attack it with, and an ordinary client that must not notice."""

import base64
import contextlib
import http.client
import itertools
import json
import re
import socket
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
from websockets.sync.client import connect

PROGRAM = """
import asyncio, sys
from discord_sim import Law, Settings, World
from discord_sim.edge import FakeDiscord
from discord_sim.rules.routes import ROUTES

async def main():
    settings = Settings(
        laws=dict.fromkeys(ROUTES, Law(50_000, 60_000)), global_limit_per_s=50_000, control_secret="secret",
        outbox_max_bytes=4 << 20, heartbeat_interval_ms=3_600_000,
    )
    fake = FakeDiscord(World(1, guilds=2), settings)
    guild = fake.world.guild_at(0)
    print(await fake.start(), fake.settings.token, guild.id, next(iter(guild.channels)), flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await fake.stop()

asyncio.run(main())
"""
AGENT = {"User-Agent": "DiscordBot (hostile, 1)"}
OPERATOR = {"X-Sim-Secret": "secret"}
TEXT, BINARY, CLOSE = 1, 2, 8


class Answer(NamedTuple):
    status: int
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def error(self):
        """(status, Discord's error code)."""
        return self.status, self.json["code"]


class Server:
    """The process, and ways to talk to it that no library allows. Connections stay open until `close`."""

    def __init__(self, log):
        self.log = log
        # Python's own warning of a malformed header is printed once and no error of the server.
        arguments = [sys.executable, "-W", "ignore::RuntimeWarning", "-c", PROGRAM]
        with log.open("w") as stderr:
            self.process = subprocess.Popen(
                arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stderr, text=True
            )
        port, self.token, self.guild, self.channel = self.process.stdout.readline().split()
        self.port = int(port)
        self.messages = f"/api/v10/channels/{self.channel}/messages"
        self.sockets = []

    # -- HTTP --------------------------------------------------------------------------------------------

    def open(self):
        self.sockets.append(socket.create_connection(("127.0.0.1", self.port), timeout=30))
        return self.sockets[-1]

    def head(self, method="POST", target=None, headers=None):
        """A request's head in bytes, exactly as asked for."""
        told = {"Host": "fake", **AGENT, "Authorization": f"Bot {self.token}", **(headers or {})}
        lines = [f"{method} {target or self.messages} HTTP/1.1", *(f"{k}: {v}" for k, v in told.items())]
        return "\r\n".join([*lines, "", ""]).encode("latin-1")

    def answer(self, peer):
        response = http.client.HTTPResponse(peer)
        response.begin()
        return Answer(response.status, response.read())

    def raw(self, *pieces):
        """Send pieces of bytes as far as the server takes them; what it answers."""
        peer = self.open()
        with contextlib.suppress(ConnectionError):
            for piece in pieces:
                peer.sendall(piece)
        return self.answer(peer)

    def call(self, method="POST", target=None, body=b"", kind="application/json", headers=None):
        told = {"Content-Length": str(len(body)), **({"Content-Type": kind} if body else {}), **(headers or {})}
        return self.raw(self.head(method, target, told), body)

    def operator(self, method, path, body=None):
        """A call of the operator's API."""
        data = b"" if body is None else json.dumps(body).encode()
        return self.call(method, f"/_sim{path}", data, headers=OPERATOR)

    def chunked(self, chunks, kind="application/json"):
        """A body of unannounced length."""
        pieces = (b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks)
        head = self.head(headers={"Transfer-Encoding": "chunked", "Content-Type": kind})
        return self.raw(head, *itertools.chain(pieces, [b"0\r\n\r\n"]))

    # -- the gateway -------------------------------------------------------------------------------------

    def upgrade(self, query="v=10&encoding=json"):
        """A raw connection to the gateway, before its first frame."""
        key = base64.b64encode(b"0123456789abcdef").decode()
        wanted = {
            "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": key,
        }  # fmt: skip
        peer = self.open()
        peer.sendall(self.head("GET", f"/?{query}", wanted))
        while not (peer.recv(1) == b"\r" and peer.recv(3) == b"\n\r\n"):
            pass
        return peer

    def attack(self, *frames, query="v=10&encoding=json"):
        """The code that a gateway connection is closed with after these frames; 1006 is without one."""
        peer = self.upgrade(query)
        with contextlib.suppress(ConnectionError):
            for frame in frames:
                peer.sendall(frame)
        return self.close_code(peer)

    def identify(self, intents=0):
        """The frame of an identify; the time that must lie between two of them has passed."""
        self.operator("POST", "/clock", {"advance_s": 5})
        body = {"op": 2, "d": {"token": self.token, "intents": intents, "properties": {}}}
        return self.frame(TEXT, json.dumps(body).encode())

    @staticmethod
    def frame(opcode, payload, *, final=True, masked=True, reserved=0):
        """A websocket frame in bytes; a mask of zeros leaves its payload readable."""
        mask, size = masked << 7, len(payload)
        head = bytes([final << 7 | reserved << 4 | opcode])
        if size < 126:
            head += bytes([mask | size])
        elif size < 1 << 16:
            head += bytes([mask | 126]) + size.to_bytes(2)
        else:
            head += bytes([mask | 127]) + size.to_bytes(8)
        return head + bytes(4 * masked) + payload

    @staticmethod
    def close_code(peer):
        def take(size):
            data = b""
            while len(data) < size:
                piece = peer.recv(size - len(data))
                if not piece:
                    raise EOFError
                data += piece
            return data

        try:
            while True:
                first, size = take(2)
                if size > 125:
                    size = int.from_bytes(take(2 if size == 126 else 8))
                payload = take(size)
                if first & 15 == CLOSE:
                    return int.from_bytes(payload[:2])
        except (ConnectionError, EOFError):
            return 1006

    # -- the process -------------------------------------------------------------------------------------

    def peak(self):
        """The most memory the process ever had, in MiB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) / 1024

    def close(self):
        for peer in self.sockets:
            peer.close()
        self.sockets.clear()

    def stop(self):
        self.close()
        self.process.communicate(timeout=30)
        return self.process.returncode


@pytest.fixture(scope="session")
def running(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("hostile") / "stderr")
    yield server
    assert server.stop() == 0


@pytest.fixture(scope="session")
def bystander(running):
    """A client with connections of its own for as long as the server runs; call it to see that they answer."""
    rest = http.client.HTTPConnection("127.0.0.1", running.port, timeout=30)
    numbers = itertools.count()

    def request(method, path, headers, body=None):
        rest.request(method, path, None if body is None else json.dumps(body), {**AGENT, **headers})
        response = rest.getresponse()
        assert not response.will_close
        return response.status, response.read()

    with connect(f"ws://127.0.0.1:{running.port}/?v=10&encoding=json", proxy=None) as gateway:
        gateway.recv()
        gateway.send(json.dumps({"op": 2, "d": {"token": running.token, "intents": 0, "properties": {}}}))
        assert json.loads(gateway.recv())["t"] == "READY"

        def check():
            status, body = request("GET", "/api/v10/users/@me", {"Authorization": f"Bot {running.token}"})
            assert (status, json.loads(body)["bot"]) == (200, True)
            event = {"event": "STILL_HERE", "data": {"number": next(numbers)}}
            assert request("POST", "/_sim/dispatches", OPERATOR, event) == (204, b"")
            told = json.loads(gateway.recv(30))
            assert (told["t"], told["d"]) == (event["event"], event["data"])

        yield check
    rest.close()


@pytest.fixture
def server(running, bystander):
    """The server. While the attacker's connections are still open the bystander gets its answers, and nothing has been
    logged."""
    before = len(running.log.read_text())
    yield running
    bystander()
    running.close()
    assert running.log.read_text()[before:] == ""


@pytest.fixture
def within(server):
    """`with within(64):` fails where the block lifts the peak of the server's memory by 64 MiB or more."""

    @contextlib.contextmanager
    def bound(mib):
        if sys.platform != "linux":
            pytest.skip("the peak of a process's memory is read from /proc")
        before = server.peak()
        yield
        assert server.peak() - before < mib

    return bound
