"""The session itself and the bot's own user. Sent whatever the intents are."""

from __future__ import annotations

import msgspec

from framework.bot.events._base import Event
from framework.models import UNSET, Application, Guild, Maybe, Model, Snowflake, User

__all__ = ["RateLimited", "RateLimitedMeta", "Ready", "Resumed", "UserUpdate"]


class Ready(Event, kw_only=True):
    """READY: a session has begun. One for each shard, and another one whenever a session was lost."""

    NAME = "READY"

    v: int  # of the API
    user: User
    guilds: list[Guild]  # those of the shard, unavailable: GUILD_CREATE follows for each
    session_id: str
    resume_gateway_url: str
    shard: Maybe[tuple[int, int]] = UNSET  # its id, and how many there are; UNSET where the bot named none
    application: Application  # id and flags


class Resumed(Event, kw_only=True):
    """RESUMED: all that was missed has been sent."""

    NAME = "RESUMED"

    trace: Maybe[list[str]] = msgspec.field(name="_trace", default=UNSET)  # for Discord's own use


class RateLimitedMeta(Model, kw_only=True):
    """What was asked for too often. That of opcode 8 has the guild, and the nonce if there was one."""

    guild_id: Maybe[Snowflake] = UNSET
    nonce: Maybe[str] = UNSET


class RateLimited(Event, kw_only=True):
    """RATE_LIMITED: the gateway will not answer a request, such as one for all members of a guild. No exception:
    that is `framework.rest.RateLimited`."""

    NAME = "RATE_LIMITED"

    opcode: int  # of the request
    retry_after: float  # seconds
    meta: RateLimitedMeta


class UserUpdate(User, Event, kw_only=True):
    """USER_UPDATE: the bot's own user has changed."""

    NAME = "USER_UPDATE"
