"""Stickers, standard ones and those of guilds ("Sticker")."""

from __future__ import annotations

import dataclasses

from framework.models._base import UNSET, Maybe, Model
from framework.models.sticker import Sticker, StickerPack
from framework.rest.api._base import Api, body
from framework.rest.core.route import Route
from framework.rest.files import File

__all__ = ["StickersApi"]

_STICKER = "/guilds/{guild_id}/stickers/{sticker_id}"


class _Packs(Model):
    sticker_packs: list[StickerPack]


class StickersApi(Api):
    """Stickers. To make one in a guild needs CREATE_GUILD_EXPRESSIONS; to change or delete another's needs
    MANAGE_GUILD_EXPRESSIONS."""

    async def get_sticker(self, sticker_id: int) -> Sticker:
        """A sticker of any kind."""
        return await self._ask(Sticker, Route.of("GET", "/stickers/{sticker_id}", sticker_id=sticker_id))

    async def list_sticker_packs(self) -> list[StickerPack]:
        """All packs of standard stickers."""
        return (await self._ask(_Packs, Route.of("GET", "/sticker-packs"))).sticker_packs

    async def get_sticker_pack(self, pack_id: int) -> StickerPack:
        """One pack."""
        return await self._ask(StickerPack, Route.of("GET", "/sticker-packs/{pack_id}", pack_id=pack_id))

    async def list_guild_stickers(self, guild_id: int) -> list[Sticker]:
        """All stickers of a guild."""
        return await self._ask(list[Sticker], Route.of("GET", "/guilds/{guild_id}/stickers", guild_id=guild_id))

    async def get_guild_sticker(self, guild_id: int, sticker_id: int) -> Sticker:
        """One sticker of a guild."""
        return await self._ask(Sticker, Route.of("GET", _STICKER, guild_id=guild_id, sticker_id=sticker_id))

    async def create_guild_sticker(
        self, guild_id: int, name: str, file: File, *, tags: str, description: str = "", reason: str | None = None
    ) -> Sticker:
        """Make a sticker of a PNG, APNG, GIF or Lottie file: 512 KiB, 320 × 320 pixels and 5 seconds at most.

        `tags` is the name of the unicode emoji that suggests it. Lottie is for verified and partnered guilds.
        """
        route = Route.of("POST", "/guilds/{guild_id}/stickers", guild_id=guild_id)
        fields = body(name=name, tags=tags, description=description)
        upload = dataclasses.replace(file, field="file")
        return await self._ask(Sticker, route, json=fields, files=[upload], reason=reason)

    async def modify_guild_sticker(
        self,
        guild_id: int,
        sticker_id: int,
        *,
        name: Maybe[str] = UNSET,
        tags: Maybe[str] = UNSET,
        description: Maybe[str | None] = UNSET,
        reason: str | None = None,
    ) -> Sticker:
        """Change what is said about a sticker."""
        route = Route.of("PATCH", _STICKER, guild_id=guild_id, sticker_id=sticker_id)
        return await self._ask(Sticker, route, json=body(name=name, tags=tags, description=description), reason=reason)

    async def delete_guild_sticker(self, guild_id: int, sticker_id: int, *, reason: str | None = None) -> None:
        """Delete a sticker."""
        await self._do(Route.of("DELETE", _STICKER, guild_id=guild_id, sticker_id=sticker_id), reason=reason)
