"""A fake in virtual time and a client that speaks to it, request by request and frame by frame.

Each test of this folder carries `@pytest.mark.fidelity(section, confidence, source)`; `fidelity.py` renders them.
"""

import asyncio
import contextlib
import json
from typing import Any, NamedTuple

import aiohttp
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from discord_sim import Link, Settings, Simulation, World, start_discord
from discord_sim.rules.intents import ALL_INTENTS
from discord_sim.world.snowflakes import guild_id

HOST = "https://discord.com"
GATEWAY = "wss://gateway.discord.gg/"
_PATIENCE_S = 600  # virtual: what has not come by then never comes


def pytest_configure(config):
    config.addinivalue_line(
        "markers", "fidelity(section, confidence, source): what of Discord a test shows, and how well that is known"
    )


class Answer(NamedTuple):
    """An HTTP answer; the body is parsed where it is JSON."""

    status: int
    headers: Any
    body: Any


class Socket:
    """One gateway connection as a client has it. What arrives is kept until it is asked for."""

    def __init__(self, wire, socket, token):
        self.token = token
        self.decode = json.loads
        self.encode = json.dumps
        self.ready_data = None
        self._wire, self._socket = wire, socket
        self._frames = asyncio.Queue()
        self._reader = asyncio.create_task(self._read())

    async def _read(self):
        try:
            async for frame in self._socket:
                self._frames.put_nowait(frame)
        except ConnectionClosed:
            pass
        self._frames.put_nowait(None)

    async def _next(self):
        async with asyncio.timeout(_PATIENCE_S):
            return await self._frames.get()

    def frame(self):
        """The next frame as it came."""
        frame = self._wire.run(self._next)
        assert frame is not None, f"closed with {self.code}"
        return frame

    def receive(self):
        """The next payload."""
        return self.decode(self.frame())

    def until(self, what):
        """The payloads up to the first that is this event or opcode."""
        seen = [self.receive()]
        while what not in (seen[-1]["t"], seen[-1]["op"]):
            seen.append(self.receive())
        return seen

    def payloads(self, seconds=1.0):
        """All payloads that have come after so long."""
        self._wire.sleep(seconds)
        frames = [self._frames.get_nowait() for _ in range(self._frames.qsize())]
        return [self.decode(frame) for frame in frames if frame is not None]

    def events(self, seconds=1.0):
        """The same, of dispatches only and as (name, data)."""
        return [(payload["t"], payload["d"]) for payload in self.payloads(seconds) if payload["op"] == 0]

    def close_code(self):
        """Wait for the end of the connection."""
        while self._wire.run(self._next) is not None:
            pass
        return self.code

    @property
    def code(self):
        """The close code; None while it is open."""
        return self._socket.close_code

    def send_raw(self, data):
        """One frame, text or bytes."""
        self._wire.run(lambda: self._socket.send(data))

    def send(self, op, d=None):
        self.send_raw(self.encode({"op": op, "d": d}))

    def identify(self, **changes):
        """Op 2; a field that is `...` is left out."""
        body = {
            "token": self.token, "intents": ALL_INTENTS,
            "properties": {"os": "linux", "browser": "test", "device": "test"}, **changes,
        }  # fmt: skip
        self.send(2, {k: v for k, v in body.items() if v is not ...})

    def ready(self, **changes):
        """Take HELLO, identify, and return the data of READY."""
        assert self.receive()["op"] == 10
        self.identify(**changes)
        self.ready_data = self.until("READY")[-1]["d"]
        return self.ready_data

    def resume(self, session_id, seq, **changes):
        self.send(6, {"token": self.token, "session_id": session_id, "seq": seq, **changes})

    def close(self, code=4_000):
        self._wire.run(lambda: self._socket.close(code))

    @property
    def extensions(self):
        """What the server agreed to in the handshake."""
        return self._socket.response.headers.get("Sec-WebSocket-Extensions")

    def ping(self):
        """A ping frame and its pong."""

        async def program():
            await (await self._socket.ping())

        self._wire.run(program)


