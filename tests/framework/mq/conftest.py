"""The judge of forwarding: what was published against what handlers got."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict

import msgspec
import pytest

from framework.mq import Envelope

SESSION = "5f2a1c"


def make(seq, guild=0, *, session=SESSION, type="MESSAGE_CREATE", body="", shard=0):
    """An event of guild number `guild` (0 is none) of a session."""
    fields = {"content": body} if not guild else {"guild_id": str(guild << 22), "content": body}
    return Envelope.of(session_id=session, seq=seq, shard_id=shard, shard_count=4, generation=1, type=type,
                       data=msgspec.json.encode(fields))  # fmt: skip


class Ledger:
    """Both sides' books. `handle` is an `on_event` that takes `pace_s` for an event."""

    def __init__(self):
        self.published = []
        self.handled = []
        self.pace_s = 0.0

    def publish(self, publisher, event):
        publisher.publish_nowait(event)
        self.published.append(event)

    async def handle(self, event):
        await asyncio.sleep(self.pace_s)
        self.handled.append(event)

    @staticmethod
    def _keys(events):
        return Counter((event.session_id, event.seq) for event in events)

    @property
    def lost(self):
        return list((self._keys(self.published) - self._keys(self.handled)).elements())

    @property
    def doubled(self):
        return list((self._keys(self.handled) - self._keys(self.published)).elements())

    @property
    def disordered(self):
        """Guilds whose events came in another order than they were published in."""
        books = []
        for events in (self.published, self.handled):
            by_guild = defaultdict(list)
            for event in events:
                by_guild[event.guild_id or ("shard", event.shard_id)].append((event.session_id, event.seq))
            books.append(by_guild)
        return [guild for guild in books[0] if books[0][guild] != books[1][guild]]

    def judge(self):
        """Nothing lost, nothing doubled, every guild in order, every body as it was."""
        assert (self.lost, self.doubled, self.disordered) == ([], [], [])
        bodies = {(event.session_id, event.seq): event for event in self.published}
        assert all(bodies[event.session_id, event.seq] == event for event in self.handled)


@pytest.fixture(scope="session")
def event():
    """`event(seq, guild_number)`: one of the kind that `make` makes."""
    return make


@pytest.fixture
def ledger():
    return Ledger()
