"""Every oracle bites: a client with one fault planted is caught by the oracle that is meant for it."""

import asyncio
import time
from dataclasses import replace

import aiohttp
import pytest

from discord_sim.testing import (
    Ban,
    Break,
    Calls,
    Law,
    Network,
    Outage,
    Refuse,
    Revoke,
    Rotate,
    Story,
    check,
    compare,
    judge,
    play,
)

API = "https://discord.com/api/v10"


class Failed(Exception):
    pass


class Reckless:
    """Sends everything at once and waits for nothing; what it gets is the result."""

    async def start(self, token):
        headers = {"Authorization": f"Bot {token}", "User-Agent": "DiscordBot (planted, 1)"}
        self.session = aiohttp.ClientSession(headers=headers)

    async def send(self, call):
        async with self.session.request(call.method, API + call.path, json=call.json) as answer:
            return answer.status, answer.headers, await answer.read()

    async def call(self, call):
        status, _, _ = await self.send(call)
        if status >= 400:
            raise Failed(status)

    async def close(self):
        await self.session.close()


class Patient(Reckless):
    """Retries what is refused or broken, `pause` seconds later."""

    pause, tries = 1.0, 5

    async def call(self, call):
        for _ in range(self.tries):
            try:
                status, _, _ = await self.send(call)
            except aiohttp.ClientError:
                status = 0
            if 0 < status < 429:
                return
            await asyncio.sleep(self.pause)
        raise Failed(status)


class Impatient(Patient):
    pause = 0.2


class Relentless(Patient):
    pause, tries = 0.5, 30


class Sleepy(Reckless):
    async def call(self, call):
        await asyncio.sleep(5)
        await super().call(call)


class OneLane(Reckless):
    """Waits out a 429 with every other call behind it."""

    async def start(self, token):
        await super().start(token)
        self.lane = asyncio.Lock()

    async def call(self, call):
        async with self.lane:
            while (sent := await self.send(call))[0] == 429:
                await asyncio.sleep(int(sent[1]["Retry-After"]))
            if sent[0] >= 400:
                raise Failed(sent[0])


class LastInFirstOut(Reckless):
    async def call(self, call):
        await asyncio.sleep(0.5 / (1 + call.number))
        await super().call(call)


class Optimist(Reckless):
    async def call(self, call):
        await self.send(call)


class Lost(Reckless):
    async def call(self, call):
        await asyncio.Event().wait()


class Untidy(Reckless):
    async def close(self):
        await super().close()
        self.left = asyncio.ensure_future(asyncio.sleep(1e6))


class WallClock(Reckless):
    """Waits until `X-RateLimit-Reset` by its own clock."""

    async def start(self, token):
        await super().start(token)
        self.lane, self.free_at_s = asyncio.Lock(), 0.0

    async def call(self, call):
        async with self.lane:
            await asyncio.sleep(max(0.0, self.free_at_s - time.time()))
            _, headers, _ = await self.send(call)
            if headers["X-RateLimit-Remaining"] == "0":
                self.free_at_s = float(headers["X-RateLimit-Reset"])


class ByHash(Reckless):
    """Keeps its account by the bucket's hash, so that a new hash is a new budget."""

    async def start(self, token):
        await super().start(token)
        self.lane, self.hash, self.left = asyncio.Lock(), None, 1

    async def call(self, call):
        async with self.lane:
            while self.left <= 0:
                await asyncio.sleep(5)
                self.left = 1
            status, headers, _ = await self.send(call)
            known, self.hash = self.hash, headers["X-RateLimit-Bucket"]
            self.left = self.left - 1 if self.hash == known else int(headers["X-RateLimit-Limit"]) - 1
            if status >= 400:
                raise Failed(status)


