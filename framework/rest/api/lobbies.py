"""Lobbies of games, and what is said there ("Lobby")."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from framework.models import UNSET, Maybe, to_wire
from framework.models.lobby import Lobby, LobbyMember, LobbyMessage
from framework.rest.api._base import Api, body, query
from framework.rest.core.route import Route

__all__ = ["LobbiesApi"]


class LobbiesApi(Api):
    """Lobbies ("Lobby" in Discord's documentation).

    A `bearer` token needs the scope `sdk.social_layer`. Metadata is up to 1000 characters in all. Before an
    application's release is approved, making, changing and filling lobbies is limited to 100 each in 2 hours.
    """

    async def create_lobby(
        self,
        *,
        metadata: Maybe[Mapping[str, str] | None] = UNSET,
        members: Maybe[Sequence[LobbyMember] | None] = UNSET,
        idle_timeout_seconds: Maybe[int | None] = UNSET,
        flags: Maybe[int | None] = UNSET,
        override_event_webhooks_url: Maybe[str | None] = UNSET,
    ) -> Lobby:
        """Make a lobby with up to 25 members; clients can neither join nor leave it. It goes when nobody was connected
        for 5 to 604800 seconds, by default 300."""
        wanted = body(
            metadata=metadata, members=members, idle_timeout_seconds=idle_timeout_seconds, flags=flags,
            override_event_webhooks_url=override_event_webhooks_url,
        )  # fmt: skip
        return await self._ask(Lobby, Route.of("POST", "/lobbies"), json=wanted)

    async def create_or_join_lobby(
        self,
        secret: str,
        *,
        lobby_metadata: Maybe[Mapping[str, str] | None] = UNSET,
        member_metadata: Maybe[Mapping[str, str] | None] = UNSET,
        idle_timeout_seconds: Maybe[int | None] = UNSET,
        flags: Maybe[int | None] = UNSET,
        bearer: str | None = None,
    ) -> Lobby:
        """Go into the lobby with this secret, which is made where there is none."""
        wanted = body(
            secret=secret, lobby_metadata=lobby_metadata, member_metadata=member_metadata,
            idle_timeout_seconds=idle_timeout_seconds, flags=flags,
        )  # fmt: skip
        return await self._ask(Lobby, Route.of("PUT", "/lobbies"), json=wanted, bearer=bearer)

    async def get_lobby(self, lobby_id: int) -> Lobby:
        """A lobby."""
        return await self._ask(Lobby, Route.of("GET", "/lobbies/{lobby_id}", lobby_id=lobby_id))

    async def modify_lobby(
        self,
        lobby_id: int,
        *,
        metadata: Maybe[Mapping[str, str] | None] = UNSET,
        members: Maybe[Sequence[LobbyMember] | None] = UNSET,
        idle_timeout_seconds: Maybe[int | None] = UNSET,
        flags: Maybe[int | None] = UNSET,
        override_event_webhooks_url: Maybe[str | None] = UNSET,
    ) -> Lobby:
        """Change a lobby; with `members`, up to 25, everybody else is removed."""
        wanted = body(
            metadata=metadata, members=members, idle_timeout_seconds=idle_timeout_seconds, flags=flags,
            override_event_webhooks_url=override_event_webhooks_url,
        )  # fmt: skip
        return await self._ask(Lobby, Route.of("PATCH", "/lobbies/{lobby_id}", lobby_id=lobby_id), json=wanted)

    async def delete_lobby(self, lobby_id: int) -> None:
        """Delete a lobby; one that is gone is no error."""
        await self._do(Route.of("DELETE", "/lobbies/{lobby_id}", lobby_id=lobby_id))

    # -- members ---------------------------------------------------------------------------------------------

    async def add_lobby_member(
        self,
        lobby_id: int,
        user_id: int,
        *,
        metadata: Maybe[Mapping[str, str] | None] = UNSET,
        flags: Maybe[int | None] = UNSET,
        additional_name: Maybe[str | None] = UNSET,
    ) -> LobbyMember:
        """Put a user into a lobby, or change what is said of them there. `flags` are LobbyMemberFlags."""
        route = Route.of("PUT", "/lobbies/{lobby_id}/members/{user_id}", lobby_id=lobby_id, user_id=user_id)
        wanted = body(metadata=metadata, flags=flags, additional_name=additional_name)
        return await self._ask(LobbyMember, route, json=wanted)

    async def bulk_update_lobby_members(self, lobby_id: int, members: Sequence[LobbyMember]) -> list[LobbyMember]:
        """Put up to 25 users into a lobby, change what is said of them, or remove those with `remove_member`.

        Returns who was put in or changed. Those for whom there is no room are left out without an error.
        """
        route = Route.of("POST", "/lobbies/{lobby_id}/members/bulk", lobby_id=lobby_id)
        return await self._ask(list[LobbyMember], route, json=to_wire(list(members)))

    async def remove_lobby_member(self, lobby_id: int, user_id: int) -> None:
        """Take a user out of a lobby; one who is not in it is no error."""
        route = Route.of("DELETE", "/lobbies/{lobby_id}/members/{user_id}", lobby_id=lobby_id, user_id=user_id)
        await self._do(route)

    async def leave_lobby(self, lobby_id: int, *, bearer: str | None = None) -> None:
        """Go out of a lobby; not being in it is no error."""
        await self._do(Route.of("DELETE", "/lobbies/{lobby_id}/members/@me", lobby_id=lobby_id), bearer=bearer)

    # -- the linked channel ----------------------------------------------------------------------------------

    async def link_channel_to_lobby(self, lobby_id: int, channel_id: int | None, *, bearer: str | None = None) -> Lobby:
        """Forward what is said in a lobby to a text channel too; None ends that.

        A user needs CAN_LINK_LOBBY in the lobby, and MANAGE_CHANNELS for the channel.
        """
        route = Route.of("PATCH", "/lobbies/{lobby_id}/channel-linking", lobby_id=lobby_id)
        return await self._ask(Lobby, route, json=body(channel_id=channel_id), bearer=bearer)

    async def create_lobby_channel_invite_for_self(self, lobby_id: int, *, bearer: str | None = None) -> str:
        """The code of an invite to the linked channel, for the token's user, once and within an hour."""
        route = Route.of("POST", "/lobbies/{lobby_id}/members/@me/invites", lobby_id=lobby_id)
        return (await self._ask(dict[str, str], route, bearer=bearer))["code"]

    async def create_lobby_channel_invite_for_user(self, lobby_id: int, user_id: int) -> str:
        """The code of an invite to the linked channel, for one user, once and within an hour."""
        template = "/lobbies/{lobby_id}/members/{user_id}/invites"
        route = Route.of("POST", template, lobby_id=lobby_id, user_id=user_id)
        return (await self._ask(dict[str, str], route))["code"]

    # -- messages --------------------------------------------------------------------------------------------

    async def send_lobby_message(
        self,
        lobby_id: int,
        content: str,
        *,
        metadata: Maybe[Mapping[str, str] | None] = UNSET,
        flags: Maybe[int | None] = UNSET,
        bearer: str | None = None,
    ) -> LobbyMessage:
        """Say something in a lobby; a user must be in it. `metadata` is for the game's clients."""
        route = Route.of("POST", "/lobbies/{lobby_id}/messages", lobby_id=lobby_id)
        said = body(content=content, metadata=metadata, flags=flags)
        return await self._ask(LobbyMessage, route, json=said, bearer=bearer)

    async def get_lobby_messages(
        self, lobby_id: int, *, limit: int | None = None, bearer: str | None = None
    ) -> list[LobbyMessage]:
        """What was said last in a lobby, newest first: 1 to 200 messages (50 by default); a user must be in it."""
        route = Route.of("GET", "/lobbies/{lobby_id}/messages", lobby_id=lobby_id)
        return await self._ask(list[LobbyMessage], route, query=query(limit=limit), bearer=bearer)

    async def update_lobby_message_moderation_metadata(
        self, lobby_id: int, message_id: int, metadata: Mapping[str, str]
    ) -> None:
        """Note for the game's clients how a message was judged: up to 5 keys, values of up to 2000 characters."""
        template = "/lobbies/{lobby_id}/messages/{message_id}/moderation-metadata"
        route = Route.of("PUT", template, lobby_id=lobby_id, message_id=message_id)
        await self._do(route, json=dict(metadata))
