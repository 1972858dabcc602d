"""Puts any rate limiter, or a library around one, through the fake's own rules in virtual time.

A `Story` says who calls what and when, under which limits, over which network, and what goes wrong. `play` plays it
with a `Client`; `check` asks the oracles what it did wrong, with the evidence. `strategies` makes stories for
Hypothesis, `limiter_machine` decides them as it goes. Needs Hypothesis for those two (extra `testing`).
"""

from discord_sim.rules.buckets import Law
from discord_sim.testing.oracles import ORACLES, Bounds, Oracle, Violation, check, compare, judge
from discord_sim.testing.outcome import CallSeen, Closing, Exchange, Outcome
from discord_sim.testing.stage import Client, Stage, play
from discord_sim.testing.story import (
    OPERATIONS,
    Ban,
    Break,
    Call,
    Calls,
    Deny,
    Hiccup,
    Network,
    Outage,
    Refuse,
    Revoke,
    Rotate,
    Story,
)

__all__ = [
    "OPERATIONS",
    "ORACLES",
    "Ban",
    "Bounds",
    "Break",
    "Call",
    "CallSeen",
    "Calls",
    "Client",
    "Closing",
    "Deny",
    "Exchange",
    "Hiccup",
    "Law",
    "Network",
    "Oracle",
    "Outage",
    "Outcome",
    "Refuse",
    "Revoke",
    "Rotate",
    "Stage",
    "Story",
    "Violation",
    "check",
    "compare",
    "judge",
    "play",
]
