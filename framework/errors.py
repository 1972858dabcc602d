"""Errors by whose fault they are: yours, the peer's, the link's; each carries its evidence.

FrameworkError
├── InvalidUse (ValueError)       you asked for something that cannot be
├── GatewayError
│   ├── GatewayFatal              Discord closed with a code that forbids reconnecting
│   └── SessionStartsExhausted    no identify left today
├── framework.rest.errors.RestError and its kinds
├── framework.mq.errors.ForwardingError and its kinds
└── framework.interactions.errors.InteractionError and its kinds
"""

__all__ = ["FrameworkError", "GatewayError", "GatewayFatal", "InvalidUse", "SessionStartsExhausted"]


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

    def __init__(self, reset_after_ms: int) -> None:
        super().__init__(
            f"no session start is left; the limit resets in {reset_after_ms / 1000:.0f} s. Identifying before then "
            "makes Discord reset the token, so the framework does not."
        )
        self.reset_after_ms = reset_after_ms
