"""Sounds, default ones and those of guilds ("Soundboard")."""

from __future__ import annotations

from framework.models._base import UNSET, Maybe, Model
from framework.models.soundboard import SoundboardSound
from framework.rest.api._base import Api, body
from framework.rest.core.route import Route

__all__ = ["SoundboardApi"]

_SOUND = "/guilds/{guild_id}/soundboard-sounds/{sound_id}"


class _Sounds(Model):
    items: list[SoundboardSound]


class SoundboardApi(Api):
    """Sounds. To make one in a guild needs CREATE_GUILD_EXPRESSIONS; to change or delete another's needs
    MANAGE_GUILD_EXPRESSIONS."""

    async def list_default_soundboard_sounds(self) -> list[SoundboardSound]:
        """The sounds that everybody can play."""
        return await self._ask(list[SoundboardSound], Route.of("GET", "/soundboard-default-sounds"))

    async def list_guild_soundboard_sounds(self, guild_id: int) -> list[SoundboardSound]:
        """All sounds of a guild."""
        route = Route.of("GET", "/guilds/{guild_id}/soundboard-sounds", guild_id=guild_id)
        return (await self._ask(_Sounds, route)).items

    async def get_guild_soundboard_sound(self, guild_id: int, sound_id: int) -> SoundboardSound:
        """One sound of a guild."""
        return await self._ask(SoundboardSound, Route.of("GET", _SOUND, guild_id=guild_id, sound_id=sound_id))

    async def create_guild_soundboard_sound(
        self,
        guild_id: int,
        name: str,
        sound: str,
        *,
        volume: Maybe[float | None] = UNSET,
        emoji_id: Maybe[int | None] = UNSET,
        emoji_name: Maybe[str | None] = UNSET,
        reason: str | None = None,
    ) -> SoundboardSound:
        """Make a sound from the data URI of an MP3 or Ogg file: 512 KiB and 5.2 seconds at most."""
        route = Route.of("POST", "/guilds/{guild_id}/soundboard-sounds", guild_id=guild_id)
        fields = body(name=name, sound=sound, volume=volume, emoji_id=emoji_id, emoji_name=emoji_name)
        return await self._ask(SoundboardSound, route, json=fields, reason=reason)

    async def modify_guild_soundboard_sound(
        self,
        guild_id: int,
        sound_id: int,
        *,
        name: Maybe[str] = UNSET,
        volume: Maybe[float | None] = UNSET,
        emoji_id: Maybe[int | None] = UNSET,
        emoji_name: Maybe[str | None] = UNSET,
        reason: str | None = None,
    ) -> SoundboardSound:
        """Change what is said about a sound, or its volume."""
        route = Route.of("PATCH", _SOUND, guild_id=guild_id, sound_id=sound_id)
        fields = body(name=name, volume=volume, emoji_id=emoji_id, emoji_name=emoji_name)
        return await self._ask(SoundboardSound, route, json=fields, reason=reason)

    async def delete_guild_soundboard_sound(self, guild_id: int, sound_id: int, *, reason: str | None = None) -> None:
        """Delete a sound."""
        await self._do(Route.of("DELETE", _SOUND, guild_id=guild_id, sound_id=sound_id), reason=reason)
