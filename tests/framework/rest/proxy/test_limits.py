"""One limiter for all workers, in virtual time: waiting, hanging up, crowds, bans, lost answers, restarts."""

from __future__ import annotations

import asyncio
import re
from collections import Counter

import aiohttp
import pytest

from discord_sim import Law, Settings, World
from discord_sim.faults import RestFault
from framework.rest.core.route import Route
from framework.rest.errors import InvalidBudgetSpent
from framework.rest.proxy.answers import failed

ONE_IN_TEN_S = Settings(laws={"create_message": Law(1, 10_000)})


def channel_of(site, guild=0):
    return next(iter(site.discord.world.guild_at(guild).channels))


def post(site, content, channel=None):
    path = f"/channels/{channel or channel_of(site)}/messages"
    return asyncio.create_task(site.ask("POST", path, json={"content": content}))


def times_of(discord, route="create_message"):
    return [seen.t_ms for seen in discord.record.requests if seen.route == route and seen.status == 200]


def test_workers_on_many_machines_share_one_bucket_and_one_second(site):
    async def story(s):
        await s.proxy()
        answers = []

        async def worker(number):
            guild = s.discord.world.guild_at(number % 3)
            async with aiohttp.ClientSession() as session:

                async def ask(method, path, **options):
                    async with session.request(method, s.url + path, **options) as answer:
                        answers.append(answer.status)

                calls = [ask("GET", f"/guilds/{guild.id}") for _ in range(30)]
                posts = [
                    ask("POST", f"/channels/{channel_of(s, number % 3)}/messages", json={"content": "x"})
                    for _ in range(4)
                ]
                await asyncio.gather(*calls, *posts)

        await asyncio.gather(*(s.sim.spawn(f"worker{n}", lambda n=n: worker(n)) for n in range(8)))
        assert Counter(answers) == {200: 8 * 34}

    record = site(story).record
    assert Counter(seen.status for seen in record.requests) == {200: 8 * 34}
    assert len({seen.ip for seen in record.requests}) == 1
    assert record.requests[-1].t_ms < 13_000  # 12 messages in a channel take 7 s, 272 requests 5.4 s


def test_deleting_messages_of_three_ages_keeps_three_buckets_apart(site):
    async def story(s):
        await s.proxy()
        now_ms = s.discord.clock.epoch_ms
        ages_ms = (0, 60_000, 20 * 86_400_000)
        ids = [(now_ms - age_ms - 1_420_070_400_000 << 22) + n for n in range(20) for age_ms in ages_ms]
        path = f"/channels/{channel_of(s)}/messages"
        answers = await asyncio.gather(*(s.ask("DELETE", f"{path}/{message_id}") for message_id in ids))
        assert {status for status, _, _ in answers} == {404}  # nobody has posted them; the limits are the same
        labels = [name for name in await s.metrics() if "DELETE" in name and "_total" in name]
        assert {re.search(r"message_id}( \(\w+\))?", name)[1] for name in labels} == {" (new)", None, " (old)"}

    record = site(story).record
    assert Counter(seen.status for seen in record.requests) == {404: 60}


def test_who_hangs_up_leaves_its_place_to_the_next(site):
    async def story(s):
        await s.proxy()
        calls = [post(s, str(n)) for n in range(4)]
        await asyncio.sleep(5)
        for hung_up in calls[1:3]:
            hung_up.cancel()
        assert (await calls[3])[0] == 200
        assert (await s.metrics())["rest_proxy_calls"] == 0
        assert (await s.metrics())['rest_proxy_waiting_for_bucket{bot="0"}'] == 0

    discord = site(story, settings=ONE_IN_TEN_S)
    first, second = times_of(discord)
    assert 10_000 <= second - first < 10_100
    messages = discord.world.messages(next(iter(discord.world.guild_at(0).channels)), 10)
    assert {message.content for message in messages} >= {"0", "3"}
    assert not {message.content for message in messages} & {"1", "2"}


