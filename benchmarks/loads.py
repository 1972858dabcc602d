"""What a benchmarked gateway sends: payloads in Discord's form, equal in every run.

Three loads: `mixed` (70 % MESSAGE_CREATE, 10 % MESSAGE_UPDATE, 5 % each of reactions, member updates, typing, voice
states; 1,486 bytes on average), `bans` (GUILD_BAN_ADD and GUILD_MEMBER_REMOVE by turns) and `guilds` (GUILD_CREATE).
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any

__all__ = ["GUILDS", "LOADS", "connection", "message", "user"]

_MIXED, _BANS, _CREATED = 20_000, 20_000, 200
GUILDS = 200  # that the client is in before a load begins
LOADS = ("mixed", "bans", "guilds")
_BEAT_MS = 41_250
_AT = "2026-05-01T12:00:00.000000+00:00"
_SYLLABLES = (
    "ba",
    "ce",
    "di",
    "fo",
    "gu",
    "ha",
    "ji",
    "ko",
    "lu",
    "no",
    "pra",
    "qui",
    "rest",
    "to",
    "uv",
    "wy",
    "xa",
    "zen",
)
_MIX = ["message"] * 14 + ["update"] * 2 + ["reaction", "member", "typing", "voice"]
Dispatch = tuple[str, dict[str, Any]]


def _id(kind: int, guild: int, number: int = 0) -> str:
    spread = (kind * 7_919 + number) * 0x9E3779B97F4A7C15 % (1 << 37)  # ids look as random as real ones
    return str(1_100_000_000_000_000_000 + guild * (1 << 37) + spread)


def _words(draw: random.Random, count: int) -> str:
    return " ".join("".join(draw.choices(_SYLLABLES, k=draw.randrange(1, 4))) for _ in range(count))


def user(guild: int, number: int) -> dict[str, Any]:
    """A user of a guild; (0, 0) is the bot."""
    draw = random.Random(guild * 1_000 + number)
    return {
        "id": _id(1, guild, number), "username": f"{_words(draw, 1)}_{number}", "discriminator": "0",
        "global_name": _words(draw, 2).title(), "avatar": f"{draw.getrandbits(128):032x}", "public_flags": 64,
        "bot": False, "avatar_decoration_data": None, "clan": None, "primary_guild": None, "collectibles": None,
    }  # fmt: skip


def _member(guild: int, number: int, *, with_user: bool = True) -> dict[str, Any]:
    return {
        **({"user": user(guild, number)} if with_user else {}), "nick": None, "avatar": None, "banner": None,
        "roles": [_id(2, guild, n) for n in range(1, 5)],
        "joined_at": _AT, "premium_since": None, "deaf": False, "mute": False, "pending": False, "flags": 0,
        "communication_disabled_until": None, "unusual_dm_activity_until": None,
    }  # fmt: skip


def message(draw: random.Random, guild: int, number: int) -> dict[str, Any]:
    """A message. Of twenty, four answer another, two mention somebody, three have a file, two an embed."""
    channel = _id(3, guild, 1 + draw.randrange(28))
    made = _plain(draw, guild, number, channel)
    if draw.random() < 0.2:
        other = _plain(draw, guild, number + 50_000, channel)
        where = {"type": 0, "channel_id": channel, "message_id": other["id"], "guild_id": _id(0, guild)}
        made |= {"type": 19, "message_reference": where, "referenced_message": other}
        made["mentions"] = [{**other["author"], "member": _member(guild, 4, with_user=False)}]
    elif draw.random() < 0.125:
        who = draw.randrange(50)
        made["mentions"] = [{**user(guild, who), "member": _member(guild, who, with_user=False)}]
    if draw.random() < 0.15:
        url = f"/attachments/{channel}/{_id(8, guild, number)}/picture.png?ex={draw.getrandbits(32):x}&hm="
        url += f"{draw.getrandbits(256):064x}&"
        made["attachments"] = [{
            "id": _id(8, guild, number), "filename": "picture.png", "size": draw.randrange(1_000_000), "width": 1_024,
            "height": 768, "content_type": "image/png", "url": f"https://cdn.discordapp.com{url}",
            "proxy_url": f"https://media.discordapp.net{url}", "placeholder": "eBgGDIKPhniPd4d4iHd3d4h3eA",
            "placeholder_version": 1, "content_scan_version": 2, "original_content_type": "image/png",
        }]  # fmt: skip
    if draw.random() < 0.1:
        made["embeds"] = [{
            "type": "rich", "title": _words(draw, 4), "description": _words(draw, 20), "color": 5_793_266,
            "content_scan_version": 2, "footer": {"text": _words(draw, 3)},
            "fields": [{"name": _words(draw, 1), "value": _words(draw, 3), "inline": True} for _ in range(3)],
        }]  # fmt: skip
    return made


def _plain(draw: random.Random, guild: int, number: int, channel: str) -> dict[str, Any]:
    who = draw.randrange(50)
    return {
        "id": _id(7, guild, number), "type": 0, "channel_id": channel, "guild_id": _id(0, guild),
        "author": user(guild, who), "member": _member(guild, who, with_user=False), "channel_type": 0,
        "content": _words(draw, draw.randrange(2, 26)), "timestamp": _AT, "edited_timestamp": None, "tts": False,
        "mention_everyone": False, "mentions": [], "mention_roles": [], "attachments": [], "embeds": [],
        "pinned": False, "flags": 0, "components": [], "nonce": str(draw.getrandbits(62)),
    }  # fmt: skip


def _one(kind: str, draw: random.Random, guild: int, number: int) -> Dispatch:
    home, who = _id(0, guild), draw.randrange(50)
    user, channel = _id(1, guild, who), _id(3, guild, 1)
    match kind:
        case "message":
            return "MESSAGE_CREATE", message(draw, guild, number)
        case "update":
            return "MESSAGE_UPDATE", {**message(draw, guild, number), "edited_timestamp": _AT}
        case "reaction":
            return "MESSAGE_REACTION_ADD", {
                "user_id": user, "channel_id": channel, "message_id": _id(7, guild, number), "guild_id": home,
                "member": _member(guild, who), "emoji": {"id": None, "name": "🔥"}, "burst": False, "type": 0,
                "message_author_id": user, "burst_colors": [],
            }  # fmt: skip
        case "member":
            return "GUILD_MEMBER_UPDATE", {**_member(guild, who), "guild_id": home, "nick": _words(draw, 1)}
        case "typing":
            return "TYPING_START", {
                "channel_id": channel, "guild_id": home, "user_id": user, "timestamp": 1_777_636_800,
                "member": _member(guild, who),
            }  # fmt: skip
        case _:
            return "VOICE_STATE_UPDATE", {
                "guild_id": home, "channel_id": _id(3, guild, 29), "user_id": user, "member": _member(guild, who),
                "session_id": f"{draw.getrandbits(128):032x}", "deaf": False, "mute": False, "self_deaf": False,
                "self_mute": True, "self_video": False, "suppress": False, "request_to_speak_timestamp": None,
            }  # fmt: skip


def _channel(guild: int, number: int) -> dict[str, Any]:
    allow = [{"id": _id(2, guild, n), "type": 0, "allow": "1071698660929", "deny": "2048"} for n in (1, 2)]
    channel: dict[str, Any] = {
        "id": _id(3, guild, number), "type": 2 if number == 29 else 0, "name": f"channel-{number}", "position": number,
        "parent_id": None, "permission_overwrites": allow, "nsfw": False, "rate_limit_per_user": 0, "flags": 0,
    }  # fmt: skip
    if number == 29:
        return {**channel, "bitrate": 64_000, "user_limit": 0, "rtc_region": None, "last_message_id": None}
    topic = _words(random.Random(number), 30)
    return {**channel, "topic": topic, "last_message_id": _id(7, guild, number), "last_pin_timestamp": _AT}


def _guild(guild: int) -> dict[str, Any]:
    """30 channels, 20 roles, 50 members, 10 emojis: 56.8 KiB."""
    colors = {"primary_color": 3_447_003, "secondary_color": None, "tertiary_color": None}
    roles = [
        {"id": _id(2, guild, n) if n else _id(0, guild), "name": f"role {n}", "description": None, "color": 3_447_003,
         "colors": colors, "hoist": False, "icon": None, "unicode_emoji": None, "position": n, "flags": 0,
         "permissions": "2248473465835073", "managed": False, "mentionable": False, "tags": {}}
        for n in range(20)
    ]  # fmt: skip
    emojis = [
        {"id": _id(4, guild, n), "name": f"emoji_{n}", "roles": [], "require_colons": True, "managed": False,
         "animated": False, "available": True, "user": user(guild, n)}
        for n in range(10)
    ]  # fmt: skip
    return {
        "id": _id(0, guild), "name": f"Guild {guild}", "icon": None, "description": None, "splash": None,
        "discovery_splash": None, "banner": None, "owner_id": _id(1, guild, 1), "application_id": None, "region": "us",
        "afk_channel_id": None, "afk_timeout": 300, "system_channel_id": None, "system_channel_flags": 0,
        "widget_enabled": False, "widget_channel_id": None, "verification_level": 1, "mfa_level": 0,
        "default_message_notifications": 1, "explicit_content_filter": 2, "max_presences": None,
        "max_members": 500_000, "max_video_channel_users": 25, "max_stage_video_channel_users": 50,
        "vanity_url_code": None, "premium_tier": 0, "premium_subscription_count": 0, "rules_channel_id": None,
        "public_updates_channel_id": None, "safety_alerts_channel_id": None, "preferred_locale": "en-US",
        "nsfw_level": 0, "nsfw": False, "premium_progress_bar_enabled": False, "features": ["COMMUNITY"],
        "stickers": [], "latest_onboarding_question_id": None, "hub_type": None, "incidents_data": None,
        "joined_at": _AT, "large": False, "unavailable": False, "member_count": 50, "voice_states": [], "threads": [],
        "presences": [], "stage_instances": [], "guild_scheduled_events": [], "soundboard_sounds": [],
        "members": [_member(guild, n) for n in range(50)], "channels": [_channel(guild, n) for n in range(30)],
        "roles": roles, "emojis": emojis,
    }  # fmt: skip


def _ready(port: int) -> dict[str, Any]:
    me = {
        **user(0, 0),
        "bot": True,
        "mfa_enabled": True,
        "verified": True,
        "email": None,
        "flags": 0,
        "locale": "en-US",
    }
    return {
        "v": 10, "user": me, "guilds": [{"id": _id(0, 1 + n), "unavailable": True} for n in range(GUILDS)],
        "session_id": "5e551011", "resume_gateway_url": f"ws://127.0.0.1:{port}", "shard": [0, 1],
        "application": {"id": me["id"], "flags": 0}, "private_channels": [], "relationships": [], "user_settings": {},
        "_trace": [],
    }  # fmt: skip


def _loads(name: str) -> Iterator[Dispatch]:
    """A load's dispatches. Each ends with a MESSAGE_CREATE, so that who counts those knows the end."""
    draw = random.Random(name)
    if name == "mixed":
        for number in range(_MIXED - 1):
            yield _one(_MIX[number % 20], draw, 1 + draw.randrange(GUILDS), number)
    elif name == "bans":
        for number in range(_BANS // 2):
            gone = {"guild_id": _id(0, 1), "user": user(1, 1_000 + number)}
            yield "GUILD_BAN_ADD", gone
            yield "GUILD_MEMBER_REMOVE", gone
    else:
        for number in range(_CREATED):
            yield "GUILD_CREATE", _guild(1_000 + number)
    yield "MESSAGE_CREATE", message(draw, 1, _MIXED)


def _payload(op: int, data: Any, event: str | None = None, seq: int | None = None) -> bytes:
    body = {"t": event, "s": seq, "op": op, "d": data}
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()


def connection(port: int) -> Iterator[tuple[str, bytes]]:
    """All that one connection is sent, in order: the part it belongs to, and a payload."""
    yield "hello", _payload(10, {"heartbeat_interval": _BEAT_MS})
    seq = 1
    yield "ready", _payload(0, _ready(port), "READY", seq)
    for guild in range(1, 1 + GUILDS):
        seq += 1
        yield "ready", _payload(0, _guild(guild), "GUILD_CREATE", seq)
    yield "ready", _payload(11, None)
    for name in LOADS:
        for event, data in _loads(name):
            seq += 1
            yield name, _payload(0, data, event, seq)
        yield name, _payload(11, None)
