"""REST as a client meets it: statuses, bodies, headers."""

import asyncio
import json

import aiohttp
import pytest

from discord_sim import Law, Link, Settings, Simulation, World, start_discord
from discord_sim.edge import FakeDiscord

API = "https://discord.com/api/v10"


def with_api(program, *, world=None, settings=None):
    """Run `program(call, fake)` against a fake in virtual time; `call(method, path)` gives status, headers, body."""
    with Simulation(1) as sim:
        sim.network.default_link = Link()  # exact times

        async def main():
            fake = await start_discord(sim, world or World(1, guilds=3), settings or Settings())

            async def client():
                async with aiohttp.ClientSession() as session:

                    async def call(method, path, *, token=fake.settings.token, base=API, **options):
                        headers = {"User-Agent": "DiscordBot (test, 1)", **options.pop("headers", {})}
                        if token:
                            headers["Authorization"] = f"Bot {token}"
                        async with session.request(method, base + path, headers=headers, **options) as response:
                            text = await response.text()
                            is_json = response.headers.get("Content-Type") == "application/json"
                            return response.status, response.headers, json.loads(text) if is_json else text

                    return await program(call, fake)

            return await sim.spawn("bot", client)

        return sim.run(main())


def channel_of(fake):
    return next(iter(fake.world.guild_at(0).channels))


def test_a_message_is_posted_and_its_bucket_is_told():
    async def program(call, fake):
        path = f"/channels/{channel_of(fake)}/messages"
        return [await call("POST", path, json={"content": f"m{n}"}) for n in range(6)]

    answers = with_api(program)
    assert [status for status, _, _ in answers] == [200] * 5 + [429]
    assert [h["X-RateLimit-Remaining"] for _, h, _ in answers] == ["4", "3", "2", "1", "0", "0"]
    assert [h["X-RateLimit-Reset-After"] for _, h, _ in answers[:5]] == ["1.000", "2.000", "3.000", "4.000", "5.000"]
    _, headers, body = answers[5]
    assert body == {"message": "You are being rate limited.", "retry_after": 1.0, "global": False}
    assert (headers["Retry-After"], headers["X-RateLimit-Scope"]) == ("1", "user")
    assert all("X-RateLimit-Scope" not in h for _, h, _ in answers[:5])
    assert all(h["Via"] == "1.1 google" for _, h, _ in answers)
    assert len(answers[0][1]["X-RateLimit-Bucket"]) == 32
    assert answers[0][2]["author"]["bot"] is True


def test_paths_work_with_and_without_api_and_version():
    async def program(call, fake):
        bases = (
            "https://discord.com/api/v10",
            "https://discord.com/api/v9",
            "https://discord.com/api",
            "https://discord.com/v10",
        )
        return [(await call("GET", "/users/@me", base=base))[0] for base in bases]

    assert with_api(program) == [200] * 4


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nothing/here", 404, 0),
        ("PUT", "/gateway/bot", 405, 0),
        ("GET", "/guilds/1", 404, 10004),
        ("GET", "/guilds/x", 400, 50035),
        ("GET", "/channels/1", 404, 10003),
        ("GET", "/channels/{channel}/messages/1", 404, 10008),
        ("PUT", "/guilds/{guild}/bans/1", 404, 10013),
        ("DELETE", "/guilds/{guild}/bans/1", 404, 10026),
        ("GET", "/guilds/{guild}/members/1", 404, 10013),
        ("POST", "/channels/{channel}/messages", 400, 50006),
    ],
)
def test_errors_have_their_status_and_code(method, path, status, code):
    async def program(call, fake):
        path_ = path.format(guild=fake.world.guild_at(0).id, channel=channel_of(fake))
        return await call(method, path_, **({"json": {}} if method == "POST" else {}))

    got, _, body = with_api(program)
    assert (got, body["code"]) == (status, code)


