"""Threads: starting them, who is in them, lists of them; searching for threads and messages."""

import asyncio

import msgspec
import pytest

from framework.models.channel import ChannelType, NewForumTag
from framework.models.component import TextDisplay
from framework.models.message import MessageFlags
from framework.rest import NotFound
from framework.rest.api import search
from framework.rest.files import File

pytestmark = pytest.mark.usefixtures("round_trip")


def place(discord):
    """A channel and its guild."""
    guild = discord.world.guild_at(0)
    return next(iter(guild.channels)), guild


async def ids(items):
    return [item.id async for item in items]


async def archive(rest, discord, threads):
    """Archive threads, ten at a moment; their ids, the last archived first."""
    _, guild = place(discord)
    for n, thread in enumerate(threads):
        await rest.modify_channel(thread, archived=True)
        metadata = guild.channels[thread]["thread_metadata"]
        if n % 10 == 0:
            at = metadata["archive_timestamp"]
        metadata["archive_timestamp"] = at


# -- starting ----------------------------------------------------------------------------------------------------


def test_a_thread_below_a_message(talk):
    async def story(rest, discord):
        channel, guild = place(discord)
        message = discord.message_posted(0, "begin")
        thread = await rest.start_thread_from_message(
            channel, message, "talk", auto_archive_duration=60, rate_limit_per_user=5, reason="long"
        )
        assert (thread.id, thread.name, thread.parent_id, thread.rate_limit_per_user) == (message, "talk", channel, 5)
        assert (thread.thread_metadata.auto_archive_duration, thread.member.user_id) == (60, discord.world.bot_id)
        assert guild.audit[-1]["reason"] == "long"
        assert (await rest.get_channel_message(channel, message)).thread.id == thread.id
        (starter,) = await rest.get_channel_messages(thread.id)
        assert starter.referenced_message.id == message
        changed = await rest.modify_channel(thread.id, name="talked", locked=True, archived=True)
        assert (changed.name, changed.thread_metadata.locked, changed.thread_metadata.archived) == (
            "talked",
            True,
            True,
        )
        assert (await rest.delete_channel(thread.id)).id == thread.id

    talk(story)


def test_a_thread_without_message(talk):
    async def story(rest, discord):
        channel, guild = place(discord)
        hidden = await rest.start_thread_without_message(channel, "secret", invitable=False, reason="hush")
        assert (hidden.type, hidden.thread_metadata.invitable) == (ChannelType.PRIVATE_THREAD, False)
        assert guild.audit[-1]["reason"] == "hush"
        public = await rest.start_thread_without_message(channel, "open", type_=ChannelType.PUBLIC_THREAD)
        assert public.type == ChannelType.PUBLIC_THREAD
        assert (await rest.modify_channel(hidden.id, invitable=True)).thread_metadata.invitable
        found = await rest.list_active_guild_threads(guild.id)
        assert ([t.id for t in found.threads], len(found.members)) == ([public.id, hidden.id], 2)

    talk(story)


def test_a_thread_in_a_forum(talk):
    async def story(rest, discord):
        _, guild = place(discord)
        made = discord.act(
            discord.world.bot_id, "create_guild_channel", {"name": "f", "type": 15}, guild_id=guild.id
        ).body
        forum = await rest.modify_channel(int(made["id"]), available_tags=[NewForumTag(name="help")])
        tag = forum.available_tags[0].id
        thread = await rest.start_thread_in_forum_or_media_channel(
            forum.id, "how?", "please", applied_tags=[tag], auto_archive_duration=1440, rate_limit_per_user=9,
            files=[File("log.txt", b"error", "text/plain", "a log")], reason="asked",
        )  # fmt: skip
        assert (thread.applied_tags, thread.message.id, thread.message.content) == ([tag], thread.id, "please")
        assert [(a.filename, a.description) for a in thread.message.attachments] == [("log.txt", "a log")]
        assert guild.audit[-1]["reason"] == "asked"
        laid_out = await rest.start_thread_in_forum_or_media_channel(
            forum.id, "look", components=[TextDisplay(content="T")], flags=MessageFlags.IS_COMPONENTS_V2
        )
        assert laid_out.message.components[0].content == "T"
        assert (await rest.modify_channel(laid_out.id, applied_tags=[tag])).applied_tags == [tag]

    talk(story)


# -- members -----------------------------------------------------------------------------------------------------


def test_members_come_and_go(talk):
    async def story(rest, discord):
        channel, guild = place(discord)
        bot, somebody = discord.world.bot_id, list(discord.world.member_ids(guild))[1]
        thread = (await rest.start_thread_without_message(channel, "t", type_=11)).id
        await rest.leave_thread(thread)
        with pytest.raises(NotFound):
            await rest.get_thread_member(thread, bot)
        await rest.join_thread(thread)
        await rest.add_thread_member(thread, somebody)
        found = await rest.get_thread_member(thread, somebody, with_member=True)
        assert (found.id, found.user_id, found.member.user.id) == (thread, somebody, somebody)
        assert {m.user_id for m in await rest.list_thread_members(thread)} == {bot, somebody}
        await rest.remove_thread_member(thread, somebody)
        assert [m.user_id for m in await rest.list_thread_members(thread)] == [bot]

    talk(story)


