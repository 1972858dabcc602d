"""The REST manager on real sockets against a small server on 127.0.0.1. No assertion depends on speed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from framework.rest import (
    CloudflareBanned,
    LostAnswer,
    NotFound,
    RestClosed,
    RestError,
    RestManager,
    Route,
    Unauthorized,
)

TOKEN = "MTIz.s3cret.t0ken-that-nobody-may-see"
VIA = {"Via": "1.1 google"}
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Body = Callable[[RestManager], Awaitable[None]]


def run(handler: Handler, body: Body) -> None:
    async def main() -> None:
        app = web.Application()
        app.router.add_route("*", "/{tail:.*}", handler)
        server = TestServer(app)
        await server.start_server()
        manager = RestManager(TOKEN, base_url=str(server.make_url("")).rstrip("/"), chance=lambda: 0.0)
        try:
            async with asyncio.timeout(20):
                await body(manager)
        finally:
            await manager.close()
            await server.close()
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(main())


def answer(status: int = 200, body: object = None, **headers: str) -> web.Response:
    shown = {name.replace("_", "-"): value for name, value in headers.items()}
    return web.json_response(body if body is not None else {}, status=status, headers={**VIA, **shown})


async def post(rest: RestManager, content: str) -> object:
    route = Route.of("POST", "/channels/{channel_id}/messages", channel_id=1)
    return await rest.request(route, json={"content": content})


class Leaky:
    """5 per 0.5 s at the server, in whole microseconds, times in headers rounded up as Discord's are."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.refused = 0
        self._full_us = 0

    async def handle(self, request: web.Request) -> web.StreamResponse:
        content = (await request.json())["content"]
        now_us = int(asyncio.get_running_loop().time() * 1_000_000)
        full_us = max(self._full_us, now_us) + 100_000
        ok = full_us - now_us <= 500_000
        self.refused += not ok
        if ok:
            self._full_us = full_us
            self.seen.append(content)
        after_us = self._full_us - now_us
        limits = {
            "X_RateLimit_Limit": "5",
            "X_RateLimit_Remaining": str(5 - -(-after_us // 100_000)) if ok else "0",
            "X_RateLimit_Reset": f"{-(-self._full_us // 1000) / 1000 + 1_700_000_000:.3f}",
            "X_RateLimit_Reset_After": f"{-(-after_us // 1000) / 1000:.3f}",
            "X_RateLimit_Bucket": "leaky",
        }
        if ok:
            return answer(**limits)
        return answer(429, {"retry_after": 0.1, "global": False}, Retry_After="1", **limits)


def test_twelve_messages_through_a_bucket_of_five_meet_no_429_and_keep_their_order() -> None:
    server = Leaky()

    async def body(rest: RestManager) -> None:
        await asyncio.gather(*(post(rest, str(n)) for n in range(12)))

    run(server.handle, body)
    assert server.refused == 0
    assert server.seen[0] == "0"  # the probe; those after it travel in parallel
    assert sorted(server.seen, key=int) == [str(n) for n in range(12)]


@pytest.mark.parametrize("first", [502, 429])
def test_an_error_as_the_first_answer_opens_no_bucket(first: int) -> None:
    server, errors = Leaky(), []

    async def handler(request: web.Request) -> web.StreamResponse:
        if not errors:
            errors.append(first)
            return answer(first, {"retry_after": 0.01, "global": False}, X_RateLimit_Scope="shared", Retry_After="1")
        return await server.handle(request)

    async def body(rest: RestManager) -> None:
        await asyncio.gather(*(post(rest, str(n)) for n in range(12)))

    run(handler, body)
    assert server.refused == 0
    assert sorted(server.seen, key=int) == [str(n) for n in range(12)]


@pytest.mark.parametrize("scope", ["global", "shared"])
def test_a_429_is_waited_for_and_the_call_succeeds(scope: str) -> None:
    calls = []

    async def handler(request: web.Request) -> web.StreamResponse:
        calls.append(asyncio.get_running_loop().time())
        if len(calls) > 1:
            return answer(body={"id": "1"})
        extra = {"X_RateLimit_Global": "true"} if scope == "global" else {}
        text = {"retry_after": 0.2, "global": scope == "global"}
        return answer(429, text, Retry_After="1", X_RateLimit_Scope=scope, **extra)

    async def body(rest: RestManager) -> None:
        assert (await rest.get_guild(1)).id == 1
        assert rest.snapshot().rate_limited == 1
        assert rest.snapshot().invalid == (scope == "global")

    run(handler, body)
    assert len(calls) == 2
    assert calls[1] - calls[0] >= 0.2


def test_after_a_cloudflare_ban_nothing_is_sent() -> None:
    calls = []

    async def handler(request: web.Request) -> web.StreamResponse:
        calls.append(request.path)
        return web.Response(status=429, text="error code: 1015")  # no Via, no Retry-After

    async def body(rest: RestManager) -> None:
        for guild_id in range(3):
            with pytest.raises(CloudflareBanned):
                await rest.get_guild(guild_id)

    run(handler, body)
    assert len(calls) == 1


def test_a_refused_token_is_not_tried_again_and_is_shown_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    calls = []

    async def handler(request: web.Request) -> web.StreamResponse:
        calls.append(request.headers["Authorization"])
        return answer(401, {"message": "401: Unauthorized", "code": 0})

    async def body(rest: RestManager) -> None:
        for _ in range(2):
            with pytest.raises(Unauthorized) as caught:
                await rest.get_guild(1)
            assert TOKEN not in repr(caught.value) + str(caught.value) + repr(rest)

    with caplog.at_level(logging.DEBUG):
        run(handler, body)
    assert calls == [f"Bot {TOKEN}"]
    assert TOKEN not in caplog.text


def test_a_404_carries_discords_code() -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        return answer(404, {"message": "Unknown Guild", "code": 10004})

    async def body(rest: RestManager) -> None:
        with pytest.raises(NotFound) as caught:
            await rest.get_guild(1)
        assert caught.value.code == 10004

    run(handler, body)


def test_a_502_is_tried_again() -> None:
    calls = []

    async def handler(request: web.Request) -> web.StreamResponse:
        calls.append(request.path)
        return answer(body={"id": "1"}) if len(calls) > 1 else web.Response(status=502, text="Bad gateway")

    async def body(rest: RestManager) -> None:
        assert (await rest.get_guild(1)).id == 1

    run(handler, body)
    assert len(calls) == 2


def test_a_post_whose_answer_is_lost_is_not_sent_twice() -> None:
    calls = []

    async def handler(request: web.Request) -> web.StreamResponse:
        calls.append(request.path)
        assert request.transport is not None
        request.transport.abort()
        return answer()

    async def body(rest: RestManager) -> None:
        with pytest.raises(LostAnswer):
            await rest.request(Route.of("POST", "/guilds/{guild_id}/roles", guild_id=1), json={})

    run(handler, body)
    assert len(calls) == 1


def test_a_message_whose_answer_is_lost_is_sent_again_under_a_nonce_that_discord_enforces() -> None:
    bodies = []

    async def handler(request: web.Request) -> web.StreamResponse:
        bodies.append(await request.json())
        if len(bodies) == 1:
            assert request.transport is not None
            request.transport.abort()
        return answer(body={"id": "1"})

    async def body(rest: RestManager) -> None:
        await rest.request(Route.of("POST", "/channels/{channel_id}/messages", channel_id=1), json={"content": "once"})

    run(handler, body)
    assert bodies[0] == bodies[1]
    assert (bodies[0]["enforce_nonce"], len(bodies[0]["nonce"]) <= 25) == (True, True)


def test_a_cancelled_waiter_leaves_its_place_to_the_next() -> None:
    server = Leaky()

    async def body(rest: RestManager) -> None:
        tasks = [asyncio.create_task(post(rest, str(n))) for n in range(4)]
        await asyncio.sleep(0)
        tasks[1].cancel()
        tasks[2].cancel()
        done = await asyncio.gather(*tasks, return_exceptions=True)
        assert [type(one).__name__ for one in done] == ["dict", "CancelledError", "CancelledError", "dict"]

    run(server.handle, body)
    assert sorted(server.seen) == ["0", "3"]


def test_a_drain_that_ends_leaves_what_is_sent_its_answer_and_fails_the_queue() -> None:
    arrived, release = asyncio.Event(), asyncio.Event()

    async def handler(request: web.Request) -> web.StreamResponse:
        arrived.set()
        await release.wait()
        return answer(body={"id": "1"})

    async def body(rest: RestManager) -> None:
        sent, *queued = [
            asyncio.create_task(rest.request(Route.of("GET", "/guilds/{guild_id}", guild_id=1))) for _ in "123"
        ]
        await arrived.wait()
        closing = asyncio.create_task(rest.close(drain_s=0.01))
        refused = await asyncio.gather(*queued, return_exceptions=True)
        assert [type(one) for one in refused] == [RestClosed, RestClosed]
        assert not closing.done()
        release.set()
        assert await sent == {"id": "1"}
        await closing

    run(handler, body)


def test_close_fails_those_who_wait_in_the_queue_with_a_typed_error() -> None:
    arrived, release = asyncio.Event(), asyncio.Event()

    async def handler(request: web.Request) -> web.StreamResponse:
        arrived.set()
        await release.wait()
        return answer()

    async def body(rest: RestManager) -> None:
        tasks = [asyncio.create_task(rest.get_guild(1)) for _ in range(3)]
        await arrived.wait()
        await rest.close()
        release.set()
        done = await asyncio.gather(*tasks, return_exceptions=True)
        assert [type(one) for one in done[1:]] == [RestClosed, RestClosed]
        assert isinstance(done[0], RestError)
        with pytest.raises(RestClosed):
            await rest.request(Route.of("GET", "/gateway/bot"))

    run(handler, body)
