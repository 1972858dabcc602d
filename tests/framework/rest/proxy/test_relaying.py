"""What passes the proxy unchanged, what it replaces, and whom it lets in."""

from __future__ import annotations

import base64
import gzip
import io
import logging
import os

import aiohttp
import pytest
from aiohttp import web
from yarl import URL

from discord_sim import Settings, World
from framework.errors import InvalidUse
from framework.rest.proxy import RestProxy

SECRET = "s3cret-of-the-workers"


def shown(pairs):
    return [(name.lower(), value) for name, value in pairs]


def test_a_request_arrives_as_it_was_made_and_so_does_its_answer(site):
    seen = []

    async def handler(request):
        seen.append((request.method, request.raw_path, await request.read(), shown(request.headers.items())))
        return web.Response(
            status=418, body=b'{"a":  1}\xff', reason="Teapot",
            headers=[
                ("Set-Cookie", "a=1; Path=/"), ("Set-Cookie", "b=2"), ("Via", "1.1 google"), ("X-RateLimit-Limit", "5"),
                ("Content-Type", "application/json"), ("Server", "cloudflare"), ("Date", "yesterday"),
                ("Keep-Alive", "timeout=9"), ("X-Hop", "1"), ("Connection", "X-Hop"),
            ],
        )  # fmt: skip

    async def story(s):
        await s.proxy(discord_url=await s.upstream(handler))
        session = s.worker()
        body, boundary = os.urandom(100_000), "multipart/form-data; boundary=x"
        headers = {
            "X-Audit-Log-Reason": "caf%C3%A9 %2F", "X-Discord-Locale": "de", "Accept-Language": "de, en;q=0.5",
            "content-type": boundary, "Authorization": "Bot another", "User-Agent": "mine", "X-Mine": "ö",
            "Te": "trailers", "Connection": "X-Yours", "X-Yours": "1",
        }  # fmt: skip
        path = "/api/v9/channels/1/messages/2/reactions/%7e%C3%a9%40?b=1&a=%2B+%2C&a=2&&c"
        async with session.post(
            URL(f"http://proxy/{SECRET}{path}", encoded=True), data=body, headers=headers
        ) as answer:
            assert (answer.status, await answer.read()) == (418, b'{"a":  1}\xff')
            told = shown(answer.headers.items())
        assert told == [
            ("set-cookie", "a=1; Path=/"), ("set-cookie", "b=2"), ("via", "1.1 google"), ("x-ratelimit-limit", "5"),
            ("content-type", "application/json"), ("server", "cloudflare"), ("date", "yesterday"),
            ("content-length", "10"),
        ]  # fmt: skip
        ((method, arrived_at, arrived, got),) = seen
        assert (method, arrived_at, arrived) == ("POST", path, body)
        assert dict(got) == {
            "x-audit-log-reason": "caf%C3%A9 %2F", "x-discord-locale": "de", "accept-language": "de, en;q=0.5",
            "content-type": boundary, "authorization": f"Bot {s.discord.settings.token}", "x-mine": "ö",
            "user-agent": dict(got)["user-agent"], "accept": "*/*", "accept-encoding": dict(got)["accept-encoding"],
            "host": "upstream", "content-length": "100000",
        }  # fmt: skip
        assert dict(got)["user-agent"].startswith("DiscordBot (")

    site(story)


def test_compression_is_settled_on_each_side_alone(site):
    bodies = []

    async def handler(request):
        bodies.append(await request.read())
        headers = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
        return web.Response(body=gzip.compress(b'{"id": "1"}'), headers=headers)

    async def story(s):
        await s.proxy(discord_url=await s.upstream(handler))
        packed = gzip.compress(b'{"content": "hi"}')
        headers = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
        async with s.worker().post(f"{s.url}/channels/1/messages", data=packed, headers=headers) as answer:
            assert await answer.read() == b'{"id": "1"}'
            assert "Content-Encoding" not in answer.headers
        assert bodies == [packed]

    site(story)


@pytest.mark.parametrize(
    ("status", "body"), [(204, b""), (304, b""), (200, b""), (400, b'{"code": 50035}'), (404, b"text"), (403, b"{}")]
)
def test_an_answer_of_any_status_is_passed_on(site, status, body):
    async def handler(_):
        return web.Response(status=status, body=body, headers={"Content-Type": "text/plain", "Via": "1.1 google"})

    async def story(s):
        await s.proxy(discord_url=await s.upstream(handler))
        async with s.worker().get(f"{s.url}/guilds/1") as answer:
            assert (answer.status, await answer.read(), answer.headers["Via"]) == (status, body, "1.1 google")

    site(story)


