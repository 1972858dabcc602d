"""GET /gateway/bot for a gateway, asked by a REST manager: the two are strangers to each other."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from framework.gateway import GatewayBot
from framework.rest import RestManager

__all__ = ["gateway_bot"]


def gateway_bot(rest: RestManager) -> Callable[[], Awaitable[GatewayBot]]:
    """What `GatewayManager` and `Forwarder.gateway` take as `fetch_gateway_bot`."""

    async def fetch() -> GatewayBot:
        found = await rest.get_gateway_bot()
        limit = found.session_start_limit
        return GatewayBot(
            found.url, found.shards, limit.total, limit.remaining, limit.reset_after, limit.max_concurrency
        )

    return fetch
