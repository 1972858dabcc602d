"""What an operator wants to go wrong: a plan of faults, and the verdict for each thing that happens.

Pure: the shells ask what is to be done with a request or a dispatch and do it. A fault is spent by `times` matches, or
lives until it is cleared. Knows nothing of sockets, clocks or chance; which match it hits is decided by order alone.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Literal, TypeVar

from discord_sim.rules.answers import Answer, generic

__all__ = ["DISPATCH_FAULTS", "HTTP_REASONS", "REST_FAULTS", "DispatchFault", "Faults", "RestFault"]

T = TypeVar("T", bound=Hashable)

RestDo = Literal["delay", "answer", "reset", "reset_after", "silence"]
DispatchDo = Literal["lose", "duplicate", "swap"]
REST_FAULTS: tuple[RestDo, ...] = ("delay", "answer", "reset", "reset_after", "silence")
DISPATCH_FAULTS: tuple[DispatchDo, ...] = ("lose", "duplicate", "swap")
HTTP_REASONS = {
    500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout",
    520: "Web server returned an unknown error", 521: "Web server is down", 522: "Connection timed out",
    523: "Origin is unreachable", 524: "A timeout occurred",
}  # fmt: skip
_OVERFLOW = "upstream connect error or disconnect/reset before headers. reset reason: overflow"


@dataclass(slots=True)
class _Fault:
    name: str = "*"  # an operation id or an event's name; * is any
    times: int | None = 1

    def takes(self, name: str) -> bool:
        """Spend one match, if it is one and there is one left."""
        if self.name not in ("*", name) or self.times == 0:
            return False
        if self.times is not None:
            self.times -= 1
        return True


@dataclass(slots=True)
class RestFault(_Fault):
    """`delay` by `delay_ms`; `answer` a 5xx instead of acting (`form` json, text or html); `reset` the connection
    before acting, or after (`reset_after`: done, and the client cannot know); `silence`: never answer."""

    do: RestDo = "answer"
    delay_ms: int = 0
    status: int = 503
    form: Literal["json", "text", "html"] = "json"

    def answer(self) -> Answer:
        """What `answer` answers. Codes from 520 are Cloudflare's own and always HTML."""
        reason = HTTP_REASONS.get(self.status, "Error")
        if self.status >= 520 or self.form == "html":
            page = f"<!DOCTYPE html><html><head><title>{self.status}</title></head><body>{reason}</body></html>"
            html = {"Content-Type": "text/html; charset=UTF-8"}
            return Answer(self.status, page, html, from_origin=self.status < 520)
        return Answer(self.status, _OVERFLOW) if self.form == "text" else generic(self.status, reason)


@dataclass(slots=True)
class DispatchFault(_Fault):
    """`lose` an event as if it had never happened, send it as two (`duplicate`), or after its successor (`swap`)."""

    do: DispatchDo = "lose"


@dataclass(slots=True)
class Faults:
    """The plan. The first fault that matches decides."""

    rest: list[RestFault] = field(default_factory=list)
    dispatch: list[DispatchFault] = field(default_factory=list)
    _held: deque[object] = field(default_factory=deque)

    def for_request(self, operation: str) -> RestFault | None:
        """What goes wrong with this request, if anything."""
        if not self.rest:
            return None
        found = next((fault for fault in self.rest if fault.takes(operation)), None)
        self.rest = [fault for fault in self.rest if fault.times != 0]
        return found

    def for_dispatch(self, name: str, item: T) -> list[T]:
        """What to tell instead of `item`: nothing, itself, itself twice, or itself and what was held back for it."""
        if not self.dispatch and not self._held:
            return [item]
        found = next((fault for fault in self.dispatch if fault.takes(name)), None)
        self.dispatch = [fault for fault in self.dispatch if fault.times != 0]
        match None if found is None else found.do:
            case "lose":
                told = []
            case "duplicate":
                told = [item, item]
            case "swap":
                self._held.append(item)
                return []
            case _:
                told = [item]
        if told:
            told += self._held  # type: ignore[arg-type]
            self._held.clear()
        return told

    def clear(self) -> None:
        """Forget every fault; what was held back is lost with it."""
        self.rest.clear()
        self.dispatch.clear()
        self._held.clear()
