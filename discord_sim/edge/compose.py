"""From what a client sends to what a message holds: text, mentions, files, embeds, stickers, polls.

Shared by everything that posts or edits: channels, forum threads, webhooks, interaction responses ("Message").
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from discord_sim.edge.call import Call, form_error, refuse
from discord_sim.edge.components import components, media
from discord_sim.rules.forms import at, leaf
from discord_sim.rules.permissions import Permission as P
from discord_sim.world.changes import SUPPRESS_EMBEDS, mentions_in
from discord_sim.world.guild import Guild
from discord_sim.world.payloads import Doc
from discord_sim.world.snowflakes import epoch_ms_of, iso

__all__ = ["COMPONENTS_V2", "EPHEMERAL", "SETTABLE_FLAGS", "Draft", "draft", "emoji_of", "needed_to_post"]

CONTENT_MAX, EMBEDS_TEXT_MAX, FILES_MAX, POLL_ANSWER_MAX = 2_000, 6_000, 10, 55
EPHEMERAL, VOICE, COMPONENTS_V2 = 1 << 6, 1 << 13, 1 << 15
SETTABLE_FLAGS = SUPPRESS_EMBEDS | 1 << 12 | VOICE | COMPONENTS_V2
_LEGACY = {
    "content": "content", "embeds": "embeds", "poll": "poll", "sticker_ids": "sticker_items",
    "shared_client_theme": "shared_client_theme",
}  # fmt: skip
"""What a message of components cannot have: the names in a request and in a message."""
_CUSTOM_EMOJI = re.compile(r"(?:a:)?\w{2,32}:(\d{15,20})", re.ASCII)
_KEYCAP = re.compile(r"[0-9#*]\ufe0f?\u20e3")
_REQUIRED = leaf("BASE_TYPE_REQUIRED", "This field is required")


@dataclass(slots=True)
class Draft:
    """The fields of a message to be."""

    fields: Doc = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show: such a message is refused (50006)."""
        parts = (*_LEGACY.values(), "attachments", "components", "message_snapshots")
        return not any(self.fields.get(p) for p in parts)


def draft(
    call: Call, guild: Guild | None, channel: Doc, data: Doc, *, mention_default: tuple[str, ...] | None = None,
    old: Doc | None = None, flags: int = SETTABLE_FLAGS,
) -> Draft:  # fmt: skip
    """Read the message fields of `data`. Raises Refused where Discord refuses. `old` is the message that is edited;
    `mention_default` is what may be mentioned when the client does not say (everything, for a bot's own messages)."""
    fields: Doc = {}
    before: int = 0 if old is None else old["flags"]
    if old is not None:
        _judge_edit(data, old)
        flags = SUPPRESS_EMBEDS | COMPONENTS_V2  # the latter can only be set
    if data.get("flags") is not None:
        kept = before & ~SUPPRESS_EMBEDS if old is not None else 0
        fields["flags"] = kept | data["flags"] & flags
    now = fields.get("flags", before)
    v2 = bool(now & COMPONENTS_V2)
    if v2:
        _judge_v2(data, old)
    if "content" in data:
        fields["content"] = (data["content"] or "").strip()
        if len(fields["content"]) > CONTENT_MAX:
            form_error({"content": leaf("BASE_TYPE_MAX_LENGTH", f"Must be {CONTENT_MAX} or fewer in length.")})
    files: list[Doc] = []
    if "attachments" in data or call.files:
        fields["attachments"], files = _attachments(call, channel, data, old, ephemeral=bool(now & EPHEMERAL))
    if now & VOICE and old is None:
        _judge_voice(call, guild, channel, data, files)
    if "embeds" in data:
        fields["embeds"] = _embeds(data["embeds"] or [], files)
    text = fields.get("content", "")
    if "components" in data:
        fields["components"], displayed = components(call, data["components"] or [], files, v2=v2)
        text = displayed if v2 else text
    if data.get("poll"):
        fields["poll"] = _poll(call, data["poll"])
    if data.get("sticker_ids") and old is None:
        fields["sticker_items"] = _stickers(call, guild, data["sticker_ids"])
    if data.get("shared_client_theme"):
        theme = data["shared_client_theme"]
        fields["shared_client_theme"] = {**theme, "base_theme": theme.get("base_theme") or 0}
    if data.get("tts") is not None and old is None:
        fields["tts"] = data["tts"]
    if ("components" if v2 else "content") in data:
        fields |= _mentions(call, guild, channel, text, data.get("allowed_mentions"), mention_default)
    return Draft(fields)


