"""Objects as Discord writes them: plain dicts ready for JSON, ids as strings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from discord_sim.world.snowflakes import DISCORD_EPOCH_MS, iso

if TYPE_CHECKING:
    from discord_sim.world.world import Channel, Guild, Message, Role

__all__ = ["channel", "guild", "guild_create", "member", "message", "role", "user"]

_ALL_PERMISSIONS = str((1 << 50) - 1)


def user(user_id: int, username: str, *, bot: bool = False) -> dict[str, Any]:
    """A user object."""
    return {
        "id": str(user_id), "username": username, "discriminator": "0", "global_name": None, "avatar": None,
        "bot": bot, "system": False, "public_flags": 0, "flags": 0, "banner": None, "accent_color": None,
    }  # fmt: skip


def member(user_object: dict[str, Any] | None, roles: list[int], joined_ms: int, nick: str | None) -> dict[str, Any]:
    """A guild member object; without `user` inside a message event."""
    body: dict[str, Any] = {
        "nick": nick, "avatar": None, "banner": None, "roles": [str(r) for r in roles], "joined_at": iso(joined_ms),
        "premium_since": None, "deaf": False, "mute": False, "flags": 0, "pending": False,
        "communication_disabled_until": None,
    }  # fmt: skip
    if user_object is not None:
        body["user"] = user_object
    return body


def role(r: Role) -> dict[str, Any]:
    """A role object."""
    return {
        "id": str(r.id), "name": r.name, "color": r.color,
        "colors": {"primary_color": r.color, "secondary_color": None, "tertiary_color": None},
        "hoist": False, "icon": None, "unicode_emoji": None, "position": r.position, "permissions": _ALL_PERMISSIONS,
        "managed": False, "mentionable": False, "flags": 0,
    }  # fmt: skip


def channel(c: Channel, guild_id: int | None) -> dict[str, Any]:
    """A text channel object; inside a guild object it has no guild_id."""
    body: dict[str, Any] = {
        "id": str(c.id), "type": 0, "name": c.name, "position": c.position, "permission_overwrites": [],
        "topic": c.topic, "nsfw": False, "last_message_id": None, "rate_limit_per_user": 0, "parent_id": None,
        "last_pin_timestamp": None, "flags": 0,
    }  # fmt: skip
    if guild_id is not None:
        body["guild_id"] = str(guild_id)
    return body


def guild(g: Guild) -> dict[str, Any]:
    """A guild object as REST gives it."""
    return {
        "id": str(g.id), "name": g.name, "icon": None, "splash": None, "discovery_splash": None,
        "owner_id": str(g.owner_id), "afk_channel_id": None, "afk_timeout": 300, "widget_enabled": False,
        "widget_channel_id": None, "verification_level": 1, "default_message_notifications": 1,
        "explicit_content_filter": 0, "roles": [role(r) for r in g.roles.values()], "emojis": [], "features": [],
        "mfa_level": 0, "application_id": None, "system_channel_id": str(next(iter(g.channels), 0)) or None,
        "system_channel_flags": 0, "rules_channel_id": None, "max_presences": None, "max_members": 500_000,
        "vanity_url_code": None, "description": None, "banner": None, "premium_tier": 0,
        "premium_subscription_count": 0, "preferred_locale": "en-US", "public_updates_channel_id": None,
        "max_video_channel_users": 25, "max_stage_video_channel_users": 50, "nsfw_level": 0, "nsfw": False,
        "premium_progress_bar_enabled": False, "stickers": [], "safety_alerts_channel_id": None,
        "incidents_data": None, "region": "us-east", "hub_type": None,
    }  # fmt: skip


def guild_create(g: Guild, members: list[dict[str, Any]], large_threshold: int) -> dict[str, Any]:
    """The `d` of GUILD_CREATE: the guild, plus what only the gateway tells."""
    return {
        **guild(g), "joined_at": iso((g.id >> 22) + DISCORD_EPOCH_MS), "large": g.member_count > large_threshold,
        "unavailable": False, "member_count": g.member_count, "voice_states": [], "members": members,
        "channels": [channel(c, None) for c in g.channels.values()], "threads": [], "presences": [],
        "stage_instances": [], "guild_scheduled_events": [], "soundboard_sounds": [], "activity_instances": [],
    }  # fmt: skip


def message(m: Message, author: dict[str, Any], *, with_content: bool = True) -> dict[str, Any]:
    """A message object; without the content intent, `content` is empty for others' messages."""
    return {
        "id": str(m.id), "channel_id": str(m.channel_id), "author": author,
        "content": m.content if with_content else "",
        "timestamp": iso(m.created_ms), "edited_timestamp": None if m.edited_ms is None else iso(m.edited_ms),
        "tts": False, "mention_everyone": False, "mentions": [], "mention_roles": [], "attachments": [], "embeds": [],
        "pinned": False, "type": 0, "flags": 0, "components": [], "nonce": m.nonce, "reactions": [],
    }  # fmt: skip
