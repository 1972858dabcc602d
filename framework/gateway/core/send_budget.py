"""120 payloads per minute and connection; the last ones are kept for heartbeats, which are never refused."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from framework.wire import SEND_LIMIT, SEND_WINDOW_MS

__all__ = ["SendBudget"]

_RESERVED = 8  # heartbeats, one identify or resume, and beats the server asks for


@dataclass(slots=True)
class SendBudget:
    """A sliding log: whichever way Discord cuts its windows, none holds more than the limit."""

    limit: int = SEND_LIMIT
    reserved: int = _RESERVED
    _log: deque[int] = field(default_factory=deque)

    def ready_at(self, now_ms: int) -> int:
        """When a user's payload may be sent."""
        while self._log and self._log[0] <= now_ms - SEND_WINDOW_MS:
            self._log.popleft()
        allowed = self.limit - self.reserved
        if len(self._log) < allowed:
            return now_ms
        return self._log[len(self._log) - allowed] + SEND_WINDOW_MS + 1

    def sent(self, now_ms: int) -> None:
        """Something was sent, a heartbeat too."""
        self._log.append(now_ms)
