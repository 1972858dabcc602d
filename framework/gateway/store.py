"""Where sessions are kept, so that they outlive the process: the port, a file, and memory."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import msgspec

from framework.errors import InvalidUse
from framework.gateway.core.session import Session

__all__ = ["FileStore", "MemoryStore", "SessionStore"]

_log = logging.getLogger(__name__)


class SessionStore(Protocol):
    """Keeps the sessions of one bot's shards."""

    async def load(self) -> Sequence[Session]:
        """What was saved last; empty where nothing was."""

    async def save(self, sessions: Sequence[Session]) -> None:
        """Keep these instead of what was there, all or nothing."""


class MemoryStore:
    """Sessions that outlive a bot, not its process."""

    def __init__(self) -> None:
        self.sessions: tuple[Session, ...] = ()

    def __repr__(self) -> str:
        return f"<MemoryStore sessions={len(self.sessions)}>"

    async def load(self) -> Sequence[Session]:
        return self.sessions

    async def save(self, sessions: Sequence[Session]) -> None:
        self.sessions = tuple(sessions)


class _File(msgspec.Struct):
    version: int
    sessions: list[Session]


class FileStore:
    """Sessions in a file that only its owner can read; written whole and put in the old one's place.

    A file that cannot be read counts as empty, with a warning: the shards identify.
    """

    def __init__(self, path: Path | str) -> None:
        self._path = Path(path)
        if not self._path.parent.is_dir():
            raise InvalidUse(f"there is no directory {self._path.parent} for the sessions of {self._path.name}")

    def __repr__(self) -> str:
        return f"<FileStore {self._path.name}>"

    async def load(self) -> Sequence[Session]:
        return await asyncio.to_thread(self._read)

    async def save(self, sessions: Sequence[Session]) -> None:
        await asyncio.to_thread(self._write, msgspec.json.encode(_File(1, list(sessions))))

    def _read(self) -> Sequence[Session]:
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=_File).sessions
        except FileNotFoundError:
            return ()
        except (OSError, msgspec.MsgspecError) as error:
            _log.warning("%s cannot be read (%s); every shard identifies", self._path.name, error)
            return ()

    def _write(self, data: bytes) -> None:
        new = self._path.with_name(self._path.name + ".new")
        with contextlib.suppress(FileNotFoundError):
            new.unlink()
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(data)
        new.replace(self._path)