class Wire:
    """A client's side of one fake. Virtual time passes while something runs, and in `sleep`.

    Paths may hold `{g}` and `{g1}` (guilds 0 and 1), `{c}` and `{c2}` (channels of guild 0), `{r}` (a role besides
    @everyone), `{owner}`, `{m1}` to `{m3}` (members), `{me}` (the bot).
    """

    def __init__(self, sim, fake):
        self.sim, self.fake = sim, fake
        self.guild = fake.world.guild_at(0)
        self.tokens = list(fake.tokens)  # one for each bot
        self._open = []
        self._sessions = {}

    @property
    def names(self):
        people = zip(("owner", "m1", "m2", "m3"), self.fake.world.member_ids(self.guild), strict=False)
        channels = list(self.guild.channels)
        return {
            "g": self.guild.id, "g1": guild_id(1), "c": channels[0], "c2": channels[1], "r": list(self.guild.roles)[1],
            "me": self.fake.world.bot_id, **dict(people),
        }  # fmt: skip

    @property
    def address(self):
        """The IP address that requests come from."""
        return self.sim.network.ip_of("bot")

    def run(self, program, host="bot"):
        async def outer():
            return await self.sim.spawn(host, program)

        return self.sim.run(outer())

    def do(self, function, *arguments, **options):
        """Call a method of the fake where its timers can run."""

        async def program():
            return function(*arguments, **options)

        return self.run(program)

    def sleep(self, seconds):
        self.run(lambda: asyncio.sleep(seconds))

    def call(
        self, method, path, json=None, *, auth=None, agent="DiscordBot (test, 1)", base="/api/v10", headers=None,
        host="bot", **options,
    ):  # fmt: skip
        """One HTTP request. `auth` is the Authorization header, by default the first bot's; "" sends none."""
        auth = f"Bot {self.tokens[0]}" if auth is None else auth
        headers = {"User-Agent": agent, **({"Authorization": auth} if auth else {}), **(headers or {})}
        if json is not None:
            options["json"] = json
        url = HOST + base + path.format(**self.names)

        async def program():
            if host not in self._sessions:
                self._sessions[host] = aiohttp.ClientSession()
            async with self._sessions[host].request(method, url, headers=headers, **options) as response:
                body = await response.read()
                is_json = response.content_type == "application/json"
                return Answer(response.status, response.headers, _json(body) if is_json else body.decode())

        return self.run(program, host)

    def ok(self, method, path, json=None, **options):
        """The body of a request that must succeed."""
        answer = self.call(method, path, json, **options)
        assert 200 <= answer.status < 300, answer
        return answer.body

    def connect(self, query="?v=10&encoding=json", *, token=None, url=GATEWAY, compression=None):
        """Open a websocket."""

        async def program():
            socket = await connect(url + query, proxy=None, compression=compression, max_size=None, ping_interval=None)
            return Socket(self, socket, token or self.tokens[0])

        self._open.append(self.run(program))
        return self._open[-1]

    def greeted(self):
        """Connect and take HELLO."""
        socket = self.connect()
        assert socket.receive()["op"] == 10
        return socket

    def session(self, *, query="?v=10&encoding=json", token=None, **identify):
        """Wait until an identify is allowed again, connect, identify, and let the guilds come."""
        self.sleep(5)
        socket = self.connect(query, token=token)
        socket.ready(**identify)
        socket.payloads()
        return socket

    def resume(self, lost, seq=1, **changes):
        """A new connection that asks for the session of `lost`."""
        socket = self.greeted()
        socket.resume(lost.ready_data["session_id"], seq, **changes)
        return socket

    def act(self, user, operation, data=None, **params):
        """What an operation answers when a user carries it out; `user` and the parameters may be names."""
        names = self.names
        params = {key: names.get(value, value) for key, value in params.items()}
        answer = self.do(self.fake.act, names[user], operation, data, **params)
        assert 200 <= answer.status < 300, answer
        return answer.body

    def say(self, content="hello", *, user="m1", channel="c", **fields):
        """Post as a user; returns the message."""
        return self.act(user, "create_message", {"content": content, **fields}, channel_id=channel)

    def permit(self, bits):
        """Leave the bots with exactly these permission bits in guild 0."""
        self.guild.roles[self.guild.id]["permissions"] = "0"
        for role in self.guild.bots.values():
            self.guild.roles[role]["permissions"] = str(int(bits))

    def close(self):
        async def program():
            for session in self._sessions.values():
                await session.close()

        for socket in self._open:
            socket.close()
        self.run(program)
        self.sim.run(self.fake.stop())


def _json(body):
    return json.loads(body) if body else None


@pytest.fixture(scope="module")
def sim():
    """The virtual time of a module's tests; each has a server of its own in it."""
    with Simulation(1) as sim:
        yield sim


@pytest.fixture(scope="module")
def started(sim):
    """`with started(world, **settings) as wire`: a wire to a fresh fake; two guilds, two bots unless told otherwise."""

    @contextlib.contextmanager
    def started(world=None, **settings):
        sim.network.default_link = Link(latency_ms=0)  # so that what is asked at once is judged at one instant
        world = world or World(1, guilds=2, members=(20, 30), bots=2)
        wire = Wire(sim, sim.run(start_discord(sim, world, Settings(**settings))))
        try:
            yield wire
        finally:
            wire.close()

    return started


@pytest.fixture
def start(started):
    """`start(world, **settings)`: the same until the test ends."""
    with contextlib.ExitStack() as stack:
        yield lambda *world, **settings: stack.enter_context(started(*world, **settings))


@pytest.fixture
def wire(start):
    """A wire to a fresh fake."""
    return start()
