"""What auto-moderation finds in a text. The tables of keywords are those of Discord's documentation."""

import pytest

from discord_sim.rules.auto_moderation import (
    GTUBE,
    KEYWORD,
    MENTIONS,
    PRESET,
    PROFILE,
    SPAM,
    is_pattern,
    judge,
)


def rule(kind=KEYWORD, *, roles=(), channels=(), enabled=True, **terms):
    empty = {"keyword_filter": [], "regex_patterns": [], "allow_list": []}
    return {
        "trigger_type": kind, "enabled": enabled, "exempt_roles": list(roles), "exempt_channels": list(channels),
        "trigger_metadata": {**empty, **terms},
    }  # fmt: skip


def found(text, made):
    return [(hit.keyword, hit.content) for hit in judge([made], text, ["channel", "category"], ["role"])]


@pytest.mark.parametrize(("keyword", "text", "content"), [
    ("cat*", "a Catapult", "Cat"), ("cat*", "CAttLE", "CAt"), ("the mat*", "in the matrix", "the mat"),
    ("*cat", "a wildcat", "cat"), ("*tra", "orchesTRA", "TRA"), ("*the mat", "breathe mat", "the mat"),
    ("*cat*", "eduCation", "Cat"), ("*the mat*", "breathe matter", "the mat"), ("cat", "the cat sat", "cat"),
    ("the mat", "on the mat", "the mat"), ("i like c++", "I like C++ most", "I like C++"),
])  # fmt: skip
def test_a_keyword_matches(keyword, text, content):
    assert found(text, rule(keyword_filter=[keyword])) == [(keyword, content)]


@pytest.mark.parametrize(("keyword", "text"), [
    ("cat*", "wildcat"), ("*cat", "cattle"), ("cat", "cats"), ("cat", "wildcat"),
    ("the mat", "the matter"), ("*", "any"),
])  # fmt: skip
def test_a_keyword_does_not_match(keyword, text):
    assert found(text, rule(keyword_filter=[keyword])) == []


def test_patterns_ignore_case():
    assert found("a BAT", rule(regex_patterns=["(b|c)at"])) == [("(b|c)at", "BAT")]


@pytest.mark.parametrize("text", [r"^(?:[0-9]{1,3}\.){3}[0-9]{1,3}$", "(?i)x", r"\\1", "[[a]"])
def test_a_pattern(text):
    assert is_pattern(text)


@pytest.mark.parametrize("text", ["(", "(?=x)", "(?<!x)y", r"(a)\1", "(?P<n>a)(?P=n)", "a{99999999999}", "x(?i)"])
def test_no_pattern(text):
    assert not is_pattern(text)


def test_what_lies_within_an_allowed_word_is_no_match_but_the_next_one_is():
    strict = rule(keyword_filter=["*word*"], allow_list=["goodword", "sword*"])
    assert found("a goodword and swordfish", strict) == []
    assert found("a goodword, a badword", strict) == [("*word*", "word")]


def test_wordsets_have_allowed_words_too():
    assert found("oh damn", rule(PRESET, presets=[1])) == [("damn", "damn")]
    assert found("oh damn", rule(PRESET, presets=[2, 3])) == []
    assert found("oh damn", rule(PRESET, presets=[1], allow_list=["damn"])) == []


def test_mentions_of_users_and_roles_are_counted_once_each():
    limited = rule(MENTIONS, mention_total_limit=2)
    assert found("<@1> <@!1> <@&1> <@1>", limited) == []
    assert found("<@1> <@2> <@&1>", limited) == [(None, None)]


def test_spam_is_the_line_that_every_filter_knows():
    assert found(f"look: {GTUBE}", rule(SPAM)) == [(None, GTUBE)]
    assert found("buy now", rule(SPAM)) == []


def test_profiles_are_no_texts():
    assert found("cat", rule(PROFILE, keyword_filter=["cat"])) == []


@pytest.mark.parametrize(
    "how", [{"channels": ["channel"]}, {"channels": ["category"]}, {"roles": ["role"]}, {"enabled": False}]
)
def test_exempt_places_and_roles_and_disabled_rules(how):
    assert found("cat", rule(keyword_filter=["cat"])) != []
    assert found("cat", rule(keyword_filter=["cat"], **how)) == []


def test_every_rule_that_is_broken_is_found_once():
    rules = [rule(keyword_filter=["cat", "dog"]), rule(keyword_filter=["cow"]), rule(keyword_filter=["dog"])]
    assert [hit.keyword for hit in judge(rules, "dog cat", [], [])] == ["cat", "dog"]
