"""Requests that are answered by dispatches: members of a guild."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any, TypeVar

from framework.errors import InvalidUse, MembersTimeout
from framework.gateway.commands import member_request
from framework.gateway.core.member_request import ANSWERS, MemberRequest, read_chunk, read_refusal
from framework.gateway.event import RawEvent
from framework.models import codec
from framework.models.gateway import Presence
from framework.models.member import Member
from framework.ports import Chance
from framework.wire import GatewayOp, Intents

__all__ = ["ANSWERS", "Members", "Requests"]

T = TypeVar("T")
Send = Callable[[int, int, Any], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Members:
    """What came of a request. `not_found` are the ids asked for that are no members."""

    members: list[Member]
    presences: list[Presence]
    not_found: list[int]


@dataclass(slots=True)
class _Open:
    request: MemberRequest = field(default_factory=MemberRequest)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    retry_after_s: float | None = None


class Requests:
    """The requests of one bot that are under way. `send(guild_id, op, data)` reaches the guild's shard."""

    def __init__(self, intents: int, send: Send, chance: Chance) -> None:
        self._intents, self._send, self._chance = intents, send, chance
        self._open: dict[str, _Open] = {}
        self._numbers = count(1)
        self._idle = asyncio.Event()
        self._idle.set()

    def __repr__(self) -> str:
        return f"<Requests open={len(self._open)}>"

    async def members(
        self,
        guild_id: int,
        *,
        query: str | None,
        limit: int,
        user_ids: Sequence[int],
        presences: bool,
        timeout_s: float,
    ) -> Members:
        """See `GatewayManager.request_members`."""
        if query == "" and not limit and not self._intents & Intents.GUILD_MEMBERS:
            raise InvalidUse("the whole list of members needs the GUILD_MEMBERS intent; without it nothing is answered")
        if presences and not self._intents & Intents.GUILD_PRESENCES:
            raise InvalidUse("presences need the GUILD_PRESENCES intent")
        nonce = f"{next(self._numbers)}-{int(self._chance() * 2**48):x}"
        asked = member_request(guild_id, nonce, query=query, limit=limit, user_ids=user_ids, presences=presences)
        waiting = self._open[nonce] = _Open()
        self._idle.clear()
        try:
            async with asyncio.timeout(timeout_s):
                await self._send(guild_id, GatewayOp.REQUEST_MEMBERS, asked)
                while not waiting.request.is_complete:
                    await waiting.changed.wait()
                    waiting.changed.clear()
                    if waiting.retry_after_s is not None:
                        pause_s, waiting.retry_after_s = waiting.retry_after_s, None
                        await asyncio.sleep(pause_s)
                        await self._send(guild_id, GatewayOp.REQUEST_MEMBERS, asked)
        except TimeoutError:
            raise MembersTimeout(guild_id, timeout_s, len(waiting.request.members)) from None
        finally:
            del self._open[nonce]
            if not self._open:
                self._idle.set()
        found = waiting.request
        return Members(_all(Member, found.members), _all(Presence, found.presences), found.not_found)

    def take(self, event: RawEvent) -> None:
        """A dispatch of `ANSWERS`; those that nobody here asked for are left alone."""
        if not self._open:
            return
        if event.type == "GUILD_MEMBERS_CHUNK":
            chunk = read_chunk(event.data)
            waiting = self._open.get(chunk.nonce)
            if waiting is not None:
                waiting.request.take(chunk)
                waiting.changed.set()
            return
        refusal = read_refusal(event.data)
        waiting = self._open.get(refusal.meta.nonce)
        if waiting is not None and refusal.opcode == GatewayOp.REQUEST_MEMBERS:
            waiting.retry_after_s = refusal.retry_after
            waiting.changed.set()

    async def wait_idle(self, timeout_s: float) -> None:
        """Until no request is under way, or the time is over."""
        try:
            await asyncio.wait_for(self._idle.wait(), timeout_s)
        except TimeoutError:
            return


def _all(kind: type[T], bodies: list[bytes]) -> list[T]:
    return [codec.decode(kind, body) for body in bodies]
