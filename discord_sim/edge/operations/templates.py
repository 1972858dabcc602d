"""Guild templates: a guild's settings, roles and channels as they were at some time ("Guild Template")."""

from __future__ import annotations

from discord_sim.edge.call import Call, ok, operation, refuse, unknown
from discord_sim.rules.answers import Answer
from discord_sim.rules.permissions import Permission as P
from discord_sim.spec import skeleton
from discord_sim.world.guild import Guild
from discord_sim.world.payloads import ANNOUNCEMENT, FORUM, MEDIA, STAGE, THREADS, VOICE, Doc
from discord_sim.world.snowflakes import iso

_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghjkmnpqrstuvwxyz23456789"
_CODE_LENGTH = 12
_TYPES = {ANNOUNCEMENT: 0, STAGE: VOICE, MEDIA: FORUM}  # a new guild is no community
_COUNTED = ("afk_channel_id", "system_channel_id")


@operation("get_guild_template")
def get(call: Call) -> Answer:
    guild = next((g for g in call.world.built() if call.params["code"] in g.templates), None)
    if guild is None:
        unknown("guild template")
    return ok(_shown(guild, guild.templates[call.params["code"]]))


@operation("list_guild_templates")
def of_guild(call: Call) -> Answer:
    guild = call.guild(P.MANAGE_GUILD)
    return ok([_shown(guild, template) for template in guild.templates.values()])


@operation("create_guild_template")
def create(call: Call) -> Answer:
    guild = call.guild(P.MANAGE_GUILD)
    if guild.templates:
        refuse(400, 30031, "Guild already has a template")
    now = iso(call.epoch_ms)
    template = skeleton(
        "GuildTemplateResponse", code=_code(call), name=call.data["name"], description=call.data.get("description"),
        creator_id=str(call.me), creator=call.person(), created_at=now, updated_at=now, source_guild_id=str(guild.id),
        serialized_source_guild=_snapshot(guild),
    )  # fmt: skip
    guild.templates[template["code"]] = template
    return ok(_shown(guild, template))


@operation("sync_guild_template")
def sync(call: Call) -> Answer:
    guild, template = _own(call)
    template |= {"serialized_source_guild": _snapshot(guild), "updated_at": iso(call.epoch_ms)}
    return ok(_shown(guild, template))


@operation("update_guild_template")
def update(call: Call) -> Answer:
    guild, template = _own(call)
    template |= {k: call.data[k] for k in ("name", "description") if k in call.data}
    return ok(_shown(guild, template))


@operation("delete_guild_template")
def delete(call: Call) -> Answer:
    guild, template = _own(call)
    del guild.templates[template["code"]]
    return ok(_shown(guild, template))


def _own(call: Call) -> tuple[Guild, Doc]:
    guild = call.guild(P.MANAGE_GUILD)
    template = guild.templates.get(call.params["code"])
    if template is None:
        unknown("guild template")
    return guild, template


def _shown(guild: Guild, template: Doc) -> Doc:
    """A template, which is dirty when its guild has changed since."""
    return {**template, "is_dirty": template["serialized_source_guild"] != _snapshot(guild) or None}


def _code(call: Call) -> str:
    seed = call.new_id()
    letters = (call.world.draws.below(f"template/{seed}/{n}", len(_LETTERS)) for n in range(_CODE_LENGTH))
    return "".join(_LETTERS[index] for index in letters)


# -- the snapshot: ids are replaced by small numbers, @everyone is 0 ---------------------------------------------


def _snapshot(guild: Guild) -> Doc:
    roles = [r for r in guild.roles.values() if not r["managed"]]
    channels = [c for c in guild.channels.values() if c["type"] not in THREADS]
    role_numbers = {r["id"]: n for n, r in enumerate(roles)}
    channel_numbers = {c["id"]: n for n, c in enumerate(channels, start=1)}
    settings = skeleton("GuildTemplateSnapshotResponse")
    settings |= {k: guild.doc[k] for k in settings if k in guild.doc}
    settings |= {k: _number(guild.doc[k], channel_numbers) for k in _COUNTED}
    return settings | {
        "roles": [_picked("GuildTemplateRoleResponse", r) | {"id": role_numbers[r["id"]]} for r in roles],
        "channels": [_channel(c, role_numbers, channel_numbers) for c in channels],
    }


def _channel(channel: Doc, role_numbers: dict[str, int], channel_numbers: dict[str, int]) -> Doc:
    return _picked("GuildTemplateChannelResponse", channel) | {
        "id": channel_numbers[channel["id"]], "type": _TYPES.get(channel["type"], channel["type"]),
        "parent_id": _number(channel["parent_id"], channel_numbers),
        "bitrate": channel.get("bitrate", 64_000),
        "permission_overwrites": [
            {**o, "id": str(role_numbers[o["id"]])}
            for o in channel["permission_overwrites"] if o["type"] == 0 and o["id"] in role_numbers
        ],
        "available_tags": [{**t, "id": n} for n, t in enumerate(channel.get("available_tags", ()))],
    }  # fmt: skip


def _picked(shape: str, source: Doc) -> Doc:
    """An object of the named schema with what the source has of it."""
    known = skeleton(shape)
    return {k: source.get(k, empty) for k, empty in known.items()}


def _number(any_id: str | None, numbers: dict[str, int]) -> str | None:
    return None if any_id is None or any_id not in numbers else str(numbers[any_id])
