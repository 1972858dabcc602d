"""Sessions outlive the process: after a clean stop, and after one that nobody could say goodbye in."""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from discord_sim import FakeDiscord, Settings
from framework import Bot, Intents, InvalidUse, MessageCreate
from framework.gateway import FileStore, MemoryStore, Session

Play = Callable[..., FakeDiscord]
INTENTS = Intents.GUILDS | Intents.GUILD_MESSAGES
SIXTEEN = Settings(shards=16, max_concurrency=16)


def make_bot(discord: FakeDiscord, store: MemoryStore, seen: list[int], **options: object) -> Bot:
    bot = Bot(discord.settings.token, intents=INTENTS, store=store, **options)

    @bot.on(MessageCreate)
    async def note(event: MessageCreate) -> None:
        seen.append(event.id)

    return bot


def kill(bot: Bot) -> None:
    """What `kill -9` leaves: no goodbye, nothing more is saved."""
    for shard in bot.gateway.shards.values():
        shard._connection._transport.disconnect(False)
        shard._task.cancel()
    bot.gateway._keeper._task.cancel()


def test_sixteen_shards_that_stop_and_start_again_identify_no_more(play: Play) -> None:
    async def story(discord: FakeDiscord) -> None:
        store, seen = MemoryStore(), []
        first = make_bot(discord, store, seen)
        await first.start()
        said = [discord.message_posted(index, "before") for index in range(20)]
        await asyncio.sleep(1)
        await first.close()
        said += [discord.message_posted(index, "while nobody listens") for index in range(20)]
        await asyncio.sleep(30)
        second = make_bot(discord, store, seen)
        await second.start()
        said += [discord.message_posted(index, "after") for index in range(20)]
        await asyncio.sleep(1)
        assert sorted(seen) == sorted(said)
        assert len(set(seen)) == 60
        await second.close()

    discord = play(story, guilds=20, settings=SIXTEEN)
    assert discord.record.gateway["identify"] == 16
    assert discord.record.gateway["resume"] == 16


def test_a_process_that_is_killed_loses_nothing_and_may_repeat_what_came_since_the_last_save(play: Play) -> None:
    async def story(discord: FakeDiscord) -> None:
        store, seen = MemoryStore(), []
        first = make_bot(discord, store, seen)
        await first.start()
        said = []
        for number in range(60):
            said.append(discord.message_posted(number % 20, "before"))
            await asyncio.sleep(0.05)
        await asyncio.sleep(0.3)
        kill(first)
        said += [discord.message_posted(index, "while nobody listens") for index in range(20)]
        await asyncio.sleep(30)
        second = make_bot(discord, store, seen)
        await second.start()
        await asyncio.sleep(2)
        assert set(seen) == set(said)
        assert len(seen) - len(said) <= 21  # what one second had brought
        await second.close()
        await first.close()

    discord = play(story, guilds=20, settings=SIXTEEN)
    assert discord.record.gateway["identify"] == 16


def test_what_a_handler_has_not_finished_is_not_counted_as_seen(play: Play) -> None:
    async def story(discord: FakeDiscord) -> None:
        store, seen = MemoryStore(), []
        first = make_bot(discord, store, seen)
        stuck = asyncio.Event()

        @first.on(MessageCreate)
        async def wait(event: MessageCreate) -> None:
            await stuck.wait()

        await first.start()
        said = discord.message_posted(0, "handled for ever")
        await asyncio.sleep(5)  # saved several times
        kill(first)
        seen.clear()
        second = make_bot(discord, store, seen)
        await second.start()
        await asyncio.sleep(1)
        assert seen == [said]
        stuck.set()
        await second.close()
        await first.close()

    play(story)


def test_a_session_that_is_gone_is_begun_anew_and_never_faster_than_allowed(play: Play) -> None:
    async def story(discord: FakeDiscord) -> None:
        store, seen = MemoryStore(), []
        first = make_bot(discord, store, seen, shard_count=2)
        await first.start()
        await first.close()
        await asyncio.sleep(600)  # longer than Discord keeps a session
        second = make_bot(discord, store, seen, shard_count=2)
        await second.start()
        await second.close()
        third = make_bot(discord, MemoryStore(), seen, shard_count=2)
        await asyncio.sleep(10)
        await third.start()
        await third.close()

    discord = play(story)
    assert discord.record.gateway["identify"] == 6
    assert discord.record.gateway["identify_too_early"] == 0


def test_a_restart_right_after_an_identify_does_not_identify_too_early(play: Play) -> None:
    async def story(discord: FakeDiscord) -> None:
        store, seen = MemoryStore(), []
        first = make_bot(discord, store, seen, shard_count=1)
        await first.start()
        await first.close()
        store.sessions = (Session("gone", 1, "wss://gateway.discord.gg", 0, 1),)
        second = make_bot(discord, store, seen, shard_count=1)
        await second.start()
        await second.close()

    discord = play(story)
    assert discord.record.gateway["identify"] == 2
    assert discord.record.gateway["identify_too_early"] == 0


def test_another_number_of_shards_does_not_resume(play: Play) -> None:
    async def story(discord: FakeDiscord) -> None:
        store, seen = MemoryStore(), []
        for count in (2, 3):
            bot = make_bot(discord, store, seen, shard_count=count)
            await bot.start()
            await bot.close()

    discord = play(story, settings=Settings(max_concurrency=16))
    assert discord.record.gateway["identify"] == 5
    assert discord.record.gateway["resume"] == 0


def test_sessions_of_a_number_that_is_no_longer_recommended_are_resumed_and_resharded_soon(play: Play) -> None:
    async def story(discord: FakeDiscord) -> None:
        store, seen = MemoryStore(), []
        first = make_bot(discord, store, seen)
        await first.start()
        await first.close()
        discord.recommend_shards(3)
        second = make_bot(discord, store, seen)
        await second.start()
        assert second.gateway.shard_count == 2
        await asyncio.sleep(90)
        assert second.gateway.shard_count == 3
        await second.close()

    discord = play(story, settings=Settings(shards=2, max_concurrency=16))
    assert discord.record.gateway["identify"] == 2 + 3
    assert discord.record.gateway["resume"] == 2


# -- the file --------------------------------------------------------------------------------------------

SESSION = Session("abc", 7, "wss://resume", 3, 16)


def test_a_file_keeps_what_was_saved_last_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    path = tmp_path / "sessions.json"

    async def story() -> None:
        store = FileStore(path)
        assert await store.load() == ()
        await store.save([SESSION])
        await store.save([SESSION, Session("x", 1, "wss://y", 4, 16)])
        assert list(await FileStore(path).load()) == [SESSION, Session("x", 1, "wss://y", 4, 16)]

    asyncio.run(story())
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["sessions.json"]


@pytest.mark.parametrize("content", [b"", b"{", b'{"version":1,"sessions":[{"seq":"x"}]}', b"\x00\xff"])
def test_a_broken_file_counts_as_empty_with_a_warning(
    tmp_path: Path, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "sessions.json"
    path.write_bytes(content)
    assert asyncio.run(FileStore(path).load()) == ()
    assert "sessions.json cannot be read" in caplog.text


def test_a_directory_that_does_not_exist_is_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(InvalidUse, match="no directory"):
        FileStore(tmp_path / "nowhere" / "sessions.json")
