"""What the proxy counts, for Prometheus. Labels are routes, statuses and numbers of bots, never an id or a token."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from framework.clock import loop_ms

if TYPE_CHECKING:
    from framework.rest.core.headers import LimitHeaders
    from framework.rest.core.invalid_budget import InvalidBudget
    from framework.rest.core.route import Route
    from framework.rest.manager import RestManager

__all__ = ["CONTENT_TYPE_LATEST", "Metrics"]

_OF_BOTS = (
    ("rest_proxy_waiting_for_bucket", "Queued at buckets", "waiting"),
    ("rest_proxy_waiting_for_turn", "Queued at the limits over all routes", "waiting_for_turn"),
    ("rest_proxy_buckets", "Buckets known", "buckets"),
)
_WAITS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)


class Metrics(Collector):
    """The counters, and what is read from the managers when somebody asks; `managers` are by what labels call them."""

    def __init__(self, budget: InvalidBudget) -> None:
        self.managers: Mapping[str, RestManager] = {}
        self.calls = 0  # taken and not yet answered
        self._budget = budget
        self._registry = CollectorRegistry()
        self._answers = Counter(
            "rest_proxy_answers", "Answers to workers", ["method", "route", "status"], registry=self._registry
        )
        self._counters: dict[tuple[str, str, int], Counter] = {}  # of `_answers`; asking it each time costs more
        self._limited = Counter("rest_proxy_429s", "429s of Discord's", ["scope"], registry=self._registry)
        self._waits = Histogram(
            "rest_proxy_wait_seconds", "How long requests waited for limits", buckets=_WAITS_S, registry=self._registry
        )
        self._registry.register(self)

    def heard(self, route: Route, status: int, limits: LimitHeaders, waited_ms: int) -> None:
        """Discord answered one try."""
        self._waits.observe(waited_ms / 1000)
        if status == 429:
            scope = "global" if limits.is_global else (limits.scope or "none") if limits.from_origin else "cloudflare"
            self._limited.labels(scope).inc()

    def answered(self, method: str, template: str, status: int) -> None:
        """A worker has its answer."""
        key = (method, template, status)
        if key not in self._counters:
            self._counters[key] = self._answers.labels(method, template, str(status))
        self._counters[key].inc()

    def page(self) -> bytes:
        """Everything in Prometheus' text format."""
        return generate_latest(self._registry)

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """What is so now."""
        now_ms, budget = loop_ms(), self._budget
        budget.closed_until(now_ms)  # what is older than the window goes
        yield _gauge("rest_proxy_calls", "Calls taken and not yet answered", self.calls)
        yield _gauge("rest_proxy_invalid_requests", "401s, 403s and 429s in the last ten minutes", budget.in_window)
        yield _gauge("rest_proxy_invalid_requests_max", "As many of them lead to a ban", budget.limit)
        banned_s = max(0, budget.banned_until_ms - now_ms) / 1000
        yield _gauge("rest_proxy_banned_seconds", "How long Cloudflare's ban lasts", banned_s)
        seen = {bot: manager.snapshot() for bot, manager in self.managers.items()}
        for name, text, field in _OF_BOTS:
            family = GaugeMetricFamily(name, text, labels=["bot"])
            for bot, snapshot in seen.items():
                family.add_metric([bot], getattr(snapshot, field))
            yield family


def _gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, text, value=value)
