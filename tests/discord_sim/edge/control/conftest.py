"""`desk`: the operator's API in virtual time, and a bot that sees what it brings about."""

import asyncio
import json

import aiohttp
import msgspec
import pytest

from discord_sim import Settings, Simulation, World, start_discord
from discord_sim.rules.intents import ALL_INTENTS

SECRET = "open sesame"


class Desk:
    """The operator's desk, and a bot with a REST client and a gateway session; what that was told is in `seen`."""

    def __init__(self, sim, fake):
        self.sim, self.fake = sim, fake
        self.seen, self.closes = [], []
        self.guild = fake.world.guild_at(0)
        self.guild_id, self.channel = str(self.guild.id), next(iter(map(str, self.guild.channels)))
        self.owner, self.member, self.other = [
            str(user) for user, _ in zip(fake.world.member_ids(self.guild), range(3), strict=False)
        ]
        self.stranger = str(next(fake.world.member_ids(fake.world.guild_at(1))))
        self.bot, self.bot_2 = map(str, fake.world.bots)
        self.http = self.socket = self.reader = None

    def do(self, program):
        async def outer():
            return await self.sim.spawn("bot", program)

        return self.sim.run(outer())

    async def arrive(self):
        self.http = aiohttp.ClientSession()
        await self.connect()

    async def connect(self):
        self.socket = await self.http.ws_connect("wss://gateway.discord.gg/?v=10&encoding=json", max_msg_size=0)
        self.reader = asyncio.create_task(self.read(self.socket))
        await self.send(2, {"token": self.fake.settings.token, "intents": ALL_INTENTS, "properties": {}})
        await asyncio.sleep(6)

    async def send(self, op, d):
        await self.socket.send_str(json.dumps({"op": op, "d": d}))

    async def read(self, socket):
        async for message in socket:
            frame = json.loads(message.data)
            self.seen.append((frame["t"] or frame["op"], frame["d"]))
        self.closes.append(socket.close_code)

    async def leave(self):
        await self.socket.close()
        await self.reader
        await self.http.close()

    async def request(self, method, url, body, headers):
        options = {} if body is None else {"json": body}
        async with self.http.request(method, url, headers=headers, **options) as answer:
            raw = await answer.read()
            await asyncio.sleep(0.2)
            return answer.status, msgspec.json.decode(raw) if answer.content_type == "application/json" else raw

    def call(self, method, path, body=None, secret=SECRET):
        """(status, body) of a call of the operator's."""
        headers = {} if secret is None else {"X-Sim-Secret": secret}
        return self.do(lambda: self.request(method, f"https://discord.com/_sim{path}", body, headers))

    def ok(self, method, path, body=None):
        """The answer of a call that must succeed: a body, or None."""
        status, answer = self.call(method, path, body)
        assert status == (200 if answer else 204), answer
        return answer or None

    def refused(self, method, path, body=None):
        """(status, message) of a call that must fail."""
        status, answer = self.call(method, path, body)
        return status, answer["message"]

    def told(self, method, path, body=None):
        """The names of the events that a call brings to the bot."""
        del self.seen[:]
        self.ok(method, path, body)
        return [name for name, _ in self.seen]

    def last(self, name):
        """The data of the newest event of this name."""
        return next(data for event, data in reversed(self.seen) if event == name)

    def rest(self, method, path, body=None):
        """The bot's own call of Discord's API: (status, body)."""
        headers = {"Authorization": f"Bot {self.fake.settings.token}"}
        return self.do(lambda: self.request(method, f"https://discord.com/api/v10{path}", body, headers))

    def made(self, method, path, body=None):
        """The body of a call of the bot's that must succeed."""
        status, answer = self.rest(method, path, body)
        assert status in (200, 201, 204), answer
        return answer

    def answer(self, kind, data=None):
        """The bot answers the newest interaction."""
        asked = self.last("INTERACTION_CREATE")
        body = {"type": kind} if data is None else {"type": kind, "data": data}
        assert self.rest("POST", f"/interactions/{asked['id']}/{asked['token']}/callback", body)[0] == 204
        return asked


@pytest.fixture
def desk():
    settings = Settings(control_secret=SECRET)
    with Simulation(1) as sim:
        fake = sim.run(start_discord(sim, World(1, guilds=2, members=(8, 20), bots=2), settings))
        desk = Desk(sim, fake)
        desk.do(desk.arrive)
        yield desk
        desk.do(desk.leave)
        sim.run(fake.stop())
