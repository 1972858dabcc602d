"""What a bot does all day, told once for every library: in virtual time at the default addresses, on real sockets,
and over TLS."""

import pytest

EPHEMERAL = 1 << 6


@pytest.mark.parametrize("play", ["virtual time", "real sockets", "TLS"], indirect=True)
def test_it_gets_ready_knows_its_guilds_and_members_and_talks(play, library):
    async def story(fake, bot):
        guild = fake.world.guild_at(0)
        channel = next(iter(guild.channels))
        everybody = set(fake.world.member_ids(guild))
        await play.until(lambda: bot.guild_ids == set(fake.world.guild_ids()))
        await play.until(lambda: bot.member_ids(guild.id) == everybody)
        posted = fake.message_posted(0, "hello")
        await play.until(lambda: bot.messages == [posted])
        sent = await bot.send(channel, "helo")
        await bot.edit(channel, sent, "hello")
        await bot.react(channel, sent, "👍")
        await play.until(lambda: bot.messages == [posted, sent])
        return fake.world.message(channel, sent), fake.world.bot_id

    message, me = play(story, library)
    assert (message.content, message.author_id) == ("hello", me)
    assert [(key, list(reaction.users)) for key, reaction in message.reactions.items()] == [("👍", [me])]
    assert all(seen.status < 300 for seen in play.fake.record.requests)
    assert play.fake.record.counts()["identifies"] == 1


def test_commands_buttons_and_modals_are_answered(play, library):
    async def story(fake, bot):
        channel, user = next(iter(fake.world.guild_at(0).channels)), fake.world.guild_at(0).owner_id
        await bot.register()

        async def use(name, **options):
            used = fake.command(user, channel, name, options)
            await play.until(lambda: bot.done[-1:] == [name])
            return used

        def shown(interaction):
            message = fake.world.message(channel, interaction.original_id)
            return message.content, message.doc["flags"] & EPHEMERAL

        used = [await use("greet", who="Ann"), await use("whisper"), await use("think")]
        panel, form = await use("panel"), await use("form")
        answers = [shown(interaction) for interaction in (*used, panel)]
        fake.component(user, channel, panel.original_id, "press")
        await play.until(lambda: bot.done[-1] == "press")
        submitted = fake.modal(user, form.id, {"said": "yes"})
        await play.until(lambda: bot.done[-1] == "said")
        return answers, shown(panel), shown(submitted)

    answers, pressed, submitted = play(story, library, commands=True)
    assert answers == [("hello Ann", 0), ("psst", EPHEMERAL), ("thought", 0), ("panel", 0)]
    assert pressed == ("pressed", 0)
    assert submitted == ("said yes", 0)
    assert all(seen.status < 300 for seen in play.fake.record.requests)