def needed_to_post(data: Doc, *, files: bool) -> int:
    """The permission bits a message needs besides sending."""
    needs = 0
    if files:
        needs |= P.ATTACH_FILES
    if data.get("embeds"):
        needs |= P.EMBED_LINKS
    if data.get("poll"):
        needs |= P.SEND_POLLS
    if data.get("tts"):
        needs |= P.SEND_TTS_MESSAGES
    return needs


def _judge_edit(data: Doc, old: Doc) -> None:
    """What of a message cannot be edited."""
    if not set(data) - {"flags"}:
        return
    if "poll" in old:
        refuse(400, 520003, "Cannot edit a poll message")
    if old["flags"] & VOICE:
        refuse(400, 50162, "Voice messages cannot be edited.")
    stickers = [s["id"] for s in old.get("sticker_items", ())]
    if (data.get("sticker_ids") or stickers) != stickers:
        refuse(400, 50080, "Cannot edit stickers within a message")


def _judge_v2(data: Doc, old: Doc | None) -> None:
    """A message of components has nothing else; what an older form of it has must be taken away."""
    for name, held in _LEGACY.items():
        if data[name] if name in data else (old or {}).get(held):
            message = f"The '{name}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2"
            form_error({name: leaf("MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", message)})


def _judge_voice(call: Call, guild: Guild | None, channel: Doc, data: Doc, files: list[Doc]) -> None:
    if guild is not None and not guild.permissions_in(channel, call.me) & P.SEND_VOICE_MESSAGES:
        refuse(403, 50173, "You cannot send voice messages in this channel.")
    if any(data.get(name) for name in (*_LEGACY, "components")):
        refuse(400, 50159, "Voice messages do not support additional content.")
    if len(files) != 1 or not files[0]["content_type"].startswith("audio/"):
        refuse(400, 50160, "Voice messages must have a single audio attachment.")
    if not {"duration_secs", "waveform"} <= files[0].keys():
        refuse(400, 50161, "Voice messages must have supporting metadata.")


# -- mentions ------------------------------------------------------------------------------------------------


def _mentions(
    call: Call, guild: Guild | None, channel: Doc, text: str, allowed: Doc | None, default: tuple[str, ...] | None
) -> Doc:
    found = mentions_in(call.world, guild, text)
    if allowed is None:
        allowed = {"parse": ("users", "roles", "everyone") if default is None else default}
    parse = set(allowed.get("parse") or ())
    for kind in ("users", "roles"):
        if allowed.get(kind) and kind in parse:
            message = f'parse:["{kind}"] and {kind}: [ids...] are mutually exclusive.'
            form_error({"allowed_mentions": leaf("MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", message)})
    users, roles = set(allowed.get("users") or ()), set(allowed.get("roles") or ())
    found = {
        "mentions": [u for u in found["mentions"] if "users" in parse or u["id"] in users],
        "mention_roles": [r for r in found["mention_roles"] if "roles" in parse or r in roles],
        "mention_everyone": found["mention_everyone"] and "everyone" in parse,
    }
    by_member = guild is not None and default is None
    if guild is not None and by_member and not guild.permissions_in(channel, call.me) & P.MENTION_EVERYONE:
        found["mention_everyone"] = False
        found["mention_roles"] = [r for r in found["mention_roles"] if guild.roles[int(r)]["mentionable"]]
    return found


# -- files ---------------------------------------------------------------------------------------------------