def test_a_wrong_token_is_401_and_counts_as_invalid():
    async def program(call, fake):
        answers = [await call("GET", "/users/@me", token=t) for t in ("wrong", None)]
        return answers, fake.record.counts()["invalid_requests"]

    answers, invalid = with_api(program)
    assert [(s, b) for s, _, b in answers] == [(401, {"message": "401: Unauthorized", "code": 0})] * 2
    assert invalid == 2


def test_a_guild_that_denies_the_bot_is_403_and_counts_as_invalid():
    async def program(call, fake):
        guild = fake.world.guild_at(0)
        fake.world.denied.add(guild.id)
        answers = [
            await call("GET", f"/guilds/{guild.id}"),
            await call("PUT", f"/guilds/{guild.id}/bans/{guild.owner_id}"),
        ]
        return [(s, b["code"]) for s, _, b in answers], fake.record.counts()["invalid_requests"]

    assert with_api(program) == ([(403, 50001), (403, 50013)], 2)


def test_broken_and_too_long_bodies_are_told_field_by_field():
    async def program(call, fake):
        path = f"/channels/{channel_of(fake)}/messages"
        broken = await call("POST", path, data=b"{", headers={"Content-Type": "application/json"})
        long = await call("POST", path, json={"content": "x" * 2_001})
        listy = await call("POST", path, json=[1])
        return broken, long, listy

    broken, long, listy = with_api(program)
    assert (broken[0], broken[2]["code"]) == (400, 50109)
    assert long[2]["errors"]["content"]["_errors"][0]["code"] == "BASE_TYPE_MAX_LENGTH"
    assert (listy[0], listy[2]["code"]) == (400, 50035)


def test_the_global_limit_has_its_own_form():
    async def program(call, fake):
        answers = await asyncio.gather(*(call("GET", "/users/@me") for _ in range(51)))
        await asyncio.sleep(1.0)
        return answers, (await call("GET", "/users/@me"))[0]

    answers, later = with_api(program)
    limited = [a for a in answers if a[0] == 429]
    assert len(limited) == 1
    _, headers, body = limited[0]
    assert body["global"] is True
    assert 0 < body["retry_after"] <= 1
    assert (headers["X-RateLimit-Global"], headers["X-RateLimit-Scope"], headers["Retry-After"]) == (
        "true",
        "global",
        "1",
    )
    assert "X-RateLimit-Bucket" not in headers
    assert later == 200


def test_too_many_invalid_requests_close_the_edge_for_an_hour_but_not_the_gateway():
    async def program(call, fake):
        for _ in range(10):
            await call("GET", "/users/@me", token="wrong")
        banned = await call("GET", "/users/@me")
        free = await call("GET", "/gateway", token=None)
        await asyncio.sleep(3_599)
        still = await call("GET", "/users/@me")
        await asyncio.sleep(1)
        after = await call("GET", "/users/@me")
        return banned, free[0], still[0], after[0]

    banned, free, still, after = with_api(program, settings=Settings(invalid_requests_limit=10))
    status, headers, body = banned
    assert (status, body, headers["Retry-After"]) == (429, "error code: 1015", "3600")
    assert headers["Content-Type"].startswith("text/plain")
    assert not any(name.startswith("X-RateLimit") for name in headers)
    assert "Via" not in headers
    assert (free, still, after) == (429, 429, 200)


def test_a_ban_removes_the_member_and_keeps_the_reason():
    async def program(call, fake):
        guild = fake.world.guild_at(0)
        victim = (await call("GET", f"/guilds/{guild.id}/members?limit=3"))[2][2]["user"]["id"]
        path = f"/guilds/{guild.id}/bans/{victim}"
        done = await call("PUT", path, headers={"X-Audit-Log-Reason": "too%20loud"})
        ban = (await call("GET", path))[2]
        member = await call("GET", f"/guilds/{guild.id}/members/{victim}")
        lifted = await call("DELETE", path)
        return done[0], ban["reason"], member[2]["code"], lifted[0], [e.type for e in fake.record.events]

    assert with_api(program) == (
        204, "too loud", 10007, 204,
        ["GUILD_BAN_ADD", "GUILD_MEMBER_REMOVE", "GUILD_AUDIT_LOG_ENTRY_CREATE", "GUILD_BAN_REMOVE",
         "GUILD_AUDIT_LOG_ENTRY_CREATE"],
    )  # fmt: skip


