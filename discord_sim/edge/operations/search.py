"""Searching the messages of a guild ("Message")."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from discord_sim.edge.call import Call, ok, operation, refuse
from discord_sim.edge.operations.messages import reads_content, shown
from discord_sim.rules.answers import Answer
from discord_sim.rules.permissions import Permission as P
from discord_sim.world.guild import Guild, Message
from discord_sim.world.payloads import THREADS, Doc

NEWEST_FIRST = "desc"
_HOST = re.compile(r"https?://([^\s/:?#]+)")


@operation("guild_search")
def search(call: Call) -> Answer:
    guild, query = call.guild(P.READ_MESSAGE_HISTORY, read=True), call.query
    if not reads_content(call):
        refuse(403, 50001, "Missing Access")
    found = [
        message
        for channel_id, channel in guild.channels.items() if _is_searched(call, guild, channel)
        for message in call.world.messages(channel_id, 1 << 30)
        if message.ephemeral_for is None and all(
            test(message, query[name]) for name, test in _TESTS.items() if query.get(name) not in (None, [], "")
        )
    ]  # fmt: skip
    if query.get("sort_by") == "relevance":
        words = (query.get("content") or "").lower()
        found.sort(key=lambda m: (m.content.lower().count(words), m.id), reverse=True)
    else:
        found.sort(key=lambda m: m.id, reverse=query.get("sort_order", NEWEST_FIRST) == NEWEST_FIRST)
    start = query.get("offset", 0)
    page = found[start : start + query.get("limit", 25)]
    places = [guild.channels[c] for c in dict.fromkeys(m.channel_id for m in page)]
    threads = [t for t in places if t["type"] in THREADS]
    mine = [m[call.me] for t in threads if call.me in (m := guild.thread_members.get(int(t["id"]), {}))]
    messages = [[{k: v for k, v in shown(call, m).items() if k != "reactions"} | {"hit": True}] for m in page]
    return ok({
        "messages": messages, "threads": threads, "members": mine, "total_results": len(found),
        "doing_deep_historical_index": False,
    })  # fmt: skip


def _is_searched(call: Call, guild: Guild, channel: Doc) -> bool:
    if not guild.permissions_in(channel, call.me) & P.VIEW_CHANNEL:
        return False
    wanted = call.query.get("channel_id")
    if wanted and channel["id"] not in wanted:
        return False
    parent = guild.channels.get(int(channel["parent_id"] or 0), channel) if channel["type"] in THREADS else channel
    return bool(call.query.get("include_nsfw")) or not parent.get("nsfw")


# -- what a message must have; lists mean any of them, a minus none of them --------------------------------------


def _kind_of_author(message: Message) -> str:
    if "webhook_id" in message.doc:
        return "webhook"
    return "bot" if message.doc["author"].get("bot") else "user"


def _hosts(message: Message) -> list[str]:
    """The hosts of the links in a text."""
    return _HOST.findall(message.content)


def _things(message: Message) -> set[str]:
    """What the `has` of a search may name."""
    doc = message.doc
    kinds = {a["content_type"].partition("/")[0] for a in doc["attachments"]}
    present = {
        "link": _hosts(message), "embed": doc["embeds"], "file": doc["attachments"],
        "image": "image" in kinds or any("image" in e for e in doc["embeds"]),
        "video": "video" in kinds, "sound": "audio" in kinds, "sticker": doc.get("sticker_items"),
        "poll": doc.get("poll"), "snapshot": doc.get("message_snapshots"),
    }  # fmt: skip
    return {name for name, there in present.items() if there}


def _fits(wanted: Iterable[str], present: set[str]) -> bool:
    wanted = set(wanted)
    refused = {w.removeprefix("-") for w in wanted if w.startswith("-")}
    asked = {w for w in wanted if not w.startswith("-")}
    return not present & refused and (not asked or bool(present & asked))


def _replied_to(message: Message, field: str) -> set[str]:
    answered = message.replied
    if answered is None:
        return set()
    return {answered.doc["author"]["id"] if field == "user" else answered.doc["id"]}


_TESTS: dict[str, Callable[[Message, Any], bool]] = {
    "content": lambda m, text: text.lower() in m.content.lower(),
    "author_id": lambda m, ids: str(m.author_id) in ids,
    "author_type": lambda m, kinds: _fits(kinds, {_kind_of_author(m)}),
    "mentions": lambda m, ids: bool({u["id"] for u in m.doc["mentions"]} & set(ids)),
    "mentions_role_id": lambda m, ids: bool(set(m.doc["mention_roles"]) & set(ids)),
    "mention_everyone": lambda m, wanted: m.doc["mention_everyone"] == wanted,
    "replied_to_user_id": lambda m, ids: bool(_replied_to(m, "user") & set(ids)),
    "replied_to_message_id": lambda m, ids: bool(_replied_to(m, "message") & set(ids)),
    "pinned": lambda m, wanted: m.doc["pinned"] == wanted,
    "has": lambda m, names: _fits(names, _things(m)),
    "embed_type": lambda m, kinds: any(kind in e for e in m.doc["embeds"] for kind in kinds),
    "embed_provider": lambda m, names: any(e.get("provider", {}).get("name") in names for e in m.doc["embeds"]),
    "link_hostname": lambda m, hosts: any(host in hosts for host in _hosts(m)),
    "attachment_filename": lambda m, names: any(a["filename"] in names for a in m.doc["attachments"]),
    "attachment_extension": lambda m, ends: any(
        a["filename"].rpartition(".")[2].lower() in ends for a in m.doc["attachments"]
    ),
    "min_id": lambda m, bound: m.id > int(bound),
    "max_id": lambda m, bound: m.id < int(bound),
}
