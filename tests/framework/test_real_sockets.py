"""The same bot and the same fake, on real sockets and in real time."""

import asyncio

from discord_sim import Settings, World
from discord_sim.edge import FakeDiscord
from framework import Bot, GuildBanAdd, Intents, MessageCreate, RestManager


async def until(condition):
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.01)


def test_a_bot_answers_resumes_and_leaves():
    async def main():
        fake = FakeDiscord(World(1, guilds=2), Settings())
        port = await fake.start()
        rest = RestManager(fake.settings.token, base_url=f"http://127.0.0.1:{port}/api/v10")
        bot = Bot(
            fake.settings.token,
            intents=Intents.GUILD_MESSAGES | Intents.MESSAGE_CONTENT | Intents.GUILD_MODERATION,
            rest=rest,
        )
        bans = []

        @bot.on(MessageCreate, needs_guild=True)
        async def on_message(event):
            if event.content == "!where":
                await bot.rest.create_message(event.channel_id, event.guild.name)

        @bot.on(GuildBanAdd)
        async def on_ban(event):
            bans.append(event.user.id)

        await bot.start()
        fake.message_posted(0, "!where")
        name = fake.world.guild_at(0).name
        channel = next(iter(fake.world.guild_at(0).channels))
        await until(lambda: any(m.content == name for m in fake.world.messages(channel, 10)))

        fake.gateway.reconnect()
        banned = fake.member_banned(1, 5)
        await until(lambda: fake.record.gateway["resume"] == 1 and bans)

        await bot.close()
        await rest.close()
        await until(lambda: 1000 in fake.record.closes)
        await fake.stop()
        return bans == [banned], fake.record.counts()

    exact, counts = asyncio.run(main())
    assert exact
    assert counts["identifies"] == 1
    assert sum(counts["responses_429"].values()) == 0
