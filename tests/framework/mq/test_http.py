"""Over HTTP, in virtual time: what a crash, a cut and a slow worker do to events, and whom a worker listens to."""

from __future__ import annotations

import asyncio
import logging

import aiohttp
import pytest
from aiohttp import web

from discord_sim import Link, Simulation
from framework.clock import loop_ms
from framework.errors import InvalidUse
from framework.mq import Batch, Batcher, HttpConsumer, HttpPublisher, Journal, encode_batch

SECRET = "s3cret-of-the-workers"
GUILDS = 40


class Worker:
    """A bot process on a machine of its own, with its journal on disk."""

    def __init__(self, sim, name, ledger, path):
        self.sim, self.name, self.ledger, self.path = sim, name, ledger, path
        self.consumer = None

    async def start(self, **options):
        self.journal = Journal(self.path)
        self.consumer = HttpConsumer(SECRET, host="0.0.0.0", port=80, positions=self.journal, **options)
        await self.sim.spawn(self.name, lambda: self.consumer.start(self.ledger.handle))

    async def crash(self):
        """As SIGKILL: the port is closed, every connection reset, handlers stop where they are."""
        server = next(iter(self.consumer._runner.sites))._server
        server.close()
        server.abort_clients()
        for task in self.consumer._in_hand:
            task.cancel()
        self.journal.close()
        await asyncio.sleep(0)


@pytest.fixture
def site(ledger, tmp_path):
    """`site(story)`: `story(publisher, workers, sim)` on the gateway's machine; then the books are compared."""

    def run(story, *, workers=2, options=None):
        with Simulation(1) as sim:
            sim.network.default_link = Link(5, 2)

            async def main():
                bots = [Worker(sim, f"bot{n}", ledger, tmp_path / f"bot{n}") for n in range(workers)]
                for bot in bots:
                    await bot.start()
                urls = [f"http://bot{n}/events" for n in range(workers)]
                publisher = HttpPublisher(urls, SECRET, **(options or {}))

                async def on_the_gateways_machine():
                    await publisher.start()
                    async with asyncio.timeout(20_000):
                        await story(publisher, bots, sim)
                        assert await publisher.close(wait_s=10_000) == 0

                await sim.spawn("gateway", on_the_gateways_machine)
                for bot in bots:
                    await bot.consumer.close()

            sim.run(main())
        ledger.judge()

    return run


async def stream(publisher, ledger, event, seqs, *, every_ms=1):
    """Publish events of many guilds, and now and then one of none, as fast as there is room."""
    for seq in seqs:
        await publisher.ready()
        ledger.publish(publisher, event(seq, seq * 7 % (GUILDS + 1)))
        await asyncio.sleep(every_ms / 1000)


def test_every_event_arrives_once_in_order_at_the_worker_of_its_partition(site, ledger, event):
    where = {}

    async def story(publisher, bots, sim):
        for bot in bots:
            bot.consumer._inbox._on_event = lambda one, name=bot.name: (
                where.setdefault(one.partition, set()).add(name), ledger.handled.append(one), None
            )[2]  # fmt: skip
        await stream(publisher, ledger, event, range(1, 401))

    site(story)
    assert where == {n: {f"bot{n % 2}"} for n in range(GUILDS + 1)}


def test_a_worker_that_crashes_in_the_middle_and_starts_again_loses_and_doubles_nothing(site, ledger, event):
    async def story(publisher, bots, sim):
        ledger.pace_s = 0.05
        feed = asyncio.create_task(stream(publisher, ledger, event, range(1, 801)))
        for _ in range(3):
            await asyncio.sleep(0.2)
            interrupted = len(ledger.handled)
            await bots[0].crash()
            await asyncio.sleep(1.0)
            assert interrupted < len(ledger.published)
            await bots[0].start()
        await feed
        assert publisher.snapshot().repeats > 0

    site(story)


def test_without_a_journal_a_crash_hands_on_again_what_was_half_done(site, ledger, event):
    """What the journal is for: the test above would see it if it were not there."""

    async def story(publisher, bots, sim):
        ledger.pace_s = 0.05
        for seq in range(1, 11):
            ledger.publish(publisher, event(seq, 2))
        await asyncio.sleep(0.3)
        await bots[0].crash()
        bots[0].path.unlink()
        await bots[0].start()

    with pytest.raises(AssertionError):
        site(story)
    assert ledger.lost == []
    assert ledger.doubled == [("5f2a1c", seq) for seq in range(1, len(ledger.doubled) + 1)]
    assert len(ledger.doubled) >= 2