def _attachments(
    call: Call, channel: Doc, data: Doc, old: Doc | None, *, ephemeral: bool
) -> tuple[list[Doc], list[Doc]]:
    """All files that the message will have, and those that `attachment://` may name: the new ones, and old ones that
    were listed with their names."""
    before: dict[str, Doc] = {a["id"]: a for a in (old or {}).get("attachments", ())}
    listed = {str(a["id"]): a for a in data.get("attachments") or ()}
    kept = dict(before)
    if "attachments" in data:
        kept = {i: _described(before[i], listed[i]) for i in listed if i in before}
    made = []
    for number, upload in enumerate(call.files):
        index = upload.field[6:-1] if upload.field.startswith("files[") else str(number)
        about = listed.pop(index, {})
        if about.get("filename"):
            upload = replace(upload, filename=about["filename"])
        place = int(channel["id"])
        file = call.media.attachment(call.settings.cdn_url, place, call.new_id(), upload, call.epoch_ms)
        made.append(_described({**file, "ephemeral": True} if ephemeral else file, about))
    for n, item in enumerate(data.get("attachments") or ()):
        if str(item["id"]) in listed.keys() - before.keys():
            form_error(at(("attachments", n), leaf("ATTACHMENT_NOT_FOUND", "Attachment data not found")))
    if len(kept) + len(made) > FILES_MAX:
        refuse(400, 30015, f"Maximum number of attachments in a message reached ({FILES_MAX})")
    named = [file for i, file in kept.items() if listed.get(i, {}).get("filename")]
    return [*kept.values(), *made], [*named, *made]


def _described(file: Doc, about: Doc) -> Doc:
    """A file with what the client says about it; null takes it back."""
    said: Doc = {k: about[k] for k in ("title", "description", "duration_secs", "waveform") if k in about}
    made = {k: v for k, v in (file | said).items() if v is not None}
    for key, bit in (("is_remix", 1 << 2), ("is_spoiler", 1 << 3)):
        if about.get(key) is not None:
            made["flags"] = made.get("flags", 0) & ~bit | (bit if about[key] else 0)
    return made


# -- embeds --------------------------------------------------------------------------------------------------


def _embeds(given: list[Doc], files: list[Doc]) -> list[Doc]:
    made = [_embed(embed, files, n) for n, embed in enumerate(given)]
    if sum(map(_text_length, made)) > EMBEDS_TEXT_MAX:
        message = f"Embed size exceeds maximum size of {EMBEDS_TEXT_MAX}"
        form_error({"embeds": leaf("MAX_EMBED_SIZE_EXCEEDED", message)})
    return made


def _embed(given: Doc, files: list[Doc], n: int) -> Doc:
    """What a bot may set of an embed: neither its type, nor provider and video, nor the size of pictures."""
    made: Doc = {"type": "rich"}
    for key in ("title", "description", "url", "color"):
        if given.get(key) not in (None, ""):
            made[key] = given[key]
    if given.get("timestamp"):
        made["timestamp"] = iso(epoch_ms_of(given["timestamp"]))
    for key in ("image", "thumbnail"):
        if (given.get(key) or {}).get("url"):
            made[key] = media(given[key]["url"], files)
    for key, needed in (("author", "name"), ("footer", "text")):
        part = {k: v for k, v in (given.get(key) or {}).items() if v not in (None, "")}
        if part and needed not in part:
            form_error(at(("embeds", n, key, needed), _REQUIRED))
        if "icon_url" in part:
            icon = media(part["icon_url"], files)
            part |= {"icon_url": icon["url"], "proxy_icon_url": icon["proxy_url"]}
        if part:
            made[key] = part
    if given.get("fields"):
        made["fields"] = [{**f, "inline": bool(f.get("inline"))} for f in given["fields"]]
    for number, item in enumerate(made.get("fields", ())):
        for key in ("name", "value"):
            if not item[key].strip():
                form_error(at(("embeds", n, "fields", number, key), _REQUIRED))
    if not made.keys() - {"type", "color", "timestamp", "url"}:
        form_error(at(("embeds", n, "description"), _REQUIRED))
    return made


