"""Hypothesis strategies for stories. They shrink towards few calls, a steady network and nothing that goes wrong."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from discord_sim.rules.buckets import Law
from discord_sim.testing.story import (
    OPERATIONS,
    Ban,
    Break,
    Calls,
    Deny,
    Hiccup,
    Network,
    Outage,
    Refuse,
    Revoke,
    Rotate,
    Story,
    bucket_mates,
)

__all__ = ["bans", "calls", "faults", "laws", "layouts", "networks", "refusals", "rotations", "stories"]

_PLACES = 3
COMMON = ("get_guild_member", "create_message", "add_guild_member_role", "delete_guild_member_role", "get_user")
RARE = ("create_guild_role", "update_channel", "execute_webhook")
assert {*COMMON, *RARE} == {*OPERATIONS}


def _moments(horizon_ms: int) -> SearchStrategy[int]:
    return st.integers(0, horizon_ms // 10).map(lambda tens: tens * 10)


def laws(*, fixed: bool | None = None) -> SearchStrategy[Law]:
    """From 1 to 10 in a quarter of a second to ten seconds, of both laws or of one."""
    kinds = st.booleans() if fixed is None else st.just(fixed)
    return st.builds(Law, st.integers(1, 10), st.sampled_from([1_000, 250, 500, 2_000, 5_000, 10_000]), kinds)


def layouts(
    operations: Collection[str] = COMMON, *, fixed: bool | None = None, whole: bool = False
) -> SearchStrategy[dict[str, Law]]:
    """Laws by operation, for some or (`whole`) all. Those that share a bucket (a member's roles) get one."""
    buckets = sorted({min(m for m in bucket_mates(name) if m in OPERATIONS) for name in operations})
    if whole:
        return st.fixed_dictionaries({name: laws(fixed=fixed) for name in buckets})
    return st.dictionaries(st.sampled_from(buckets), laws(fixed=fixed), max_size=len(buckets))


def networks(jitter: bool = True) -> SearchStrategy[Network]:
    """From 1 to 200 ms one way, jitter up to a quarter of it."""
    return st.integers(1, 200).flatmap(
        lambda latency_ms: st.builds(
            Network, st.just(latency_ms), st.integers(0, latency_ms // 4) if jitter else st.just(0)
        )
    )


def calls(
    operations: Sequence[str] = (*COMMON, *RARE), horizon_ms: int = 3_000, cancels: bool = True
) -> SearchStrategy[Calls]:
    """A burst or a series of one operation in one of three guilds; callers that lose patience among them."""
    return st.builds(
        Calls,
        st.sampled_from(operations),
        place=st.integers(0, _PLACES - 1),
        times=st.integers(1, 12),
        at_ms=_moments(horizon_ms),
        every_ms=st.one_of(st.just(0), _moments(500)),
        cancel_after_ms=st.one_of(st.none(), st.integers(0, 2_000)) if cancels else st.none(),
    )


def refusals(horizon_ms: int = 3_000) -> SearchStrategy[Hiccup]:
    """429s of each form that Discord itself answers with."""
    return st.builds(
        Refuse,
        st.sampled_from(COMMON),
        st.sampled_from(["user", "shared", "hidden", "global"]),
        retry_after_ms=st.integers(1, 50).map(lambda n: n * 100),
        times=st.integers(1, 3),
        at_ms=_moments(horizon_ms),
        code=st.none(),
    )


def faults(horizon_ms: int = 3_000) -> SearchStrategy[Hiccup]:
    """5xx, resets before and after acting, silence, delay; outages."""
    moment = _moments(horizon_ms)
    one = st.builds(
        Break,
        st.sampled_from(["*", *COMMON]),
        st.sampled_from(["answer", "reset", "reset_after", "silence", "delay"]),
        times=st.integers(1, 3),
        status=st.sampled_from([503, 500, 502, 504, 524]),
        delay_ms=st.integers(0, 30).map(lambda n: n * 100),
        at_ms=moment,
    )
    return st.one_of(one, st.builds(Outage, st.integers(1, 50).map(lambda n: n * 100), at_ms=moment))


def rotations(horizon_ms: int = 3_000) -> SearchStrategy[Hiccup]:
    """Every bucket is renamed."""
    return st.builds(Rotate, at_ms=_moments(horizon_ms))


def bans(horizon_ms: int = 3_000) -> SearchStrategy[Hiccup]:
    """What ends a client's work: a Cloudflare ban (of the address or of one request), a dead token, a lost guild."""
    moment = _moments(horizon_ms)
    return st.one_of(
        st.builds(Ban, st.integers(1, 20).map(lambda n: n * 500), at_ms=moment),
        st.builds(Refuse, st.sampled_from(COMMON), st.just("cloudflare"), at_ms=moment),
        st.builds(Revoke, at_ms=moment),
        st.builds(Deny, st.integers(0, _PLACES - 1), at_ms=moment),
    )


def stories(
    *,
    laws: SearchStrategy[dict[str, Law]] | None = None,
    hiccups: SearchStrategy[Hiccup] | None = None,
    jitter: bool = True,
    cancels: bool = True,
    closes: bool = True,
) -> SearchStrategy[Story]:
    """Whole stories. By default everything can go wrong; `st.nothing()` for `hiccups` lets nothing."""
    wrong = st.one_of(rotations(), refusals(), faults(), bans()) if hiccups is None else hiccups
    return st.builds(
        Story,
        st.lists(calls(cancels=cancels), min_size=1, max_size=6).map(tuple),
        laws=layouts() if laws is None else laws,
        network=networks(jitter),
        hiccups=st.just(()) if wrong.is_empty else st.lists(wrong, max_size=4).map(tuple),
        at_once=st.one_of(st.none(), st.integers(1, 8)),
        close_ms=st.one_of(st.none(), st.none(), _moments(5_000)) if closes else st.none(),
        seed=st.integers(0, 1_000),
    )
