"""What Prometheus is told."""

from __future__ import annotations

import asyncio
import re

from prometheus_client.parser import text_string_to_metric_families

from discord_sim import Law, Settings


def test_answers_waits_limits_and_queues_are_counted(site):
    async def story(s):
        await s.proxy()
        channel = next(iter(s.discord.world.guild_at(0).channels))
        s.discord.force_429("get_channel", "shared", retry_after_s=2)
        s.discord.force_429("get_guild", "user", retry_after_s=1)
        s.discord.force_429("get_my_user", "global", retry_after_s=1)
        for path in (f"/channels/{channel}", f"/guilds/{s.discord.world.guild_at(0).id}", "/users/@me"):
            assert (await s.ask("GET", path))[0] == 200
        await s.ask("GET", "/channels/1")
        posts = [
            asyncio.create_task(s.ask("POST", f"/channels/{channel}/messages", json={"content": str(n)}))
            for n in range(3)
        ]
        await asyncio.sleep(5)
        seen = await s.metrics()
        await asyncio.gather(*posts)
        answers = {
            tuple(re.findall(r'"(.*?)"', name)): value
            for name, value in seen.items()
            if name.startswith("rest_proxy_answers_total")
        }
        assert answers == {
            ("GET", "/channels/{channel_id}", "200"): 1, ("GET", "/channels/{channel_id}", "404"): 1,
            ("GET", "/guilds/{guild_id}", "200"): 1, ("GET", "/users/@me", "200"): 1,
            ("POST", "/channels/{channel_id}/messages", "200"): 1,
        }  # fmt: skip
        assert {scope: seen[f'rest_proxy_429s_total{{scope="{scope}"}}'] for scope in ("shared", "user", "global")} == {
            "shared": 1, "user": 1, "global": 1,
        }  # fmt: skip
        assert seen["rest_proxy_invalid_requests"] == 2  # a shared one does not count
        assert seen["rest_proxy_invalid_requests_max"] == 10_000
        assert seen["rest_proxy_calls"] == seen['rest_proxy_waiting_for_bucket{bot="0"}'] == 2
        assert seen["rest_proxy_wait_seconds_count"] == 8  # five calls, three of them twice
        after = await s.metrics()
        assert after["rest_proxy_wait_seconds_sum"] - seen["rest_proxy_wait_seconds_sum"] > 25  # 10 s and 20 s
        assert after["rest_proxy_calls"] == 0

    site(story, settings=Settings(laws={"create_message": Law(1, 10_000)}))


def test_queues_at_the_global_limit_are_counted_by_bot(site):
    async def story(s):
        await s.proxy(per_s=2)
        guilds = [s.discord.world.guild_at(n).id for n in range(3)]
        calls = [asyncio.create_task(s.ask("GET", f"/guilds/{guild}")) for guild in guilds]
        await asyncio.sleep(1.6)
        assert (await s.metrics())['rest_proxy_waiting_for_turn{bot="0"}'] == 1
        await asyncio.gather(*calls)

    site(story)


def test_the_page_is_what_prometheus_reads(site):
    async def story(s):
        await s.proxy()
        await s.ask("GET", "/nonsense/12345")
        async with s.worker().get("http://proxy/metrics") as answer:
            assert answer.headers["Content-Type"].startswith("text/plain; version=")
            families = {family.name: family for family in text_string_to_metric_families(await answer.text())}
        assert families["rest_proxy_answers"].samples[0].labels == {
            "method": "GET", "route": "/nonsense/{nonsense_id}", "status": "404",
        }  # fmt: skip
        assert {name for name in families if not name.startswith("rest_proxy_")} == set()

    site(story)
