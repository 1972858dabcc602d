"""Plays a story: one client on its own machine against the fake, in virtual time."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import re
import warnings
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Protocol

from discord_sim.edge import FakeDiscord, Settings
from discord_sim.loop import Link, Simulation, current_host, run
from discord_sim.testing.outcome import CANCELLED, DONE, UNASKED, CallSeen, Closing, Outcome
from discord_sim.testing.story import OPERATIONS, Call, Calls, Hiccup, Story
from discord_sim.testing.tap import Tap
from discord_sim.virtual import start_discord
from discord_sim.world.snowflakes import channel_id
from discord_sim.world.world import World

__all__ = ["Client", "Stage", "play"]

HOST = "client"
_PLACES = 8
CLOSE_S = 60.0
"""How long `close` and what it ends may take before that is given up."""
_QUIET_S = 4_000.0  # longer than the server's longest silence: what has not happened by then never will
_REQUESTS_MAX = 20_000  # a client that asks without end
_NAMED = re.compile(r"call-(\d+)")
_MESSAGES = 1_000  # of one channel, looked at for effects


class Client(Protocol):
    """What is tested: a limiter, or a library around one. It finds Discord at `https://discord.com/api/v10`."""

    async def start(self, token: str) -> None:
        """Be ready to make calls with a bot's token."""

    async def call(self, call: Call) -> object:
        """Make one call, waiting as long as limits ask for; raise where it fails."""

    async def close(self) -> None:
        """Leave nothing behind. Calls under way end."""


def play(story: Story, make: Callable[[], Client]) -> Outcome:
    """Play a story with the client that `make()` returns. Equal stories and clients give equal outcomes."""

    async def main(sim: Simulation) -> Outcome:
        stage = Stage(sim, story, make)
        await stage.open()
        for hiccup in story.hiccups:
            stage.strike(hiccup)
        for call in story.schedule:
            stage.begin(call)
        if story.close_ms is None:
            await stage.settle()
        else:
            await asyncio.sleep(story.close_ms / 1000)
        await stage.close()
        return stage.outcome()

    return run(main, seed=story.seed)


