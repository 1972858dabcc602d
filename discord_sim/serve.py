"""`discord-sim serve`: the fake on real sockets, until a signal ends it."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import signal
import ssl
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from discord_sim.edge.server import FakeDiscord
from discord_sim.edge.settings import Settings
from discord_sim.world.world import World

__all__ = ["Plan", "TlsMissing", "serve", "serve_until"]

_FACTS_KEPT = 10_000  # a server may run for weeks
_GUILDS_PER_SHARD = 1_000
_NAMES = ("127.0.0.1", "::1", "localhost", "discord.com", "*.discord.com", "*.discord.gg", "cdn.discordapp.com")


class TlsMissing(Exception):
    """`--tls` needs a package that is not installed."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to serve. `tokens` are for the applications in order; the others get made-up ones."""

    host: str = "127.0.0.1"
    port: int = 0
    guilds: int = 10
    seed: int = 1
    applications: int = 1
    tokens: tuple[str, ...] = ()
    tls: bool = False
    secret: str | None = None


def serve(plan: Plan, out: TextIO) -> None:
    """Run until SIGINT or SIGTERM. Raises OSError when the port cannot be had, TlsMissing without trustme."""

    async def main() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            with contextlib.suppress(NotImplementedError):  # Windows: Ctrl-C still ends the program
                loop.add_signal_handler(number, stop.set)
        await serve_until(stop, plan, out)

    asyncio.run(main())


async def serve_until(stop: asyncio.Event, plan: Plan, out: TextIO) -> None:
    """Serve until `stop` is set; says where and how on `out` first."""
    shards = max(1, -(-plan.guilds // _GUILDS_PER_SHARD))
    secret = plan.secret or secrets.token_hex(16)
    settings = Settings(control_secret=secret, shards=shards, max_concurrency=16 if shards > 1 else 1)
    applications = max(plan.applications, len(plan.tokens))
    fake = FakeDiscord(
        World(plan.seed, guilds=plan.guilds, bots=applications), settings, keep=_FACTS_KEPT, tokens=plan.tokens
    )
    with tempfile.TemporaryDirectory(prefix="discord-sim-") as folder:
        authority = Path(folder, "authority.pem")
        tls = _certificate(authority) if plan.tls else None
        bound = await fake.start(plan.host, plan.port, tls=tls)
        print("\n".join(_greeting(fake, plan, bound, secret, authority)), file=out, flush=True)
        try:
            await stop.wait()
        finally:
            await fake.stop()
            counts = fake.record.counts()
            print(
                f"\nended: {counts['requests']:,} requests, {counts['dispatched']:,} events sent", file=out, flush=True
            )


def _greeting(fake: FakeDiscord, plan: Plan, port: int, secret: str, authority: Path) -> list[str]:
    """The one place where tokens are printed: they are made up, and the user needs them to log in."""
    s = "s" if plan.tls else ""
    lines = [f"REST     http{s}://{plan.host}:{port}/api/v10", f"Gateway  ws{s}://{plan.host}:{port}"]
    if plan.tls:
        lines.append(f"CA file  {authority}   (SSL_CERT_FILE, NODE_EXTRA_CA_CERTS)")
    for token, bot_id in fake.tokens.items():
        lines.append(f"App      {bot_id}   token {token}")
    lines.append(f"Control  http{s}://{plan.host}:{port}/_sim/openapi.json   X-Sim-Secret: {secret}")
    lines.append(f"World    {plan.guilds:,} guilds from seed {plan.seed}, {fake.settings.shards} shards recommended")
    return [*lines, "Ctrl-C ends it."]


def _certificate(authority_file: Path) -> ssl.SSLContext:
    try:
        import trustme
    except ImportError:
        raise TlsMissing("--tls needs the package trustme: pip install 'discord-sim[tls]'") from None
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(authority_file))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    authority.issue_cert(*_NAMES).configure_cert(context)
    return context