def test_more_calls_than_may_wait_are_told_to_come_back(site):
    async def story(s):
        await s.proxy(waiting_max=3)
        calls = [post(s, str(n)) for n in range(3)]
        await asyncio.sleep(0.5)
        status, body, headers = await post(s, "too many")
        assert (status, headers["Retry-After"], body["code"], body["retry_after"]) == (503, "1", 0, 1.0)
        assert "3 calls wait already" in body["message"]
        assert [(await call)[0] for call in calls] == [200] * 3
        assert (await post(s, "again"))[0] == 200

    assert len(times_of(site(story, settings=ONE_IN_TEN_S))) == 4


def test_a_ban_is_said_and_waited_out(site):
    async def story(s):
        await s.proxy()
        s.discord.ban_ip(s.sim.network.ip_of("proxy"), 600)
        for _ in range(3):
            status, body, headers = await s.ask("GET", "/users/@me")
            assert (status, body["code"]) == (503, 0)
            assert "Cloudflare" in body["message"]
            assert 590 <= int(headers["Retry-After"]) <= 600
        async with s.worker().get("http://proxy/readyz") as answer:
            assert (answer.status, 590 <= int(answer.headers["Retry-After"]) <= 600) == (503, True)
        assert (await s.metrics())["rest_proxy_banned_seconds"] > 590
        assert (await s.metrics())['rest_proxy_429s_total{scope="cloudflare"}'] == 1
        await asyncio.sleep(600)
        assert (await s.ask("GET", "/users/@me"))[0] == 200
        async with s.worker().get("http://proxy/readyz") as answer:
            assert answer.status == 200

    record = site(story).record
    assert [seen.status for seen in record.requests] == [429, 200]  # nobody asked while it lasted


def test_a_spent_budget_of_invalid_requests_is_said():
    error = InvalidBudgetSpent(Route.of("GET", "/gateway"), 61_000, 1_500)
    answer = failed(error, 1_500)
    assert (answer.status, answer.headers["Retry-After"]) == (503, "60")
    assert b'"code": 0' in answer.body


def test_an_answer_that_was_lost_is_said_to_be_unknown(site):
    async def story(s):
        await s.proxy()
        s.discord.rest_fault(RestFault("create_guild_role", 1, "reset_after"))
        guild = s.discord.world.guild_at(0)
        before = len(guild.roles)
        status, body, _ = await s.ask("POST", f"/guilds/{guild.id}/roles", json={"name": "once"})
        assert (status, body["code"]) == (504, 0)
        assert "may have been carried out" in body["message"]
        assert len(guild.roles) == before + 1

    site(story)


def test_a_message_with_an_enforced_nonce_is_sent_again_when_its_answer_is_lost(site):
    async def story(s):
        await s.proxy()
        s.discord.rest_fault(RestFault("create_message", 1, "reset_after"))
        sent = {"content": "once", "nonce": "7", "enforce_nonce": True}
        status, body, _ = await s.ask("POST", f"/channels/{channel_of(s)}/messages", json=sent)
        assert (status, body["content"]) == (200, "once")
        assert [m.content for m in s.discord.world.messages(channel_of(s), 10)].count("once") == 1

    site(story)


def test_a_token_that_discord_refuses_is_not_tried_again(site):
    async def story(s):
        await s.proxy(tokens=["wrong"])
        for _ in range(3):
            assert (await s.ask("GET", "/users/@me"))[:2] == (401, {"message": "401: Unauthorized", "code": 0})

    assert len(site(story).record.requests) == 1


# -- restarts --------------------------------------------------------------------------------------------


