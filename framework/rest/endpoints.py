"""Discord's calls as methods; thin, typed at the border, answers as plain JSON objects."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

from framework.rest.core.route import Route

__all__ = ["Endpoints"]


class Endpoints(ABC):
    """Everything a bot can ask for. Errors: see `RestManager.request`."""

    @abstractmethod
    async def request(
        self,
        route: Route,
        *,
        json: Any = None,
        query: Mapping[str, str] | None = None,
        reason: str | None = None,
    ) -> Any:
        """Call any route."""

    async def get_gateway_bot(self) -> Any:
        """Gateway address, recommended shards, session start limit."""
        return await self.request(Route.of("GET", "/gateway/bot"))

    async def get_guild(self, guild_id: int, *, with_counts: bool = False) -> Any:
        """A guild."""
        route = Route.of("GET", "/guilds/{guild_id}", guild_id=guild_id)
        return await self.request(route, query={"with_counts": "true"} if with_counts else None)

    async def get_channel(self, channel_id: int) -> Any:
        """A channel."""
        return await self.request(Route.of("GET", "/channels/{channel_id}", channel_id=channel_id))

    async def create_message(self, channel_id: int, content: str, **fields: Any) -> Any:
        """Post to a channel; `fields` are Discord's other body fields."""
        route = Route.of("POST", "/channels/{channel_id}/messages", channel_id=channel_id)
        return await self.request(route, json={"content": content, **fields})

    async def edit_message(self, channel_id: int, message_id: int, content: str) -> Any:
        """Change an own message."""
        template = "/channels/{channel_id}/messages/{message_id}"
        route = Route.of("PATCH", template, channel_id=channel_id, message_id=message_id)
        return await self.request(route, json={"content": content})

    async def delete_message(self, channel_id: int, message_id: int, *, reason: str | None = None) -> None:
        """Delete a message."""
        template = "/channels/{channel_id}/messages/{message_id}"
        await self.request(Route.of("DELETE", template, channel_id=channel_id, message_id=message_id), reason=reason)

    async def create_reaction(self, channel_id: int, message_id: int, emoji: str) -> None:
        """React to a message as the bot."""
        template = "/channels/{channel_id}/messages/{message_id}/reactions/{emoji}/@me"
        await self.request(Route.of("PUT", template, channel_id=channel_id, message_id=message_id, emoji=emoji))

    async def get_bans(self, guild_id: int, *, limit: int = 1000) -> Any:
        """A guild's bans."""
        route = Route.of("GET", "/guilds/{guild_id}/bans", guild_id=guild_id)
        return await self.request(route, query={"limit": str(limit)})

    async def create_ban(self, guild_id: int, user_id: int, *, reason: str | None = None) -> None:
        """Ban a user."""
        route = Route.of("PUT", "/guilds/{guild_id}/bans/{user_id}", guild_id=guild_id, user_id=user_id)
        await self.request(route, reason=reason)

    async def remove_ban(self, guild_id: int, user_id: int, *, reason: str | None = None) -> None:
        """Lift a ban."""
        route = Route.of("DELETE", "/guilds/{guild_id}/bans/{user_id}", guild_id=guild_id, user_id=user_id)
        await self.request(route, reason=reason)

    async def modify_member(self, guild_id: int, user_id: int, *, reason: str | None = None, **fields: Any) -> Any:
        """Change a member: `nick`, `roles`…"""
        route = Route.of("PATCH", "/guilds/{guild_id}/members/{user_id}", guild_id=guild_id, user_id=user_id)
        return await self.request(route, json=fields, reason=reason)

    async def add_role(self, guild_id: int, user_id: int, role_id: int, *, reason: str | None = None) -> None:
        """Give a member a role."""
        template = "/guilds/{guild_id}/members/{user_id}/roles/{role_id}"
        route = Route.of("PUT", template, guild_id=guild_id, user_id=user_id, role_id=role_id)
        await self.request(route, reason=reason)

    async def remove_role(self, guild_id: int, user_id: int, role_id: int, *, reason: str | None = None) -> None:
        """Take a role from a member."""
        template = "/guilds/{guild_id}/members/{user_id}/roles/{role_id}"
        route = Route.of("DELETE", template, guild_id=guild_id, user_id=user_id, role_id=role_id)
        await self.request(route, reason=reason)

    async def bulk_ban(self, guild_id: int, user_ids: Sequence[int], *, reason: str | None = None) -> Any:
        """Ban up to 200 users at once."""
        route = Route.of("POST", "/guilds/{guild_id}/bulk-ban", guild_id=guild_id)
        return await self.request(route, json={"user_ids": [str(u) for u in user_ids]}, reason=reason)
