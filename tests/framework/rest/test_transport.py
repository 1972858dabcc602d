"""What goes over the wire, and how long an answer may take: against the real server in virtual time where time counts,
and on real sockets where the pieces do."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from discord_sim import FakeDiscord
from discord_sim.faults import RestFault
from framework.errors import InvalidUse
from framework.rest import LostAnswer, RestManager, Route

ME = Route.of("GET", "/users/@me")


def now_s() -> float:
    return asyncio.get_running_loop().time()


def silent(discord: FakeDiscord, times: int | None = None) -> None:
    discord.rest_fault(RestFault("*", times, "silence"))


@pytest.mark.parametrize("timeout_s", [0, -1.5])
def test_a_timeout_must_be_more_than_nothing(timeout_s: float) -> None:
    with pytest.raises(InvalidUse, match=f"timeout_s must be more than 0, not {timeout_s}"):
        RestManager("t0ken", timeout_s=timeout_s)


def test_what_is_not_answered_is_given_up_on_the_millisecond_and_tried_again(play) -> None:
    async def story(discord: FakeDiscord) -> None:
        rest = RestManager(discord.settings.token, timeout_s=7, max_tries=2, chance=lambda: 0.0)
        silent(discord)
        began_s = now_s()
        with pytest.raises(LostAnswer, match="TimeoutError"):
            await rest.request(ME)
        assert now_s() - began_s == pytest.approx(7 + 0.5 + 7, abs=0.002)
        assert asyncio.current_task().cancelling() == 0
        discord.faults.rest.clear()
        assert (await rest.request(ME))["bot"]  # and nothing of the bucket is taken for ever
        await rest.close()

    play(story)


def test_each_request_has_a_deadline_of_its_own(play) -> None:
    ended_s: dict[str, float] = {}

    async def story(discord: FakeDiscord) -> None:
        rest = RestManager(discord.settings.token, timeout_s=7, max_tries=1)
        began_s = now_s()

        async def call(name: str, path: str, after_s: float) -> None:
            await asyncio.sleep(after_s)
            with pytest.raises(LostAnswer):
                await rest.request(Route.of("GET", path))
            ended_s[name] = now_s() - began_s

        silent(discord)
        paths = ("/users/@me", "/gateway/bot", "/sticker-packs")
        await asyncio.gather(*(call(f"{n}", path, 3.0 * n) for n, path in enumerate(paths)))
        await rest.close()

    play(story)
    assert ended_s == pytest.approx({"0": 7, "1": 10, "2": 13}, abs=0.002)


@pytest.mark.parametrize("early_s", [0.0, 0.0005])
def test_who_is_cancelled_as_its_time_is_up_is_cancelled_and_gives_everything_back(play, early_s: float) -> None:
    async def story(discord: FakeDiscord) -> None:
        rest = RestManager(discord.settings.token, timeout_s=7, max_tries=1)
        silent(discord, 1)
        call = asyncio.create_task(rest.request(ME))
        asyncio.get_running_loop().call_later(7 - early_s, call.cancel)
        with pytest.raises(asyncio.CancelledError):
            await call
        assert (await rest.request(ME))["bot"]
        await rest.close()

    play(story)


def run(handler: Callable[[web.Request], Awaitable[web.StreamResponse]], body: Callable[..., Awaitable[None]]) -> None:
    async def main() -> None:
        app = web.Application()
        app.router.add_route("*", "/{tail:.*}", handler)
        async with TestServer(app) as server, asyncio.timeout(20):
            rest = RestManager("t0ken", base_url=str(server.make_url("")).rstrip("/"), chance=lambda: 0.0)
            await body(rest)
            await rest.close()

    asyncio.run(main())


def test_whose_token_goes_with_a_call() -> None:
    seen: list[tuple[str | None, str | None]] = []

    async def handler(request: web.Request) -> web.StreamResponse:
        assert request.headers.getall("User-Agent") == ["DiscordBot (https://github.com/discord-sim/discord-sim, 0.1)"]
        seen.append((request.headers.get("Authorization"), request.headers.get("X-Audit-Log-Reason")))
        return web.json_response({}, headers={"Via": "1.1 google", "Set-Cookie": "a=b"})

    async def body(rest: RestManager) -> None:
        await rest.request(ME)
        await rest.request(Route.of("DELETE", "/guilds/{guild_id}", guild_id=1), reason="ünd")
        await rest.request(ME, bearer="users")
        webhook = Route.of("GET", "/webhooks/{webhook_id}/{webhook_token}", webhook_id=1, webhook_token="x")
        await rest.request(webhook)
        await rest.request(webhook, json={"name": "x"})

    run(handler, body)
    assert seen == [("Bot t0ken", None), ("Bot t0ken", "%C3%BCnd"), ("Bearer users", None), (None, None), (None, None)]


@pytest.mark.parametrize("pieces", [[], [b"[1]"], [b"[1", b",2]"], [b"[", b"1" * 200_000, b"]"]])
def test_a_body_may_come_with_the_head_or_in_pieces_after_it(pieces: list[bytes]) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"Via": "1.1 google"})
        await answer.prepare(request)
        for piece in pieces:
            await answer.write(piece)
            await asyncio.sleep(0.001)
        await answer.write_eof()
        return answer

    async def body(rest: RestManager) -> None:
        for _ in "12":  # the connection serves again
            assert await rest.request_raw(ME) == b"".join(pieces)

    run(handler, body)


def test_a_body_that_breaks_off_is_no_answer() -> None:
    calls = []

    async def handler(request: web.Request) -> web.StreamResponse:
        calls.append(request.path)
        if len(calls) == 1:
            answer = web.StreamResponse(headers={"Content-Length": "100", "Via": "1.1 google"})
            await answer.prepare(request)
            await answer.write(b"half of it")
            assert request.transport is not None
            request.transport.close()
            return answer
        return web.json_response({"id": "1"}, headers={"Via": "1.1 google"})

    async def body(rest: RestManager) -> None:
        assert await rest.request(ME) == {"id": "1"}

    run(handler, body)
    assert len(calls) == 2
