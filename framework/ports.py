"""What the framework asks of the outside, as protocols: chance, and the global limit's policy."""

from typing import Protocol

__all__ = ["Chance", "GlobalLimit"]


class Chance(Protocol):
    """A source of uniform numbers in [0, 1)."""

    def __call__(self) -> float: ...


class GlobalLimit(Protocol):
    """Decides when a request may leave, over all routes."""

    def ready_at(self, now_ms: int) -> int:
        """When the next request may leave; `now_ms` is now."""

    def take(self, now_ms: int) -> None:
        """One request leaves now; `ready_at` said so."""

    def pause(self, until_ms: int) -> None:
        """Discord said it was too much: nothing leaves before `until_ms`."""
