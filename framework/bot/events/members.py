"""Members (intent GUILD_MEMBERS; the bot's own GUILD_MEMBER_UPDATE comes without) and their presences (intent
GUILD_PRESENCES)."""

from __future__ import annotations

from framework.bot.events._base import Event
from framework.models import UNSET, Maybe, Member, Presence, Snowflake, User

__all__ = ["GuildMemberAdd", "GuildMemberRemove", "GuildMemberUpdate", "GuildMembersChunk", "PresenceUpdate"]


class _MemberEvent(Member, Event, kw_only=True):
    guild_id: Snowflake
    user: User


class GuildMemberAdd(_MemberEvent, kw_only=True):
    """GUILD_MEMBER_ADD."""

    NAME = "GUILD_MEMBER_ADD"


class GuildMemberUpdate(_MemberEvent, kw_only=True):
    """GUILD_MEMBER_UPDATE: the member or the user has changed. The end of a timeout is no change."""

    NAME = "GUILD_MEMBER_UPDATE"


class GuildMemberRemove(Event, kw_only=True):
    """GUILD_MEMBER_REMOVE: left, kicked, pruned or banned. Never causes a guild fetch."""

    NAME = "GUILD_MEMBER_REMOVE"

    guild_id: Snowflake
    user: User


class GuildMembersChunk(Event, kw_only=True):
    """GUILD_MEMBERS_CHUNK: up to 1000 of the members that were asked for. Chunks of several requests may mix."""

    NAME = "GUILD_MEMBERS_CHUNK"

    guild_id: Snowflake
    members: list[Member]
    chunk_index: int  # from 0
    chunk_count: int
    not_found: Maybe[list[int | str]] = UNSET  # as on the wire: text; what is no snowflake may come back as a number
    presences: Maybe[list[Presence]] = UNSET  # when asked for
    nonce: Maybe[str] = UNSET  # of the request


class PresenceUpdate(Presence, Event, kw_only=True):
    """PRESENCE_UPDATE: one for each guild shared with the user. Never causes a guild fetch."""

    NAME = "PRESENCE_UPDATE"

    guild_id: Snowflake
