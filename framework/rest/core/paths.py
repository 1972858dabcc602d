"""The route of a request as another library made it: which parts of its path are ids, codes and tokens.

Told by shape and place, not by a table of all routes, so that a route Discord adds tomorrow has a sensible key too: an
id is a number, codes and tokens stand behind certain words, and what looks like none of Discord's words is a parameter.
Must not know: clocks, requests.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

from framework.errors import InvalidUse
from framework.rest.core.route import Route
from framework.wire import DISCORD_EPOCH_MS

__all__ = ["read_path"]

_VERSION = re.compile(r"/v\d{1,3}(?=/)")
_WORD = re.compile(r"[a-z]+(?:-[a-z]+)*(?:\.[a-z]+)?|oauth2|@me|@original")
_INTERACTION = "aW50ZXJhY3Rpb246"  # base64 of "interaction:", with which an interaction's token begins (observed)
_HEADS_MAJOR = frozenset({"channels", "guilds", "webhooks"})
_CODES = {"activity-instances": "instance_id", "invites": "code", "reactions": "emoji_name", "templates": "code"}
_IDS = {
    "bans": "user_id", "lobbies": "lobby_id", "members": "user_id", "permissions": "overwrite_id", "pins": "message_id",
    "polls": "message_id", "reactions": "user_id", "recipients": "user_id", "stage-instances": "channel_id",
    "thread-members": "user_id", "voice-states": "user_id",
}  # fmt: skip
_OWN_CREDENTIALS = frozenset(
    {
        "/oauth2/token",
        "/oauth2/token/revoke",
        "/partner-sdk/provisional-accounts/unmerge",
        "/partner-sdk/token",
    }
)
"""Their body says who asks; a bot's token beside it would say something else."""
_MESSAGE = "/channels/{channel_id}/messages/{message_id}"
_YOUNG_MS, _OLD_MS = 10_000, 14 * 86_400_000
_ID_DIGITS_MAX = 20  # of 64 bits


def read_path(method: str, target: str, epoch_ms: int) -> Route:
    """The route of `target`, a path with or without version and query, percent-encoded; it is sent on as it is.

    Deleting a message has other limits below ten seconds and above two weeks of its age (observed), so at `epoch_ms`,
    Unix time, that is part of the route.

    Raises:
        InvalidUse: a part of the path is empty, `.` or `..`, which could lead out of the API.
    """
    path = target.partition("?")[0]
    version = _VERSION.match(path)
    parts = (path if version is None else path[version.end() :]).removeprefix("/").split("/")
    if any(unquote(part) in ("", ".", "..") for part in parts):
        raise InvalidUse("a part of the path is empty or leads elsewhere")
    shown = _names(parts)
    template = "/" + "/".join(shown)
    is_interactions = "{interaction_token}" in shown
    major = ""
    if is_interactions:
        major = "/" + "/".join(parts)  # as in `Route.of`: they must not wait for one another's probe
    elif parts[0] in _HEADS_MAJOR and shown[1:2] and shown[1].startswith("{"):
        major = "/".join(parts[1:3]) if "{webhook_token}" in shown else parts[1]
    if method == "DELETE" and template == _MESSAGE:
        template += _age(int(parts[3]), epoch_ms)
    has_token = is_interactions or "{webhook_token}" in shown or template in _OWN_CREDENTIALS
    return Route(method, template, target, major, is_interactions, not has_token)


def _names(parts: list[str]) -> list[str]:
    shown: list[str] = []
    word = before = ""  # the last word of Discord's; the same if it is the part just before
    for place, part in enumerate(parts):
        if before in _CODES:
            name = _CODES[before]
        elif part.isascii() and part.isdigit() and len(part) <= _ID_DIGITS_MAX:
            name = _IDS.get(word) or f"{word.removesuffix('s').replace('-', '_')}_id"
        elif place == 2 and parts[0] in ("interactions", "webhooks") and not before:
            name = "webhook_token"
            if parts[0] == "interactions" or part.startswith(_INTERACTION):
                name = "interaction_token"
                shown[1] = "{interaction_id}" if parts[0] == "interactions" else "{application_id}"
        elif _WORD.fullmatch(part):
            shown.append(part)
            word = before = part
            continue
        else:
            name = "unknown"
        shown.append(f"{{{name}}}")
        before = ""
    return shown


def _age(message_id: int, epoch_ms: int) -> str:
    age_ms = epoch_ms - (message_id >> 22) - DISCORD_EPOCH_MS
    return " (new)" if age_ms < _YOUNG_MS else " (old)" if age_ms >= _OLD_MS else ""
