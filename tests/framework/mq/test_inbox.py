"""The consumer of every engine: each guild in order, guilds side by side, doubles dropped, the end of a batch told."""

from __future__ import annotations

import asyncio

import pytest

import discord_sim
from framework.clock import loop_ms
from framework.mq import Batch, Inbox, Seen


def play(main):
    return discord_sim.run(lambda sim: main(), seed=1)


def batch_of(*events):
    return Batch(events[0].partition, events)


def test_the_events_of_a_guild_follow_each_other_and_other_guilds_do_not_wait(event):
    async def main():
        began, log = loop_ms(), []

        async def on_event(one):
            log.append((loop_ms() - began, "begin", one.seq))
            await asyncio.sleep(1.0)
            log.append((loop_ms() - began, "end", one.seq))

        await Inbox(on_event).handle(batch_of(event(1, 1), event(2, 1), event(3, 65)))
        assert log == [
            (0, "begin", 1), (0, "begin", 3), (1_000, "end", 1), (1_000, "begin", 2), (1_000, "end", 3),
            (2_000, "end", 2),
        ]  # fmt: skip

    play(main)


def test_batches_of_a_partition_wait_in_line_and_those_of_others_do_not(event):
    async def main():
        done = []

        async def on_event(one):
            await asyncio.sleep(1.0)
            done.append((one.seq, loop_ms() - began))

        inbox, began = Inbox(on_event), loop_ms()
        await asyncio.gather(*(inbox.handle(batch_of(event(seq, guild))) for seq, guild in ((1, 1), (2, 65), (3, 2))))
        assert done == [(1, 1_000), (3, 1_000), (2, 2_000)]

    play(main)


def test_a_plain_function_will_do_and_the_same_event_twice_is_handed_on_once(event):
    async def main():
        seen = []
        inbox = Inbox(lambda one: seen.append(one.seq))
        for batch in ((1, 2), (1, 2), (2, 3), (3,)):
            await inbox.handle(batch_of(*(event(seq, 1) for seq in batch)))
        await inbox.handle(batch_of(event(4, 1), event(4, 1)))
        assert seen == [1, 2, 3, 4]
        assert (inbox.snapshot().handled, inbox.snapshot().doubles) == (4, 5)

    play(main)


def test_of_a_batch_that_is_handled_one_number_is_remembered(event):
    async def main():
        seen = Seen()
        inbox = Inbox(lambda one: None, seen)
        await inbox.handle(batch_of(event(1, 1), event(2, 65), event(9, 1, session="t")))
        assert list(seen.records()) == [(1, "5f2a1c", 2, True), (1, "t", 9, True)]

    play(main)


def test_equal_bodies_are_different_events(event):
    async def main():
        seen = []
        inbox = Inbox(lambda one: seen.append(one.type))
        ban, gone = (event(seq, 1, type=type) for seq, type in ((1, "GUILD_BAN_ADD"), (2, "GUILD_MEMBER_REMOVE")))
        assert ban.data == gone.data
        await inbox.handle(batch_of(ban, gone))
        assert seen == ["GUILD_BAN_ADD", "GUILD_MEMBER_REMOVE"]

    play(main)


def test_events_of_no_guild_keep_their_shards_order(event):
    async def main():
        done = []

        async def on_event(one):
            await asyncio.sleep(1.0 if one.seq == 1 else 0.1)
            done.append((one.shard_id, one.seq))

        first, second, other = event(1, shard=3), event(2, shard=3), event(2, session="t", shard=67)
        await Inbox(on_event).handle(batch_of(first, second, other))
        assert done == [(67, 2), (3, 1), (3, 2)]

    play(main)


@pytest.mark.parametrize("waits", [False, True])
def test_an_event_whose_handler_fails_counts_as_handled_and_stops_nobody(event, caplog, waits):
    async def main():
        seen = []

        async def fail_later(one):
            await asyncio.sleep(0.1)
            seen.append(one.seq)
            raise ZeroDivisionError

        def fail(one):
            seen.append(one.seq)
            raise ZeroDivisionError

        inbox = Inbox(fail_later if waits else fail)
        for _ in range(2):
            await inbox.handle(batch_of(event(1, 1), event(2, 1)))
        assert seen == [1, 2]
        assert (inbox.snapshot().handled, inbox.snapshot().failed, inbox.snapshot().doubles) == (2, 2, 2)

    play(main)
    assert "could not be handled" in caplog.text
    assert "content" not in caplog.text


def test_cancelled_it_stops_its_handlers_and_leaves_known_what_was_handled(event):
    async def main():
        seen, done = Seen(), []

        async def on_event(one):
            await asyncio.sleep(one.guild_id >> 22)
            done.append(one.seq)

        batch = batch_of(event(1, 1), event(2, 65), event(3, 1))
        work = asyncio.create_task(Inbox(on_event, seen).handle(batch))
        await asyncio.sleep(1.5)
        work.cancel()
        with pytest.raises(asyncio.CancelledError):
            await work
        await asyncio.sleep(100)
        assert done == [1]
        assert [seen.is_new(one.partition, one.session_id, one.seq) for one in batch.events] == [False, True, True]
        await Inbox(on_event, seen).handle(batch)
        assert done == [1, 3, 2]

    play(main)


def test_positions_that_cannot_be_kept_leave_the_batch_unacknowledged(event):
    class Full(Seen):
        def done(self, *_):
            raise OSError(28, "no space left")

    async def main():
        inbox = Inbox(lambda one: None, Full())
        with pytest.raises(ExceptionGroup) as caught:
            await inbox.handle(batch_of(event(1, 1)))
        assert caught.group_contains(OSError, match="no space left")

    play(main)
