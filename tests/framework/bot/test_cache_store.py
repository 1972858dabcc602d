"""The lazy cache's rules: who stays, who leaves, what may be fetched, how fast, and what makes a copy untrue."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framework import CachePolicy, Intents
from framework.bot.cache import NEVER_FETCH, GuildCache, Section, kept_true_by, sections

encode = msgspec.json.encode
IDLE_S = 60.0
IDLE_MS = 60_000
GUILD_AND_ROLES = sections("roles")
SHARD_0_OF_2, SHARD_1_OF_2 = 2 << 22, 3 << 22


def guild(number: int, name: str = "", **fields: Any) -> bytes:
    return encode({"id": str(number), "name": name, "owner_id": "7", "unknown": [1, 2], "roles": [], **fields})


def cache(**policy: Any) -> GuildCache:
    return GuildCache(CachePolicy(**{"idle_s": IDLE_S, **policy}))


def fetched(
    kept: GuildCache, number: int, now_ms: int, data: bytes | None = None, needs: Any = GUILD_AND_ROLES
) -> None:
    """One successful fetch of a guild, answered at once."""
    kept.begin_fetch(number)
    assert kept.end_fetch(number, {Section.GUILD: (data or guild(number), now_ms)}, needs, now_ms) is not None


# -- who stays -----------------------------------------------------------------------------------------------------


def test_a_guild_nobody_used_is_not_kept_when_discord_sends_it() -> None:
    kept = cache()
    kept.on_event("GUILD_CREATE", 1, guild(1), 0)
    assert len(kept) == 0
    assert not kept.concerns("GUILD_CREATE")


def test_a_classic_cache_keeps_every_guild_discord_sends() -> None:
    kept = cache(keep_all=True)
    assert kept.concerns("GUILD_CREATE")
    for number in range(5):
        kept.on_event("GUILD_CREATE", number, guild(number), 0)
    assert list(kept) == [0, 1, 2, 3, 4]


def test_of_what_discord_sends_only_that_is_kept_which_policy_and_intents_keep_true() -> None:
    kept = GuildCache(CachePolicy.everything(keep=["roles", "emojis", "members"]), kept_true_by(Intents.GUILDS))
    kept.on_event("GUILD_CREATE", 1, guild(1, emojis=[{"id": "3"}], members=[], channels=[]), 0)
    assert kept.guild(1).sections == {Section.GUILD, Section.ROLES}


def test_a_handler_of_guild_create_that_needs_the_guild_has_it_from_the_event() -> None:
    kept = cache()
    kept.on_event("GUILD_CREATE", 1, guild(1, channels=[]), 0, needs=GUILD_AND_ROLES)
    assert kept.use(1, 0, GUILD_AND_ROLES) is not None
    assert kept.guild(1).sections == GUILD_AND_ROLES


@pytest.mark.parametrize("event", ["GUILD_CREATE", "GUILD_UPDATE"])
def test_a_cached_guild_is_renewed_by_what_discord_sends(event: str) -> None:
    kept = cache()
    fetched(kept, 1, 0, guild(1, "old"))
    held = kept.use(1, 1)
    kept.on_event(event, 1, guild(1, "new", roles=[{"id": "4"}], channels=[{"id": "5"}]), 1)
    found = kept.use(1, 1)
    assert found is held
    assert (found.id, found.name, found.owner_id, list(found.roles)) == (1, "new", 7, [4])
    assert not found.has("channels")


def test_an_update_of_an_unknown_guild_is_not_kept() -> None:
    kept = cache(keep_all=True)
    kept.on_event("GUILD_UPDATE", 1, guild(1), 0)
    assert len(kept) == 0


@pytest.mark.parametrize("look", ["GUILD_UPDATE", "GUILD_CREATE", "guild"])
def test_neither_an_update_nor_a_look_is_a_use(look: str) -> None:
    kept = cache()
    fetched(kept, 1, 0)
    assert kept.guild(1) is not None
    if look != "guild":
        kept.on_event(look, 1, guild(1), 50_000)
    kept.evict(IDLE_MS)
    assert len(kept) == 0


def test_a_guild_the_bot_left_is_dropped() -> None:
    kept = cache()
    for number in (1, 2):
        fetched(kept, number, 0)
    kept.on_event("GUILD_DELETE", 1, b'{"id":"1"}', 1)
    assert (kept.use(1, 1), list(kept)) == (None, [2])
    kept.on_event("GUILD_CREATE", 1, guild(1), 2)
    assert (kept.use(1, 2), kept.snapshot().evictions) == (None, 0)


# -- what makes a copy untrue --------------------------------------------------------------------------------------


def test_in_an_outage_nothing_stale_is_read_and_what_was_held_is_filled_again_when_it_ends() -> None:
    kept = cache()
    fetched(kept, 1, 0, guild(1, "old"))
    before = kept.guild(1)
    kept.on_event("GUILD_DELETE", 1, b'{"id":"1","unavailable":true}', 1)
    assert (kept.use(1, 1), len(kept), list(kept)) == (None, 0, [])
    assert before.name == "old"  # who still holds it may go on reading
    kept.on_event("GUILD_ROLE_CREATE", 1, b'{"role":{"id":"4"}}', 2)
    kept.on_event("GUILD_CREATE", 1, guild(1, "new", channels=[]), 3)
    found = kept.guild(1)
    assert (found.name, found.sections, len(found.roles), kept.fetches) == ("new", GUILD_AND_ROLES, 0, 0)


def test_a_guild_create_without_content_begins_an_outage_too() -> None:
    kept = cache(keep_all=True)
    kept.on_event("GUILD_CREATE", 1, guild(1), 0)
    kept.on_event("GUILD_CREATE", 1, b'{"id":"1","unavailable":true}', 1)
    assert kept.guild(1) is None
    kept.on_event("GUILD_CREATE", 1, guild(1, unavailable=False), 2)
    assert kept.guild(1) is not None


def test_a_new_session_makes_the_guilds_of_its_shard_untrue_and_no_others() -> None:
    kept = cache()
    for number in (SHARD_0_OF_2, SHARD_1_OF_2):
        fetched(kept, number, 0)
    kept.on_ready(b'{"v":10,"shard":[1,2]}')
    assert list(kept) == [SHARD_0_OF_2]
    kept.on_event("GUILD_CREATE", SHARD_1_OF_2, guild(SHARD_1_OF_2), 1)
    assert len(kept) == 2
    kept.on_ready(b'{"v":10}')
    assert len(kept) == 0


def test_a_guild_that_does_not_come_back_leaves_after_its_time() -> None:
    kept = cache()
    fetched(kept, 1, 0)
    kept.on_ready(b"{}")
    assert kept.evict(IDLE_MS - 1) == IDLE_MS
    assert kept.evict(IDLE_MS) is None
    assert (kept.snapshot().bytes_held, kept.snapshot().evictions) == (0, 0)
    kept.on_event("GUILD_CREATE", 1, guild(1), IDLE_MS)
    assert len(kept) == 0


def test_speakers_are_not_taken_over_from_before_an_outage() -> None:
    kept = cache(members="speakers", keep_all=True)
    kept.on_event("GUILD_CREATE", 1, guild(1, members=[{"user": {"id": "5"}}]), 0)
    said = {"guild_id": "1", "author": {"id": "6"}, "member": {"roles": []}}
    kept.on_event("MESSAGE_CREATE", 1, encode(said), 1)
    assert list(kept.guild(1).members) == [6]
    kept.on_event("GUILD_CREATE", 1, guild(1, members=[{"user": {"id": "5"}}]), 2)
    assert list(kept.guild(1).members) == []


# -- who leaves ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("offset_ms", "left"), [(-1, 1), (0, 0), (1, 0)])
def test_an_idle_guild_leaves_at_its_millisecond(offset_ms: int, left: int) -> None:
    kept = cache()
    fetched(kept, 1, 500)
    assert kept.evict(500 + IDLE_MS + offset_ms) == (500 + IDLE_MS if left else None)
    assert len(kept) == left
    assert kept.snapshot().evictions == 1 - left


def test_the_longest_unused_guild_leaves_first() -> None:
    kept = cache()
    for number in (1, 2, 3):
        fetched(kept, number, number)
    kept.use(1, 10)
    assert kept.evict(2 + IDLE_MS) == 3 + IDLE_MS
    assert kept.evict(3 + IDLE_MS) == 10 + IDLE_MS
    assert kept.use(1, 3 + IDLE_MS) is not None
    assert kept.snapshot().evictions == 2


def test_a_use_postpones_the_end() -> None:
    kept = cache()
    fetched(kept, 1, 0)
    kept.use(1, IDLE_MS - 1)
    assert kept.evict(IDLE_MS) == 2 * IDLE_MS - 1


def test_of_everything_nothing_leaves() -> None:
    kept = GuildCache(CachePolicy.everything())
    kept.on_event("GUILD_CREATE", 1, guild(1), 0)
    assert kept.evict(10**15) is None
    assert len(kept) == 1


# -- what may be fetched -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("event", sorted(NEVER_FETCH))
def test_an_event_that_comes_in_floods_never_fetches_even_if_the_handler_needs_the_guild(event: str) -> None:
    assert not cache().may_fetch(event, 1, True, 0)


def test_only_a_need_is_a_reason_to_fetch() -> None:
    assert cache().may_fetch("MESSAGE_CREATE", 1, True, 0)
    assert not cache().may_fetch("MESSAGE_CREATE", 1, False, 0)


def test_only_what_is_missing_is_asked_for_and_only_what_can_be() -> None:
    kept = cache()
    needs = sections(["roles", "channels", "threads", "members"])
    assert kept.requests_for(1, needs) == ["guild", "channels", "threads"]
    fetched(kept, 1, 0)
    assert kept.requests_for(1, needs) == ["channels", "threads"]
    assert kept.requests_for(1, sections(["members", "voice_states"])) == []
    assert kept.use(1, 0, sections("channels")) is None


def test_lists_are_found_in_the_answers_that_wrap_them() -> None:
    kept = cache()
    kept.begin_fetch(1)
    answers = {
        Section.GUILD: (guild(1), 0),
        Section.CHANNELS: (b'[{"id":"2"}]', 0),
        Section.THREADS: (b'{"threads":[{"id":"3"}],"members":[],"has_more":false}', 0),
        Section.SOUNDBOARD_SOUNDS: (b'{"items":[{"sound_id":"4"}]}', 0),
    }
    found = kept.end_fetch(1, answers, GUILD_AND_ROLES, 0)
    assert found is not None
    assert (list(found.channels), list(found.threads), list(found.soundboard_sounds)) == ([2], [3], [4])


def test_a_fetch_keeps_what_any_handler_wants_and_not_the_rest_of_the_answer() -> None:
    kept = cache()
    kept.wanted = sections("emojis")
    fetched(kept, 1, 0, guild(1, emojis=[{"id": "2"}], stickers=[]))
    assert kept.guild(1).sections == {Section.GUILD, Section.ROLES, Section.EMOJIS}


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


# -- answers and events cross ----------------------------------------------------------------------------------------


def test_what_came_before_a_section_was_asked_for_is_in_the_answer_and_does_not_bring_back_older_things() -> None:
    kept = cache()
    fetched(kept, 1, 1_000, guild(1, "newest", roles=[{"id": "4", "name": "newest"}]))
    kept.on_event("GUILD_ROLE_UPDATE", 1, b'{"role":{"id":"4","name":"older"}}', 1_020, received_ms=999)
    kept.on_event("GUILD_ROLE_CREATE", 1, b'{"role":{"id":"5","name":"deleted since"}}', 1_020, received_ms=999)
    kept.on_event("GUILD_UPDATE", 1, guild(1, "older", roles=[]), 1_020, received_ms=999)
    found = kept.guild(1)
    assert (found.name, found.look(Section.ROLES).raw(4), list(found.roles)) == (
        "newest", b'{"id":"4","name":"newest"}', [4],
    )  # fmt: skip
    kept.on_event("GUILD_ROLE_UPDATE", 1, b'{"role":{"id":"4","name":"later"}}', 1_030, received_ms=1_000)
    assert found.look(Section.ROLES).raw(4) == b'{"id":"4","name":"later"}'


def test_each_section_has_its_own_time_of_asking() -> None:
    kept = cache()
    fetched(kept, 1, 1_000)
    kept.begin_fetch(1)
    kept.end_fetch(1, {Section.CHANNELS: (b"[]", 2_000)}, GUILD_AND_ROLES, 2_010)
    kept.on_event("CHANNEL_CREATE", 1, b'{"id":"5"}', 2_010, received_ms=1_500)
    kept.on_event("GUILD_ROLE_CREATE", 1, b'{"role":{"id":"4"}}', 2_010, received_ms=1_500)
    assert (list(kept.guild(1).channels), list(kept.guild(1).roles)) == ([], [4])


@pytest.mark.parametrize("event", ["GUILD_ROLE_DELETE", "GUILD_UPDATE", "GUILD_CREATE", "GUILD_DELETE", "READY"])
def test_an_answer_that_an_event_has_overtaken_is_worth_nothing(event: str) -> None:
    kept = cache()
    kept.begin_fetch(1)
    assert kept.concerns(event) or event in ("READY", "GUILD_CREATE")
    if event == "READY":
        kept.on_ready(b"{}")
    else:
        kept.on_event(event, 1, guild(1), 5)
    assert kept.end_fetch(1, {Section.GUILD: (guild(1), 0)}, GUILD_AND_ROLES, 10) is None
    assert kept.guild(1) is None
    fetched(kept, 1, 20)
    assert kept.guild(1) is not None


def test_a_message_does_not_overtake_a_fetch() -> None:
    kept = cache()
    kept.begin_fetch(1)
    kept.on_event("MESSAGE_CREATE", 1, b"{}", 5)
    assert kept.end_fetch(1, {Section.GUILD: (guild(1), 0)}, GUILD_AND_ROLES, 10) is not None


# -- figures -------------------------------------------------------------------------------------------------------

STEPS = st.sampled_from(
    ["fetch", "GUILD_CREATE", "GUILD_UPDATE", "GUILD_DELETE", "outage", "role", "use", "read", "evict", "ready"]
)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(STEPS, st.integers(1, 5), st.text("ab", max_size=400), st.integers(0, 40_000)), max_size=60))
def test_the_bytes_held_are_those_of_the_guilds_held_and_return_to_zero(steps: list[tuple[str, int, str, int]]) -> None:
    kept, now = cache(), 0
    for step, number, name, gap in steps:
        now += gap
        data = guild(number, name, roles=[{"id": str(len(name)), "name": name}])
        if step == "fetch":
            fetched(kept, number, now, data)
        elif step == "evict":
            kept.evict(now)
        elif step == "use":
            assert (kept.use(number, now) is not None) == (number in kept)
        elif step == "read":
            assert (found := kept.guild(number)) is None or (len(found.roles), found.name) >= (0, "")
        elif step == "ready":
            kept.on_ready(b"{}")
        elif step == "outage":
            kept.on_event("GUILD_DELETE", number, b'{"unavailable":true}', now)
        elif step == "role":
            kept.on_event("GUILD_ROLE_CREATE", number, encode({"role": {"id": str(len(name)), "name": name}}), now)
        else:
            kept.on_event(step, number, data, now)
        figures = kept.snapshot()
        assert figures.guilds == len(list(kept))
        assert figures.bytes_held == sum(one.size() for one in kept._guilds.values())
        assert figures.bytes_peak >= figures.bytes_held
        assert figures.guilds_peak >= figures.guilds
        assert figures.bytes_decoded <= kept.policy.decoded_max_bytes
    assert kept.evict(now + 10 * IDLE_MS) is None
    assert (len(kept), kept.snapshot().bytes_held, kept.snapshot().bytes_decoded) == (0, 0, 0)
