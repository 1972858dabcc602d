"""Keeps a bot's sessions in a store while it runs, each no further than its events are handled."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from framework.gateway.core.session import Session, Watermark
from framework.gateway.event import RawEvent
from framework.gateway.store import SessionStore

__all__ = ["SessionKeeper"]

_log = logging.getLogger(__name__)


class SessionKeeper:
    """Saves every `every_s` seconds what has changed, and when asked.

    After a crash a resume replays what came since, and what was under way: events may be handled twice, none is lost.
    """

    def __init__(self, store: SessionStore, sessions: Callable[[], Iterable[Session]], every_s: float) -> None:
        self._store, self._sessions, self._every_s = store, sessions, every_s
        self._marks: dict[str, Watermark] = {}
        self._saved: list[Session] = []
        self._task: asyncio.Task[None] | None = None
        self._cleared: asyncio.Event = asyncio.Event()

    def __repr__(self) -> str:
        return f"<SessionKeeper saved={len(self._saved)}>"

    async def load(self) -> Sequence[Session]:
        """What an earlier process left."""
        return await self._store.load()

    def start(self) -> None:
        """Begin to save now and then."""
        self._task = asyncio.create_task(self._run(), name="keep sessions")

    def begin(self, event: RawEvent) -> None:
        """An event is on its way; `end` says when it is handled."""
        mark = self._marks.get(event.session_id)
        if mark is None:
            mark = self._marks[event.session_id] = Watermark()
        mark.begin(event.seq)

    def end(self, event: RawEvent) -> None:
        """An event is handled."""
        mark = self._marks.get(event.session_id)
        if mark is not None:
            mark.end(event.seq)
            if mark.is_clear:
                self._cleared.set()

    async def wait_clear(self, sessions: Iterable[str], timeout_s: float) -> None:
        """Until no event of these sessions is under way, or the time is over."""
        marks = [self._marks[session] for session in sessions if session in self._marks]
        try:
            async with asyncio.timeout(timeout_s):
                while not all(mark.is_clear for mark in marks):
                    self._cleared.clear()
                    await self._cleared.wait()
        except TimeoutError:
            _log.warning("events are still being handled after %.0f s", timeout_s)

    async def save(self) -> None:
        """Save, if there is something new."""
        now = []
        for session in self._sessions():
            mark = self._marks.get(session.session_id)
            now.append(session if mark is None else replace(session, seq=mark.mark(session.seq)))
        if now == self._saved:
            return
        try:
            await self._store.save(now)
        except Exception:
            _log.exception("the sessions could not be saved")
            return
        self._saved = now
        alive = {session.session_id for session in now}
        self._marks = {session: mark for session, mark in self._marks.items() if session in alive or not mark.is_clear}

    async def close(self) -> None:
        """Save for the last time."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self.save()

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(self._every_s)
            await self.save()
