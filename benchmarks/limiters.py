"""The framework's REST manager and the libraries beside it, as clients of `discord_sim.testing`: each makes any call
through its own limiter. For property tests, benchmarks and the notebook."""

import importlib.util

from framework import RestManager
from framework.rest import Route

__all__ = ["PEERS", "DiscordPy", "Framework", "Hikari"]


class Framework:
    """The framework's REST manager as it comes."""

    async def start(self, token):
        self.rest = RestManager(token)

    async def call(self, call):
        route = Route.of(call.method, call.template, **call.params)
        await self.rest.request_raw(route, json=call.json)

    async def close(self):
        await self.rest.close()


class DiscordPy:
    """discord.py's HTTP client, on which everything of discord.py is built."""

    async def start(self, token):
        import discord

        self.client = discord.Client(intents=discord.Intents.none())
        await self.client.login(token)
        self.route = discord.http.Route

    async def call(self, call):
        options = {} if call.json is None else {"json": call.json}
        await self.client.http.request(self.route(call.method, call.template, **call.params), **options)

    async def close(self):
        await self.client.close()


class Hikari:
    """hikari's REST client. Its routes name their parameters without `_id`."""

    async def start(self, token):
        import hikari
        from hikari.internal import routes

        self.app = hikari.RESTApp()
        await self.app.start()
        self.rest = self.app.acquire(token, hikari.TokenType.BOT)
        self.rest.start()
        self.route = routes.Route

    async def call(self, call):
        names = {name: name.removesuffix("_id").replace("webhook_token", "token") for name in call.params}
        params = {names[name]: value for name, value in call.params.items()}
        template = call.template.format(**{name: f"{{{short}}}" for name, short in names.items()})
        options = {} if call.json is None else {"json": call.json}
        if not call.needs_token:
            options["auth"] = None
        await self.rest._request(self.route(call.method, template).compile(**params), **options)

    async def close(self):
        await self.rest.close()
        await self.app.close()


PEERS = {
    name: client
    for name, client in {"discord.py": DiscordPy, "hikari": Hikari}.items()
    if importlib.util.find_spec(name.removesuffix(".py")) is not None
}