MESSAGES = Calls("create_message", times=12, every_ms=10)
SERIES = Calls("get_user", times=8, every_ms=200)
PLANTED = {
    ("R1", Reckless): Story((replace(MESSAGES, times=8), replace(MESSAGES, at_ms=500))),
    ("R2", Reckless): Story((SERIES,), hiccups=(Refuse("get_user", "global", 3_000),)),
    ("R3", Reckless): Story((Calls("get_user", times=60),)),
    ("R4", Reckless): Story(
        (Calls("create_message", times=12, every_ms=100),), {"create_message": Law(2, 5_000, True)}
    ),
    ("R5", Impatient): Story((Calls("get_user"),), hiccups=(Refuse("get_user", "shared", 3_000),)),
    ("R6", Reckless): Story((SERIES,), hiccups=(Ban(5_000),)),
    ("R7", Reckless): Story((replace(MESSAGES, times=8), replace(MESSAGES, at_ms=500))),
    ("R8", Reckless): Story((SERIES,), hiccups=(Revoke(),)),
    ("R9", Sleepy): Story((Calls("create_message", times=3, every_ms=2_000),)),
    ("R5", OneLane): Story(
        (Calls("get_user"), Calls("get_guild_member", at_ms=200)), hiccups=(Refuse("get_user", "shared", 9_000),)
    ),
    ("R10", LastInFirstOut): Story((Calls("get_guild_member", times=5),)),
    ("R11", ByHash): Story(
        (Calls("create_message", times=12),), {"create_message": Law(5, 5_000, True)}, Network(20), (Rotate(at_ms=150),)
    ),
    ("R13", Impatient): Story((Calls("create_message"),), hiccups=(Break("create_message", "reset_after"),)),
    ("R14", Optimist): Story((Calls("create_message", times=12),)),
    ("R14", Lost): Story((Calls("get_user"),)),
    ("R15", Impatient): Story((Calls("get_user"),), hiccups=(Outage(60_000),)),
    ("R15", Relentless): Story((Calls("get_user"),), hiccups=(Outage(60_000),)),
    ("L3", Untidy): Story((Calls("get_user"),)),
}


@pytest.mark.parametrize(("oracle", "client"), PLANTED, ids=[f"{o}-{c.__name__}" for o, c in PLANTED])
def test_a_planted_fault_is_caught(oracle, client):
    assert oracle in {found.name for found in judge(play(PLANTED[oracle, client], client))}


def test_a_limiter_that_trusts_its_wall_clock_is_caught():
    story = Story((Calls("create_message", times=6),), network=Network(20))
    assert [v.oracle for v in compare(play(story, WallClock), play(replace(story, skew_ms=600_000), WallClock))] == [
        "R12"
    ]


def test_who_does_nothing_wrong_is_not_blamed():
    check(play(Story((Calls("get_user", times=3, every_ms=500),)), Reckless), strict=True)


def test_the_report_says_what_when_and_how_to_repeat_it():
    with pytest.raises(AssertionError) as told:
        check(play(PLANTED["R6", Reckless], Reckless))
    report = str(told.value)
    assert "1 of 15 oracles fail: R6" in report
    assert "429 cloudflare" in report
    assert report.splitlines()[-1].strip() == repr(PLANTED["R6", Reckless])
    assert eval(report.splitlines()[-1]) == PLANTED["R6", Reckless]


def test_an_oracle_may_be_excused_by_name():
    outcome = play(PLANTED["R6", Reckless], Reckless)
    check(outcome, but=["R6"])
    with pytest.raises(ValueError, match="no oracle is called 'R99'"):
        check(outcome, but=["R99"])


def test_equal_stories_and_clients_give_equal_outcomes():
    story = PLANTED["R3", Reckless]
    assert play(story, Reckless).digest == play(story, Reckless).digest


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Calls("get_everything"), "one of create_message"),
        (lambda: Calls("get_user", times=0), "at least 1"),
        (lambda: Refuse("get_user", "rude"), "form is one of user"),
        (lambda: Network(latency_ms=0), "latency is at least 1 ms"),
        (lambda: Story(at_once=0), "at least 1"),
    ],
)
def test_a_story_that_cannot_be_is_refused_with_a_reason(make, says):
    with pytest.raises(ValueError, match=says):
        make()
