"""Interactions over HTTP: what Discord sends to an application's own endpoint, signed, and what it does with the answer
("Receiving and Responding to Interactions", "Interactions: Overview").
"""

from __future__ import annotations

import asyncio
import contextvars
from typing import TYPE_CHECKING, Any

import aiohttp
import msgspec

from discord_sim.edge import intake
from discord_sim.edge.call import Refused
from discord_sim.world.interactions import ANSWER_MS, Interaction
from discord_sim.world.keys import SigningMissing, sign
from discord_sim.world.payloads import Doc

if TYPE_CHECKING:
    from discord_sim.edge.server import FakeDiscord

__all__ = ["Outgoing"]

_AGENT = "Discord-Interactions/1.0 (+https://discord.com)"
_PING = 1
_ANSWER_MAX_BYTES = 25 << 20
_encode = msgspec.json.Encoder().encode


class Outgoing:
    """Calls the endpoints of applications. Made inside the server's own context, on whose machine the calls begin."""

    def __init__(self, discord: FakeDiscord) -> None:
        self._discord = discord
        self._context = contextvars.copy_context()
        self._session: aiohttp.ClientSession | None = None
        self._tasks: set[asyncio.Task[Any]] = set()

    def __repr__(self) -> str:
        return f"<Outgoing under way={len(self._tasks)}>"

    def endpoint_of(self, application_id: int) -> str | None:
        """Where an application wants its interactions; None where it takes them from the gateway."""
        known = self._discord.world.bins.get("applications", {}).get(application_id, {})
        url: str | None = known.get("interactions_endpoint_url")
        return url

    async def is_verified(self, application_id: int, url: str) -> bool:
        """Whether an endpoint answers a signed PING with PONG, and refuses one that is signed wrongly with 401."""
        task = self._spawn(self._probe(application_id, url))
        return bool(await task)

    def deliver(self, interaction: Interaction, body: Doc) -> None:
        """Send an interaction to its application's endpoint; its answer is the first response."""
        self._spawn(self._deliver(interaction, body))

    async def stop(self) -> None:
        """Give up what is under way."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    def _spawn(self, program: Any) -> asyncio.Task[Any]:
        task = asyncio.get_running_loop().create_task(program, context=self._context.copy())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _probe(self, application_id: int, url: str) -> bool:
        ping = {"type": _PING, "id": str(application_id), "application_id": str(application_id), "version": 1}
        try:
            status, kind, data = await self._post(application_id, url, ping)
            pong = status == 200 and kind and msgspec.json.decode(data).get("type") == _PING
            status, _, _ = await self._post(application_id, url, ping, forged=True)
        except (TimeoutError, aiohttp.ClientError, OSError, msgspec.DecodeError, AttributeError, SigningMissing):
            return False
        return bool(pong) and status == 401

    async def _deliver(self, interaction: Interaction, body: Doc) -> None:
        discord = self._discord
        url = self.endpoint_of(interaction.application_id)
        assert url is not None
        record, clock = discord.record, discord.clock
        try:
            status, kind, data = await self._post(interaction.application_id, url, body)
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            record.note(clock.now_ms, "interaction_failed", interaction.id, type(error).__name__)
            return
        record.note(clock.now_ms, "interaction_answered", interaction.id, status)
        if status == 200:
            try:
                sent = intake.parse(data, kind)
            except Refused as refusal:
                record.note(clock.now_ms, "interaction_refused", interaction.id, refusal.answer.status)
                return
            answer = discord.act(
                interaction.application_id, "create_interaction_response", sent.value, files=sent.files,
                interaction_id=interaction.id, interaction_token=interaction.token,
            )  # fmt: skip
            if answer.status >= 400:
                record.note(clock.now_ms, "interaction_refused", interaction.id, answer.status)

    async def _post(self, application_id: int, url: str, body: Doc, *, forged: bool = False) -> tuple[int, str, bytes]:
        """(status, content type, body) of an endpoint's answer. Raises TimeoutError after three seconds."""
        sent, timestamp = _encode(body), str(self._discord.clock.epoch_ms // 1000)
        signature = sign(self._discord.world.seed, application_id, timestamp.encode() + sent)
        if forged:
            signature = bytes((signature[0] ^ 1,)) + signature[1:]
        headers = {
            "User-Agent": _AGENT, "Content-Type": "application/json", "X-Signature-Timestamp": timestamp,
            "X-Signature-Ed25519": signature.hex(),
        }  # fmt: skip
        if self._session is None:
            self._session = aiohttp.ClientSession()
        async with (
            asyncio.timeout(ANSWER_MS / 1000),
            self._session.post(url, data=sent, headers=headers, allow_redirects=False) as answer,
        ):
            data = bytearray()
            while len(data) < _ANSWER_MAX_BYTES and (piece := await answer.content.read(_ANSWER_MAX_BYTES)):
                data += piece  # one read gives what has arrived so far
            return answer.status, answer.headers.get("Content-Type", ""), bytes(data)
