"""What befalls guilds without a REST call of Discord's behind it: connected accounts, interest in scheduled events.
Each returns the events it causes.
"""

from __future__ import annotations

from discord_sim.spec import skeleton
from discord_sim.world.catalogue import SOUND_SLOTS
from discord_sim.world.fanout import Event
from discord_sim.world.guild import Guild
from discord_sim.world.payloads import Doc
from discord_sim.world.payloads import guild as guild_payload
from discord_sim.world.snowflakes import iso
from discord_sim.world.world import World

__all__ = ["boosted", "integration", "integration_changed", "interested"]


def integration(world: World, guild: Guild, kind: str, name: str, epoch_ms: int) -> tuple[int, list[Event]]:
    """A guild is connected with an account elsewhere (`twitch`, `youtube`); its id and the events."""
    made = world.new_id(epoch_ms)
    doc = guild.integrations[made] = skeleton(
        "ExternalConnectionIntegrationResponse", id=str(made), type=kind, name=name, enabled=True, syncing=False,
        account={"id": str(made), "name": name}, user=world.user_payload(guild.owner_id), role_id=None,
        enable_emoticons=False, expire_behavior=0, expire_grace_period=1, subscriber_count=0, revoked=False,
        synced_at=iso(epoch_ms),
    )  # fmt: skip
    return made, [_told("INTEGRATION_CREATE", guild, doc), _updated(guild)]


def integration_changed(guild: Guild, integration_id: int, fields: Doc) -> list[Event]:
    """Fields of an integration change. Raises LookupError where there is none."""
    if integration_id not in guild.integrations:
        raise LookupError(f"guild {guild.id} has no integration {integration_id}")
    doc = guild.integrations[integration_id]
    doc |= fields
    return [_told("INTEGRATION_UPDATE", guild, doc), _updated(guild)]


def _told(name: str, guild: Guild, doc: Doc) -> Event:
    return Event(name, guild.id, int(doc["id"]), {**doc, "guild_id": str(guild.id)})


def _updated(guild: Guild) -> Event:
    return Event("GUILD_INTEGRATIONS_UPDATE", guild.id, guild.id, {"guild_id": str(guild.id)})


def boosted(guild: Guild, tier: int) -> list[Event]:
    """A guild rises or falls to a boost tier, 0 to 3; sounds beyond its slots cannot be played until it rises again."""
    changed = []
    guild.doc["premium_tier"] = tier
    for number, sound in enumerate(guild.sounds.values()):
        available = number < SOUND_SLOTS[tier]
        if sound["available"] != available:
            sound["available"] = available
            changed.append(dict(sound))
    events = [Event("GUILD_UPDATE", guild.id, guild.id, guild_payload(guild))]
    if changed:
        body = {"guild_id": str(guild.id), "soundboard_sounds": changed}
        events.append(Event("GUILD_SOUNDBOARD_SOUNDS_UPDATE", guild.id, guild.id, body))
    return events


def interested(guild: Guild, event_id: int, user_id: int, *, wanted: bool) -> list[Event]:
    """A member marks a scheduled event, or takes that back. Raises LookupError where there is no event."""
    if event_id not in guild.events:
        raise LookupError(f"guild {guild.id} has no scheduled event {event_id}")
    users = guild.event_users.setdefault(event_id, {})
    if (user_id in users) == wanted:
        return []
    if wanted:
        users[user_id] = None
    else:
        del users[user_id]
    name = "GUILD_SCHEDULED_EVENT_USER_ADD" if wanted else "GUILD_SCHEDULED_EVENT_USER_REMOVE"
    body = {"guild_scheduled_event_id": str(event_id), "user_id": str(user_id), "guild_id": str(guild.id)}
    return [Event(name, guild.id, event_id, body)]