class Stage:
    """A story while it is played, call by call. `asked` are the calls and `struck` the hiccups so far."""

    def __init__(self, sim: Simulation, story: Story, make: Callable[[], Client]) -> None:
        self.story = story
        self.fake: FakeDiscord
        self._sim, self._make = sim, make
        self._tap: Tap
        self._client: Client | None = None
        self._zero_ns = 0
        self._gate = asyncio.Semaphore(story.at_once) if story.at_once is not None else contextlib.nullcontext()
        self._calls: list[CallSeen] = []
        self._running: set[asyncio.Task[None]] = set()
        self._born: list[asyncio.Task[Any]] = []  # every task of the client's machine
        self._alarms: list[str] = []
        self._closing: Closing | None = None
        self.struck: list[Hiccup] = []

    def __repr__(self) -> str:
        return f"<Stage t={self.now_ms} ms running={len(self._running)}>"

    @property
    def now_ms(self) -> int:
        """Milliseconds since the client has started."""
        return (self._sim.clock.now_ns - self._zero_ns) // 1_000_000

    @property
    def asked(self) -> list[Call]:
        """The calls so far."""
        return [seen.call for seen in self._calls]

    async def open(self) -> None:
        """Start the server, then the client. Raises what the client raises."""
        story, network = self.story, self.story.network
        self._watch()
        self._sim.network.default_link = Link(network.latency_ms, network.jitter_ms)
        people = max(1_000, len(story.schedule) + 2)
        world = World(story.seed, guilds=_PLACES, members=(people, people), channels=1)
        self.fake = await start_discord(self._sim, world, Settings(laws=story.all_laws))
        await asyncio.sleep(max(0, -story.skew_ms) / 1000)  # a clock that is put back must not show less than nothing
        self.fake.clock.advance(story.skew_ms)
        self._tap = Tap(self.fake, lambda: self.now_ms)
        client = self._client = self._make()
        self._zero_ns = self._sim.clock.now_ns
        await self._sim.spawn(HOST, lambda: client.start(self.fake.settings.token))
        self._tap.shift(self.now_ms)
        self._zero_ns = self._sim.clock.now_ns

    def begin(self, call: Call) -> None:
        """Hand a call to the client when it is due; its number must be the next one."""
        self._calls.append(CallSeen(call, max(call.at_ms, self.now_ms)))
        self._tap.expect(call)
        task = self._sim.spawn(HOST, lambda: self._make_call(call))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    def strike(self, hiccup: Hiccup) -> None:
        """Let a hiccup happen when it is due."""
        self.struck.append(hiccup)

        def now() -> None:
            end = hiccup.strike(self.fake, self._sim.network.ip_of(HOST))
            if end is not None and hiccup.ends_ms is not None:
                self._later(hiccup.ends_ms, end)

        self._later(hiccup.at_ms, now)

    async def settle(self) -> None:
        """Wait until every call is over, or so long that those which are not never will be."""
        seen, quiet_s = -1, 0.0
        while self._running and quiet_s < _QUIET_S and len(self._tap.exchanges) < _REQUESTS_MAX:
            progress = len(self._tap.exchanges) + sum(call.ended_ms is not None for call in self._calls)
            quiet_s = 0.0 if progress != seen else quiet_s + 10
            seen = progress
            await asyncio.wait(self._running, timeout=10)
        for call in self._calls:
            if call.ended_ms is None:
                self._note(call.call, is_stuck=True)

    async def close(self) -> None:
        """Close the client, wait for what that ends, and see what is left; then stop the server."""
        client, self._client = self._client, None
        assert client is not None
        began_ms, error, ended_ms = self.now_ms, "", None
        closing = self._sim.spawn(HOST, client.close)
        await asyncio.wait({closing}, timeout=CLOSE_S)
        if closing.done():
            ended_ms = self.now_ms
            if not closing.cancelled() and closing.exception() is not None:
                error = self._shown(closing.exception())
        if self._running:
            await asyncio.wait(self._running, timeout=CLOSE_S)
        await asyncio.sleep((self.story.network.trip_ms + 1_000) / 1000)
        own = {*self._running, closing}
        left = [f"task {t.get_coro().__qualname__}" for t in self._born if not t.done() and t not in own]  # type: ignore[union-attr]
        left += ["an open connection"] * self._tap.open_connections()
        for task in [*self._running, *self._born, closing]:
            task.cancel()
        await asyncio.sleep(0.001)
        self._born.clear()
        del client, closing
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)
            gc.collect()
        self._closing = Closing(began_ms, ended_ms, error, tuple(left), tuple(self._alarms))
        await self.fake.stop()

    def outcome(self) -> Outcome:
        """The account until now."""
        return Outcome(
            self._told(), tuple(self._tap.exchanges), tuple(self._calls), self._effects(), self._closing, self.now_ms,
            self.fake.record.trace.digest,
        )  # fmt: skip

    async def _make_call(self, call: Call) -> None:
        await asyncio.sleep(max(0, call.at_ms - self.now_ms) / 1000)
        async with self._gate:
            client = self._client
            if client is None:
                self._note(call, ended_ms=self.now_ms, result=UNASKED)
                return
            self._note(call, started_ms=self.now_ms)
            task = asyncio.ensure_future(client.call(call))
            is_ours = False

            def lose_patience() -> None:
                nonlocal is_ours
                is_ours = task.cancel()

            timer = None
            if call.cancel_after_ms is not None:
                timer = asyncio.get_running_loop().call_later(call.cancel_after_ms / 1000, lose_patience)
            try:
                await asyncio.wait({task})
            finally:
                if timer is not None:
                    timer.cancel()
                task.cancel()
            result, error = DONE, ""
            if task.cancelled():
                result = CANCELLED if is_ours else "CancelledError"
            elif (raised := task.exception()) is not None:
                result, error = type(raised).__name__, self._masked(str(raised))
            self._note(call, ended_ms=self.now_ms, result=result, error=error)

    def _note(self, call: Call, **changes: Any) -> None:
        self._calls[call.number] = replace(self._calls[call.number], **changes)

    def _shown(self, error: BaseException | None) -> str:
        return self._masked(f"{type(error).__name__}: {error}")

    def _masked(self, text: str) -> str:
        return text.replace(str(self.fake.settings.token), "<token>")[:200]

    def _later(self, at_ms: int, action: Callable[[], None]) -> None:
        delay_s = max(0, at_ms - self.now_ms) / 1000
        self._sim.loop.call_later(delay_s, action)

    def _told(self) -> Story:
        """The story; one that was made up as it went is told from what happened."""
        if self.story.calls or self.story.hiccups:
            return self.story
        calls = (Calls(c.operation, c.place, at_ms=c.at_ms, cancel_after_ms=c.cancel_after_ms) for c in self.asked)
        return replace(self.story, calls=tuple(calls), hiccups=tuple(self.struck))

    def _watch(self) -> None:
        """Remember the client's tasks, and what asyncio complains of."""
        loop = self._sim.loop
        make = loop.get_task_factory()
        assert make is not None

        def note(of: asyncio.AbstractEventLoop, coro: Any, **options: Any) -> asyncio.Future[Any]:
            task = make(of, coro, **options)
            if current_host.get() == HOST:
                self._born.append(task)  # type: ignore[arg-type]
            return task

        loop.set_task_factory(note)
        loop.set_exception_handler(lambda _, context: self._alarms.append(self._alarm(context)))

    def _alarm(self, context: dict[str, Any]) -> str:
        error = context.get("exception")
        return str(context["message"]) + (f" ({self._shown(error)})" if error is not None else "")

    def _effects(self) -> dict[int, int]:
        made: list[str] = []
        for guild in self.fake.world.built():
            made += [message.content for message in self.fake.world.messages(channel_id(guild.index, 0), _MESSAGES)]
            made += [role["name"] for role in guild.roles.values()]
        effects = {call.number: 0 for call in self.asked if OPERATIONS[call.operation].leaves}
        for text in made:
            if (found := _NAMED.fullmatch(text)) is not None:
                effects[int(found[1])] += 1
        return effects
