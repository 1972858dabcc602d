"""discord.py and hikari, as they are, under the same oracles. What they fail is asserted, so that it is not hidden; a
version that mends it fails this test.
"""

import pytest

from benchmarks.limiters import PEERS, Framework
from discord_sim.testing import Ban, Calls, Law, Network, Outage, Story, judge, play

PUT, DELETE = "add_guild_member_role", "delete_guild_member_role"
STORIES = {
    "a sliding bucket": Story(
        (Calls("create_message", times=30),), {"create_message": Law(5, 1_000)}, network=Network(50, 5)
    ),
    "a fixed bucket": Story(
        (Calls("get_user", times=30),), {"get_user": Law(5, 1_000, True)}, network=Network(50, 5)
    ),
    "two routes that share a bucket": Story((Calls(PUT, times=8), Calls(DELETE, times=8, at_ms=100))),
    "two hundred calls at once": Story((Calls("get_user", times=200),), network=Network(20, 5)),
    "a hidden limit": Story((Calls("update_channel", times=4, every_ms=10),)),
    "a webhook that is gone": Story((Calls("execute_webhook", times=3, every_ms=300),)),
    "a Cloudflare ban": Story((Calls("create_message", times=5, every_ms=420),), hiccups=(Ban(5_000),)),
    "an outage": Story((Calls("get_guild_member", times=8),), hiccups=(Outage(5_000),)),
    "callers who lose patience": Story(
        (
            Calls("create_message", times=7, at_ms=790, cancel_after_ms=1_253),
            Calls("create_message", times=4, at_ms=2_990),
        ),
        network=Network(2),
    ),
}  # fmt: skip
FAILS = {
    ("discord.py", "a sliding bucket"): {"R1", "R7"},  # takes it for a fixed one: 45 answers of 429 for 30 messages
    ("discord.py", "two hundred calls at once"): {"R3", "R7"},  # the global limit is learned from its 429s
    ("discord.py", "a webhook that is gone"): {"R8"},
    ("discord.py", "a Cloudflare ban"): {"R6"},
    ("discord.py", "callers who lose patience"): {"R9"},
    ("hikari", "two routes that share a bucket"): {"R1", "R4", "R7"},
    ("hikari", "a hidden limit"): {"R14"},  # longer than 300 s: it gives up
    ("hikari", "a webhook that is gone"): {"R8"},
    ("hikari", "a Cloudflare ban"): {"R6"},
    ("hikari", "callers who lose patience"): {"R9", "R10", "R14"},  # the calls after them wait for ever
}


def failing(story, client):
    return {violation.name for violation in judge(play(story, client)) if not violation.strict}


@pytest.mark.parametrize("story", STORIES)
def test_the_framework_fails_none(story):
    assert failing(STORIES[story], Framework) == set()


@pytest.mark.parametrize("story", STORIES)
@pytest.mark.parametrize("peer", PEERS)
def test_what_the_libraries_fail(peer, story):
    assert failing(STORIES[story], PEERS[peer]) == FAILS.get((peer, story), set())
