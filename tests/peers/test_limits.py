"""Libraries meet each form of 429: they wait, and the call succeeds. A Cloudflare ban is another matter."""

import aiohttp
import pytest

from discord_sim import Law, Settings

VIRTUAL = pytest.mark.parametrize("play", ["virtual time"], indirect=True)


def answers(fake, method):
    return [seen.status for seen in fake.record.requests if seen.method == method]


def test_a_forced_429_of_each_form_is_waited_out_and_the_call_succeeds(play, library):
    forms = ["user", "shared", "coded", "hidden", "global"]

    async def story(fake, bot):
        channel = next(iter(fake.world.guild_at(0).channels))
        for form in forms:
            asked, code = ("shared", 20028) if form == "coded" else (form, None)
            fake.force_429("create_message", asked, retry_after_s=0.2, code=code)
            await bot.send(channel, form)
        return [message.content for message in reversed(fake.world.messages(channel, 10))]

    assert play(story, library, settings=Settings(laws={"create_message": Law(50, 1_000)})) == forms
    assert answers(play.fake, "POST") == [429, 200] * len(forms)
    if play.is_virtual:
        times = [seen.t_ms for seen in play.fake.record.requests if seen.method == "POST"]
        assert min(again - refused for refused, again in zip(times[::2], times[1::2], strict=True)) >= 200
    assert play.fake.record.counts()["responses_429"] == {"user": 2, "shared": 2, "global": 1, "cloudflare": 0}


def test_a_bucket_that_somebody_else_emptied_is_waited_for(play, library):
    async def story(fake, bot):
        channel = next(iter(fake.world.guild_at(0).channels))
        sent = await bot.send(channel, "draft")
        async with aiohttp.ClientSession(headers={"Authorization": f"Bot {fake.settings.token}"}) as somebody:
            url = f"{play.rest}/channels/{channel}/messages/{sent}"
            async with somebody.patch(url, json={"content": "second draft"}):
                await bot.edit(channel, sent, "final")
        return fake.world.message(channel, sent).content

    assert play(story, library, settings=Settings(laws={"update_message": Law(1, 1_000)})) == "final"
    assert answers(play.fake, "PATCH") == [200, 429, 200]


@VIRTUAL
def test_a_third_new_name_in_ten_minutes_is_waited_for_but_not_by_hikari(play, library):
    """hikari waits for five minutes at most unless told otherwise (`max_rate_limit`)."""

    async def story(fake, bot):
        channel = next(iter(fake.world.guild_at(0).channels))
        for name in ("one", "two"):
            await bot.rename(channel, name)
        if library.name == "hikari":
            with pytest.raises(library.too_long):
                await bot.rename(channel, "three")
        else:
            await bot.rename(channel, "three")
        return fake.world.channel(channel)[1]["name"]

    name = play(story, library)
    if library.name == "hikari":
        assert (name, answers(play.fake, "PATCH")) == ("two", [200, 200, 429])
    else:
        assert (name, answers(play.fake, "PATCH")) == ("three", [200, 200, 429, 200])


def test_a_cloudflare_ban_is_an_error_at_once_whatever_its_form_and_the_gateway_stays_up(play, library):
    async def story(fake, bot):
        channel = next(iter(fake.world.guild_at(0).channels))
        sent = await bot.send(channel, "before")
        for form in ("text", "html", "json"):
            fake.door.ban_form = form
            fake.ban_ip(play.ip)
            with pytest.raises(library.banned):
                await bot.send(channel, "banned")
            fake.unban_ip(play.ip)
        heard = fake.message_posted(0, "still there?")
        await play.until(lambda: bot.messages == [sent, heard])
        await bot.send(channel, "after")

    play(story, library)
    assert answers(play.fake, "POST") == [200, 429, 429, 429, 200]
    assert play.fake.record.counts()["responses_429"]["cloudflare"] == 3
    assert play.fake.record.counts()["connections"] == 1


def test_a_banned_address_cannot_log_in(play, library):
    async def story(fake, bot):
        raise AssertionError("ready with a banned address")

    with pytest.raises(library.banned):
        play(story, library, before=lambda fake: fake.ban_ip(play.ip))
    assert play.fake.record.counts()["connections"] == 0