def test_a_reason_and_files_reach_discord(site):
    files = [os.urandom(8 << 20) for _ in range(3)]

    async def story(s):
        await s.proxy()
        channel = next(iter(s.discord.world.guild_at(0).channels))
        reason = {"X-Audit-Log-Reason": "f%C3%BCr alle"}
        await s.ask("PATCH", f"/channels/{channel}", json={"topic": "x"}, headers=reason)
        _, log, _ = await s.ask("GET", f"/guilds/{s.discord.world.guild_at(0).id}/audit-logs?limit=1")
        assert log["audit_log_entries"][0]["reason"] == "für alle"
        form = aiohttp.FormData(default_to_multipart=True)
        form.add_field("payload_json", '{"content": "hi"}', content_type="application/json")
        for number, data in enumerate(files):
            form.add_field(f"files[{number}]", io.BytesIO(data), filename=f"{number}.bin")
        status, message, _ = await s.ask("POST", f"/channels/{channel}/messages", data=form)
        assert (status, message["content"]) == (200, "hi")
        assert [file["size"] for file in message["attachments"]] == [8 << 20] * 3

    site(story)


def test_a_body_above_25_mib_is_refused_and_not_sent_on(site):
    async def story(s):
        await s.proxy()
        big = io.BytesIO(b"x" * ((25 << 20) + 1))
        status, body, _ = await s.ask("POST", "/channels/1/messages", data=big)
        assert (status, body) == (413, {"message": "Request entity too large", "code": 0})

    assert not site(story).record.requests


# -- who may come in ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        (f"/{SECRET}/api/v10/users/@me", {}, 200),
        (f"/{SECRET}/v10/users/@me", {}, 200),
        ("/api/v10/users/@me", {"X-Proxy-Secret": SECRET}, 200),
        ("/v10/users/@me", {"X-Proxy-Secret": SECRET}, 200),
        ("/api/v10/users/@me", {}, 401),
        ("/api/v10/users/@me", {"X-Proxy-Secret": SECRET[:-1]}, 401),
        ("/api/v10/users/@me", {"X-Proxy-Secret": "é"}, 401),
        (f"/{SECRET}x/api/v10/users/@me", {}, 401),
        (f"/{SECRET[:-1]}/api/v10/users/@me", {}, 401),
        (f"/{SECRET}", {}, 404),
        (f"/{SECRET}/api/v10/../x", {}, 404),
        (f"/{SECRET}/api/v10/%2e%2e/x", {}, 404),
    ],
)
def test_only_who_knows_the_secret_is_served(site, path, headers, status):
    async def story(s):
        await s.proxy()
        async with s.worker().get(URL(f"http://proxy{path}", encoded=True), headers=headers) as answer:
            assert answer.status == status
            if status == 401:
                assert await answer.json() == {"message": "401: Unauthorized", "code": 0}
            if status == 404:
                assert await answer.json() == {"message": "404: Not Found", "code": 0}

    record = site(story).record
    assert len(record.requests) == (status == 200)


def test_a_method_that_discord_does_not_have_is_refused(site):
    async def story(s):
        await s.proxy()
        for method in ("OPTIONS", "TRACE"):
            assert (await s.ask(method, "/users/@me"))[:2] == (405, {"message": "405: Method Not Allowed", "code": 0})

    assert not site(story).record.requests


@pytest.mark.parametrize("authorization", [None, "Bot another", "bot another"])
def test_with_one_bot_any_authorization_of_a_bot_is_as_good(site, authorization):
    async def story(s):
        await s.proxy()
        headers = {} if authorization is None else {"Authorization": authorization}
        status, me, _ = await s.ask("GET", "/users/@me", headers=headers)
        assert (status, me["id"]) == (200, str(s.discord.world.bot_id))

    site(story)


def test_with_several_bots_the_workers_token_chooses(site):
    async def story(s):
        tokens = dict(s.discord.tokens)
        await s.proxy(tokens=list(tokens))
        for token, bot_id in tokens.items():
            _, me, _ = await s.ask("GET", "/users/@me", headers={"Authorization": f"Bot {token}"})
            assert me["id"] == str(bot_id)
        sent = len(s.discord.record.requests)
        for headers in ({}, {"Authorization": "Bot another"}):
            assert (await s.ask("GET", "/users/@me", headers=headers))[:2] == (
                401, {"message": "401: Unauthorized", "code": 0}
            )  # fmt: skip
        assert len(s.discord.record.requests) == sent  # a wrong token costs nothing of the budget
        assert (await s.ask("GET", "/gateway"))[0] == 200

    site(story, world=World(1, guilds=2, bots=2))


