"""How events name things, and what those who apply them share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from framework.bot.cache.entities import Entities
from framework.bot.cache.guild import Guild
from framework.bot.cache.policy import CachePolicy
from framework.models import UNSET, UnsetType

__all__ = ["Change", "bytes_of", "encode", "ids_in", "lists_in", "put_or_amend", "reader"]

Change = Callable[[Guild, bytes, int, CachePolicy], None]
"""Applies one event: (guild, the event's `d`, when it was received in ms, the policy)."""

encode = msgspec.json.encode


class _Ids(msgspec.Struct):
    """The ids and flags that events name things by."""

    id: int = 0
    event_id: int = 0
    event_exception_id: int = 0
    role_id: int = 0
    sound_id: int = 0
    user_id: int = 0
    channel_id: int | None = None
    status: Any = None


class _Lists(msgspec.Struct):
    """Events that bring entities in lists."""

    members: list[msgspec.Raw] = []
    presences: list[msgspec.Raw] = []
    threads: list[msgspec.Raw] = []
    soundboard_sounds: list[msgspec.Raw] = []
    guild_scheduled_event_exceptions: list[msgspec.Raw] = []
    channel_ids: list[int] | UnsetType = UNSET


def reader(kind: type[Any]) -> Callable[[bytes], Any]:
    """Decodes the fields that `kind` names."""
    return msgspec.json.Decoder(kind, strict=False).decode


ids_in, lists_in = reader(_Ids), reader(_Lists)


def bytes_of(found: list[msgspec.Raw]) -> list[bytes]:
    """Copies of parts of an event, which do not keep the whole event."""
    return [bytes(raw) for raw in found]


def put_or_amend(held: Entities, entity_id: int, data: bytes) -> None:
    """Events of updates may leave fields out that the object has elsewhere."""
    if not held.amend(entity_id, data):
        held.put(data)
