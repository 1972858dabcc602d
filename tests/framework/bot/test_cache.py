"""Who is kept, who leaves, what may be fetched."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framework import InvalidUse
from framework.bot.cache import NEVER_FETCH, CachePolicy, GuildCache

IDLE_S = 60.0
IDLE_MS = 60_000


def guild(number: int, name: str = "") -> bytes:
    return b'{"id":"%d","name":"%s","owner_id":"7","unknown":[1,2]}' % (number, name.encode())


def cache(**policy: object) -> GuildCache:
    return GuildCache(CachePolicy(**{"idle_s": IDLE_S, **policy}))


def test_a_guild_nobody_used_is_not_kept_when_discord_sends_it() -> None:
    kept = cache()
    kept.on_event("GUILD_CREATE", 1, guild(1), 0)
    assert len(kept) == 0


def test_a_classic_cache_keeps_every_guild_discord_sends() -> None:
    kept = cache(keep_all=True)
    for number in range(5):
        kept.on_event("GUILD_CREATE", number, guild(number), 0)
    assert len(kept) == 5


@pytest.mark.parametrize("event", ["GUILD_CREATE", "GUILD_UPDATE"])
def test_a_cached_guild_is_renewed_by_what_discord_sends(event: str) -> None:
    kept = cache()
    kept.store(guild(1, "old"), 0)
    kept.on_event(event, 1, guild(1, "new"), 1)
    found = kept.use(1, 1)
    assert found is not None
    assert (found.id, found.name, found.owner_id) == (1, "new", 7)
    assert kept.snapshot().bytes_held == len(guild(1, "new"))


def test_an_update_of_an_unknown_guild_is_not_kept() -> None:
    kept = cache(keep_all=True)
    kept.on_event("GUILD_UPDATE", 1, guild(1), 0)
    assert len(kept) == 0


def test_an_update_is_not_a_use() -> None:
    kept = cache()
    kept.store(guild(1), 0)
    kept.on_event("GUILD_UPDATE", 1, guild(1), 50_000)
    kept.evict(IDLE_MS)
    assert len(kept) == 0


@pytest.mark.parametrize("event", ["GUILD_DELETE", "GUILD_ROLE_CREATE", "GUILD_ROLE_UPDATE", "GUILD_ROLE_DELETE"])
def test_what_makes_the_copy_untrue_drops_it(event: str) -> None:
    kept = cache()
    kept.store(guild(1), 0)
    kept.store(guild(2), 0)
    kept.on_event(event, 1, b"{}", 1)
    assert kept.use(1, 1) is None
    assert kept.use(2, 1) is not None
    assert kept.snapshot().evictions == 0


@pytest.mark.parametrize(("offset_ms", "left"), [(-1, 1), (0, 0), (1, 0)])
def test_an_idle_guild_leaves_at_its_millisecond(offset_ms: int, left: int) -> None:
    kept = cache()
    kept.store(guild(1), 500)
    assert kept.evict(500 + IDLE_MS + offset_ms) == (500 + IDLE_MS if left else None)
    assert len(kept) == left
    assert kept.snapshot().evictions == 1 - left


def test_the_longest_unused_guild_leaves_first() -> None:
    kept = cache()
    for number in (1, 2, 3):
        kept.store(guild(number), number)
    kept.use(1, 10)
    assert kept.evict(2 + IDLE_MS) == 3 + IDLE_MS
    assert kept.evict(3 + IDLE_MS) == 10 + IDLE_MS
    assert kept.use(1, 3 + IDLE_MS) is not None
    assert kept.snapshot().evictions == 2


def test_a_use_postpones_the_end() -> None:
    kept = cache()
    kept.store(guild(1), 0)
    kept.use(1, IDLE_MS - 1)
    assert kept.evict(IDLE_MS) == 2 * IDLE_MS - 1


@pytest.mark.parametrize("event", sorted(NEVER_FETCH))
def test_an_event_that_comes_in_floods_never_fetches_even_if_the_handler_needs_the_guild(event: str) -> None:
    assert not cache().may_fetch(event, 1, True, 0)


def test_floods_are_bans_removals_presences_and_the_like() -> None:
    assert {"GUILD_BAN_ADD", "GUILD_MEMBER_REMOVE", "PRESENCE_UPDATE", "TYPING_START"} <= NEVER_FETCH


def test_only_a_need_is_a_reason_to_fetch() -> None:
    assert cache().may_fetch("MESSAGE_CREATE", 1, True, 0)
    assert not cache().may_fetch("MESSAGE_CREATE", 1, False, 0)


@pytest.mark.parametrize(("offset_ms", "allowed"), [(-1, False), (0, True), (1, True)])
def test_a_refusal_is_remembered_for_its_time_and_for_its_guild(offset_ms: int, allowed: bool) -> None:
    kept = cache(remember_failure_s=5.0)
    kept.remember_failure(1, 100)
    assert kept.may_fetch("MESSAGE_CREATE", 1, True, 5_100 + offset_ms) is allowed
    assert kept.may_fetch("MESSAGE_CREATE", 2, True, 100)


@settings(max_examples=60, deadline=None)
@given(
    gaps=st.lists(st.sampled_from([0, 0, 0, 1, 30, 99, 100, 101, 5_000]), min_size=2, max_size=120),
    per_s=st.sampled_from([1.0, 3.0, 7.0, 10.0, 50.0]),
)
def test_fetches_leave_at_an_even_pace(gaps: list[int], per_s: float) -> None:
    kept, now, times = cache(fetch_per_s=per_s), 0, []
    for gap in gaps:
        now += gap
        times.append(kept.reserve_fetch(now))
        assert times[-1] >= now
    step_ms = int(1000 / per_s)
    assert all(later - earlier >= step_ms for earlier, later in zip(times, times[1:], strict=False))
    assert kept.snapshot().fetches == len(gaps)


def test_the_first_fetch_does_not_wait_and_the_pace_adds_nothing_up() -> None:
    kept = cache(fetch_per_s=3.0)
    assert [kept.reserve_fetch(0) for _ in range(31)][::3][-1] == 10_000


@settings(max_examples=80, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["store", "GUILD_UPDATE", "GUILD_DELETE", "use", "evict"]), st.integers(1, 5),
                  st.text("ab", max_size=9), st.integers(0, 40_000)),
        max_size=60,
    )
)  # fmt: skip
def test_the_bytes_held_are_those_of_the_guilds_held_and_return_to_zero(
    steps: list[tuple[str, int, str, int]],
) -> None:
    kept, now, model = cache(), 0, dict[int, int]()
    for step, number, name, gap in steps:
        now += gap
        data = guild(number, name)
        if step == "store":
            kept.store(data, now)
            model[number] = len(data)
        elif step == "evict":
            kept.evict(now)
            model = {n: size for n, size in model.items() if n in kept._entries}
        elif step == "use":
            assert (kept.use(number, now) is not None) == (number in model)
        else:
            kept.on_event(step, number, data, now)
            if step == "GUILD_DELETE":
                model.pop(number, None)
            elif number in model:
                model[number] = len(data)
        figures = kept.snapshot()
        assert (figures.guilds, figures.bytes_held) == (len(model), sum(model.values()))
        assert figures.bytes_peak >= figures.bytes_held
        assert figures.guilds_peak >= figures.guilds
    assert kept.evict(now + 10 * IDLE_MS) is None
    assert (len(kept), kept.snapshot().bytes_held) == (0, 0)


@pytest.mark.parametrize("argument", ["idle_s", "fetch_per_s", "waiting_max"])
def test_a_policy_that_cannot_be_is_named(argument: str) -> None:
    with pytest.raises(InvalidUse, match=argument):
        CachePolicy(**{argument: 0})
