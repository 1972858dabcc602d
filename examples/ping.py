"""The smallest bot: answers "!ping" and /ping.

DISCORD_TOKEN=… python examples/ping.py

"!ping" needs the privileged intent MESSAGE_CONTENT, switched on in the Developer Portal; /ping needs nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys

from framework import Bot, Intents, MessageCreate
from framework.interactions import Interaction, Interactions


def make_bot(token: str) -> Bot:
    """The bot, not yet connected."""
    bot = Bot(token, intents=Intents.GUILD_MESSAGES | Intents.MESSAGE_CONTENT)
    interactions = Interactions(auto_register=True)
    bot.use(interactions)

    @bot.on(MessageCreate)
    async def on_message(event: MessageCreate) -> None:
        if event.content == "!ping" and not event.author.bot:
            await bot.rest.create_message(event.channel_id, "pong")

    @interactions.slash("ping", "Are you there?")
    async def ping(interaction: Interaction) -> str:
        return f"pong, {interaction.invoker.username}"

    return bot


def main() -> int:
    """Run until interrupted; 2 where there is no token."""
    token = os.environ.get("DISCORD_TOKEN")
    if not token:
        print("Set DISCORD_TOKEN to your bot's token: Developer Portal, your application, Bot.", file=sys.stderr)
        return 2
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(make_bot(token).run())
    return 0


if __name__ == "__main__":
    sys.exit(main())
