"""What a cache policy may say, and what the intents keep true."""

from __future__ import annotations

import pytest

from framework import CachePolicy, Intents, InvalidUse
from framework.bot.cache import FETCHED_BY, NEVER_FETCH, Members, Section, kept_true_by, sections


@pytest.mark.parametrize("argument", ["idle_s", "fetch_per_s", "waiting_max", "speakers_max"])
def test_a_policy_that_cannot_be_is_named(argument: str) -> None:
    with pytest.raises(InvalidUse, match=argument):
        CachePolicy(**{argument: 0})


def test_a_section_that_does_not_exist_is_named_together_with_those_that_do() -> None:
    with pytest.raises(InvalidUse, match=r"'messages'.*roles, channels"):
        CachePolicy(keep=["messages"])
    with pytest.raises(InvalidUse, match="members is one of none, speakers, all, not 'some'"):
        CachePolicy(members="some")


def test_sections_are_given_as_such_or_by_name_and_the_guilds_own_fields_come_with_them() -> None:
    assert sections("roles") == sections([Section.ROLES]) == {Section.GUILD, Section.ROLES}
    assert sections(()) == frozenset()


def test_policies_go_from_nothing_to_everything() -> None:
    assert CachePolicy.nothing().keep == frozenset()
    assert CachePolicy.lazy("roles", idle_s=60).keep == {Section.GUILD, Section.ROLES}
    assert CachePolicy.lazy() == CachePolicy()
    everything = CachePolicy.everything(members="speakers")
    assert (everything.keep, everything.keep_all, everything.members) == (frozenset(Section), True, Members.SPEAKERS)


def test_without_members_their_section_is_not_kept() -> None:
    assert CachePolicy(members=Members.NONE).keep == frozenset(Section) - {Section.MEMBERS}


def test_a_section_is_true_as_long_as_the_intents_tell_its_changes() -> None:
    base = {"guild", "roles", "channels", "threads", "stage_instances"}
    assert kept_true_by(Intents.GUILDS) == base
    assert kept_true_by(Intents.GUILDS | Intents.GUILD_EXPRESSIONS) - base == {
        "emojis",
        "stickers",
        "soundboard_sounds",
    }
    assert kept_true_by(Intents.GUILD_MEMBERS) == {"members"}
    assert kept_true_by(-1) == frozenset(Section)


def test_floods_are_bans_removals_presences_and_the_like() -> None:
    assert {"GUILD_BAN_ADD", "GUILD_MEMBER_REMOVE", "PRESENCE_UPDATE", "TYPING_START"} <= NEVER_FETCH


def test_what_no_request_lists_comes_by_guild_create_only() -> None:
    assert frozenset(Section) - FETCHED_BY.keys() == {"members", "voice_states", "presences", "stage_instances"}
