"""Discord's vocabulary as a client reads it, written from the public documentation and from nothing of the
simulator's: a mistake made once must not be made on both sides.
"""

from enum import IntEnum, IntFlag

__all__ = [
    "API_BASE",
    "DISCORD_EPOCH_MS",
    "DISPATCH_KEPT_CLOSE",
    "FATAL_CLOSES",
    "FRESH_SESSION_CLOSES",
    "GLOBAL_REQUESTS_PER_S",
    "IDENTIFY_SPACING_MS",
    "INVALID_BUDGET",
    "INVALID_BUDGET_MS",
    "PAYLOAD_MAX_BYTES",
    "SEND_LIMIT",
    "SEND_WINDOW_MS",
    "GatewayOp",
    "Intents",
    "shard_id_for",
]

API_BASE = "https://discord.com/api/v10"
DISCORD_EPOCH_MS = 1_420_070_400_000  # Unix time where the ids' count of milliseconds begins
SEND_LIMIT = 120  # gateway payloads per connection…
SEND_WINDOW_MS = 60_000  # …in this window
PAYLOAD_MAX_BYTES = 4_096  # …each; a longer one is closed with 4002
IDENTIFY_SPACING_MS = 5_000
GLOBAL_REQUESTS_PER_S = 50
INVALID_BUDGET = 10_000  # answers of 401, 403, 429…
INVALID_BUDGET_MS = 10 * 60_000  # …in this window lead to a ban of the IP
DISPATCH_KEPT_CLOSE = 4_900
"""Our own close code where the session shall live on: anything but 1000 and 1001 keeps it resumable."""


class GatewayOp(IntEnum):
    """Payload kinds of the gateway."""

    DISPATCH = 0
    HEARTBEAT = 1
    IDENTIFY = 2
    PRESENCE = 3
    VOICE_STATE = 4
    RESUME = 6
    RECONNECT = 7
    REQUEST_MEMBERS = 8
    INVALID_SESSION = 9
    HELLO = 10
    HEARTBEAT_ACK = 11
    REQUEST_SOUNDBOARD_SOUNDS = 31
    REQUEST_CHANNEL_INFO = 43


FATAL_CLOSES = {
    4004: "the token is wrong or was reset; take a new one from the developer portal",
    4010: "the shard number does not fit the shard count",
    4011: "the bot is in too many guilds for this many shards; use more",
    4012: "this API version is no longer served",
    4013: "the intents contain unknown bits",
    4014: "a privileged intent is not enabled for this bot in the developer portal",
}
"""Close codes that forbid reconnecting, with what to do about them."""

FRESH_SESSION_CLOSES = frozenset({4003, 4005, 4007, 4008, 4009})
"""Close codes after which the session is of no use: identify again. All other codes: resume."""


class Intents(IntFlag):
    """What to be told about."""

    GUILDS = 1 << 0
    GUILD_MEMBERS = 1 << 1
    GUILD_MODERATION = 1 << 2
    GUILD_EXPRESSIONS = 1 << 3
    GUILD_INTEGRATIONS = 1 << 4
    GUILD_WEBHOOKS = 1 << 5
    GUILD_INVITES = 1 << 6
    GUILD_VOICE_STATES = 1 << 7
    GUILD_PRESENCES = 1 << 8
    GUILD_MESSAGES = 1 << 9
    GUILD_MESSAGE_REACTIONS = 1 << 10
    GUILD_MESSAGE_TYPING = 1 << 11
    DIRECT_MESSAGES = 1 << 12
    DIRECT_MESSAGE_REACTIONS = 1 << 13
    DIRECT_MESSAGE_TYPING = 1 << 14
    MESSAGE_CONTENT = 1 << 15
    GUILD_SCHEDULED_EVENTS = 1 << 16
    AUTO_MODERATION_CONFIGURATION = 1 << 20
    AUTO_MODERATION_EXECUTION = 1 << 21
    GUILD_MESSAGE_POLLS = 1 << 24
    DIRECT_MESSAGE_POLLS = 1 << 25


def shard_id_for(guild_id: int, shard_count: int) -> int:
    """The shard that receives a guild's events ("Sharding" in the documentation)."""
    return (guild_id >> 22) % shard_count
