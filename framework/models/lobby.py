"""Lobbies of games, who is in them and what is said there ("Lobby")."""

from __future__ import annotations

from enum import IntFlag

from framework.models._base import UNSET, Maybe, Model, Snowflake
from framework.models.channel import Channel
from framework.models.message import LobbyMessageMember
from framework.models.user import User

__all__ = ["Lobby", "LobbyMember", "LobbyMemberFlags", "LobbyMessage"]


class LobbyMemberFlags(IntFlag):
    """What somebody may do in a lobby."""

    CAN_LINK_LOBBY = 1 << 0


class LobbyMember(Model, kw_only=True):
    """A user in a lobby; `metadata` is up to 1000 characters in all."""

    id: Snowflake
    metadata: Maybe[dict[str, str] | None] = UNSET
    flags: Maybe[int] = UNSET  # LobbyMemberFlags
    additional_name: Maybe[str | None] = UNSET  # a name in the game, up to 80 characters
    remove_member: Maybe[bool] = UNSET  # is said only, in `bulk_update_lobby_members`


class Lobby(Model, kw_only=True):
    """A lobby of a game. It goes when nobody in it has been connected for some time."""

    id: Snowflake
    application_id: Snowflake
    metadata: dict[str, str] | None
    members: list[LobbyMember]
    linked_channel: Maybe[Channel] = UNSET  # where messages are forwarded to
    flags: Maybe[int] = UNSET
    override_event_webhooks_url: Maybe[str | None] = UNSET


class LobbyMessage(Model, kw_only=True):
    """A message in a lobby."""

    id: Snowflake
    type: int  # MessageType
    content: str
    lobby_id: Snowflake
    channel_id: Snowflake  # the lobby's id once more
    author: User
    lobby_member: Maybe[LobbyMessageMember] = UNSET
    metadata: Maybe[dict[str, str] | None] = UNSET
    moderation_metadata: Maybe[dict[str, str] | None] = UNSET
    flags: int  # MessageFlags
    application_id: Maybe[Snowflake] = UNSET
