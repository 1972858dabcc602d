"""The channels of a guild ("Guild")."""

from __future__ import annotations

from collections.abc import Sequence

from framework.models._base import UNSET, Maybe
from framework.models.channel import Channel, DefaultReaction, NewForumTag, PermissionOverwrite
from framework.models.codec import to_wire
from framework.models.guild import ChannelPosition
from framework.rest.api._base import Api, body
from framework.rest.core.route import Route

__all__ = ["GuildChannelsApi"]


class GuildChannelsApi(Api):
    """Channels of a guild."""

    async def get_guild_channels(self, guild_id: int, *, bearer: str | None = None) -> list[Channel]:
        """All channels except threads, also those that the bot cannot see."""
        route = Route.of("GET", "/guilds/{guild_id}/channels", guild_id=guild_id)
        return await self._ask(list[Channel], route, bearer=bearer)

    async def create_guild_channel(
        self,
        guild_id: int,
        name: str,
        *,
        type: Maybe[int] = UNSET,
        topic: Maybe[str | None] = UNSET,
        position: Maybe[int | None] = UNSET,
        parent_id: Maybe[int | None] = UNSET,
        permission_overwrites: Maybe[Sequence[PermissionOverwrite]] = UNSET,
        nsfw: Maybe[bool] = UNSET,
        rate_limit_per_user: Maybe[int] = UNSET,
        bitrate: Maybe[int] = UNSET,
        user_limit: Maybe[int] = UNSET,
        rtc_region: Maybe[str | None] = UNSET,
        video_quality_mode: Maybe[int] = UNSET,
        default_auto_archive_duration: Maybe[int] = UNSET,
        default_reaction_emoji: Maybe[DefaultReaction | None] = UNSET,
        default_thread_rate_limit_per_user: Maybe[int] = UNSET,
        default_sort_order: Maybe[int | None] = UNSET,
        default_forum_layout: Maybe[int] = UNSET,
        default_tag_setting: Maybe[str | None] = UNSET,
        available_tags: Maybe[Sequence[NewForumTag]] = UNSET,
        reason: str | None = None,
    ) -> Channel:
        """Make a channel, a text channel unless `type` says otherwise; needs MANAGE_CHANNELS.

        A guild has up to 500 channels, 50 in a category. Overwrites can hold only permissions that the bot has, and
        MANAGE_ROLES in them needs ADMINISTRATOR.
        """
        route = Route.of("POST", "/guilds/{guild_id}/channels", guild_id=guild_id)
        fields = body(
            name=name,
            type=type,
            topic=topic,
            position=position,
            parent_id=parent_id,
            permission_overwrites=permission_overwrites,
            nsfw=nsfw,
            rate_limit_per_user=rate_limit_per_user,
            bitrate=bitrate,
            user_limit=user_limit,
            rtc_region=rtc_region,
            video_quality_mode=video_quality_mode,
            default_auto_archive_duration=default_auto_archive_duration,
            default_reaction_emoji=default_reaction_emoji,
            default_thread_rate_limit_per_user=default_thread_rate_limit_per_user,
            default_sort_order=default_sort_order,
            default_forum_layout=default_forum_layout,
            default_tag_setting=default_tag_setting,
            available_tags=available_tags,
        )
        return await self._ask(Channel, route, json=fields, reason=reason)

    async def modify_guild_channel_positions(self, guild_id: int, positions: Sequence[ChannelPosition]) -> None:
        """Move channels; needs MANAGE_CHANNELS. Only those that move need to be named."""
        route = Route.of("PATCH", "/guilds/{guild_id}/channels", guild_id=guild_id)
        await self._do(route, json=to_wire(list(positions)))