class Crowd:
    """Workers that post numbered messages into many channels and repeat what they were told did not happen."""

    def __init__(self, site, channels):
        self._site, self._channels = site, channels
        self.outcomes = Counter()
        self.told = {}  # content: what the worker was told, one entry a try
        self.stopped = False

    async def run(self, workers=8, callers=5):
        tasks = [
            self._site.sim.spawn(f"worker{worker}", lambda worker=worker, caller=caller: self._call(worker, caller))
            for worker in range(workers)
            for caller in range(callers)
        ]
        await asyncio.gather(*tasks)

    async def _call(self, worker, caller):
        number = 0
        async with aiohttp.ClientSession() as session:
            while not self.stopped:
                content = f"{worker}-{caller}-{number}"
                channel = self._channels[(worker + caller + number) % len(self._channels)]
                number += 1
                while True:
                    outcome = await self._try(session, channel, content)
                    self.outcomes[outcome] += 1
                    self.told.setdefault(content, []).append(outcome)
                    if outcome == 200:
                        break
                    await asyncio.sleep(1)

    async def _try(self, session, channel, content):
        try:
            async with session.post(
                f"{self._site.url}/channels/{channel}/messages", json={"content": content}
            ) as answer:
                await answer.read()
                return answer.status
        except aiohttp.ClientConnectorError:
            return "nobody there"
        except aiohttp.ClientError:
            return "cut off"


GUILDS = 40


def posted(discord):
    """How often each message is there."""
    return Counter(
        message.content for index in range(GUILDS) for channel in discord.world.guild_at(index).channels
        for message in discord.world.messages(channel, 1_000)
    )  # fmt: skip


def restart(site, how):
    crowds = []

    async def story(s):
        first = await s.proxy()
        crowd = Crowd(s, [channel_of(s, guild) for guild in range(GUILDS)])
        crowds.append(crowd)
        flood = asyncio.create_task(crowd.run())
        await asyncio.sleep(20)
        seen = len(s.discord.record.requests)
        while len(s.discord.record.requests) == seen:
            await asyncio.sleep(0.001)
        await how(s, first)  # while an answer is on its way
        await s.proxy()
        await asyncio.sleep(20)
        crowd.stopped = True
        await flood

    return site(story, world=World(1, guilds=GUILDS)), crowds[0]


def check(discord, crowd):
    """Each call ended, and the worker knows how."""
    there = posted(discord)
    for content, told in crowd.told.items():
        assert told[-1] == 200
        unknown = told.count("cut off") + told.count(504)
        assert 1 <= there[content] <= 1 + unknown, (content, told, there[content])
    limited = [seen.scope for seen in discord.record.requests if seen.status == 429]
    assert "global" not in limited
    assert len(limited) <= GUILDS  # at most the probe of each bucket, which the one before had filled
    assert len(crowd.told) > 1_500


def test_a_killed_proxy_leaves_nobody_waiting_and_starts_again_without_a_storm(site):
    async def kill(s, proxy):
        await s.kill(proxy)

    discord, crowd = restart(site, kill)
    check(discord, crowd)
    assert crowd.outcomes["cut off"] > 0


@pytest.mark.parametrize("drain_s", [0, 10])
def test_a_proxy_that_leaves_in_order_answers_everybody_first(site, drain_s):
    async def leave(s, proxy):
        await proxy.stop(drain_s)

    discord, crowd = restart(site, leave)
    check(discord, crowd)
    assert set(crowd.outcomes) <= {200, 503, 504, "nobody there"}
    assert crowd.outcomes[503] > 0
    assert (crowd.outcomes[504] == 0) == (drain_s > 0)


def test_while_it_drains_it_is_not_ready_and_takes_nothing_new(site):
    async def story(s):
        proxy = await s.proxy()
        calls = [post(s, str(n)) for n in range(3)]
        await asyncio.sleep(5)
        leaving = asyncio.create_task(proxy.stop(drain_s=15))
        await asyncio.sleep(1)
        async with s.worker().get("http://proxy/readyz") as answer:
            assert answer.status == 503
        async with s.worker().get("http://proxy/healthz") as answer:
            assert answer.status == 200
        status, body, _ = await post(s, "late")
        assert (status, body["code"]) == (503, 0)
        assert "not carried out" in body["message"]
        await leaving
        assert [(await call)[0] for call in calls] == [200, 200, 503]  # the third would have left after 21 s

    assert len(times_of(site(story, settings=ONE_IN_TEN_S))) == 2
