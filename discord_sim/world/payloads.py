"""Objects as Discord writes them: plain dicts ready for JSON, ids as strings. Everything that exists is kept in this
shape, so that what a client set is what it reads back; these functions make the first version of each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from discord_sim.rules.permissions import ALL, EVERYONE
from discord_sim.spec import skeleton
from discord_sim.world.snowflakes import DISCORD_EPOCH_MS, iso

if TYPE_CHECKING:
    from discord_sim.world.guild import Guild

__all__ = [
    "Doc",
    "bot_integration",
    "channel",
    "guild",
    "guild_create",
    "guild_doc",
    "member",
    "role",
    "thread",
    "user",
]

Doc = dict[str, Any]

CATEGORY, VOICE, STAGE, ANNOUNCEMENT, FORUM, MEDIA = 4, 2, 13, 5, 15, 16
THREADS = (10, 11, 12)
TEXT_LIKE = (0, 2, 5, 10, 11, 12, 13)

_USER = skeleton("UserResponse", bot=False, system=False, banner=None, accent_color=None)
_GUILD = skeleton(
    "GuildResponse", afk_timeout=300, verification_level=1, default_message_notifications=1, max_members=500_000,
    max_video_channel_users=25, max_stage_video_channel_users=50, preferred_locale="en-US", region="us-east",
)  # fmt: skip
_SHARED = {
    "position": 0, "permission_overwrites": [], "parent_id": None, "nsfw": False, "flags": 0,
}  # fmt: skip
_TEXT = {"last_message_id": None, "rate_limit_per_user": 0}
_VOICE = {"bitrate": 64_000, "user_limit": 0, "rtc_region": None, "video_quality_mode": 1}
_FORUM: Doc = {
    "available_tags": [], "default_reaction_emoji": None, "default_sort_order": None, "default_forum_layout": 0,
    "default_auto_archive_duration": 4_320, "default_thread_rate_limit_per_user": 0,
}  # fmt: skip


def user(user_id: int, username: str, *, bot: bool = False) -> Doc:
    """A user object."""
    return {**_USER, "id": str(user_id), "username": username, "discriminator": "0", "bot": bot}


def member(user_object: Doc | None, roles: list[str], joined_ms: int) -> Doc:
    """A guild member object; without `user` inside a message event."""
    body: Doc = {
        "nick": None, "avatar": None, "banner": None, "roles": roles, "joined_at": iso(joined_ms),
        "premium_since": None, "deaf": False, "mute": False, "flags": 0, "pending": False,
        "communication_disabled_until": None,
    }  # fmt: skip
    if user_object is not None:
        body["user"] = user_object
    return body


def role(role_id: int, name: str, position: int, *, bits: int = EVERYONE, bot_id: int | None = None) -> Doc:
    """A role object; a bot's own role is managed and tagged with the bot."""
    body: Doc = {
        "id": str(role_id), "name": name, "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False, "icon": None, "unicode_emoji": None, "position": position, "permissions": str(bits),
        "managed": bot_id is not None, "mentionable": False, "flags": 0,
    }  # fmt: skip
    if bot_id is not None:
        body |= {"tags": {"bot_id": str(bot_id)}, "permissions": str(ALL)}
    return body


def bot_integration(integration_id: int, bot: Doc, changed: Doc) -> Doc:
    """The integration that a bot in a guild is; `changed` is what differs from the first version of its application."""
    application = skeleton("IntegrationApplicationResponse", id=bot["id"], name=bot["username"], bot=bot)
    application |= {k: changed[k] for k in ("name", "icon", "description") if k in changed}
    return skeleton(
        "DiscordIntegrationResponse", id=str(integration_id), type="discord", name=application["name"], enabled=True,
        account={"id": bot["id"], "name": bot["username"]}, application=application,
        scopes=["applications.commands", "bot"],
    )  # fmt: skip


def channel(channel_id: int, kind: int, name: str, guild_id: int, **fields: Any) -> Doc:
    """A guild channel object of type `kind`."""
    body: Doc = {"id": str(channel_id), "type": kind, "guild_id": str(guild_id), "name": name, **_SHARED}
    if kind != CATEGORY:
        body |= _TEXT
    if kind in (0, ANNOUNCEMENT, FORUM, MEDIA):
        body |= {"topic": None, "last_pin_timestamp": None}
    if kind in (VOICE, STAGE):
        body |= _VOICE
    if kind in (FORUM, MEDIA):
        body |= _FORUM
    return body | {"permission_overwrites": []} | fields


def thread(thread_id: int, kind: int, name: str, parent: Doc, owner_id: int, epoch_ms: int, **fields: Any) -> Doc:
    """A thread object below `parent`."""
    metadata = {
        "archived": False, "archive_timestamp": iso(epoch_ms), "locked": False, "create_timestamp": iso(epoch_ms),
        "auto_archive_duration": parent.get("default_auto_archive_duration") or 4_320,
    }  # fmt: skip
    if kind == 12:
        metadata["invitable"] = True
    return {
        "id": str(thread_id), "type": kind, "guild_id": parent["guild_id"], "parent_id": parent["id"], "name": name,
        "owner_id": str(owner_id), "last_message_id": None, "last_pin_timestamp": None,
        "rate_limit_per_user": parent.get("default_thread_rate_limit_per_user") or 0,
        "message_count": 0, "member_count": 0, "total_message_sent": 0, "flags": 0, "thread_metadata": metadata,
    } | fields  # fmt: skip


def guild_doc(guild_id: int, name: str, owner_id: int, system_channel_id: int | None) -> Doc:
    """What a guild object holds besides its roles, emojis and stickers."""
    doc = {
        **_GUILD, "id": str(guild_id), "name": name, "owner_id": str(owner_id), "features": [],
        "system_channel_id": None if system_channel_id is None else str(system_channel_id),
    }  # fmt: skip
    for separate in ("roles", "emojis", "stickers"):
        del doc[separate]
    return doc


def guild(g: Guild) -> Doc:
    """A guild object as REST gives it."""
    return {
        **g.doc, "roles": list(g.roles.values()), "emojis": list(g.emojis.values()),
        "stickers": list(g.stickers.values()),
    }  # fmt: skip


def guild_create(g: Guild, members: list[Doc], presences: list[Doc], threads: list[Doc], large_threshold: int) -> Doc:
    """The `d` of GUILD_CREATE: the guild, plus what only the gateway tells. What lies inside has no guild_id."""
    return {
        **guild(g), "joined_at": iso((g.id >> 22) + DISCORD_EPOCH_MS), "large": g.member_count > large_threshold,
        "unavailable": False, "member_count": g.member_count,
        "voice_states": [_without(v, "guild_id", "member") for v in g.voice_states.values()], "members": members,
        "channels": [_without(c, "guild_id") for c in g.channels.values() if c["type"] not in THREADS],
        "threads": threads, "presences": [_without(p, "guild_id") for p in presences],
        "stage_instances": list(g.stages.values()),
        "guild_scheduled_events": [e for e in g.events.values() if e["status"] in (1, 2)],  # scheduled or active
        "soundboard_sounds": list(g.sounds.values()), "activity_instances": [],
    }  # fmt: skip


def is_active(thread_doc: Doc) -> bool:
    """Whether a thread is not archived."""
    return not thread_doc["thread_metadata"]["archived"]


def _without(doc: Doc, *fields: str) -> Doc:
    return {k: v for k, v in doc.items() if k not in fields}
