"""Live stages ("Stage Instance")."""

from __future__ import annotations

from framework.models._base import UNSET, Maybe
from framework.models.stage import StageInstance
from framework.rest.api._base import Api, body
from framework.rest.core.route import Route

__all__ = ["StagesApi"]

_STAGE = "/stage-instances/{stage_channel_id}"  # limits are not counted by this channel: the path is none of /channels


class StagesApi(Api):
    """Live stages. All but reading needs a stage moderator: MANAGE_CHANNELS, MUTE_MEMBERS and MOVE_MEMBERS there."""

    async def create_stage_instance(
        self,
        channel_id: int,
        topic: str,
        *,
        privacy_level: Maybe[int] = UNSET,
        send_start_notification: Maybe[bool] = UNSET,
        guild_scheduled_event_id: Maybe[int] = UNSET,
        reason: str | None = None,
    ) -> StageInstance:
        """Open a stage channel; to notify @everyone of it needs MENTION_EVERYONE."""
        fields = body(
            channel_id=channel_id,
            topic=topic,
            privacy_level=privacy_level,
            send_start_notification=send_start_notification,
            guild_scheduled_event_id=guild_scheduled_event_id,
        )
        return await self._ask(StageInstance, Route.of("POST", "/stage-instances"), json=fields, reason=reason)

    async def get_stage_instance(self, channel_id: int) -> StageInstance:
        """The live stage of a channel, NotFound (10067) where it is closed."""
        return await self._ask(StageInstance, Route.of("GET", _STAGE, stage_channel_id=channel_id))

    async def modify_stage_instance(
        self,
        channel_id: int,
        *,
        topic: Maybe[str] = UNSET,
        privacy_level: Maybe[int] = UNSET,
        reason: str | None = None,
    ) -> StageInstance:
        """Change the topic of a live stage."""
        route = Route.of("PATCH", _STAGE, stage_channel_id=channel_id)
        return await self._ask(StageInstance, route, json=body(topic=topic, privacy_level=privacy_level), reason=reason)

    async def delete_stage_instance(self, channel_id: int, *, reason: str | None = None) -> None:
        """Close a stage."""
        await self._do(Route.of("DELETE", _STAGE, stage_channel_id=channel_id), reason=reason)
