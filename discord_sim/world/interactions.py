"""Interactions: a user invokes a command or a component, and the application has three seconds to answer.

Sources: "Receiving and Responding to Interactions". Knows the world; must not know clocks or sockets.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass

from discord_sim.rules.permissions import ALL
from discord_sim.world.changes import current
from discord_sim.world.fanout import Event
from discord_sim.world.guild import Guild, Message
from discord_sim.world.payloads import Doc
from discord_sim.world.world import World

__all__ = [
    "ANSWER_MS", "AUTOCOMPLETE", "COMMAND", "COMPONENT", "MODAL", "TOKEN_MS", "Interaction", "begin", "by_token",
]  # fmt: skip

ANSWER_MS = 3_000
TOKEN_MS = 15 * 60_000
COMMAND, COMPONENT, AUTOCOMPLETE, MODAL = 2, 3, 4, 5
_TOKEN_SECRET_BYTES = 120
_KEPT = 10_000


@dataclass(slots=True)
class Interaction:
    """One interaction and what became of it. `answered` is the type of the first response."""

    id: int
    token: str
    application_id: int
    type: int
    user_id: int
    guild_id: int | None
    channel_id: int
    created_ms: int
    command_type: int = 1
    name: str = ""
    source_message_id: int | None = None
    from_component: bool = False
    answered: int | None = None
    original_id: int | None = None
    ephemeral: bool = False
    response: Doc | None = None

    def __repr__(self) -> str:
        return f"<Interaction {self.id} type={self.type} answered={self.answered}>"

    def may_be_answered(self, epoch_ms: int) -> bool:
        """Whether the first response may still come."""
        return epoch_ms <= self.created_ms + ANSWER_MS

    def is_expired(self, epoch_ms: int) -> bool:
        """Whether the token is too old for follow-ups and edits."""
        return epoch_ms > self.created_ms + TOKEN_MS


def begin(
    world: World, application_id: int, user_id: int, guild: Guild | None, channel: Doc, kind: int, data: Doc,
    epoch_ms: int, *, message: Message | None = None, from_component: bool = False,
) -> tuple[Interaction, Event]:  # fmt: skip
    """A user interacts; returns the interaction and the INTERACTION_CREATE for its application alone."""
    made = world.new_id(epoch_ms)
    secret = hashlib.blake2b(f"{world.seed}/interaction/{made}".encode()).hexdigest()
    text = f"interaction:{made}:{secret * 2}"[: _TOKEN_SECRET_BYTES + 40]
    token = base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
    interaction = Interaction(
        made, token, application_id, kind, user_id, None if guild is None else guild.id, int(channel["id"]), epoch_ms,
        data.get("type", 1) if kind in (COMMAND, AUTOCOMPLETE) else 1, data.get("name", ""),
        None if message is None else message.id, from_component,
    )  # fmt: skip
    world.interactions[made] = interaction
    if len(world.interactions) > _KEPT:
        del world.interactions[next(iter(world.interactions))]
    body: Doc = {
        "id": str(made), "application_id": str(application_id), "type": kind, "token": token, "version": 1,
        "channel_id": channel["id"], "channel": channel, "locale": "en-US", "entitlements": [],
        "attachment_size_limit": 10 << 20, "data": data, "app_permissions": str(ALL), "context": 0,
        "authorizing_integration_owners": {},
    }  # fmt: skip
    if guild is None:
        body |= {"user": world.user_payload(user_id), "context": 1, "authorizing_integration_owners": {"0": "0"}}
    else:
        member = world.member_payload(guild, user_id)
        body |= {
            "guild_id": str(guild.id), "guild_locale": guild.doc["preferred_locale"],
            "guild": {"id": str(guild.id), "locale": guild.doc["preferred_locale"], "features": guild.doc["features"]},
            "member": {**member, "permissions": str(guild.permissions_in(channel, user_id))},
            "app_permissions": str(guild.permissions_in(channel, application_id)),
            "authorizing_integration_owners": {"0": str(guild.id)},
        }  # fmt: skip
    if message is not None:
        body["message"] = current(message)
    return interaction, Event(
        "INTERACTION_CREATE", None if guild is None else guild.id, made, body, bot_id=application_id
    )


def by_token(world: World, token: str) -> Interaction | None:
    """The interaction that a token belongs to: it names the interaction, the secret in it is the proof."""
    try:
        named = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).split(b":")[1]
        found = world.interactions.get(int(named))
    except (ValueError, IndexError):
        return None
    return found if found is not None and hmac.compare_digest(found.token.encode(), token.encode()) else None
