"""Voice regions, and who is in voice ("Voice")."""

from __future__ import annotations

import datetime

from framework.models._base import UNSET, Maybe
from framework.models.voice import VoiceRegion, VoiceState
from framework.rest.api._base import Api, body
from framework.rest.core.route import Route

__all__ = ["VoiceApi"]

_MINE = "/guilds/{guild_id}/voice-states/@me"
_STATE = "/guilds/{guild_id}/voice-states/{user_id}"


class VoiceApi(Api):
    """Voice. What can be changed of a state here is for stages only."""

    async def list_voice_regions(self) -> list[VoiceRegion]:
        """The regions that channels can be set to."""
        return await self._ask(list[VoiceRegion], Route.of("GET", "/voice/regions"))

    async def get_guild_voice_regions(self, guild_id: int) -> list[VoiceRegion]:
        """The regions for a guild, where it is VIP those of VIPs too."""
        return await self._ask(list[VoiceRegion], Route.of("GET", "/guilds/{guild_id}/regions", guild_id=guild_id))

    async def get_current_user_voice_state(self, guild_id: int) -> VoiceState:
        """The bot's state, NotFound (10065) where it is not in voice."""
        return await self._ask(VoiceState, Route.of("GET", _MINE, guild_id=guild_id))

    async def get_user_voice_state(self, guild_id: int, user_id: int) -> VoiceState:
        """A member's state, NotFound (10065) where they are not in voice."""
        return await self._ask(VoiceState, Route.of("GET", _STATE, guild_id=guild_id, user_id=user_id))

    async def modify_current_user_voice_state(
        self,
        guild_id: int,
        *,
        channel_id: Maybe[int] = UNSET,
        suppress: Maybe[bool] = UNSET,
        request_to_speak_timestamp: Maybe[datetime.datetime | None] = UNSET,
    ) -> None:
        """Speak on the stage the bot is in, which needs MUTE_MEMBERS, or ask to, which needs REQUEST_TO_SPEAK."""
        fields = body(channel_id=channel_id, suppress=suppress, request_to_speak_timestamp=request_to_speak_timestamp)
        await self._do(Route.of("PATCH", _MINE, guild_id=guild_id), json=fields)

    async def modify_user_voice_state(
        self, guild_id: int, user_id: int, *, channel_id: Maybe[int] = UNSET, suppress: Maybe[bool] = UNSET
    ) -> None:
        """Invite somebody to speak on the stage they are in, or make them listen; needs MUTE_MEMBERS."""
        route = Route.of("PATCH", _STATE, guild_id=guild_id, user_id=user_id)
        await self._do(route, json=body(channel_id=channel_id, suppress=suppress))
