"""Lists of threads: active, archived, searched for ("Threads", "Channel")."""

from __future__ import annotations

from discord_sim.edge.call import Call, ok, operation
from discord_sim.rules.answers import Answer
from discord_sim.rules.permissions import Permission as P
from discord_sim.world.guild import Guild
from discord_sim.world.payloads import THREADS, Doc, is_active
from discord_sim.world.snowflakes import epoch_ms_of

PUBLIC, PRIVATE = (10, 11), (12,)


def _listing(call: Call, guild: Guild, threads: list[Doc], *, has_more: bool = False) -> Doc:
    mine = [m[call.me] for t in threads if call.me in (m := guild.thread_members.get(int(t["id"]), {}))]
    return {"threads": threads, "members": mine, "has_more": has_more}


def _visible(call: Call, guild: Guild, kinds: tuple[int, ...] = THREADS, parent: Doc | None = None) -> list[Doc]:
    """The threads of a guild, or of one channel, that the caller may see."""
    return [
        t for t in guild.channels.values()
        if t["type"] in kinds and (parent is None or t["parent_id"] == parent["id"])
        and guild.permissions_in(t, call.me) & P.VIEW_CHANNEL
    ]  # fmt: skip


@operation("get_active_guild_threads")
def active(call: Call) -> Answer:
    guild = call.guild(read=True)
    found = [t for t in _visible(call, guild) if is_active(t)]
    return ok(_listing(call, guild, sorted(found, key=_id, reverse=True)))


def _id(found: Doc) -> int:
    return int(found["id"])


def _archived_ms(found: Doc) -> int:
    return epoch_ms_of(found["thread_metadata"]["archive_timestamp"])


def _archive(call: Call, needs: int, kinds: tuple[int, ...]) -> Answer:
    guild, channel = call.guild_channel(needs)
    found = [t for t in _visible(call, guild, kinds, channel) if not is_active(t)]
    if "before" in call.query:
        found = [t for t in found if _archived_ms(t) < epoch_ms_of(call.query["before"])]
    found.sort(key=_archived_ms, reverse=True)
    limit = call.query.get("limit", 50)
    return ok(_listing(call, guild, found[:limit], has_more=len(found) > limit))


@operation("list_public_archived_threads")
def archived_public(call: Call) -> Answer:
    return _archive(call, P.READ_MESSAGE_HISTORY, PUBLIC)


@operation("list_private_archived_threads")
def archived_private(call: Call) -> Answer:
    return _archive(call, P.READ_MESSAGE_HISTORY | P.MANAGE_THREADS, PRIVATE)


@operation("list_my_private_archived_threads")
def archived_mine(call: Call) -> Answer:
    guild, channel = call.guild_channel(P.READ_MESSAGE_HISTORY)
    before, limit = int(call.query.get("before", 1 << 64)), call.query.get("limit", 50)
    found = [
        t for t in _visible(call, guild, PRIVATE, channel)
        if not is_active(t) and call.me in guild.thread_members.get(_id(t), {}) and _id(t) < before
    ]  # fmt: skip
    found.sort(key=_id, reverse=True)
    return ok(_listing(call, guild, found[:limit], has_more=len(found) > limit))


@operation("thread_search")
def search(call: Call) -> Answer:
    guild, channel = call.guild_channel(P.READ_MESSAGE_HISTORY)
    query = call.query
    name, tags = query.get("name", "").lower(), set(query.get("tag") or ())
    low, high = int(query.get("min_id", 0)), int(query.get("max_id", 1 << 64))
    match = all if query.get("tag_setting") == "match_all" else any
    found = [
        t for t in _visible(call, guild, parent=channel)
        if name in t["name"].lower() and low < _id(t) < high
        and query.get("archived") in (None, not is_active(t))
        and (not tags or match(tag in t.get("applied_tags", ()) for tag in tags))
    ]  # fmt: skip
    order = {"archive_time": _archived_ms, "last_message_time": lambda t: int(t["last_message_id"] or t["id"])}
    found.sort(key=order.get(query.get("sort_by", ""), _id), reverse=query.get("sort_order") != "asc")
    start, limit = query.get("offset", 0), query.get("limit", 25)
    body = _listing(call, guild, found[start : start + limit], has_more=len(found) > start + limit)
    return ok({**body, "total_results": len(found)})
