"""What a bot tells the gateway: each a payload's `d`, checked before it is sent ("Gateway Events", send events)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

import msgspec

from framework.errors import InvalidUse
from framework.wire import PAYLOAD_MAX_BYTES

__all__ = ["ActivityFields", "encode", "member_request", "presence", "soundboard_request", "voice_state"]

_STATUSES = ("online", "dnd", "idle", "invisible", "offline")
_USERS_MAX = 100


class ActivityFields(TypedDict, total=False):
    """What a bot may say of what it does: `name`, `type` (ActivityType), `state`, `url`."""

    name: str
    type: int
    state: str
    url: str


def encode(op: int, data: Any) -> bytes:
    """A payload as JSON. Raises InvalidUse where Discord would close the connection because of its size (4002)."""
    text = msgspec.json.encode({"op": op, "d": data})
    if len(text) > PAYLOAD_MAX_BYTES:
        raise InvalidUse(
            f"the payload of op {op} has {len(text):,} bytes, Discord takes {PAYLOAD_MAX_BYTES:,}: send less at once"
        )
    return text


def presence(
    status: str = "online", activities: Sequence[ActivityFields] = (), *, afk: bool = False, since_ms: int | None = None
) -> dict[str, Any]:
    """Op 3. `since_ms` is Unix time in milliseconds, for who is idle."""
    if status not in _STATUSES:
        raise InvalidUse(f"status {status!r} is none of {', '.join(_STATUSES)}")
    for activity in activities:
        if not activity.get("name"):
            raise InvalidUse("an activity needs a name")
    return {"status": status, "activities": list(activities), "afk": afk, "since": since_ms}


def voice_state(guild_id: int, channel_id: int | None, *, mute: bool = False, deaf: bool = False) -> dict[str, Any]:
    """Op 4: join or move to a voice channel; None leaves."""
    channel = None if channel_id is None else str(channel_id)
    return {"guild_id": str(guild_id), "channel_id": channel, "self_mute": mute, "self_deaf": deaf}


def member_request(
    guild_id: int, nonce: str, *, query: str | None, limit: int, user_ids: Sequence[int], presences: bool
) -> dict[str, Any]:
    """Op 8: members by the beginning of their names, or by id.

    Raises:
        InvalidUse: both or neither of `query` and `user_ids`, too many ids, a negative limit.
    """
    if (query is None) == (not user_ids):
        raise InvalidUse('request members by query ("" is all) or by user_ids: exactly one of them')
    if len(user_ids) > _USERS_MAX:
        raise InvalidUse(f"at most {_USERS_MAX} user_ids in one request, not {len(user_ids)}")
    if not 0 <= limit <= _USERS_MAX:
        raise InvalidUse(f"limit must be 0 to {_USERS_MAX}, not {limit}")
    if query and not limit:
        raise InvalidUse("a query needs a limit of 1 to 100; only the whole list (an empty query) goes without")
    asked: Mapping[str, Any] = (
        {"query": query, "limit": limit}
        if query is not None
        else {
            "user_ids": [str(user) for user in user_ids],
            "limit": 0,
        }
    )
    return {"guild_id": str(guild_id), "nonce": nonce, "presences": presences, **asked}


def soundboard_request(guild_ids: Sequence[int]) -> dict[str, Any]:
    """Op 31: SOUNDBOARD_SOUNDS comes for each guild."""
    if not guild_ids:
        raise InvalidUse("name at least one guild")
    return {"guild_ids": [str(guild) for guild in guild_ids]}
