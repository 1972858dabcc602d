"""Memory and CPU time per cached guild: the framework's cache, discord.py's and hikari's, fed with the same guilds.

Each guild has 30 channels, 20 roles, 50 members and 10 emojis, and names, ids and hashes of its own. Every variant runs
in a process of its own; memory is what its resident set grew by, CPU time is that of decoding and storing. A lazy cache
holds only the guilds that are used: here one in seven.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

__all__ = ["guild_create", "main"]

GUILDS = 2_000
USED = 7  # one guild in so many is used
WARM_UP = 50
Doc = dict[str, Any]

# The pieces of a variant: `make()` gives (store, after), where `store(data, number)` takes one GUILD_CREATE and
# `after(data, number)` is done, unmeasured in time, when all are stored.
OURS = """
from framework import CachePolicy
from framework.bot.cache import GuildCache, Section
policy, wanted = CachePolicy.everything(), frozenset(Section)
def make():
    cache = GuildCache(policy)
    def store(data, number):
        cache.on_event("GUILD_CREATE", number, data, 0)
    return cache, store
"""
CHANGED = """
import msgspec
def after(cache, data, number):
    guild = msgspec.json.decode(data)
    told = {"guild_id": str(number)}
    changes = [("GUILD_MEMBER_UPDATE", m) for m in guild["members"]]
    changes += [("CHANNEL_UPDATE", c) for c in guild["channels"]]
    changes += [("GUILD_ROLE_UPDATE", {"role": r}) for r in guild["roles"]]
    for event, body in changes[number % 3::3]:
        cache.on_event(event, number, msgspec.json.encode({**body, **told}), 0)
"""
READ = """
def after(cache, data, number):
    guild = cache.guild(number)
    assert guild.name and len(guild.members.all()) == 50 and len(guild.channels.all()) == 30
    assert len(guild.roles.all()) == 20 and len(guild.emojis.all()) == 10
"""
LAZY = """
policy = CachePolicy()
def make():
    cache = GuildCache(policy)
    def store(data, number):
        cache.on_event("GUILD_CREATE", number, data, 0, needs=() if number % {used} else wanted)
    return cache, store
"""
DISCORD_PY = """
import asyncio, discord
def make():
    client = discord.Client(intents=discord.Intents.all(), chunk_guilds_at_startup=False)
    state = client._connection
    user = {"id": "1", "username": "bot", "discriminator": "0", "avatar": None}
    state.user = discord.ClientUser(state=state, data=user)
    def store(data, number):
        state.parse_guild_create(discord.utils._from_json(data))
    return client, store
"""
HIKARI = """
import hikari
from hikari.internal.data_binding import default_json_loads as loads
class Shard:
    id = 0
    def get_user_id(self):
        return hikari.Snowflake(1)
def make():
    app = hikari.GatewayBot(
        "MQ.bot.token", banner=None, logs=None, intents=hikari.Intents.ALL, auto_chunk_members=False,
        suppress_optimization_warning=True,
    )
    def store(data, number):
        app._event_manager.on_guild_create(Shard(), loads(data))
    return app, store
"""
MEASURE = """
import asyncio, gc, json, re, sys, time, psutil
number_of = re.compile(rb'"id":"([0-9]+)"')
def numbered(path):
    with open(path, "rb") as lines:
        for line in lines:
            yield line[:-1], int(number_of.search(line)[1])
async def go():
    rounds = globals().get("after")
    def each(count, store, cache):
        spent = held = 0
        for data, number in numbered(sys.argv[1]):
            if held == count:
                break
            began = time.process_time()
            store(data, number)
            spent += time.process_time() - began
            held += 1
            if rounds:
                rounds(cache, data, number)
        return spent / held
    warm, store = make()
    each({warm_up}, store, warm)
    del warm, store
    cache, store = make()
    gc.collect()
    process = psutil.Process()
    before = process.memory_info().rss
    spent = each({guilds}, store, cache)
    gc.collect()
    grown = process.memory_info().rss - before
    counted = cache.snapshot().bytes_held if hasattr(cache, "snapshot") else 0
    print(json.dumps([grown / {guilds} / 1024, spent * 1000, counted / {guilds} / 1024]))
