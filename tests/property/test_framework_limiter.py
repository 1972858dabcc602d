"""The framework's REST manager under every oracle. At the end are stories that found something."""

import os
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from benchmarks.limiters import Framework
from discord_sim.testing import (
    Ban,
    Break,
    Calls,
    Deny,
    Law,
    Network,
    Outage,
    Refuse,
    Rotate,
    Story,
    check,
    compare,
    play,
)
from discord_sim.testing.machine import limiter_machine
from discord_sim.testing.strategies import stories

EXAMPLES = int(os.environ.get("LIMITER_EXAMPLES", "40"))  # for a long search; random then

TRIED = settings(
    max_examples=EXAMPLES, deadline=None, derandomize="LIMITER_EXAMPLES" not in os.environ, database=None,
    suppress_health_check=list(HealthCheck), stateful_step_count=20, phases=[Phase.explicit, Phase.generate],
)  # fmt: skip


@TRIED
@given(stories())
def test_whatever_goes_wrong_no_oracle_complains(story):
    check(play(story, Framework))


@TRIED
@given(stories(hiccups=st.nothing(), closes=False))
def test_where_nothing_goes_wrong_neither(story):
    check(play(story, Framework))


@settings(TRIED, max_examples=EXAMPLES // 4)
@given(stories(hiccups=st.nothing(), jitter=False, closes=False), st.sampled_from([-600_000, 600_000]))
def test_the_wall_clock_does_not_matter(story, skew_ms):
    """R12: Discord's clock is ten minutes ahead or behind."""
    assert compare(play(story, Framework), play(replace(story, skew_ms=skew_ms), Framework)) == []


Machine = limiter_machine(Framework)
TestMachine = Machine.TestCase
TestMachine.settings = TRIED


PUT, DELETE = "add_guild_member_role", "delete_guild_member_role"
MENDED = {
    "a probe's 429 taught slots that were too short, and five in flight were booked in them": Story(
        (Calls("get_user", 1, times=11, at_ms=1750, every_ms=390),), {"get_user": Law(6, 5_000, True)},
        Network(15, 1), (Outage(5_000, at_ms=1520),), seed=18,
    ),
    "a queue was served once more before its route was known to share a bucket": Story(
        (
            Calls(PUT, times=8, at_ms=710, every_ms=310),
            Calls("get_guild_member", at_ms=2270, every_ms=360, cancel_after_ms=400),
            Calls(DELETE, times=5, at_ms=2900, every_ms=160),
        ),
        network=Network(144, 28), at_once=8, seed=943,
    ),
    "a call refused by a hidden limit lost its place, again and again": Story(
        (Calls("update_channel", 2, times=30, at_ms=1310, every_ms=450),), network=Network(116, 7), at_once=6, seed=966
    ),
    "a window was taken for as short as the last Reset-After": Story(
        (Calls(PUT, 1, times=10, at_ms=800),), {PUT: Law(4, 250, True)}, Network(66, 1), at_once=6, seed=59
    ),
    "the answer to a request that came too early was booked in the next window": Story(
        (
            Calls("get_user", times=12, at_ms=2430, cancel_after_ms=111),
            Calls("get_user", 1, times=6, at_ms=1780, every_ms=350),
        ),
        {"get_user": Law(2, 10_000, True)}, Network(99, 15), seed=1000,
    ),
    "the first answer told of a bucket that another request had half filled": Story(
        (Calls("create_message", cancel_after_ms=303), Calls("create_message", times=8)),
        {"create_message": Law(7, 5_000)}, Network(103),
    ),
    "a webhook that had answered 404 was called again": Story((Calls("execute_webhook", times=4, every_ms=300),)),
    "requests on their way may have opened the next window": Story(
        (Calls("get_user", times=12, at_ms=2260),), {"get_user": Law(7, 500, True)}, Network(121, 30),
        (Break("get_user", "reset_after", times=2, at_ms=1270), Rotate(at_ms=890)), at_once=5, seed=324,
    ),
    "aiohttp sent a request again by itself": Story(
        (Calls(DELETE, 2, times=12, at_ms=1250, every_ms=340),), {PUT: Law(5, 2_000)}, Network(186, 44),
        (Break(DELETE, "reset_after", times=2, at_ms=2850), Break(PUT, "reset", times=2, at_ms=2340)), seed=233,
    ),
    "what Cloudflare refused was booked as spent": Story(
        (Calls("get_guild_member", times=8, at_ms=1580),), {"get_guild_member": Law(2, 5_000, True)}, Network(71, 6),
        (Ban(3_000, at_ms=1710),),
    ),
    "answers out of order counted a request twice": Story(
        (Calls("get_guild_member", times=19), Calls(PUT, 1, times=9)), network=Network(4, 1), at_once=4
    ),
    "denied requests count too": Story(
        (Calls(DELETE, 2, times=12, at_ms=560),), network=Network(138, 5),
        hiccups=(Deny(2, at_ms=1800), Refuse("create_message", "user", 3_100, times=3, at_ms=990)), at_once=2, seed=257,
    ),
    "an outage left a fixed bucket, taken for sliding, at one request for each window": Story(
        (
            Calls("get_guild_member", times=7, at_ms=1480, every_ms=460),
            Calls("get_guild_member", 2, times=11, at_ms=440, every_ms=250),
        ),
        {"get_guild_member": Law(3, 5_000, True)}, Network(195), (Outage(4_100, at_ms=2190), Outage(3_700, at_ms=2070)),
        at_once=5, seed=604,
    ),
    "a bucket told to be slow by a refusal stayed slow": Story(
        (
            Calls("create_message", times=9, at_ms=1390, every_ms=420),
            Calls("create_message", times=3, at_ms=1890, every_ms=80, cancel_after_ms=806),
        ),
        {"create_message": Law(6, 1_000)}, Network(63, 14), (Refuse("create_message", "user", 4_800, at_ms=420),),
        seed=519,
    ),
    "a request that came a moment early took the slot it had been refused": Story(
        (Calls(PUT, times=5, at_ms=1170, every_ms=490),), {PUT: Law(1, 5_000, True)}, Network(73, 17), seed=8
    ),
}  # fmt: skip


@pytest.mark.parametrize("story", MENDED.values(), ids=MENDED)
def test_mended(story):
    check(play(story, Framework))
