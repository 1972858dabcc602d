"""The publisher of every engine: offers a batch until it is accepted, and tells the gateway when to stop reading."""

from __future__ import annotations

import asyncio
import logging

import pytest

import discord_sim
from framework.clock import loop_ms
from framework.errors import InvalidUse
from framework.mq import Batcher, BatchTooLarge, ForwardingFull, NotAccepted, Outbox


class Wire:
    """A `send` that takes `pace_s`, after the errors it was told to raise."""

    def __init__(self, *errors, pace_s=0.0):
        self.errors = list(errors)
        self.pace_s = pace_s
        self.batches, self.at_ms = [], []

    async def send(self, batch):
        self.at_ms.append(loop_ms())
        if self.errors and (error := self.errors.pop(0)):
            raise error
        await asyncio.sleep(self.pace_s)
        self.batches.append([event.seq for event in batch.events])


def play(main):
    return discord_sim.run(lambda sim: main(), seed=1)


def middle():
    return 0.5


def test_events_leave_after_5_ms_or_in_25s(event):
    async def main():
        wire = Wire()
        outbox = Outbox(wire.send)
        began = loop_ms()
        for seq in range(1, 28):
            outbox.publish_nowait(event(seq, 1))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert [len(batch) for batch in wire.batches] == [25]
        await asyncio.sleep(0.004)
        assert len(wire.batches) == 1
        await asyncio.sleep(0.002)
        assert [len(batch) for batch in wire.batches] == [25, 2]
        assert [at_ms - began for at_ms in wire.at_ms] == [0, 5]
        assert await outbox.close() == 0

    play(main)


def test_one_batch_of_a_partition_is_under_way_and_those_of_others_meanwhile(event):
    async def main():
        wire = Wire(pace_s=1.0)
        outbox = Outbox(wire.send, batcher=Batcher(events_max=1, linger_ms=0))
        began = loop_ms()
        for seq, guild in enumerate((1, 1, 2), start=1):
            outbox.publish_nowait(event(seq, guild))
        await outbox.close()
        assert [at_ms - began for at_ms in wire.at_ms] == [0, 0, 1_000]
        assert wire.batches == [[1], [3], [2]]

    play(main)


def test_a_batch_is_offered_until_it_is_accepted_and_none_overtakes_it(event, caplog):
    caplog.set_level(logging.INFO)

    async def main():
        wire = Wire(NotAccepted("no"), RuntimeError("what nobody thought of"), NotAccepted("full", 3_000), None)
        outbox = Outbox(wire.send, batcher=Batcher(events_max=1, linger_ms=0), chance=middle)
        began = loop_ms()
        for seq in (1, 2):
            outbox.publish_nowait(event(seq, 1))
        assert await outbox.close(wait_s=60) == 0
        assert wire.batches == [[1], [2]]
        assert [at_ms - began for at_ms in wire.at_ms] == [0, 75, 225, 3_225, 3_225]
        assert outbox.snapshot().repeats == 3

    play(main)
    assert [record.levelname for record in caplog.records if record.name == "framework.mq.outbox"] == [
        "WARNING", "INFO"
    ]  # fmt: skip


def test_a_batch_that_is_too_large_is_cut_and_one_event_that_is_is_told_lost(event, caplog):
    async def main():
        taken = []

        async def send(batch):
            if len(batch.events) > 2 or any(event.seq == 4 for event in batch.events):
                raise BatchTooLarge(1_000_000)
            taken.extend(event.seq for event in batch.events)

        outbox = Outbox(send)
        for seq in range(1, 8):
            outbox.publish_nowait(event(seq, 1))
        assert await outbox.close() == 0
        assert taken == [1, 2, 3, 5, 6, 7]
        assert outbox.snapshot().too_large == 1
        assert outbox.settled("5f2a1c") == 7  # what can never be accepted stops nobody

    play(main)
    assert "is lost, a batch of 1,000,000 bytes is larger" in caplog.text


def test_the_gateway_waits_while_there_is_no_room_and_nothing_is_refused(event):
    async def main():
        wire = Wire(pace_s=1.0)
        outbox = Outbox(wire.send, batcher=Batcher(events_max=1, linger_ms=0, waiting_max=4))
        most = 0
        for seq in range(1, 11):
            await outbox.ready()
            outbox.publish_nowait(event(seq, 1))
            most = max(most, outbox.snapshot().waiting)
        assert most == 2
        assert await outbox.close(wait_s=60) == 0
        assert [seq for batch in wire.batches for seq in batch] == list(range(1, 11))

    play(main)


def test_who_does_not_wait_is_refused_in_the_end(event):
    async def main():
        outbox = Outbox(Wire(pace_s=1.0).send, batcher=Batcher(waiting_max=4))
        for seq in range(1, 5):
            outbox.publish_nowait(event(seq, 1))
        with pytest.raises(ForwardingFull, match="await ready"):
            outbox.publish_nowait(event(5, 1))
        assert await outbox.close() == 0
        with pytest.raises(InvalidUse, match="is closed"):
            outbox.publish_nowait(event(6, 1))
        await outbox.ready()  # nobody is left waiting

    play(main)


def test_closing_says_how_many_nobody_accepted_and_ends_in_time(event, caplog):
    async def main():
        wire = Wire(pace_s=1_000.0)
        outbox = Outbox(wire.send, batcher=Batcher(events_max=2))
        for seq in range(1, 4):
            outbox.publish_nowait(event(seq, 1))
        began = loop_ms()
        assert await outbox.close(wait_s=2.0) == 3
        assert loop_ms() - began == 2_000
        assert outbox.settled("5f2a1c") is None

    play(main)
    assert "3 events were accepted by nobody" in caplog.text


def test_a_session_is_settled_up_to_the_first_event_nobody_has_accepted(event):
    async def main():
        hold = asyncio.Event()

        async def send(batch):
            if batch.partition == 1:
                await hold.wait()

        outbox = Outbox(send, batcher=Batcher(linger_ms=0))
        for seq, guild in enumerate((2, 1, 2), start=1):
            outbox.publish_nowait(event(seq, guild))
        await asyncio.sleep(1)
        assert outbox.settled("5f2a1c") == 1
        hold.set()
        await asyncio.sleep(0.01)
        assert outbox.settled("5f2a1c") == 3
        await outbox.close()

    play(main)
