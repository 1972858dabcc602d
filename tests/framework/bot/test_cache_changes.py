"""What each event does to a cached guild, by example and against a model that is made of plain dicts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from framework import CachePolicy
from framework.bot.cache import Guild, GuildCache, Section
from framework.bot.cache import entities as entities_module
from framework.bot.cache.changes import CHANGES

encode, decode = msgspec.json.encode, msgspec.json.decode
GUILD = 9 << 22
Doc = dict[str, Any]
LISTS = [section for section in Section if section is not Section.GUILD]


def user(user_id: int, name: str = "u") -> Doc:
    return {"id": str(user_id), "username": name, "avatar": None}


def member(user_id: int, **fields: Any) -> Doc:
    return {"user": user(user_id), "roles": [], "joined_at": None, "nick": None, **fields}


def created(**fields: Any) -> Doc:
    base = {section.value: [] for section in LISTS}
    return {"id": str(GUILD), "name": "g", "owner_id": "7", "member_count": 3, "icon": None, **base, **fields}


def caching(guild: Doc, **policy: Any) -> GuildCache:
    cache = GuildCache(CachePolicy.everything(**policy))
    cache.on_event("GUILD_CREATE", GUILD, encode(guild), 0)
    return cache


def tell(cache: GuildCache, event: str, **body: Any) -> Guild:
    cache.on_event(event, GUILD, encode({"guild_id": str(GUILD), **body}), 1)
    guild = cache.guild(GUILD)
    assert guild is not None
    return guild


def raw(guild: Guild, section: Section) -> dict[int, Doc]:
    held = guild.look(section)
    return {key: decode(held.raw(key) or b"") for key in held.ids()}


def head(guild: Guild) -> Doc:
    assert guild._head is not None
    return decode(guild._storage.unpack(guild._head))


# -- the guild itself --------------------------------------------------------------------------------------------


def test_a_guild_is_read_as_models() -> None:
    cache = caching(
        created(
            roles=[{"id": "1", "name": "mod", "color": 0, "colors": {"primary_color": 0}, "position": 1}],
            members=[member(5, nick="five")], icon="abc",
            presences=[{"user": {"id": "5"}, "status": "online"}],
            voice_states=[{"user_id": "5", "channel_id": "2", "session_id": "s", "deaf": False, "mute": False,
                           "self_deaf": False, "self_mute": False, "self_video": False, "suppress": False,
                           "request_to_speak_timestamp": None}],
            soundboard_sounds=[{"sound_id": "4", "name": "honk", "volume": 1, "emoji_id": None, "emoji_name": None,
                                "available": True}],
        )
    )  # fmt: skip
    guild = cache.guild(GUILD)
    assert guild is not None
    assert (guild.id, guild.name, guild.owner_id, guild.member_count) == (GUILD, "g", 7, 3)
    assert (guild.head.icon, guild.head.member_count, guild.head.roles) == ("abc", 3, msgspec.UNSET)
    assert guild.roles[1].name == "mod"
    assert [(key, one.nick) for key, one in guild.members.items()] == [(5, "five")]
    assert guild.presences[5].status == "online"
    assert guild.voice_states[5].channel_id == 2
    assert [sound.name for sound in guild.soundboard_sounds.values()] == ["honk"]
    assert (len(guild.channels), 1 in guild.roles, 2 in guild.roles, list(guild.stickers)) == (0, True, False, [])


def test_an_update_replaces_what_it_tells_and_keeps_what_only_guild_create_tells() -> None:
    cache = caching(created(roles=[{"id": "1"}], channels=[{"id": "2"}], region="then", icon="abc"))
    guild = tell(cache, "GUILD_UPDATE", id=str(GUILD), name="new", icon=None, roles=[{"id": "8"}], emojis=[{"id": "3"}])
    assert (guild.name, guild.head.icon, guild.member_count, head(guild)["region"]) == ("new", None, 3, "then")
    assert (list(guild.roles), list(guild.channels), list(guild.emojis)) == ([8], [2], [3])


# -- channels and threads ------------------------------------------------------------------------------------------

THREADS = [
    {"id": "10", "parent_id": "1", "member": {"flags": 1}, "message_count": 2},
    {"id": "11", "parent_id": "2"},
    {"id": "12", "parent_id": "1"},
]


def test_the_threads_of_a_deleted_channel_vanish_with_it() -> None:
    cache = caching(created(channels=[{"id": "1"}, {"id": "2"}], threads=THREADS))
    guild = tell(cache, "CHANNEL_DELETE", id="1")
    assert (list(guild.channels), list(guild.threads)) == ([2], [11])


def test_a_thread_that_is_archived_is_no_active_one_and_comes_back_when_it_wakes() -> None:
    cache = caching(created(threads=THREADS))
    assert list(tell(cache, "THREAD_UPDATE", id="10", thread_metadata={"archived": True}).threads) == [11, 12]
    guild = tell(cache, "THREAD_UPDATE", id="10", thread_metadata={"archived": False})
    assert sorted(guild.threads) == [10, 11, 12]


def test_an_update_of_a_thread_keeps_the_bots_place_in_it() -> None:
    cache = caching(created(threads=THREADS))
    guild = tell(cache, "THREAD_UPDATE", id="10", name="n", thread_metadata={"archived": False})
    assert raw(guild, Section.THREADS)[10]["member"] == {"flags": 1}
    assert raw(guild, Section.THREADS)[10]["name"] == "n"
    guild = tell(cache, "THREAD_MEMBER_UPDATE", id="10", flags=2)
    assert raw(guild, Section.THREADS)[10]["member"]["flags"] == 2
    guild = tell(cache, "THREAD_MEMBERS_UPDATE", id="10", member_count=4, added_members=[{}])
    assert (raw(guild, Section.THREADS)[10]["member_count"], raw(guild, Section.THREADS)[10]["message_count"]) == (4, 2)


def test_a_new_thread_does_not_stay_new() -> None:
    guild = tell(caching(created()), "THREAD_CREATE", id="10", newly_created=True)
    assert raw(guild, Section.THREADS) == {10: {"guild_id": str(GUILD), "id": "10"}}


@pytest.mark.parametrize(
    ("channels", "left"), [(["1"], [11, 13]), (["1", "2"], [13]), ([], [10, 11, 12, 13]), (None, [13])]
)
def test_a_sync_tells_all_threads_of_some_channels_or_of_all(channels: list[str] | None, left: list[int]) -> None:
    cache = caching(created(threads=THREADS))
    body = {} if channels is None else {"channel_ids": channels}
    guild = tell(cache, "THREAD_LIST_SYNC", **body, threads=[{"id": "13", "parent_id": "1"}], members=[])
    assert sorted(guild.threads) == left


@pytest.mark.parametrize("place", ["1", "10"])
def test_a_pin_is_noted_in_its_channel_or_thread(place: str) -> None:
    cache = caching(created(channels=[{"id": "1", "last_pin_timestamp": "old"}], threads=THREADS))
    guild = tell(cache, "CHANNEL_PINS_UPDATE", channel_id=place, last_pin_timestamp=None)
    both = raw(guild, Section.CHANNELS) | raw(guild, Section.THREADS)
    assert both[int(place)]["last_pin_timestamp"] is None
    assert set(both) == {1, 10, 11, 12}


# -- people --------------------------------------------------------------------------------------------------------


def test_members_are_counted_and_who_leaves_is_not_online_any_more() -> None:
    cache = caching(created(members=[member(5)], presences=[{"user": {"id": "5"}, "status": "idle"}]))
    assert tell(cache, "GUILD_MEMBER_ADD", **member(6)).member_count == 4
    guild = tell(cache, "GUILD_MEMBER_REMOVE", user=user(5))
    assert (guild.member_count, list(guild.members), list(guild.presences)) == (3, [6], [])


def test_an_update_of_a_member_may_leave_out_what_it_does_not_change() -> None:
    cache = caching(created(members=[member(5, deaf=True, nick="old")]))
    guild = tell(cache, "GUILD_MEMBER_UPDATE", user=user(5, "renamed"), roles=["1"], nick=None)
    found = raw(guild, Section.MEMBERS)[5]
    assert (found["deaf"], found["nick"], found["roles"], found["user"]["username"]) == (True, None, ["1"], "renamed")
    assert list(tell(cache, "GUILD_MEMBER_UPDATE", user=user(6), roles=[], joined_at=None).members) == [5, 6]


def test_a_requested_list_adds_members_and_who_is_online() -> None:
    cache = caching(created(members=[member(5)]))
    guild = tell(
        cache, "GUILD_MEMBERS_CHUNK", members=[member(n) for n in range(5, 200)],
        presences=[{"user": {"id": "5"}, "status": "dnd"}, {"user": {"id": "6"}, "status": "offline"}],
    )  # fmt: skip
    assert (sorted(guild.members), list(guild.presences), guild.member_count) == (list(range(5, 200)), [5], 3)


def test_who_goes_offline_or_leaves_voice_is_let_go() -> None:
    cache = caching(created())
    tell(cache, "PRESENCE_UPDATE", user={"id": "5"}, status="online")
    guild = tell(cache, "VOICE_STATE_UPDATE", user_id="5", channel_id="1")
    assert (list(guild.presences), list(guild.voice_states)) == ([5], [5])
    tell(cache, "PRESENCE_UPDATE", user={"id": "5"}, status="offline")
    guild = tell(cache, "VOICE_STATE_UPDATE", user_id="5", channel_id=None)
    assert (list(guild.presences), list(guild.voice_states)) == ([], [])


def spoke(cache: GuildCache, user_id: int, **more: Any) -> Guild:
    said = {"author": user(user_id), "member": {"roles": ["1"], "joined_at": None}, **more}
    return tell(cache, "MESSAGE_CREATE", id="1", channel_id="2", **said)


def test_only_who_speaks_is_kept_where_the_policy_says_so() -> None:
    cache = caching(created(members=[member(5)]), members="speakers")
    assert list(tell(cache, "GUILD_MEMBER_ADD", **member(6)).members) == []
    assert list(tell(cache, "GUILD_MEMBER_UPDATE", user=user(6), roles=[]).members) == []
    spoke(cache, 7, webhook_id="3")
    guild = spoke(cache, 8)
    assert list(guild.members) == [8]
    assert (guild.members[8].user.username, guild.members[8].roles) == ("u", [1])
    assert tell(cache, "GUILD_MEMBER_UPDATE", user=user(8), roles=["2"]).members[8].roles == [2]
    assert list(tell(cache, "GUILD_MEMBER_REMOVE", user=user(8)).members) == []


def test_no_more_speakers_are_kept_than_the_policy_allows() -> None:
    cache = caching(created(), members="speakers", speakers_max=10)
    for turn in range(95):
        assert 1 <= len(spoke(cache, 100 + turn).members) <= 10
    assert 194 in spoke(cache, 194).members


def test_everybody_kept_means_that_messages_change_nobody() -> None:
    assert list(spoke(caching(created()), 8).members) == []


# -- the rest --------------------------------------------------------------------------------------------------------


def test_an_event_that_is_over_is_let_go() -> None:
    cache = caching(created(guild_scheduled_events=[{"id": "1", "status": 1}]))
    assert (
        raw(tell(cache, "GUILD_SCHEDULED_EVENT_UPDATE", id="1", status=2), Section.SCHEDULED_EVENTS)[1]["status"] == 2
    )
    assert list(tell(cache, "GUILD_SCHEDULED_EVENT_UPDATE", id="1", status=3).scheduled_events) == []


def test_occurrences_of_a_recurring_event_are_moved_and_moved_back() -> None:
    def exceptions(guild: Guild) -> list[Doc]:
        found: list[Doc] = raw(guild, Section.SCHEDULED_EVENTS)[1]["guild_scheduled_event_exceptions"]
        return found

    moved = {"event_id": "1", "event_exception_id": "8", "is_canceled": True}
    held = {"id": "1", "name": "party", "guild_scheduled_event_exceptions": [{"event_exception_id": "7"}]}
    cache = caching(created(guild_scheduled_events=[held]))
    for _ in range(2):
        guild = tell(cache, "GUILD_SCHEDULED_EVENT_EXCEPTION_CREATE", **moved)
        assert exceptions(guild) == [{"event_exception_id": "7"}, moved]
    tell(cache, "GUILD_SCHEDULED_EVENT_EXCEPTION_DELETE", event_id="1", event_exception_id="7")
    assert exceptions(guild) == [moved]
    tell(cache, "GUILD_SCHEDULED_EVENT_EXCEPTIONS_DELETE", event_id="1")
    assert exceptions(guild) == []
    assert list(tell(cache, "GUILD_SCHEDULED_EVENT_EXCEPTION_CREATE", event_id="2").scheduled_events) == [1]


def test_sounds_change_one_by_one_or_several_at_once() -> None:
    cache = caching(created(soundboard_sounds=[{"sound_id": "1"}, {"sound_id": "2"}]))
    guild = tell(cache, "GUILD_SOUNDBOARD_SOUNDS_UPDATE", soundboard_sounds=[{"sound_id": "2", "available": False}])
    assert raw(guild, Section.SOUNDBOARD_SOUNDS) == {1: {"sound_id": "1"}, 2: {"sound_id": "2", "available": False}}
    assert list(tell(cache, "GUILD_SOUNDBOARD_SOUND_DELETE", sound_id="1").soundboard_sounds) == [2]


@pytest.mark.parametrize("event", sorted(CHANGES))
def test_an_event_leaves_sections_alone_that_are_not_kept(event: str) -> None:
    cache = GuildCache(CachePolicy.everything(keep=["guild"], members="none"))
    cache.on_event("GUILD_CREATE", GUILD, encode(created()), 0)
    body = {
        "id": "1", "user": user(5), "role": {"id": "1"}, "channel_ids": [], "threads": [], "emojis": [], "stickers": [],
        "soundboard_sounds": [], "author": user(5), "name": "new",
    }  # fmt: skip
    guild = tell(cache, event, **body)
    assert guild.sections == {Section.GUILD}
    assert guild.name == ("new" if event == "GUILD_UPDATE" else "g")


# -- any events at all -------------------------------------------------------------------------------------------

IDS, VALUES = st.integers(1, 12), st.sampled_from([None, "a", "b" * 30, "c" * 200])
SIMPLE: dict[str, tuple[Section, Callable[[Doc], Doc]]] = {
    "GUILD_ROLE": (Section.ROLES, lambda doc: {"role": doc}),
    "CHANNEL": (Section.CHANNELS, lambda doc: doc),
    "STAGE_INSTANCE": (Section.STAGE_INSTANCES, lambda doc: doc),
    "GUILD_SCHEDULED_EVENT": (Section.SCHEDULED_EVENTS, lambda doc: doc),
}


class GuildMachine(RuleBasedStateMachine):
    """Random events; after each, every section equals the model's, and so do the figures."""

    def __init__(self) -> None:
        super().__init__()
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr(entities_module, "PATCHES_MIN", 300)
        self.patch.setattr(entities_module, "BLOCK_MAX", 1_500)

    def teardown(self) -> None:
        self.patch.undo()

    @initialize()
    def begin(self) -> None:
        self.model: dict[Section, dict[int, Doc]] = {section: {} for section in LISTS}
        self.count, self.name = 3, "g"
        self.cache = caching(created())

    def tell(self, event: str, body: Doc) -> None:
        self.cache.on_event(event, GUILD, encode({"guild_id": str(GUILD), **body}), 1)

    @rule(kind=st.sampled_from(sorted(SIMPLE)), verb=st.sampled_from(["CREATE", "UPDATE"]), key=IDS, value=VALUES)
    def put(self, kind: str, verb: str, key: int, value: str | None) -> None:
        section, wrap = SIMPLE[kind]
        self.model[section][key] = {"id": str(key), "topic": value}
        self.tell(f"{kind}_{verb}", wrap({"id": str(key), "topic": value}))

    @rule(kind=st.sampled_from(sorted(SIMPLE)), key=IDS)
    def delete(self, kind: str, key: int) -> None:
        self.model[SIMPLE[kind][0]].pop(key, None)
        if kind == "CHANNEL":
            threads = self.model[Section.THREADS]
            self.model[Section.THREADS] = {k: t for k, t in threads.items() if t["parent_id"] != str(key)}
        self.tell(f"{kind}_DELETE", {"role_id" if kind == "GUILD_ROLE" else "id": str(key)})

    @rule(key=IDS, parent=IDS, value=VALUES, archived=st.booleans(), new=st.booleans())
    def thread(self, key: int, parent: int, value: str | None, archived: bool, new: bool) -> None:
        doc = {"id": str(key), "parent_id": str(parent), "name": value}
        told = {**doc, "thread_metadata": {"archived": archived and not new}}
        if archived and not new:
            self.model[Section.THREADS].pop(key, None)
        else:
            before = {} if new else self.model[Section.THREADS].get(key, {})
            self.model[Section.THREADS][key] = {**before, **told}
        self.tell("THREAD_CREATE" if new else "THREAD_UPDATE", told | ({"newly_created": True} if new else {}))

    @rule(key=IDS, count=st.integers(0, 9))
    def thread_members(self, key: int, count: int) -> None:
        if key in self.model[Section.THREADS]:
            self.model[Section.THREADS][key]["member_count"] = count
        self.tell("THREAD_MEMBERS_UPDATE", {"id": str(key), "member_count": count})

    @rule(key=IDS, value=VALUES)
    def joined(self, key: int, value: str | None) -> None:
        self.model[Section.MEMBERS][key] = member(key, nick=value)
        self.count += 1
        self.tell("GUILD_MEMBER_ADD", member(key, nick=value))

    @rule(key=IDS, value=VALUES)
    def renamed(self, key: int, value: str | None) -> None:
        told = {"user": user(key), "nick": value}
        self.model[Section.MEMBERS][key] = {**self.model[Section.MEMBERS].get(key, {}), **told}
        self.tell("GUILD_MEMBER_UPDATE", told)

    @rule(key=IDS)
    def left(self, key: int) -> None:
        self.count -= 1
        for section in (Section.MEMBERS, Section.PRESENCES):
            self.model[section].pop(key, None)
        self.tell("GUILD_MEMBER_REMOVE", {"user": user(key)})

    @rule(key=IDS, status=st.sampled_from(["online", "offline"]))
    def presence(self, key: int, status: str) -> None:
        doc = {"user": {"id": str(key)}, "status": status}
        self.model[Section.PRESENCES].pop(key, None)
        if status != "offline":
            self.model[Section.PRESENCES][key] = doc
        self.tell("PRESENCE_UPDATE", doc)

    @rule(key=IDS, channel=st.sampled_from([None, "1", "2"]))
    def voice(self, key: int, channel: str | None) -> None:
        doc = {"user_id": str(key), "channel_id": channel}
        self.model[Section.VOICE_STATES].pop(key, None)
        if channel is not None:
            self.model[Section.VOICE_STATES][key] = doc
        self.tell("VOICE_STATE_UPDATE", doc)

    @rule(field=st.sampled_from([Section.EMOJIS, Section.STICKERS]), keys=st.lists(IDS, unique=True), value=VALUES)
    def listed(self, field: Section, keys: list[int], value: str | None) -> None:
        self.model[field] = {key: {"id": str(key), "name": value} for key in keys}
        self.tell(f"GUILD_{field.upper()}_UPDATE", {field: list(self.model[field].values())})

    @rule(key=IDS, value=VALUES, verb=st.sampled_from(["CREATE", "UPDATE", "DELETE"]))
    def sound(self, key: int, value: str | None, verb: str) -> None:
        doc = {"sound_id": str(key), "name": value}
        self.model[Section.SOUNDBOARD_SOUNDS].pop(key, None)
        if verb != "DELETE":
            self.model[Section.SOUNDBOARD_SOUNDS][key] = doc
        self.tell(f"GUILD_SOUNDBOARD_SOUND_{verb}", doc)

    @rule(value=st.sampled_from(["x", "y"]), with_roles=st.booleans())
    def updated(self, value: str, with_roles: bool) -> None:
        self.name = value
        if with_roles:
            self.model[Section.ROLES] = {1: {"id": "1", "topic": value}}
        lists = {"roles": list(self.model[Section.ROLES].values())} if with_roles else {}
        self.tell("GUILD_UPDATE", {"id": str(GUILD), "name": value, **lists})

    @rule()
    def came_back(self) -> None:
        self.cache.on_event("GUILD_DELETE", GUILD, encode({"id": str(GUILD), "unavailable": True}), 1)
        assert self.cache.guild(GUILD) is None
        lists = {section.value: list(found.values()) for section, found in self.model.items()}
        told = created(name=self.name, member_count=self.count, **lists)
        self.cache.on_event("GUILD_CREATE", GUILD, encode(told), 1)

    @invariant()
    def equal(self) -> None:
        guild = self.cache.guild(GUILD)
        assert guild is not None
        for section in LISTS:
            held = {k: {n: v for n, v in doc.items() if n != "guild_id"} for k, doc in raw(guild, section).items()}
            assert held == self.model[section], section
        assert (guild.name, guild.member_count) == (self.name, self.count)
        assert self.cache.snapshot().bytes_held == guild.size()


GuildMachine.TestCase.settings = settings(max_examples=30, stateful_step_count=30, deadline=None)
TestAnyEvents = GuildMachine.TestCase
