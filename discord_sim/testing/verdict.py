"""What an oracle says, and the numbers it says it by."""

from __future__ import annotations

from dataclasses import dataclass

from discord_sim.testing.outcome import CallSeen, Exchange

__all__ = ["Bounds", "Violation"]


@dataclass(frozen=True, slots=True)
class Bounds:
    """What is asked beyond Discord's own numbers. Times in milliseconds; each is on top of what the network takes."""

    probes: int = 1  # requests in flight on a route of which no answer has told a limit
    global_per_s: int = 50  # Discord's documented limit over all routes
    invalid: int = 10_000  # 401, 403 and 429 (not shared) in ten minutes; one more brings the ban
    idle_ms: int = 1_000  # how long a call may wait while nothing stands in its way that the client knew of
    idle_strict_ms: int = 150  # the same, for a client that knew the server's own account
    attempts: int = 10  # requests for one call
    backoff_max_ms: int = 120_000
    close_ms: int = 10_000


@dataclass(frozen=True, slots=True)
class Violation:
    """One oracle's complaint. `strict`: by the server's truth only; the client could not have known."""

    oracle: str
    at_ms: int
    text: str
    evidence: tuple[Exchange | CallSeen, ...] = ()
    strict: bool = False

    @property
    def name(self) -> str:
        """`R1`, or `R1 strict`."""
        return f"{self.oracle} strict" if self.strict else self.oracle

    def __str__(self) -> str:
        return "\n".join([f"{self.name} at {self.at_ms} ms: {self.text}", *(f"    {one}" for one in self.evidence)])