asyncio.run(go())
"""
VARIANTS = [
    ("ours, everything", OURS),
    ("ours, a third of it changed", OURS + CHANGED),
    ("ours, all read as models", OURS + READ),
    ("ours, lazy, one in seven used", OURS + LAZY.replace("{used}", str(USED))),
    ("discord.py", DISCORD_PY),
    ("hikari", HIKARI),
]
SYLLABLES = ("am", "ber", "ce", "dar", "del", "ta", "fa", "ble", "gro", "ve", "ha", "ven", "lu", "nar", "ri", "ver")


def guild_create(draw: Random) -> Doc:
    """The `d` of a GUILD_CREATE of the usual shape, about 56 KiB of JSON."""
    guild_id = _id(draw)
    roles = [_role(draw, guild_id if n == 0 else _id(draw), n) for n in range(20)]
    role_ids = [role["id"] for role in roles]
    channels = [_channel(draw, n, role_ids) for n in range(30)]
    emojis = [
        {"id": _id(draw), "name": _name(draw, "_"), "roles": [], "require_colons": True, "managed": False,
         "animated": draw.random() < 0.2, "available": True}
        for _ in range(10)
    ]  # fmt: skip
    return {
        "id": guild_id, "name": _name(draw), "icon": _hash(draw), "splash": None, "discovery_splash": None,
        "banner": None, "description": None, "owner_id": _id(draw), "application_id": None, "region": "us-east",
        "afk_channel_id": None, "afk_timeout": 300, "system_channel_id": channels[6]["id"], "system_channel_flags": 0,
        "widget_enabled": False, "widget_channel_id": None, "verification_level": 1, "roles": roles,
        "default_message_notifications": 1, "mfa_level": 0, "explicit_content_filter": 2, "max_presences": None,
        "max_members": 500_000, "max_video_channel_users": 25, "max_stage_video_channel_users": 50,
        "vanity_url_code": None, "premium_tier": 1, "premium_subscription_count": 3, "preferred_locale": "en-US",
        "rules_channel_id": channels[7]["id"], "public_updates_channel_id": channels[8]["id"],
        "safety_alerts_channel_id": None, "nsfw": False, "nsfw_level": 0, "premium_progress_bar_enabled": True,
        "features": ["COMMUNITY", "NEWS", "ANIMATED_ICON", "INVITE_SPLASH", "SOUNDBOARD"], "emojis": emojis,
        "stickers": [], "incidents_data": None, "home_header": None, "joined_at": _time(draw), "large": False,
        "unavailable": False, "member_count": 50, "voice_states": [],
        "members": [_member(draw, role_ids) for _ in range(50)], "channels": channels, "threads": [], "presences": [],
        "stage_instances": [], "guild_scheduled_events": [], "soundboard_sounds": [], "activity_instances": [],
    }  # fmt: skip


def _id(draw: Random) -> str:
    return str(draw.randrange(1 << 57, 1 << 60))


def _hash(draw: Random) -> str:
    return f"{draw.getrandbits(128):032x}"


def _name(draw: Random, between: str = "-") -> str:
    return f"{_word(draw)}{between}{_word(draw)}{draw.randrange(100)}"


def _word(draw: Random) -> str:
    return "".join(draw.choices(SYLLABLES, k=3))


def _time(draw: Random) -> str:
    day, second = (
        f"20{draw.randrange(18, 26)}-{draw.randrange(1, 13):02}-{draw.randrange(1, 29):02}",
        draw.randrange(60),
    )
    return f"{day}T{draw.randrange(24):02}:{draw.randrange(60):02}:{second:02}.{draw.randrange(10**6):06}+00:00"


def _role(draw: Random, role_id: str, position: int) -> Doc:
    color = draw.choice([0, draw.getrandbits(24)])
    role = {
        "id": role_id, "name": _name(draw), "description": None, "permissions": str(draw.getrandbits(49)),
        "position": position, "color": color,
        "colors": {"primary_color": color, "secondary_color": None, "tertiary_color": None},
        "hoist": draw.random() < 0.3, "managed": False, "mentionable": draw.random() < 0.2, "icon": None,
        "unicode_emoji": None, "flags": 0,
    }  # fmt: skip
    return role | ({"tags": {"bot_id": _id(draw)}} if draw.random() < 0.15 else {})


def _channel(draw: Random, position: int, role_ids: list[str]) -> Doc:
    kind = 4 if position < 5 else draw.choice([0, 0, 0, 0, 2, 5])
    overwrites = [
        {"id": draw.choice(role_ids), "type": 0, "allow": str(draw.getrandbits(40)), "deny": str(draw.getrandbits(12))}
        for _ in range(draw.randrange(5))
    ]
    channel = {
        "id": _id(draw), "type": kind, "name": _name(draw), "position": position, "flags": 0,
        "permission_overwrites": overwrites, "parent_id": None if kind == 4 else _id(draw),
    }  # fmt: skip
    if kind != 4:
        topic = " ".join(_word(draw) for _ in range(draw.randrange(3, 14)))
        channel |= {
            "last_message_id": _id(draw), "rate_limit_per_user": 0, "nsfw": False, "theme_color": None,
            "icon_emoji": {"id": None, "name": "💬"}, "version": draw.getrandbits(40),
            "topic": topic if draw.random() < 0.5 else None,
            "last_pin_timestamp": _time(draw) if draw.random() < 0.4 else None,
        }  # fmt: skip
    return channel | ({"bitrate": 64_000, "user_limit": 0, "rtc_region": None} if kind == 2 else {})


def _member(draw: Random, role_ids: list[str]) -> Doc:
    tag = {"identity_guild_id": _id(draw), "identity_enabled": True, "tag": "TAG", "badge": _hash(draw)}
    decoration = {"asset": f"a_{_hash(draw)}", "sku_id": _id(draw)}
    user = {
        "id": _id(draw), "username": _name(draw), "discriminator": "0", "global_name": _name(draw, " "),
        "avatar": _hash(draw) if draw.random() < 0.85 else None, "bot": draw.random() < 0.1,
        "public_flags": draw.choice([0, 0, 64, 128, 256]), "collectibles": None, "clan": None,
        "display_name_styles": None,
        "avatar_decoration_data": decoration if draw.random() < 0.15 else None,
        "primary_guild": tag if draw.random() < 0.3 else None,
    }  # fmt: skip
    return {
        "user": user, "nick": _name(draw) if draw.random() < 0.3 else None, "avatar": None, "banner": None,
        "roles": draw.sample(role_ids[1:], draw.randrange(7)), "joined_at": _time(draw), "premium_since": None,
        "pending": False, "deaf": False, "mute": False, "flags": 0, "communication_disabled_until": None,
        "unusual_dm_activity_until": None,
    }  # fmt: skip


def _measured(program: str, path: Path) -> list[float]:
    whole = program + MEASURE.replace("{warm_up}", str(WARM_UP)).replace("{guilds}", str(GUILDS))
    done = subprocess.run([sys.executable, "-c", whole, str(path)], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"a variant failed: {done.stderr[-2_000:]}")
    figures: list[float] = json.loads(done.stdout)
    return figures


def _lines(draw: Random) -> Iterator[bytes]:
    for _ in range(GUILDS):
        yield json.dumps(guild_create(draw), separators=(",", ":")).encode() + b"\n"


def main() -> None:
    """Print one line per variant."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "guilds")
        with path.open("wb") as file:
            size = sum(map(file.write, _lines(Random(1)))) / GUILDS / 1024
        print(f"{GUILDS:,} guilds of {size:.1f} KiB JSON      KiB EACH   COUNTED  CPU ms PER GUILD_CREATE")
        for name, program in VARIANTS:
            grown, spent, counted = _measured(program, path)
            print(f"{name:34} {grown:9.1f} {f'{counted:.1f}' if counted else '':>9} {spent:12.3f}", flush=True)


if __name__ == "__main__":
    main()
