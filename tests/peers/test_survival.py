"""Libraries through everything that ends a connection: what is sent while they are away still arrives."""

import asyncio

import pytest

from discord_sim import Settings

VIRTUAL = pytest.mark.parametrize("play", ["virtual time"], indirect=True)
SOCKETS = pytest.mark.parametrize("play", ["real sockets"], indirect=True)


def greet_with_op_7(fake):
    fake.gateway.reconnect_greetings = 1
    fake.gateway.disconnect(0)


DISTURBANCES = {
    "op 7": lambda fake: fake.gateway.reconnect(),
    "op 7 in place of hello": greet_with_op_7,
    "closed with 4000": lambda fake: fake.gateway.disconnect(0, 4000),
    "going away": lambda fake: fake.gateway.disconnect(0, 1001),
    "connection cut": lambda fake: fake.gateway.disconnect(0),
    "op 9 true": lambda fake: fake.gateway.invalidate(0, resumable=True),
    "op 9 false": lambda fake: fake.gateway.invalidate(0),
    "no more acks": lambda fake: fake.gateway.deafen(0),
    "half-open": lambda fake: fake.gateway.freeze(0),
}


@VIRTUAL
@pytest.mark.parametrize("disturbance", DISTURBANCES)
def test_nothing_is_lost_where_a_resume_is_possible(play, survivor, disturbance):
    async def story(fake, bot):
        await asyncio.sleep(30)
        posted = []
        for n in range(120):
            if n == 20:
                DISTURBANCES[disturbance](fake)
            posted.append(fake.message_posted(n % 2, f"message {n}"))
            await asyncio.sleep(0.5)
        await asyncio.sleep(180)  # a dead connection is noticed in silence only by some
        for n in range(20):
            posted.append(fake.message_posted(n % 2, f"late message {n}"))
            await asyncio.sleep(0.5)
        await asyncio.sleep(30)
        return posted, bot.messages

    posted, seen = play(story, survivor)
    counts = play.fake.record.counts()
    if (survivor.name, disturbance) == ("framework", "half-open"):
        # All comes in one burst; the framework keeps the order within each guild.
        posted = [*posted[0::2], *posted[1::2]]
        seen = [*(m for m in seen if m in posted[:70]), *(m for m in seen if m not in posted[:70])]
    else:
        assert seen == sorted(seen), "reordered"
    assert len(seen) == len(set(seen)), "doubled"
    if disturbance == "op 9 false":
        assert (counts["identifies"], counts["resumes"]) == (2, 0)
        assert set(seen) <= set(posted)
        assert seen[-40:] == posted[-40:]
    else:
        assert (counts["identifies"], counts["resumes"]) == (1, 1)
        assert seen == posted
    assert counts["connections"] == (3 if disturbance == "op 7 in place of hello" else 2)


@SOCKETS
def test_op_7_and_a_cut_connection_are_survived_on_real_sockets_too(play, library):
    async def story(fake, bot):
        posted = []

        async def survive(disturbance):
            before = fake.record.gateway["resume"]
            DISTURBANCES[disturbance](fake)
            posted.extend(fake.message_posted(n % 2, f"message {n}") for n in range(10))
            await play.until(lambda: fake.record.gateway["resume"] == before + 1)
            posted.append(fake.message_posted(0, "and on"))
            await play.until(lambda: len(bot.messages) >= len(posted))

        await survive("op 7")
        await survive("connection cut")
        return posted, bot.messages

    posted, seen = play(story, library)
    assert seen == posted
    assert play.fake.record.counts()["identifies"] == 1


@VIRTUAL
def test_op_1_is_answered_with_a_heartbeat_at_once(play, survivor):
    async def story(fake, bot):
        await asyncio.sleep(15)
        before = fake.record.counts()
        fake.gateway.ask_for_heartbeat(0)
        await asyncio.sleep(0.5)
        return before, fake.record.counts()

    before, after = play(story, survivor)
    assert after["heartbeats"] == before["heartbeats"] + 1
    assert after["connections"] == 1


@VIRTUAL
def test_discord_py_and_disnake_take_any_event_for_life_and_hikari_wants_its_acks(play, library):
    async def story(fake, bot):
        await asyncio.sleep(15)
        fake.gateway.deafen(0)
        for n in range(30):
            fake.message_posted(0, f"message {n}")
            await asyncio.sleep(10)

    play(story, library)
    assert play.fake.record.gateway["resume"] == (1 if library.name == "hikari" else 0)


@VIRTUAL
def test_op_7_in_place_of_the_very_first_hello_ends_discord_py_and_disnake(play, survivor):
    def before(fake):
        fake.gateway.reconnect_greetings = 1

    async def story(fake, bot):
        return fake.record.gateway["open"]

    if survivor.name in ("discord.py", "disnake"):
        with pytest.raises(AttributeError, match="sequence"):
            play(story, survivor, before=before)
    else:
        assert play(story, survivor, before=before) == 2


@VIRTUAL
def test_a_compressed_message_may_come_in_many_frames(play, survivor):
    async def story(fake, bot):
        await asyncio.sleep(30)
        posted = []
        for n in range(20):
            posted.append(fake.message_posted(n % 2, f"message {n} " * 50))
            await asyncio.sleep(0.5)
        return posted, bot.messages

    posted, seen = play(story, survivor, settings=Settings(stream_frame_bytes=100))
    assert seen == posted
    assert play.fake.record.counts()["connections"] == 1


def test_a_wrong_token_is_the_librarys_own_error(play, library):
    async def story(fake, bot):
        raise AssertionError("ready with a wrong token")

    with pytest.raises(library.wrong_token):
        play(story, library, token=Settings().token[:-1] + "_")
    assert play.fake.record.counts()["identifies"] == 0
