"""Moderation: /ban, and one summary per guild after a mass ban has ended, in place of a message for each ban.

DISCORD_TOKEN=… python examples/moderation.py

It needs the privileged intent GUILD_MEMBERS, switched on in the Developer Portal. Summaries go to the guild's system
channel, known from GUILD_CREATE: a flood of events never becomes one of requests.
"""

import asyncio
import contextlib
import logging
import os
import sys
from typing import Annotated

from framework import Bot, Extension, GuildBanAdd, GuildCreate, GuildMemberRemove, Intents
from framework.interactions import Interaction, Interactions, Option, Refusal
from framework.models import AllowedMentions, Member, Permissions, can_act_on
from framework.rest import Forbidden, Priority, RestError, priority

QUIET_S, LONGEST_S = 60.0, 300.0  # a summary comes so long after the last event, and at the latest after the first
CROWD, NAMED = 5, 20  # fewer who just leave are not told of; of more, not all are named
Days = Annotated[int, Option("Days of messages to delete", min_value=0, max_value=7)]


class Arrival(GuildCreate, kw_only=True):
    system_channel_id: int | None = None


class Watch(Extension):
    """Logs who is banned or leaves, guild by guild, and tells of each flood once."""

    def __init__(self) -> None:
        self._channels: dict[int, int | None] = {}  # where each guild wants to be told things
        self._logs: dict[int, dict[int, str]] = {}  # guild -> user -> what became of them
        self._last_s: dict[int, float] = {}
        self._tasks: dict[int, asyncio.Task[None]] = {}

    def attach(self, bot: Bot) -> None:
        self._bot = bot

        @bot.on(Arrival)
        async def arrived(event: Arrival) -> None:
            self._channels[event.id] = event.system_channel_id

        @bot.on(GuildBanAdd)
        async def banned(event: GuildBanAdd) -> None:
            self._log(event.guild_id)[event.user.id] = "banned"

        @bot.on(GuildMemberRemove)
        async def removed(event: GuildMemberRemove) -> None:
            self._log(event.guild_id).setdefault(event.user.id, "gone")  # a ban is told of twice

    async def close(self) -> None:
        for task in self._tasks.values():
            task.cancel()

    def _log(self, guild_id: int) -> dict[int, str]:
        self._last_s[guild_id] = asyncio.get_running_loop().time()
        if guild_id not in self._tasks:
            with priority(Priority.LOW):  # whatever else the bot has to say goes first
                self._tasks[guild_id] = asyncio.create_task(self._tell(guild_id))
        return self._logs.setdefault(guild_id, {})

    async def _tell(self, guild_id: int) -> None:
        clock = asyncio.get_running_loop().time
        until_s, latest_s = clock() + QUIET_S, clock() + LONGEST_S
        while until_s > clock():
            await asyncio.sleep(until_s - clock())
            until_s = min(self._last_s[guild_id] + QUIET_S, latest_s)
        del self._tasks[guild_id]
        text = summary(self._logs.pop(guild_id))
        if text and (channel_id := self._channels.get(guild_id)):
            try:
                await self._bot.rest.create_message(channel_id, text, allowed_mentions=AllowedMentions())
            except RestError as error:
                logging.warning("guild %d was not told: %s", guild_id, error)


def summary(log: dict[int, str]) -> str:
    lines = []
    for what, least in (("banned", 1), ("gone", CROWD)):
        users = [f"<@{user_id}>" for user_id, became in log.items() if became == what]
        if len(users) >= least:
            lines.append(f"**{len(users)}** {what}: {', '.join(users[:NAMED])}{' …' if len(users) > NAMED else ''}")
    return "\n".join(lines)


def make_bot(token: str) -> Bot:
    bot = Bot(token, intents=Intents.GUILDS | Intents.GUILD_MEMBERS | Intents.GUILD_MODERATION)
    interactions = Interactions(auto_register=True)
    bot.use(interactions)
    bot.use(Watch())

    @interactions.slash("ban", "Ban a member", needs=Permissions.BAN_MEMBERS, ephemeral=True)
    async def ban(interaction: Interaction, member: Member, days: Days = 0) -> str:
        guild_id, moderator = interaction.in_guild
        if not can_act_on(moderator, member, await bot.rest.get_guild(guild_id)):
            raise Refusal("They are not below you.")
        try:
            await bot.rest.create_guild_ban(guild_id, member.id, delete_message_seconds=days * 86_400)
        except Forbidden:
            raise Refusal("I may not ban them.") from None
        return f"<@{member.id}> is banned."

    return bot


def main() -> int:
    if not (token := os.environ.get("DISCORD_TOKEN")):
        print("Set DISCORD_TOKEN to your bot's token: Developer Portal, your application, Bot.", file=sys.stderr)
        return 2
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(make_bot(token).run())
    return 0


if __name__ == "__main__":
    sys.exit(main())
