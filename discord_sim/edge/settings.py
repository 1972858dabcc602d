"""What an operator may change before the start."""

from __future__ import annotations

from dataclasses import dataclass, field

from discord_sim.rules.buckets import Law
from discord_sim.rules.intents import ALL_INTENTS
from discord_sim.rules.routes import ROUTES
from discord_sim.wire import (
    GLOBAL_LIMIT_PER_S,
    HEARTBEAT_INTERVAL_MS,
    INVALID_REQUESTS_LIMIT,
    SESSION_KEPT_MS,
    SESSION_STARTS_TOTAL,
)

__all__ = ["DEFAULT_CDN_URL", "DEFAULT_GATEWAY_URL", "Settings"]

DEFAULT_TOKEN = "OTE3Mzc1OTc2MTgxMDcxODcy.c2ltdQ.bm90LWEtc2VjcmV0LWEtZml4dHV"
DEFAULT_GATEWAY_URL = "wss://gateway.discord.gg"
DEFAULT_CDN_URL = "https://cdn.discordapp.com"
EVENT_ORDERS = ("usual", "shuffled")


@dataclass(frozen=True, slots=True)
class Settings:
    """Limits, addresses and choices where sources disagree. Times in milliseconds.

    Raises ValueError for what cannot be.
    """

    token: str = field(default=DEFAULT_TOKEN, repr=False)
    control_secret: str | None = field(default=None, repr=False)  # opens the operator's API; None closes it
    gateway_url: str = DEFAULT_GATEWAY_URL
    cdn_url: str = DEFAULT_CDN_URL
    resume_url: str = "wss://gateway-us-east1-b.discord.gg"
    shards: int = 1
    shards_multiple: int = 1  # a large bot's shard count must be a multiple of its assigned number, else 4010
    max_concurrency: int = 1
    session_starts_total: int = SESSION_STARTS_TOTAL
    session_kept_ms: int = SESSION_KEPT_MS  # how long a lost session can be resumed
    replay_max: int = 5_000  # events kept for a resume; 2,000 to 10,000 are reported
    heartbeat_interval_ms: int = HEARTBEAT_INTERVAL_MS
    global_limit_per_s: int = GLOBAL_LIMIT_PER_S
    invalid_requests_limit: int = INVALID_REQUESTS_LIMIT
    cloudflare_ban_ms: int = 3_600_000  # reports range from 15 minutes to 24 hours
    ban_form: str = "text"  # of Cloudflare's 429: text, html or json; all three have been seen
    allowed_intents: int = ALL_INTENTS
    guild_creates_per_100ms: int = 50
    stream_frame_bytes: int = 1 << 20  # a zlib-stream message longer than this is split over several frames
    outbox_max_bytes: int = 256 << 20  # a client that reads slower than this is cut off
    event_order: str = "usual"  # `shuffled`: the events of one change come in any order, which Discord allows itself
    scope_on_success: bool = False  # X-RateLimit-Scope on every answer; documented for 429s only, twilight needs it
    strict_user_agent: bool = False  # refuse what is not `DiscordBot (…)`; Discord lets most names pass
    laws: dict[str, Law] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in (
            "shards", "shards_multiple", "max_concurrency", "session_starts_total", "session_kept_ms", "replay_max",
            "heartbeat_interval_ms", "global_limit_per_s", "invalid_requests_limit", "cloudflare_ban_ms",
            "guild_creates_per_100ms", "stream_frame_bytes", "outbox_max_bytes",
        ):  # fmt: skip
            if getattr(self, name) < 1:
                raise ValueError(f"Settings({name}={getattr(self, name)}): must be at least 1")
        if self.event_order not in EVENT_ORDERS:
            raise ValueError(f"Settings(event_order={self.event_order!r}): one of {', '.join(EVENT_ORDERS)}")
        if self.ban_form not in ("text", "html", "json"):
            raise ValueError(f"Settings(ban_form={self.ban_form!r}): one of text, html, json")
        unknown = sorted(set(self.laws) - set(ROUTES))
        if unknown:
            raise ValueError(f"Settings(laws=…): no operation {unknown[0]!r}; the names are Discord's operation ids")
