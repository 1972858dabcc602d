"""Where the gateway is ("Gateway")."""

from __future__ import annotations

from framework.models.gateway import GatewayBot
from framework.rest.api._base import Api
from framework.rest.core.route import Route

__all__ = ["GatewayApi"]


class GatewayApi(Api):
    """Gateway ("Gateway" in Discord's documentation)."""

    async def get_gateway(self) -> str:
        """The gateway's address, for everybody the same."""
        return (await self._ask(dict[str, str], Route.of("GET", "/gateway")))["url"]

    async def get_gateway_bot(self) -> GatewayBot:
        """The gateway's address, the recommended number of shards, and how many sessions may be begun today."""
        return await self._ask(GatewayBot, Route.of("GET", "/gateway/bot"))