def test_a_cut_network_delays_events_and_what_arrives_late_is_no_double(site, ledger, event, caplog):
    async def story(publisher, bots, sim):
        feed = asyncio.create_task(stream(publisher, ledger, event, range(1, 601)))
        await asyncio.sleep(0.2)
        sim.network.set_link("gateway", "bot0", Link(15_000))  # what is sent now arrives long after it was given up
        await asyncio.sleep(3.0)
        sim.network.set_link("gateway", "bot0", Link(5))
        await feed
        await asyncio.sleep(60)
        assert publisher.snapshot().repeats > 0
        assert bots[0].consumer.snapshot().doubles > 0

    site(story, options={"timeout_s": 2.0})
    assert "did not answer within 2.0 s" in caplog.text


def test_a_handler_slower_than_the_publisher_waits_is_not_called_twice(site, ledger, event):
    async def story(publisher, bots, sim):
        ledger.pace_s = 5.0
        for seq in range(1, 4):
            ledger.publish(publisher, event(seq, 1))
        await asyncio.sleep(60)
        assert publisher.snapshot().repeats > 0

    site(story, options={"timeout_s": 2.0})


def test_a_gateway_that_dies_and_resumes_from_what_was_settled_loses_and_doubles_nothing(site, ledger, event):
    async def story(publisher, bots, sim):
        first = HttpPublisher([f"http://{bot.name}/events" for bot in bots], SECRET)
        await first.start()
        sim.network.set_link("gateway", "bot1", Link(60))  # one worker's answers are far behind the other's
        await stream(first, ledger, event, range(1, 301))
        stored = first.settled("5f2a1c")
        assert await first.close(wait_s=0) > 0  # what waited died with the process
        assert 0 < stored < 300
        for seq in range(stored + 1, 601):  # Discord replays, and goes on
            await publisher.ready()
            one = event(seq, seq * 7 % (GUILDS + 1))
            publisher.publish_nowait(one) if seq <= 300 else ledger.publish(publisher, one)
        await asyncio.sleep(5)
        assert sum(bot.consumer.snapshot().doubles for bot in bots) > 0

    site(story)


def test_a_slow_worker_stops_the_gateway_before_anything_is_refused(site, ledger, event):
    async def story(publisher, bots, sim):
        ledger.pace_s = 0.2
        began = loop_ms()
        await stream(publisher, ledger, event, range(1, 501), every_ms=0)
        assert publisher.snapshot().waiting <= 50
        assert loop_ms() - began > 1_000

    site(story, options={"batcher": Batcher(waiting_max=100)})


def test_a_worker_that_closes_finishes_what_it_has_and_the_rest_waits_for_the_next(site, ledger, event):
    async def story(publisher, bots, sim):
        ledger.pace_s = 0.5
        feed = asyncio.create_task(stream(publisher, ledger, event, range(1, 301)))
        await asyncio.sleep(0.2)
        await bots[0].consumer.close()
        bots[0].journal.close()
        await asyncio.sleep(2.0)
        await bots[0].start()
        await feed

    site(story)


def test_a_worker_with_another_secret_gets_nothing_until_it_has_the_right_one(ledger, event, caplog):
    with Simulation(1) as sim:

        async def main():
            wrong = HttpConsumer("another-secret-of-theirs", host="0.0.0.0", port=80)
            await sim.spawn("bot", lambda: wrong.start(ledger.handle))
            publisher = HttpPublisher(["http://bot/events"], SECRET)
            await publisher.start()
            for seq in range(1, 4):
                ledger.publish(publisher, event(seq, 1))
            await asyncio.sleep(10)
            assert not ledger.handled
            await wrong.close()
            right = HttpConsumer(SECRET, host="0.0.0.0", port=80)
            await sim.spawn("bot", lambda: right.start(ledger.handle))
            assert await publisher.close() == 0
            await right.close()

        sim.run(main())
    ledger.judge()
    assert "answered 401; is its secret the same?" in caplog.text
    assert SECRET not in caplog.text


