"""In one process: the same promises as over a wire."""

from __future__ import annotations

import asyncio

import discord_sim
from framework.mq import Seen, in_process


def play(main):
    return discord_sim.run(lambda sim: main(), seed=1)


def test_events_arrive_at_once_each_guild_in_order(event, ledger):
    async def main():
        publisher, consumer = in_process()
        await consumer.start(ledger.handle)
        for seq in range(1, 301):
            ledger.publish(publisher, event(seq, seq % 7))
        assert await publisher.close() == 0
        assert publisher.settled("5f2a1c") == 300

    play(main)
    ledger.judge()


def test_what_is_published_before_there_is_a_consumer_waits_for_it(event, ledger):
    async def main():
        publisher, consumer = in_process()
        for seq in range(1, 10):
            ledger.publish(publisher, event(seq, 1))
        await asyncio.sleep(100)
        assert not ledger.handled
        await consumer.start(ledger.handle)
        await publisher.close()

    play(main)
    ledger.judge()


def test_what_a_consumer_did_not_handle_before_it_closed_goes_to_the_next(event, ledger):
    async def main():
        ledger.pace_s = 1.0
        publisher, consumer = in_process(positions=Seen())
        await consumer.start(ledger.handle)
        for seq in range(1, 10):
            ledger.publish(publisher, event(seq, 1))
        await asyncio.sleep(3.5)
        await consumer.close(wait_s=2.0)
        handled = len(ledger.handled)
        await asyncio.sleep(50)
        assert len(ledger.handled) == handled == 5
        await consumer.start(ledger.handle)
        await publisher.close(wait_s=60)

    play(main)
    ledger.judge()
