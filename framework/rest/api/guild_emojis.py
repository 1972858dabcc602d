"""Emojis of a guild ("Emoji")."""

from __future__ import annotations

from collections.abc import Sequence

from framework.models._base import UNSET, Maybe
from framework.models.emoji import Emoji
from framework.rest.api._base import Api, body
from framework.rest.core.route import Route

__all__ = ["GuildEmojisApi"]

_EMOJI = "/guilds/{guild_id}/emojis/{emoji_id}"


class GuildEmojisApi(Api):
    """Emojis of a guild. To make one needs CREATE_GUILD_EXPRESSIONS; to change or delete another's needs
    MANAGE_GUILD_EXPRESSIONS."""

    async def list_guild_emojis(self, guild_id: int) -> list[Emoji]:
        """All emojis."""
        return await self._ask(list[Emoji], Route.of("GET", "/guilds/{guild_id}/emojis", guild_id=guild_id))

    async def get_guild_emoji(self, guild_id: int, emoji_id: int) -> Emoji:
        """One emoji."""
        return await self._ask(Emoji, Route.of("GET", _EMOJI, guild_id=guild_id, emoji_id=emoji_id))

    async def create_guild_emoji(
        self, guild_id: int, name: str, image: str, *, roles: Sequence[int] = (), reason: str | None = None
    ) -> Emoji:
        """Make an emoji from a data URI of 256 KiB at most; with `roles`, only who has one of them can use it."""
        route = Route.of("POST", "/guilds/{guild_id}/emojis", guild_id=guild_id)
        return await self._ask(Emoji, route, json=body(name=name, image=image, roles=roles), reason=reason)

    async def modify_guild_emoji(
        self,
        guild_id: int,
        emoji_id: int,
        *,
        name: Maybe[str] = UNSET,
        roles: Maybe[Sequence[int] | None] = UNSET,
        reason: str | None = None,
    ) -> Emoji:
        """Rename an emoji, or change who can use it."""
        route = Route.of("PATCH", _EMOJI, guild_id=guild_id, emoji_id=emoji_id)
        return await self._ask(Emoji, route, json=body(name=name, roles=roles), reason=reason)

    async def delete_guild_emoji(self, guild_id: int, emoji_id: int, *, reason: str | None = None) -> None:
        """Delete an emoji."""
        await self._do(Route.of("DELETE", _EMOJI, guild_id=guild_id, emoji_id=emoji_id), reason=reason)