def _text_length(embed: Doc) -> int:
    texts = [embed.get("title", ""), embed.get("description", "")]
    texts += [embed.get("footer", {}).get("text", ""), embed.get("author", {}).get("name", "")]
    return sum(map(len, texts)) + sum(len(f["name"]) + len(f["value"]) for f in embed.get("fields", ()))


# -- stickers, polls, emoji ----------------------------------------------------------------------------------


def _stickers(call: Call, guild: Guild | None, ids: list[Any]) -> list[Doc]:
    found = []
    for sticker_id in ids:
        home = call.world.guild(int(sticker_id))
        sticker = home.stickers.get(int(sticker_id)) if home is not None else None
        if sticker is None or (guild is not None and home is not guild):
            refuse(400, 50081, "Invalid sticker sent")
        found.append({k: sticker[k] for k in ("id", "name", "format_type")})
    return found


def _poll(call: Call, given: Doc) -> Doc:
    if not given["question"].get("text"):
        form_error(at(("poll", "question", "text"), _REQUIRED))
    answers = []
    for n, answer in enumerate(given["answers"]):
        said = {k: v for k, v in answer["poll_media"].items() if v is not None}
        if not said:
            form_error(at(("poll", "answers", n, "poll_media", "text"), _REQUIRED))
        if len(said.get("text", "")) > POLL_ANSWER_MAX:
            wrong = leaf("BASE_TYPE_MAX_LENGTH", f"Must be {POLL_ANSWER_MAX} or fewer in length.")
            form_error(at(("poll", "answers", n, "poll_media", "text"), wrong))
        if "emoji" in said:
            said["emoji"] = _poll_emoji(call, said["emoji"])
        answers.append({"answer_id": n + 1, "poll_media": said})
    hours = given.get("duration") or 24
    return {
        "question": {"text": given["question"]["text"]}, "answers": answers,
        "expiry": iso(call.epoch_ms + hours * 3_600_000),
        "allow_multiselect": bool(given.get("allow_multiselect")), "layout_type": given.get("layout_type") or 1,
        "results": {"is_finalized": False, "answer_counts": []},
    }  # fmt: skip


def _poll_emoji(call: Call, given: Doc) -> Doc:
    found = _custom(call, int(given["id"])) if given.get("id") else _unicode(given.get("name") or "")
    if found is None:
        refuse(400, 520004, "Cannot use an emoji included with the poll")
    return found


def emoji_of(call: Call, text: str, known: Mapping[str, Any] | None = None) -> tuple[str, Doc]:
    """The emoji a path names, as `(key, partial emoji)`; 400 / 10014 where there is none. What is among the keys of
    `known` need not exist any more."""
    custom = _CUSTOM_EMOJI.fullmatch(text)
    key = text if custom is None else custom[1]
    found = _unicode(text) if custom is None else _custom(call, int(key))
    if found is None and known is not None and key in known:
        found = {"id": key, "name": None}
    if found is None:
        refuse(400, 10014, "Unknown Emoji")
    return key, found


def _custom(call: Call, emoji_id: int) -> Doc | None:
    """A custom emoji that the caller may use: of a guild it is in, or its application's own."""
    home = call.world.guild(emoji_id)
    known = home.emojis.get(emoji_id) if home is not None and call.world.is_member(home, call.me) else None
    if known is None:
        owned = call.bin("app_emojis").get(emoji_id)
        known = owned if owned is not None and owned["application_id"] == str(call.me) else None
    if known is None:
        return None
    emoji = {"id": str(emoji_id), "name": known["name"]}
    return {**emoji, "animated": True} if known.get("animated") else emoji


def _unicode(text: str) -> Doc | None:
    """An emoji of Unicode: symbols with their modifiers, no letters (ℹ is one by name), digits as keycaps only."""
    symbols = bool(text) and not text.isascii() and not any(c.isspace() or (c.isalnum() and c != "ℹ") for c in text)
    if len(text) > 16 or not (symbols or _KEYCAP.fullmatch(text)):
        return None
    return {"id": None, "name": text}
