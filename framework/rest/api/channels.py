"""One channel: what it is, who may do what there, invites to it, and what happens in it ("Channel")."""

from __future__ import annotations

from collections.abc import Sequence

from framework.models import UNSET, Maybe
from framework.models.channel import (
    Channel,
    DefaultReaction,
    FollowedChannel,
    ForumTag,
    NewForumTag,
    PermissionOverwrite,
)
from framework.models.invite import Invite
from framework.rest.api._base import Api, body
from framework.rest.api.invites import target_users_file
from framework.rest.core.route import Route

__all__ = ["ChannelsApi"]


class ChannelsApi(Api):
    """Channels."""

    async def get_channel(self, channel_id: int) -> Channel:
        """A channel or thread."""
        return await self._ask(Channel, Route.of("GET", "/channels/{channel_id}", channel_id=channel_id))

    async def modify_channel(
        self,
        channel_id: int,
        *,
        name: Maybe[str] = UNSET,
        type_: Maybe[int] = UNSET,
        position: Maybe[int | None] = UNSET,
        topic: Maybe[str | None] = UNSET,
        nsfw: Maybe[bool | None] = UNSET,
        rate_limit_per_user: Maybe[int | None] = UNSET,
        bitrate: Maybe[int | None] = UNSET,
        user_limit: Maybe[int | None] = UNSET,
        permission_overwrites: Maybe[Sequence[PermissionOverwrite] | None] = UNSET,
        parent_id: Maybe[int | None] = UNSET,
        rtc_region: Maybe[str | None] = UNSET,
        video_quality_mode: Maybe[int | None] = UNSET,
        default_auto_archive_duration: Maybe[int | None] = UNSET,
        flags: Maybe[int] = UNSET,
        available_tags: Maybe[Sequence[ForumTag | NewForumTag]] = UNSET,
        default_reaction_emoji: Maybe[DefaultReaction | None] = UNSET,
        default_thread_rate_limit_per_user: Maybe[int] = UNSET,
        default_sort_order: Maybe[int | None] = UNSET,
        default_forum_layout: Maybe[int] = UNSET,
        default_tag_setting: Maybe[str | None] = UNSET,
        archived: Maybe[bool] = UNSET,
        auto_archive_duration: Maybe[int] = UNSET,
        locked: Maybe[bool] = UNSET,
        invitable: Maybe[bool] = UNSET,
        applied_tags: Maybe[Sequence[int]] = UNSET,
        icon: Maybe[str | None] = UNSET,
        reason: str | None = None,
    ) -> Channel:
        """Change a channel, a thread or a group; only what its type has. `icon` is a group's, a data URI.

        A channel needs MANAGE_CHANNELS, its overwrites MANAGE_ROLES too; a thread MANAGE_THREADS, where the bot did not
        begin it. Name and topic of a channel can change twice in ten minutes. Lists replace what was there.
        """
        fields = body(
            name=name, type_=type_, position=position, topic=topic, nsfw=nsfw, rate_limit_per_user=rate_limit_per_user,
            bitrate=bitrate, user_limit=user_limit, permission_overwrites=permission_overwrites, parent_id=parent_id,
            rtc_region=rtc_region, video_quality_mode=video_quality_mode,
            default_auto_archive_duration=default_auto_archive_duration, flags=flags, available_tags=available_tags,
            default_reaction_emoji=default_reaction_emoji,
            default_thread_rate_limit_per_user=default_thread_rate_limit_per_user,
            default_sort_order=default_sort_order, default_forum_layout=default_forum_layout,
            default_tag_setting=default_tag_setting, archived=archived, auto_archive_duration=auto_archive_duration,
            locked=locked, invitable=invitable, applied_tags=applied_tags, icon=icon,
        )  # fmt: skip
        route = Route.of("PATCH", "/channels/{channel_id}", channel_id=channel_id)
        return await self._ask(Channel, route, json=fields, reason=reason)

    async def delete_channel(self, channel_id: int, *, reason: str | None = None) -> Channel:
        """Delete a channel or thread for ever, or close a direct one; needs MANAGE_CHANNELS or MANAGE_THREADS.

        The channels of a deleted category stay. Guilds with COMMUNITY need some of theirs (50074).
        """
        route = Route.of("DELETE", "/channels/{channel_id}", channel_id=channel_id)
        return await self._ask(Channel, route, reason=reason)

    async def edit_channel_permissions(
        self,
        channel_id: int,
        overwrite_id: int,
        *,
        type_: int,
        allow: Maybe[int | None] = UNSET,
        deny: Maybe[int | None] = UNSET,
        reason: str | None = None,
    ) -> None:
        """Set what a role or a member (`type_`, an OverwriteType) may do in a channel and what not; needs MANAGE_ROLES,
        and each permission itself. What is left out is empty."""
        template = "/channels/{channel_id}/permissions/{overwrite_id}"
        route = Route.of("PUT", template, channel_id=channel_id, overwrite_id=overwrite_id)
        await self._do(route, json=body(type_=type_, allow=allow, deny=deny), reason=reason)

    async def delete_channel_permission(self, channel_id: int, overwrite_id: int, *, reason: str | None = None) -> None:
        """Let a role or member have in a channel what they have in the guild; needs MANAGE_ROLES."""
        template = "/channels/{channel_id}/permissions/{overwrite_id}"
        route = Route.of("DELETE", template, channel_id=channel_id, overwrite_id=overwrite_id)
        await self._do(route, reason=reason)

    async def get_channel_invites(self, channel_id: int) -> list[Invite]:
        """The invites to a channel with their metadata; needs MANAGE_CHANNELS."""
        route = Route.of("GET", "/channels/{channel_id}/invites", channel_id=channel_id)
        return await self._ask(list[Invite], route)

    async def create_channel_invite(
        self,
        channel_id: int,
        *,
        max_age: Maybe[int] = UNSET,
        max_uses: Maybe[int] = UNSET,
        temporary: Maybe[bool] = UNSET,
        unique: Maybe[bool] = UNSET,
        target_type: Maybe[int] = UNSET,
        target_user_id: Maybe[int] = UNSET,
        target_application_id: Maybe[int] = UNSET,
        role_ids: Maybe[Sequence[int]] = UNSET,
        target_users: Sequence[int] = (),
        reason: str | None = None,
    ) -> Invite | None:
        """Invite to a channel; needs CREATE_INSTANT_INVITE, and MANAGE_ROLES to give roles by it.

        It lasts a day unless `max_age` says otherwise (seconds; 0 is for ever). An equal invite is used again unless
        `unique`. With `target_users` nobody else can accept it.
        """
        route = Route.of("POST", "/channels/{channel_id}/invites", channel_id=channel_id)
        fields = body(
            max_age=max_age, max_uses=max_uses, temporary=temporary, unique=unique, target_type=target_type,
            target_user_id=target_user_id, target_application_id=target_application_id, role_ids=role_ids,
        )  # fmt: skip
        if not target_users:
            return await self._ask_if_any(Invite, route, json=fields, reason=reason)
        if "role_ids" in fields:
            fields["role_ids"] = ",".join(map(str, fields["role_ids"]))  # beside the file there are form fields
        files = [target_users_file(target_users)]
        return await self._ask_if_any(Invite, route, json=fields, reason=reason, files=files)

    async def follow_announcement_channel(
        self, channel_id: int, webhook_channel_id: int, *, reason: str | None = None
    ) -> FollowedChannel:
        """Let what an announcement channel crossposts come to another channel too; needs MANAGE_WEBHOOKS there."""
        route = Route.of("POST", "/channels/{channel_id}/followers", channel_id=channel_id)
        return await self._ask(FollowedChannel, route, json=body(webhook_channel_id=webhook_channel_id), reason=reason)

    async def trigger_typing_indicator(self, channel_id: int) -> None:
        """Show for ten seconds, or until it posts, that the bot is typing; needs SEND_MESSAGES."""
        await self._do(Route.of("POST", "/channels/{channel_id}/typing", channel_id=channel_id))

    async def set_voice_channel_status(self, channel_id: int, status: str | None, *, reason: str | None = None) -> None:
        """Say what a voice channel is about now, in up to 500 characters; None says nothing. Needs
        SET_VOICE_CHANNEL_STATUS, and MANAGE_CHANNELS where the bot is not in it."""
        route = Route.of("PUT", "/channels/{channel_id}/voice-status", channel_id=channel_id)
        await self._do(route, json=body(status=status), reason=reason)

    async def send_soundboard_sound(
        self, channel_id: int, sound_id: int, *, source_guild_id: Maybe[int] = UNSET
    ) -> None:
        """Play a sound in the voice channel the bot is in; needs SPEAK and USE_SOUNDBOARD. A sound of another guild
        needs its `source_guild_id` and USE_EXTERNAL_SOUNDS."""
        route = Route.of("POST", "/channels/{channel_id}/send-soundboard-sound", channel_id=channel_id)
        await self._do(route, json=body(sound_id=sound_id, source_guild_id=source_guild_id))

    async def group_dm_add_recipient(
        self, channel_id: int, user_id: int, access_token: str, *, nick: Maybe[str] = UNSET
    ) -> Channel | None:
        """Bring a user into a group, whose access token allows it by the scope `gdm.join`."""
        template = "/channels/{channel_id}/recipients/{user_id}"
        route = Route.of("PUT", template, channel_id=channel_id, user_id=user_id)
        return await self._ask_if_any(Channel, route, json=body(access_token=access_token, nick=nick))

    async def group_dm_remove_recipient(self, channel_id: int, user_id: int) -> None:
        """Remove a user from a group."""
        template = "/channels/{channel_id}/recipients/{user_id}"
        await self._do(Route.of("DELETE", template, channel_id=channel_id, user_id=user_id))