def test_a_batch_too_large_for_the_worker_is_cut(ledger, event):
    with Simulation(1) as sim:

        async def main():
            bot = HttpConsumer(SECRET, host="0.0.0.0", port=80, body_max_bytes=3_000)
            await sim.spawn("bot", lambda: bot.start(ledger.handle))
            publisher = HttpPublisher(["http://bot/events"], SECRET)
            await publisher.start()
            for seq in range(1, 11):
                ledger.publish(publisher, event(seq, 1, body="x" * 1_000))
            assert await publisher.close() == 0
            assert publisher.snapshot().batches == 1
            await bot.close()
            assert bot.snapshot().handled == 10

        sim.run(main())
    ledger.judge()


# -- the server alone --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "status"),
    [
        (f"Bearer {SECRET}", 204),
        (f"Bearer {SECRET[:-1]}", 401),
        (f"Bearer {SECRET}x", 401),
        (SECRET, 401),
        ("Bearer é", 401),
        (None, 401),
    ],
)
def test_only_who_knows_the_secret_is_heard(event, said, status):
    assert answer_to(encode_batch(Batch(1, (event(1, 1),))), said) == (status, int(status == 204))


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"", 400), (b"\x01\xc1", 400), (b"\x01" + b"x" * 70_000, 413), (encode_batch(Batch(1, ())), 204)],
)
def test_what_is_no_batch_is_refused(body, status):
    assert answer_to(body, f"Bearer {SECRET}") == (status, 0)


def answer_to(body, said):
    """(status, events handled)"""
    handled = []
    with Simulation(1) as sim:

        async def main():
            bot = HttpConsumer(SECRET, host="0.0.0.0", port=80, body_max_bytes=64 << 10)
            await sim.spawn("bot", lambda: bot.start(handled.append))
            headers = {} if said is None else {"Authorization": said}
            session = aiohttp.ClientSession()
            async with session, session.post("http://bot/events", data=body, headers=headers) as answer:
                status = answer.status
            await bot.close()
            return status

        return sim.run(main()), len(handled)


def test_too_much_in_hand_is_told_to_come_back(ledger, event):
    with Simulation(1) as sim:

        async def main():
            ledger.pace_s = 1.0
            bot = HttpConsumer(SECRET, host="0.0.0.0", port=80, batches_max=2)
            await sim.spawn("bot", lambda: bot.start(ledger.handle))
            publisher = HttpPublisher(["http://bot/events"], SECRET)
            await publisher.start()
            for seq in range(1, 4):
                ledger.publish(publisher, event(seq, seq))
            await asyncio.sleep(0.5)
            assert repr(bot) == "<HttpConsumer up in_hand=2>"
            assert await publisher.close() == 0
            assert publisher.snapshot().repeats >= 1
            await bot.close()

        sim.run(main())
    ledger.judge()


def test_it_can_be_mounted_in_another_application(ledger, event):
    with Simulation(1) as sim:

        async def main():
            bot = HttpConsumer(SECRET, host=None)
            app = web.Application(client_max_size=1 << 20)
            app.router.add_post("/mine", bot.handle)

            async def serve():
                runner = web.AppRunner(app)
                await runner.setup()
                await web.TCPSite(runner, "0.0.0.0", 80).start()
                return runner

            runner = await sim.spawn("bot", serve)
            await bot.start(ledger.handle)
            publisher = HttpPublisher(["http://bot/mine"], SECRET)
            await publisher.start()
            ledger.publish(publisher, event(1, 1))
            assert await publisher.close() == 0
            await bot.close()
            await runner.cleanup()

        sim.run(main())
    ledger.judge()


@pytest.mark.parametrize(
    ("urls", "secret", "why"),
    [
        ([], SECRET, "needs a worker's address"),
        (["bot0:8080"], SECRET, "http:// or https://"),
        (["http://user:word@bot/events"], SECRET, "without credentials"),
        (["http://bot/events"], "short", "16 or more"),
        (["http://bot/events"], "with\nanother line in it", "printable"),
    ],
)
def test_what_cannot_be_is_refused(urls, secret, why):
    with pytest.raises(InvalidUse, match=why) as caught:
        HttpPublisher(urls, secret)
    assert "word" not in str(caught.value)
    if secret != SECRET:
        with pytest.raises(InvalidUse, match=why):
            HttpConsumer(secret)


def test_a_publisher_that_was_not_started_says_so(ledger, event, caplog):
    caplog.set_level(logging.INFO)
    with Simulation(1) as sim:

        async def main():
            publisher = HttpPublisher(["http://bot/events"], SECRET)
            publisher.publish_nowait(event(1, 1))
            assert await publisher.close(wait_s=1) == 1

        sim.run(main())
    assert "the publisher was not started" in caplog.text
