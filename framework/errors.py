"""Errors by whose fault they are: yours, the peer's, the link's; each carries its evidence.

FrameworkError
├── InvalidUse (ValueError)       you asked for something that cannot be
├── GatewayError
│   ├── GatewayFatal              Discord closed with a code that forbids reconnecting
│   ├── SessionStartsExhausted    no identify left today
│   ├── ShardOffline              the shard that should carry it was closed
│   ├── MembersTimeout            a request for members was not answered in time
│   └── ReshardingFailed          given up; the old shards go on
├── framework.rest.errors.RestError and its kinds
├── framework.mq.errors.ForwardingError and its kinds
└── framework.interactions.errors.InteractionError and its kinds
"""

__all__ = [
    "FrameworkError",
    "GatewayError",
    "GatewayFatal",
    "InvalidUse",
    "MembersTimeout",
    "ReshardingFailed",
    "SessionStartsExhausted",
    "ShardOffline",
]


class FrameworkError(Exception):
    """Base of everything the framework raises."""


class InvalidUse(FrameworkError, ValueError):
    """The caller's mistake; the message names the argument and what it may be."""


class GatewayError(FrameworkError):
    """The gateway cannot do what was asked."""


class GatewayFatal(GatewayError):
    """A close code after which reconnecting is forbidden (4004, 4010 to 4014)."""

    def __init__(self, shard_id: int, code: int, advice: str) -> None:
        super().__init__(f"shard {shard_id} was closed with {code}: {advice}")
        self.shard_id = shard_id
        self.code = code


class SessionStartsExhausted(GatewayError):
    """Identifying now would reset the bot's token."""

    def __init__(self, reset_after_ms: int, wanted: int = 1, remaining: int = 0) -> None:
        super().__init__(
            f"{wanted} session start{'s' * (wanted != 1)} wanted, {remaining} left; the limit resets in "
            f"{reset_after_ms / 1000:.0f} s. Identifying more often makes Discord reset the token, so the framework "
            "does not."
        )
        self.reset_after_ms = reset_after_ms
        self.wanted = wanted
        self.remaining = remaining


class ShardOffline(GatewayError):
    """What was to be sent was not: the shard was closed, or lost its link at that moment."""

    def __init__(self, shard_id: int) -> None:
        super().__init__(f"shard {shard_id} is offline; what was to be sent was not")
        self.shard_id = shard_id


class MembersTimeout(GatewayError):
    """Discord did not answer a request for members, or not wholly. `came` counts the members that did come."""

    def __init__(self, guild_id: int, timeout_s: float, came: int) -> None:
        super().__init__(
            f"the members of guild {guild_id} did not come within {timeout_s:g} s ({came:,} did); is the bot in the "
            "guild, and does it have the GUILD_MEMBERS intent?"
        )
        self.guild_id = guild_id
        self.came = came


class ReshardingFailed(GatewayError):
    """The new shards did not get ready; the old ones go on as if nothing had been."""

    def __init__(self, shard_count: int | None, why: str) -> None:
        to = "" if shard_count is None else f" to {shard_count} shards"
        super().__init__(f"resharding{to} was given up: {why}")
        self.shard_count = shard_count
