"""Discord's numbers and words, as the server speaks them. Written from the public documentation; the framework
has its own reading, and a test compares the two.

Sources: "Gateway", "Opcodes and Status Codes", "Rate Limits" of the official documentation; observed values
where the documentation is silent are marked so.
"""

from enum import IntEnum

__all__ = [
    "API_VERSIONS",
    "API_VERSIONS_SERVED",
    "BAN_CODE_TEXT",
    "CLOUDFLARE_BAN_S",
    "DISCORD_EPOCH_MS",
    "GLOBAL_LIMIT_PER_S",
    "HEARTBEAT_INTERVAL_MS",
    "IDENTIFY_PERIOD_MS",
    "INVALID_REQUESTS_LIMIT",
    "INVALID_REQUESTS_WINDOW_MS",
    "PAYLOAD_MAX_BYTES",
    "SENDS_MAX",
    "SENDS_WINDOW_MS",
    "SESSION_KEPT_MS",
    "SESSION_STARTS_TOTAL",
    "SESSION_STARTS_WINDOW_MS",
    "SHARD_GUILDS_MAX",
    "CloseCode",
    "Intent",
    "Op",
]

API_VERSIONS = (9, 10)
API_VERSIONS_SERVED = (6, 7, 8, 9, 10)  # REST: 6 to 8 are deprecated but answer
DISCORD_EPOCH_MS = 1_420_070_400_000  # snowflakes count from 2015-01-01
HEARTBEAT_INTERVAL_MS = 41_250  # observed for years; the documentation's examples say 45,000
PAYLOAD_MAX_BYTES = 4_096  # client to server
SENDS_MAX = 120
SENDS_WINDOW_MS = 60_000
IDENTIFY_PERIOD_MS = 5_000
SESSION_STARTS_TOTAL = 1_000
SESSION_STARTS_WINDOW_MS = 24 * 3_600_000
SESSION_KEPT_MS = 180_000  # "a few minutes" in the documentation
SHARD_GUILDS_MAX = 2_500
GLOBAL_LIMIT_PER_S = 50
INVALID_REQUESTS_LIMIT = 10_000
INVALID_REQUESTS_WINDOW_MS = 600_000
CLOUDFLARE_BAN_S = 3_600  # observed in Retry-After; reports range from 15 minutes to 24 hours
BAN_CODE_TEXT = "error code: 1015"


class Op(IntEnum):
    """Gateway opcodes a bot can meet."""

    DISPATCH = 0
    HEARTBEAT = 1
    IDENTIFY = 2
    PRESENCE_UPDATE = 3
    VOICE_STATE_UPDATE = 4
    RESUME = 6
    RECONNECT = 7
    REQUEST_GUILD_MEMBERS = 8
    INVALID_SESSION = 9
    HELLO = 10
    HEARTBEAT_ACK = 11
    REQUEST_SOUNDBOARD_SOUNDS = 31
    REQUEST_CHANNEL_INFO = 43


class CloseCode(IntEnum):
    """Gateway close codes the server sends."""

    UNKNOWN_ERROR = 4000
    UNKNOWN_OPCODE = 4001
    DECODE_ERROR = 4002
    NOT_AUTHENTICATED = 4003
    AUTHENTICATION_FAILED = 4004
    ALREADY_AUTHENTICATED = 4005
    INVALID_SEQ = 4007
    RATE_LIMITED = 4008
    SESSION_TIMED_OUT = 4009
    INVALID_SHARD = 4010
    SHARDING_REQUIRED = 4011
    INVALID_API_VERSION = 4012
    INVALID_INTENTS = 4013
    DISALLOWED_INTENTS = 4014


class Intent(IntEnum):
    """Bit positions of the gateway intents."""

    GUILDS = 0
    GUILD_MEMBERS = 1
    GUILD_MODERATION = 2
    GUILD_EXPRESSIONS = 3
    GUILD_INTEGRATIONS = 4
    GUILD_WEBHOOKS = 5
    GUILD_INVITES = 6
    GUILD_VOICE_STATES = 7
    GUILD_PRESENCES = 8
    GUILD_MESSAGES = 9
    GUILD_MESSAGE_REACTIONS = 10
    GUILD_MESSAGE_TYPING = 11
    DIRECT_MESSAGES = 12
    DIRECT_MESSAGE_REACTIONS = 13
    DIRECT_MESSAGE_TYPING = 14
    MESSAGE_CONTENT = 15
    GUILD_SCHEDULED_EVENTS = 16
    AUTO_MODERATION_CONFIGURATION = 20
    AUTO_MODERATION_EXECUTION = 21
    GUILD_MESSAGE_POLLS = 24
    DIRECT_MESSAGE_POLLS = 25
