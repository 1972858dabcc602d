"""What a bot tells the gateway, and what is refused before it is sent."""

from __future__ import annotations

import json

import pytest

from framework import InvalidUse
from framework.gateway import commands


@pytest.mark.parametrize(("length", "fits"), [(4_096, True), (4_097, False)])
def test_a_payload_may_have_4096_bytes(length: int, fits: bool) -> None:
    empty = len(commands.encode(8, ""))
    text = "x" * (length - empty)
    if fits:
        assert len(commands.encode(8, text)) == 4_096
    else:
        with pytest.raises(InvalidUse, match="op 8 has 4,097 bytes"):
            commands.encode(8, text)


def test_ids_are_sent_as_text() -> None:
    big = 2**63
    assert commands.voice_state(big, big + 1) == {
        "guild_id": str(big), "channel_id": str(big + 1), "self_mute": False, "self_deaf": False,
    }  # fmt: skip
    assert commands.voice_state(big, None)["channel_id"] is None
    asked = commands.member_request(big, "n", query=None, limit=0, user_ids=[big], presences=False)
    assert (asked["guild_id"], asked["user_ids"]) == (str(big), [str(big)])
    assert commands.soundboard_request([big]) == {"guild_ids": [str(big)]}
    json.loads(commands.encode(8, asked))


def test_presence_has_every_field_that_discord_wants() -> None:
    assert commands.presence("idle", [{"name": "chess", "type": 0}], since_ms=5) == {
        "status": "idle", "activities": [{"name": "chess", "type": 0}], "afk": False, "since": 5,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda: commands.presence("away"), "online, dnd, idle"),
        (lambda: commands.presence(activities=[{"type": 0}]), "name"),
        (lambda: commands.soundboard_request([]), "guild"),
        (lambda: commands.member_request(1, "", query=None, limit=0, user_ids=[], presences=False), "exactly one"),
        (lambda: commands.member_request(1, "", query="a", limit=1, user_ids=[1], presences=False), "exactly one"),
        (lambda: commands.member_request(1, "", query="a", limit=0, user_ids=[], presences=False), "limit"),
        (lambda: commands.member_request(1, "", query="a", limit=101, user_ids=[], presences=False), "0 to 100"),
        (lambda: commands.member_request(1, "", query=None, limit=0, user_ids=[1] * 101, presences=False), "100"),
    ],
)
def test_what_discord_would_refuse_or_not_answer_is_named(call, named: str) -> None:
    with pytest.raises(InvalidUse, match=named):
        call()