def test_messages_roles_members_and_guilds_can_be_changed():
    async def program(call, fake):
        guild, channel = fake.world.guild_at(0), channel_of(fake)
        message = (await call("POST", f"/channels/{channel}/messages", json={"content": "one"}))[2]
        path = f"/channels/{channel}/messages/{message['id']}"
        edited = (await call("PATCH", path, json={"content": "two"}))[2]
        await call("PUT", f"{path}/reactions/%F0%9F%94%A5/@me")
        role = (await call("POST", f"/guilds/{guild.id}/roles", json={"name": "helper"}))[2]
        user = (await call("GET", f"/guilds/{guild.id}/members?limit=2"))[2][1]["user"]["id"]  # the first is the owner
        await call("PUT", f"/guilds/{guild.id}/members/{user}/roles/{role['id']}")
        member = (await call("PATCH", f"/guilds/{guild.id}/members/{user}", json={"nick": "nick"}))[2]
        renamed = (await call("PATCH", f"/guilds/{guild.id}", json={"name": "new name"}))[2]
        gone = (await call("DELETE", path))[0]
        return edited["content"], edited["edited_timestamp"], member, role["id"], renamed["name"], gone

    content, edited_at, member, role, name, gone = with_api(program)
    assert (content, name, gone) == ("two", "new name", 204)
    assert edited_at.endswith("+00:00")
    assert (member["nick"], member["roles"]) == ("nick", [role])


def test_renaming_a_channel_has_a_limit_no_header_names():
    async def program(call, fake):
        path = f"/channels/{channel_of(fake)}"
        renamed = [await call("PATCH", path, json={"name": f"n{n}"}) for n in range(3)]
        other = await call("PATCH", path, json={"nsfw": True})
        topic = await call("PATCH", path, json={"topic": "still free"})
        await asyncio.sleep(600)
        return renamed, other[0], topic[0], (await call("PATCH", path, json={"name": "again"}))[0]

    renamed, other, topic, later = with_api(program)
    assert [status for status, _, _ in renamed] == [200, 200, 429]
    _, headers, body = renamed[2]
    assert int(headers["X-RateLimit-Remaining"]) > 0
    assert float(headers["X-RateLimit-Reset-After"]) < body["retry_after"] == pytest.approx(600, abs=1)
    assert headers["X-RateLimit-Scope"] == "user"
    assert (other, topic, later) == (200, 200, 200)


def test_the_scope_can_be_told_on_success_too():
    async def program(call, fake):
        return (await call("GET", "/users/@me"))[1].get("X-RateLimit-Scope")

    assert with_api(program) is None
    assert with_api(program, settings=Settings(scope_on_success=True)) == "user"


def test_limits_can_be_overridden_per_route():
    async def program(call, fake):
        return [(await call("GET", "/users/@me"))[0] for _ in range(3)]

    assert with_api(program, settings=Settings(laws={"get_my_user": Law(2, 10_000, fixed=True)})) == [200, 200, 429]


def test_the_same_server_answers_on_real_sockets():
    async def main():
        fake = FakeDiscord(World(1, guilds=2), Settings())
        port = await fake.start()
        try:
            headers = {"Authorization": f"Bot {fake.settings.token}"}
            url = f"http://127.0.0.1:{port}/api/v10/gateway/bot"
            async with aiohttp.ClientSession(headers=headers) as session, session.get(url) as response:
                return response.status, response.headers["Content-Type"], await response.json()
        finally:
            await fake.stop()

    status, content_type, body = asyncio.run(main())
    assert (status, content_type) == (200, "application/json")
    assert body["session_start_limit"]["total"] == body["session_start_limit"]["remaining"] == 1_000
