"""Forwarding over HTTP: one POST for a batch, answered when its events are handled.

POST <url> with `Authorization: Bearer <secret>` and a batch as body. 204: handled. 400: no batch. 401: another secret.
413: larger than this worker takes. 503 with Retry-After: closing, or too much in hand. All but 413 is offered again.
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Sequence

import aiohttp
from aiohttp import web
from yarl import URL

from framework.errors import InvalidUse
from framework.mq.core.batch import Batcher
from framework.mq.envelope import Batch, decode_batch, encode_batch
from framework.mq.errors import BatchTooLarge, MalformedBatch, NotAccepted
from framework.mq.inbox import Inbox, InboxSnapshot
from framework.mq.outbox import Outbox
from framework.mq.port import OnEvent, Positions
from framework.ports import Chance

__all__ = ["PATH", "HttpConsumer", "HttpPublisher"]

PATH = "/events"
_SECRET_MIN = 16
_BODY_MAX_BYTES = 32 << 20
_COME_BACK_S = 1


def _authorization(secret: str) -> str:
    if len(secret) < _SECRET_MIN or not secret.isascii() or not secret.isprintable() or " " in secret:
        raise InvalidUse(f"the secret must be {_SECRET_MIN} or more printable ASCII characters without spaces")
    return f"Bearer {secret}"


class HttpPublisher(Outbox):
    """A Publisher that posts to bot workers, each of which has its partitions: worker `partition % len(urls)`.

    Args:
        urls: the workers' addresses with path, `http://worker-0:8080/events`. Another number or order of them gives
            guilds to other workers, so every gateway process must have the same list.
        secret: what the workers know, 16 characters or more.
        timeout_s: how long an answer may take, handlers included. Then the batch is offered again, which a worker that
            is only slow recognises.
        batcher, chance: see Outbox.

    Raises:
        InvalidUse: an argument cannot be.
    """

    def __init__(
        self, urls: Sequence[str], secret: str, *, timeout_s: float = 30.0, batcher: Batcher | None = None,
        chance: Chance | None = None,
    ) -> None:  # fmt: skip
        for url in (URL(url) for url in urls):
            if url.scheme not in ("http", "https") or not url.host or url.user or url.password:
                raise InvalidUse(f"a worker's address is http:// or https://, without credentials, not {url.host!r}")
        if not urls:
            raise InvalidUse("the publisher needs a worker's address")
        self._headers = {"Authorization": _authorization(secret), "Content-Type": "application/octet-stream"}
        self._urls = tuple(urls)
        self._timeout = aiohttp.ClientTimeout(total=timeout_s)
        self._session: aiohttp.ClientSession | None = None
        super().__init__(self._post, batcher=batcher, chance=chance)

    async def start(self) -> None:
        """Open the connections' pool."""
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=0)  # one batch per partition is bound enough
            self._session = aiohttp.ClientSession(connector=connector, timeout=self._timeout, headers=self._headers)

    async def close(self, wait_s: float = 10.0) -> int:
        """See Publisher."""
        left = await super().close(wait_s)
        if self._session is not None:
            await self._session.close()
            self._session = None
        return left

    async def _post(self, batch: Batch) -> None:
        if self._session is None:
            raise NotAccepted("the publisher was not started")
        url, body = self._urls[batch.partition % len(self._urls)], encode_batch(batch)
        try:
            async with self._session.post(url, data=body, allow_redirects=False) as answer:
                status, asked = answer.status, answer.headers.get("Retry-After", "")
        except TimeoutError:
            raise NotAccepted(f"{url} did not answer within {self._timeout.total} s") from None
        except (aiohttp.ClientError, OSError) as error:
            raise NotAccepted(f"{url} cannot be reached: {error}") from None
        if status == 413:
            raise BatchTooLarge(len(body))
        if status != 204:
            hint = "; is its secret the same?" if status == 401 else ""
            raise NotAccepted(f"{url} answered {status}{hint}", int(asked) * 1000 if asked.isdecimal() else None)


class HttpConsumer:
    """A Consumer that is an HTTP server. `handle` can be mounted in an application of yours instead.

    Args:
        secret: what the gateway processes know, 16 characters or more.
        host, port: where to listen; port 0 is a free one, found in `port` after `start`; None is nowhere.
        body_max_bytes: the largest batch taken.
        batches_max: how many may be in hand; the rest come back. Each gateway process has one per partition.
        positions: what was handled before; by default this process's own memory, so what a crash leaves half done
            is handled again. A `Journal` remembers.

    Raises:
        InvalidUse: an argument cannot be.
    """

    def __init__(
        self, secret: str, *, host: str | None = "127.0.0.1", port: int = 8080, body_max_bytes: int = _BODY_MAX_BYTES,
        batches_max: int = 1_024, positions: Positions | None = None,
    ) -> None:  # fmt: skip
        if body_max_bytes < 1 or batches_max < 1:
            raise InvalidUse("body_max_bytes and batches_max must be at least 1")
        self._authorization = _authorization(secret).encode()
        self._host, self.port = host, port
        self._body_max_bytes, self._batches_max = body_max_bytes, batches_max
        self._positions = positions
        self._inbox: Inbox | None = None
        self._counted = InboxSnapshot(0, 0, 0)
        self._runner: web.AppRunner | None = None
        self._in_hand: set[asyncio.Task[None]] = set()

    def __repr__(self) -> str:
        return f"<HttpConsumer {'up' if self._inbox else 'down'} in_hand={len(self._in_hand)}>"

    async def start(self, on_event: OnEvent) -> None:
        """See Consumer. Raises OSError where the port cannot be had."""
        self._inbox = Inbox(on_event, self._positions)
        if self._host is None:
            return
        app = web.Application(client_max_size=self._body_max_bytes)
        app.router.add_post(PATH, self.handle)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host, self.port).start()
        self.port = int(self._runner.addresses[0][1])

    async def close(self, wait_s: float = 10.0) -> None:
        """See Consumer."""
        inbox, self._inbox = self._inbox, None
        if self._in_hand:
            _, late = await asyncio.wait(self._in_hand, timeout=wait_s)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        if inbox is not None:
            self._counted = inbox.snapshot()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def snapshot(self) -> InboxSnapshot:
        """The counters since `start`; after `close`, as they were."""
        return self._counted if self._inbox is None else self._inbox.snapshot()

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one POST. An application of yours has to allow bodies of `body_max_bytes`."""
        said = request.headers.get("Authorization", "").encode("utf-8", "replace")
        if not hmac.compare_digest(said, self._authorization):
            return web.Response(status=401, text="unknown secret")
        inbox = self._inbox
        if inbox is None:
            return _later("closing")
        if len(self._in_hand) >= self._batches_max:
            return _later("too much in hand")
        try:
            body = await request.read()
            batch = decode_batch(body)
        except web.HTTPRequestEntityTooLarge:
            return web.Response(status=413, text=f"at most {self._body_max_bytes} bytes")
        except MalformedBatch as error:
            return web.Response(status=400, text=str(error))
        if self._inbox is not inbox:
            return _later("closing")
        # Who asked may give up; the handlers are not stopped for that, and a second offer finds them done.
        work = asyncio.create_task(inbox.handle(batch), name=f"handle partition {batch.partition}")
        self._in_hand.add(work)
        work.add_done_callback(self._in_hand.discard)
        await asyncio.wait({work})
        if work.cancelled():
            return _later("closing")
        work.result()
        return web.Response(status=204)


def _later(why: str) -> web.Response:
    return web.Response(status=503, text=why, headers={"Retry-After": str(_COME_BACK_S)})
