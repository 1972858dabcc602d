"""What a bot can be given besides handlers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from framework.bot.bot import Bot

__all__ = ["Extension"]


class Extension(Protocol):
    """Something that lives as long as a bot: `bot.use(extension)`."""

    def attach(self, bot: Bot, /) -> None:
        """Subscribe to what is wanted of the bot."""

    async def start(self) -> None:
        """The bot is about to connect. What is raised here ends its start."""
        return

    async def close(self) -> None:
        """The bot has disconnected, and can still send."""
        return
