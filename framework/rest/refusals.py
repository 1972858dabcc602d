"""Calls that Discord would refuse, and would count against us: they are refused here."""

from __future__ import annotations

from framework.rest.core.invalid_budget import InvalidBudget
from framework.rest.core.route import Route
from framework.rest.errors import CloudflareBanned, InvalidBudgetSpent, NotFound, Unauthorized

__all__ = ["Refusals"]

_WEBHOOK = "/webhooks/{webhook_id}/{webhook_token}"
_UNKNOWN_WEBHOOK = 10015
_DEAD_WEBHOOKS_MAX = 10_000


class Refusals:
    """What is known to be in vain: everything while banned or near it, a dead token, webhooks that are gone."""

    def __init__(self, budget: InvalidBudget) -> None:
        self.count = 0
        self._budget = budget
        self._token_dead = False
        self._dead_webhooks: dict[str, None] = {}  # a deleted one never comes back

    def __repr__(self) -> str:
        return f"<Refusals {self.count}>"

    def check(self, route: Route, now_ms: int) -> None:
        """Raises Unauthorized, NotFound, CloudflareBanned or InvalidBudgetSpent where a call must not be sent."""
        if self._token_dead and route.is_bots:
            self.count += 1
            raise Unauthorized(route, 401, {"message": "the token was refused before; not sent"})
        if self._dead_webhooks and route.major in self._dead_webhooks and route.template.startswith(_WEBHOOK):
            self.count += 1
            told = {"code": _UNKNOWN_WEBHOOK, "message": "Unknown Webhook; not sent, as it was unknown before"}
            raise NotFound(route, 404, told)
        budget = self._budget
        if budget.in_window or now_ms < budget.banned_until_ms:
            until_ms = budget.closed_until(now_ms)
            if until_ms is not None:
                self.count += 1
                kind = CloudflareBanned if now_ms < budget.banned_until_ms else InvalidBudgetSpent
                raise kind(route, until_ms, now_ms)

    def learn(self, route: Route, status: int, code: object) -> None:
        """Discord refused for good, with this `code` in its answer."""
        if status == 401 and route.is_bots:
            self._token_dead = True
        elif route.template.startswith(_WEBHOOK) and code == _UNKNOWN_WEBHOOK:
            if len(self._dead_webhooks) >= _DEAD_WEBHOOKS_MAX:
                del self._dead_webhooks[next(iter(self._dead_webhooks))]
            self._dead_webhooks[route.major] = None
