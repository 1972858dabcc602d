"""An embed in one call."""

from __future__ import annotations

import datetime

import pytest

from framework.builders import embed
from framework.errors import InvalidUse
from framework.models import to_wire
from framework.models.embed import EmbedAuthor, EmbedField


def test_texts_become_what_they_stand_for() -> None:
    made = embed(
        title="Report", color=0xFF0000, author="Tom", footer="the end", image="attachment://a.png", thumbnail="https://a",
        timestamp=datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC),
        fields=[("Bans", "12"), ("Kicks", "3", True), EmbedField(name="Left", value="1")],
    )  # fmt: skip
    assert to_wire(made) == {
        "title": "Report", "color": 0xFF0000, "author": {"name": "Tom"}, "footer": {"text": "the end"},
        "image": {"url": "attachment://a.png"}, "thumbnail": {"url": "https://a"},
        "timestamp": "2026-01-01T00:00:00.000000+00:00",
        "fields": [
            {"name": "Bans", "value": "12", "inline": False}, {"name": "Kicks", "value": "3", "inline": True},
            {"name": "Left", "value": "1"},
        ],
    }  # fmt: skip
    assert embed(description="x", author=EmbedAuthor(name="Tom", url="https://a")).author.url == "https://a"


def test_a_text_that_is_too_long_is_named_at_once() -> None:
    with pytest.raises(InvalidUse, match=r"embeds\[0\]\.fields\[1\]\.value has 1 to 1024 characters, not 1025"):
        embed(fields=[("a", "b"), ("c", "d" * 1025)])
    with pytest.raises(InvalidUse, match="is empty"):
        embed(color=1)
