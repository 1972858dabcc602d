"""Replayable stories any bot can be run through, with verdicts from what the server really saw."""

from scenarios.interactions_over_http import InteractionsOverHttp
from scenarios.lazy_cache_eviction import LazyCacheEviction
from scenarios.mass_ban_flood import MassBanFlood
from scenarios.proxy_many_workers import ProxyManyWorkers
from scenarios.resharding import Resharding
from scenarios.restart import Restart
from scenarios.runner import run_scenario
from scenarios.story import Expectation, Result, Scenario, Stage, Subject, Watch
from scenarios.subjects import SUBJECTS, BadSubject

__all__ = [
    "SCENARIOS",
    "SUBJECTS",
    "BadSubject",
    "Expectation",
    "InteractionsOverHttp",
    "LazyCacheEviction",
    "MassBanFlood",
    "ProxyManyWorkers",
    "Resharding",
    "Restart",
    "Result",
    "Scenario",
    "Stage",
    "Subject",
    "Watch",
    "run_scenario",
]

SCENARIOS: dict[str, type[Scenario]] = {
    s.NAME: s for s in (MassBanFlood, Resharding, Restart, LazyCacheEviction, ProxyManyWorkers, InteractionsOverHttp)
}
"""All scenarios by name."""
