"""Libraries that nobody here wrote, unmodified, with the proxy as their base address, on real sockets."""

from __future__ import annotations

import asyncio
import contextlib
import io
from collections import Counter

import pytest

from discord_sim import FakeDiscord, Law, Settings, World
from framework.rest.proxy import RestProxy

discord = pytest.importorskip("discord")
hikari = pytest.importorskip("hikari")
SECRET = "s3cret-of-the-workers"


def through_a_proxy(story, **settings):
    """Carry out `story(fake, base)` with a fake behind a proxy; returns the fake."""

    async def main():
        fake = FakeDiscord(World(1, guilds=2), Settings(**settings))
        port = await fake.start()
        proxy = RestProxy(SECRET, [fake.settings.token], discord_url=f"http://127.0.0.1:{port}/api")
        try:
            at = await proxy.start(port=0)
            async with asyncio.timeout(60):
                await story(fake, f"http://127.0.0.1:{at}/{SECRET}/api/v10")
        finally:
            await proxy.stop()
            await fake.stop()
        return fake

    return asyncio.run(main())


def contents(fake, channel):
    return [message.content for message in fake.world.messages(channel, 100)]


def statuses(fake):
    return Counter(seen.status // 100 for seen in fake.record.requests)


@contextlib.asynccontextmanager
async def discord_pys(base):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(discord.http.Route, "BASE", base)
        client = discord.Client(intents=discord.Intents.none())
        await client.login("any.will.do")
        yield client
        await client.close()


@contextlib.asynccontextmanager
async def hikaris(base):
    app = hikari.RESTApp(url=base)
    await app.start()
    async with app.acquire("any.will.do", hikari.TokenType.BOT) as rest:
        yield rest
    await app.close()


def test_discord_py():
    async def story(fake, base):
        guild = fake.world.guild_at(0)
        place = next(iter(guild.channels))
        async with discord_pys(base) as client:
            assert client.user.id == fake.world.bot_id
            channel = await client.fetch_channel(place)
            message = await channel.send("grüße", file=discord.File(io.BytesIO(b"x" * 50_000), "a.bin"))
            assert message.attachments[0].size == 50_000
            await message.add_reaction("🔥")
            await message.edit(content="edited")
            await channel.edit(topic="t", reason="für alle / %")
            hook = await channel.create_webhook(name="hook")
            await hook.send("from a hook", wait=True)
            with pytest.raises(discord.NotFound, match="Unknown Channel"):
                await client.fetch_channel(1)
            await message.delete()
            log = await client.http.request(
                discord.http.Route("GET", "/guilds/{guild_id}/audit-logs", guild_id=guild.id)
            )
        assert log["audit_log_entries"][-1]["reason"] == "für alle / %"
        assert "from a hook" in contents(fake, place)
        assert "edited" not in contents(fake, place)

    fake = through_a_proxy(story)
    assert statuses(fake) == {2: 11, 4: 1}


def test_hikari():
    async def story(fake, base):
        place = next(iter(fake.world.guild_at(0).channels))
        async with hikaris(base) as rest:
            assert (await rest.fetch_my_user()).id == fake.world.bot_id
            message = await rest.create_message(place, "grüße", attachment=b"x" * 50_000)
            assert message.attachments[0].size == 50_000
            await rest.add_reaction(place, message, "🔥")
            await rest.edit_message(place, message, "edited")
            await rest.edit_channel(place, topic="t", reason="für alle / %")
            hook = await rest.create_webhook(place, "hook")
            await rest.execute_webhook(hook, hook.token, "from a hook")
            with pytest.raises(hikari.NotFoundError, match="Unknown Channel"):
                await rest.fetch_channel(1)
        assert "from a hook" in contents(fake, place)
        assert "edited" in contents(fake, place)

    fake = through_a_proxy(story)
    assert statuses(fake) == {2: 7, 4: 1}


def test_both_at_once_share_one_bucket():
    async def story(fake, base):
        place = next(iter(fake.world.guild_at(0).channels))
        async with discord_pys(base) as client, hikaris(base) as rest:
            channel = await client.fetch_channel(place)
            sends = [channel.send(f"d{n}") for n in range(8)] + [rest.create_message(place, f"h{n}") for n in range(8)]
            await asyncio.gather(*sends)
        assert set(contents(fake, place)) >= {f"{who}{n}" for who in "dh" for n in range(8)}

    assert set(statuses(through_a_proxy(story, laws={"create_message": Law(5, 500)}))) == {2}
