"""A route, its path, and the key its limits are counted under."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from urllib.parse import quote

from framework.errors import InvalidUse

__all__ = ["Route"]

_MAJOR = frozenset({"channel_id", "guild_id", "webhook_id"})


@dataclass(frozen=True, slots=True)
class Route:
    """One call: `Route.of("PUT", "/guilds/{guild_id}/bans/{user_id}", guild_id=1, user_id=2)`.

    `key` names the limit until Discord has told the bucket: method, template and major parameter. `major` is the
    first path parameter when it is a channel, guild or webhook (with its token) ("Rate Limits").
    """

    method: str
    template: str
    path: str = field(repr=False)  # may hold a webhook's or an interaction's token
    major: str = field(repr=False)
    exempt_from_global: bool
    sends_token: bool = True  # webhooks and interactions have a token of their own in the path
    user: str = field(default="", repr=False)  # whose limits count: a digest of the bearer token, or the bot's

    @property
    def is_bots(self) -> bool:
        """Whether the bot's own token goes with the call."""
        return self.sends_token and not self.user

    @property
    def key(self) -> tuple[str, str, str]:
        """Where limits are counted before the bucket is known."""
        return (self.method, self.template, self.major)

    def of_user(self, bearer: str) -> Route:
        """The same call with a user's token: other counters, and not the bot's global limit."""
        user = hashlib.blake2b(bearer.encode(), digest_size=8).hexdigest()
        return replace(self, major=f"{self.major}@{user}", exempt_from_global=True, user=user)

    @classmethod
    def of(cls, method: str, template: str, **params: int | str) -> Route:
        """Build a route.

        Raises:
            InvalidUse: a parameter is missing, unknown, negative, empty or holds a slash.
        """
        path = template
        major = ""
        first = True
        for name, value in _in_order(template, params):
            if isinstance(value, bool) or (isinstance(value, int) and value < 0):
                raise InvalidUse(f"{name}={value!r} in {method} {template}: an id is a whole number >= 0")
            text = str(value)
            if not text or "/" in text:
                shown = "…" if name.endswith("token") else repr(value)
                raise InvalidUse(f"{name}={shown} in {method} {template}: must not be empty or hold a slash")
            if first and name in _MAJOR:
                major = text
            elif name == "webhook_token" and major:
                major = f"{major}/{text}"
            first = False
            path = path.replace("{" + name + "}", quote(text, safe="@:"))
        exempt = template.startswith(("/interactions/", "/webhooks/{application_id}/{interaction_token}"))
        own_token = exempt or template.startswith("/webhooks/{webhook_id}/{webhook_token}")
        if exempt:
            major = path  # each interaction has limits of its own; they must not wait for one another's probe
        return cls(method, template, path, major, exempt, not own_token)


def _in_order(template: str, params: dict[str, int | str]) -> list[tuple[str, int | str]]:
    names = [part[1:-1] for part in template.split("/") if part.startswith("{")]
    missing = [n for n in names if n not in params]
    unknown = sorted(set(params) - set(names))
    if missing or unknown:
        wrong = f"missing {missing[0]}" if missing else f"no such parameter {unknown[0]}"
        raise InvalidUse(f"{template}: {wrong}; it takes {', '.join(names) or 'none'}")
    return [(name, params[name]) for name in names]
