"""Events as handlers see them."""

from __future__ import annotations

import msgspec
import pytest

from framework import Event, MessageCreate, Raw
from framework.bot import events


def test_ids_are_numbers_and_unknown_fields_cost_nothing() -> None:
    data = b'{"id":"175928847299117063","channel_id":"2","author":{"id":"3","avatar":null},"flags":0,"new":{"a":[]}}'
    event = msgspec.json.decode(data, type=MessageCreate, strict=False)
    assert (event.id, event.author.id, event.guild_id, event.guild) == (175_928_847_299_117_063, 3, None, None)


@pytest.mark.parametrize("name", [n for n in events.__all__ if n not in ("Event", "Raw", "User")])
def test_the_name_of_an_event_is_that_of_its_class(name: str) -> None:
    kind = getattr(events, name)
    assert issubclass(kind, Event)
    assert kind.NAME.replace("_", "").lower() == name.lower()


def test_a_raw_event_keeps_its_bytes() -> None:
    assert (Raw("X", b"{}").name, Raw("X", b"{}").data, Raw.NAME) == ("X", b"{}", "")