def test_tokens_of_users_webhooks_and_interactions_pass_as_they_are(site):
    async def story(s):
        await s.proxy()
        world, guild = s.discord.world, s.discord.world.guild_at(0)
        user, channel = list(world.member_ids(guild))[1], next(iter(guild.channels))
        bearer = s.discord.bearer(user, "identify")
        _, me, _ = await s.ask("GET", "/users/@me", headers={"Authorization": f"Bearer {bearer}"})
        assert me["id"] == str(user)
        _, hook, _ = await s.ask("POST", f"/channels/{channel}/webhooks", json={"name": "hook"})
        path = f"/webhooks/{hook['id']}/{hook['token']}?wait=true"
        status, message, _ = await s.ask("POST", path, json={"content": "hi"}, headers={"Authorization": "Bot x"})
        assert (status, message["webhook_id"]) == (200, hook["id"])
        await s.ask("POST", f"/applications/{world.bot_id}/commands", json={"name": "cat", "description": "x"})
        asked = s.discord.command(user, channel, "cat")
        answer = {"type": 4, "data": {"content": "miau"}}
        assert (await s.ask("POST", f"/interactions/{asked.id}/{asked.token}/callback", json=answer))[0] == 204
        original = f"/webhooks/{world.bot_id}/{asked.token}/messages/@original"
        assert (await s.ask("GET", original))[1]["content"] == "miau"

    site(story)


def test_an_applications_own_credentials_pass_as_they_are(site):
    seen = []

    async def handler(request):
        seen.append(request.headers.get("Authorization"))
        return web.json_response({}, headers={"Via": "1.1 google"})

    async def story(s):
        await s.proxy(discord_url=await s.upstream(handler))
        basic = {"Authorization": "Basic " + base64.b64encode(b"id:secret").decode()}
        await s.ask("POST", "/oauth2/token", data={"grant_type": "client_credentials"}, headers=basic)
        await s.ask("POST", "/oauth2/token", data={"client_id": "1", "client_secret": "x"})
        await s.ask("GET", "/oauth2/@me", headers={"Authorization": "Bearer abc"})
        assert seen == [basic["Authorization"], None, "Bearer abc"]

    site(story)


@pytest.mark.parametrize(
    ("secret", "tokens", "options", "text"),
    [
        ("short", ["t"], {}, "16 or more"), ("with/a/slash/in/it", ["t"], {}, "16 or more"), (SECRET, [], {}, "token"),
        (SECRET, ["a b"], {}, "white space"), (SECRET, ["t"], {"waiting_max": 0}, "waiting_max"),
        (SECRET, ["t"], {"per_s": 0}, "per_s"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said(secret, tokens, options, text):
    with pytest.raises(InvalidUse, match=text):
        RestProxy(secret, tokens, **options)


# -- what nobody may see ---------------------------------------------------------------------------------


def test_nothing_secret_is_logged_or_counted(site, caplog):
    secrets = [SECRET]

    async def story(s):
        proxy = await s.proxy(tokens=list(s.discord.tokens))
        guild = s.discord.world.guild_at(0)
        user, channel = list(s.discord.world.member_ids(guild))[1], next(iter(guild.channels))
        bearer = s.discord.bearer(user, "identify")
        own = {"Authorization": f"Bot {s.discord.settings.token}"}
        _, hook, _ = await s.ask("POST", f"/channels/{channel}/webhooks", json={"name": "hook"}, headers=own)
        await s.ask("POST", f"/webhooks/{hook['id']}/{hook['token']}", json={"content": "x"})
        await s.ask("POST", f"/webhook/{hook['id']}/{hook['token']}", json={"content": "x"}, headers=own)
        await s.ask("GET", "/users/@me", headers={"Authorization": f"Bearer {bearer}"})
        await s.ask("GET", "/users/@me", headers={"Authorization": "Bot a-wrong-t0ken"})
        secrets.extend([*s.discord.tokens, bearer, hook["token"], "a-wrong-t0ken", str(channel), hook["id"]])
        for line in (b"GET /%b/\x00 HTTP/1.1" % SECRET.encode(), b"GET / HTTP/1.1\r\nHost\x00: Bot a-wrong-t0ken"):
            assert b" 400 " in await s.speak(line + b"\r\n\r\n")
        async with s.worker().get("http://proxy/metrics") as answer:
            text = await answer.text() + repr(proxy) + str(proxy)
        assert [secret for secret in secrets if secret in text] == []

    with caplog.at_level(logging.DEBUG):
        site(story, world=World(1, guilds=2, bots=2), settings=Settings())
    assert [secret for secret in secrets if secret in caplog.text] == []


def test_bytes_that_are_no_text_are_refused_and_not_sent_on(site):
    async def story(s):
        await s.proxy()
        head = f"GET /{SECRET}/v10/users".encode()
        for text in (b"/@me HTTP/1.1\r\nHost: x\r\nX-Audit-Log-Reason: caf\xe9", b"/caf\xe9 HTTP/1.1\r\nHost: x"):
            assert b" 400 " in await s.speak(head + text + b"\r\n\r\n")

    assert not site(story).record.requests