def test_members_are_read_in_pages(talk):
    async def story(rest, discord):
        channel, guild = place(discord)
        thread = (await rest.start_thread_without_message(channel, "t", type_=11)).id
        for user in list(discord.world.member_ids(guild))[:150]:
            await rest.add_thread_member(thread, user)
        everybody = sorted(m.user_id for m in await rest.list_thread_members(thread))
        found = [m async for m in rest.iterate_thread_members(thread)]
        assert ([m.user_id for m in found], len(found) > 100) == (everybody, True)
        assert found[0].member.user.id == everybody[0]
        assert [m.user_id async for m in rest.iterate_thread_members(thread, after=everybody[4], limit=3)] == (
            everybody[5:8]
        )

    talk(story)


# -- lists -------------------------------------------------------------------------------------------------------


def test_archived_public_threads_are_read_in_pages(talk):
    async def story(rest, discord):
        channel, _ = place(discord)
        made = [(await rest.start_thread_without_message(channel, str(n), type_=11)).id for n in range(230)]
        await archive(rest, discord, made)
        page = await rest.list_public_archived_threads(channel, limit=2)
        assert (len(page.threads), page.has_more) == (2, True)
        asked = len(discord.record.requests)
        found = [thread async for thread in rest.iterate_public_archived_threads(channel)]
        assert len(discord.record.requests) - asked == 3
        assert sorted(t.id for t in found) == made
        times = [t.thread_metadata.archive_timestamp for t in found]
        assert times == sorted(times, reverse=True)
        assert [t async for t in rest.iterate_public_archived_threads(channel, limit=1)] == found[:1]
        late = rest.iterate_public_archived_threads(channel, before=times[20])
        assert await ids(late) == [t.id for t in found if t.thread_metadata.archive_timestamp < times[20]]

    talk(story)


def test_archived_private_threads_are_read_in_pages(talk):
    async def story(rest, discord):
        channel, guild = place(discord)
        made = [(await rest.start_thread_without_message(channel, str(n))).id for n in range(130)]
        await archive(rest, discord, made)
        for thread in made[:10]:
            del guild.thread_members[thread][discord.world.bot_id]
        assert len((await rest.list_private_archived_threads(channel, limit=2)).threads) == 2
        assert sorted(await ids(rest.iterate_private_archived_threads(channel))) == made
        assert [t.id for t in (await rest.list_joined_private_archived_threads(channel)).threads] == made[:79:-1]
        assert await ids(rest.iterate_joined_private_archived_threads(channel)) == made[:9:-1]
        assert (
            await ids(rest.iterate_joined_private_archived_threads(channel, before=made[20], limit=5))
            == (made[19:14:-1])
        )
        before = rest.iterate_private_archived_threads(channel, limit=101)
        assert len(await ids(before)) == 101

    talk(story)


# -- searching ---------------------------------------------------------------------------------------------------


def test_messages_are_searched_for(talk):
    async def story(rest, discord):
        channel, guild = place(discord)
        posted = [discord.message_posted(0, f"cat {n}" if n % 2 else "dog") for n in range(120)]
        page = await rest.search_guild_messages(
            guild.id, content="cat", channel_id=[channel], has=["-image"], include_nsfw=True, sort_by="timestamp",
            sort_order="asc", offset=5, limit=3,
        )  # fmt: skip
        assert ([group[0].id for group in page.messages], page.total_results) == (posted[1::2][5:8], 60)
        cats = posted[1::2][::-1]
        assert await ids(rest.iterate_searched_messages(guild.id, content="cat")) == cats
        assert await ids(rest.iterate_searched_messages(guild.id, content="cat", limit=30)) == cats[:30]
        some = rest.iterate_searched_messages(guild.id, content="cat", min_id=cats[9], max_id=cats[3])
        assert await ids(some) == cats[4:9]
        assert await ids(rest.iterate_searched_messages(guild.id, content="cow")) == []

    talk(story)


def test_threads_are_searched_for(talk):
    async def story(rest, discord):
        channel, _ = place(discord)
        made = [(await rest.start_thread_without_message(channel, f"cats {n}", type_=11)).id for n in range(40)]
        await rest.modify_channel(made[0], archived=True)
        page = await rest.search_threads(channel, name="cats", archived=False, sort_by="creation_time", limit=2)
        assert ([t.id for t in page.threads], page.total_results) == (made[:-3:-1], 39)
        assert await ids(rest.iterate_searched_threads(channel, name="cats")) == made[::-1]
        assert await ids(rest.iterate_searched_threads(channel, archived=True)) == made[:1]

    talk(story)


def test_a_search_waits_until_the_guild_is_indexed(talk, monkeypatch):
    async def story(rest, discord):
        _, guild = place(discord)
        discord.message_posted(0, "cat")
        answers = [{"message": "wait", "code": 110000, "documents_indexed": 0, "retry_after": wait} for wait in (2, 0)]
        ask = rest.request_raw

        async def not_yet(route, **options):
            return msgspec.json.encode(answers.pop(0)) if answers else await ask(route, **options)

        monkeypatch.setattr(rest, "request_raw", not_yet)
        began = asyncio.get_running_loop().time()
        assert (await rest.search_guild_messages(guild.id, content="cat")).total_results == 1
        assert 7 <= asyncio.get_running_loop().time() - began < 8

    monkeypatch.setattr(search, "_WAIT_S", 5.0)
    talk(story)
