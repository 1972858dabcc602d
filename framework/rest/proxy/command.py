"""`python -m framework rest`: the proxy as a process, until a signal ends it."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import signal
from pathlib import Path

from prometheus_client import disable_created_metrics

from framework.errors import InvalidUse
from framework.rest.proxy.server import DISCORD_URL, RestProxy
from framework.wire import GLOBAL_REQUESTS_PER_S

__all__ = ["add_to"]

_TOKENS, _SECRET = "DISCORD_TOKEN", "PROXY_SECRET"


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to a command line."""
    parser = commands.add_parser(
        "rest",
        help="a proxy that keeps Discord's limits for all workers, in any language",
        description="A proxy that keeps Discord's limits for all workers. They use http://HOST:PORT/<secret>/api/v10 "
        f"in place of {DISCORD_URL}/v10. Also served: /healthz, /readyz, /metrics.",
    )
    parser.add_argument("--host", default="127.0.0.1", metavar="H", help="address to bind (default %(default)s)")
    parser.add_argument("--port", type=_port, default=8080, metavar="N", help="port; 0 is a free one (default 8080)")
    parser.add_argument("--discord", default=DISCORD_URL, metavar="URL", help="Discord's API (default %(default)s)")
    parser.add_argument("--token-file", type=Path, metavar="F", help=f"bot tokens, one a line; else {_TOKENS}")
    parser.add_argument("--secret-file", type=Path, metavar="F", help=f"what workers must know; else {_SECRET}")
    parser.add_argument(
        "--waiting-max", type=_count, default=10_000, metavar="N", help="calls under way at once (default %(default)s)"
    )
    parser.add_argument(
        "--per-s", type=_count, default=GLOBAL_REQUESTS_PER_S, metavar="N",
        help="requests per second of a bot over all routes (default %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--drain-s", type=_count, default=25, metavar="S",
        help="how long calls under way may take after SIGTERM or SIGINT (default %(default)s)",
    )  # fmt: skip
    parser.set_defaults(command=_run)


def _run(options: argparse.Namespace) -> int:
    """Raises InvalidUse for what cannot be, OSError where a file or the port cannot be had."""
    disable_created_metrics()  # type: ignore[no-untyped-call]
    tokens = _read(options.token_file, _TOKENS).split()
    secret = _read(options.secret_file, _SECRET).strip()
    asyncio.run(_serve(options, list(dict.fromkeys(tokens)), secret))
    return 0


async def _serve(options: argparse.Namespace, tokens: list[str], secret: str) -> None:
    proxy = RestProxy(secret, tokens, discord_url=options.discord, waiting_max=options.waiting_max, per_s=options.per_s)
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # Windows: Ctrl-C ends the program at once
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
    port = await proxy.start(options.host, options.port)
    print(f"http://{options.host}:{port}/<secret>/api/v10  for {len(tokens)} bots of {options.discord}", flush=True)
    try:
        await stop.wait()
    finally:
        print(f"closing within {options.drain_s} s", flush=True)
        await proxy.stop(options.drain_s)


def _read(path: Path | None, variable: str) -> str:
    if path is not None:
        return path.read_text(encoding="utf-8")
    if variable not in os.environ:
        raise InvalidUse(f"{variable} is not set, and no file was named")
    return os.environ[variable]


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 65_535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port; use 0 to 65535")
    return int(text)


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number above 0")
    return int(text)
