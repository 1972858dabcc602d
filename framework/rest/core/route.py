"""Routes: the path of a call, and the key under which its limit is counted.

Knows: which path parameters split a limit (the "major" ones) and which calls the global limit does not count
(Discord: Topics / Rate Limits). Must not know: what any limit is.
"""

from __future__ import annotations

from functools import lru_cache
from string import Formatter
from urllib.parse import quote

from framework.errors import InvalidUse

__all__ = ["IllegalRoute", "Param", "Route", "age_suffix"]

Param = int | str

_MAJORS = frozenset({"channel_id", "guild_id", "webhook_id"})
_TOKENS = frozenset({"webhook_token", "token", "interaction_token"})
_DISCORD_EPOCH_MS = 1_420_070_400_000  # Discord: Reference / Snowflakes
_YOUNG_MS = 10_000
_OLD_MS = 14 * 24 * 3_600_000
_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})
_DELETE_MESSAGE = "/channels/{channel_id}/messages/{message_id}"


class IllegalRoute(InvalidUse):
    """The caller named a route that cannot exist: a missing, surplus or malformed parameter."""


class Route:
    """One call's address. Immutable; equal by method and path.

    Parameters whose name ends in `_id` are integers >= 0 (or the text `@me`); all others are non-empty text
    without a slash. Raises `IllegalRoute`.
    """

    __slots__ = ("exempt", "key", "message_id", "method", "path", "template", "use_token")

    method: str
    template: str
    path: str  #: percent-encoded; may hold a secret token, so it is never shown
    key: str  #: method + template + majors: what shares a limit, as far as one can tell beforehand
    exempt: bool  #: True when the global limit does not count this call
    use_token: bool  #: False where the token in the path is the authority
    message_id: int | None  #: only for a single message's deletion, whose limit depends on the message's age

    def __init__(self, method: str, template: str, **params: Param) -> None:
        if method not in _METHODS:
            raise IllegalRoute(f"method {method!r} is none of {', '.join(sorted(_METHODS))}")
        names = _names(template)
        if params.keys() != set(names):
            missing = [name for name in names if name not in params]
            surplus = sorted(params.keys() - set(names))
            raise IllegalRoute(f"{method} {template}: missing {missing}, surplus {surplus}")
        texts = {name: _text(template, name, params[name]) for name in names}
        self.method, self.template = method, template
        self.path = template.format_map(texts)
        majors, self.exempt = _majors(template, names)
        self.use_token = not self.exempt and not (names[:1] == ("webhook_id",) and len(majors) == 2)
        self.key = " ".join((method, template, *(texts[name] for name in majors)))
        is_deletion = method == "DELETE" and template == _DELETE_MESSAGE
        self.message_id = int(params["message_id"]) if is_deletion else None

    @property
    def majors(self) -> str:
        """The part of the key that joins a bucket hash to name one counter."""
        return self.key.split(" ", 2)[2] if self.key.count(" ") > 1 else ""

    def key_at(self, unix_now_ms: int | None) -> str:
        """The key, with the message's age class where that splits the limit; no class while time is unknown."""
        if self.message_id is None or unix_now_ms is None:
            return self.key
        return self.key + age_suffix(self.message_id, unix_now_ms)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Route) and (self.method, self.path) == (other.method, other.path)

    def __hash__(self) -> int:
        return hash((self.method, self.path))

    def __repr__(self) -> str:
        return f"<Route {self.method} {self.template}>"


def age_suffix(message_id: int, unix_now_ms: int) -> str:
    """`""`, `" <10s"` or `" >14d"`: Discord counts deletions of young, normal and old messages apart."""
    age_ms = unix_now_ms - ((message_id >> 22) + _DISCORD_EPOCH_MS)
    if age_ms < _YOUNG_MS:
        return " <10s"
    return " >14d" if age_ms > _OLD_MS else ""


@lru_cache(maxsize=512)
def _names(template: str) -> tuple[str, ...]:
    if not template.startswith("/"):
        raise IllegalRoute(f"template {template!r} does not start with a slash")
    try:
        names = tuple(name for _, name, _, _ in Formatter().parse(template) if name is not None)
    except ValueError as error:
        raise IllegalRoute(f"template {template!r}: {error}") from None
    if len(set(names)) != len(names) or not all(name.isidentifier() for name in names):
        raise IllegalRoute(f"template {template!r} repeats a parameter or leaves one without a name")
    return names


@lru_cache(maxsize=512)
def _majors(template: str, names: tuple[str, ...]) -> tuple[tuple[str, ...], bool]:
    """(the parameters that split the limit, whether the global limit leaves this call alone)."""
    second_is_token = len(names) > 1 and names[1] in _TOKENS
    if template.startswith("/interactions/{") and template.endswith("/callback"):
        # A callback is answered once: a queue per interaction, so that none waits for another's first answer.
        return names[:1], True
    if template.startswith("/webhooks/{application_id}/") and second_is_token:
        return names[:2], True
    if not names or names[0] not in _MAJORS:
        return (), False
    return (names[:2] if names[0] == "webhook_id" and second_is_token else names[:1]), False


def _text(template: str, name: str, value: Param) -> str:
    if name.endswith("_id"):
        if value == "@me":
            return "@me"
        # bool is an int to Python; as an id it is always a mistake.
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise IllegalRoute(f"{template}: {name} must be an integer >= 0, not a {type(value).__name__}")
        return str(value)
    # The value itself stays out of the message: it may be a webhook's token.
    if not isinstance(value, str) or not value or value in (".", ".."):
        raise IllegalRoute(f"{template}: {name} must be non-empty text that names one path segment")
    if "/" in value or "\\" in value or not value.isprintable():
        raise IllegalRoute(f"{template}: {name} holds a slash or a control character")
    try:
        return quote(value, safe="@:!")
    except UnicodeEncodeError:
        raise IllegalRoute(f"{template}: {name} is not valid Unicode text") from None
