"""A proxy on a machine of its own between workers and a server, in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import aiohttp
import pytest
from aiohttp import web

from discord_sim import FakeDiscord, Link, Settings, Simulation, World, start_discord
from framework.rest.proxy import RestProxy

SECRET = "s3cret-of-the-workers"


@dataclass
class Site:
    """The machines. `url` is what workers use in place of https://discord.com/api."""

    sim: Simulation
    discord: FakeDiscord
    url: str = f"http://proxy/{SECRET}/api/v10"
    proxies: list[RestProxy] = field(default_factory=list)
    sessions: list[aiohttp.ClientSession] = field(default_factory=list)

    async def proxy(self, **options: object) -> RestProxy:
        """Start one, for the fake's first bot unless told otherwise."""
        tokens = options.pop("tokens", [self.discord.settings.token])
        proxy = RestProxy(SECRET, tokens, **options)
        self.proxies.append(proxy)
        await self.sim.spawn("proxy", lambda: proxy.start("0.0.0.0", 80))
        return proxy

    async def kill(self, proxy: RestProxy) -> None:
        """As SIGKILL: the port is closed, every connection reset, what was in flight is cut off."""
        proxy._server.close()
        proxy._server.abort_clients()
        await asyncio.sleep(0.001)
        await proxy.stop()  # nobody is left to be answered; what it holds is let go

    def worker(self) -> aiohttp.ClientSession:
        """A plain client."""
        self.sessions.append(session := aiohttp.ClientSession())
        return session

    async def upstream(self, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> str:
        """A small server in Discord's place; returns its address."""

        async def serve() -> None:
            app = web.Application(client_max_size=1 << 30)
            app.router.add_route("*", "/{tail:.*}", handler)
            runner = web.AppRunner(app, auto_decompress=False)
            await runner.setup()
            await web.TCPSite(runner, "0.0.0.0", 80).start()

        await self.sim.spawn("upstream", serve)
        return "http://upstream/api"

    async def ask(self, method: str, path: str, **options: object) -> tuple[int, object, dict[str, str]]:
        """One call of a new worker: status, decoded body, headers."""
        async with self.worker().request(method, self.url + path, **options) as answer:
            body = await answer.json(content_type=None)
            return answer.status, body, dict(answer.headers)

    async def speak(self, text: bytes) -> bytes:
        """The head of the proxy's answer to bytes that no library would send."""
        reader, writer = await asyncio.open_connection("proxy", 80)
        writer.write(text)
        answer = await reader.readuntil(b"\r\n\r\n")
        writer.close()
        return answer

    async def metrics(self) -> dict[str, float]:
        """The samples by name and labels, as Prometheus' text format has them."""
        async with self.worker().get("http://proxy/metrics") as answer:
            lines = (await answer.text()).splitlines()
        return {name: float(value) for name, _, value in (ln.rpartition(" ") for ln in lines if not ln.startswith("#"))}


@pytest.fixture
def site() -> Callable[..., FakeDiscord]:
    """`site(story)`: carry out `story(site)` on the machine of a worker; returns the server with its record."""

    def run(
        story: Callable[[Site], Awaitable[None]], *, world: World | None = None, settings: Settings | None = None,
        seed: int = 1,
    ) -> FakeDiscord:  # fmt: skip
        with Simulation(seed) as sim:
            sim.network.default_link = Link(20, 5)
            sim.network.set_link("worker", "proxy", Link(1))

            async def main() -> FakeDiscord:
                discord = await start_discord(sim, world or World(1, guilds=3), settings)
                found = Site(sim, discord)

                async def on_a_workers_machine() -> None:
                    try:
                        async with asyncio.timeout(200_000):
                            await story(found)
                    finally:
                        for session in found.sessions:
                            await session.close()
                        for proxy in found.proxies:
                            await proxy.stop()

                try:
                    await sim.spawn("worker", on_a_workers_machine)
                finally:
                    await discord.stop()
                return discord

            return sim.run(main())

    return run
