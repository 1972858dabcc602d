"""`api`: call operations of a fake in virtual time, and see what a gateway session with all intents is told."""

import asyncio

import aiohttp
import msgspec
import pytest

from discord_sim import Law, Settings, Simulation, World
from discord_sim.rules.intents import ALL_INTENTS
from discord_sim.rules.routes import ROUTES
from discord_sim.virtual import start_discord

BASE = "https://discord.com/api/v10"


class Api:
    """A client. `api("GET", "/users/@me")` returns `(status, body)`; `api.seen` is what the gateway told since `mark`.

    Paths may hold `{g}` (guild 0), `{g1}` (guild 1), `{c}` (its first channel), `{r}` (its first role besides
    @everyone), `{me}` (the bot), `{m1}`, `{m2}` (members), `{owner}`.
    """

    def __init__(self, sim, fake):
        self.sim, self.fake = sim, fake
        self.guild = fake.world.guild_at(0)
        self.seen = []
        self._session = self._socket = None
        self._wait_s = 0.2

    @property
    def names(self):
        people = list(zip(range(4), self.fake.world.member_ids(self.guild), strict=False))
        return {
            "g": self.guild.id, "g1": self.fake.world.guild_at(1).id, "c": next(iter(self.guild.channels)),
            "r": list(self.guild.roles)[1], "me": self.fake.world.bot_id, "owner": self.guild.owner_id,
            "m1": people[1][1], "m2": people[2][1], "m3": people[3][1],
        }  # fmt: skip

    def run(self, program):
        async def outer():
            return await self.sim.spawn("bot", program)

        return self.sim.run(outer())

    def connect(self, token, intents=ALL_INTENTS):
        """Open a gateway session; its dispatches are appended to the returned list as (name, body)."""
        seen = []

        async def program():
            session = aiohttp.ClientSession()
            socket = await session.ws_connect("wss://gateway.discord.gg/?v=10&encoding=json", max_msg_size=0)
            await socket.receive()
            identify = {"token": token, "intents": intents, "properties": {}}
            await socket.send_str(msgspec.json.encode({"op": 2, "d": identify}).decode())

            async def read():
                async for message in socket:
                    frame = msgspec.json.decode(message.data)
                    if frame["op"] == 0:
                        seen.append((frame["t"], frame["d"]))

            self._tasks.append((asyncio.create_task(read()), socket, session))
            await asyncio.sleep(6)

        self.run(program)
        return seen

    _tasks: list

    def __call__(self, method, path, json=None, *, token=None, reason=None, form=None, headers=None):
        headers = dict(headers or {})
        if token is None:
            token = f"Bot {self.fake.settings.token}"
        if token:
            headers["Authorization"] = token
        if reason is not None:
            headers["X-Audit-Log-Reason"] = reason
        options = {"data": form} if form is not None else {"json": json} if json is not None else {}

        async def program():
            async with (
                aiohttp.ClientSession(headers=headers) as session,
                session.request(method, BASE + path.format(**self.names), **options) as answer,
            ):
                raw = await answer.read()
                body = msgspec.json.decode(raw) if answer.content_type == "application/json" else raw or None
                await asyncio.sleep(self._wait_s)  # so that no rate limit is met, and events arrive
                return answer.status, body

        return self.run(program)

    def ok(self, method, path, json=None, **options):
        """The body of a call that must succeed."""
        status, body = self(method, path, json, **options)
        assert 200 <= status < 300, (status, body)
        return body

    def error(self, method, path, json=None, **options):
        """(status, code) of a call that must fail."""
        status, body = self(method, path, json, **options)
        assert status >= 400, (status, body)
        return status, body["code"]

    def told(self, method, path, json=None, **options):
        """(body, [(event, data)...]) of a call that must succeed."""
        del self.seen[:]
        body = self.ok(method, path, json, **options)
        return body, list(self.seen)

    def bearer(self, user_id, *scopes):
        """An Authorization header of a user."""
        return "Bearer " + self.fake.bearer(user_id, *scopes)

    def strip_permissions(self, bits):
        """Leave the bot with exactly these permission bits (its managed role is the only role that gives any)."""
        self.guild.roles[self.guild.id]["permissions"] = "0"
        self.guild.roles[self.guild.bots[self.fake.world.bot_id]]["permissions"] = str(int(bits))

    def close(self):
        async def program():
            for task, socket, session in self._tasks:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
                await socket.close()
                await session.close()

        self.run(program)
        self.sim.run(self.fake.stop())


@pytest.fixture
def api():
    """A fresh world of two guilds, with no limits on buckets worth mentioning, and one gateway session."""
    settings = Settings(laws=dict.fromkeys(ROUTES, Law(50_000, 60_000)))
    with Simulation(1) as sim:
        fake = sim.run(start_discord(sim, World(1, guilds=2, members=(30, 60), bots=2), settings))
        api = Api(sim, fake)
        api._tasks = []
        api.seen = api.connect(fake.settings.token)
        yield api
        api.close()
