"""What auto-moderation finds in a text: keywords with wildcards, patterns, wordsets, mentions ("Auto Moderation").

Discord tells neither its wordsets nor what it takes for spam. Here a few mild words stand for each wordset, and spam is
a text with the GTUBE line, which was made to be caught by every filter.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

__all__ = ["GTUBE", "KEYWORD", "MENTIONS", "PRESET", "PROFILE", "SPAM", "WORDSETS", "Hit", "is_pattern", "judge"]

Rule = Mapping[str, Any]

KEYWORD, SPAM, PRESET, MENTIONS, PROFILE = 1, 3, 4, 5, 6  # trigger types
GTUBE = "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"
WORDSETS = {
    1: ("damn", "crap", "bollocks", "bugger"),  # profanity
    2: ("porn*", "xxx", "striptease"),  # sexual content
    3: ("moron*", "imbecile*", "halfwit*"),  # slurs
}
_MENTION = re.compile(r"<@(&?)!?(\d{1,19})>")
_ESCAPED = re.compile(r"\\[^1-9]")
_NOT_RUST = re.compile(r"\(\?(?:<?[=!]|P[=>]|>|\()|\\[1-9]")
_NEVER = r"(?!)"


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule that a text breaks, the keyword or pattern of the rule it matches, and the part of the text that does."""

    rule: Rule
    keyword: str | None = None
    content: str | None = None


def judge(rules: Iterable[Rule], text: str, places: Collection[str], roles: Collection[str]) -> list[Hit]:
    """The rules that a text breaks, sent by a member with `roles` in `places`: a channel and what it lies in."""
    hits = []
    for rule in rules:
        exempt = not set(places).isdisjoint(rule["exempt_channels"]) or not set(roles).isdisjoint(rule["exempt_roles"])
        if rule["enabled"] and not exempt and (hit := _break(rule, text)):
            hits.append(hit)
    return hits


def is_pattern(text: str) -> bool:
    """Whether a text is a regular expression. Discord's are Rust's, which know neither look-around nor references back;
    what only Python's engine does not know is no pattern here either."""
    if _NOT_RUST.search(_ESCAPED.sub("", text)):
        return False
    try:
        _pattern(text)
    except (re.error, OverflowError, RecursionError):
        return False
    return True


@lru_cache(maxsize=256)
def _pattern(text: str) -> re.Pattern[str]:
    with warnings.catch_warnings():  # Python warns of what may mean something else in a later version
        warnings.simplefilter("ignore")
        return re.compile(text, re.IGNORECASE)


@lru_cache(maxsize=8192)
def _keyword(keyword: str, *, to_word_ends: bool = False) -> re.Pattern[str]:
    """`cat*` begins a word, `*cat` ends one, `*cat*` lies anywhere, `cat` stands between spaces."""
    wild = r"\S*" if to_word_ends else ""
    head = wild if keyword.startswith("*") else r"(?<!\S)"
    tail = wild if keyword.endswith("*") else r"(?!\S)"
    core = re.escape(keyword.strip("*"))
    return re.compile(f"{head}{core}{tail}" if core else _NEVER, re.IGNORECASE)


def _break(rule: Rule, text: str) -> Hit | None:
    terms, kind = rule["trigger_metadata"], rule["trigger_type"]
    if kind == SPAM:
        return Hit(rule, None, GTUBE) if GTUBE in text else None
    if kind == MENTIONS:
        return Hit(rule) if len(set(_MENTION.findall(text))) > terms["mention_total_limit"] else None
    keywords: Iterable[str] = ()
    patterns: Iterable[str] = ()
    if kind == KEYWORD:
        keywords, patterns = terms["keyword_filter"], terms["regex_patterns"]
    elif kind == PRESET:
        keywords = [word for preset in terms["presets"] for word in WORDSETS[preset]]
    for words, read in ((keywords, _keyword), (patterns, _pattern)):
        for word in words:
            for found in read(word).finditer(text):
                if not _is_allowed(found, text, terms["allow_list"]):
                    return Hit(rule, word, found[0])
    return None


def _is_allowed(found: re.Match[str], text: str, allow_list: Iterable[str]) -> bool:
    """Whether what was found lies within something that the rule allows."""
    return any(
        allowed.start() <= found.start() and found.end() <= allowed.end()
        for word in allow_list
        for allowed in _keyword(word, to_word_ends=True).finditer(text)
    )
